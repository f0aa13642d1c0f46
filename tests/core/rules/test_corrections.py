"""What an agent says is wrong with the specification: looked at, ruled on, asked, amended, undone."""

from __future__ import annotations

import msgspec
import pytest

from conductor.events import (
    AgentRequested,
    CheckObserved,
    ChecksRequested,
    Correction,
    CorrectionAccepted,
    CorrectionRefused,
    EvidenceObserved,
    EvidenceRequested,
    QuestionAnswered,
    QuestionAsked,
    Reference,
    SpecAmended,
    WorkspaceRequested,
)
from tests.support.simulation.story import CORE, FIX, IMPLEMENT, REVIEW, Story, given
from tests.support.simulation.world import plan

# ---- corrections ---------------------------------------------------------------------------------------------------

FACT = Correction("it is JSON", "it is TOML", "the first line of conf", "read TOML", "minor", "it was read")


def corrected(correction: Correction, shape: int = 1) -> Story:
    return given(plan(shape, 1)).agent(IMPLEMENT, where={"module": "m0"}, corrections=(correction,))


def test_a_minor_correction_with_evidence_is_accepted() -> None:
    story = corrected(FACT).ran()
    (accepted,) = story.all(CorrectionAccepted)
    assert (accepted.correction, accepted.phase, accepted.approved_by) == (FACT, "1", "")
    assert story.state.status == "completed"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"evidence": "  "}, "no evidence"),
        ({"why_fact": " "}, "a fact and not a choice"),
        ({"nature": "choice"}, "choice"),
    ],
)
def test_an_assumption_is_refused_on_the_record_and_the_work_goes_on(change: dict[str, str], why: str) -> None:
    story = corrected(Correction(**{**{f: getattr(FACT, f) for f in FACT.__struct_fields__}, **change})).ran()
    assert why in story.last(CorrectionRefused).reason and story.state.status == "completed"


@pytest.mark.parametrize(("choice", "ruling"), [("approve", CorrectionAccepted), ("reject", CorrectionRefused)])
@pytest.mark.parametrize("shape", [1, 2])
def test_a_correction_of_the_core_waits_for_a_person_before_the_next_phase(
    choice: str, ruling: type[CorrectionAccepted | CorrectionRefused], shape: int
) -> None:
    story = corrected(CORE, shape).ran()
    assert story.state.status == "awaiting_approval" and story.state.phases["2"].status == "pending"
    question = story.question("correction")
    assert question.choices == ("approve", "reject") and "the API's page" in question.text
    story.answer(choice)
    ruled = story.last(ruling)
    assert ruled.correction == CORE
    assert question.id in (ruled.approved_by if isinstance(ruled, CorrectionAccepted) else ruled.reason)
    story.ends("completed")


def test_several_corrections_are_ruled_on_one_by_one() -> None:
    core = [Correction(str(n), "else", "proof", "", "core", "it is so") for n in range(2)]
    story = given(plan(1)).agent(IMPLEMENT, corrections=(core[0], FACT, core[1])).ran()
    assert len(story.all(CorrectionAccepted)) == 1 and list(story.state.questions) == ["q1", "q2"]
    story.when(QuestionAnswered("q2", "reject"))
    assert story.state.status == "awaiting_approval", "the other one is still open"
    story.when(QuestionAnswered("q1", "approve"))
    story.ends("completed")
    assert [a.correction for a in story.all(CorrectionAccepted)] == [FACT, core[0]]


def test_a_correction_raised_by_the_last_review_is_ruled_on_before_the_end() -> None:
    story = given(plan(1)).agent(REVIEW, corrections=(CORE,)).ran()
    assert story.state.status == "awaiting_approval"
    story.answer("approve")
    story.ends("completed")


# ---- evidence is looked at -----------------------------------------------------------------------------------------


def shown(evidence: str, **change: object) -> Correction:
    return msgspec.structs.replace(FACT, evidence=evidence, **change)


@pytest.mark.parametrize(
    ("evidence", "where"),
    [
        ("$ make x\nno rule", Reference(command="make x", output="no rule")),
        ("I ran it:\n```\n$ make x\n\nno\nrule\n```", Reference(command="make x", output="no\nrule")),
        ("src/conf.py:12: format = 'toml'", Reference(file="src/conf.py", line=12, quote="format = 'toml'")),
        ("see `conf.py:3`", Reference(file="conf.py", line=3)),
    ],
)
def test_evidence_that_names_a_place_is_looked_at_before_the_ruling(evidence: str, where: Reference) -> None:
    story = corrected(shown(evidence)).ran()
    (looked,) = story.all(EvidenceRequested)
    assert looked.reference == where and looked.phase == "1"
    kinds = [type(f.body) for f in story.facts]
    assert kinds.index(EvidenceObserved) < kinds.index(CorrectionAccepted) < kinds.index(CheckObserved)


@pytest.mark.parametrize(
    "evidence", ["in words", "https://example.org/a.py:12", "/etc/passwd:1", "../x.py:1", "at 12:30", "v1.2:3x"]
)
def test_what_names_no_place_in_the_tree_is_not_looked_at(evidence: str) -> None:
    story = corrected(shown(evidence)).ran()
    assert not story.all(EvidenceRequested) and story.all(CorrectionAccepted)


def test_evidence_that_does_not_hold_is_a_refused_correction() -> None:
    story = corrected(shown("$ make x")).evidence("refuted").ran()
    assert "does not hold" in story.last(CorrectionRefused).reason and not story.all(CorrectionAccepted)


