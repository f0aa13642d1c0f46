"""Scripts: which entry plays, and what is said of a script that is wrong."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from conductor.agents.runners.scripted.script import Script
from conductor.errors import UsageError
from tests.support.agents.stage import Stage

REPORT = 'report = { status = "PASS", summary = "x" }'


def say(stage: Stage, script: Script, **asked: object) -> str:
    entry = script.entry_for(msgspec.structs.replace(stage.assignment, **asked))
    return entry.turns[0].message.text if entry else "nobody"


def test_the_most_specific_entry_plays_of_equals_the_first(stage: Stage) -> None:
    rows = [
        'role = "implementation-executor"',
        'role = "implementation-executor"\nattempts = "any"',
        'role = "implementation-executor"\nphase = "2"',
        'role = "implementation-executor"\nmodule = "parser"',
        'role = "implementation-executor"\nphase = "2"\nmodule = "parser"\nattempt = 2',
        'role = "code-reviewer"\nphase = "9"',
    ]
    script = stage.write("".join(f"[[agent]]\n{row}\n[[agent.turn]]\nsay = '{n}'\n" for n, row in enumerate(rows)))

    assert say(stage, script, phase="1", module="x") == "0"
    assert say(stage, script, phase="2", module="x") == "2"
    assert say(stage, script, phase="1", module="parser") == "3"
    assert say(stage, script, phase="2", module="parser", attempt=1) == "2"
    assert say(stage, script, phase="2", module="parser", attempt=2) == "4"
    assert say(stage, script, role="code-reviewer", phase="9", module=None) == "5"
    assert say(stage, script, role="code-reviewer", phase=None, module=None) == "nobody"


def test_a_catch_all_plays_for_whoever_has_no_entry(stage: Stage) -> None:
    script = stage.write("[[agent]]\n[[agent.turn]]\nsay = 'all'\n[[agent]]\nrole = 'fix-executor'\n")

    assert say(stage, script) == "all"
    entry = script.entry_for(msgspec.structs.replace(stage.assignment, role="fix-executor"))
    assert entry is not None
    assert entry.turns == ()


def test_texts_are_read_when_the_script_is_loaded(stage: Stage) -> None:
    (stage.scripts / "files").mkdir()
    (stage.scripts / "files" / "a.py").write_bytes(b"x = 1\r\n")
    script = stage.write(
        '[[agent]]\n[[agent.turn]]\n[[agent.turn.call]]\ntool = "create"\npath = "a.py"\ntext_from = "files/a.py"\n'
    )
    (stage.scripts / "files" / "a.py").unlink()

    (call,) = script.entries[0].turns[0].message.calls
    assert call.arguments == {"path": "a.py", "text": "x = 1\r\n"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[agent]", "not valid TOML"),
        ("agent = " + "[" * 5000, "nested too deeply"),
        ("", "does not consist of [[agent]] entries"),
        ("agent = 1", "does not consist of [[agent]] entries"),
        ("[[agents]]", "does not consist of [[agent]] entries"),
        ("[[agent]]\n[[agent]]\nrolle = 'x'", "agent 2: Object contains unknown field `rolle`"),
        ("[[agent]]\nrole = 'boss'", "agent 1: unknown role: 'boss'"),
        ("[[agent]]\nphase = 2", "agent 1: Expected `str | null`, got `int`"),
        ("[[agent]]\nattempt = 1\nattempts = 'any'", "agent 1: attempt and attempts cannot be combined"),
        ("[[agent]]\nattempts = 'all'", "agent 1: Invalid enum value 'all'"),
        ("[[agent]]\n[[agent.turn]]\n", "agent 1, turn 1: an empty turn"),
        (
            "[[agent]]\n[[agent.turn]]\nsay='x'\n[[agent.turn]]\nsays='x'",
            "agent 1, turn 2: Object contains unknown field",
        ),
        ("[[agent]]\n[[agent.turn]]\nreport = { status = 'OK' }", "agent 1, turn 1: the report cannot be read"),
        (
            "[[agent]]\n[[agent.turn]]\n[[agent.turn.call]]\npath = 'x'",
            "agent 1, turn 1, call 1: unknown tool: None",
        ),
        ("[[agent]]\n[[agent.turn]]\n[[agent.turn.call]]\ntool = 'rm'", "call 1: unknown tool: 'rm'"),
        ("[[agent]]\n[[agent.turn]]\n[[agent.turn.call]]\ntool = 'bash'\npath = 'x'", "call 1 (bash): "),
        ("[[agent]]\n[[agent.turn]]\n[[agent.turn.call]]\ntool = 'create'\npath = 'x'", "call 1 (create): "),
    ],
)
def test_a_wrong_script_is_refused_with_the_place(stage: Stage, text: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        stage.write(text)
    assert str(stage.scripts / "script.toml") in error.value.what
    assert says in error.value.what


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing.py", "is not a text file in the script's folder"),
        ("folder", "is not a text file in the script's folder"),
        ("binary", "is not a text file in the script's folder"),
        ("../outside.py", "leads out of the script's folder"),
        ("/etc/passwd", "leads out of the script's folder"),
        ("link.py", "leads out of the script's folder"),
        ("loop", "is not a text file in the script's folder"),
    ],
)
def test_text_from_stays_beside_the_script(stage: Stage, name: str, says: str) -> None:
    (stage.scripts.parent / "outside.py").write_text("secret")
    (stage.scripts / "folder").mkdir()
    (stage.scripts / "binary").write_bytes(b"\xff")
    (stage.scripts / "link.py").symlink_to("../outside.py")
    (stage.scripts / "loop").symlink_to("loop")

    with pytest.raises(UsageError, match=says):
        stage.write(f"[[agent]]\n[[agent.turn]]\n[[agent.turn.call]]\ntool='create'\npath='a'\ntext_from='{name}'\n")


def test_a_missing_script_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        Script.load(tmp_path)
    with pytest.raises(UsageError, match="cannot be read"):
        Script.load(tmp_path / "nothing.toml")
