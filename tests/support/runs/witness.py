"""What must hold after any run, however it went: the user's checkout, processes, worktrees, refs, the record."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections import Counter
from pathlib import Path

from conductor.events import (
    AgentReported,
    AgentRequested,
    AttemptEnded,
    AttemptResumed,
    AttemptStarted,
    CheckpointCreated,
    PhaseCompleted,
    ToolReturned,
    TurnSaid,
)
from conductor.log.keys import transcript_of
from replay.verify import verify
from tests.support.folding import caught_up
from tests.support.runs.sandbox import Sandbox, git


class Checkout:
    """The user's checkout, byte for byte: files, index, HEAD, config, stash, and every ref that is not Conductor's."""

    def __init__(self, repo: Path) -> None:
        self.repo = repo
        self.files = {
            str(path.relative_to(repo)): (path.lstat().st_mode, _bytes(path))
            for path in sorted(repo.rglob("*"))
            if ".git" not in path.relative_to(repo).parts[:1]
        }
        self.index = _bytes(repo / ".git" / "index")
        self.head = _bytes(repo / ".git" / "HEAD")
        self.config = _bytes(repo / ".git" / "config")
        self.refs = [
            line
            for line in git(repo, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
            if not line.startswith(("refs/conductor/", "refs/heads/conductor/"))
        ]

    def differs(self) -> list[str]:
        """What is not as it was."""
        now = Checkout(self.repo)
        paths = self.files.keys() | now.files.keys()
        changed = [f"file {p}" for p in sorted(paths) if self.files.get(p) != now.files.get(p)]
        parts = ("index", "head", "config", "refs")
        return changed + [part for part in parts if getattr(self, part) != getattr(now, part)]


def _bytes(path: Path) -> bytes:
    if path.is_symlink():
        return bytes(path.readlink())
    return path.read_bytes() if path.is_file() else b""


class GitWitness:
    """The repository, read only, for `verify`."""

    def __init__(self, repo: Path) -> None:
        self.repo = repo

    def tree_of(self, commit: str) -> str | None:
        return git(self.repo, "rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}", check=False) or None

    def message(self, commit: str) -> str | None:
        return git(self.repo, "show", "--no-patch", "--format=%B", commit, check=False) or None

    def diff_paths(self, tree_a: str, tree_b: str) -> tuple[str, ...]:
        out = git(self.repo, "diff-tree", "-r", "-z", "--no-renames", "--name-only", tree_a, tree_b)
        return tuple(name for name in out.split("\0") if name)


def verified(sandbox: Sandbox, task: str) -> list[str]:
    """What `verify` finds wrong."""
    app = sandbox.app()
    caught_up(app.views)
    report = verify(app.store, task, GitWitness(sandbox.repo))
    return [f"{row.name}: {row.detail}" for row in report.rows if not row.ok]


def left_running(folder: Path) -> list[str]:
    """Processes that work in a folder, this one aside."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            cwd = (process / "cwd").readlink()
            state = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            if cwd.is_relative_to(folder) and int(process.name) != os.getpid() and state not in "ZX":
                found.append(f"{process.name}: {(process / 'cmdline').read_bytes().replace(bytes(1), b' ').decode()}")
    return found


def fingerprint(sandbox: Sandbox, task: str) -> dict[str, object]:
    """What a run came to, without what may differ between two runs of the same: ids, times, versions, processes."""
    state = sandbox.state(task)
    events = sandbox.bodies(task)
    return {
        "status": state.status,
        "open": list(state.open),
        "tree": git(sandbox.repo, "rev-parse", f"{state.branch}^{{tree}}"),
        "files": git(sandbox.repo, "ls-tree", "-r", "--name-only", state.branch).splitlines(),
        "subjects": git(sandbox.repo, "log", "--first-parent", "--format=%s", state.branch).splitlines(),
        "history": _shape(sandbox.repo, state.branch),
        "agents asked": Counter(_who(b) for b in events if isinstance(b, AgentRequested)),
        "agents reported": len([b for b in events if isinstance(b, AgentReported)]),
        "verdicts": Counter((b.role, b.verdict) for b in events if isinstance(b, AgentReported)),
        "completed": Counter(b.phase for b in events if isinstance(b, PhaseCompleted)),
        "checkpoints": [b.number for b in events if isinstance(b, CheckpointCreated)],
        "turns": _turns(sandbox, task),
        "refs": sorted(
            _plain(ref, task) for ref in git(sandbox.repo, "for-each-ref", "--format=%(refname)").splitlines()
        ),
        "worktrees": _plain(git(sandbox.repo, "worktree", "list", "--porcelain"), task).count("worktree "),
        "state folder": _folders(sandbox, task),
        "running": left_running(sandbox.root),
    }


def _who(body: AgentRequested) -> tuple[str, str | None, str | None]:
    return body.role, body.phase, body.module


def _turns(sandbox: Sandbox, task: str) -> Counter[tuple[str, int, str]]:
    """Each attempt's turns and the calls that count: what was cut off and played again counts once."""
    store = sandbox.app().store
    count: Counter[tuple[str, int, str]] = Counter()
    for stream in transcripts(sandbox, task):
        said: dict[int, list[str]] = {}
        for event in store.read(stream):
            match event.body:
                case TurnSaid(turn=number):
                    assert number not in said, f"turn {number} was said twice in {stream}"
                    said[number] = []
                case ToolReturned(turn=number, call=call):
                    said[number].append(call)
                case AttemptResumed(turn=number):
                    said[number] = []
                case AttemptStarted() | AttemptEnded():
                    count[_plain(stream, task), 0, event.type] += 1
        name = _plain(stream, task)
        count.update((name, number, call) for number, calls in said.items() for call in calls)
    return count


def transcripts(sandbox: Sandbox, task: str) -> list[str]:
    """The names of a task's transcript streams."""
    return [transcript_of(task, body.effect) for body in sandbox.bodies(task, AgentRequested)]


def _folders(sandbox: Sandbox, task: str) -> list[str]:
    """What lies in the state folder, worktrees' contents aside."""
    found = []
    for pattern in ("*", "worktrees/*", f"worktrees/{task}/*", f"worktrees/{task}/.set-aside/*", "running/*/*/*"):
        found += [_plain(str(path.relative_to(sandbox.home)), task) for path in sandbox.home.glob(pattern)]
    return sorted(set(found))


def _shape(repo: Path, branch: str) -> str:
    """The history as subjects and parents, without ids."""
    names: dict[str, str] = {}
    for line in git(repo, "log", "--reverse", "--topo-order", "--format=%H|%P|%s", branch).splitlines():
        commit, parents, subject = line.split("|", 2)
        made = "|".join([subject, *(names[parent] for parent in parents.split())])
        names[commit] = hashlib.sha256(made.encode()).hexdigest()[:12] + " " + subject
    return names[git(repo, "rev-parse", branch)]


def _plain(text: str, task: str) -> str:
    return text.replace(task, "TASK")
