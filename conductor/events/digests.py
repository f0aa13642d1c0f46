"""Which blobs an event names, found by the types of its fields so that none is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from conductor.events.vocabulary import Body
from conductor.ids import Digest

Reader = Callable[[Any], Iterator[Digest]]


def digests(body: Body) -> Iterator[Digest]:
    """The digests of the blobs that an event's data names, in the order of its fields; empty ones are left out."""
    for name, read in _fields(type(body)):
        yield from read(getattr(body, name))


@cache
def _fields(type_: type[msgspec.Struct]) -> tuple[tuple[str, Reader], ...]:
    """The fields of a struct that hold digests, at any depth, and how to read each."""
    hints = get_type_hints(type_)
    found = ((name, _reader(hints[name])) for name in type_.__struct_fields__)
    return tuple((name, read) for name, read in found if read is not None)


def _reader(hint: Any) -> Reader | None:
    if hint is Digest:
        return lambda value: iter((value,) if value else ())
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        inner = _fields(hint)
        return (lambda value: (d for name, read in inner for d in read(getattr(value, name)))) if inner else None
    readers = [read for argument in get_args(hint) if (read := _reader(argument)) is not None]
    if not readers:
        return None
    read = readers[-1]
    match get_origin(hint):
        case origin if origin is tuple or origin is list:
            return lambda values: (digest for value in values for digest in read(value))
        case origin if isinstance(origin, type) and issubclass(origin, Mapping):
            return lambda values: (digest for value in values.values() for digest in read(value))
    return lambda value: read(value) if value is not None else iter(())
