"""How a task's record can come to harm, done with the server's own commands. Each kind takes the store and a task."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from conductor.envelope import Draft, Head, decode, encode
from conductor.events import Body, Custom, TaskResumed, TaskStarted
from conductor.log.store import EventStore

Kind = Callable[[EventStore, str], None]
PERSON = "person:nobody"
RUMOUR = Custom("finding.reported", msgspec.Raw(b'{"finding":{"kind":"rumour","title":"t"}}'))  # there is no such kind


def rewrite(stored: EventStore, task: str, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """The stream deleted, and written again with its entries changed; its head and the feed stay."""
    key, wires = stored.keys.stream(task), change(stored.raw(task))
    stored.connection.call("DEL", key)
    for version, wire in enumerate(wires, 1):
        stored.connection.call("XADD", key, f"{version}-0", "d", wire)


def unreadable(stored: EventStore, task: str) -> None:
    rewrite(stored, task, lambda wires: [wires[0], b'{"task": "no ev', *wires[2:]])


def unreadable_first(stored: EventStore, task: str) -> None:
    rewrite(stored, task, lambda wires: [b"no event", *wires[1:]])


def unreadable_last(stored: EventStore, task: str) -> None:
    """One that came later, on the feed too."""
    version = stored.head(task).version + 1
    for key, place in ((stored.keys.stream(task), f"{version}-0"), (stored.keys.feed, "*")):
        stored.connection.call("XADD", key, place, "d", b"no event")
    stored.connection.call("SET", stored.keys.head(task), f"{version} {'0' * 64}")


def missing(stored: EventStore, task: str) -> None:
    stored.connection.call("XDEL", stored.keys.stream(task), "2-0")


def cut_off(stored: EventStore, task: str) -> None:
    stored.connection.call("XDEL", stored.keys.stream(task), f"{stored.head(task).version}-0")


def past_its_head(stored: EventStore, task: str) -> None:
    version = stored.head(task).version + 1
    (wire,), _ = encode(task, stored.head(task), [Draft(TaskResumed(), PERSON)], time="2030-01-01T00:00:00Z")
    stored.connection.call("XADD", stored.keys.stream(task), f"{version}-0", "d", wire)


def broken_chain(stored: EventStore, task: str) -> None:
    rewrite(stored, task, lambda wires: [wires[0], wires[1].replace(b'"actor":"', b'"actor":"x'), *wires[2:]])


def changed_data(stored: EventStore, task: str) -> None:
    rewrite(stored, task, lambda wires: [wires[0].replace(b'"title":"', b'"title":"x', 1), *wires[1:]])


def of_another_task(stored: EventStore, task: str) -> None:
    rewrite(stored, task, lambda wires: [wires[0], wires[1].replace(task.encode(), b"somebody"), *wires[2:]])


def appended(body: Body) -> Kind:
    """An event that no rule would append, chained as it should be, on the feed too."""
    return lambda stored, task: void(stored.append(task, stored.head(task), [Draft(body, PERSON)]))


def chained_anew(body: Body) -> Kind:
    """The second event is another one, and the whole chain, with its head, is made to fit; nothing is on the feed."""

    def harm(stored: EventStore, task: str) -> None:
        made: list[bytes] = []
        head = Head()
        for event in map(decode, stored.raw(task)):
            draft = Draft(body if event.version == 2 else event.body, event.envelope.actor, event.envelope.cause)
            (wire,), (event,) = encode(task, head, [draft], time=event.envelope.time)
            made, head = [*made, wire], Head(event.version, event.head)
        rewrite(stored, task, lambda _: made)
        stored.connection.call("SET", stored.keys.head(task), f"{head.version} {head.hash}")

    return harm


def emptied(stored: EventStore, task: str) -> None:
    stored.connection.call("XTRIM", stored.keys.stream(task), "MAXLEN", 0)


def gone(stored: EventStore, task: str) -> None:
    stored.connection.call("DEL", stored.keys.stream(task), stored.keys.head(task))


def another_type(stored: EventStore, task: str) -> None:
    stored.connection.call("DEL", stored.keys.stream(task))
    stored.connection.call("LPUSH", stored.keys.stream(task), "a list")


def head_of_another_type(stored: EventStore, task: str) -> None:
    stored.connection.call("DEL", stored.keys.head(task))
    stored.connection.call("HSET", stored.keys.head(task), "a", "hash")


def head_that_is_none(stored: EventStore, task: str) -> None:
    stored.connection.call("SET", stored.keys.head(task), "nonsense")


def void(_: object) -> None:
    """For commands whose reply does not matter."""


KINDS: dict[str, Kind] = {
    "an event that is no JSON": unreadable,
    "a first event that is none": unreadable_first,
    "a last event that is none": unreadable_last,
    "a missing version": missing,
    "an end that is cut off": cut_off,
    "an event past the head": past_its_head,
    "a broken chain": broken_chain,
    "changed data": changed_data,
    "an event of another task": of_another_task,
    "an illegal transition": appended(TaskStarted()),
    "an illegal transition, chained anew": chained_anew(TaskResumed()),
    "an unknown kind of finding": appended(RUMOUR),
    "an unknown kind of finding, chained anew": chained_anew(RUMOUR),
    "an empty stream": emptied,
    "no stream and no head": gone,
    "a stream of another type": another_type,
    "a head of another type": head_of_another_type,
    "a head that is none": head_that_is_none,
}
