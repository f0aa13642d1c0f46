"""One event of each type with every field set, and one with as few as can be: what a version could have written.

Values are made from the fields' types alone. Nothing that was recorded is written anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from conductor.envelope import Draft, Head, encode
from conductor.events import REGISTRY, Body, new
from tests.support.places import FIXTURES

FOLDER = FIXTURES / "vocabulary"
TIME = "2026-01-31T12:00:00.000000Z"


class Written(msgspec.Struct, frozen=True):
    """An event as it is stored, and what its data means with what was left out."""

    wire: str
    means: Any


def written() -> Iterator[Written]:
    for row in REGISTRY.values():
        for every in (True, False):
            body = new(row.body, **_fields(row.body, every))
            draft = Draft(body, "person:ada", cause=1, correlation="e", request="r", trace="t")
            (wire,), _ = encode("t", Head(), [draft], time=TIME)
            yield Written(wire.decode(), meaning(body))


def record(version: str) -> Path:
    """The file of a version. Raises FileExistsError: it stands already."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{version}.jsonl"
    lines = [json.dumps(msgspec.to_builtins(one), ensure_ascii=False, sort_keys=True) for one in written()]
    with path.open("x", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return path


def recorded() -> list[tuple[str, Written]]:
    """(version, event) of all files."""
    return [
        (path.stem, msgspec.json.decode(line, type=Written))
        for path in sorted(FOLDER.glob("*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]


def meaning(value: Any) -> Any:
    """Data as plain values by their stored names, defaults included."""
    match value:
        case msgspec.Struct():
            names = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
            return {stored: meaning(getattr(value, name)) for stored, name in names}
        case Mapping():
            return {key: meaning(item) for key, item in value.items()}
        case tuple() | list():
            return [meaning(item) for item in value]
    return value


def _fields(body: type[Body] | type[msgspec.Struct], every: bool) -> dict[str, Any]:
    hints = get_type_hints(body, include_extras=True)
    fields = msgspec.structs.fields(body)
    return {
        field.encode_name: _sample(hints[field.name], every, field.encode_name)
        for field in fields
        if every or field.required
    }


def _sample(type_: Any, every: bool, name: str) -> Any:
    """A value that tells which field it is of, where its type lets it."""
    origin, arguments = get_origin(type_), get_args(type_)
    plain: dict[Any, Any] = {str: f"{name} ½", int: len(name), float: len(name) + 0.5, bool: True}
    if type_ in plain:
        return plain[type_]
    if origin is Annotated:
        return _sample(arguments[0], every, name)
    if origin is Literal:
        return arguments[-1]
    if origin in (Union, UnionType):
        return _sample(next(a for a in arguments if a is not NoneType), every, name) if every else None
    if origin is tuple:
        items = [a for a in arguments if a is not Ellipsis]
        return [_sample(item, every, name) for item in items] if every or Ellipsis not in arguments else []
    if origin is not None and issubclass(origin, Mapping):
        return {"key": _sample(arguments[1], every, name)} if every else {}
    assert issubclass(type_, msgspec.Struct), type_
    return _fields(type_, every)
