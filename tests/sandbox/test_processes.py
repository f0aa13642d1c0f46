"""What commands leave running, print or put on the disk, with the sandbox and without it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from conductor.agents.tools.shell import LARGEST, OUTPUT
from tests.sandbox.confinement import REVIEWER, Ground
from tests.support.places import ROOT

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="found through /proc")


def running(mark: str) -> list[str]:
    """The commands of all processes that have `mark` in their arguments."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes()
        except OSError:
            continue
        if mark.encode() in words and int(file.parent.name) != os.getpid():
            found.append(words.replace(b"\0", b" ").decode(errors="replace"))
    return found


@pytest.fixture
def mark() -> str:
    return f"cdt-{uuid.uuid4().hex}"


# A process that lives until it is ended, and can be recognised.
STAYS = 'python3 -c "import time; time.sleep(600)" {mark}'
# Children that are gone before one has looked: each begins the next one and ends.
COMET = """'comet() {{ sleep 0.01; comet & }}; comet' {mark}"""


@LINUX
@pytest.mark.parametrize(
    "command",
    [
        f"{STAYS} & echo begun",
        f"nohup {STAYS} > /dev/null 2>&1 & echo begun",
        f"setsid {STAYS} & echo begun",
        f"(setsid {STAYS} &) & echo begun",
        f"setsid sh -c 'setsid {STAYS} & exec {STAYS}' & echo begun",
        f"env -i $(command -v setsid) /bin/sh -c 'PATH={os.environ['PATH']}; {STAYS}' & echo begun",
        f"trap '' TERM; {STAYS} & echo begun",
        f"bash -c {COMET} & setsid bash -c {COMET} & echo begun",
        f"{STAYS} <&- >&- 2>&- & disown; echo begun; kill -9 $$",
    ],
)
def test_nothing_stays_behind(ground: Ground, mark: str, command: str) -> None:
    result = ground.bash(command.format(mark=mark))

    assert result.text.startswith("begun\n")
    assert running(mark) == []


@LINUX
@pytest.mark.parametrize("command", [STAYS, f"setsid {STAYS} & wait", f"setsid -w {STAYS}"])
def test_nothing_outlives_the_time_limit(ground: Ground, mark: str, command: str) -> None:
    result = ground.bash(command.format(mark=mark), timeout=0.5)

    assert result.text == "[ended after 0.5 s]"
    assert running(mark) == []


@LINUX
def test_a_swarm_that_multiplies_is_ended(ground: Ground, mark: str) -> None:
    """A fork bomb with a fuse: this machine is not ours alone. In sessions of its own, so no group ends it."""
    (ground.worktree / "bomb.py").write_text(
        "import os, sys, time\n"
        "for level in range(6):\n"  # 64 processes at the most, all in sessions of their own
        "    if os.fork() == 0: os.setsid()\n"
        "time.sleep(600)\n"
    )

    result = ground.bash(f"python3 bomb.py {mark} & sleep 0.2; python3 bomb.py {mark}", timeout=1.0)

    assert result.text.endswith("[ended after 1 s]")
    assert running(mark) == []


CHILD = """
import sys
from pathlib import Path
from tests.sandbox.confinement import Ground
ground = Ground(Path(sys.argv[1]), sys.argv[2])
ground.bash(sys.argv[3], timeout=600)
"""


@LINUX
def test_nothing_outlives_conductor(ground: Ground, mark: str, tmp_path: Path) -> None:
    folder = tmp_path / "child"
    folder.mkdir()
    command = f"setsid {STAYS} & {STAYS}".format(mark=mark)
    arguments = [sys.executable, "-c", CHILD, str(folder), ground.way, command]
    child = subprocess.Popen(arguments, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL)

    until = time.monotonic() + 60
    while len([words for words in running(mark) if re.match(r"\S*python3 -c import time", words)]) < 2:
        assert child.poll() is None and time.monotonic() < until
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()

    while running(mark) and time.monotonic() < until:
        time.sleep(0.02)
    assert running(mark) == []


# ---- output and input ----------------------------------------------------------------------------------------------


