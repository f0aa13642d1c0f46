"""What becomes of each request: good by default, bad by chance, and as a story wants it where it says so."""

from __future__ import annotations

import random
from itertools import count
from typing import Any

from conductor.core.state import Open
from conductor.events import (
    AgentReported,
    AgentRequested,
    BudgetExhausted,
    CheckObserved,
    CheckpointCreated,
    CheckpointRequested,
    CheckSpec,
    ChecksRequested,
    CollectCompleted,
    CollectRequested,
    Correction,
    DeliveryCompleted,
    DeliveryRefused,
    DeliveryRequested,
    DocumentsRequested,
    DocumentsWritten,
    EffectDeferred,
    EffectFailed,
    EvidenceObserved,
    EvidenceRequested,
    Finding,
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
)
from conductor.ids import Commit, Digest, Tree


class Fate:
    """What a story wants to happen to the next `times` requests that fit `where`."""

    def __init__(self, what: str, times: int, where: dict[str, Any], says: dict[str, Any]) -> None:
        self.what, self.times, self.where, self.says = what, times, where, says

    def takes(self, what: str, request: Request, **more: object) -> bool:
        fits = all((more[k] if k in more else getattr(request, k, None)) == v for k, v in self.where.items())
        if self.what != what or not self.times or not fits:
            return False
        self.times -= 1
        return True


