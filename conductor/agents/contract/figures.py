"""Validates numbers reported by agents and model services, in the one place where they come in. It records nothing.

A nonsensical number is not counted, and is described in words.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from conductor.decoding import bounded
from conductor.events import Usage
from conductor.text import one_line

# A figure above these is a bug or an attack. Sums of many still fit into 64-bit integers.
TOKENS = 1_000_000_000  # of one message, or one run of a program
MONEY = 1_000_000.0  # US dollars, for one run of a program
YEAR = 31_536_000.0  # seconds: the longest wait
MOMENT = 253_402_300_799.0  # Unix time, seconds: the end of the year 9999
DIGITS = 400  # of an integer in JSON; longer ones are kept as text
_SHOWN = 40  # characters of the reported value

_TOKENS = {  # as the Messages API and those compatible with it name them
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_input_tokens": "cache_read",
    "cache_creation_input_tokens": "cache_write",
}


class Figures:
    """Reads the numbers of one message. `odd` describes those that made no sense, each once."""

    def __init__(self) -> None:
        self._odd: dict[str, None] = {}

    @property
    def odd(self) -> tuple[str, ...]:
        return tuple(self._odd)

    def usage(self, told: Callable[[str], object], before: Usage = Usage()) -> Usage:  # noqa: B008 (immutable)
        """Token counts; `told` looks up a name. A count that is missing or makes no sense stays as it was `before`."""
        counts = {}
        for name, ours in _TOKENS.items():
            count = self._taken(name, told(name), TOKENS, whole=True)
            counts[ours] = getattr(before, ours) if count is None else int(count)
        return Usage(**counts)

    def money(self, name: str, told: object) -> float:
        """US dollars; 0 if missing or nonsensical."""
        return float(self._taken(name, told, MONEY) or 0.0)

    def moment(self, name: str, told: object) -> float | None:
        """Unix time in seconds; None if missing or nonsensical."""
        moment = self._taken(name, told, MOMENT)
        return None if moment is None else float(moment)

    def wait(self, name: str, told: str, now: float) -> float | None:
        """Seconds, from a header's number or date; None if missing, in the past, or nonsensical."""
        if not told:
            return None
        with suppress(ValueError):
            return self._taken(name, float(told), YEAR)
        with suppress(ValueError, OverflowError, OSError):
            seconds = parsedate_to_datetime(told).timestamp() - now
            return None if seconds < 0 else self._taken(name, seconds, YEAR)
        self._odd[f"{name} is {_shown(told)}, which is neither a number of seconds nor a date"] = None
        return None

    def status(self, name: str, told: object) -> int | None:
        """An HTTP status; None if missing or nonsensical."""
        status = self._taken(name, told, 599, whole=True)
        return None if status is None else int(status)

    def _taken(self, name: str, told: object, most: float, *, whole: bool = False) -> float | None:
        """`told` if it is a number from 0 to `most`; None if it is not, or is missing."""
        if told is None:
            return None
        # In JSON 5.0 is as whole as 5, and `true` is not a number; nan is in no range.
        if isinstance(told, int | float) and not isinstance(told, bool) and _fits(told, most, whole):
            return told
        kind = "a whole number" if whole else "a number"
        self._odd[f"{name} is {_shown(told)}, which is not {kind} from 0 to {most:,.0f}"] = None
        return None


def _fits(number: float, most: float, whole: bool) -> bool:
    return 0 <= number <= most and (not whole or number == int(number))


def _shown(told: object) -> str:
    match told:
        case bool() | str():
            return one_line(json.dumps(told), _SHOWN)
        case int() | float():
            return _written(told)
        case list():
            return "a list"
    return "a table"


def _written(number: float) -> str:
    try:
        text = repr(number)
    except ValueError:  # longer than Python prints
        return "a number of thousands of digits"
    return text if len(text) <= _SHOWN else f"a number of {len(text.lstrip('-')):,} digits"


def decoded(line: bytes) -> Any:
    """A line of JSON as plain values. Numbers that JSON cannot express, or that are too large, are kept as text.

    Raises ValueError if it is not JSON or is nested too deeply.
    """
    try:
        return msgspec.json.decode(bounded(line))
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        pass  # such numbers are refused here, too
    try:
        return json.loads(line, parse_int=_int, parse_float=_float, parse_constant=str)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _int(text: str) -> int | str:
    return int(text) if len(text) <= DIGITS else text


def _float(text: str) -> float | str:
    return number if math.isfinite(number := float(text)) else text
