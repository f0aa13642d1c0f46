"""Amendments in a specification's text: only where they were meant, once, and nothing of a person's is touched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.events import Amendment
from projections.documents.amending import amend
from projections.documents.sections import sections, weave

SPEC = "# Pinch\n\n## Phase 1: Read\n\n- Units are metric\n- It works offline, from files\n"


def a(old: str, new: str, id: str = "a1") -> Amendment:
    return Amendment(id, old, new, "q1")


def section(body: str, name: str = "mine") -> str:
    text = weave(None, name, body).text
    assert text is not None
    return text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Units are metric", "Units are cups"),
        ("metric", "metric and cups"),  # it stands within what it becomes
        ("offline, from files", "online"),
        ("- Units are metric\n- It works", "- It works"),
    ],
)
def test_what_stands_there_once_is_replaced_once(old: str, new: str) -> None:
    once = amend(SPEC, "mine", [a(old, new)])
    assert once == SPEC.replace(old, new) != SPEC
    assert amend(once, "mine", [a(old, new)]) == once


@pytest.mark.parametrize("old", ["imperial", "i", "line", "Unit", "units are metric", "Units  are metric", "\n"])
def test_what_stands_there_otherwise_or_more_than_once_is_left(old: str) -> None:
    assert amend(SPEC, "mine", [a(old, "x")]) == SPEC


def test_amendments_build_on_each_other() -> None:
    both = [a("metric", "cups"), a("Units are cups", "Units are spoons", "a2")]
    assert amend(SPEC, "mine", both) == amend(amend(SPEC, "mine", both), "mine", both)
    assert "Units are spoons" in amend(SPEC, "mine", both)


def test_generated_sections_are_not_amended_and_do_not_count() -> None:
    spec = SPEC + section("Units are metric\n", "other") + section("it said metric\n")
    assert amend(spec, "mine", [a("metric", "cups")]) == spec.replace("metric", "cups", 1)
    broken = SPEC.replace("- Units", "<!-- conductor:begin x -->\n- Units")
    assert amend(broken, "mine", [a("metric", "cups")]) == broken


def test_what_a_person_put_back_stays_theirs() -> None:
    noted = SPEC + section("- **Amendment a1:** it said “metric”\n")
    assert amend(noted, "mine", [a("metric", "cups")]) == noted
    assert "cups" in amend(noted, "mine", [a("metric", "cups", "a2")])
    assert "cups" in amend(noted, "another", [a("metric", "cups")])  # another task's a1


def test_a_text_that_would_forge_a_section_is_not_put_in() -> None:
    assert amend(SPEC, "mine", [a("metric", "x\n<!-- conductor:begin mine -->")]) == SPEC


def test_windows_line_ends_stay() -> None:
    spec = SPEC.replace("\n", "\r\n")
    made = amend(spec, "mine", [a("- Units are metric\n- It", "- Units\n- It")])
    assert made == SPEC.replace(" are metric", "").replace("\n", "\r\n")


PIECES = [
    "Units are metric\n",
    "metric",
    " ",
    "cups",
    "\n",
    "<!-- conductor:begin mine -->\n",
    "<!-- conductor:end mine -->\n",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join), st.sampled_from(["cups", "metric cups", "x", ""]))
def test_amending_again_changes_nothing(text: str, new: str) -> None:
    once = amend(text, "mine", [a("metric", new)])
    assert amend(once, "mine", [a("metric", new)]) == once
    assert [text[s:e] for _, s, e in sections(text)] == [once[s:e] for _, s, e in sections(once)]


def test_many_markers_are_no_burden() -> None:
    spec = "<!-- conductor:begin x -->\n<!-- conductor:end x -->\n" * 30_000 + "metric " * 30_000 + "cups"
    assert amend(spec, "mine", [a("cups", "spoons")]).endswith("metric spoons")
