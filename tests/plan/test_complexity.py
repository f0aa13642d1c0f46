"""The score: what it counts, and that it tells small from large."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.plan.complexity import explain, score
from conductor.reading.reader import read
from tests.support.places import EXAMPLE


def spec(phases: int, modules: int, files: int) -> str:
    text = "# T\n"
    for n in range(phases):
        own = [f"m{i}" for i in range(n, modules, phases)]
        paths = [f"src/f{i}.py" for i in range(n, files, phases)]
        needs = f"Depends on: Phase {n}\n" if n else ""
        text += f"\n### Phase {n + 1}: P{n}\nModules: {', '.join(own)}\n{needs}Files: {', '.join(paths)}\n\n- go\n"
    return text


def test_small_and_large() -> None:
    assert read(spec(5, 7, 12)).complexity < 40
    assert read(spec(3, 15, 100)).complexity > 80
    assert read(spec(60, 300, 900)).complexity <= 100


def test_the_parts_add_up_to_the_score() -> None:
    plan = read(spec(5, 7, 12))
    parts = explain(plan)
    assert {part.name: part.count for part in parts} == {
        "files": 12,
        "modules": 7,
        "phases": 5,
        "dependencies": 4,
        "further languages": 0,
    }
    assert plan.complexity == score(plan) == round(sum(part.points for part in parts))
    assert sum(part.most for part in parts) == 100


def test_more_languages_are_more_complex() -> None:
    one = read("## Phase 1: x\nFiles: a.py, b.py, c.py\n\n- go\n").complexity
    three = read("## Phase 1: x\nFiles: a.py, b.go, c.rs\n\n- go\n").complexity
    assert three == one + 4


def test_the_bundled_example_is_small_and_a_hundred_files_over_fifteen_modules_are_large() -> None:
    example = EXAMPLE / "project" / ".prelude" / "READY.md"
    assert read(example.read_bytes()).complexity < 40
    assert read(spec(1, 15, 100)).complexity > 80


counts = st.tuples(st.integers(1, 8), st.integers(0, 20), st.integers(0, 130))


@settings(max_examples=60, deadline=None)
@given(counts, st.integers(0, 2), st.integers(1, 30))
def test_more_of_anything_is_never_simpler(sizes: tuple[int, int, int], which: int, more: int) -> None:
    phases, modules, files = sizes
    larger = [phases, phases + modules, files]
    smaller = tuple(larger)
    larger[which] += more
    if which == 0:
        larger[1] += more  # each phase has a module
    less, greater = read(spec(*smaller)), read(spec(*larger))
    assert 0 <= less.complexity <= greater.complexity <= 100
    assert all(a.points <= b.points for a, b in zip(explain(less), explain(greater), strict=True))
