"""Keeps git from running code or asking questions because of a config that an agent could write.

Agents share the repository's own config, attributes and hooks; all of these are untrusted. Runs nothing itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

CONFIG: Mapping[str, str] = {
    # code
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.editor": "false",
    "core.pager": "cat",
    "core.askPass": "",
    "core.sshCommand": "false",
    "credential.helper": "",
    "commit.gpgSign": "false",
    "log.showSignature": "false",
    "gpg.program": "false",
    "submodule.recurse": "false",  # a nested repository brings a config of its own
    "gc.auto": "0",
    "maintenance.auto": "false",
    # changes that would be missed
    "core.trustctime": "true",
    "core.checkStat": "default",
    "core.untrackedCache": "false",
    "core.splitIndex": "false",
    # surprises
    "user.useConfigOnly": "true",  # no name guessed from the machine
    "core.safecrlf": "false",
    "i18n.commitEncoding": "UTF-8",
    "i18n.logOutputEncoding": "UTF-8",
    # several worktrees of one repository move refs at the same time: let git itself wait, in milliseconds
    "core.filesRefLockTimeout": "3000",
    "core.packedRefsTimeout": "3000",
}

ENVIRONMENT: Mapping[str, str] = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_EDITOR": "false",
    "GIT_SEQUENCE_EDITOR": "false",
    "GIT_PAGER": "cat",
    "GIT_OPTIONAL_LOCKS": "0",  # inspecting the user's checkout does not write its index
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_CONFIG_PARAMETERS": "",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
    "GIT_NAMESPACE": "",
}

# Keys that name a command, or a file that could hide an agent's work or choose a driver for it.
_UNTRUSTED = re.compile(
    r"filter\..+\.(?:clean|smudge|process)|merge\..+\.driver|hook\..+\.command|core\.(?:excludes|attributes)file",
    re.DOTALL,
)
# Git's own text merge, as if there were no driver. An empty driver would succeed and silently keep one side.
_STANDS_IN = {"filter": "", "merge": "git merge-file -q --marker-size=%L %A %O %B", "hook": "true"}


def overrides(listing: bytes) -> dict[str, str]:
    """Replacements for untrusted values in the repository's own config, from `git config --list -z --show-scope`.

    The user's global and system config is trusted (git-lfs is set up there). A `required` filter stays required:
    git then refuses its files, which is better than committing in plain text what should be encrypted.
    """
    fields = os.fsdecode(listing).split("\0")
    trusted: dict[str, str] = {}
    suspect: list[str] = []
    for scope, entry in zip(fields[::2], fields[1::2], strict=False):
        key, _, value = entry.partition("\n")
        if not _UNTRUSTED.fullmatch(key):
            continue
        if scope in ("local", "worktree"):
            suspect.append(key)
        else:
            trusted[key] = value
    return {key: trusted.get(key, _stand_in(key)) for key in suspect}


def _stand_in(key: str) -> str:
    section = key.partition(".")[0]
    if section != "core":
        return _STANDS_IN[section]
    # Git's default file if no config names one: what the user ignores everywhere stays ignored.
    name = "ignore" if key == "core.excludesfile" else "attributes"
    return f"{os.environ.get('XDG_CONFIG_HOME') or '~/.config'}/git/{name}"


def as_environment(config: Mapping[str, str]) -> dict[str, str]:
    """`config` as GIT_CONFIG_* variables, after the user's own; unlike `-c`, they allow any key."""
    given = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isdecimal() and len(given) < 10 else 0
    variables = {"GIT_CONFIG_COUNT": str(first + len(config))}
    for number, (key, value) in enumerate(config.items(), first):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables
