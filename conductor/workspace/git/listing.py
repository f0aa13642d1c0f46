"""Lists an index and the untracked files, and what in it would keep a file from counting.

Read-only. Names come from an index that an agent wrote.
"""

from __future__ import annotations

import os

import msgspec

from conductor.workspace.git.client import Git

GITLINK = "160000"


class Listing(msgspec.Struct, frozen=True):
    """Paths as git writes them. `nested`: folders that are repositories themselves, with a final slash."""

    assumed: tuple[bytes, ...]  # marked as unchanged, whatever their content
    skipped: tuple[bytes, ...]  # marked as absent from the working directory
    links: tuple[str, ...]  # submodules: entries that name another repository's commit
    nested: tuple[str, ...]
    others: tuple[bytes, ...]  # files that are not in the index, and the nested ones


def listed(git: Git) -> Listing:
    """The listing of `git`'s index and working directory, without ignored files. Raises GitFailed on a broken index."""
    assumed: list[bytes] = []
    skipped: list[bytes] = []
    links: list[str] = []
    nested: list[str] = []
    others: list[bytes] = []
    out = git.run("ls-files", "-z", "-v", "--stage", "--others", "--exclude-standard")
    for entry in out.split(b"\0")[:-1]:
        facts, tab, raw = entry.partition(b"\t")
        if entry.startswith(b"? "):
            others.append(entry[2:])
            nested += [os.fsdecode(entry[2:])] if entry.endswith(b"/") else []
            continue
        assert tab, "an entry of the index has its path after a tab"
        tag, mode = facts.decode().split()[:2]
        assumed += [raw] if tag.islower() else []
        skipped += [raw] if tag in "Ss" else []
        links += [os.fsdecode(raw)] if mode == GITLINK else []
    return Listing(tuple(assumed), tuple(skipped), tuple(links), tuple(nested), tuple(others))
