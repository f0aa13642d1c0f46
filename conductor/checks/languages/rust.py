"""Rust, with cargo."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePosixPath

from conductor.checks import comments
from conductor.checks.command import check_command, find, missing
from conductor.checks.comments import Parts, split
from conductor.checks.languages.language import Language
from conductor.checks.languages.support.compiled import compiler
from conductor.checks.languages.support.matching import matching
from conductor.checks.languages.support.offered_rust import offered
from conductor.checks.project import Project
from conductor.checks.site import Result

_NAME = "rust"
_STUB = re.compile(r"\b(todo|unimplemented)!\s*[(\[{]")
# (names of configuration files, command, the tool it needs besides cargo)
_LINTERS = (
    (("clippy.toml", ".clippy.toml"), ["cargo", "clippy", "--", "-D", "warnings"], "cargo-clippy"),
    (("rustfmt.toml", ".rustfmt.toml"), ["cargo", "fmt", "--check"], "rustfmt"),
)


async def _tests(project: Project, root: str) -> Result:
    if find(project, "cargo") is None:
        return missing("cargo", "cargo test")
    return await check_command(project, ["cargo", "test"], root=root, runs_tests=True)


async def _lint(project: Project, changed: tuple[str, ...]) -> list[Result]:
    results = []
    for root in project.roots(_NAME):
        for names, words, tool in _LINTERS:
            if any(str(PurePosixPath(root, name)) in project.files for name in names):
                absent = next((name for name in ("cargo", tool) if find(project, name) is None), None)
                ran = missing(absent, " ".join(words)) if absent else await check_command(project, words, root=root)
                results.append(ran)
    return results


def _has_code(text: str, path: str) -> bool:
    parts = split(text, path)
    return parts is not None and re.search(r"\bfn\b", parts.code) is not None


def _tested(project: Project, sources: tuple[str, ...], tests: Mapping[str, str]) -> set[str]:
    """Files that contain tests, and those whose module or crate a test mentions."""
    texts = [text for test, text in tests.items() if test.endswith(".rs")]
    return {path for path in sources if _is_tested(project, PurePosixPath(path), texts)}


def _is_tested(project: Project, path: PurePosixPath, texts: list[str]) -> bool:
    if re.search(r"#\[(cfg\(test\)|(\w+::)?test)\]", project.read(str(path)) or ""):
        return True
    crate = path.parent.parent.name if path.stem in ("main", "lib") else path.parent.name
    stem = crate if path.stem in ("main", "lib", "mod") else path.stem
    wanted = rf"\b{re.escape(stem)}\b|CARGO_BIN_EXE" if path.stem == "main" else rf"\b{re.escape(stem)}\b"
    return any(re.search(wanted, text) for text in texts)


def _stubs(text: str, parts: Parts, lines: Collection[int]) -> Iterable[tuple[int, str]]:
    return matching(_STUB, text, parts, lines)


RUST = Language(
    name=_NAME,
    extensions=(".rs",),
    manifests=("Cargo.toml",),
    needs_manifest=True,
    comments=comments.RUST,
    tests=_tests,
    lint=_lint,
    imports=compiler(_NAME, "Cargo.toml", ["cargo", "check"]),
    offered=offered,
    has_code=_has_code,
    tested=_tested,
    stubs=_stubs,
)
