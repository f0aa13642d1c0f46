"""Parts of a plan that is too large for one task: each is built by a task of its own, which its parent waits for."""

from __future__ import annotations

from typing import Literal

from conductor.events.effects import Outcome, Request
from conductor.events.values import Amendment, Correction, Finding
from conductor.events.vocabulary import Body, Kind, event
from conductor.ids import Branch, Commit, TaskStatus, Tree
from conductor.plan.model import Plan, Subplan

observation, decision = Kind.OBSERVATION, Kind.DECISION


@event("task.decomposed", decision)
class TaskDecomposed(Body, frozen=True):
    """The plan is too large for one task: its parts are built by subtasks."""

    parts: tuple[Subplan, ...]
    plan: Plan  # what is left to the task itself: a phase whose modules are the parts


@event("subtask.requested", decision)
class SubtaskRequested(Request, frozen=True, kw_only=True):
    """The part `module` is to be built by a task with the id `subtask`, begun where it does not exist yet."""

    subtask: str
    base: Commit  # commit that it builds on, with all in it that it depends on
    branch: Branch
    parallel: int  # its agents at work at once


@event("subtask.ended", observation)
class SubtaskEnded(Outcome, frozen=True, kw_only=True):
    """Its end, and what of it concerns the whole."""

    subtask: str
    status: Literal["completed", "completed_with_waivers", "abandoned"]
    commit: Commit
    tree: Tree
    waived: tuple[str, ...] = ()  # phase numbers; "final" for its final validation
    unproven: tuple[str, ...] = ()  # ids of criteria that nothing proved
    failing: tuple[str, ...] = ()  # kinds of the checks that failed in what a person waived
    files: tuple[str, ...] = ()  # changed since its base, as git saw it
    files_created: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    corrections: tuple[Correction, ...] = ()  # those that were accepted
    amendments: tuple[Amendment, ...] = ()  # of the specification, that a person approved in it


@event("subtask.waits", observation)
class SubtaskWaits(Outcome, frozen=True, kw_only=True):
    """It cannot go on without a person."""

    subtask: str
    status: TaskStatus
    questions: tuple[str, ...] = ()  # ids, of its own


@event("subtask.amended", observation)
class SubtaskAmended(Body, frozen=True, kw_only=True):
    """In one that is under way a person approved a correction of the specification's core."""

    subtask: str
    phase: str
    module: str
    correction: Correction
    amendment: Amendment  # as it is called there


@event("subtask.news_requested", decision)
class SubtaskNewsRequested(Request, frozen=True, kw_only=True):
    """A subtask that began before the amendment, and that it concerns, is to learn of it."""

    subtask: str
    amendment: Amendment


@event("subtask.told", observation)
class SubtaskTold(Outcome, frozen=True, kw_only=True):
    """The subtask has the amendment in its own record."""

    subtask: str
    amendment: str  # its id
    version: int = 0  # of the event in the subtask's stream; 0: it has ended, has not begun, or has it already


@event("amendment.received", observation)
class AmendmentReceived(Body, frozen=True):
    """In a subtask: the specification was amended outside of it, and reads so from here on."""

    amendment: Amendment  # as its parent calls it


@event("subtask.changed", observation)
class SubtaskChanged(Body, frozen=True):
    """One that waited can go on, or has ended meanwhile."""

    subtask: str
    status: TaskStatus
