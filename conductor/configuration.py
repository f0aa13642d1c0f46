"""Reading `conductor.toml` into Settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec

from conductor.decoding import prepared
from conductor.errors import UsageError
from conductor.settings import Limits, Price, Settings

NAME = "conductor.toml"
_ALLOWED = {
    "sandbox": '"auto" (where bubblewrap works), "require" (only where it works), "off"',
    "network": "true, false",
    "budget": f"[budget.agent], [budget.phase], [budget.task]: {', '.join(Limits.__struct_fields__)}; all above 0",
    "prices": f'[prices."MODEL"]: {", ".join(Price.__struct_fields__)}; per million tokens',
    "models": 'a role\'s name or default = "MODEL"',
}
_EVERYTHING = f"{', '.join(Settings.__struct_fields__)}; [commands] test, lint, imports, e2e"


def read_settings(repository: Path, **overrides: object) -> Settings:
    """`conductor.toml` of a repository, or the defaults; `overrides` win where they are not None.

    Raises UsageError naming the file and the field.
    """
    path = repository / NAME
    data: dict[str, Any] = {}
    if path.exists():
        import tomllib

        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
            raise UsageError(f"{path}: {error}", hint="mend the file, or remove it to use the defaults") from None
    data |= {name: value for name, value in overrides.items() if value is not None}
    for name, number in _numbers(data):
        if not isfinite(number):  # TOML knows nan, which lies in every range
            raise UsageError(
                f"{path}: {name} is {number}, which is no number to reckon with", allowed="a finite number"
            )
    try:
        return msgspec.convert(data, prepared(Settings))
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$.")
        where = _named(place.rstrip("`"), data)
        allowed = _ALLOWED.get(re.split(r"\W", where)[0], _EVERYTHING)
        raise UsageError(f"{path}: {where}: {what}" if where else f"{path}: {what}", allowed=allowed) from None


def _numbers(table: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, float]]:
    """All floats with their dotted names."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{within}{name}.")
        elif isinstance(value, float):
            yield f"{within}{name}", value


def _named(place: str, data: Mapping[str, Any]) -> str:
    """A place with the key of the user's own, a model or a role, that is wrong in it."""
    table, dots, rest = place.partition("[...]")
    if not dots:
        return place
    kind: Any = Price if table == "prices" else str
    for key, value in data[table].items():
        try:
            msgspec.convert(value, prepared(kind))
        except msgspec.ValidationError:
            return f'{table}."{key}"{rest}'
    return place
