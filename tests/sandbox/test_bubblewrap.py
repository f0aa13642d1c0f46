"""When there is a sandbox: what the settings say, what this machine can, and the arguments that come of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from conductor.app import App
from conductor.config.configuration import read_settings
from conductor.config.environment import Environment
from conductor.config.settings import Settings
from conductor.errors import UsageError
from conductor.sandbox import mounts
from conductor.sandbox.bubblewrap import Places, Sandbox, insist, probe, sandbox
from conductor.tasks.create import create
from tests.support.agents.stage import repository
from tests.support.places import EXAMPLE, ROOT

WORKS = "#!/bin/sh\nexit 0\n"
REFUSED = "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n"
ONLY_WITH_NETWORK = '#!/bin/sh\ncase "$*" in *--unshare-net*) echo "bwrap: loopback: Failed" >&2; exit 1;; esac\n'


def machine(folder: Path, program: str | None) -> dict[str, str]:
    """The environment of a machine whose bubblewrap is this shell script."""
    (folder / "bin").mkdir(parents=True)
    if program is not None:
        (folder / "bin" / "bwrap").write_text(program)
        (folder / "bin" / "bwrap").chmod(0o755)
    return {"PATH": str(folder / "bin"), "HOME": str(folder)}


def test_present_is_not_enough(tmp_path: Path) -> None:
    works = probe(machine(tmp_path / "a", WORKS))
    missing = probe(machine(tmp_path / "b", None))
    refused = probe(machine(tmp_path / "c", REFUSED))
    network = machine(tmp_path / "d", ONLY_WITH_NETWORK)

    assert (works.program, works.reason) == (str(tmp_path / "a" / "bin" / "bwrap"), "")
    assert (missing.program, missing.reason) == ("", "bubblewrap is not installed")
    assert "apt install bubblewrap" in missing.hint
    assert refused.program == ""
    assert "setting up uid map: Permission denied" in refused.reason
    assert "AppArmor" in refused.hint
    assert "loopback: Failed" in probe(network).reason
    assert probe(network, network=True).program


@pytest.mark.parametrize(
    ("setting", "program", "confined"),
    [
        ("auto", WORKS, True),
        ("auto", REFUSED, False),
        ("auto", None, False),
        ("off", WORKS, False),
        ("require", WORKS, True),
    ],
)
def test_the_settings_say_whether_there_is_one(
    tmp_path: Path, setting: str, program: str | None, confined: bool
) -> None:
    environ = machine(tmp_path, program)
    places = Places(tmp_path / "state", tmp_path, tmp_path / ".git")
    settings = Settings(sandbox=setting)  # type: ignore[arg-type]

    assert (sandbox(settings, tmp_path, places, environ=environ, writable=True) is not None) is confined


@pytest.mark.parametrize(("program", "says"), [(None, "not installed"), (REFUSED, "does not work here")])
def test_one_that_is_required_and_not_there_is_an_error_with_the_way_out(
    tmp_path: Path, program: str | None, says: str
) -> None:
    with pytest.raises(UsageError, match=says) as refused:
        insist(Settings(sandbox="require"), machine(tmp_path, program))

    assert 'sandbox = "require"' in str(refused.value)
    assert 'sandbox = "auto"' in str(refused.value.hint)


def test_a_task_that_requires_one_is_refused_before_it_is_recorded(
    tmp_path: Path, server_url: str, namespace: str
) -> None:
    repo = repository(tmp_path / "repo")
    spec = repo / "READY.md"
    spec.write_text((EXAMPLE / "project" / ".prelude" / "READY.md").read_text())
    (repo / "conductor.toml").write_text('sandbox = "require"\n')
    search = f"{machine(tmp_path, REFUSED)['PATH']}:{os.environ['PATH']}"
    variables = {**os.environ, "CONDUCT_HOME": str(tmp_path / "home"), "CONDUCT_REDIS_URL": server_url}
    app = App(Environment.read({**variables, "CONDUCT_NAMESPACE": namespace, "PATH": search}))

    with pytest.raises(UsageError, match="does not work here"):
        create(app, spec, repository=repo, agent=f"scripted:{EXAMPLE / 'script.toml'}", actor="person:ada")

    assert app.store.tasks() == []


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ('sandbox = "on"', '"auto" (if bubblewrap works)'),
        ("sandbox = true", '"auto" (if bubblewrap works)'),
        ('network = "no"', "true, false"),
    ],
)
def test_a_setting_that_is_none_says_what_is_allowed(tmp_path: Path, line: str, allowed: str) -> None:
    (tmp_path / "conductor.toml").write_text(line)

    with pytest.raises(UsageError, match=line.partition(" ")[0]) as refused:
        read_settings(tmp_path)

    assert str(refused.value.allowed).startswith(allowed)


def test_the_default_is_as_safe_as_the_machine_can_without_asking_for_anything(tmp_path: Path) -> None:
    settings = read_settings(tmp_path)

    assert (settings.sandbox, settings.network) == ("auto", False)


@pytest.mark.parametrize(
    ("program", "ok", "says"),
    [(WORKS, True, "agents' commands are confined"), (REFUSED, None, "run with your rights and reach the network")],
)
def test_the_doctor_says_which_holds(tmp_path: Path, server_url: str, program: str, ok: bool | None, says: str) -> None:
    environ = machine(tmp_path, program)
    variables = {**os.environ, "CONDUCT_HOME": str(tmp_path / "home"), "CONDUCT_REDIS_URL": server_url}
    variables["PATH"] = f"{environ['PATH']}:{os.environ['PATH']}"
    command = [sys.executable, "-m", "conductor", "doctor", "--json"]
    done = subprocess.run(command, env=variables, capture_output=True, check=True, cwd=ROOT)

    (row,) = (row for row in msgspec.json.decode(done.stdout)["rows"] if row["name"] == "sandbox")
    assert row.get("ok") is ok
    assert says in row["detail"]
    assert ("AppArmor" in row.get("hint", "")) is (ok is None)


# ---- arguments -----------------------------------------------------------------------------------------------------


def pairs(argv: list[str], option: str) -> list[str]:
    return [argv[n + 1] for n, word in enumerate(argv) if word == option]


def made(folder: Path, *, writable: bool = True, network: bool = False) -> Sandbox:
    repo = repository(folder / "repo")
    worktree = folder / "state" / "w"
    subprocess.run(["git", "worktree", "add", "-q", str(worktree)], cwd=repo, check=True)
    return Sandbox("bwrap", worktree, repo / ".git", (folder,), (folder / "bin",), writable, network)


def test_the_arguments_hide_first_and_show_after(tmp_path: Path) -> None:
    box = made(tmp_path)
    argv = box.argv(["echo", "--bind", "/", "/"])

    assert argv[0] == "bwrap"
    assert argv[argv.index("--") :] == ["--", "echo", "--bind", "/", "/"]
    own = argv[: argv.index("--")]
    assert {"--unshare-pid", "--unshare-user", "--unshare-ipc", "--unshare-net", "--die-with-parent"} <= set(own)
    assert pairs(own, "--cap-drop") == ["ALL"]
    order = [own.index(str(place)) for place in (tmp_path, tmp_path / "bin", box.worktree, box.common)]
    assert order == sorted(order)
    assert own.index("/") < order[0]
    assert pairs(own, "--bind") == [str(box.worktree)]
    assert pairs(own, "--ro-bind") == ["/", str(box.common), str(box.worktree / ".git")]
    assert pairs(own, "--chdir") == [str(box.worktree)]


def test_the_network_and_a_worktree_that_is_only_read(tmp_path: Path) -> None:
    argv = made(tmp_path, writable=False, network=True).argv(["true"])

    assert "--unshare-net" not in argv
    assert "--bind" not in argv


def test_a_git_file_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    box = made(tmp_path)
    (box.worktree / ".git").unlink()
    (box.worktree / ".git").symlink_to("/etc/passwd")

    assert str(box.worktree / ".git") not in box.argv(["true"])


def test_what_is_hidden_and_what_is_shown_of_it(tmp_path: Path) -> None:
    home, checkout, state = tmp_path / "home", tmp_path / "home" / "project", tmp_path / "home" / "state"
    for name in (".venv/bin", "node_modules", "src", ".git"):
        (checkout / name).mkdir(parents=True)
    for name in (".local/bin", ".cargo/bin", ".ssh", ".config/gh", "go/bin", "tools", "env/bin"):
        (home / name).mkdir(parents=True)
    state.mkdir()
    (home / "env" / "pyvenv.cfg").write_text("")
    search = [home / "tools", home / "env" / "bin", home, checkout, state, tmp_path, "relative", "/", "/usr/bin"]
    environ = {"HOME": str(home), "PATH": ":".join(map(str, search))}

    hidden = mounts.hidden(environ, state, checkout)
    shown = mounts.shown(environ, state, checkout, network=False)

    assert any(home.is_relative_to(folder) for folder in hidden)
    assert all(not a.is_relative_to(b) for a in hidden for b in hidden if a != b)
    assert {str(path.relative_to(home)) for path in shown if path.is_relative_to(home)} == {
        *("tools", "env", "env/bin", ".local/bin", ".cargo/bin", "go/bin"),
        *("project/.venv", "project/node_modules"),
    }
    assert not {tmp_path, home, checkout, state, Path("/")} & set(shown)


def test_folders_are_hidden_where_they_really_are(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "home").symlink_to("data")
    environ = {"HOME": str(tmp_path / "home"), "PATH": ""}

    assert any((tmp_path / "data").is_relative_to(f) for f in mounts.hidden(environ, tmp_path, tmp_path))
    assert Path("/") not in mounts.hidden({"HOME": "/"}, tmp_path, tmp_path)
