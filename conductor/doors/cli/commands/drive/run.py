"""`conduct run`: from a specification to a finished branch."""

from __future__ import annotations

import argparse
from pathlib import Path

from conductor.agents.choice import AGENTS, allowed_agents
from conductor.core.state import TaskState
from conductor.doors.cli.call import Call
from conductor.doors.cli.driving import drive
from conductor.doors.cli.render.output import Output, count, safe
from conductor.doors.cli.render.quote import numbered
from conductor.errors import Refused, UsageError
from conductor.ids import Driver

EXAMPLE = """
conduct run
conduct run .prelude/READY.md --agent scripted:turns/script.toml
conduct run READY.md --agent scripted:script.toml --merge
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    creation_arguments(parser)
    parser.add_argument("--merge", action="store_true", default=None, help="merge the finished branch into its base")


def creation_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that `run` and `start` share."""
    parser.add_argument("spec", nargs="?", default=".prelude/READY.md", help="the specification (default: %(default)s)")
    parser.add_argument("--repo", default=".", help="the repository (default: that of the current folder)")
    parser.add_argument("--branch", help="name of the task branch (default: conductor/TASK)")
    parser.add_argument(
        "--agent",
        metavar="KIND:SOURCE",
        help=f"who does the work: {AGENTS}, or a kind from an installed package "
        "(default: anthropic, if ANTHROPIC_API_KEY is set)",
    )
    parser.add_argument("--yes", action="store_true", help="approve the commands of the specification that checks run")
    parser.add_argument(
        "--new", action="store_true", help="create another task even if one already builds this specification"
    )


def run(call: Call) -> int:
    call.output.outlives_reader = True
    call.args.agent = call.args.agent or live_agent(call)
    task = created(call)
    return drive(call, call.app.ledger(task))


def live_agent(call: Call) -> str:
    """The kind of agent if none is named. Raises UsageError if there is none to use."""
    if call.app.environment.variables.get("ANTHROPIC_API_KEY", "").strip():
        return "anthropic"
    raise UsageError(
        "no agent to do the work: ANTHROPIC_API_KEY is not set and --agent is not given",
        allowed=f"--agent {allowed_agents()}",
        hint="set ANTHROPIC_API_KEY for live agents, or give --agent",
    )


def created(call: Call, driver: Driver = "conductor") -> str:
    """Create the task that the arguments describe, and print what was read."""
    from conductor.tasks.clear import clear_ended
    from conductor.tasks.create import create

    args, output = call.args, call.output
    made = create(
        call.app,
        Path(args.spec),
        repository=Path(args.repo),
        agent=args.agent,
        actor=call.person,
        driver=driver,
        branch=args.branch,
        another=args.new,
        merge=getattr(args, "merge", None),
        approve=lambda commands: args.yes or _approved(commands, output),
    )
    call.found = made.task
    for trouble in clear_ended(call.app):
        output.wrapped(output.paint(safe(trouble), "yellow"), rest="  ")
    plan = made.plan
    output.title(plan.title, f"({made.task})")
    phases, modules = len(plan.phases), sum(len(p.modules) for p in plan.phases)
    output.text(f"  {count(phases, 'phase')}, {count(modules, 'module')}, agents: {safe(args.agent or 'a client')}")
    for warning in plan.warnings:
        where = f"{safe(args.spec)}:{warning.line}: " if warning.line else ""
        text = f"{where}{safe(warning.message)}"
        output.wrapped(output.paint(text, "yellow"), first="  ", rest="    ")
    if made.dirty:
        names = safe(", ".join(made.dirty[:5])) + (" …" if len(made.dirty) > 5 else "")
        text = f"uncommitted, so not part of the task: {names}"
        output.wrapped(output.paint(text, "yellow"), first="  ", rest="    ")
    state = call.app.ledger(made.task).catch_up()
    for model in _unpriced(state):
        text = f'the money limit cannot apply to {safe(model)}: conductor.toml has no [prices."MODEL"] for it'
        output.wrapped(output.paint(text, "yellow"), first="  ", rest="    ")
    if state.settings.merge and state.base_branch is None:
        text = f"HEAD is detached, so there is no branch to merge into: the result stays on {safe(state.branch)}"
        output.wrapped(output.paint(text, "yellow"), first="  ", rest="    ")
    return made.task


def _unpriced(state: TaskState) -> list[str]:
    """Models used by the task whose price is unknown, so that a limit of money cannot count them."""
    from conductor.agents.models import model_of
    from conductor.agents.prices import price_of
    from conductor.agents.roles.role import ROLES, role

    settings = state.settings
    limits = (settings.budget.agent, settings.budget.phase, settings.budget.task)
    if state.agent != "anthropic" or all(limit.money is None for limit in limits):
        return []
    models = {model_of(role(name), settings.models) for name in ROLES}
    return sorted(model for model in models if price_of(model, settings.prices) is None)


def _approved(commands: tuple[str, ...], output: Output) -> bool:
    """Ask at a terminal; without one, the task asks and waits. Raises Refused on a no, before anything is created."""
    if not output.asks:
        return False
    output.text("The specification has commands that checks will run on this machine:")
    for row in numbered(commands, output, within=4):
        output.text(f"  {output.paint(output.bar, 'dim')} {row}")
    if not output.confirmed("Allow Conductor to run them?"):
        raise Refused(
            "the commands were not approved: no task was created",
            hint="review them with `conduct plan`, and change the specification",
        )
    return True
