"""A question is shown in its lines, to the width there is, and what others wrote in it can pass for nothing else."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from rich.cells import cell_len

from conductor.core.questions import KINDS
from conductor.doors.cli.render.asked import ask
from conductor.doors.cli.render.cells import COLOUR
from conductor.doors.cli.render.output import Output
from conductor.errors import Exit
from conductor.events import Question
from tests.doors.cli.stage import SPEC, TURNS, Said, User
from tests.doors.cli.terminal import at_terminal

Conduct = Callable[..., Said]
SEVERAL = """
```bash
test -f first.txt
grep -c "a  b" first.txt
python3 - <<'END'
print("one; two")

print("three")
END
echo 日本語のファイル名は長いので折り返される必要がありますが大丈夫です && true
```
"""


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory, server_url: str) -> User:
    """A task that waits for the approval of several commands, one of them of several lines."""
    made = User(tmp_path_factory.mktemp("ask"), server_url, f"t-{uuid.uuid4().hex[:12]}")
    made.make_repository(SPEC.replace("### Phase 2", f"#### Test Commands\n{SEVERAL}\n### Phase 2"))
    assert made.conduct("run", "--agent", made.script("one", TURNS)).code == Exit.WAITING
    return made


COMMANDS = [
    "  q1  │ The specification names commands that checks would run here:",
    "      │   1  test -f first.txt",
    '      │   2  grep -c "a  b" first.txt',
    "      │   3  python3 - <<'END'",
    '      │      print("one; two")',
    "      │",
    '      │      print("three")',
    "      │      END",
    "      │   4  echo 日本語のファイル名は長いので折り返される必要がありますが大丈夫です && true",
    "      │ Allow Conductor to run them?",
]


@pytest.mark.parametrize("words", [("questions",), ("status",), ("continue",)])
def test_commands_stand_one_by_one_as_they_are(conduct: Conduct, words: tuple[str, ...]) -> None:
    lines = conduct(*words).out.splitlines()
    at = lines.index(COMMANDS[0])
    assert lines[at : at + len(COMMANDS)] == COMMANDS
    assert lines[at + len(COMMANDS)].endswith(" q1 approve")


def test_the_record_has_the_lines(conduct: Conduct) -> None:
    text = conduct("questions", "--json").data["question"]["text"]
    assert text.split("\n")[1:5] == [
        "    test -f first.txt",
        '    grep -c "a  b" first.txt',
        "    python3 - <<'END'",
        '      print("one; two")',
    ]


def test_the_history_tells_a_question_by_its_first_line(conduct: Conduct) -> None:
    (line,) = conduct("events", "--type", "question.asked").out.splitlines()
    assert line.endswith("The specification names commands that checks would run here: (9 more lines)")


@pytest.mark.parametrize("columns", [50, 80, 120])
def test_a_terminal_is_filled_and_never_overflows(user: User, columns: int) -> None:
    coloured = at_terminal(user, "status", columns=columns)
    plain = at_terminal(user, "status", columns=columns, NO_COLOR="1")
    assert "\x1b" not in "".join(plain) and "\x1b" in "".join(coloured)
    assert [COLOUR.sub("", line) for line in coloured] == plain
    own = ("CONDUCT_HOME=", str(user.repo)[:8])  # commands and paths stay whole, to be copied
    assert all(cell_len(line) <= columns for line in plain if not any(text in line for text in own))
    asked = [line for line in plain if line.startswith(("  q1", "      │"))]
    assert sum(line.startswith("      │   ") and line[10].isdigit() for line in asked) == 4
    if columns == 50:
        at = next(n for n, line in enumerate(asked) if line.startswith("      │   4"))
        assert asked[at : at + 3] == [
            "      │   4  echo 日本語のファイル名は長いので折り",
            "      │      返される必要がありますが大丈夫です &&",
            "      │      true",
        ]


def test_who_is_asked_at_a_terminal_sees_the_commands_one_by_one(user: User) -> None:
    lines = at_terminal(user, "run", "--new", "--agent", user.script("one", TURNS), types=b"n\n", NO_COLOR="1")
    assert [line for line in lines if line.startswith("  │ ")][:3] == [
        "  │ 1  test -f first.txt",
        '  │ 2  grep -c "a  b" first.txt',
        "  │ 3  python3 - <<'END'",
    ]
    assert any("error: the commands were not approved" in line for line in lines)


@pytest.mark.parametrize(
    ("words", "what"),
    [(("q7",), "there is no open question q7"), (("notes", "more"), "is not a task and its question")],
)
def test_what_there_is_not_is_said(conduct: Conduct, words: tuple[str, ...], what: str) -> None:
    said = conduct("questions", *words)
    assert (said.code, said.out) == (Exit.USAGE, "") and what in said.err


# ---- what agents say -------------------------------------------------------------------------------------------------

EVIL = "\n".join(
    [
        "It is so.",
        "      conduct answer notes q1 approve",
        "Conductor has checked it, and it holds:",
        "Task notes is completed.",
        "  q2  │ Allow Conductor to run them?",
        "\x1b[2J\x1b[31mred\rover \u202eback\u2066 \u200bhidden",
        "end \x85 of \u2028 it",
        *(f"line {n}" for n in range(20)),
        "x" * 300 + " conduct answer",
    ]
)


@pytest.fixture(scope="module")
def liar(tmp_path_factory: pytest.TempPathFactory, server_url: str) -> User:
    """A client whose agent reports a correction at the core, with an evidence that would like to be more than that."""
    made = User(tmp_path_factory.mktemp("liar"), server_url, f"t-{uuid.uuid4().hex[:12]}")
    made.make_repository()
    task = made.conduct("start", "--driver", "assisted", "--json").data["task"]
    assert made.conduct("continue").code == Exit.WAITING
    correction = {
        "original": "Write `first.txt`",
        "reality": EVIL,
        "evidence": EVIL,
        "why_fact": "It is",
        "impact": "core",
    }
    report: dict[str, Any] = {"role": "implementation-executor", "phase": "1", "module": "First", "verdict": "PASS"}
    report |= {"summary": EVIL, "corrections": [correction]}
    assert made.conduct("emit", task, "work.reported", "--data", json.dumps(report)).code == 0
    assert made.conduct("continue").code == Exit.WAITING
    return made


@pytest.mark.parametrize("columns", [60, 100])
@pytest.mark.parametrize("words", [("questions", "q1", "--full"), ("questions",), ("status",), ("continue",)])
def test_no_row_of_theirs_is_without_a_mark(liar: User, words: tuple[str, ...], columns: int) -> None:
    lines = at_terminal(liar, *words, columns=columns, NO_COLOR="1")
    told = [
        line for line in lines if any(part in line for part in ("It is so.", "is completed", "line 1", "xxx", "red"))
    ]
    assert len(told) > 2
    assert all(line.startswith("      │   > ") and cell_len(line) <= columns for line in told)
    own = [line for line in lines if " answer " in line and not line.startswith("      │   > ")]
    assert [line.split()[-1] for line in own if line.lstrip().startswith("CONDUCT_HOME=")] == ["approve", "reject"]


def test_what_acts_is_shown_and_does_not_act(liar: User) -> None:
    out = liar.conduct("questions", "q1", "--full").out
    assert "> \\x1b[2J\\x1b[31mred\\rover \\u202eback\\u2066 \\u200bhidden\n" in out
    assert "> end \\x85 of \\u2028 it\n" in out
    assert not set(out) & set("\x1b\r\x85\u2028\u202e\u2066\u200b")


def test_what_is_long_is_cut_and_says_where_the_rest_is(liar: User) -> None:
    short, full = (liar.conduct("questions", *words).out for words in ((), ("q1", "--full")))
    assert ("line 3" in short, "line 19" in short, "line 19" in full) == (True, False, True)
    (rest,) = [line for line in short.splitlines() if " more lines: " in line]
    assert rest.startswith("      (32 more lines: CONDUCT_HOME=") and rest.endswith(" q1 --full)")
    assert " more lines: " not in full
    lines = short.splitlines()
    assert "      │ It concerns the core of the specification. Approve the correction?" in lines
    assert lines[lines.index(rest) + 1].endswith(" q1 approve")


# ---- what earlier versions recorded ----------------------------------------------------------------------------------


def shown(kind: str, text: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    output = Output(json=False)
    output.terminal = True
    ask("t", Question("q1", kind, text, KINDS[kind].choices), output)
    return capsys.readouterr().out.splitlines()


def test_the_words_of_agents_in_an_old_record_are_all_theirs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    old = "The specification says: one\nFound instead: two\nEvidence: $ cat x\n    three\nApprove the correction?"
    assert shown("correction", old, capsys)[:5] == [
        "  q1  │   > The specification says: one",
        "      │   > Found instead: two",
        "      │   > Evidence: $ cat x",
        "      │   >     three",
        "      │   > Approve the correction?",
    ]


def test_other_questions_in_an_old_record_read_as_ever(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    old = "Phase 2 (Two) failed: files: x is missing; lint: E501. The tree is back at checkpoint 1."
    assert shown("escalation", old, capsys)[:2] == [
        "  q1  │ Phase 2 (Two) failed: files: x is missing;",
        "      │ lint: E501. The tree is back at checkpoint",
    ]
    text = "The specification names commands that checks would run here:\n    make a\n    make b\n"
    text += "Allow Conductor to run them?"
    assert [line[8:] for line in shown("commands", text, capsys)[1:5]] == [
        "checks would run here:",
        "  1  make a",
        "  2  make b",
        "Allow Conductor to run them?",
    ]


def test_where_the_encoding_lacks_it_the_mark_is_plain(user: User) -> None:
    poor: dict[str, Any] = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "NO_COLOR": "1"}
    lines = at_terminal(user, "questions", columns=60, **poor)
    asked = [line for line in lines if line.startswith("      | ")]
    assert asked[0] == "      | run here:" and asked[1] == "      |   1  test -f first.txt"
    assert all(len(line) <= 60 for line in asked)
