"""The registry of event types: name, kind, schema, data, and who may append it.

An *input* comes from a person, a client or a script and asks the core to decide. An *observation* is what a runner saw
or did. A *decision* is what the core concluded from them. Only inputs can come from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

import msgspec

from conductor.decoding import prepared


class Kind(StrEnum):
    INPUT = "input"
    OBSERVATION = "observation"
    DECISION = "decision"


class Body(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Base of all event data."""


class Custom(Body, frozen=True):
    """An event in a user's own namespace, or from a newer version: carried along, never interpreted."""

    type: str
    data: msgspec.Raw


class EventType(msgspec.Struct, frozen=True):
    """One row of the vocabulary."""

    name: str
    kind: Kind
    schema: int
    body: type[Body]


REGISTRY: dict[str, EventType] = {}
_NAMES: dict[type[Body], EventType] = {}
B = TypeVar("B", bound=type[Body])


def event(type_: str, kind: Kind, schema: int = 1) -> Callable[[B], B]:
    """Register a Body under the event's name."""

    def register(body: B) -> B:
        row = EventType(type_, kind, schema, body)
        REGISTRY[type_] = _NAMES[body] = row
        return body

    return register


def row_of(body: Body) -> EventType:
    """The vocabulary row of an event's data; KeyError for Custom."""
    return _NAMES[type(body)]


def type_of(body: Body) -> str:
    """The event's name for its data."""
    return body.type if isinstance(body, Custom) else _NAMES[type(body)].name


def may_append(actor: str, kind: Kind) -> bool:
    """Whether `actor` may append events of this kind. Actors are `role:name`; the core itself is `conductor`.

    The core may also append inputs, for example abandon a task because a person answered so.
    """
    role = actor.partition(":")[0]
    return (
        role
        in {
            Kind.INPUT: ("person", "client", "script", "conductor"),
            Kind.OBSERVATION: ("runner",),
            Kind.DECISION: ("conductor",),
        }[kind]
    )


def new(body: type[Body], **data: object) -> Body:
    """Build event data from plain values, checked against its schema. Raises msgspec.ValidationError."""
    return msgspec.convert(data, prepared(body))
