"""The files of a golden store: the repository as a bundle of all its refs, and the worktrees as they stood.

Git keeps trees that no ref names, which a bundle would leave behind: they come along under refs of their own.
"""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

LOOSE = "refs/golden"
WORKTREES = ("home/worktrees", "repo/.git/worktrees")  # the folders, and what git notes of them


def git(folder: Path, environ: Mapping[str, str], *args: str) -> str:
    """Git as its user would call it; standard output without the last newline."""
    done = subprocess.run(["git", *args], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {args}: {done.stderr}"
    return done.stdout.removesuffix("\n")


def bundle(repo: Path, environ: Mapping[str, str], path: Path) -> None:
    """Every ref of a repository, and every object that none leads to."""
    listed = git(repo, environ, "fsck", "--unreachable", "--no-reflogs").splitlines()
    loose = [line.split()[2] for line in listed if line.startswith("unreachable ")]
    _refs(repo, environ, [f"create {LOOSE}/{name} {name}" for name in loose])
    # The heads of worktrees, which `--all` names too, cannot be fetched: their branches are there.
    refs = git(repo, environ, "for-each-ref", "--format=%(refname)").splitlines()
    git(repo, environ, "bundle", "create", "--quiet", str(path), *refs)
    _refs(repo, environ, [f"delete {LOOSE}/{name}" for name in loose])


def clone(path: Path, repo: Path, environ: Mapping[str, str]) -> None:
    """The repository of a bundle, its branch `main` checked out."""
    repo.mkdir(parents=True)
    git(repo, environ, "init", "--quiet", "--initial-branch=main")
    git(repo, environ, "fetch", "--quiet", "--update-head-ok", str(path), "+refs/*:refs/*")
    found = git(repo, environ, "for-each-ref", "--format=%(refname)", LOOSE).splitlines()
    _refs(repo, environ, [f"delete {name}" for name in found])
    git(repo, environ, "reset", "--quiet", "--hard")


def pack(root: Path, path: Path) -> None:
    """The worktrees below `root`, without times and owners, and without what Python keeps of its own."""
    found = [child for name in WORKTREES for child in sorted((root / name).rglob("*"))]
    found = [child for child in found if "__pycache__" not in child.parts]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for child in found:
            member = tar.gettarinfo(child, str(child.relative_to(root)))
            member.mtime = member.uid = member.gid = 0
            member.uname = member.gname = ""
            with io.BytesIO(child.read_bytes() if member.isreg() else b"") as content:
                tar.addfile(member, content if member.isreg() else None)
    path.write_bytes(gzip.compress(buffer.getvalue(), 9, mtime=0))


def unpack(path: Path, root: Path) -> None:
    """The worktrees as they stood; their files are the user's who runs this."""
    with tarfile.open(path) as tar:
        for member in tar:
            target = root / member.name
            assert target.resolve().is_relative_to(root.resolve()), member.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if member.isdir():
                target.mkdir(exist_ok=True)
            elif member.issym():
                target.symlink_to(member.linkname)
            else:
                content = tar.extractfile(member)
                assert content is not None, member.name
                target.write_bytes(content.read())
                target.chmod(member.mode)


def _refs(repo: Path, environ: Mapping[str, str], changes: list[str]) -> None:
    feed = "".join(f"{change}\n" for change in changes)
    subprocess.run(["git", "update-ref", "--stdin"], cwd=repo, env=environ, input=feed, text=True, check=True)
