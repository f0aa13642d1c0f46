"""Record golden stores: `python -m tests.golden.record [PLAY …]`. Only for a new released version; it replaces none.

What a released version wrote must be read, verified and continued for ever. `--vocabulary` records one event of each
type. `--expect STORE …` writes anew what is expected of stores that stand, where what is shown was meant to change;
the stores themselves are not touched.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from conductor import __version__
from tests.golden import files, keys, plays, views, vocabulary
from tests.golden.plays import Play
from tests.golden.stage import EXPECTED, KEYS, REPOSITORY, SCRIPT, STORES, WORKTREES, Stage, Step
from tests.support.places import ROOT

NEUTRAL = (str(Path(__file__).with_name("neutral.py")),)
SYSTEM = "/usr/local/bin:/usr/bin:/bin"  # a user's own PATH leads to folders that nobody else has
SETTLED = 1.0  # seconds after which nothing is under way any more but what hangs
PATIENCE = 60.0  # seconds for a run to come to where it is killed


def record(play_name: str, url: str) -> None:
    """Play it, keep what it wrote, then see what it comes to."""
    play, name = plays.read(play_name), f"{play_name}-{__version__}"
    if (STORES / name).exists():
        sys.exit(f"{name} stands already, and is not to be replaced")
    try:
        _record(play_name, play, name, url)
    except BaseException:
        shutil.rmtree(STORES / name, ignore_errors=True)  # nothing half-written stays
        raise


def _record(play_name: str, play: Play, name: str, url: str) -> None:
    stage = Stage(name, url, f"g-{uuid.uuid4().hex[:12]}", conduct=NEUTRAL, PATH=SYSTEM)
    script = plays.script(play_name, play)
    with stage.held():
        _begin(stage, play_name, play, plays.hanging(script, play))
        with stage.answered(live=play.live):
            for step in play.record:
                _perform(stage, plays.filled(play_name, step, _places(stage)))
        time.sleep(SETTLED)
        places = _places(stage)
        _keep(stage, script)
        (stage.repo / ".git" / "go").touch()  # what was left running ends
        time.sleep(0.2)
    said = {end: plays.filled(play_name, steps, places) for end, steps in play.end.items()}
    expect(name, url, {"about": play.about, "version": __version__, "live": play.live, "said": said})
    if play.unbroken is not None:
        _compare(play_name, play, name, url)
    print(f"{name}: {sum(path.stat().st_size for path in stage.fixture.iterdir()) / 1000:.0f} kB")


def expect(name: str, url: str, told: dict[str, Any]) -> None:
    """Write down what a store shows, and what each of its ends comes to."""
    stage = Stage(name, url, f"g-{uuid.uuid4().hex[:12]}")
    stage.load()
    tasks = [view["id"] for view in stage.look("list")[0]]
    with stage.held():
        stage.restore(worktrees=True)
        told["tasks"] = {task: _task(stage, task) for task in tasks}
    told["ends"] = {end: _play_on(name, url, steps, told["live"]) for end, steps in told["said"].items()}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1)
    (stage.fixture / EXPECTED).write_text(text + "\n", encoding="utf-8")
    for path in stage.fixture.iterdir():
        _refuse_traces(path)


def _begin(stage: Stage, play_name: str, play: Play, script: str) -> None:
    shutil.copytree(plays.project(play_name, play), stage.repo, ignore=shutil.ignore_patterns("__pycache__"))
    stage.git("init", "--quiet")
    stage.git("add", "--all")
    stage.git("commit", "--quiet", "-m", "Begin")
    stage.script.write_text(script, encoding="utf-8")


def _perform(stage: Stage, step: Step) -> None:
    ending = plays.stops(step)
    if ending is None:
        return stage.perform(step)
    stage.perform({key: value for key, value in step.items() if key != "conduct"})
    process = stage.start(*step["conduct"])
    until = time.monotonic() + PATIENCE
    while not plays.reached(ending[1], counts := _counts(stage)):
        assert time.monotonic() < until and process.poll() is None, (counts, process.poll())
        time.sleep(0.05)
    time.sleep(SETTLED)
    process.send_signal(ending[0])
    process.communicate()
    return None


def _counts(stage: Stage) -> dict[str, Counter[str]]:
    server: Any = redis.Redis.from_url(stage.url)  # its types do not know that it answers in bytes
    names = keys.prefix(stage.namespace)
    streams = [key for key in server.keys(names.replace("{", "\\{") + "*") if server.type(key) == b"stream"]
    return {
        key.decode().removeprefix(names): Counter(
            json.loads(fields[keys.FIELD])["type"] for _, fields in server.xrange(key)
        )
        for key in streams
    }


def _places(stage: Stage) -> dict[str, str]:
    found = stage.look("list")[0]
    task = found[0]["id"] if found else "TASK"
    trees = str(stage.home / "worktrees" / task)
    return {"SCRIPT": str(stage.script), "REPO": str(stage.repo), "TASK": task, "TREES": trees}


def _keep(stage: Stage, script: str) -> None:
    stage.fixture.mkdir(parents=True)
    keys.dump(redis.Redis.from_url(stage.url), stage.namespace, stage.fixture / KEYS)
    files.bundle(stage.repo, stage.environ, stage.fixture / REPOSITORY)
    files.pack(stage.root, stage.fixture / WORKTREES)
    (stage.fixture / SCRIPT).write_text(script, encoding="utf-8")


def _task(stage: Stage, task: str) -> dict[str, Any]:
    shown = {view: views.shown(stage, task, view) for view in views.VIEWS}
    version = shown["status"]["version"]
    return {"views": shown, "history": views.history(stage, task, version), "verify": views.verified(stage, task)}


def _play_on(name: str, url: str, steps: list[Step], live: bool) -> dict[str, Any]:
    stage = Stage(name, url, f"g-{uuid.uuid4().hex[:12]}")
    stage.load()
    with stage.held():
        stage.restore(worktrees=True)
        with stage.answered(live=live):
            for step in steps:
                stage.perform(step)
        return views.came_to(stage)


def _compare(play_name: str, play: Play, name: str, url: str) -> None:
    """What was killed and continued is what it would have been otherwise."""
    stage = Stage(name, url, f"g-{uuid.uuid4().hex[:12]}")
    expected = stage.expected()
    with stage.held():
        _begin(stage, play_name, play, plays.script(play_name, play))
        (stage.repo / ".git" / "go").touch()
        run = {**play.record[0], "exit": play.unbroken}
        end, steps = next(iter(play.end.items()))
        with stage.answered(live=play.live):
            stage.perform(plays.filled(play_name, run, _places(stage)))
            for step in plays.filled(play_name, steps, _places(stage)):
                stage.perform(step)
        found = json.dumps(views.came_to(stage), sort_keys=True, indent=1).replace(_places(stage)["TASK"], "TASK")
    task = min(expected["tasks"])
    wanted = json.dumps(expected["ends"][end], sort_keys=True, indent=1).replace(task, "TASK")
    if found != wanted:
        import difflib

        lines = difflib.unified_diff(found.splitlines(), wanted.splitlines(), "unbroken", "killed", lineterm="", n=2)
        sys.exit("\n".join([f"{name} did not come to the end of an unbroken run:", *lines]))


def _refuse_traces(path: Path) -> None:
    """A fixture names no path and no host of the machine that it was recorded on."""
    import gzip

    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    host = socket.gethostname()
    for trace in (str(ROOT), str(Path.home()), sys.prefix, f":{host}/", f'"{host}"'):
        if len(trace) > 1 and trace.encode() in content:
            sys.exit(f"{path} names {trace}")


@contextmanager
def _server() -> Iterator[str]:
    home = Path(tempfile.mkdtemp(prefix="cdg-"))
    environ = {"CONDUCT_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}

    def conduct(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "conductor", *words],
            env=environ,
            cwd=home,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    try:
        conduct("server", "start")
        yield f"unix://{json.loads(conduct('server', 'status', '--json'))['status']['socket']}"
    finally:
        conduct("server", "stop")
        shutil.rmtree(home, ignore_errors=True)


def main(words: list[str]) -> None:
    with _server() as url:
        if words == ["--vocabulary"]:
            print(vocabulary.record(__version__))
        elif words[:1] == ["--expect"]:
            for name in words[1:] or sorted(path.name for path in STORES.iterdir()):
                told = Stage(name, url, "none").expected()
                expect(name, url, {key: told[key] for key in ("about", "version", "live", "said")})
        else:
            for play_name in words or plays.names():
                record(play_name, url)


if __name__ == "__main__":
    main(sys.argv[1:])
