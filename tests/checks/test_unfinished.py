"""Checks that something else ended, or kept from starting, say nothing of the work; what it did to itself does."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conductor.checks.evidence import UNSEEN, look
from conductor.checks.site import FAILED, PASSED, UNAVAILABLE, UNFINISHED, Result, combined
from conductor.config.settings import Settings
from conductor.events import Reference
from conductor.process.memory import of_the_group
from tests.checks.ground import Ground
from tests.support.places import ROOT

DIE = "import os, signal; os.kill(os.getpid(), signal.{})\n"


def works(tool: str) -> bool:
    """Whether it runs in the tests' empty home: a shim of rustup's is there and knows no toolchain."""
    if not shutil.which(tool):
        return False
    environ = {"PATH": os.environ["PATH"], "HOME": os.devnull}
    return subprocess.run([tool, "--version"], env=environ, capture_output=True, check=False).returncode == 0


needs = {tool: pytest.mark.skipif(not shutil.which(tool), reason=f"{tool} is not there") for tool in ("make", "npm")}
needs |= {tool: pytest.mark.skipif(not shutil.which(tool), reason=f"{tool} is not there") for tool in ("node",)}


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGXCPU", "SIGHUP"])
@pytest.mark.parametrize("kind", ["tests", "lint"])
def test_a_command_that_is_killed_is_no_failed_check(ground: Ground, name: str, kind: str) -> None:
    ground.commit({"die.py": DIE.format(name)})
    result = ground.check(kind, f"{sys.executable} die.py")
    assert (result.status, result.command) == (UNFINISHED, f"{sys.executable} die.py")
    assert result.exit_code and result.exit_code < 0
    assert f"ended from outside by {name}: " in result.summary


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGXCPU"])
@pytest.mark.parametrize("around", ["{} && echo done", "cd . && {} ; exit $?", "sh -c '{} && true'"])
def test_nor_is_one_of_which_a_shell_says_so(ground: Ground, name: str, around: str) -> None:
    ground.commit({"die.py": DIE.format(name)})
    result = ground.check("tests", around.format(f"{sys.executable} die.py"))
    assert result.status == UNFINISHED, result.output
    assert f"by {name} (exit {result.exit_code})" in result.summary


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGFPE", "SIGBUS", "SIGALRM"])
@pytest.mark.parametrize("around", ["{}", "{} && echo done"])
def test_a_crash_of_the_work_itself_is_a_failure(ground: Ground, name: str, around: str) -> None:
    ground.commit({"die.py": DIE.format(name)})
    assert ground.check("tests", around.format(f"{sys.executable} die.py")).status == FAILED


@pytest.mark.parametrize(
    "command",
    [
        f"{sys.executable} -c 'import os; os._exit(3)'",
        f"{sys.executable} -c 'raise MemoryError'",
        "exit 1",
        "exit 129",  # a usage error of git's
        "timeout 0.2 sleep 60",  # a limit that the specification set itself
        "sleep 60 & kill $!; wait $!; exit 1",
        "sleep 60 & kill -9 $!; wait $! || exit 1",
        "echo 'make: *** [Makefile:2: test] Error 1'; exit 2",
        "echo 'E   AssertionError: signal: killed'; exit 1",
        "echo 'FAILED t.py - subprocess.CalledProcessError: Command x died with <Signals.SIGKILL: 9>.'; exit 1",
        "echo 'signal: killed'; seq 30; exit 1",  # something that the tests said long before they ended
    ],
)
def test_what_the_work_brings_about_itself_is_a_failure(ground: Ground, command: str) -> None:
    ground.commit({"a": "1"})
    assert ground.check("tests", command).status == FAILED


def test_what_passes_passes_whatever_was_killed_on_the_way(ground: Ground) -> None:
    ground.commit({"a": "1"})
    result = ground.check("tests", "sleep 60 & kill -9 $!; wait $!; echo 'signal: killed'")
    assert (result.status, result.exit_code) == (PASSED, 0)


@pytest.mark.parametrize(
    "said",
    [
        "make: *** [Makefile:2: test] Killed",
        "make[1]: *** [Makefile:2: test] Killed\nmake[1]: Leaving directory '/x'\nmake: *** [Makefile:6: all] Error 2",
        "gmake: *** [Makefile:4: test] Error 137",
        "make: *** [Makefile:10: test] CPU time limit exceeded",
        "signal: killed\nFAIL\texample.com/m\t0.512s\nFAIL",
        "Caused by:\n  process didn't exit successfully: `/x/target/debug/deps/k-1` (signal: 9, SIGKILL: kill)",
        "npm ERR! signal SIGKILL\nnpm ERR! command sh -c jest",
        "npm error code SIGTERM",
        'error Command failed with signal "SIGKILL".\ninfo Visit https://yarnpkg.com for documentation.',
        ' ELIFECYCLE  Command failed with signal "SIGKILL".',
        "py311: exit -9 (0.50 seconds) /x> pytest pid=12\n  py311: FAIL code -9 (0.60=setup[0.10]+cmd[0.50] seconds)",
        "ERROR: InvocationError for command /x/.tox/py/bin/pytest (exited with code -9 (SIGKILL))",
        "nox > Command pytest failed with exit code -9",
        "> Process 'Gradle Test Executor 1' finished with non-zero exit value 137",
        "[ERROR] Process Exit Code: 137",
        "    A jest worker process (pid=8) was terminated by another process: signal=SIGKILL, exitCode=null.\n"
        + "\n".join(f"line {n}" for n in range(40)),
        "g++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.\n"
        "make: *** [Makefile:3: t.o] Error 1",
        "c++: internal compiler error: Killed (program cc1plus)\nmake: *** [t.o] Error 4",
        "example.com/m: /usr/lib/go/pkg/tool/linux_amd64/link: signal: killed\nFAIL\texample.com/m [build failed]",
        "/bin/bash: fork: retry: Resource temporarily unavailable\n/bin/bash: fork: Resource temporarily unavailable",
        "/bin/bash: line 1: fork: Cannot allocate memory",
        "sh: 1: Cannot fork",
        "Traceback (most recent call last):\n"
        "subprocess.CalledProcessError: Command '['pytest']' died with <Signals.SIGKILL: 9>.",
    ],
)
def test_a_tool_may_say_that_what_it_ran_was_killed(ground: Ground, said: str) -> None:
    ground.commit({"said": said + "\n"})
    result = ground.check("tests", "cat said; exit 2")
    assert result.status == UNFINISHED
    assert "ended from outside (exit 2, " in result.summary


@needs["make"]
@pytest.mark.parametrize("target", ["test", "outer"])
def test_make_says_so(ground: Ground, target: str) -> None:
    ground.commit(
        {"Makefile": f"test:\n\t{sys.executable} die.py\nouter:\n\t$(MAKE) test\n", "die.py": DIE.format("SIGKILL")}
    )
    assert ground.check("tests", f"make {target}").status == UNFINISHED


@needs["npm"]
def test_npm_says_so(ground: Ground) -> None:
    ground.commit({"package.json": '{"scripts": {"test": "node die.js"}}', "die.js": "process.kill(process.pid, 9);\n"})
    assert ground.check("tests").status == UNFINISHED


@needs["node"]
def test_node_says_so_of_a_file_of_tests(ground: Ground) -> None:
    dies = "require('node:test')('a', () => { process.kill(process.pid, 'SIGKILL'); });\n"
    ground.commit({"package.json": "{}", "sum.test.js": dies})
    assert ground.check("tests").status == UNFINISHED
    ground.commit({"sum.test.js": "require('node:test')('a', () => { process.abort(); });\n"})
    assert ground.check("tests").status == FAILED


@pytest.mark.skipif(not works("cargo"), reason="cargo is not there, or does nothing for who has an empty home")
def test_cargo_says_so(ground: Ground) -> None:
    dies = 'std::process::Command::new("sh").args(["-c", "kill -9 $PPID; sleep 9"]).status().unwrap();'
    manifest = '[package]\nname = "k"\nversion = "0.1.0"\nedition = "2021"\n'
    ground.commit({"Cargo.toml": manifest, "src/lib.rs": f"#[test]\nfn t() {{ {dies} }}\n", ".gitignore": "target\n"})
    result = ground.check("tests")
    assert result.status == UNFINISHED, result.output
    ground.commit({"src/lib.rs": "#[test]\nfn t() { std::process::abort(); }\n"})
    assert ground.check("tests").status == FAILED


# A child that takes more memory than its group may have is killed, and its parent, which is not, only fails.
HUNGRY = """
import os, subprocess, sys
from pathlib import Path
group, limit, procs = sys.argv[1:4]
Path(group, limit).write_text(str(64 << 20))
Path(group, procs).write_text(str(os.getpid()))
import asyncio
from conductor.process.ending import interrupted
from conductor.process.run import run
async def told(child):
    parent = f"import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', {child!r}]).returncode != 0)"
    done = await run([sys.executable, "-c", parent], cwd=Path("/"), timeout=60, env=dict(os.environ))
    print(done.exit_code, interrupted(done), sep="|")
