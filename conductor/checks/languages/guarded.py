"""Wraps another package's language: its results are validated, and its faults are reported with the package's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_origin

import msgspec

from conductor.checks.languages.language import Language
from conductor.checks.site import STATUSES, Result, one_line
from conductor.decoding import prepared
from conductor.entry_points import FAULTS, REMEDY, fault
from conductor.errors import ConductorError
from conductor.text import clean

# The result types of the parts, for those that are awaited and those that are called.
_AWAITED: dict[str, Any] = {"tests": Result, "lint": list[Result], "imports": Result}
_CALLED: dict[str, Any] = {
    "between": list[tuple[str, int, str]],
    "offered": list[str],
    "has_code": bool,
    "tested": set[str],
    "stubs": list[tuple[int, str]],
}


class LanguageFault(ConductorError):
    """Another package's language raised, or returned an invalid result: that says nothing about the work."""

    def __init__(self, who: str, error: BaseException) -> None:
        super().__init__(fault(f"{who} failed", error), hint=REMEDY)


def guarded(language: Language, who: str) -> Language:
    """`language` with parts that raise LanguageFault instead of anything else. `who` describes its origin.

    Raises TypeError for a part that is not callable.
    """
    parts = {}
    for name, gives in (_AWAITED | _CALLED).items():
        part = getattr(language, name)
        if part is not None:
            if not callable(part):
                raise TypeError(f"its part {name!r} is not callable")
            parts[name] = (_awaited if name in _AWAITED else _called)(part, gives, who)
    return msgspec.structs.replace(language, **parts)


def _called(part: Callable[..., Any], gives: Any, who: str) -> Callable[..., Any]:
    def call(*arguments: object) -> Any:
        try:
            return _checked(part(*arguments), gives)
        except FAULTS as error:
            raise LanguageFault(who, error) from error

    return call


def _awaited(part: Callable[..., Any], gives: Any, who: str) -> Callable[..., Any]:
    async def call(*arguments: object) -> Any:
        try:
            return _checked(await part(*arguments), gives)
        except FAULTS as error:
            raise LanguageFault(who, error) from error

    return call


def _checked(given: Any, gives: Any) -> Any:
    """Validates the types: another package's code made it."""
    if get_origin(gives) is not None and not isinstance(given, str | bytes):
        given = list(given)  # generators run here
    given = msgspec.convert(msgspec.to_builtins(given), prepared(gives))
    if gives is Result:
        return _result(given)
    return [_result(one) for one in given] if gives == list[Result] else given


def _result(given: Result) -> Result:
    if given.status not in STATUSES:
        raise ValueError(f"{given.status!r} is not a status of a check; expected {', '.join(STATUSES)}")
    return msgspec.structs.replace(
        given, summary=one_line(given.summary), command=clean(given.command), output=clean(given.output)
    )
