"""The tools that a role file grants by Claude Code's names, mapped to ours.

Unknown ones are left out with a warning: a file that works in Claude Code works here.
"""

from __future__ import annotations

import re

import msgspec

from conductor.agents.roles.front_matter import FrontMatter

# Claude Code's names: the current one of each, and ours. If there is none of ours, bash does it or nothing is lost.
_TOOLS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Read": ("Read", ("view",)),
    "NotebookRead": ("Read", ("view",)),
    "Write": ("Write", ("create",)),
    "Edit": ("Edit", ("replace", "insert")),
    "MultiEdit": ("Edit", ("replace", "insert")),
    "NotebookEdit": ("Edit", ("replace", "insert")),
    "Bash": ("Bash", ("bash",)),
    "BashOutput": ("", ()),
    "KillShell": ("", ()),
    "Grep": ("Grep", ()),
    "Glob": ("Glob", ()),
    "LS": ("Glob", ()),
    "TodoWrite": ("", ()),
}
_EVERY = ("Read", "Write", "Edit", "Bash", "Grep", "Glob")  # if a file names no tools, as in Claude Code
_ALL = {"*", "all"}
_KNOWN = {name.casefold(): name for name in _TOOLS}
_NAME = re.compile(r"(?:[^,(]|\([^()]*\)|\()+")
_SAID = 5  # names that a warning lists

WRITES = frozenset({"create", "replace", "insert"})  # those of ours that change files


class RoleTools(msgspec.Struct, frozen=True):
    """`named` are Claude Code's names, `ours` are ours; `doubts` are warnings with file and line."""

    named: tuple[str, ...]
    ours: tuple[str, ...]
    doubts: tuple[str, ...]


def read_tools(front: FrontMatter, *, writes: bool) -> RoleTools:
    """The tools in `tools` (all if missing), minus `disallowedTools`, and minus writing tools unless `writes`.

    Raises UsageError for a value that is not a list of names.
    """
    given = "tools" in front.fields and _ALL.isdisjoint(word.casefold() for word in _words(front, "tools"))
    names, doubts = _known(front, "tools", "granted whole") if given else (list(_EVERY), [])
    if "disallowedTools" in front.fields:
        withheld, more = _known(front, "disallowedTools", "not disallowed", parts=False)
        names = [name for name in names if not {name, _TOOLS[name][0]} & set(withheld)]
        doubts += more
    writing = [name for name in names if WRITES & set(_TOOLS[name][1])]
    if writing and not writes:
        names = [name for name in names if name not in writing]
        if given:
            doubts.append(f"{front.place('tools')}: this role changes no files, so {', '.join(writing)} is left out")
    elif writes and not writing:
        key = "tools" if given else "disallowedTools"
        doubts.append(f"{front.place(key)}: no writing tool is left, so nothing that this role changes is kept")
    return RoleTools(
        tuple(dict.fromkeys(_TOOLS[name][0] for name in names if _TOOLS[name][0])),
        tuple(dict.fromkeys(tool for name in names for tool in _TOOLS[name][1])),
        tuple(doubts),
    )


def _known(front: FrontMatter, key: str, whole: str, *, parts: bool = True) -> tuple[list[str], list[str]]:
    """The known names, without the restrictions in brackets, and warnings about the rest.

    `whole` says what happens to a restricted tool; it is among the names only with `parts`.
    """
    found: dict[str, None] = {}
    unknown: dict[str, None] = {}
    partly: dict[str, None] = {}
    for word in _words(front, key):
        name, bracket, _ = word.partition("(")
        known = _KNOWN.get(name.strip().casefold())
        if known is None:
            unknown[word] = None
            continue
        if bracket:
            partly[word] = None
        if parts or not bracket:
            found[known] = None
    doubts = []
    if unknown:
        what, end = ("unknown tool", "it is") if len(unknown) == 1 else ("unknown tools", "they are")
        doubts.append(f"{front.place(key)}: {what} {_listed(unknown)}: {end} left out")
    if partly:
        doubts.append(
            f"{front.place(key)}: {_listed(partly)}: {whole}, as restrictions in brackets have no effect here"
        )
    return list(found), doubts


def _words(front: FrontMatter, key: str) -> list[str]:
    """Names of tools, from a list or comma-separated text; commas in brackets are part of a name."""
    value = front.fields[key]
    if isinstance(value, str):
        value = _NAME.findall(value.strip().removeprefix("[").removesuffix("]"))
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise front.wrong(key, f"{key} names no tools", "a list of names, or comma-separated names")
    return [name for word in value if (name := word.strip(" \t\n\"'"))]


def _listed(words: dict[str, None]) -> str:
    named = ", ".join(repr(word[:60]) for word in list(words)[:_SAID])
    return named if len(words) <= _SAID else f"{named} and {len(words) - _SAID} more"
