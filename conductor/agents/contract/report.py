"""An agent's report: its contract, and parsing it. It does not judge whether the report is true."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from conductor.decoding import bounded, prepared
from conductor.errors import ConductorError
from conductor.events import Correction, Finding
from conductor.text import clean, one_line

TITLE = 200  # characters
TEXT = 4_000
ITEMS = 100  # of each list


class ReportError(ConductorError):
    """What was sent is not a report; the message names the wrong field."""


class Noted(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something learned that will help others."""

    title: Annotated[str, Meta(description="One line, specific.")]
    text: Annotated[str, Meta(description="What it is and what to do about it.")] = ""
    evidence: Annotated[str, Meta(description="What shows it: a command and its output, a file and line.")] = ""
    weight: Annotated[
        Literal["", "core", "important", "minor", "pattern"],
        Meta(
            description="core: it changes what has to be built. important: the next agent would run into it. "
            "minor: a detail. pattern: it always applies, everywhere in this project."
        ),
    ] = ""


class Deviation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A statement of the specification that is factually wrong."""

    original: Annotated[str, Meta(description="What the specification says.")]
    reality: Annotated[str, Meta(description="What is true.")]
    evidence: Annotated[
        str,
        Meta(
            description="The proof: `$ command` with its output on the following lines, `path:line: the text "
            "there`, or a link. It is checked; a correction without valid evidence is refused."
        ),
    ] = ""
    action: Annotated[str, Meta(description="What you did about it.")] = ""
    impact: Annotated[
        Literal["minor", "core"],
        Meta(description="core: it changes what is built, or a requirement; a person decides."),
    ] = "minor"
    why_fact: Annotated[str, Meta(description="Why this is a fact and not a design choice.")] = ""
    nature: Annotated[
        Literal["fact", "choice", "unclear"],
        Meta(
            description="fact: what is written is wrong. choice: you would have decided differently. unclear: it "
            "can be read in several ways; `reality` then lists the readings, and a person is asked."
        ),
    ] = "fact"
    about: Annotated[Literal["detail", "requirement", "architecture"], Meta(description="What it touches.")] = "detail"
    affects: Annotated[
        tuple[str, ...], Meta(description="Names of other modules and numbers of phases that it affects.")
    ] = ()
    applied: Annotated[bool, Meta(description="true: what you built follows `reality`, not the specification.")] = False


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """An agent's final report."""

    status: Annotated[Literal["PASS", "FAIL"], Meta(description="PASS only if everything in the briefing is done.")]
    summary: Annotated[str, Meta(description="What was done, or what blocks you; a few sentences.")]
    files: Annotated[tuple[str, ...], Meta(description="Files created or changed.")] = ()
    tests_run: Annotated[tuple[str, ...], Meta(description="Commands you ran, each with its result.")] = ()
    discoveries: tuple[Noted, ...] = ()
    gotchas: Annotated[tuple[Noted, ...], Meta(description="Traps that the next agent would fall into, too.")] = ()
    corrections: tuple[Deviation, ...] = ()
    blocking: Annotated[
        tuple[str, ...], Meta(description="code-reviewer: what must be fixed, each with file, line and reason.")
    ] = ()
    performance: Annotated[tuple[Noted, ...], Meta(description="Performance insights, with figures.")] = ()
    security: Annotated[tuple[Noted, ...], Meta(description="Security issues found.")] = ()

    def findings(self) -> tuple[Finding, ...]:
        """All findings in one list."""
        return (
            *(Finding("discovery", n.title, n.text, n.evidence, n.weight) for n in self.discoveries),
            *(Finding("gotcha", n.title, n.text, n.evidence, n.weight) for n in self.gotchas),
            *(Finding("performance", n.title, n.text, n.evidence, n.weight) for n in self.performance),
            *(Finding("security", n.title, n.text, n.evidence, n.weight) for n in self.security),
        )

    def as_corrections(self) -> tuple[Correction, ...]:
        return tuple(msgspec.convert(c, prepared(Correction), from_attributes=True) for c in self.corrections)


def read_report(raw: object) -> Report:
    """Read a report from plain values or JSON text. Unknown fields are ignored; long texts are cut.

    Raises ReportError naming the wrong field.
    """
    try:
        if isinstance(raw, str):
            report = msgspec.json.decode(bounded(raw), type=prepared(Report))
        else:
            report = msgspec.convert(raw, prepared(Report))
    except (msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise ReportError(
            f"the report cannot be read: {clean(str(error), TITLE)}",
            allowed='an object with at least "status" (PASS or FAIL) and "summary" (text)',
            hint="correct that field and report again",
        ) from None
    report = _capped(report)
    for field, values in (
        ("summary", (report.summary,)),
        ("a title", tuple(f.title for f in report.findings())),
        ("a correction's original", tuple(c.original for c in report.corrections)),
        ("a correction's reality", tuple(c.reality for c in report.corrections)),
    ):
        if not all(values):
            raise ReportError(f"the report cannot be read: {field} is empty", hint="fill it in and report again")
    return report


def _capped(report: Report) -> Report:
    return Report(
        status=report.status,
        summary=_text(report.summary),
        files=_lines(report.files, TITLE * 5),
        tests_run=_lines(report.tests_run, TITLE * 5),
        discoveries=_notes(report.discoveries),
        gotchas=_notes(report.gotchas),
        corrections=tuple(
            msgspec.structs.replace(
                c,
                original=_text(c.original),
                reality=_text(c.reality),
                evidence=_text(c.evidence),
                action=_text(c.action),
                why_fact=_text(c.why_fact),
                affects=_lines(c.affects, TITLE),
            )
            for c in report.corrections[:ITEMS]
        ),
        blocking=_lines(report.blocking, TEXT),
        performance=_notes(report.performance),
        security=_notes(report.security),
    )


def _notes(notes: tuple[Noted, ...]) -> tuple[Noted, ...]:
    return tuple(Noted(one_line(n.title, TITLE), _text(n.text), _text(n.evidence), n.weight) for n in notes[:ITEMS])


def _lines(texts: tuple[str, ...], limit: int) -> tuple[str, ...]:
    return tuple(line for text in texts[:ITEMS] if (line := one_line(text, limit)))


def _text(text: str) -> str:
    return clean(text.strip(), TEXT)
