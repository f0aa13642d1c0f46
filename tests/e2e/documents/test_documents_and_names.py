"""What was learned is written down and hand-made changes to it stay; names of every kind; several tasks at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.app import App
from conductor.errors import Refused
from conductor.events import DocumentsWritten, Finding, FindingReported
from tests.support.runs import stories
from tests.support.runs.sandbox import PERSON, Sandbox
from tests.support.runs.stories import FOUND, QUICK
from tests.support.runs.witness import Checkout, verified
from tests.support.runs.writing import REVIEWER, Module, Phase, agent, bash, create, turn, work

DOCUMENT = ".prelude/DISCOVERIES.md"


def test_what_was_learned_is_written_down(sandbox: Sandbox) -> None:
    stories.pair(sandbox)
    state = sandbox.run()
    text = sandbox.read(state, DOCUMENT) or ""
    assert "One comes first" in text
    assert "Two comes after one" in (sandbox.read(state, ".prelude/ARCHITECTURE.md") or "")
    assert not (sandbox.repo / DOCUMENT).exists()


def test_a_document_edited_by_hand_is_not_overwritten(sandbox: Sandbox) -> None:
    """An editor's hand, in the middle of the task; what is new since goes beside it."""
    phases = [
        Phase("One", (Module("one"),), files=("one.txt",)),
        Phase("Two", (Module("two"),), files=("two.txt",)),
    ]
    later = {**FOUND, "discoveries": [{"title": "Two comes last"}]}
    edit = f"sed -i 's/One comes first/Nothing comes first/' {DOCUMENT}"
    agents = [
        agent(turn(create("one.txt", "one\n"), report=FOUND), phase="1"),
        agent(turn(bash(edit), create("two.txt", "two\n"), report=later), phase="2"),
    ]
    sandbox.begin("Edited", phases, agents, QUICK + "review = false\n")
    state = sandbox.run()
    assert state.status == "completed"
    text = sandbox.read(state, DOCUMENT) or ""
    assert "Nothing comes first" in text and "Two comes last" not in text
    beside = sandbox.read(state, ".prelude/DISCOVERIES.conductor.md") or ""
    assert "One comes first" in beside and "Two comes last" in beside
    assert DOCUMENT in sandbox.bodies(state.id, DocumentsWritten)[-1].edited
    assert verified(sandbox, state.id) == []


def test_what_the_user_wrote_in_the_document_stays(sandbox: Sandbox) -> None:
    stories.pair(sandbox)
    (sandbox.repo / DOCUMENT).write_text("# Discoveries\n\nMine, from long ago.\n")
    sandbox.git("add", DOCUMENT)
    sandbox.git("commit", "--quiet", "-m", "What I knew", "--", DOCUMENT)
    before = Checkout(sandbox.repo)
    state = sandbox.run()
    text = sandbox.read(state, DOCUMENT) or ""
    assert "Mine, from long ago." in text and "One comes first" in text
    assert before.differs() == []
    assert verified(sandbox, state.id) == []


def test_a_persons_finding_is_documented(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    task = sandbox.create()
    found = FindingReported(Finding("discovery", "It was always there"), "1")
    sandbox.app().submit(task, found, actor=PERSON)
    state = sandbox.drive(task)
    assert "It was always there" in (sandbox.read(state, DOCUMENT) or "")


@pytest.mark.parametrize("folder", ["a folder with spaces", "Köche & 料理 🍲", 'quote\'s "$HOME" $(x)'])
def test_names_of_every_kind(make_sandbox: Callable[..., Sandbox], folder: str) -> None:
    box = make_sandbox(folder=folder)
    modules = (Module("größe"), Module("left side"), Module("料理"))
    names = {"größe": "größe.txt", "left side": "left side.txt", "料理": "料理/🍲.txt"}
    phases = [Phase("Alles zugleich – 全部", modules)]
    agents = [
        *(work(create(path, f"{module}\n"), phase="1", module=module) for module, path in names.items()),
        REVIEWER,
    ]
    box.begin("Überall «Namen» / mit ‹allem›: 全部", phases, agents, QUICK + "[commands]\ntest = 'true'\n")
    before = Checkout(box.repo)
    state = box.run()
    assert state.status == "completed", state.questions
    assert [box.read(state, path) for path in names.values()] == [f"{module}\n" for module in names]
    assert before.differs() == []
    assert verified(box, state.id) == []


def together(box: Sandbox, app: App, tasks: list[str]) -> list[str]:
    async def all_of_them() -> list[str]:
        return [s.status for s in await asyncio.gather(*(box.driven(task, app) for task in tasks))]

    return asyncio.run(all_of_them())


def test_two_tasks_at_once_in_one_repository(sandbox: Sandbox) -> None:
    stories.pair(sandbox)
    before = Checkout(sandbox.repo)
    app = sandbox.app()
    tasks = [sandbox.create(app), sandbox.create(app, another=True)]
    assert together(sandbox, app, tasks) == ["completed", "completed"]
    for task in tasks:
        assert sandbox.read(sandbox.state(task), "right.txt") == "right\n"
        assert verified(sandbox, task) == []
    assert sorted(sandbox.noted()) == sorted(["left 1", "one 1", "one 2", "right 1"] * 2)
    assert before.differs() == []


def test_a_second_task_of_the_same_specification_is_refused(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    task = sandbox.create()
    with pytest.raises(Refused, match=task):
        sandbox.create()
    assert sandbox.app().store.tasks() == [task]
    sandbox.drive(task)
    assert sandbox.create() != task  # the first one has ended


def test_eight_tasks_at_once_on_one_server(
    tmp_path: Path, make_sandbox: Callable[..., Sandbox], namespace: str
) -> None:
    """Eight repositories, one state folder's worth of tasks in one namespace."""
    first = make_sandbox()
    stories.single(first, "review = false\n")
    boxes = [first.copy(tmp_path / f"box {n}", namespace) for n in range(7)] + [first]
    app = first.app()
    before = [Checkout(box.repo) for box in boxes]
    tasks = [box.create(app) for box in boxes]
    assert together(first, app, tasks) == ["completed"] * 8
    for box, task, seen in zip(boxes, tasks, before, strict=True):
        assert box.read(first.state(task), "one.txt") == "one\n"
        assert verified(box, task) == []
        assert seen.differs() == []