def test_endless_output_is_cut(ground: Ground) -> None:
    result = ground.bash("echo first; yes", timeout=0.7)

    assert result.text.startswith("first\n")
    assert "bytes cut" in result.text
    assert result.text.endswith("y\n[ended after 0.7 s]")
    assert len(result.text) < OUTPUT + 200


def test_binary_output_becomes_text(ground: Ground) -> None:
    result = ground.bash("head -c 200000 /dev/urandom; printf '\\000\\033[2J\\377'; echo; echo end")

    assert result.text.endswith("end\n[exit code 0]")
    assert all(c in "\t\n" or c.isprintable() for c in result.text if ord(c) < 0x80)
    result.text.encode()


def test_one_endless_line_is_cut(ground: Ground) -> None:
    result = ground.bash("head -c 3000000 /dev/zero | tr '\\0' x")

    assert not result.error
    assert len(result.text) < OUTPUT + 200


@pytest.mark.parametrize("command", ["cat", "read line; echo got $line", "python3 -c 'print(input())'", "sh"])
def test_there_is_nothing_to_read(ground: Ground, command: str) -> None:
    assert ground.bash(f"{command}; echo end").text.endswith("end\n[exit code 0]")


def test_there_is_no_terminal(ground: Ground) -> None:
    assert ground.bash("exec 3<>/dev/tty").error


def test_what_the_command_ended_with_is_told(ground: Ground) -> None:
    assert ground.bash("exit 42").text == "[exit code 42]"
    assert ground.bash("no-such-command-at-all").text.endswith("[exit code 127]")
    assert ground.bash("kill -9 $$").error


def test_a_pipe_that_nobody_reads_ends_its_writer(ground: Ground) -> None:
    """Python ignores SIGPIPE; a command that inherits that complains, or never ends."""
    assert ground.bash("yes | head -n 1; echo ${PIPESTATUS[0]}").text == "y\n141\n[exit code 0]"


# ---- files ---------------------------------------------------------------------------------------------------------


def test_a_huge_file_is_not_written(ground: Ground) -> None:
    result = ground.bash("truncate -s 1T big.bin; ls")

    assert not (ground.worktree / "big.bin").exists() or (ground.worktree / "big.bin").stat().st_size <= LARGEST
    assert result.text  # the shell itself goes on
    assert ground.bash("truncate -s 1T big.bin").error


def test_a_fifo_holds_up_neither_the_agent_nor_conductor(ground: Ground) -> None:
    assert ground.bash("mkfifo pipe; cat pipe", timeout=0.5).text == "[ended after 0.5 s]"
    (ground.worktree / "work.txt").write_text("done\n")
    done = ground.commit()

    assert done.changed == ("work.txt",)


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems take only UTF-8")
def test_names_that_are_no_text_are_work_as_any_other(ground: Ground) -> None:
    assert not ground.bash(r"printf one > $'\xff\xfe'; mkdir $'d\xe9'; printf two > $'d\xe9/\x01\n'").error

    listed = ground.hands()._files.view(".")
    assert "\ufffd\ufffd" in listed
    done = ground.commit()
    assert sorted(done.changed) == ["\\xff\\xfe", "d\\xe9/\x01\n"]


def test_names_as_long_as_they_get_are_work_as_any_other(ground: Ground) -> None:
    name = "n" * 255
    assert not ground.bash(
        f"touch {name}; mkdir -p {'/'.join(['d' * 200] * 15)}; touch {'/'.join(['d' * 200] * 15)}/f"
    ).error

    assert len(ground.commit().changed) == 2


def test_a_path_longer_than_the_system_takes_does_not_stop_conductor(ground: Ground) -> None:
    deep = f"for i in $(seq 30); do mkdir {'d' * 200} && cd {'d' * 200} || exit 1; done; touch lost"
    assert not ground.bash(f"{deep}; cd /").error
    (ground.worktree / "work.txt").write_text("done\n")

    result = ground.bash("ls", REVIEWER)
    assert not result.error
    assert ground.commit().changed == ("work.txt",)