class Luck:
    """Outcomes for requests. `trouble` is the chance that a thing goes wrong, 0 to 1."""

    def __init__(self, seed: int, trouble: float) -> None:
        self.random = random.Random(seed)
        self.trouble = trouble
        self.ids = count(1)
        self.fates: list[Fate] = []

    def bad(self) -> bool:
        return self.trouble > 0 and self.random.random() < self.trouble

    def rarely(self) -> bool:
        return self.bad() and self.random.random() < 0.2

    def fated(self, what: str, request: Request, **more: object) -> dict[str, Any] | None:
        return next((f.says for f in self.fates if f.takes(what, request, **more)), None)

    def outcomes(self, held: Open) -> list[Outcome]:
        request = held.request
        key: dict[str, Any] = {"effect": request.effect, "claim": held.claim_version}
        if (broken := self.fated("breaks", request, type=type(request))) is not None or self.rarely():
            return [EffectFailed(**key, error="broke", **(broken or {}))]
        if isinstance(request, AgentRequested) and (self.fated("limit", request) is not None or self.rarely()):
            return [EffectDeferred(**key, until="2026-01-01T01:00:00.000000Z", kind="rate_limit")]
        if isinstance(request, AgentRequested) and self.fated("spent", request) is not None:
            return [BudgetExhausted(**key, what=("tokens",))]
        new = f"c{next(self.ids)}"
        made = {**key, "commit": new, "tree": "t" + new}
        match request:
            case WorkspaceRequested():
                at = {**key, "commit": request.base, "tree": "t" + request.base}
                return [WorkspacePrepared(**at, path="/w/" + request.branch, branch=request.branch)]
            case AgentRequested():
                return [self.report(request, made)]
            case CollectRequested():
                return [CollectCompleted(**made, files_created=(f"{request.phase}.py",))]
            case ChecksRequested():
                return [self.check(spec, request, key) for spec in request.checks if spec.key not in held.done]
            case EvidenceRequested():
                status = self.random.choice(["holds", "refuted", "unseen"]) if self.bad() else "holds"
                said = {"status": status, **(self.fated("evidence", request) or {})}
                return [EvidenceObserved(**key, **said, summary=f"it {said['status']}")]
            case MergeRequested():
                return [self.merge(request, made)]
            case IntegrationRequested():
                return [IntegrationPrepared(**key, path="/w/" + request.branch, branch=request.branch, files=("x.py",))]
            case DocumentsRequested():
                return [DocumentsWritten(**key, written={"DISCOVERIES.md": new})]
            case CheckpointRequested():
                return [CheckpointCreated(**made, number=request.number, checked_tree=request.checked_tree)]
            case RollbackRequested():
                return [self.rollback(request, {**key, "commit": request.commit, "tree": "t" + request.commit})]
            case RestoreRequested():
                return [RestoreCompleted(**made)]
            case DeliveryRequested():
                if self.fated("refused", request) is not None or self.bad():
                    return [DeliveryRefused(**key, reason="the base has moved")]
                return [DeliveryCompleted(**key, commit=Commit(new), into=request.into)]
            case SubtaskRequested():
                return [self.subtask(request, made)]
            case SubtaskNewsRequested():
                version = 0 if self.bad() else 9
                return [SubtaskTold(**key, subtask=request.subtask, amendment=request.amendment.id, version=version)]
        raise AssertionError(request)

    def subtask(self, request: SubtaskRequested, made: dict[str, Any]) -> Outcome:
        key = {"effect": made["effect"], "claim": made["claim"], "subtask": request.subtask}
        said = self.fated("subtask", request) or {}
        bad = self.random.choice(["awaiting_answer", "abandoned", "completed_with_waivers"]) if self.bad() else ""
        status = said.get("status") or bad or "completed"
        if status == "awaiting_answer":
            return SubtaskWaits(**key, status="awaiting_answer", questions=("q1",))
        if status == "abandoned":
            return SubtaskEnded(**key, status="abandoned", commit=Commit(""), tree=Tree(""))
        waived = {"waived": ("1",), "failing": ("lint",)} if status == "completed_with_waivers" else {}
        files = (f"{request.module}.py",)
        ended: dict[str, Any] = {**made, "subtask": request.subtask, "status": status, "files": files}
        return SubtaskEnded(**{**ended, **waived, **said})

    def report(self, request: AgentRequested, made: dict[str, Any]) -> AgentReported:
        said: dict[str, Any] = {"findings": (Finding("gotcha", f"gotcha {made['commit']}"),)}
        said["verdict"] = self.random.choice(["FAIL", "NO_REPORT"]) if self.bad() else "PASS"
        said["files_created"] = (f"{request.phase}.py",)
        if request.role == "code-reviewer" and self.bad():
            said["blocking"] = ("a flaw",)
        if self.bad():
            said["corrections"] = tuple(self.correction() for _ in range(self.random.choice([1, 2])))
        return AgentReported(**{**made, "role": request.role, **said, **(self.fated("agent", request) or {})})

    def correction(self) -> Correction:
        return Correction(
            "was",
            "is",
            self.random.choice(["", "in words", "$ make x\n1", "x.py:3: y"]),
            "did",
            self.random.choice(["minor", "core"]),
            self.random.choice(["", "it is so"]),
            self.random.choice(["fact", "fact", "choice", "unclear"]),
            applied=self.random.random() < 0.5,
        )

    def check(self, spec: CheckSpec, request: ChecksRequested, key: dict[str, Any]) -> CheckObserved:
        status = "passed"
        if spec.kind == "tested" and self.trouble:
            status = self.random.choice(["passed", "failed"])
        elif self.bad():
            status = self.random.choice(["failed", "failed", "failed", "not_applicable", "unavailable", "unfinished"])
        said = {"status": status, **(self.fated("check", request, key=spec.key) or {})}
        return CheckObserved(
            **key,
            **said,
            key=spec.key,
            kind=spec.kind,
            summary=f"it {said['status']}",
            commit=request.commit,
            tree=Tree("t" + request.commit),
            output=Digest("o"),
            proves=spec.proves,
        )

    def merge(self, request: MergeRequested, made: dict[str, Any]) -> Outcome:
        fated = self.fated("conflict", request)
        if fated is not None or (self.bad() and (request.resolution is None or self.random.random() < 0.2)):
            key = {"effect": made["effect"], "claim": made["claim"]}
            return MergeConflicted(**key, **(fated or {"files": ("x.py",)}))
        return MergeCompleted(**made, how="resolved" if request.resolution else "clean")

    def rollback(self, request: RollbackRequested, back: dict[str, Any]) -> Outcome:
        if request.phase is None:
            return TaskRolledBack(**back, checkpoint=request.checkpoint)
        rescue = f"refs/conductor/rescue/{back['claim']}"
        return PhaseRolledBack(**back, phase=request.phase, checkpoint=request.checkpoint, rescue=rescue)
