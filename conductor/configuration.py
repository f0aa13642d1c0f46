"""Reading `conductor.toml` into Settings."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

import msgspec

from conductor.errors import UsageError
from conductor.settings import Settings

NAME = "conductor.toml"
_VALUES = {
    "sandbox": '"auto" (where bubblewrap works), "require" (only where it works), "off"',
    "network": "true, false",
}


def read_settings(repository: Path, **overrides: object) -> Settings:
    """`conductor.toml` of a repository, or the defaults; `overrides` win where they are not None.

    Raises UsageError naming the file and the field.
    """
    path = repository / NAME
    data: dict[str, object] = {}
    if path.exists():
        import tomllib

        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise UsageError(f"{path}: {error}", hint="mend the file, or remove it to use the defaults") from None
    data |= {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = msgspec.convert(data, Settings)
    except msgspec.ValidationError as error:
        fields = ", ".join(Settings.__struct_fields__)
        values = next((values for name, values in _VALUES.items() if f"`$.{name}`" in str(error)), None)
        allowed = values or f"{fields}; [commands] test, lint, imports, e2e"
        raise UsageError(f"{path}: {error}", allowed=allowed) from None
    for name in ("check_timeout", "agent_timeout", "tool_timeout"):
        if not isfinite(getattr(settings, name)):  # TOML knows nan, which lies in every range
            raise UsageError(f"{path}: {name} is no number of seconds", allowed="a number above 0")
    return settings
