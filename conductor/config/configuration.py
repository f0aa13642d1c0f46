"""Reading `conductor.toml` into Settings."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from conductor.config import given
from conductor.config.settings import Limits, Price, Settings
from conductor.decoding import prepared
from conductor.errors import UsageError

NAME = "conductor.toml"
LARGEST = 200_000  # bytes
_ALLOWED = {
    "sandbox": '"auto" (if bubblewrap works), "require" (refuse to run without it), "off"',
    "network": "true, false",
    "budget": f"[budget.agent], [budget.phase], [budget.task]: {', '.join(Limits.__struct_fields__)}; each above 0",
    "prices": f'[prices."MODEL"]: {", ".join(Price.__struct_fields__)}; per million tokens',
    "models": 'ROLE = "MODEL" or default = "MODEL"',
}
_EVERYTHING = f"{', '.join(Settings.__struct_fields__)}; [commands] test, lint, imports, e2e"


def read_settings(repository: Path, **overrides: object) -> Settings:
    """`conductor.toml` of a repository, or the defaults; `overrides` that are not None win.

    Raises UsageError naming the file and the field.
    """
    path = repository / NAME
    data: dict[str, Any] = {}
    if os.path.lexists(path):
        hint = "fix the file, or remove it to use the defaults"
        source = given.text(given.read(path, "the configuration", most=LARGEST, hint=hint), str(path))
        data = given.finite(given.toml(source, str(path), hint), str(path))
        for name in _with_nul(data):
            raise UsageError(f"{path}: {name} contains a NUL character", allowed="text", hint=hint)
    data |= {name: value for name, value in overrides.items() if value is not None}
    try:
        return msgspec.convert(data, prepared(Settings))
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$.")
        where = _named(place.rstrip("`"), data)
        allowed = _ALLOWED.get(re.split(r"\W", where)[0], _EVERYTHING)
        raise UsageError(f"{path}: {where}: {what}" if where else f"{path}: {what}", allowed=allowed) from None


def _with_nul(table: Mapping[str, Any], within: str = "") -> Iterator[str]:
    """The dotted names of keys and texts with a NUL, which no command or path can hold; such a key by its repr."""
    for name, value in table.items():
        if "\0" in name or (isinstance(value, str) and "\0" in value):
            yield repr(f"{within}{name}") if "\0" in name else f"{within}{name}"
        elif isinstance(value, Mapping):
            yield from _with_nul(value, f"{within}{name}.")


def _named(place: str, data: Mapping[str, Any]) -> str:
    """`place` with the user's own key (a model or a role) whose value is wrong."""
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
