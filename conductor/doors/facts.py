"""Facts from outside: a type and JSON become an input, checked field by field; Conductor's own types are refused.

Knows the vocabulary and no store.
"""

from __future__ import annotations

import re
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from conductor.core.decide import awaited, decide
from conductor.core.state import TaskState
from conductor.decoding import bounded, prepared
from conductor.errors import Refused, UsageError
from conductor.events import (
    REGISTRY,
    Body,
    Custom,
    DriverChanged,
    EventType,
    Finding,
    FindingReported,
    Kind,
    QuestionAnswered,
    RollbackAsked,
    WorkReported,
)

OWN = frozenset(name.partition(".")[0] for name in REGISTRY)  # Conductor's own namespaces
READ = {"task.created": "run", "plan.adopted": "replan"}  # types with a plan, and the command that reads it
EMITTED = tuple(row for row in REGISTRY.values() if row.kind is Kind.INPUT and row.name not in READ)
WHY = {
    Kind.OBSERVATION: "an observation",
    Kind.DECISION: "a decision",
}
_CUSTOM = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+", re.ASCII)
_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def fact(name: str, data: bytes) -> Body:
    """The input described by a type and its JSON data.

    Raises UsageError for an unknown type, bad JSON, or a field that is missing, unknown or of the wrong kind, and
    Refused for a type that only Conductor may append.
    """
    row = REGISTRY.get(name)
    if row is None:
        return _custom(name, data)
    if row.kind is not Kind.INPUT:
        raise Refused(
            f"{name} is {WHY[row.kind]}, which only Conductor may append",
            allowed="inputs, and types in a namespace of your own",
            hint="`conduct emit --types` lists them",
        )
    if name in READ:
        raise Refused(
            f"{name} carries a plan, which only Conductor itself may read from a specification",
            hint=f"use `conduct {READ[name]}`",
        )
    return _known(row, data)


def signature(body: type[msgspec.Struct]) -> str:
    """The fields of a type, for people: `question: text, verdict: PASS|FAIL, hint: text (optional)`."""
    shown = []
    for field in msgspec.structs.fields(body):
        shown.append(f"{field.name}: {_kind(field.type)}{'' if field.required else ' (optional)'}")
    return ", ".join(shown) or "no fields"


def possible(state: TaskState, row: EventType) -> bool:
    """Whether the task would accept such an input now. Asks the rules themselves, and appends nothing."""
    sample = _sample(state, row)
    if sample is None:
        return False
    try:
        decide(state, sample, actor="person:sample", now=state.updated_at)
    except Refused:
        return False
    return True


# ---- types of Conductor's own ------------------------------------------------------------------------------------


def _known(row: EventType, data: bytes) -> Body:
    fields = f"fields of {row.name}: {signature(row.body)}"
    try:
        body: Body = msgspec.json.decode(bounded(data), type=prepared(row.body))
        given = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"the data of {row.name}: {error}", allowed=fields) from None
    if unknown := _unknown(given, body, ""):
        raise UsageError(f"the data of {row.name} has an unknown field: {unknown}", allowed=fields)
    return body


def _unknown(given: Any, taken: Any, where: str) -> str | None:
    """The path of a field in `given` that `taken`, which was decoded from it, does not have."""
    if isinstance(taken, msgspec.Struct) and isinstance(given, dict):
        for name, value in given.items():
            if name not in taken.__struct_fields__:
                return f"{where}{name}"
            if found := _unknown(value, getattr(taken, name), f"{where}{name}."):
                return found
    elif isinstance(taken, tuple) and isinstance(given, list):
        for n, (value, one) in enumerate(zip(given, taken, strict=True)):
            if found := _unknown(value, one, f"{where}{n}."):
                return found
    return None


def _kind(type_: Any) -> str:
    if type_ in _NAMES:
        return _NAMES[type_]
    if get_origin(type_) is Annotated:
        return _kind(get_args(type_)[0])
    arguments = [a for a in get_args(type_) if a not in (NoneType, Ellipsis)]
    if get_origin(type_) in (Union, UnionType):
        return " or ".join(map(_kind, arguments))
    if get_origin(type_) is Literal:
        return "|".join(map(str, arguments))
    if get_origin(type_) is tuple:
        return f"list of {_kind(arguments[0])}"
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return "{" + signature(type_) + "}"
    return str(type_)


def _sample(state: TaskState, row: EventType) -> Body | None:
    """A plausible input of this type for the state; None if there is nothing it could be about."""
    if row.body is QuestionAnswered:
        return next((QuestionAnswered(q, a.question.choices[0]) for q, a in state.questions.items()), None)
    if row.body is RollbackAsked:
        return next((RollbackAsked(point.number) for point in state.checkpoints), None)
    if row.body is WorkReported:
        return next((WorkReported(r.role, r.phase, r.module) for r in awaited(state)), None)
    if row.body is DriverChanged:
        return DriverChanged("assisted" if state.driver == "conductor" else "conductor")
    if row.body is FindingReported:
        return FindingReported(Finding("discovery", "a title"))
    return row.body()


# ---- types of other namespaces -----------------------------------------------------------------------------------


def _custom(name: str, data: bytes) -> Body:
    allowed = "one of Conductor's own types, or `namespace.name` in a namespace of yours, such as team.deployed"
    first, dot, _ = name.partition(".")
    if first in OWN or not dot:
        import difflib

        near = difflib.get_close_matches(name, [row.name for row in EMITTED], 3)
        if first in OWN or near:
            hint = f"did you mean {' or '.join(near)}?" if near else "`conduct emit --types` lists them"
            what = f"unknown type {name!r}; the namespace {first} is Conductor's"
            raise UsageError(what, allowed=allowed, hint=hint)
    if not _CUSTOM.fullmatch(name) or len(name) > 128:
        raise UsageError(f"{name[:140]!r} is not a type name", allowed=allowed)
    try:
        value = msgspec.json.decode(bounded(data))
        if not isinstance(value, dict):
            raise UsageError(f"the data of {name} is not an object", allowed='a JSON object: {"to": "staging"}')
        return Custom(name, msgspec.Raw(msgspec.json.format(data, indent=-1)))  # every number as it was written
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the data of {name} is not JSON: {error}", allowed='a JSON object: {"to": "staging"}'
        ) from None
