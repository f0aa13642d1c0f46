"""Ways through git into the user's repository and Conductor's own work, with the sandbox and without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor.agents.tools.shell import GIT_BACK
from conductor.ids import Branch
from tests.sandbox.confinement import PLAIN, Ground


def test_git_can_be_read(ground: Ground) -> None:
    (ground.worktree / "README.md").write_text("changed\n")

    result = ground.bash("git status --short && git diff | tail -n 1 && git log --format=%s && git show HEAD:README.md")

    assert result.text == " M README.md\n+changed\nBegin\nrepo\n[exit code 0]"


@pytest.mark.parametrize(
    "command",
    [
        "git -C {repo} commit --quiet --allow-empty -m mine",
        "git -C {repo} checkout --quiet -b mine",
        "git -C {repo} reset --quiet --hard HEAD~0; git -C {repo} branch mine",
        "git --git-dir={repo}/.git --work-tree={repo} update-ref refs/heads/mine HEAD",
        "git --git-dir={repo}/.git config alias.st status",
        "git config user.name mine",
        "echo x > {repo}/README.md; cat {repo}/.gitignore",
        "rm -rf {repo}/.git/objects {repo}/.git/refs",
        "git branch mine",
        "git commit --quiet --allow-empty -m mine",
        "git -C {other} commit --quiet --allow-empty -m mine",
    ],
)
def test_the_users_repository_stays_as_it_is(bwrap: Ground, command: str) -> None:
    def state(repo: Path) -> list[str]:
        refs = bwrap.git(repo, "for-each-ref")
        return [refs, (repo / ".git" / "config").read_text(), (repo / ".git" / "HEAD").read_text()]

    before = [state(bwrap.repo), state(bwrap.other)]
    result = bwrap.bash(f"export GIT_AUTHOR_NAME=a GIT_COMMITTER_NAME=a EMAIL=a@b.c\n{command}".format(**vars(bwrap)))

    assert result.error
    assert [state(bwrap.repo), state(bwrap.other)] == before
    assert (bwrap.repo / "README.md").read_text() == "repo\n"


TRAPS = {
    "fsmonitor": "git config core.fsmonitor '{trap}; true'",
    "fsmonitor of the worktree": "git config extensions.worktreeConfig true;"
    " git config --worktree core.fsmonitor '{trap}; true'",
    "hooks path": "mkdir hooks; for h in {hooks}; do printf '#!/bin/sh\\n{trap}\\n' > hooks/$h; done; chmod +x hooks/*;"
    ' git config core.hooksPath "$PWD/hooks"',
    "shared hooks": 'd=$(git rev-parse --git-common-dir)/hooks; mkdir -p "$d"; for h in {hooks}; do'
    ' printf \'#!/bin/sh\\n{trap}\\n\' > "$d/$h"; chmod +x "$d/$h"; done',
    "filter": "git config filter.x.clean '{trap}; cat'; git config filter.x.smudge '{trap}; cat';"
    " echo '* filter=x' > .gitattributes",
    "filter process": "git config filter.x.process '{trap}'; echo '* filter=x' > .gitattributes",
    "merge driver": "git config merge.x.driver '{trap}; true'; echo '* merge=x' > .gitattributes",
    "ssh": "git config core.sshCommand '{trap}'; git config remote.origin.url ssh://x/y;"
    " git config extensions.partialClone origin; git config remote.origin.promisor true",
    "aliases": "for a in status add write-tree read-tree; do git config alias.$a '!{trap}'; done",
    "include": "printf '[core]\\n\\tfsmonitor = \"{trap}; true\"\\n' > more.cfg;"
    ' git config include.path "$PWD/more.cfg"',
    "pager and editor": "git config core.pager '{trap}'; git config core.editor '{trap}';"
    " git config diff.external '{trap}'",
}
HOOKS = "pre-commit post-commit post-checkout post-index-change reference-transaction pre-merge-commit post-merge"


@pytest.mark.parametrize("trap", TRAPS)
def test_conductors_own_git_runs_nothing_that_an_agent_set(ground: Ground, trap: str) -> None:
    witness = ground.root / "witness"
    ground.bash(TRAPS[trap].format(trap=f"touch {witness}", hooks=HOOKS))
    witness.unlink(missing_ok=True)  # an agent's own git may run what it likes
    (ground.worktree / "work.txt").write_text("done\n")

    tree = ground.workspace.snapshot(ground.worktree)
    ground.workspace.restore(ground.worktree, tree)
    done = ground.commit()
    ground.workspace.discard(ground.worktree, done.commit)
    ground.workspace.prepare(Branch("conduct/t2"), ground.base, ground.worktree.parent / "second")
    ground.workspace.merge(ground.worktree.parent / "second", done.commit, "Merge", effect="e2")
    ground.workspace.remove(ground.worktree)

    assert not witness.exists()
    assert ground.read(done.commit, "work.txt") == b"done\n"
    if ground.confined:
        assert str(witness) not in (ground.repo / ".git" / "config").read_text()
        assert not list((ground.repo / ".git" / "hooks").glob("post-commit"))


def test_such_a_trap_is_one(tmp_path: Path) -> None:
    """What is shown above would show nothing if git did not run these."""
    ground = Ground(tmp_path, PLAIN)
    witness = ground.root / "witness"
    ground.bash(TRAPS["fsmonitor"].format(trap=f"touch {witness}"))
    witness.unlink(missing_ok=True)

    ground.git(ground.worktree, "status")

    assert witness.exists()


@pytest.mark.parametrize(
    "command",
    [
        "rm .git",
        "rm .git; git init --quiet .",
        "echo 'gitdir: {other}/.git' > .git",
        "rm .git; ln -s {other}/.git .git",
        "rm .git; mkdir .git",
        "rm .git; cp -r {other}/.git .git",
        "rm .git; mkfifo .git",
        "mv .git elsewhere",
    ],
)
def test_a_git_file_that_was_replaced_is_put_back(ground: Ground, command: str) -> None:
    before = ground.git(ground.other, "for-each-ref")
    result = ground.bash(f"echo done > work.txt; {command}".format(**vars(ground)))

    assert result.error
    assert result.text.endswith(GIT_BACK) is not ground.confined  # there it was never gone
    assert (ground.worktree / ".git").read_bytes() == ground.dot
    assert ground.bash("git log --format=%s; git rev-parse --abbrev-ref HEAD").text.startswith("Begin\nconduct/t1\n")
    done = ground.commit()
    assert ground.read(done.commit, "work.txt") == b"done\n"
    assert ground.git(ground.repo, "rev-parse", "conduct/t1") == done.commit
    assert ground.git(ground.other, "for-each-ref") == before
    assert ground.git(ground.other, "status", "--porcelain") == ""


def test_git_without_its_file_does_not_find_the_repository_around_it(tmp_path: Path) -> None:
    ground = Ground(tmp_path, PLAIN)
    ground.git(ground.root, "init", "--quiet")

    assert "not a git repository" in ground.bash("rm .git; git add --all").text


def test_the_index_can_be_written_while_a_merge_waits(ground: Ground) -> None:
    """Only there can be said that a conflict is resolved as it stands."""
    for branch, data in (("ours", b"\0ours"), ("theirs", b"\0theirs")):
        ground.git(ground.repo, "checkout", "--quiet", "-b", branch, ground.base)
        (ground.repo / "README.md").write_bytes(data)
        ground.git(ground.repo, "commit", "--quiet", "--all", "-m", branch)
    ground.worktree = ground.worktree.parent / "merge"
    ours, theirs = (ground.git(ground.repo, "rev-parse", name) for name in ("ours", "theirs"))
    assert ground.workspace.begin_integration(ground.worktree, Branch("conduct/m"), ours=ours, theirs=theirs) == (
        "README.md",
    )

    assert ground.bash("git status --short").text.startswith("UU README.md\n")
    assert not ground.bash("git reset --quiet -- README.md").error
    if ground.confined:  # but what says where the worktree belongs
        assert ground.bash("git symbolic-ref HEAD refs/heads/main").error
        assert ground.bash('echo /elsewhere > "$(git rev-parse --git-dir)/gitdir"').error

    done = ground.workspace.finish_integration(ground.worktree, "Merge", effect="e1")
    assert ground.git(ground.repo, "show", "--format=%P", "--no-patch", done.commit) == f"{ours} {theirs}"  # type: ignore[union-attr]


def test_objects_that_are_borrowed_from_another_repository_are_there(bwrap: Ground) -> None:
    shared = bwrap.root / "shared"
    bwrap.git(bwrap.root, "clone", "--quiet", "--shared", str(bwrap.repo), str(shared))
    again = Ground.__new__(Ground)
    vars(again).update(vars(bwrap), repo=shared)
    again.workspace = type(bwrap.workspace)(shared, "t2", bwrap.home / "worktrees" / "t2")
    again.worktree = bwrap.home / "worktrees" / "t2" / "parser"
    again.workspace.prepare(Branch("conduct/t2"), bwrap.base, again.worktree)

    assert again.bash("git show HEAD:README.md").text == "repo\n[exit code 0]"
