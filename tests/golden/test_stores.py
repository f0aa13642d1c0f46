"""Stores that earlier versions wrote: today's code reads, folds and verifies them as they did, and goes on from there.

What is expected stands beside each store, as `conduct` showed it then. See tests/golden/record.py.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conductor.envelope import Draft, Head, Recorded, check_chain, decode, encode
from conductor.errors import CorruptLog
from conductor.events import REGISTRY, Custom
from tests.golden import keys, views, vocabulary
from tests.golden.stage import EXPECTED, KEYS, PLACE, STORES, Stage, Taken

NAMES = sorted(path.name for path in STORES.iterdir())
EXPECTATIONS: dict[str, dict[str, Any]] = {name: json.loads((STORES / name / EXPECTED).read_text()) for name in NAMES}
TASKS = [(name, task) for name, told in EXPECTATIONS.items() for task in told["tasks"]]
ENDS = [(name, end) for name, told in EXPECTATIONS.items() for end in told["ends"]]
FIRST = dict(reversed(ENDS))  # of each store; the long runs have its other ends
# Somebody has cleared the worktrees away. What an agent had not committed there is lost, so these had nothing of that.
CLEARED = ("escalated", "killed-in-conflict", "program", "troubled")
NOT_MADE_AGAIN = ("assisted",)
MOST = 1_500_000  # bytes of all stores

stores = pytest.mark.parametrize("name", NAMES)
tasks = pytest.mark.parametrize(("name", "task"), TASKS)


@pytest.fixture
def stage(name: str, server_url: str, namespace: str) -> Stage:
    """A recorded store in a namespace of its own, to be read."""
    made = Stage(name, server_url, namespace)
    made.load()
    return made


@contextlib.contextmanager
def at_home(stage: Stage, *, worktrees: bool = True) -> Iterator[None]:
    """The repository where it was recorded, for this test alone."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(stage.held())
        except Taken as taken:
            pytest.skip(str(taken))
        stage.restore(worktrees=worktrees)
        yield


# ---- what is stored ------------------------------------------------------------------------------------------------


@stores
def test_every_event_is_read_and_would_be_written_the_same(name: str) -> None:
    """Its header byte for byte, as the chain hangs on it; its data too, unless its type has a newer schema now."""
    heads: dict[str, Head] = {}
    for entry in keys.entries(STORES / name / KEYS):
        event = decode(entry.wire)
        if entry.key == "feed":
            continue
        head = heads.get(entry.key, Head())
        assert check_chain(head, event) is None
        assert entry.id == f"{event.version}-0"
        assert again(head, event, raw=True) == entry.wire
        if isinstance(event.body, Custom):
            assert entry.key.startswith("task:") and event.type.partition(".")[0] in ("team", "x-1", "phasee")
        elif event.envelope.schema == REGISTRY[event.type].schema:
            assert again(head, event) == entry.wire
        heads[entry.key] = Head(event.version, event.head)
    recorded = {line["key"]: line["string"] for line in keys.lines(STORES / name / KEYS) if "string" in line}
    for key, head in heads.items():
        _, _, stream = key.partition(":")
        assert recorded[f"head:{stream}"] == f"{head.version} {head.hash}"


def again(head: Head, event: Recorded, *, raw: bool = False) -> bytes:
    """The event as it would be stored after `head`; `raw`: with its data's bytes as they are."""
    envelope = event.envelope
    body = Custom(envelope.type, envelope.data) if raw else event.body
    draft = Draft(body, envelope.actor, envelope.cause, envelope.correlation, envelope.request, envelope.trace)
    (wire,), _ = encode(envelope.task, head, [draft], time=envelope.time)
    return wire


def test_every_type_of_event_keeps_its_meaning() -> None:
    """With every field, and with none that has a default; a type with a newer schema now need only be readable."""
    wrong = {}
    for version, one in vocabulary.recorded():
        envelope = json.loads(one.wire)
        where = f"{version}: {envelope['type']} {envelope['data']}"
        try:
            event = decode(one.wire.encode())
        except CorruptLog as error:
            wrong[where] = error.what
            continue
        row = REGISTRY.get(event.type)
        if row is None:
            wrong[where] = "nobody knows this type any more"
        elif event.envelope.schema == row.schema:
            if views.known(vocabulary.meaning(event.body), one.means) != one.means:
                wrong[where] = f"it means {vocabulary.meaning(event.body)} now, and meant {one.means}"
            elif again(Head(), event) != one.wire.encode():
                wrong[where] = f"it would be written {again(Head(), event)!r}"
    assert wrong == {}


@stores
def test_a_fixture_names_nobodys_folders_and_holds_no_code(name: str) -> None:
    text = "".join(json.dumps(line, ensure_ascii=False) for line in keys.lines(STORES / name / KEYS))
    text += (STORES / name / EXPECTED).read_text(encoding="utf-8")
    for trace in ("/root", "/home/", "/Users/", "/work/", "site-packages", "conductor/", "conductor.", "pickle"):
        found = [text[at - 60 : at + 60] for at in places(text, trace)]
        assert found == [], trace


def places(text: str, trace: str) -> Iterator[int]:
    """Where a trace stands that is no part of a neutral name."""
    neutral = ("/home/worktrees", "conductor/", "conductor.toml")
    at = text.find(trace)
    while at >= 0:
        yield from () if any(text.startswith(word, at) for word in neutral) else (at,)
        at = text.find(trace, at + 1)