asyncio.run(told("x = b'1' * (300 << 20)"))
asyncio.run(told("raise SystemExit(1)"))
"""


@pytest.fixture
def memory_group() -> Iterator[tuple[Path, str]]:
    """A control group of its own, and the name of its limit of memory; skips where none can be made."""
    for parent, limit in ((group.parent, _LIMITS[group.name]) for group in of_the_group()):
        made = parent / f"conductor-test-{os.getpid()}"
        with contextlib.suppress(OSError):
            made.mkdir()
            if (made / limit).exists():
                yield made, limit
                made.rmdir()
                return
            made.rmdir()
    pytest.skip("no control group can be made here that limits memory")


_LIMITS = {"memory.events": "memory.max", "memory.oom_control": "memory.limit_in_bytes"}


def test_a_tool_that_lost_a_worker_to_the_out_of_memory_killer(memory_group: tuple[Path, str]) -> None:
    """It says no more than that it failed; the system says the rest. Work that fails then of itself fails again."""
    group, limit = memory_group
    words = [sys.executable, "-c", HUNGRY, str(group), limit, "cgroup.procs"]
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    killed, failed = done.stdout.splitlines()
    assert killed == "1|disturbed (exit 1): the system ran out of memory and killed processes", done.stderr
    assert failed == "1|"


# ---- what could not be started ----------------------------------------------------------------------------------


def tool(folder: Path, text: str, mode: int = 0o755) -> None:
    """A ruff that is there when it is looked for."""
    folder.mkdir(exist_ok=True)
    (folder / "ruff").write_text(text)
    (folder / "ruff").chmod(mode)


@pytest.mark.parametrize("noted", [True, False])
@pytest.mark.parametrize(
    ("text", "why"), [("#!/no/such/interpreter\n", "not found|No such file"), ("\x7fELF\x02\x01", "Exec format error")]
)
def test_a_tool_that_is_there_and_cannot_be_started(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str, noted: bool
) -> None:
    tool(tmp_path / "tools", text)
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{os.environ['PATH']}")
    ground.note = tmp_path / "note" if noted else None
    ground.commit({"ruff.toml": "", "a.py": "x = 1\n"})
    result = ground.check("lint")
    assert result.status == UNFINISHED, result
    assert "could not be started (" in result.summary
    assert any(part in result.summary for part in why.split("|"))


@pytest.mark.parametrize("noted", [True, False])
def test_a_tool_that_goes_between_being_found_and_being_started(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noted: bool
) -> None:
    tool(tmp_path / "tools", "#!/bin/sh\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{os.environ['PATH']}")
    ground.note = tmp_path / "note" if noted else None
    ground.commit({"ruff.toml": "", "a.py": "x = 1\n"})
    which = shutil.which

    def found(name: str, **how: Any) -> str | None:
        there = which(name, **how)
        (tmp_path / "tools" / name).unlink(missing_ok=True)
        return there

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("conductor.checks.command.shutil.which", found)
        result = ground.check("lint")
    assert result.status == UNFINISHED, result
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:/usr/bin:/bin")
    assert ground.check("lint").status == UNAVAILABLE, "the second time it is not even found"


def test_a_command_line_that_is_too_long_for_this_machine(ground: Ground, tmp_path: Path) -> None:
    ground.note = tmp_path / "note"
    ground.commit({"a": "1"})
    result = ground.check("tests", "true " + "x" * 3_000_000)
    assert result.status == UNFINISHED
    assert "could not be started" in result.summary and "too long" in result.summary


def test_a_process_group_that_cannot_be_noted(ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when no space is left on the device. Nothing runs that could not be ended by a successor."""
    ground.note = tmp_path / "note"
    ground.commit({"a": "1"})
    assert ground.check("tests", "exit 125").status == FAILED, "it did start"
    monkeypatch.setattr("conductor.process.groups.uuid.uuid4", lambda: SimpleNamespace(hex="no-such-folder/file"))
    result = ground.check("tests", "touch ran; exit 125")
    assert result.status == UNFINISHED
    assert "could not be started (" in result.summary
    assert not (ground.path / "ran").exists()


