"""What agents learn ends in the documents of the branch: the specification amended, patterns, the archive, verified."""

from __future__ import annotations

from conductor.events import DocumentsWritten, QuestionAnswered
from projections.documents.projection import Documents
from projections.engine import encode, rebuilt
from tests.support.folding import render_task
from tests.support.runs.sandbox import PERSON, Sandbox
from tests.support.runs.stories import QUICK
from tests.support.runs.witness import verified
from tests.support.runs.writing import Module, Phase, agent, create, turn

SPEC = ".prelude/READY.md"
CORE = {
    "original": "Two is built",
    "reality": "Two is built\nfrom one",
    "evidence": "https://example.org/two",
    "impact": "core",
    "why_fact": "It is documented.",
    "about": "architecture",
}
UNCLEAR = {"original": "One is built", "reality": "by hand, or by a tool", "nature": "unclear", "affects": ["2"]}
LEARNED = {
    "status": "PASS",
    "summary": "One stands.",
    "corrections": [CORE, UNCLEAR],
    "gotchas": [{"title": "Files end in newlines", "text": "All of them.", "evidence": "cat", "weight": "pattern"}],
    "discoveries": [{"title": "Two needs one", "text": "It reads it.", "weight": "core"}],
}


def amended(box: Sandbox) -> str:
    """A task whose first agent found the core wrong, and one thing unclear; both answered. Its id."""
    phases = [
        Phase("One", (Module("one"),), files=("one.txt",), commands=("test -s one.txt",)),
        Phase("Two", (Module("two"),), files=("two.txt",), commands=("test -s two.txt",)),
    ]
    agents = [
        agent(turn(create("one.txt", "one\n"), report=LEARNED), role="implementation-executor", attempt=1, phase="1"),
        agent(turn(create("two.txt", "two\n"), report="PASS"), phase="2"),
        agent(turn(report="PASS")),
    ]
    box.begin("Amended", phases, agents, QUICK + "review = false\n")
    state = box.run()
    assert state.status in ("awaiting_answer", "awaiting_approval"), state.status
    kinds = {asked.question.kind: asked.question.id for asked in state.questions.values()}
    assert set(kinds) == {"correction", "ambiguity"}
    for kind, choice, hint in (("correction", "approve", ""), ("ambiguity", "answer", "By hand.")):
        box.app().submit(state.id, QuestionAnswered(kinds[kind], choice, hint), actor=PERSON)
    state = box.drive(state.id)
    assert state.status == "completed", [asked.question.text for asked in state.questions.values()]
    return state.id


def test_rulings_reach_the_specification_and_the_record_still_holds(sandbox: Sandbox) -> None:
    task = amended(sandbox)
    state = sandbox.state(task)
    before = (sandbox.repo / SPEC).read_text()
    spec = sandbox.read(state, SPEC) or ""
    assert spec.startswith(before.replace("- Two is built", "- Two is built\nfrom one"))
    notes = spec[spec.index("## Implementation Notes") :]
    assert "Amendment a1" in notes and "meant is: “By hand.”" in notes and "Two needs one" in notes
    assert "Files end in newlines" in (sandbox.read(state, "CLAUDE.md") or "")
    architecture = sandbox.read(state, ".prelude/ARCHITECTURE.md") or ""
    assert "Approved changes of the architecture" in architecture and "Files end in newlines" in architecture
    assert "### Ambiguities" in (sandbox.read(state, ".prelude/DISCOVERIES.md") or "")
    written = sandbox.bodies(task, DocumentsWritten)[-1].written
    assert {SPEC, "CLAUDE.md", ".prelude/DISCOVERIES.md", ".prelude/ARCHITECTURE.md"} == set(written)
    assert verified(sandbox, task) == []
    said = sandbox.conduct("verify", task)
    assert said.returncode == 0, said.stdout + said.stderr


def test_live_equals_rebuilt(sandbox: Sandbox) -> None:
    task = amended(sandbox)
    app = sandbox.app()
    events = app.store.read(task)
    assert app.views.stored("documents", task) == rebuilt(Documents(), task, events)
    assert encode(app.views.get("documents", task)) == rebuilt(Documents(), task, events)
    assert render_task(events) == render_task(iter(app.store.read(task)))


def test_briefings_tell_what_was_ruled(sandbox: Sandbox) -> None:
    task = amended(sandbox)
    said = sandbox.conduct("brief", task, "2")
    assert said.returncode == 0, said.stderr
    assert "The specification was amended (a1)" in said.stdout and "Answer: By hand." in said.stdout
    assert "Files end in newlines" in said.stdout and "Phase 1, one: one.txt" in said.stdout
