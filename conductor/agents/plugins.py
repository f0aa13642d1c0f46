"""Kinds of agents that other packages provide as entry points, each checked against the contract of a runner.

A fault in a package is reported with its name and affects only those who ask for its agents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import msgspec

from conductor.agents.contract.assignment import VERDICTS, AgentBroke, Assignment, Ended
from conductor.agents.contract.protocols import AgentKind, AgentRunner, Tools
from conductor.agents.transcript import Transcript
from conductor.config.settings import Settings
from conductor.decoding import prepared
from conductor.entry_points import FAULTS, REMEDY, Loaded, Unusable, fault, loaded
from conductor.errors import ConductorError, UsageError

GROUP = "conductor.agents"
BUILT_IN = ("anthropic", "claude-code", "command", "scripted")
_NAME = re.compile(r"[\w.-]+", re.ASCII)


class AgentPlugins(msgspec.Struct, frozen=True):
    """The usable kinds by name, and what is wrong with the others."""

    kinds: dict[str, Loaded]
    faults: tuple[Unusable, ...]


@cache
def registered() -> AgentPlugins:
    """What installed packages provide. They are discovered and imported on the first call only."""
    kinds: dict[str, Loaded] = {}
    faults = []
    for found in loaded(GROUP, "the kind of agent"):
        if isinstance(found, Unusable):
            faults.append(found)
        elif wrong := _wrong(found, kinds):
            faults.append(Unusable(found.name, fault(f"{found.who} {wrong}")))
        else:
            kinds[found.name] = found
    return AgentPlugins(kinds, tuple(faults))


def runner_of(kind: str, source: str, environ: Mapping[str, str], settings: Settings) -> AgentRunner | None:
    """The runner of a kind that another package provides, or None.

    Raises UsageError if the package cannot be used, or says that its agents cannot work here.
    """
    found = registered().kinds.get(kind)
    if found is None:
        unusable = next((unusable for unusable in registered().faults if unusable.name == kind), None)
        if unusable is not None:
            raise UsageError(unusable.why, hint=REMEDY)
        return None
    try:
        kind_of_agent: AgentKind = found.value  # type: ignore[assignment]  # `_wrong` checked that it is callable
        runner = kind_of_agent(source, environ, settings)
    except ConductorError:
        raise
    except FAULTS as error:
        raise UsageError(fault(f"{found.who} failed", error), hint=REMEDY) from error
    if not isinstance(runner, AgentRunner):
        raise UsageError(f"{found.who} makes a {type(runner).__name__}, which is not an AgentRunner", hint=REMEDY)
    return _Guarded(runner, found.who)


class _Guarded:
    """An AgentRunner whose faults are raised as AgentBroke, like those of the built-in ones."""

    def __init__(self, runner: AgentRunner, who: str) -> None:
        self.name = runner.name
        self._runner = runner
        self._who = who

    async def run(self, assignment: Assignment, tools: Tools, transcript: Transcript) -> Ended:
        try:
            return _checked(await self._runner.run(assignment, tools, transcript))
        except ConductorError:
            raise
        except FAULTS as error:
            raise AgentBroke(fault(f"{self._who} failed", error), hint=REMEDY) from error


def _checked(ended: object) -> Ended:
    """Validates the types: another package's code made it."""
    if not isinstance(ended, Ended):
        raise TypeError(f"it gave a {type(ended).__name__}, not an Ended")
    ended = msgspec.convert(msgspec.to_builtins(ended), prepared(Ended))
    if ended.verdict not in VERDICTS:
        raise ValueError(f"{ended.verdict!r} is not a verdict; expected {', '.join(VERDICTS)}")
    return ended


def _wrong(found: Loaded, known: Mapping[str, Loaded]) -> str:
    """Why a kind cannot be used; "" if nothing is wrong as far as can be seen before it runs."""
    if not _NAME.fullmatch(found.name):
        return "has a name that --agent cannot take: only letters, digits, dots, hyphens and underscores are allowed"
    if found.name in BUILT_IN:
        return "is left out: a built-in kind has that name"
    if found.name in known:
        return f"is left out: {known[found.name].who}, which came first, has that name"
    return "" if callable(found.value) else f"is a {type(found.value).__name__}, not a class or function"
