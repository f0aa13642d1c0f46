"""The house: which module may import which. Imports within functions count as well."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions, requires
from itertools import chain
from pathlib import Path

import pytest

from tests.support.places import ROOT

PACKAGES = ("conductor", "projections", "replay")

FLOORS: tuple[tuple[str, ...], ...] = (
    # Of the package itself, its version.
    ("conductor", "errors", "decoding", "text", "ids", "inspection", "languages", "entry_points", "config"),
    ("plan", "redact"),
    ("events", "reading", "process", "diagnostics"),
    ("envelope", "sandbox"),
    ("core",),
    ("log",),
    ("checks", "agents", "projections", "replay"),
    ("workspace",),
    ("driving", "effects"),
    ("app", "tasks"),
    ("doors",),
    ("__main__", "demo", "generated"),  # what is started, and imported by nothing
)
FLOOR = {unit: n for n, units in enumerate(FLOORS) for unit in units}

PURE = {"errors", "decoding", "text", "ids", "inspection", "languages", "config", "plan", "events", "envelope", "core"}
READS = PURE | {"log", "projections"}  # what a read side may import: so it cannot act

CORE_MAY_IMPORT = {"__future__", "collections", "datetime", "enum", "functools", "re", "typing", "msgspec", "conductor"}
HEAVY = ("redis", "git", "anthropic", "mcp", "rich", "structlog", "asyncio", "transitions", "subprocess", "socket")
MAX_LINES = 350
MAX_FILES = 16


def files() -> list[Path]:
    found = chain.from_iterable((ROOT / package).rglob("*.py") for package in PACKAGES)
    return sorted(path.relative_to(ROOT) for path in found if "example" not in path.parts)


def unit(parts: tuple[str, ...]) -> str:
    """`conductor.core.rules.task` -> core; `projections.view` -> projections; `conductor.__version__` -> conductor."""
    if parts[0] != "conductor" or len(parts) == 1 or parts[1] in ("__init__", "__version__"):
        return parts[0]
    return parts[1]


def imports(path: Path) -> Iterator[str]:
    """Dotted names of everything that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path}:{node.lineno}: a relative import"
            in_root = node.module in PACKAGES
            yield from (f"{node.module}.{a.name}" for a in node.names) if in_root else (node.module,)


def imported_modules(path: Path) -> Iterator[str]:
    """Dotted names of what a file imports, each name of a `from … import` as if it were a module."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def edges() -> Iterator[tuple[Path, str, str]]:
    """(file, its unit, the unit of ours that it imports), where these are two."""
    for path in files():
        own = unit(path.with_suffix("").parts)
        for name in imports(path):
            parts = tuple(name.split("."))
            if parts[0] in PACKAGES and unit(parts) != own:
                yield path, own, unit(parts)


def test_every_module_stands_on_a_floor() -> None:
    assert {unit(path.with_suffix("").parts) for path in files()} == set(FLOOR)


def test_imports_lead_down_or_stay_on_the_floor() -> None:
    up = [f"{path} imports {to}, which is above {own}" for path, own, to in edges() if FLOOR[to] > FLOOR[own]]
    assert up == []


def test_no_class_name_stands_for_two_things() -> None:
    named: dict[str, list[str]] = {}
    for path in files():
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                named.setdefault(node.name, []).append(str(path))
    assert {name: paths for name, paths in named.items() if len(paths) > 1} == {}


def test_only_the_log_speaks_to_redis() -> None:
    """No client is imported elsewhere, and no connection called: `tools.call(name, …)` is another matter."""
    wrong = []
    for path in (path for path in files() if path.parts[:2] != ("conductor", "log")):
        wrong += [f"{path} imports {name}" for name in imports(path) if name.partition(".")[0] in ("redis", "hiredis")]
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("connection", "execute_command"):
                wrong.append(f"{path}:{node.lineno} reaches for .{node.attr}")
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "call":
                words = [
                    word.value
                    for word in node.args[:1]
                    if isinstance(word, ast.Constant) and isinstance(word.value, str)
                ]
                wrong += [f"{path}:{node.lineno} sends {word}" for word in words if word.isupper()]
    assert wrong == []


def test_no_two_units_import_each_other() -> None:
    graph: dict[str, set[str]] = {}
    for _, own, to in edges():
        graph.setdefault(own, set()).add(to)
    TopologicalSorter(graph).prepare()  # raises CycleError, naming the cycle


def test_no_ring_of_modules_imports_itself() -> None:
    """Finer than the units above: within one, too, what is read first can be understood first."""
    known = {dotted(path): path for path in files()}
    graph = {
        module: {
            to for name in imported_modules(path) if (to := name if name in known else name.rpartition(".")[0]) in known
        }
        for module, path in known.items()
    }
    TopologicalSorter({module: to - {module} for module, to in graph.items()}).prepare()


def test_a_folder_can_be_seen_at_once() -> None:
    counts = Counter(path.parent for path in files() if path.name != "__init__.py")
    assert {str(folder): n for folder, n in counts.items() if n > MAX_FILES} == {}


@pytest.mark.parametrize("side", ["projections", "replay"])
def test_the_read_sides_cannot_act(side: str) -> None:
    may = READS if side == "replay" else READS - {"projections"}
    wrong = [f"{path} imports {to}" for path, own, to in edges() if own == side and to not in may]
    assert wrong == []


def test_nothing_imports_the_doors_but_what_is_started() -> None:
    assert {own for _, own, to in edges() if to == "doors"} <= set(FLOORS[-1])


def named(requirement: str) -> str:
    """The distribution that a requirement names, as package indexes compare names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


