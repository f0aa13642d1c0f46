"""What an agent puts into a document's place: nothing is read, written or committed through it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.app import App
from conductor.config.environment import Environment
from conductor.events import DocumentsWritten, TaskStarted
from conductor.tasks.create import create
from tests.support import git_user

SPEC = "# Notes\n\n## Implementation Phases\n\n### Phase 1: First\n\n- Write `first.txt`\n"
AGENT = """
[[agent]]
phase = "1"

  [[agent.turn]]
  call = [{{ tool = "create", path = "first.txt", text = "one" }}, {{ tool = "bash", command = '{command}' }}]

  [[agent.turn]]
  report = {{ status = "PASS", summary = "Done.", discoveries = [{{ title = "One comes first" }}] }}
"""
SETTINGS = "review = false\ntests_required = false\nfix_tries = 0\neffect_tries = 1\n"


@pytest.fixture
def built(tmp_path: Path, server_url: str, namespace: str) -> Callable[[str], tuple[str, Callable[[str], str], App]]:
    """Drives a task whose agent runs a command; its status, a file's text on the task branch, and the app."""
    import asyncio

    repo = tmp_path / "repo"

    def git(*args: str) -> str:
        return subprocess.run(["git", *args], cwd=repo, check=True, capture_output=True, text=True).stdout

    def build(command: str) -> tuple[str, Callable[[str], str], App]:
        repo.mkdir()
        (repo / "READY.md").write_text(SPEC)
        (repo / "conductor.toml").write_text(SETTINGS)
        git_user.init(repo)
        for args in (("add", "-A"), ("commit", "-q", "-m", "Begin")):
            git(*args)
        (tmp_path / "script.toml").write_text(AGENT.format(command=command))
        variables = {
            **os.environ,
            "CONDUCT_HOME": str(tmp_path / "home"),
            "CONDUCT_REDIS_URL": server_url,
            "CONDUCT_NAMESPACE": namespace,
        }
        app = App(Environment.read(variables))
        agent = f"scripted:{tmp_path / 'script.toml'}"
        made = create(app, repo / "READY.md", repository=repo, agent=agent, actor="person:ada")
        ledger = app.ledger(made.task)
        ledger.submit(TaskStarted(), actor="person:ada")
        state = asyncio.run(app.runner(ledger).run())
        return state.status, lambda path: git("show", f"{state.branch}:{path}"), app

    return build


Built = Callable[[str], tuple[str, Callable[[str], str], App]]


def edited(app: App) -> set[str]:
    (task,) = app.store.tasks()
    return {
        path for event in app.store.read(task) if isinstance(event.body, DocumentsWritten) for path in event.body.edited
    }


def test_a_file_outside_is_neither_overwritten_nor_committed(tmp_path: Path, built: Built) -> None:
    victim, secret = tmp_path / "victim", tmp_path / "secret"
    victim.write_text("precious\n")
    secret.write_text("hunter2\n")
    _, shown, app = built(f"ln -s {victim} .DISCOVERIES.md.new; ln -s {secret} DISCOVERIES.md")
    assert victim.read_text() == "precious\n" and secret.read_text() == "hunter2\n"
    assert shown("DISCOVERIES.md") == str(secret)  # the link as the agent made it, not what it leads to
    beside = shown("DISCOVERIES.conductor.md")
    assert "One comes first" in beside and "hunter2" not in beside
    assert edited(app) == {"DISCOVERIES.md"}


@pytest.mark.parametrize("command", ["mkfifo DISCOVERIES.md", "mkdir DISCOVERIES.md", "ln -s /dev/zero DISCOVERIES.md"])
def test_what_is_no_file_gets_its_document_beside(built: Built, command: str) -> None:
    _, shown, app = built(command)
    assert "One comes first" in shown("DISCOVERIES.conductor.md")
    assert edited(app) == {"DISCOVERIES.md"}


def test_a_hard_link_keeps_its_other_end(tmp_path: Path, built: Built) -> None:
    other = tmp_path / "other"
    other.write_text("# Discoveries\n")
    _, shown, _ = built(f"ln {other} DISCOVERIES.md")
    assert other.read_text() == "# Discoveries\n"
    assert "One comes first" in shown("DISCOVERIES.md")
