"""Rules for what agents say is wrong with the specification.

A fact whose evidence holds is accepted if it is minor, and waits for a person if it touches the core. A choice, or a
claim without evidence, is an assumption: the specification stands. What is unclear becomes a question. If the evidence
names a command or a line of a file, Conductor checks it before it rules.
"""

from __future__ import annotations

from conductor.core.questions import ask, quoted
from conductor.core.rules.evidence import reference
from conductor.core.state import Claimed, TaskState
from conductor.events import (
    Body,
    Correction,
    CorrectionAccepted,
    CorrectionRefused,
    EvidenceRequested,
    QuestionAsked,
    SpecAmended,
    Target,
)


def judge(state: TaskState) -> Body | None:
    """The ruling on the oldest correction without one, or what is needed first; None while that is under way."""
    if state.to_amend:
        return SpecAmended(state.to_amend[0])
    if not state.unjudged:
        return None
    claim = state.unjudged[0]
    correction = claim.correction
    if claim.ruling == "approve":
        return CorrectionAccepted(correction, phase=claim.phase, module=claim.module, approved_by=claim.ruled_by)
    if claim.ruling:
        return _refused(claim, f"a person refused it ({claim.ruled_by})")
    if correction.nature == "unclear":
        return _ask(state, claim, "ambiguity")
    if (assumption := _assumption(correction)) is not None:
        return _refused(claim, f"{assumption}; the specification stands")
    where = reference(correction.evidence)
    if where is not None and not claim.evidence:
        if any(isinstance(o.request, EvidenceRequested) for o in state.open.values()):
            return None
        effect = Target(claim.phase, claim.module).effect("evidence", state.version)
        return EvidenceRequested(effect=effect, phase=claim.phase, module=claim.module, reference=where)
    if claim.evidence == "refuted":
        return _refused(claim, f"the evidence does not hold: {claim.told}")
    if correction.impact == "core" or claim.evidence == "unseen":
        return _ask(state, claim, "correction")
    return CorrectionAccepted(correction, phase=claim.phase, module=claim.module)


def _assumption(correction: Correction) -> str | None:
    """Why this is not a fact; None: it is claimed as one, with evidence and a reason."""
    if correction.nature == "choice":
        return "a design choice, not a fact"
    if not correction.evidence.strip():
        return "no evidence: an assumption"
    if not correction.why_fact.strip():
        return "nothing says why it is a fact and not a choice: an assumption"
    return None


def _refused(claim: Claimed, reason: str) -> CorrectionRefused:
    return CorrectionRefused(claim.correction, reason, phase=claim.phase, module=claim.module)


def _ask(state: TaskState, claim: Claimed, kind: str) -> QuestionAsked:
    correction = claim.correction
    said = ["The specification says:", quoted(correction.original)]
    if kind == "ambiguity":
        said += ["It can be read in several ways:", quoted(correction.reality), "Which is meant?"]
    else:
        said += ["Found instead:", quoted(correction.reality), "Evidence:", quoted(correction.evidence)]
        if claim.evidence == "unseen":
            said += ["Conductor has not checked that evidence:", quoted(claim.told)]
        elif claim.evidence:
            said += ["Conductor has checked it, and it holds:", quoted(claim.told)]
        core = "It concerns the core of the specification. " if correction.impact == "core" else ""
        said.append(f"{core}Approve the correction?")
    return ask(state, kind, "\n".join(said), Target(claim.phase, claim.module), correction.affects, correction=claim.id)
