"""`init` makes something to start from, `plan` shows how a specification is read."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.doors.cli.commands.specify.init import SPEC, TEMPLATE
from conductor.doors.cli.main import main
from conductor.errors import Exit
from conductor.reading.reader import read
from tests.doors.cli.stage import Said
from tests.support.places import ROOT

Conduct = Callable[..., Said]

WAVES = """\
# Parts

## Implementation Phases

### Phase 1: Parts
Modules: lexer, parser (depends on lexer), printer
Test Command: `python3 -m unittest`
Expected Files: parts/lexer.py
Time: 2 hours

- The lexer reads \x1b]0;evil\x07 tokens

Success Criteria:
- parts/lexer.py exists
- It is a joy to use

### Phase 2: Later
Depends on: Phase 1

- Something else

## Gotchas
- Minus is both unary and binary

End-to-End Test: `rm -rf parts`
"""


def plan(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str], *options: str) -> Said:
    path = tmp_path / "READY.md"
    path.write_text(text)
    capsys.readouterr()
    code = main(["plan", str(path), *options])
    said = capsys.readouterr()
    return Said(code, said.out, said.err)


def test_the_plan_as_json_has_the_documented_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = plan(tmp_path, WAVES, capsys, "--json")
    assert said.code == 0
    assert set(said.data) == {"title", "complexity", "warnings", "phases"}
    first = said.data["phases"][0]
    assert set(first) == {
        "number", "name", "goals", "modules", "depends_on", "mode", "success_criteria", "gotchas", "test_commands",
        "expected_files", "allows_stubs", "inherited", "duration", "status", "lines",
    }  # fmt: skip
    assert (first["number"], first["name"], first["lines"][0]) == ("1", "Parts", 5)
    assert all({"line", "message"} == set(warning) for warning in said.data["warnings"])
    assert said.data["warnings"]


def test_the_plan_as_text_shows_waves_proofs_and_doubts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = plan(tmp_path, WAVES, capsys)
    assert "Phase 1: Parts  lines 5-" in said.out
    waves = next(line for line in said.out.splitlines() if line.strip().startswith("modules"))
    before, after = waves.replace("||", "∥").replace("->", "→").split("→")
    assert {"lexer", "printer"} <= set(before.replace("∥", " ").split())
    assert "parser" in after
    assert "p1.c1  parts/lexer.py exists  [proven by files]" in said.out
    assert "p1.c2  It is a joy to use  [no check proves it]" in said.out
    assert "gotchas (from the document)" in said.out
    doubts = said.out.partition("Warnings\n")[2]
    assert f"READY.md:{1 + WAVES[: WAVES.index('End-to-End')].count(chr(10))}: " in doubts
    assert "\x1b" not in said.out
    assert "\x07" not in said.out


def test_a_document_without_phases_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = plan(tmp_path, "# Nothing\n\nto see\n", capsys)
    assert said.code == Exit.USAGE
    assert "has no phases" in said.err
    assert "### Phase 1: Name" in said.err
    assert said.out == ""


def test_a_missing_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plan"]) == Exit.USAGE
    said = capsys.readouterr().err
    assert ".prelude/READY.md" in said
    assert " init`" in said


def test_plan_needs_no_store(tmp_path: Path) -> None:
    code = (
        "import sys; from conductor.doors.cli.main import main; main(['plan', sys.argv[1]]);"
        "print([m for m in ('redis', 'git', 'asyncio') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(TEMPLATE)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_template_is_read_without_doubt() -> None:
    plan = read(TEMPLATE.read_bytes())
    assert plan.warnings == ()
    assert [len(phase.modules) for phase in plan.phases] == [1, 2]
    assert plan.end_to_end
    assert all(criterion.proofs for phase in plan.phases for criterion in phase.success_criteria)


def test_init_makes_a_repository_and_a_specification(conduct: Conduct, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "project"
    said = conduct("init", str(folder))
    assert said.code == 0, said.err
    assert " plan " in said.out
    assert (folder / SPEC).read_bytes() == TEMPLATE.read_bytes()
    head = subprocess.run(
        ["git", "rev-list", "--count", "HEAD"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert head.stdout.strip() == "1"
    assert conduct("plan", str(folder / SPEC)).code == 0


def test_init_overwrites_nothing(conduct: Conduct, tmp_path: Path) -> None:
    spec = tmp_path / "mine" / SPEC
    spec.parent.mkdir(parents=True)
    spec.write_text("my own words\n")
    said = conduct("init", str(tmp_path / "mine"), "--json")
    assert said.code == 0, said.err
    assert said.data["written"] is False
    assert spec.read_text() == "my own words\n"


def test_init_keeps_the_history_that_there_is(conduct: Conduct, user: object) -> None:
    before = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    assert conduct("init", "--json").data["commit"] == before


def test_the_command_that_builds_it_can_be_called_as_it_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "my süß spec; x.md"
    path.write_text(WAVES)
    capsys.readouterr()
    assert main(["plan", str(path)]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.endswith("builds it."))
    words = shlex.split(line.partition("`")[2].partition("`")[0])
    assert words[words.index("run") + 1] == str(path)