def test_the_fixtures_are_small() -> None:
    assert sum(path.stat().st_size for path in STORES.rglob("*")) < MOST
    kinds = {path.name for path in STORES.rglob("*") if path.is_file()}
    assert kinds == {KEYS, EXPECTED, "repository.bundle", "worktrees.tar.gz", "script.toml"}


# ---- what is shown -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", views.VIEWS)
@tasks
def test_a_command_shows_what_it_showed(stage: Stage, name: str, task: str, view: str) -> None:
    recorded = EXPECTATIONS[name]["tasks"][task]["views"][view]
    assert views.known(views.shown(stage, task, view), recorded) == recorded


@tasks
def test_the_past_is_folded_as_it_was(stage: Stage, name: str, task: str) -> None:
    told = EXPECTATIONS[name]["tasks"][task]
    assert views.history(stage, task, told["views"]["status"]["version"]) == told["history"]


@tasks
def test_events_come_out_as_they_were_recorded(stage: Stage, name: str, task: str) -> None:
    recorded = [json.loads(e.wire) for e in keys.entries(STORES / name / KEYS) if e.key == f"task:{task}"]
    assert stage.look("events", task) == recorded


@tasks
def test_transcripts_are_read_with_their_texts(stage: Stage, name: str, task: str) -> None:
    texts = keys.blobs(STORES / name / KEYS)
    recorded: dict[str, list[Any]] = {}
    for entry in keys.entries(STORES / name / KEYS):
        if entry.key.startswith(f"transcript:{task}/"):
            recorded.setdefault(entry.key, []).append(json.loads(entry.wire))
    found = [stage.look("transcript", task, row["effect"]) for row in views.shown(stage, task, "transcript")]
    assert sorted(([line["event"] for line in lines] for lines in found if lines), key=str) == sorted(
        recorded.values(), key=str
    )
    for line in (line for lines in found for line in lines):
        told = {field: text for field, text in line.items() if line["event"].get("data", {}).get(field) in texts}
        assert told == {field: texts[line["event"]["data"][field]] for field in told}


@stores
def test_the_feed_holds_every_event_once(stage: Stage, name: str) -> None:
    entries = keys.entries(STORES / name / KEYS)
    recorded = [json.loads(entry.wire) for entry in entries if entry.key == "feed"]
    found = stage.look("subscribe", "--from", "start", "--count", str(len(recorded)), "--timeout", "5")
    assert [views.known(line, event) for line, event in zip(found, recorded, strict=True)] == recorded


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("foreign")])
def test_a_follower_goes_on_where_it_was(stage: Stage, name: str) -> None:
    (line,) = stage.look("subscribe", "--as", "dashboard", "--count", "1", "--timeout", "5")
    assert line["version"] == 6


# ---- whether it is whole, and how it goes on ------------------------------------------------------------------------


@stores
def test_the_record_is_whole_and_would_be_decided_the_same(stage: Stage, name: str) -> None:
    """With git; and each batch decided again from its input, which differs where a rule was meant to change."""
    with at_home(stage):
        for task, told in EXPECTATIONS[name]["tasks"].items():
            assert views.known(views.verified(stage, task), told["verify"]) == told["verify"], task


@pytest.mark.parametrize(
    ("name", "end"),
    [(name, end) if end == FIRST[name] else pytest.param(name, end, marks=pytest.mark.soak) for name, end in ENDS],
)
def test_it_goes_on_to_the_end_that_it_would_have_had(stage: Stage, name: str, end: str) -> None:
    goes_on(stage, name, end, worktrees=True)


@pytest.mark.parametrize(("name", "end"), [one for one in ENDS if one[0].startswith(CLEARED)])
def test_it_goes_on_without_its_worktrees(stage: Stage, name: str, end: str) -> None:
    goes_on(stage, name, end, worktrees=False)


@pytest.mark.xfail(
    strict=True,
    raises=FileNotFoundError,
    reason="a client's agent works in a folder that is made again only by the next effect",
)
@pytest.mark.parametrize(("name", "end"), [one for one in ENDS if one[0].startswith(NOT_MADE_AGAIN)])
def test_it_goes_on_without_the_worktrees_of_its_modules(stage: Stage, name: str, end: str) -> None:
    goes_on(stage, name, end, worktrees=False)


def goes_on(stage: Stage, name: str, end: str, *, worktrees: bool) -> None:
    if Path(PLACE).parent.resolve() != Path(PLACE).parent and worktrees:
        pytest.skip("the worktrees were recorded where no symbolic link leads to /tmp")
    told = EXPECTATIONS[name]
    with at_home(stage, worktrees=worktrees), stage.answered(live=told["live"]):
        for step in told["said"][end]:
            stage.perform(step)
        assert views.known(views.came_to(stage), told["ends"][end]) == told["ends"][end]
    recorded = [entry for entry in keys.entries(STORES / name / KEYS) if entry.key.startswith("task:")]
    for task in told["tasks"]:
        mine = [json.loads(entry.wire) for entry in recorded if entry.key == f"task:{task}"]
        assert stage.look("events", task)[: len(mine)] == mine, "what was recorded stays as it is"
