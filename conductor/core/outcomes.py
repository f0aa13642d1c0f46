"""Which outcomes a request may have. Pure; a runner's mistake is refused here and is never recorded."""

from __future__ import annotations

from conductor.core.state import Open
from conductor.events import (
    AgentReported,
    AgentRequested,
    BudgetExhausted,
    CheckObserved,
    CheckpointCreated,
    CheckpointRequested,
    ChecksRequested,
    CollectCompleted,
    CollectRequested,
    DeliveryCompleted,
    DeliveryRefused,
    DeliveryRequested,
    DocumentsRequested,
    DocumentsWritten,
    EffectDeferred,
    EffectFailed,
    EffectReleased,
    EvidenceObserved,
    EvidenceRequested,
    IntegrationPrepared,
    IntegrationRequested,
    MergeCompleted,
    MergeConflicted,
    MergeRequested,
    Outcome,
    PhaseRolledBack,
    Request,
    RestoreCompleted,
    RestoreRequested,
    RollbackRequested,
    SubtaskEnded,
    SubtaskNewsRequested,
    SubtaskRequested,
    SubtaskTold,
    SubtaskWaits,
    TaskRolledBack,
    WorkspacePrepared,
    WorkspaceRequested,
    type_of,
)

OUTCOMES: dict[type[Request], tuple[type[Outcome], ...]] = {
    WorkspaceRequested: (WorkspacePrepared,),
    AgentRequested: (AgentReported, BudgetExhausted),
    CollectRequested: (CollectCompleted,),
    ChecksRequested: (CheckObserved,),
    EvidenceRequested: (EvidenceObserved,),
    MergeRequested: (MergeCompleted, MergeConflicted),
    IntegrationRequested: (IntegrationPrepared,),
    DocumentsRequested: (DocumentsWritten,),
    CheckpointRequested: (CheckpointCreated,),
    RollbackRequested: (PhaseRolledBack, TaskRolledBack),
    RestoreRequested: (RestoreCompleted,),
    DeliveryRequested: (DeliveryCompleted, DeliveryRefused),
    SubtaskRequested: (SubtaskEnded, SubtaskWaits),
    SubtaskNewsRequested: (SubtaskTold,),
}


def misfit(held: Open, outcome: Outcome) -> str | None:
    """Why `outcome` does not fit the open effect `held`; None: it fits."""
    if not held.claim_version:
        return "the effect is not claimed"
    if outcome.claim != held.claim_version:
        return f"the current claim is {held.claim_version}"
    if isinstance(outcome, EffectReleased | EffectDeferred | EffectFailed):
        return None
    request = held.request
    if not isinstance(outcome, OUTCOMES[type(request)]) or not _answers(request, outcome):
        return f"it does not match the {type_of(request)}"
    if isinstance(outcome, CheckObserved) and outcome.key in held.done:
        return f"{outcome.key} has already been observed"
    return None


def _answers(request: Request, outcome: Outcome) -> bool:
    """Whether the outcome is about what was requested: the same role, phase, number, or check on the same commit."""
    match request, outcome:
        case AgentRequested(), AgentReported():
            return outcome.role == request.role
        case ChecksRequested(), CheckObserved():
            return outcome.commit == request.commit and any(c.key == outcome.key for c in request.checks)
        case CheckpointRequested(), CheckpointCreated():
            return outcome.number == request.number
        case SubtaskRequested(), SubtaskEnded() | SubtaskWaits():
            return outcome.subtask == request.subtask
        case SubtaskNewsRequested(), SubtaskTold():
            return (outcome.subtask, outcome.amendment) == (request.subtask, request.amendment.id)
        case RollbackRequested(phase=None), _:
            return isinstance(outcome, TaskRolledBack) and outcome.checkpoint == request.checkpoint
        case RollbackRequested(), PhaseRolledBack():
            return (outcome.phase, outcome.checkpoint) == (request.phase, request.checkpoint)
        case RollbackRequested(), _:
            return False
    return True