def test_evidence_that_cannot_be_looked_at_is_left_to_a_person() -> None:
    story = corrected(shown("$ curl x")).evidence("unseen").ran()
    assert "has not checked" in story.question("correction").text
    story.answer("approve")
    story.ends("completed")
    assert not story.all(SpecAmended), "a minor fact changes nothing in the specification"


# ---- what was built against the specification ----------------------------------------------------------------------


@pytest.mark.parametrize("shape", [1, 2])
def test_what_a_refused_correction_led_to_is_undone_by_a_fixer(shape: int) -> None:
    story = corrected(shown("", applied=True), shape).ran()
    fixes = [r for r in story.all(AgentRequested) if r.role == FIX]
    assert len(fixes) == 1 and "The specification stands: it is JSON" in fixes[0].because[0]
    assert story.state.status == "completed"


def test_a_refused_wish_that_was_not_built_costs_nothing() -> None:
    story = corrected(shown("", applied=False)).ran()
    assert not [r for r in story.all(AgentRequested) if r.role == FIX]
    assert "The specification stands" in story.state.rulings[0].text


# ---- the specification is amended ----------------------------------------------------------------------------------


def test_an_approved_correction_of_the_core_amends_the_specification() -> None:
    story = corrected(msgspec.structs.replace(CORE, affects=("m1", "2"))).ran()
    asked = story.question("correction")
    assert asked.affects == ("m1", "2")
    story.answer("approve")
    story.ends("completed")
    amendment = story.last(SpecAmended).amendment
    assert (amendment.id, amendment.old, amendment.new) == ("a1", "sync", "async")
    assert amendment.approved_by == asked.id and story.state.amendments == (amendment,)


def test_each_line_of_an_agents_words_is_quoted_as_theirs() -> None:
    said = msgspec.structs.replace(CORE, original="sync\nand slow", evidence="docs\nApprove the correction?")
    lines = corrected(said).ran().question("correction").text.split("\n")
    assert lines[:3] == ["The specification says:", "    sync", "    and slow"]
    at = lines.index("Evidence:")
    assert lines[at : at + 3] == ["Evidence:", "    docs", "    Approve the correction?"]
    assert lines[-1].endswith("Approve the correction?") and lines[-1][0] != " "


def test_a_rejected_one_amends_nothing() -> None:
    story = corrected(CORE).ran()
    story.answer("reject")
    story.ends("completed")
    assert not story.all(SpecAmended) and not story.state.amendments


# ---- what is unclear -----------------------------------------------------------------------------------------------

UNCLEAR = Correction("fast", "under a second, or under a minute", nature="unclear")


def test_what_is_unclear_is_asked_and_the_answer_reaches_the_agent() -> None:
    story = given(plan(1, 1)).agent(IMPLEMENT, verdict="FAIL", corrections=(UNCLEAR,)).ran()
    assert story.state.status == "awaiting_answer" and "Which is meant?" in story.question("ambiguity").text
    assert not [r for r in story.all(AgentRequested) if r.role == FIX], "nobody mends what waits for an answer"
    assert "--hint" in story.refused(QuestionAnswered("q1", "answer"))
    story.when(QuestionAnswered("q1", "answer", "under a second"))
    again = story.all(AgentRequested)[1]
    assert (again.role, again.attempt, again.hint) == (IMPLEMENT, 2, "under a second")
    story.ends("completed")


def test_who_may_go_on_after_having_gone_on_is_not_sent_to_work_again() -> None:
    story = given(plan(1)).agent(IMPLEMENT, corrections=(UNCLEAR,)).ran()
    story.answer("proceed")
    story.ends("completed")
    assert len([r for r in story.all(AgentRequested) if r.role == IMPLEMENT]) == 1


def test_a_question_holds_back_only_the_modules_that_it_names() -> None:
    unclear = msgspec.structs.replace(UNCLEAR, affects=("m1",))
    story = given(plan(4)).agent(IMPLEMENT, where={"module": "m0"}, corrections=(unclear,)).ran()
    kinds = [type(f.body) for f in story.facts]
    since = [f.body for f in story.facts[kinds.index(QuestionAsked) :]]
    assert not {"m0", "m1"} & {b.module for b in since if isinstance(b, ChecksRequested | AgentRequested)}
    assert story.state.phases["1"].modules["m3"].target.checks, "the others go on"
    story.answer("proceed")
    story.ends("completed")


# ---- commands of a specification -----------------------------------------------------------------------------------


def test_commands_of_a_specification_are_approved_before_anything_is_done() -> None:
    story = Story(plan(1), approved=()).ran()
    assert story.state.status == "awaiting_approval" and not story.all(WorkspaceRequested)
    assert "make test" in story.question("commands").text
    story.answer("approve")
    story.ends("completed")


def test_commands_are_asked_for_line_by_line_and_one_of_several_lines_stays_one() -> None:
    phases = plan(1)
    (phase,) = phases.phases
    commands = ("make test", "cat <<END\nx\nEND", "make, or break")
    several = msgspec.structs.replace(phase, test_commands=commands)
    story = Story(msgspec.structs.replace(phases, phases=(several,)), approved=()).ran()
    assert story.question("commands").text.split("\n")[1:-1] == [
        "    make test",
        "    cat <<END",
        "      x",
        "      END",
        "    make, or break",
    ]


def test_what_was_approved_before_is_not_asked_again() -> None:
    assert not Story(plan(1), approved=("make test",)).ran().all(QuestionAsked)
