"""The README is part of the product: what it shows must exist."""

from __future__ import annotations

import re

import msgspec

from conductor.config.settings import Commands, Settings
from conductor.doors.cli.main import COMMANDS
from conductor.errors import Exit
from conductor.events import REGISTRY
from conductor.generated.catalogue import catalogue
from conductor.generated.diagram import draw
from tests.support.places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_diagrams_are_those_of_the_tables() -> None:
    assert draw(README) == README, "run `make diagram`"


def test_every_command_in_the_readme_exists() -> None:
    shown = set(re.findall(r"conduct ([a-z][a-z-]*)", README))
    assert shown and shown <= set(COMMANDS)


def test_every_path_in_the_readme_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) <= targets


def test_exit_codes_are_documented() -> None:
    line = next(line for line in README.replace("\n", " ").split("Exit codes: ")[1:])
    documented = {int(n) for n in re.findall(r"(?:^|, )(\d+) [a-z]", line.split(". ")[0])}
    assert documented == {int(code) for code in Exit}


def test_every_setting_is_documented() -> None:
    fields = {field.name for kind in (Settings, Commands) for field in msgspec.structs.fields(kind)}
    row = next(line for line in README.splitlines() if line.startswith("| `conductor.toml`"))
    assert {name for name in fields if name not in re.findall(r"\w+", row)} == set()
    variables = set(re.findall(r"CONDUCT_[A-Z_]+", (ROOT / "conductor" / "config" / "environment.py").read_text()))
    assert {name for name in variables if f"| `{name}`" not in README} == set()


def test_the_catalogue_of_events_is_the_vocabulary() -> None:
    assert (ROOT / "docs" / "events.md").read_text() == catalogue(), "`make catalogue` writes it"


def test_every_event_says_what_it_means() -> None:
    assert [row.name for row in REGISTRY.values() if not row.body.__dict__.get("__doc__")] == []
