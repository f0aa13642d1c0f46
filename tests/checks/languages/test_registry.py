"""A language is one object, of this package or of another; what it lacks, no check asks of it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor.checks import KINDS, Result, comments, run_check
from conductor.checks.languages import registry
from conductor.checks.languages.language import Language
from conductor.events import CheckSpec
from tests.checks.ground import Ground
from tests.support import packages
from tests.support.places import ROOT

SHOUT = """
from conductor.checks.command import check_command
from conductor.checks.languages.language import Language

async def tests(project, root):
    return await check_command(project, ["sh", "all.shout"], root=root, runs_tests=True)

SHOUT = Language(name="shout", extensions=(".shout",), manifests=("shout.ini",), needs_manifest=True, tests=tests)
"""
CHECK = """
import asyncio, json, sys
from pathlib import Path
from conductor.checks import Site, run_check
from conductor.config.settings import Settings
from conductor.events import CheckSpec
at, kind, commit, tree = sys.argv[1:]
changed = tuple(("A", path.name) for path in Path(at).glob("*.bad"))
site = Site(path=Path(at), repository=Path(at), commit=commit, since=commit, tree=tree,
    settings=Settings(check_timeout=60), allows_stubs=False, changed=changed,
    added={path: ((1, "x"),) for _, path in changed}, note=None)
parts = {path: (path,) for _, path in changed}
result = asyncio.run(run_check(CheckSpec(kind, kind, parts=parts), site))
print(json.dumps([result.status, result.command, result.output]))
"""


def installed(folder: Path, name: str, module: str, *points: str) -> None:
    packages.installed(folder, name, module, *points, group=registry.GROUP)


def check(ground: Ground, kind: str, packages: Path) -> tuple[list[str], str]:
    """(status, command and output of a check; what was printed on stderr) in a process that sees `packages`."""
    site = ground.site()
    done = subprocess.run(
        [sys.executable, "-c", CHECK, str(site.path), kind, site.commit, site.tree],
        cwd=ROOT, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(packages)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_another_package_brings_a_language(ground: Ground, tmp_path: Path) -> None:
    installed(tmp_path / "site", "shouting", SHOUT, "shout = shouting:SHOUT")
    ground.commit({"part/shout.ini": "", "part/all.shout": "echo HELLO; echo 1 passed\n"})
    result, said = check(ground, "tests", tmp_path / "site")
    assert result == ["passed", "cd part && sh all.shout", "HELLO\n1 passed\n"]
    assert said == ""
    ground.commit({"part/all.shout": "echo NO; exit 3\n"})
    assert check(ground, "tests", tmp_path / "site")[0][0] == "failed"


def test_without_the_package_nobody_knows_the_language(ground: Ground, tmp_path: Path) -> None:
    ground.commit({"part/shout.ini": "", "part/all.shout": "echo 1 passed\n"})
    assert check(ground, "tests", tmp_path)[0][0] == "not_applicable"


@pytest.mark.parametrize(
    ("module", "point", "told"),
    [
        ("1 / 0", "x = brought:X", "'x' (brought:X, of brought) cannot be loaded: ZeroDivisionError"),
        ("raise SystemExit('no')", "x = brought:X", "cannot be loaded: SystemExit: no"),
        ("", "x = brought:X", "cannot be loaded: AttributeError"),
        ("", "x = nowhere:X", "cannot be loaded: ModuleNotFoundError"),
        ("X = {'name': 'x'}", "x = brought:X", "is a dict, not a conductor.checks.languages.language.Language"),
        (SHOUT.replace('"shout"', '"go"'), "x = brought:SHOUT", "'go', which came first, has the same name"),
        (SHOUT.replace('".shout"', '".rs"'), "x = brought:SHOUT", "'rust', which came first, has the extension .rs"),
        (SHOUT.replace('(".shout",)', '".shout"'), "x = brought:SHOUT", "of the wrong type"),
        (SHOUT.replace('"shout"', "None"), "x = brought:SHOUT", "of the wrong type"),
        (SHOUT.replace("tests=tests", "tests='all.shout'"), "x = brought:SHOUT", "its part 'tests' is not callable"),
        (SHOUT.replace("tests=tests", "comments='#'"), "x = brought:SHOUT", "of the wrong type"),
    ],
)
def test_a_package_that_cannot_be_used_is_told_and_costs_no_other(
    ground: Ground, tmp_path: Path, module: str, point: str, told: str
) -> None:
    installed(tmp_path / "site", "brought", module, point)
    installed(tmp_path / "site", "shouting", SHOUT, "sound = shouting:SHOUT")
    ground.commit({"shout.ini": "", "all.shout": "echo 1 passed\n"})
    result, said = check(ground, "tests", tmp_path / "site")
    assert result[0] == "passed"
    assert told in said and "Traceback" not in said


# A part of a language for each kind of check, as lines of its module after its imports.
FAULTY = {
    "tests": "async def tests(project, root): 1 / 0",
    "lint": "async def lint(project, paths): return None",
    "imports": "def imports(project, paths): return []",
    "interfaces": "def between(project, paths, parts): yield 'no line'",
    "tested": "has_code = lambda text, path: True\ndef tested(project, paths, tests): raise SystemExit('no')",
    "leftovers": "def stubs(text, parts, lines): raise RecursionError('deep')",
}


@pytest.mark.parametrize("kind", FAULTY)
def test_a_fault_of_a_package_is_a_check_that_could_not_run(ground: Ground, tmp_path: Path, kind: str) -> None:
    part = {"interfaces": "between", "leftovers": "stubs"}.get(kind, kind)
    given = f"{part}={part}" + ", has_code=has_code" * (kind == "tested")
    module = (
        "from conductor.checks.comments import Syntax\nfrom conductor.checks.languages.language import Language\n"
        f"{FAULTY[kind]}\n"
        "SYNTAX = Syntax(line=('#',))\n"
        f"X = Language(name='x', extensions=('.bad',), manifests=('x.ini',), comments=SYNTAX, {given})\n"
    )
    installed(tmp_path / "site", "brought", module, "x = brought:X")
    ground.commit({"x.ini": "", "a.bad": "x\n", "b.bad": "y\n"})
    (status, _, output), said = check(ground, kind, tmp_path / "site")
    assert (status, said) == ("unfinished", "")
    assert output.startswith("the language 'x' (brought:X, of brought) failed: ")
    assert "uninstall that package" in output


@pytest.mark.parametrize(
    ("given", "told"), [("'great', ''", "'great' is not a status"), ("'passed', None", "- at `$.summary`")]
)
def test_a_result_of_a_package_is_held_to_what_results_are(
    ground: Ground, tmp_path: Path, given: str, told: str
) -> None:
    shout = SHOUT.replace("return await", f"return Result({given})\n    await")
    module = f"from conductor.checks.site import Result\n{shout}"
    installed(tmp_path / "site", "shouting", module, "shout = shouting:SHOUT")
    ground.commit({"shout.ini": "", "all.shout": "echo 1 passed\n"})
    (status, _, output), _ = check(ground, "tests", tmp_path / "site")
    assert status == "unfinished"
    assert told in output


def test_doctor_tells_of_it_too(tmp_path: Path) -> None:
    installed(tmp_path / "site", "brought", "1 / 0", "x = brought:X")
    done = subprocess.run(
        [sys.executable, "-m", "conductor", "doctor", "--json"],
        cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{tmp_path / 'site'}", "HOME": str(tmp_path)},
        capture_output=True, text=True,
    )  # fmt: skip
    rows = json.loads(done.stdout)["rows"]
    assert ["x" in row["detail"] and row["ok"] for row in rows if row["name"] == "language"] == [None]


def test_importing_the_checks_looks_for_no_package() -> None:
    code = (
        "import sys, conductor.checks\n"
        "from conductor.checks.languages.registry import registered\n"
        "sys.exit(registered.cache_info().misses or 'importlib.metadata' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The only known language has a name and an extension."""
    monkeypatch.setattr(registry, "BUILT_IN", (Language(name="bare", extensions=(".bare",)),))
    registry.registered.cache_clear()
    yield
    registry.registered.cache_clear()


