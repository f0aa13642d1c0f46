"""A language that another package brings, held to what languages give: its faults are told with the package's name."""

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

# What the parts give: these when they are awaited, and those when they are called.
_AWAITED: dict[str, Any] = {"tests": Result, "lint": list[Result], "imports": Result}
_CALLED: dict[str, Any] = {
    "between": list[tuple[str, int, str]],
    "offered": list[str],
    "has_code": bool,
    "tested": set[str],
    "stubs": list[tuple[int, str]],
}


class LanguageFault(ConductorError):
    """Another package's language raised, or gave what no language gives: that says nothing of the work."""

    def __init__(self, who: str, error: BaseException) -> None:
        super().__init__(fault(f"{who} failed", error), hint=REMEDY)


def guarded(language: Language, who: str) -> Language:
    """`language`, whose parts raise LanguageFault for whatever they raise. `who` says in words whose it is.

    Raises TypeError for a part that cannot be called.
    """
    parts = {}
    for name, gives in (_AWAITED | _CALLED).items():
        part = getattr(language, name)
        if part is not None:
            if not callable(part):
                raise TypeError(f"its part {name!r} cannot be called")
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
    """What was made in another package's code has not been checked by its types yet."""
    if get_origin(gives) is not None and not isinstance(given, str | bytes):
        given = list(given)  # generators do their work here
    given = msgspec.convert(msgspec.to_builtins(given), prepared(gives))
    if gives is Result:
        return _result(given)
    return [_result(one) for one in given] if gives == list[Result] else given


def _result(given: Result) -> Result:
    if given.status not in STATUSES:
        raise ValueError(f"{given.status!r} is no status of a check; there are {', '.join(STATUSES)}")
    return msgspec.structs.replace(
        given, summary=one_line(given.summary), command=clean(given.command), output=clean(given.output)
    )
