"""What a run that is driven comes to: merged or not and why, read to its end or not, and what was proven."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from conductor.errors import Exit
from tests.doors.cli.stage import SECOND, TURNS, Said, User

Conduct = Callable[..., Said]
SLOW = """
[[agent]]
phase = "2"

  [[agent.turn]]
  call = [{ tool = "create", path = "second.txt", text = "two" }]

  [[agent.turn]]
  hang = 600.0
"""


def git(user: User, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=user.repo, env=user.environ, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_merge_is_asked_for_whenever_the_task_is_done(conduct: Conduct, user: User) -> None:
    assert conduct("start", "--agent", user.script("all", TURNS + SECOND)).code == 0
    said = conduct("continue", "--merge")
    assert said.code == 0, said
    assert "(merged into main)" in said.out
    assert git(user, "rev-parse", "main") == conduct("status", "--json").data["head"]
    again = conduct("continue", "--merge")
    assert again.code == Exit.REFUSED
    assert "is already merged into main" in again.err


def test_a_merge_that_is_refused_is_no_success(conduct: Conduct, user: User) -> None:
    (user.repo / "first.txt").write_text("mine")
    said = conduct("run", "--agent", user.script("all", TURNS + SECOND), "--merge")
    assert said.code == Exit.WORKSPACE, said
    lines = [line.strip() for line in said.out.splitlines()]
    reason = lines[lines.index("not merged into main:") + 1 :]
    assert "first.txt" in reason[0]
    assert reason[1].startswith("hint: commit or move them")
    assert conduct("continue").code == Exit.WORKSPACE
    assert conduct("continue", "--merge").code == Exit.WORKSPACE
    (user.repo / "first.txt").unlink()
    assert conduct("continue", "--merge").code == 0
    assert git(user, "rev-parse", "main") == conduct("status", "--json").data["head"]


def test_without_a_branch_there_is_nothing_to_merge_into(conduct: Conduct, user: User) -> None:
    git(user, "checkout", "-q", "--detach")
    said = conduct("run", "--agent", user.script("all", TURNS + SECOND), "--merge")
    assert said.code == 0
    assert "there is no branch to merge into" in said.out.partition("Phase 1")[0]
    again = conduct("continue", "--merge")
    assert again.code == Exit.REFUSED
    assert "there is no branch to merge into" in again.err


def test_whoever_never_told_git_their_name_gets_conductors(conduct: Conduct, user: User) -> None:
    for key in ("user.name", "user.email"):
        git(user, "config", "--unset", key)
    assert conduct("run", "--agent", user.script("all", TURNS + SECOND)).code == 0
    mine = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    git(user, *mine, "commit", "-q", "--allow-empty", "-m", "Meanwhile")  # so that the delivery is a commit of its own
    said = conduct("continue", "--merge")
    assert (said.code, said.err) == (0, "")
    assert "(merged into main)" in said.out
    assert git(user, "log", "-1", "--format=%an <%ae>, %cn <%ce>") == ", ".join(["Conductor <conductor@localhost>"] * 2)
    assert len(git(user, "log", "-1", "--format=%p").split()) == 2


# ---- readers who leave -------------------------------------------------------------------------------------------


def test_a_reader_who_leaves_leaves_a_paused_task(conduct: Conduct, user: User) -> None:
    process = user.popen("run", "--agent", user.script("slow", TURNS + SLOW))
    try:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=60) == Exit.INTERRUPTED
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.wait()
    task = conduct("status", "--json").data["id"]
    types = conduct("events", task).out
    assert "effect.failed" not in types
    view = conduct("status", "--json").data
    assert view["status"] in ("planned", "paused")
    assert not any("(" not in module["doing"] and "executor" in module["doing"] for module in _modules(view))
    user.script("slow", TURNS + SECOND)
    assert conduct("continue").code == 0


def _modules(view: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[dict[str, str]]:
    return [module for phase in view["phases"] for module in phase["modules"]]


def test_a_reader_who_leaves_in_the_middle_of_work(conduct: Conduct, user: User) -> None:
    """Phase 2 waits in its agent until its reader is gone; what an observer adds is then told to nobody."""
    process = user.popen("run", "--agent", user.script("slow", TURNS + SLOW))
    try:
        until = time.monotonic() + 60
        while "second.txt" not in conduct("events", "--limit", "1").out and time.monotonic() < until:
            tasks = conduct("list", "--json").data
            if tasks and tasks[0]["phases"][1]["modules"][0]["doing"] == "implementation-executor":
                break
            time.sleep(0.1)
        assert process.stdout and process.stderr
        process.stdout.close()
        said = conduct("emit", "-", "finding.reported", "--data", '{"finding": {"kind": "gotcha", "title": "x"}}')
        assert said.code == 0
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == Exit.INTERRUPTED
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.wait()
    assert conduct("status", "--json").data["status"] == "paused"
    assert "effect.failed" not in conduct("events").out


# ---- what is told ------------------------------------------------------------------------------------------------


@pytest.fixture
def one_phase(user: User) -> User:
    from tests.doors.cli.stage import SPEC

    spec = SPEC.partition("### Phase 2")[0] + "- the text reads well\n"
    (user.repo / ".prelude" / "READY.md").write_text(spec)
    return user


def test_one_is_told_in_the_singular_and_a_single_module_too(conduct: Conduct, one_phase: User) -> None:
    said = conduct("run", "--agent", one_phase.script("one", TURNS))
    assert said.code == 0, said
    assert "1 phase, 1 module, agents: " in said.out
    module = conduct("status", "--json").data["phases"][0]["modules"][0]["name"]
    assert any(line.split() == ["module", *module.split()] for line in said.out.splitlines())
    assert "1 of 1 phase\n" in conduct("list").out or "1 of 1 phase " in conduct("list").out


def test_the_end_is_a_checklist_with_the_text_of_what_nothing_proved(conduct: Conduct, one_phase: User) -> None:
    said = conduct("run", "--agent", one_phase.script("one", TURNS))
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    told = lines[lines.index("Checklist:") + 1 : lines.index("not proven by any check:")]
    assert [line.split(" ", 1)[1].partition(":")[0] for line in told[:1]] == ["phase 1"]
    assert told[0].endswith("First done")
    names = ("tests", "imports", "lint", "no leftovers", "final checkpoint")
    assert all(line.split(" ", 1)[1].startswith(name) for line, name in zip(told[1:], names, strict=True))
    assert any(line.endswith("lint not applicable") for line in told)
    assert told[-1].split()[1:4] == ["final", "checkpoint", "2,"]
    open_ = lines[lines.index("not proven by any check:") + 1 :]
    assert open_[0].endswith("the text reads well")
    assert not any(line.endswith("first.txt exists") for line in open_)

    for given in (conduct("status").out, conduct("continue").out):
        after = given.partition("not proven by any check:")[2]
        assert "the text reads well" in after
        assert "first.txt exists" not in after
    (status,) = conduct("status", "--json").data["unproven"]
    assert status["text"] == "the text reads well"
    end = json.loads(conduct("continue", "--json").out.splitlines()[-1])
    assert end["unproven"] == [status]
    assert [point["ok"] for point in end["checklist"] if point["name"].startswith("phase")] == [True]


def test_what_the_document_lists_and_is_not_there_is_on_the_checklist_and_holds_nothing_up(
    conduct: Conduct, one_phase: User
) -> None:
    ready = one_phase.repo / ".prelude" / "READY.md"
    listed = "\n## Files\n\n- `first.txt`\n- `dist/b.js`\n"
    ready.write_text(ready.read_text().replace("# Notes", "# A tool") + listed)
    said = conduct("run", "--agent", one_phase.script("one", TURNS))
    assert said.code == 0, said
    (point,) = [line for line in said.out.partition("Checklist:")[2].splitlines() if " listed files " in line]
    assert "not found: 1 of 1 files missing: dist/b.js" in point
    end = json.loads(conduct("continue", "--json").out.splitlines()[-1])
    assert [point["ok"] for point in end["checklist"] if point["name"] == "listed files"] == [None]


def test_what_was_skipped_is_on_the_checklist(conduct: Conduct, user: User) -> None:
    assert conduct("run", "--agent", user.script("one", TURNS)).code == Exit.WAITING
    assert conduct("answer", "q1", "skip").code == 0
    said = conduct("continue")
    assert said.code == 0, said
    points = [line.split()[1:] for line in said.out.partition("Checklist:")[2].splitlines()[1:3]]
    assert points == [["phase", "1:", "First", "done"], ["phase", "2:", "Second", "skipped"]]


def test_a_question_is_told_in_full_once_and_hints_only_where_they_reach_an_agent(conduct: Conduct, user: User) -> None:
    said = conduct("run", "--agent", user.script("one", TURNS))
    (question,) = conduct("status", "--json").data["questions"]
    assert question["kind"] == "escalation"
    asked = question["text"].split("\n")
    assert len(asked) == 4 and all(line.strip() in said.out for line in asked)
    assert said.out.count(asked[-1]) == 1
    assert said.out.count("--hint") == 1


def test_a_hint_that_would_reach_nobody_is_refused(conduct: Conduct, user: User) -> None:
    """The script is gone: the agents' effect breaks, which is no question that agents hear the answer to."""
    assert conduct("start", "--agent", user.script("one", TURNS)).code == 0
    (user.root / "one.toml").unlink()
    said = conduct("continue")
    assert said.code == Exit.WAITING, said
    assert conduct("status", "--json").data["questions"][0]["kind"] == "effect"
    assert "--hint" not in said.out
    refused = conduct("answer", "q1", "retry", "--hint", "look closer")
    assert refused.code == Exit.REFUSED
    assert "would not reach any agent" in refused.err
    assert conduct("answer", "q1", "retry").code == 0


def test_an_assisted_task_waits_for_its_clients_agents(conduct: Conduct) -> None:
    assert conduct("start", "--driver", "assisted").code == 0
    assert conduct("continue").code == Exit.WAITING
    module = conduct("status", "--json").data["phases"][0]["modules"][0]
    assert module["doing"] == "waits for its client's implementation-executor"
    assert "waits for its client's implementation-executor" in conduct("status").out
