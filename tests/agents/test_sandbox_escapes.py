"""Ways out of the worktree and into Conductor's own git, each tried with the sandbox and without it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from pathlib import Path

import pytest
from confinement import BWRAP, EXECUTOR, PLAIN, REVIEWER, Ground

from conductor.agents.shell import FILES_BACK, GIT_BACK
from conductor.errors import WorkspaceError


@pytest.fixture(params=[BWRAP, PLAIN])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    return Ground(tmp_path, request.param)


@pytest.fixture
def bwrap(tmp_path: Path) -> Ground:
    return Ground(tmp_path, BWRAP)


# ---- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "echo mine >> ../../../../outside/secret.txt",
        "echo mine >> {outside}/secret.txt",
        "ln -s {outside} out && echo mine >> out/secret.txt",
        "ln {outside}/secret.txt hard && echo mine >> hard",
        "mv {outside}/secret.txt taken",
        "rm -rf {outside}; cat {outside}/secret.txt",
        "cp -a {outside}/secret.txt taken",
        "mount --bind {outside} . || umount -l /tmp || mount -o remount,rw /; cat {outside}/secret.txt",
    ],
)
def test_what_lies_outside_can_neither_be_read_nor_written(bwrap: Ground, command: str) -> None:
    result = bwrap.bash(command.format(outside=bwrap.outside))

    assert result.error
    assert (bwrap.outside / "secret.txt").read_text() == "secret\n"
    assert not (bwrap.worktree / "taken").exists()
    assert "secret\n" not in result.text


def test_the_system_can_be_read_and_not_written(bwrap: Ground) -> None:
    assert not bwrap.bash("ls /usr/bin/env /etc/passwd").error
    assert "Read-only" in bwrap.bash("touch /usr/escaped /etc/escaped").text
    assert not Path("/usr/escaped").exists()


def test_the_home_folder_and_the_state_folder_are_empty_and_tools_in_the_home_folder_work(bwrap: Ground) -> None:
    home = bwrap.root / "home"
    for name in (".ssh/id", ".local/bin/tool", ".cargo/bin/rusty", ".cargo/credentials.toml"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("#!/bin/sh\necho it works\n")
        (home / name).chmod(0o755)
    (bwrap.home / "journal").write_text("x")
    environ = {**os.environ, "HOME": str(home), "PATH": f"{home}/.local/bin:{os.environ['PATH']}"}

    result = bwrap.bash(
        f"cd ~; find . -type f | sort; ls {bwrap.home} {bwrap.repo} {bwrap.home}/worktrees/t1;"
        " tool; touch ~/new; ls new",
        environ=environ,
    )

    assert not result.error, result.text
    assert result.text.startswith("./.cargo/bin/rusty\n./.local/bin/tool\n")
    assert f"{bwrap.home}:\nworktrees\n" in result.text
    assert f"{bwrap.repo}:\n\n" in result.text, "the user's checkout, which has files that are not in git"
    assert f"{bwrap.home}/worktrees/t1:\nparser\n" in result.text
    assert result.text.endswith("it works\nnew\n[exit code 0]")
    assert not (home / "new").exists()


def test_a_tool_does_not_write_through_a_link_that_a_command_made(ground: Ground) -> None:
    secret = ground.outside / "secret.txt"
    ground.bash(f"ln -s {secret} soft; ln -s {ground.outside} folder; ln {secret} hard")
    hands = ground.hands()

    for path in ("soft", "folder/secret.txt", "hard"):
        asyncio.run(hands.call("create", {"path": path, "text": "mine\n"}))

    assert secret.read_text() == "secret\n"


def test_a_working_directory_that_was_replaced_is_no_place_to_work(ground: Ground) -> None:
    hands = ground.hands()
    asyncio.run(hands.call("bash", {"command": f'cd /; rm -rf "$OLDPWD"; ln -s {ground.other} "$OLDPWD"'}))

    written = asyncio.run(hands.call("create", {"path": "new.txt", "text": "x"}))
    asyncio.run(hands.call("bash", {"command": "touch newer.txt"}))

    assert sorted(p.name for p in ground.other.iterdir()) == [".git", ".gitignore", "README.md"]
    if ground.confined:
        assert not ground.worktree.is_symlink()
        assert sorted(p.name for p in ground.worktree.iterdir()) == [".git", "new.txt", "newer.txt", "other"]
    else:
        assert "removed or replaced" in written.text
        with pytest.raises(WorkspaceError, match="symbolic link"):
            ground.workspace.snapshot(ground.worktree)


# ---- git -----------------------------------------------------------------------------------------------------------


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
    ground.workspace.prepare("conduct/t2", ground.base, ground.worktree.parent / "second")
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
    assert ground.workspace.begin_integration(ground.worktree, "conduct/m", ours=ours, theirs=theirs) == ("README.md",)

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
    again.workspace.prepare("conduct/t2", bwrap.base, again.worktree)

    assert again.bash("git show HEAD:README.md").text == "repo\n[exit code 0]"


# ---- roles that only read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "echo mine > new.txt",
        "echo mine >> README.md",
        "rm README.md",
        "mkdir -p a/b; mv README.md a/b/",
        "chmod +x README.md",
        "rm .git; rm README.md",
        "find . -delete",
    ],
)
def test_a_role_that_only_reads_changes_nothing(ground: Ground, command: str) -> None:
    (ground.worktree / "half.txt").write_text("work that is not committed\n")
    before = ground.workspace.snapshot(ground.worktree)

    result = ground.bash(command, REVIEWER)

    assert result.error
    assert ground.confined or FILES_BACK in result.text
    assert ground.workspace.snapshot(ground.worktree) == before
    assert (ground.worktree / "half.txt").read_text() == "work that is not committed\n"
    assert (ground.worktree / ".git").read_bytes() == ground.dot


def test_a_role_that_only_reads_can_run_tests(ground: Ground) -> None:
    result = ground.bash('echo x > /tmp/$$; python3 -c "print(6 * 7)"; git diff; rm -f /tmp/$$', REVIEWER)

    assert result.text == "42\n[exit code 0]"


# ---- secrets and the network ---------------------------------------------------------------------------------------


def test_no_secret_is_in_the_environment_of_a_command(ground: Ground) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(ground.root),
        "ANTHROPIC_API_KEY": "hidden-1",
        "CONDUCT_REDIS_URL": "redis://:hidden-2@localhost/0",
        "MY_OWN_THING": "hidden-3",
        "PIP_INDEX_URL": "https://hidden-4@example.org/simple",
        "SSH_AUTH_SOCK": "hidden-5",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": "hidden-6",
    }

    # All processes that can be seen, but those of others: without a sandbox Conductor's own is among them.
    whose = "/proc/[0-9]*" if ground.confined else "/proc/self"
    result = ground.bash(f"env; cat {whose}/environ | tr '\\0' '\\n'", environ=environ)

    assert "PATH=" in result.text
    assert "hidden-" not in result.text


@pytest.mark.parametrize("network", [False, True])
def test_the_network_is_reached_only_where_it_is_allowed(ground: Ground, network: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        code = f"import socket; socket.create_connection({address}, 5); print('reached')"
        result = ground.bash(f'python3 -c "{code}"', network=network)

    assert ("reached" in result.text) is (network or not ground.confined)


def test_sockets_of_the_state_folder_and_of_daemons_are_out_of_reach(bwrap: Ground, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    folder = Path(str(tmp_path_factory.mktemp("s")))  # short: the path of a socket has few bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "door"))
        server.listen()
        code = f"import socket; socket.socket(socket.AF_UNIX).connect('{folder}/door')"
        assert "FileNotFoundError" in bwrap.bash(f'python3 -c "{code}"; ls -A /run', network=True).text
    shutil.rmtree(folder)


def test_an_agent_is_told_what_holds(ground: Ground) -> None:
    said = {d["name"]: d["description"] for d in ground.hands(EXECUTOR).definitions()}["bash"]

    assert ("the network cannot be reached" in said) is ground.confined
