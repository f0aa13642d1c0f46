"""Commands as they are run: what comes back, and that nothing stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import conductor
from conductor.process import groups
from conductor.process.environment import scrubbed_environment
from conductor.process.groups import end_left_over
from conductor.process.identity import place, started
from conductor.process.run import Finished, run


def go(command: str | list[str], cwd: Path, timeout: float = 30, **more: Any) -> Finished:
    return asyncio.run(run(command, cwd=cwd, timeout=timeout, env=scrubbed_environment(os.environ), **more))


def alive(pid: int) -> bool:
    return started(pid) is not None


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)


def test_output_is_interleaved_and_the_exit_code_is_the_commands(tmp_path: Path) -> None:
    done = go("echo one; echo two >&2; echo three; exit 3", tmp_path)
    assert (done.exit_code, done.output, done.timed_out, done.cut) == (3, "one\ntwo\nthree\n", False, 0)


def test_words_are_not_read_by_a_shell(tmp_path: Path) -> None:
    assert go(["echo", "$HOME; *"], tmp_path).output == "$HOME; *\n"


def test_a_signal_is_a_negative_exit_code(tmp_path: Path) -> None:
    assert go("kill -KILL $$", tmp_path).exit_code == -signal.SIGKILL


@pytest.mark.parametrize("noted", [False, True])
def test_what_cannot_be_started_ends_as_in_a_shell(tmp_path: Path, noted: bool) -> None:
    note = tmp_path / "note" if noted else None
    (tmp_path / "plain").write_text("x")
    assert go(["no-such-tool"], tmp_path, note=note).exit_code == 127
    assert go([str(tmp_path / "plain")], tmp_path, note=note).exit_code == 126
    assert go(["echo", "a\0b"], tmp_path, note=note).exit_code == 126


def test_input_is_given_or_empty(tmp_path: Path) -> None:
    assert go("cat", tmp_path).output == ""
    assert go("cat", tmp_path, stdin="hé").output == "hé"
    assert go("exit 0", tmp_path, stdin="x" * 1_000_000).exit_code == 0


def test_output_that_is_not_text_is_replaced(tmp_path: Path) -> None:
    assert go(r"printf 'a\377b'", tmp_path).output == "a\N{REPLACEMENT CHARACTER}b"


def test_long_output_is_cut_in_the_middle(tmp_path: Path) -> None:
    done = go("echo first; seq 1 20000; echo last", tmp_path, output_limit=200)
    assert done.output.startswith("first\n")
    assert done.output.endswith("last\n")
    assert f"[... {done.cut} bytes cut ...]" in done.output
    assert len(done.output) < 300


def test_endless_output_is_bounded_by_the_time_limit(tmp_path: Path) -> None:
    done = go("yes", tmp_path, timeout=0.3, output_limit=1000)
    assert done.timed_out
    assert done.exit_code is None
    assert len(done.output) < 1200


def test_the_time_limit_ends_children_too_even_stubborn_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "GRACE", 0.2)
    done = go("trap '' TERM; sh -c 'echo $$; trap \"\" TERM; while :; do sleep 60; done'", tmp_path, timeout=0.5)
    assert done.timed_out
    assert not alive(int(done.output.split()[0]))


def test_what_a_command_leaves_behind_is_ended(tmp_path: Path) -> None:
    done = go("sleep 600 & echo $!", tmp_path)
    assert done.exit_code == 0
    assert not alive(int(done.output))


def test_a_daemon_that_holds_the_pipe_does_not_hang_us(tmp_path: Path) -> None:
    script = (
        "import os, sys, time\nif os.fork() == 0:\n  os.setsid(); print(os.getpid(), flush=True); time.sleep(600)\n"
    )
    script += "time.sleep(0.5)"
    done = go([sys.executable, "-c", script], tmp_path)
    assert done.exit_code == 0
    os.kill(int(done.output), signal.SIGKILL)  # it left the group: ours to end here


def test_cancelling_ends_the_group(tmp_path: Path) -> None:
    async def cancelled() -> int:
        command = "sleep 600 & echo $! > pid.new; mv pid.new pid; wait"
        task = asyncio.create_task(run(command, cwd=tmp_path, timeout=600, env=dict(os.environ)))
        while not (tmp_path / "pid").exists():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return int((tmp_path / "pid").read_text())

    assert not alive(asyncio.run(cancelled()))


def test_the_note_is_there_while_it_runs_and_gone_after(tmp_path: Path) -> None:
    note = tmp_path / "note"
    done = go(f"cat {note}/*", tmp_path, note=note)
    owner, owner_start, group, start, where = done.output.splitlines()
    assert (int(owner), owner_start, where) == (os.getpid(), started(os.getpid()), place())
    assert group.isdigit()
    assert start
    assert list(note.iterdir()) == []


def test_a_running_process_of_a_living_owner_is_left_alone(tmp_path: Path) -> None:
    async def both() -> tuple[int, Finished]:
        note = tmp_path / "note"
        running = asyncio.create_task(
            run("while [ ! -e stop ]; do sleep 0.02; done", cwd=tmp_path, timeout=60, env=dict(os.environ), note=note)
        )
        while not list(note.glob("*")):
            await asyncio.sleep(0.01)
        ended = await asyncio.to_thread(end_left_over, note)
        (tmp_path / "stop").touch()
        return ended, await running

    ended, done = asyncio.run(both())
    assert ended == 0
    assert done.exit_code == 0


ORCHESTRATOR = """
import asyncio, os, sys
from pathlib import Path
from conductor.process.run import run
here = Path(sys.argv[1])
asyncio.run(run(sys.argv[2], cwd=here, timeout=600, env=dict(os.environ), note=here / "note"))
"""


def killed_orchestrator(folder: Path, command: str) -> int:
    """The pid that `command` wrote to the file `pid`, after its orchestrator was killed."""
    top = Path(conductor.__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(top)}
    orchestrator = subprocess.Popen([sys.executable, "-c", ORCHESTRATOR, str(folder), command], env=environment)
    wait_for((folder / "pid").exists)
    orchestrator.kill()
    orchestrator.wait()
    return int((folder / "pid").read_text())


def test_what_a_killed_orchestrator_left_running_is_ended(tmp_path: Path) -> None:
    left = killed_orchestrator(tmp_path, "sleep 600 & echo $! > pid.new; mv pid.new pid; wait")
    assert alive(left)
    assert end_left_over(tmp_path / "note") == 1
    wait_for(lambda: not alive(left))
    assert list((tmp_path / "note").iterdir()) == []
    assert end_left_over(tmp_path / "note") == 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="told apart by /proc")
def test_children_are_ended_when_the_leader_is_gone(tmp_path: Path) -> None:
    command = (
        "sleep 600 & echo $$ > leader; echo $! > pid.new; mv pid.new pid; while [ ! -e stop ]; do sleep 0.02; done"
    )
    left = killed_orchestrator(tmp_path, command)
    (tmp_path / "stop").touch()
    leader = int((tmp_path / "leader").read_text())
    wait_for(lambda: not alive(leader))
    assert alive(left)
    assert end_left_over(tmp_path / "note") == 1
    wait_for(lambda: not alive(left))


def test_a_reused_pid_is_not_ended(tmp_path: Path) -> None:
    bystander = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        note = tmp_path / "note"
        note.mkdir()
        (note / "old").write_text(f"999999999\nlong ago\n{bystander.pid}\nanother time\n{place()}\n")
        assert end_left_over(note) == 0
        assert bystander.poll() is None
        assert list(note.iterdir()) == []
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="told apart by /proc")
@pytest.mark.parametrize("where", [["another boot pid:[4026531836]"], [""], []])
def test_ids_noted_elsewhere_name_nobody_here(tmp_path: Path, where: list[str]) -> None:
    """In another boot or namespace, or who knows where: what has the mark is ended, what has the number is not."""
    note = tmp_path / "note"
    note.mkdir()
    bystander = subprocess.Popen(["sleep", "600"], start_new_session=True)
    left = subprocess.Popen(["sleep", "600"], start_new_session=True, env={**os.environ, "CONDUCTOR_RUN": "left"})
    try:
        ids = [str(os.getpid()), started(os.getpid()), str(bystander.pid), started(bystander.pid), *where]
        (note / "left").write_text("".join(f"{line}\n" for line in ids))
        wait_for(lambda: b"CONDUCTOR_RUN=left" in Path(f"/proc/{left.pid}/environ").read_bytes())
        assert end_left_over(note) == 1
        assert left.wait(timeout=20) == -signal.SIGTERM
        assert bystander.poll() is None
        assert list(note.iterdir()) == []
    finally:
        for process in (bystander, left):
            process.kill()
            process.wait()


def test_no_notes_is_nothing_to_end(tmp_path: Path) -> None:
    assert end_left_over(tmp_path / "nowhere") == 0


def test_secrets_and_git_settings_do_not_reach_a_command() -> None:
    environ = {
        "PATH": "/bin",
        "HOME": "/home/a",
        "LC_ALL": "C",
        "GOPATH": "/go",
        "https_proxy": "http://proxy:3128",
        "NODE_EXTRA_CA_CERTS": "/ca.pem",
        "CARGO_HOME": "/cargo",
        "ANTHROPIC_API_KEY": "k",
        "GITHUB_TOKEN": "t",
        "CARGO_REGISTRY_TOKEN": "t",
        "NODE_AUTH_TOKEN": "t",
        "PIP_INDEX_URL": "https://user:pass@index.example.org/",
        "GIT_DIR": "/elsewhere",
        "GOOGLE_CLOUD_PROJECT": "p",
        "PYTHONPATH": "/mine",
    }
    kept = scrubbed_environment(environ, extra={"MY_TOKEN": "wanted"})
    assert kept == {
        "PATH": "/bin",
        "HOME": "/home/a",
        "LC_ALL": "C",
        "GOPATH": "/go",
        "https_proxy": "http://proxy:3128",
        "NODE_EXTRA_CA_CERTS": "/ca.pem",
        "CARGO_HOME": "/cargo",
        "TERM": "dumb",
        "CI": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MY_TOKEN": "wanted",
    }
    assert scrubbed_environment(environ, home=Path("/other"))["HOME"] == "/other"
