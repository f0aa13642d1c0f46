"""Where Conductor keeps its state and which server it uses, from environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from conductor.errors import StoreError, UsageError


class Environment(msgspec.Struct, frozen=True):
    """`home` is the state folder; `url` that of the user's own server, None for the embedded one."""

    home: Path
    url: str | None
    namespace: str
    accept_unsafe: bool  # accept a server that may lose data
    variables: Mapping[str, str]

    @classmethod
    def read(cls, variables: Mapping[str, str] = os.environ) -> Environment:
        """From CONDUCT_HOME, _REDIS_URL, _NAMESPACE and _ACCEPT_UNSAFE_SERVER. Raises UsageError for a bad home."""
        return cls(
            home=_home(variables),
            url=variables.get("CONDUCT_REDIS_URL") or None,
            namespace=variables.get("CONDUCT_NAMESPACE") or "default",
            accept_unsafe=variables.get("CONDUCT_ACCEPT_UNSAFE_SERVER", "") not in ("", "0"),
            variables=variables,
        )

    def make_home(self) -> Path:
        """The state folder, created if missing, for this user only. Raises StoreError if it is not writable."""
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not os.access(self.home, os.W_OK | os.X_OK):
                raise PermissionError(13, "not writable", str(self.home))
        except OSError as error:
            raise StoreError(
                f"the state folder {self.home} cannot be used: {error.strerror or error}",
                hint="set CONDUCT_HOME to a folder that you can write to",
            ) from None
        return self.home


def _home(variables: Mapping[str, str]) -> Path:
    if given := variables.get("CONDUCT_HOME"):
        try:
            return Path(given).expanduser().absolute()
        except RuntimeError:
            raise UsageError(
                f"CONDUCT_HOME is {given!r}: that user's home folder is unknown", allowed="the path of a folder"
            ) from None
    from platformdirs import user_state_path

    return user_state_path("conductor")
