"""Who the tests' repositories belong to. Git reads no config of this machine's user or system: each carries its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

NAME, EMAIL = "Ada", "ada@example.org"
# Not the null device itself: to write a config, git puts a new file in the place of the old one.
_NOWHERE = f"{os.devnull}/gitconfig"
_NO_CONFIG = {"GIT_CONFIG_GLOBAL": _NOWHERE, "GIT_CONFIG_SYSTEM": _NOWHERE, "GIT_CONFIG_NOSYSTEM": "1"}
_OF_THE_USER = ("GIT_", "CONDUCT_", "XDG_")  # variables that would bring settings of whoever runs the tests


def without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` as on a machine where nobody has set anything up for git or Conductor."""
    kept = {k: v for k, v in environ.items() if not k.startswith(_OF_THE_USER) and k != "EMAIL"}  # git's last resort
    return kept | _NO_CONFIG


def init(folder: Path, *options: str) -> None:
    """A repository in `folder`, on branch `main`, with an identity of its own."""
    begin = ("init", "--quiet", "--initial-branch=main", *options)
    for words in (begin, ("config", "user.name", NAME), ("config", "user.email", EMAIL)):
        subprocess.run(["git", *words], cwd=folder, env=without_settings(os.environ), check=True)