def test_a_program_outside_of_the_work_that_a_shell_cannot_start(ground: Ground, tmp_path: Path) -> None:
    """One of the work itself is a file that somebody forgot to make executable: see the tests of commands."""
    tool(tmp_path / "tools", "\x7fELF\x02\x01")
    ground.commit({"mine": "\x7fELF\x02\x01"})
    (ground.path / "mine").chmod(0o755)
    assert ground.check("tests", str(tmp_path / "tools" / "ruff")).status == UNFINISHED
    assert ground.check("tests", str(ground.path / "mine")).status == FAILED
    assert ground.check("tests", "./mine").status == FAILED


# ---- what else runs something -----------------------------------------------------------------------------------


def killer(folder: Path, when: str) -> str:
    """An interpreter that is killed when its arguments hold `when`, and is Python else."""
    folder.mkdir(exist_ok=True)
    (folder / "python").write_text(
        f'#!/bin/sh\ncase "$*" in *{when}*) kill -9 $$ ;; esac\nexec {sys.executable} "$@"\n'
    )
    (folder / "python").chmod(0o755)
    return str(folder / "python")


def test_the_look_for_pytest_was_killed(ground: Ground, tmp_path: Path) -> None:
    """It is not that pytest is missing: nothing else is run in its place, that finds no tests and fails."""
    ground.settings = Settings(python=killer(tmp_path / "tools", "find_spec"))
    ground.commit({"tests/test_a.py": "def test_a():\n    pass\n"})
    result = ground.check("tests")
    assert result.status == UNFINISHED
    assert "pytest" in result.command


