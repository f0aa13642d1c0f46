"""Every text that an event names is found by its type: what a reader has to know of none can be forgotten."""

from __future__ import annotations

import inspect
import re

import pytest

from conductor.events import (
    REGISTRY,
    AgentReported,
    EvidenceObserved,
    PhaseResultSaved,
    PlanAdopted,
    TaskCreated,
    digests,
)
from conductor.events.vocabulary import EventType
from conductor.ids import NO_DIGEST, Branch, Commit, Digest, EffectId, Tree
from conductor.plan.model import Plan

A, B = Digest("a" * 64), Digest("b" * 64)


@pytest.mark.parametrize("row", REGISTRY.values(), ids=lambda row: row.name)
def test_a_field_that_says_it_is_a_digest_is_typed_as_one(row: EventType) -> None:
    """A remark of the source against its type: the two are written by hand, on one line."""
    for line in inspect.getsource(row.body).splitlines():
        if re.search(r"^    \w+: .*#.*\bblob digest", line):
            assert "Digest" in line.partition("#")[0], line


def test_those_that_are_easily_forgotten_are_found() -> None:
    observed = EvidenceObserved(EffectId("e"), 1, status="holds", summary="it holds", output=A)
    assert list(digests(observed)) == [A]
    assert list(digests(PlanAdopted(Plan("P", ()), A))) == [A]
    created = TaskCreated("P", Plan("P", ()), "READY.md", A, "/r", Commit("c"), None, Branch("b"), roles={"r": B})
    assert list(digests(created)) == [A, B]


def test_digests_of_lists_come_in_order_and_empty_ones_are_left_out() -> None:
    saved = PhaseResultSaved(
        phase="1",
        files_created=(),
        tests_passing=True,
        validation_output=(A, NO_DIGEST, B),
        gotchas_encountered=(),
        duration_minutes=1.0,
        proofs=(),
    )
    assert list(digests(saved)) == [A, B]
    silent = AgentReported(EffectId("e"), 1, role="r", verdict="PASS", commit=Commit("c"), tree=Tree("t"))
    assert list(digests(silent)) == []
