"""What the recorder plays: a specification, a script for its agents, what a user calls, and when all is killed.

Each is a folder in plays/: `play.toml` and the files that it names. Nothing here runs anything.
"""

from __future__ import annotations

import json
import re
import signal
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec

from tests.golden.stage import SCRIPT, Step
from tests.support.places import EXAMPLE

PLAYS = Path(__file__).with_name("plays")
FOREVER = "hang = 3600.0\n"


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """`unbroken`: the exit code of a run that nobody kills; None: nobody is killed."""

    about: str
    record: list[dict[str, Any]]
    end: dict[str, list[dict[str, Any]]]
    example: bool = False  # the project and the script that come with Conductor, instead of the play's own
    live: bool = False  # a local server speaks for a model, as the script says
    hang: dict[str, int] = {}  # role/phase/module of an agent -> the turn in which it does nothing
    unbroken: int | None = None

    @property
    def kills(self) -> bool:
        return any("killed_when" in step for step in self.record)


def read(name: str) -> Play:
    play: Play = msgspec.toml.decode((PLAYS / name / "play.toml").read_bytes(), type=Play)
    assert play.kills == (play.unbroken is not None), f"{name}: what would it come to if nobody were killed?"
    return play


def names() -> list[str]:
    return sorted(path.parent.name for path in PLAYS.glob("*/play.toml"))


def project(name: str, play: Play) -> Path:
    """The folder with what a user has committed."""
    return (EXAMPLE if play.example else PLAYS / name) / "project"


def script(name: str, play: Play) -> str:
    """The agents' turns in one file, what they write in it too."""
    if not play.example:
        return (PLAYS / name / SCRIPT).read_text(encoding="utf-8")

    def inlined(found: re.Match[str]) -> str:
        return f"text = {json.dumps((EXAMPLE / found[1]).read_text(encoding='utf-8'), ensure_ascii=False)}"

    return re.sub(r'^text_from = "(.*)"$', inlined, (EXAMPLE / SCRIPT).read_text(encoding="utf-8"), flags=re.MULTILINE)


def hanging(text: str, play: Play) -> str:
    """The script in which agents stop where they are to be killed."""
    head, *entries = re.split(r"^(?=\[\[agent\]\]$)", text, flags=re.MULTILINE)
    left = dict(play.hang)
    for number, entry in enumerate(entries):
        (told,) = tomllib.loads(entry)["agent"]
        who = "/".join(told[key] for key in ("role", "phase", "module") if key in told)
        if who in left:
            turns = re.split(r"(?<=^\[\[agent\.turn\]\]\n)", entry, flags=re.MULTILINE)
            turns[left.pop(who)] = FOREVER + turns[play.hang[who]]
            entries[number] = "".join(turns)
    assert not left, f"the script has nobody like {', '.join(left)}"
    return head + "".join(entries)


def filled(name: str, value: Any, places: Mapping[str, str]) -> Any:
    """A step with the words in capitals replaced, and `@FILE` by the text of the play's file."""
    match value:
        case dict():
            return {filled(name, key, places): filled(name, item, places) for key, item in value.items()}
        case list():
            return [filled(name, item, places) for item in value]
        case str() if value.startswith("@"):
            return (PLAYS / name / value[1:]).read_text(encoding="utf-8")
        case str():
            return re.sub(rf"\b({'|'.join(places)})\b", lambda found: places[found[1]], value)
    return value


def stops(step: Step) -> tuple[signal.Signals, Mapping[str, str]] | None:
    """With what signal a step is ended, and when; None: it ends by itself."""
    if "killed_when" in step:
        return signal.SIGKILL, step["killed_when"]
    return (signal.SIGINT, step["interrupted_when"]) if "interrupted_when" in step else None


def reached(when: Mapping[str, str], counts: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether it is time. `when`: stream -> "TYPE COUNT"; `counts`: stream -> type of event -> how many of them."""

    def found(pattern: str, type_: str, least: str) -> bool:
        return any(fnmatchcase(key, pattern) and types.get(type_, 0) >= int(least) for key, types in counts.items())

    return all(found(pattern, *wanted.split()) for pattern, wanted in when.items())