@pytest.mark.parametrize("kind", sorted({*KINDS} - {"files", "leftovers"}))
def test_what_a_language_lacks_is_not_applicable(ground: Ground, bare: None, kind: str) -> None:
    ground.commit({"a.bare": "func a", "b.bare": "import a", "tests/c.bare": "test"})
    parts: dict[str, tuple[str, ...]] = {"one": ("a.bare",), "other": ("b.bare",)}
    result: Result = asyncio.run(run_check(CheckSpec(kind, kind, parts=parts), ground.site()))
    assert result.status == "not_applicable"


def test_leftovers_of_a_language_are_told_by_its_comments(
    ground: Ground, bare: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.commit({"a.bare": "x ;; TODO: more\n"})
    assert ground.check("leftovers").status == "passed"  # nobody says what a comment is
    known = Language(name="bare", extensions=(".bare",), comments=comments.Syntax(line=(";;",)))
    monkeypatch.setattr(registry, "BUILT_IN", (known,))
    registry.registered.cache_clear()
    assert ground.check("leftovers").output == "a.bare:1: TODO in a comment: TODO: more\n"


def test_no_two_built_in_languages_claim_a_file() -> None:
    extensions = [extension for language in registry.BUILT_IN for extension in language.extensions]
    assert len(extensions) == len({*extensions})
    for language in registry.BUILT_IN:
        assert {comments.syntax_of(f"a{extension}") for extension in language.extensions} == {language.comments}
