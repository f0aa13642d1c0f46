"""Rules for what an agent says is wrong with the specification.

A fact with evidence that touches nothing essential is accepted; one that changes the core waits for a person; what
comes without evidence is an assumption, and the specification stands.
"""

from __future__ import annotations

from conductor.core.questions import ask
from conductor.core.state import TaskState
from conductor.events import Body, CorrectionAccepted, CorrectionRefused


def judge(state: TaskState) -> Body | None:
    """The ruling on the oldest correction that has none."""
    if not state.unjudged:
        return None
    claim = state.unjudged[0]
    correction = claim.correction
    phase, module = claim.phase, claim.module
    if claim.ruling == "approve":
        return CorrectionAccepted(correction, phase=phase, module=module, approved_by=claim.ruled_by)
    if claim.ruling:
        return CorrectionRefused(correction, f"a person refused it ({claim.ruled_by})", phase=phase, module=module)
    if not correction.evidence.strip():
        return CorrectionRefused(
            correction, "no evidence: an assumption; the specification stands", phase=phase, module=module
        )
    if correction.impact == "minor":
        return CorrectionAccepted(correction, phase=phase, module=module)
    if correction.impact != "core":
        return CorrectionRefused(
            correction, f"impact {correction.impact!r} is neither minor nor core", phase=phase, module=module
        )
    text = (
        f"The specification says: {correction.original}\nFound instead: {correction.reality}\n"
        f"Evidence: {correction.evidence}\nIt concerns the core of the specification. Approve the correction?"
    )
    return ask(state, "correction", text, phase, module)