def test_the_look_at_imports_was_killed(ground: Ground, tmp_path: Path) -> None:
    ground.settings = Settings(python=killer(tmp_path / "tools", "resolve_imports"))
    ground.commit({"a.py": "import os\n"})
    assert ground.check("imports").status == UNFINISHED


@needs["node"]
def test_the_look_at_a_script_was_killed(ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "node").write_text("#!/bin/sh\nkill -9 $$\n")
    (tmp_path / "tools" / "node").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{os.environ['PATH']}")
    ground.commit({"package.json": "{}", "a.js": "const x = 1;\n"})
    assert ground.check("imports").status == UNFINISHED


def test_evidence_whose_command_was_killed_is_neither_true_nor_false(ground: Ground) -> None:
    import asyncio

    ground.commit({"die.py": DIE.format("SIGKILL")})
    seen = asyncio.run(look(Reference(command=f"{sys.executable} die.py", output="fine"), ground.site()))
    assert seen.status == UNSEEN
    assert "ended from outside by SIGKILL" in seen.summary


def test_of_several_suites_a_failed_one_fails_and_an_unfinished_one_is_not_passed_over() -> None:
    passed, failed, unfinished = Result(PASSED, "a"), Result(FAILED, "b"), Result(UNFINISHED, "c")
    assert combined([passed, unfinished, failed]).status == FAILED
    assert combined([passed, unfinished, Result(UNAVAILABLE, "d")]).status == UNFINISHED
