"""Whole runs with agents that are programs, with an earlier task played again, and with a project's own roles."""

from __future__ import annotations

import subprocess

import pytest

from conductor.envelope import Recorded
from conductor.errors import Exit
from conductor.events import AgentReported, TaskCreated
from conductor.log.connect import connect
from conductor.log.store import EventStore
from tests.doors.cli.stage import SECOND, TURNS, User
from tests.support.agents.claude_stand_in import asked, make

ROLE = (
    "---\nname: implementation-executor\ndescription: Ours.\ntools: Read, Write, Bash\n---\n\nYou build it our way.\n"
)


def commit(user: User, **files: str) -> None:
    for name, text in files.items():
        path = user.repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for args in (("add", "-A"), ("commit", "-q", "-m", "More")):
        subprocess.run(["git", *args], cwd=user.repo, env=user.environ, check=True)


def history(user: User, server_url: str) -> tuple[EventStore, list[Recorded]]:
    store = EventStore(connect(server_url), user.environ["CONDUCT_NAMESPACE"])
    return store, store.read(store.tasks()[-1])


def test_claude_code_builds_what_the_script_says(user: User, server_url: str) -> None:
    user.script("both", TURNS + SECOND)
    cli = make(user.root / "bin", user.root / "both.toml")
    said = user.conduct("run", "--agent", f"claude-code:{cli}")

    assert said.code == 0, said
    assert len(asked(cli)) == 2
    _, events = history(user, server_url)
    reports = [e.body for e in events if isinstance(e.body, AgentReported)]
    assert [(r.verdict, r.model, r.turns) for r in reports] == [("PASS", "stand-in-1", 1)] * 2
    assert all(report.usage.total > 0 for report in reports)
    shown = user.conduct("transcript", "notes", "1:").out
    assert "calls Write" in shown
    assert "PASS after 1 turn" in shown
    cost = user.conduct("cost", "--json").data
    assert cost["by"]["model"]["stand-in-1"]["tokens"] == sum(report.usage.total for report in reports)


def test_figures_that_cannot_be_are_shown_and_not_counted(user: User) -> None:
    user.script("both", TURNS + SECOND)
    told = {"input_tokens": 10, "output_tokens": "bare:" + "7" * 300}
    cli = make(user.root / "bin", user.root / "both.toml", usage=told)
    said = user.conduct("run", "--agent", f"claude-code:{cli}")

    assert said.code == 0, said
    what = "output_tokens is a number of 300 digits, which is not a whole number from 0 to 1,000,000,000"
    assert f"not counted {what}" in user.conduct("transcript", "notes", "1:").out
    assert f"Reported by an agent and not counted: {what}." in user.conduct("cost").out
    assert user.conduct("cost", "--json").data["odd"] == [what] * 2


@pytest.mark.parametrize("version", ["1.0.0", ""])
def test_without_a_usable_cli_nothing_is_begun(user: User, version: str) -> None:
    user.script("both", TURNS + SECOND)
    cli = make(user.root / "bin", user.root / "both.toml", version=version)
    said = user.conduct("run", "--agent", f"claude-code:{cli}")
    assert said.code == Exit.USAGE
    assert "Claude Code" in said.err
    assert user.conduct("list", "--json").data == []


def test_doctor_says_which_claude_code_there_is(user: User) -> None:
    user.script("both", TURNS + SECOND)

    def row() -> dict[str, object]:
        rows = user.conduct("doctor", "--json").data["rows"]
        return next(row for row in rows if row["name"] == "claude code")

    folder = make(user.root / "bin", user.root / "both.toml").parent
    user.environ["PATH"] = f"{folder}:{user.environ['PATH']}"
    assert (row()["ok"], row()["detail"]) == (True, "2.1.233")
    make(user.root / "bin", user.root / "both.toml", version="2.0.1")
    assert row()["ok"] is None
    assert "2.0.1 is too old" in str(row()["detail"])


def test_a_program_builds_it(user: User, server_url: str) -> None:
    program = user.root / "agent"
    program.write_text(
        '#!/bin/sh\ncat > /dev/null\n[ "$CONDUCT_PHASE" = 1 ] && echo one > first.txt || echo two > second.txt\n'
        'echo "{\\"status\\": \\"PASS\\", \\"summary\\": \\"Phase $CONDUCT_PHASE.\\"}"\n'
    )
    program.chmod(0o755)
    said = user.conduct("run", "--agent", f"command:{program}")
    assert said.code == 0, said
    _, events = history(user, server_url)
    assert [e.body.summary for e in events if isinstance(e.body, AgentReported)] == ["Phase 1.", "Phase 2."]

    missing = user.conduct("run", "--new", "--agent", "command:no-such-program")
    assert missing.code == Exit.USAGE
    assert "no-such-program" in missing.err