def test_what_is_imported_is_declared() -> None:
    """Not what a dependency happens to bring along: with its next version that may be gone."""
    declared = {*map(named, tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"])}
    made_by = packages_distributions()
    foreign = {(name.partition(".")[0], path) for path in files() for name in imports(path)}
    foreign = {(name, path) for name, path in foreign if name not in sys.stdlib_module_names and name not in PACKAGES}
    assert len({name for name, _ in foreign}) > 5, "the test looks at nothing"
    wrong = [f"{p} imports {n}" for n, p in sorted(foreign) if declared.isdisjoint(map(named, made_by.get(n, ())))]
    assert wrong == []


def test_the_sdk_speaks_by_the_library_whose_errors_we_know() -> None:
    assert {"httpx2"} <= set(map(named, requires("anthropic") or ()))


def test_the_protocols_of_a_room_stand_in_one_place() -> None:
    found: dict[str, set[str]] = {}
    for path in files():
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            bases = map(ast.unparse, node.bases) if isinstance(node, ast.ClassDef) else ()
            if any(re.match(r"Protocol\b", base) for base in bases):
                found.setdefault(unit(path.with_suffix("").parts), set()).add(str(path))
    assert found["agents"] == {"conductor/agents/contract/protocols.py"}
    assert {room: places for room, places in found.items() if len(places) > 1} == {}


def test_the_core_imports_nothing_that_can_touch_the_world() -> None:
    core = [path for path in files() if path.parts[:2] == ("conductor", "core")]
    assert core
    seen = {(str(path), name) for path in core for name in imports(path)}
    foreign = {(path, name) for path, name in seen if name.partition(".")[0] not in CORE_MAY_IMPORT}
    assert foreign == {("conductor/core/machine.py", "transitions")}, "and that within a function: see below"


def test_the_core_reads_no_clock() -> None:
    for path in (path for path in files() if path.parts[:2] == ("conductor", "core")):
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today")), path


@pytest.mark.parametrize("modules", ["conductor.core.decide, conductor.envelope", "conductor.core.machine"])
def test_deciding_pays_for_nothing_heavy(modules: str) -> None:
    code = f"import sys, {modules}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_no_file_is_longer_than_one_can_read_at_once() -> None:
    long = {str(path): n for path in files() if (n := len((ROOT / path).read_text("utf-8").splitlines())) > MAX_LINES}
    assert long == {}
