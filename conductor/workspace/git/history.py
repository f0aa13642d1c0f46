"""Reads commits and trees, and writes commit objects. Moves no ref and touches no file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from conductor.errors import WorkspaceError
from conductor.ids import Commit
from conductor.text import one_line
from conductor.workspace.git import refs
from conductor.workspace.git.client import Git

EFFECT = "Conductor-Effect"
TASK = "Conductor-Task"

_TRAILER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_HUNK = re.compile(rb"@@ -\S+ \+(\d+)(?:,\d+)? @@")


def message(subject: str, trailers: Mapping[str, str]) -> bytes:
    """A commit message: one subject line, and trailers. Text from agents cannot add a line, and thus no trailer."""
    for key in trailers:
        if not _TRAILER.fullmatch(key):
            raise WorkspaceError(f"{key!r} cannot name a commit trailer", allowed="letters, digits and '-'")
    lines = [one_line(subject) or "Conductor", "", *(f"{key}: {one_line(value)}" for key, value in trailers.items())]
    return ("\n".join(lines).rstrip() + "\n").encode("utf-8", "backslashreplace")


def trailers_of(text: str) -> dict[str, str]:
    """The trailers in a commit message's last paragraph."""
    last = text.rstrip().rpartition("\n\n")[2]
    found = (line.partition(": ") for line in last.splitlines())
    return {key: value for key, colon, value in found if colon and _TRAILER.fullmatch(key)}


def write_commit(git: Git, tree: str, parents: Sequence[str], subject: str, trailers: Mapping[str, str]) -> Commit:
    """A new commit object; no ref names it yet."""
    args = [arg for parent in parents for arg in ("-p", parent)]
    return Commit(git.text("commit-tree", "--no-gpg-sign", tree, *args, "-F", "-", feed=message(subject, trailers)))


def find_effect(git: Git, tip: str, effect: str, *, depth: int = 500) -> Commit | None:
    """The newest first-parent commit of `tip`, at most `depth` back, whose trailer names `effect`."""
    args = ("--first-parent", f"--max-count={depth}", "--no-commit-header", "--format=%H%n%B%x00")
    for entry in git.run("rev-list", *args, tip).decode("utf-8", "replace").split("\0"):
        commit, _, text = entry.strip("\n").partition("\n")
        if trailers_of(text).get(EFFECT) == one_line(effect):
            return Commit(commit)
    return None


def parents(git: Git, commit: str) -> tuple[Commit, ...]:
    return tuple(map(Commit, git.text("rev-list", "--parents", "--max-count=1", commit).split()[1:]))


def independent(git: Git, commits: Sequence[Commit | None]) -> tuple[Commit, ...]:
    """`commits` in order, each once, without None and without those contained in another."""
    known = list(dict.fromkeys(commit for commit in commits if commit))
    if len(known) < 2:
        return tuple(known)
    heads = set(git.text("merge-base", "--independent", *known).split())
    return tuple(commit for commit in known if commit in heads)


def changed(git: Git, since: str, commit: str, *options: str) -> tuple[tuple[str, str], ...]:
    """(status letter, path) of each difference between two commits or trees: A, M, D or T; a rename is a D and an A."""
    fields = git.paths("diff-tree", "-r", "--no-renames", "-z", "--name-status", *options, since, commit)
    return tuple(zip(fields[::2], fields[1::2], strict=True))


def differing(git: Git, before: str, after: str) -> dict[str, list[bytes]]:
    """Status letter -> differing paths, as git writes them, between two commits or trees; a rename is a D and an A."""
    fields = git.run("diff-tree", "-r", "--no-renames", "-z", "--name-status", before, after).split(b"\0")[:-1]
    found: dict[str, list[bytes]] = {}
    for status, path in zip(fields[::2], fields[1::2], strict=True):
        found.setdefault(status.decode(), []).append(path)
    return found


def diff_paths(git: Git, before: str, after: str) -> tuple[str, ...]:
    return git.paths("diff-tree", "-r", "--no-renames", "-z", "--name-only", before, after)


def added_lines(git: Git, since: str, commit: str) -> dict[str, tuple[tuple[int, str], ...]]:
    """Path -> (line number from 1, text) of the lines in `commit` that `since` does not have; no binary files."""
    files = ("--ignore-submodules=all",)
    options = (
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--unified=0",
        "--src-prefix=a/",
        "--dst-prefix=b/",
    )
    # Headers quote unusual names in their own way; the list of names has the same order, unquoted.
    names = iter(_sections(changed(git, since, commit, *files)))
    found: dict[str, list[tuple[int, str]]] = {}
    path, number = "", 0
    for line in git.run("diff-tree", "-r", "-p", *files, *options, since, commit).split(b"\n"):
        if line.startswith(b"diff --git "):
            path, number = next(names), 0
        elif hunk := _HUNK.match(line):
            number = int(hunk[1])
        elif line.startswith(b"+") and number:
            found.setdefault(path, []).append((number, line[1:].decode("utf-8", "replace")))
            number += 1
    return {path: tuple(lines) for path, lines in found.items()}


def _sections(entries: Sequence[tuple[str, str]]) -> Iterator[str]:
    for status, path in entries:
        yield path
        if status == "T":  # a patch shows a changed type as a deletion and a creation
            yield path


def read_file(git: Git, commit: str, path: str) -> bytes | None:
    """The content of a file (a symlink's target) in a commit or tree; None if there is no such file."""
    blob = git.blob(refs.object_id(commit), refs.inside(path))
    return None if blob is None else git.run("cat-file", "blob", blob)
