"""What was ruled on corrections, in three words: allow, block, ask."""

from __future__ import annotations

from collections.abc import Iterable

from conductor.doors.mcp.results import CorrectionRuling
from conductor.envelope import Recorded
from conductor.events import Body, CorrectionAccepted, CorrectionRefused, EvidenceRequested, QuestionAsked


def rulings(events: Iterable[Recorded], proposed: int) -> list[CorrectionRuling]:
    """The rulings in some events, in their order; none where nothing was proposed."""
    return ruled(event.body for event in events) if proposed else []


def ruled(bodies: Iterable[Body]) -> list[CorrectionRuling]:
    """The rulings among recorded or rehearsed events."""
    found: list[CorrectionRuling] = []
    for body in bodies:
        match body:
            case CorrectionAccepted(correction=correction):
                found.append(
                    CorrectionRuling(original=correction.original, ruling="allow", reason="it holds from here on")
                )
            case CorrectionRefused(correction=correction, reason=reason):
                found.append(CorrectionRuling(original=correction.original, ruling="block", reason=reason))
            case QuestionAsked(question=question) if question.kind in ("correction", "ambiguity"):
                reason = f"the user decides: {question.id}"
                found.append(CorrectionRuling(original=question.text, ruling="ask", reason=reason))
    return found


def awaits_evidence(bodies: Iterable[Body]) -> bool:
    """Whether Conductor checks the evidence before anything is ruled."""
    return any(isinstance(body, EvidenceRequested) for body in bodies)
