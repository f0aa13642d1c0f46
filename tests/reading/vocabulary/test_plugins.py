"""Labels from installed packages: they are read like built-in ones, and faulty packages cost no other anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conductor.reading.vocabulary.plugins import GROUP
from tests.support.packages import installed
from tests.support.places import ROOT

NORDIC = 'LABELS = {"test_commands": "Prøvekommando|prøver med", "gotchas": "faldgruber|files"}\n'
SPEC = """# Noter

## Phase 1: Start

- **Prøvekommando:** `sh run.sh`
- **Files:** `a.txt`

### Faldgruber

- Filen er tom.
"""
READ = """
import sys
import msgspec
from conductor.reading.reader import read
from conductor.reading.vocabulary import labels
phase = read(sys.stdin.read()).phases[0]
found = (phase.test_commands, phase.expected_files, phase.gotchas, labels.additions().faults)
print(msgspec.json.encode(found).decode())
"""


def found(site: Path) -> Any:
    """(test commands, files, gotchas, faults) that a process reads with the packages of a folder installed."""
    env = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{site}"}
    done = subprocess.run([sys.executable, "-c", READ], input=SPEC, capture_output=True, text=True, env=env, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_another_package_brings_labels_and_changes_no_built_in_one(tmp_path: Path) -> None:
    assert found(tmp_path)[0] == []
    installed(tmp_path, "nordic", NORDIC, "danish = nordic:LABELS", group=GROUP)
    commands, files, gotchas, faults = found(tmp_path)
    assert (commands, files, faults) == (["sh run.sh"], ["a.txt"], [])
    assert [gotcha if isinstance(gotcha, str) else gotcha["text"] for gotcha in gotchas] == ["Filen er tom."]


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("1 / 0", "cannot be loaded: ZeroDivisionError"),
        ("LABELS = ['tests']", "is not a dict such as"),
        ("LABELS = {'tests': 1}", "is not a dict such as"),
        ("LABELS = {'nonsense': 'x'}", "has the unknown field 'nonsense' (allowed: "),
    ],
)
def test_a_faulty_package_is_named_and_costs_no_other(tmp_path: Path, module: str, told: str) -> None:
    installed(tmp_path, "bad", module, "a = bad:LABELS", group=GROUP)
    installed(tmp_path, "nordic", NORDIC, "danish = nordic:LABELS", group=GROUP)
    commands, _, _, faults = found(tmp_path)
    assert commands == ["sh run.sh"]
    assert len(faults) == 1 and "the vocabulary 'a' (bad:LABELS, of bad)" in faults[0] and told in faults[0]
