"""The arguments that several tools take, described once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from pydantic import BaseModel, Field

from conductor.doors.mcp.session import Session

ToolContext = Context[Session, Any]

TaskId = Annotated[str, Field(description="The task's id, or a unique prefix of it.")]
PhaseKey = Annotated[str, Field(description='The phase\'s number as text ("1", "2a"); "final": the whole task.')]
ModuleName = Annotated[str | None, Field(description="The module, in a phase with several; leave out otherwise.")]
Directory = Annotated[str, Field(description="Absolute path of a folder in the user's git repository.")]
Reason = Annotated[str, Field(description="Why, in a sentence, for the record.")]
Role = Literal["implementation-executor", "fix-executor", "synthesis-architect", "code-reviewer", "test-implementer"]
Verdict = Literal["PASS", "FAIL", "NO_REPORT"]


class LearnedNote(BaseModel):
    """Something learned that will help later agents."""

    kind: Literal["discovery", "gotcha", "performance", "security"]
    title: Annotated[str, Field(description="One line, specific.", min_length=1)]
    text: Annotated[str, Field(description="What it is and what to do about it.")] = ""
    evidence: Annotated[str, Field(description="A command and its output, or a file and line.")] = ""
    weight: Annotated[
        Literal["", "core", "important", "minor", "pattern"],
        Field(description="core: it changes what is built. pattern: it holds everywhere in the project."),
    ] = ""


class SpecificationError(BaseModel):
    """A statement of the specification that is wrong as a matter of fact, or unclear."""

    original: Annotated[str, Field(description="What the specification says.", min_length=1)]
    reality: Annotated[
        str, Field(description="What is true instead; for `unclear`, the possible readings.", min_length=1)
    ]
    evidence: Annotated[
        str,
        Field(
            description="`$ command` with its output on the lines after it, or `path:line: text`. Conductor checks "
            "it itself; a correction whose evidence does not hold is refused."
        ),
    ] = ""
    action: Annotated[str, Field(description="What the agent did about it.")] = ""
    impact: Annotated[
        Literal["minor", "core"], Field(description="core: it changes what is built; the user decides.")
    ] = "minor"
    why_fact: Annotated[str, Field(description="Why this is a fact and not a design choice.")] = ""
    nature: Annotated[
        Literal["fact", "choice", "unclear"],
        Field(description="fact: it is not as written. choice: a different decision. unclear: several readings fit."),
    ] = "fact"
    about: Literal["detail", "requirement", "architecture"] = "detail"
    affects: Annotated[list[str], Field(description="Other modules and phase numbers that it concerns.")] = []
    applied: Annotated[bool, Field(description="true: what was built follows `reality`.")] = False


def session(ctx: ToolContext) -> Session:
    return ctx.request_context.lifespan_context
