"""`make catalogue`: every event type, written into docs/events.md from the vocabulary itself."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from conductor.events import REGISTRY, Body, EventType, Kind, Outcome, Request

FIELD = re.compile(r"^    (\w+): ([^#=]+?)(?: = ([^#]+?))?(?:  # (.*))?$")
KINDS = {
    Kind.INPUT: "What a person, a client or a script says. Only these can come from outside.",
    Kind.OBSERVATION: "What a runner saw or did itself.",
    Kind.DECISION: "What the core made of them.",
}
HEAD = """# The catalogue of events

Written by `make catalogue` from [`conductor/events`](../conductor/events). An event's name and its fields are frozen:
fields are only added, with a default; a changed meaning is a new name or a new schema with an upcaster. Fields without
a default are always there.

Every *request* has `effect`, `phase` and `module` as well: the id of the work in the task, and what it is about
(neither: the whole). Every *outcome* has `effect` and `claim`: the version of the `effect.started` under which it was
done.
"""


def catalogue() -> str:
    """The whole page, as Markdown."""
    parts = [HEAD]
    for kind, text in KINDS.items():
        parts.append(f"## {kind.value.capitalize()}s\n\n{text}\n")
        parts += [_entry(row) for row in REGISTRY.values() if row.kind is kind]
    return "\n".join(parts)


def _entry(row: EventType) -> str:
    base = next(
        (name for type_, name in ((Request, "request"), (Outcome, "outcome")) if issubclass(row.body, type_)), ""
    )
    schema = f"schema {row.schema}" if row.schema > 1 else ""
    about = ", ".join(word for word in (base, schema) if word)
    lines = [f"### `{row.name}`" + (f" ({about})" if about else ""), "", inspect.getdoc(row.body) or "", ""]
    if fields := list(_fields(row.body)):
        lines += ["| field | type | default | |", "| --- | --- | --- | --- |", *fields, ""]
    return "\n".join(lines)


def _fields(body: type[Body]) -> Iterator[str]:
    for line in inspect.getsource(body).splitlines():
        if found := FIELD.match(line):
            name, type_, default, remark = (part or "" for part in found.groups())
            cells = (f"`{name}`", f"`{type_}`", f"`{default}`" if default else "", remark)
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(catalogue(), encoding="utf-8")
