"""Kinds of agents that other packages bring as entry points, each held to what runners do.

What is wrong with a package is told with its name: it costs those who ask for its agents, and nobody else.
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
    """What installed packages bring. They are looked for, and imported, the first time only."""
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
    """The runner of a kind that another package brings; None: none does.

    Raises UsageError where the one that does cannot be used, or says that its agents cannot work here.
    """
    found = registered().kinds.get(kind)
    if found is None:
        unusable = next((unusable for unusable in registered().faults if unusable.name == kind), None)
        if unusable is not None:
            raise UsageError(unusable.why, hint=REMEDY)
        return None
    try:
        kind_of_agent: AgentKind = found.value  # type: ignore[assignment]  # `_wrong` saw that it can be called
        runner = kind_of_agent(source, environ, settings)
    except ConductorError:
        raise
    except FAULTS as error:
        raise UsageError(fault(f"{found.who} failed", error), hint=REMEDY) from error
    if not isinstance(runner, AgentRunner):
        raise UsageError(f"{found.who} makes a {type(runner).__name__}, which is no AgentRunner", hint=REMEDY)
    return _Guarded(runner, found.who)


class _Guarded:
    """An AgentRunner whose faults are an agent's that broke, as they are of those that are built in."""

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
    """What was made in another package's code has not been checked by its types yet."""
    if not isinstance(ended, Ended):
        raise TypeError(f"it gave a {type(ended).__name__}, not an Ended")
    ended = msgspec.convert(msgspec.to_builtins(ended), prepared(Ended))
    if ended.verdict not in VERDICTS:
        raise ValueError(f"{ended.verdict!r} is no verdict; there are {', '.join(VERDICTS)}")
    return ended


def _wrong(found: Loaded, known: Mapping[str, Loaded]) -> str:
    """Why a kind cannot be used; "": it can, as far as one can tell before it is."""
    if not _NAME.fullmatch(found.name):
        return "has a name that --agent cannot give: letters, digits, dots, hyphens and underscores can stand in it"
    if found.name in BUILT_IN:
        return "is left out: the name is that of a kind that is built in"
    if found.name in known:
        return f"is left out: the name is that of {known[found.name].who}, which came first"
    return "" if callable(found.value) else f"is a {type(found.value).__name__}, not a class or function"