def test_an_earlier_task_is_played_again_and_what_differs_is_told(user: User) -> None:
    look = '{ tool = "bash", command = "cat note.txt" }'
    script = user.script("both", TURNS.replace('text = "one" }]', f'text = "one" }}, {look}]') + SECOND)
    commit(user, **{"note.txt": "then\n"})
    first = user.conduct("run", "--agent", script, "--json")
    assert first.code == 0, first
    task = user.conduct("list", "--json").data[0]["id"]

    same = user.conduct("run", "--new", "--agent", f"scripted:{task}")
    assert same.code == 0, same
    assert f"Task {task} was replayed: every call returned the same result as before." in same.out

    commit(user, **{"note.txt": "now\n"})
    other = user.conduct("run", "--new", "--agent", f"scripted:task:{task}")
    assert other.code == 0, other
    assert f"Task {task} was replayed, and 1 result differs:" in other.out
    line = next(line for line in other.out.splitlines() if "transcript" in line and "again" not in line)
    effect = line.split(":")[0].strip()
    shown = user.conduct("transcript", line.split(" transcript ")[1].split()[0], f"{effect}:").out
    assert "differs bash returned a different result from the original:" in shown
    assert "    │ then" in shown


def test_a_projects_own_role_is_read_at_the_base_commit(user: User, server_url: str) -> None:
    commit(user, **{".claude/agents/implementation-executor.md": ROLE})
    user.script("both", TURNS + SECOND)
    cli = make(user.root / "bin", user.root / "both.toml")
    (user.repo / ".claude/agents/implementation-executor.md").write_text("broken, and not committed")
    said = user.conduct("run", "--agent", f"claude-code:{cli}")

    assert said.code == 0, said
    argv = asked(cli)[0]["argv"]
    assert argv[argv.index("--append-system-prompt") + 1].startswith("You build it our way.")
    assert argv[argv.index("--tools") + 1] == "Read,Write,Bash"
    store, events = history(user, server_url)
    created = events[0].body
    assert isinstance(created, TaskCreated)
    assert store.blobs.get(created.roles["implementation-executor"]) == ROLE.encode()


REVIEW = """
[[agent]]
role = "code-reviewer"

  [[agent.turn]]
  call = [{ tool = "create", path = "mine.txt", text = "x" }]

  [[agent.turn]]
  report = { status = "PASS", summary = "It holds." }
"""
BROKEN = {
    "no front matter": (b"You mend.\n", ":1: there is no front matter"),
    "NUL": (b"---\nname: fix-executor\n\0", ": line 3 contains a NUL character"),
    "not UTF-8": (b"---\nname: fix-executor\n\n\xff", ": line 4 is not UTF-8"),
    "huge": (b"x" * 240_001, " is too large"),
    "long": (ROLE.encode() + b"x" * 60_000, ":1: it is too long"),
    "aliases": (
        b"---\nname: &a fix-executor\ndescription: *a\n---\nYou mend.\n",
        ":3: its front matter cannot be read",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_wrong_role_file_is_said_before_anything_is_recorded(user: User, kind: str) -> None:
    data, told = BROKEN[kind]
    file = user.repo / ".conductor/roles/fix-executor.md"
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    commit(user)
    said = user.conduct("run", "--agent", user.script("both", TURNS + SECOND))
    assert said.code == Exit.USAGE, said
    assert f".conductor/roles/fix-executor.md{told}" in said.err
    assert user.conduct("list", "--json").data == []


def test_role_files_as_claude_code_has_them_serve_here(user: User, server_url: str) -> None:
    """No tools, tools that are not here, a byte order mark, a description that is no YAML, a reviewer with Write."""
    head = "---\nname: {}\ndescription: Use when: it is done. <example>user: 'x'</example>\n{}---\nOur way.\n"
    builder, reviewer = "implementation-executor", "code-reviewer"
    files = {
        f".claude/agents/{builder}.md": "\ufeff" + head.format(builder, "color: blue\n"),
        f".claude/agents/{reviewer}.md": head.format(reviewer, "tools:\n  - Read\n  - Write\n  - Browser\n"),
        ".claude/agents/somebody-else.md": "---\n[\n",
        "conductor.toml": "review = true\ntests_required = false\nfix_tries = 0\n",
    }
    commit(user, **files)
    said = user.conduct("run", "--agent", user.script("both", TURNS + SECOND + REVIEW))

    assert said.code == 0, said
    shown = " ".join((said.out + said.err).split())
    assert shown.count("unknown tool 'Browser'") == 1
    assert f" .claude/agents/{reviewer}.md:4: unknown tool 'Browser': it is left out" in shown
    assert f"{reviewer}.md:4: this role changes no files, so Write is left out" in shown
    _, events = history(user, server_url)
    created = events[0].body
    assert isinstance(created, TaskCreated)
    assert set(created.roles) == {builder, reviewer}
    assert [warning.line for warning in created.plan.warnings if "agents" in warning.message] == [0, 0]
    reports = [e.body for e in events if isinstance(e.body, AgentReported)]
    assert {(r.role, r.verdict) for r in reports} >= {(builder, "PASS"), (reviewer, "PASS")}
    tracked = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", created.branch], cwd=user.repo, capture_output=True, text=True
    ).stdout.split()
    assert "second.txt" in tracked and "mine.txt" not in tracked
