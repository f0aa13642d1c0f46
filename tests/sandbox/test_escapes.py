"""Ways out of the worktree, tried with the sandbox and without it. Those that lead through git: `test_sandbox_git`."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from pathlib import Path

import pytest

from conductor.agents.tools.shell import FILES_BACK
from conductor.errors import WorkspaceError
from tests.sandbox.confinement import EXECUTOR, REVIEWER, Ground

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
