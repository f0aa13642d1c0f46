"""`conduct brief` and `conduct docs --write`: what agents read, and the documents in a checkout."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.errors import Exit
from tests.doors.cli.stage import TURNS, Said, User

Conduct = Callable[..., Said]


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory, server_url: str) -> User:
    """Phase 1 is done, nobody did phase 2: a question is open."""
    made = User(tmp_path_factory.mktemp("brief"), server_url, f"t-{uuid.uuid4().hex[:12]}")
    made.make_repository()
    said = made.conduct("run", "--agent", made.script("one", TURNS))
    assert said.code == Exit.WAITING, said
    return made


def test_a_phase_is_briefed_with_what_others_found(conduct: Conduct) -> None:
    said = conduct("brief", "-", "2")
    assert said.code == 0
    assert "For implementation-executor, as it would be given now:" in said.out
    assert "## Phase 2: Second" in said.out and "- Write `second.txt`" in said.out
    assert "Files end in newlines: not here" in said.out
    assert "Phase 1 (First): first.txt" in said.out
    assert "\x1b" not in said.out


def test_a_role_and_the_whole_can_be_briefed(conduct: Conduct) -> None:
    assert "Fix the cause" in conduct("brief", "-", "2", "--role", "fix-executor").out
    whole = conduct("brief", "-", "final").out
    assert "For code-reviewer" in whole and "- Phase 2: Second" in whole


def test_a_briefing_as_json(conduct: Conduct) -> None:
    view = conduct("brief", "notes", "1", "--json").data
    assert (view["phase"], view["role"], view["effect"]) == ("1", "implementation-executor", "")
    assert view["briefing"].startswith("# Notes\n")
    assert conduct("brief", "notes", "1", "--json").data == view


@pytest.mark.parametrize(
    ("words", "error", "allowed"),
    [
        (("9",), "has no phase '9'", "1, 2, final"),
        (("1", "nope"), "no module 'nope'", "allowed: "),
        (("final", "m"), "has no modules", ""),
        (("1", "--role", "boss"), "invalid choice: 'boss'", ""),
    ],
)
def test_what_there_is_not_is_an_error(conduct: Conduct, words: tuple[str, ...], error: str, allowed: str) -> None:
    said = conduct("brief", "-", *words)
    assert (said.code, said.out) == (Exit.USAGE, "")
    assert error in said.err and allowed in said.err


def test_an_abandoned_task_briefs_nobody(tmp_path: Path, server_url: str, namespace: str) -> None:
    other = User(tmp_path, server_url, namespace)
    other.make_repository()
    task = other.conduct("start", "--agent", other.script("one", TURNS), "--json").data["task"]
    before = other.conduct("brief", task, "1", "--json").data
    assert "- Write `first.txt`" in before["briefing"]
    assert other.conduct("abandon", task).code == 0
    said = other.conduct("brief", task, "1")
    assert said.code == Exit.REFUSED and "is abandoned" in said.err


def test_documents_are_written_into_a_checkout(conduct: Conduct, user: User, tmp_path: Path) -> None:
    (tmp_path / ".prelude").mkdir()
    (tmp_path / ".prelude" / "ARCHITECTURE.md").write_text("# Mine\n")
    said = conduct("docs", "--write", str(tmp_path), "--json")
    assert said.data["written"] == [".prelude/DISCOVERIES.md", ".prelude/ARCHITECTURE.md"]
    text = (tmp_path / ".prelude" / "ARCHITECTURE.md").read_text()
    assert text.startswith("# Mine\n") and "Files end in newlines" in text
    (tmp_path / ".prelude" / "ARCHITECTURE.md").write_text(text.replace("not here", "nor here"))
    again = conduct("docs", "--write", str(tmp_path))
    assert "left alone, edited by hand or not Conductor's: .prelude/ARCHITECTURE.md" in again.out
    assert "nor here" in (tmp_path / ".prelude" / "ARCHITECTURE.md").read_text()
    assert conduct("docs", "--write", str(tmp_path / "nowhere")).code == Exit.USAGE
