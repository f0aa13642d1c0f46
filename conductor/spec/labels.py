"""The words specifications use, as data: labels of fields, names of containers, keywords of phases.

A dialect or a language is added here, never as another code path.
"""

from __future__ import annotations

import re

from conductor.spec.languages import EXTENSIONS as EXTENSIONS
from conductor.spec.languages import LANGUAGE_OF as LANGUAGE_OF


def words(text: str) -> frozenset[str]:
    """A table of single words, written as running text."""
    return frozenset(text.split())


FIELDS: dict[str, tuple[str, ...]] = {
    "goals": (
        *("やること", "作業内容"),
        *("goal", "goals", "task", "tasks", "deliverable", "deliverables", "objective", "objectives", "scope"),
        *("steps", "to do", "todo", "work", "work items", "action items", "what to build", "requirements", "features"),
        *("implementation", "implementation steps", "implementation tasks", "key tasks", "what to do"),
        *(
            "changes required",
            "required changes",
            "changes",
            "key changes",
            "key deliverables",
            "delivers",
            "delivered",
            "expected deliverables",
        ),
        *("ziele", "aufgaben", "objectifs", "tâches", "objetivos", "tareas", "цели", "задачи", "目標", "タスク"),
        *("目标", "任务"),
    ),
    "modules": (
        *("modules", "module list", "components", "components and dependencies", "modules and dependencies"),
        *("module", "module breakdown", "component", "módulos", "модули", "モジュール", "模块"),
    ),
    "depends_on": (
        *("depends on", "dependencies", "dependency", "phase dependencies", "requires", "prerequisites"),
        *("prerequisite", "prereqs", "blocked by", "depends", "abhängigkeiten", "hängt ab von", "dépend de"),
        *("dépendances", "depende de", "dependencias", "зависит от", "зависимости", "依存", "依赖"),
    ),
    "mode": ("working mode", "work mode", "execution mode", "mode"),
    "success_criteria": (
        *("受け入れ基準", "受入基準", "受け入れ条件"),
        *("success criteria", "success criterion", "acceptance criteria", "acceptance", "acceptance criterion"),
        *("definition of done", "done when", "exit criteria", "completion criteria", "success metrics", "criteria"),
        *("success criteria checklist", "success checklist", "acceptance checklist", "acceptance criteria checklist"),
        *("completion checklist", "completion criterion", "done criteria", "done means", "definition of complete"),
        *("exit gate", "exit criterion", "exit condition", "exit conditions", "checkpoint", "gate", "phase gate"),
        *("validation criteria", "verification criteria", "expected outcome", "expected outcomes", "expected result"),
        *("expected results", "independent test", "measurable outcomes", "success metric", "success indicators"),
        *("success", "erfolgskriterien", "akzeptanzkriterien", "critères de succès", "critères d'acceptation"),
        *("criterios de éxito", "criterios de aceptación", "критерии успеха", "критерии приёмки", "成功基準"),
        *("完了条件", "成功标准", "验收标准"),
    ),
    "gotchas": (
        *("gotcha", "gotchas", "known gotchas", "pitfalls", "known pitfalls", "known issues", "caveats", "traps"),
        *("watch out", "watch out for", "common mistakes", "stolperfallen", "fallstricke", "pièges", "trampas"),
        *("подводные камни", "注意点", "注意事项"),
    ),
    "test_commands": (
        *("test command", "test commands", "validation command", "validation commands"),
        *("verification command", "verification commands", "verify command", "test cmd", "run tests"),
        *("run", "command", "commands", "check command", "check commands", "testbefehl"),
        *("commande de test", "comando de prueba", "команда проверки", "команда тестирования", "テストコマンド"),
        *("测试命令",),
    ),
    "verification": (
        *("validation", "verification", "verify", "validate", "how to verify", "how to validate", "how to test"),
        *("verification steps", "validation steps", "verification checklist", "validation checklist", "checks"),
        *(
            "quality checks",
            "test checklist",
            "testing checklist",
            "verifica",
            "vérification",
            "verificación",
            "проверка",
            "überprüfung",
            "検証",
            "验证",
        ),
    ),
    "automated": (
        *("automated verification", "automated checks", "automated validation", "automated criteria", "automated"),
        *("automated success criteria",),
    ),
    "manual": (
        *("manual verification", "manual checks", "manual validation", "manual criteria", "manual testing", "manual"),
        *("manual success criteria", "manual testing steps", "manual tests"),
    ),
    "tests": (
        *("test", "tests", "testing", "tests to write", "test plan", "test cases", "test first"),
        *(
            "testing requirements",
            "unit tests",
            "integration tests",
            "test requirements",
            "testing strategy",
            "test strategy",
        ),
    ),
    "about": ("overview", "description", "summary", "intent", "phase overview", "phase goal summary", "what"),
    "end_to_end": (
        *("end-to-end test", "end-to-end command", "end-to-end test command", "end-to-end", "end to end test"),
        *("end to end command", "end to end", "e2e", "e2e test", "e2e command", "e2e test command"),
    ),
    "expected_files": (
        *("expected files", "files", "file", "files to create", "files to modify", "files to create/modify"),
        *("files to create or modify", "files to create and modify", "new files", "modified files", "files created"),
        *("files modified", "files changed", "output files", "key files", "create", "modify", "creates", "outputs"),
        *("files to add", "files to change", "files to edit", "files to update", "files to touch", "files affected"),
        *(
            "files to be created",
            "files to be modified",
            "new file",
            "test files",
            "test file",
            "location",
            "output file",
        ),
        *(
            "target files",
            "source files",
            "files involved",
            "file changes",
            "key files to modify",
            "key files to create",
        ),
        *("files expected", "affected files", "project structure", "file structure", "dateien", "fichiers"),
        *("archivos", "файлы", "ファイル", "文件"),
    ),
    "duration": (
        *("time", "duration", "estimate", "estimated time", "estimated duration", "effort", "estimated effort"),
        *("timeline", "time estimate", "dauer", "durée", "duración", "срок", "期間", "时间"),
    ),
    "status": ("status", "state"),
    "stubs": ("stubs", "allow stubs", "allows stubs", "stubs allowed", "stubs are allowed"),
    "quality": ("quality requirements", "quality", "quality gates", "quality standards", "code quality"),
    "mission": ("mission", "mission statement", "purpose", "vision"),
    "immutable": ("requirements (immutable)", "immutable requirements", "immutable"),
    "evolvable": (
        *("proposed approach (evolvable)", "evolvable requirements", "evolvable", "proposed approach"),
        *("approach (evolvable)", "requirements (evolvable)"),
    ),
    "roles": ("custom roles", "custom agents", "custom agent roles"),
    "ignored": (
        *("out of scope", "not in scope", "non-goals", "non goals", "rationale", "why", "background", "context"),
        *("notes", "note", "risks", "alternatives", "alternatives considered", "references", "future work"),
        *("deferred", "assumptions", "on failure", "rollback", "rollback plan", "files to delete", "deleted files"),
        *(
            "dev notes",
            "dev agent record",
            "agent model used",
            "debug log references",
            "completion notes",
            "qa results",
        ),
        *("completion notes list", "file list", "change log", "senior developer review"),
        *("parallelizable", "owner", "priority", "risk", "story points", "execution graph", "merge strategy"),
        *("what not to do", "what we're not doing", "what we are not doing", "not doing", "do not", "do not touch"),
        *("don't touch", "don't do", "what this phase does not include", "what this phase doesn't do", "exclusions"),
        *(
            "excluded",
            "non goal",
            "risks and mitigations",
            "mitigation",
            "mitigations",
            "risk mitigation",
            "risk level",
        ),
        *("current state", "current state analysis", "key discoveries", "open questions", "why this phase", "decision"),
        *("decisions", "design decisions", "technical decisions", "complexity", "confidence", "required by", "blocks"),
        *("unblocks", "next steps", "next phase", "example", "examples", "commit", "commit message", "action"),
        *("implementation note", "parallel opportunities", "parallel execution", "reference", "read first", "impact"),
        *(
            "estimated changes",
            "estimated lines",
            "lines of code",
            "assigned to",
            "assignee",
            "agent",
            "skills",
            "model",
        ),
        *(
            "dev agent record",
            "dev notes",
            "change log",
            "qa results",
            "execution strategy",
            "interfaces",
            "global constraints",
            "reference files",
            "related files",
            "existing files",
            "files to read",
        ),
        *("service restarts", "progress", "deviations", "lessons learned", "review notes", "trade-offs", "tradeoffs"),
        *("explicitly excluded", "nicht im umfang", "hors périmètre", "fuera de alcance"),
    ),
}
"""Field -> the labels it is written under, casefolded, `and` for `&`."""

WEAK = words(
    """
    goal goals work steps success test tests testing verify validate run command commands create modify creates
    outputs file requires scope acceptance implementation requirements features component validation verification
    module dependency task time mode state status stubs depends quality note notes why context
    changes action actions summary description what overview intent example examples decision impact model agent checks
    location gate progress manual automated exclusions excluded blocks checkpoint commit delivered
    """
)
"""Labels that also begin plain sentences: as the head of a bullet they are one only if their value bears it out."""

EXCLUDED = frozenset(
    {
        "out of scope",
        "not in scope",
        "non-goals",
        "future work",
        "future phases",
        "rejected alternatives",
        "alternatives considered",
        "alternatives",
        "appendix",
        "changelog",
        "references",
    }
)
"""Sections whose headings never are phases."""

CONTAINERS = frozenset(
    {
        "implementation phases",
        "phases",
        "implementation plan",
        "implementation steps",
        "implementation",
        "roadmap",
        "migration path",
        "migration plan",
        "development phases",
        "plan",
        "execution plan",
        "build plan",
        "milestones",
        "step-by-step implementation",
        "step-by-step plan",
        "work breakdown",
        "development plan",
        "phase breakdown",
        "project phases",
        "stages",
        "delivery plan",
        "umsetzungsphasen",
        "phases d'implémentation",
        "実装フェーズ",
        "実装計画",
        "实施阶段",
        "实施计划",
        "этапы",
        "план",
        "fases de implementación",
        "fases",
    }
)
"""Headings under which headings without a keyword are phases."""

KEYWORDS: tuple[tuple[str, ...], ...] = (
    (
        *("phase", "fase", "étape", "etape", "этап", "фаза", "фаз", "fáze", "faza", "fas", "vaihe", "giai đoạn"),
        *("aşama", "tahap", "フェーズ", "阶段", "階段", "단계"),
    ),
    ("stage", "stufe", "стадия", "ステージ"),
    ("milestone", "meilenstein", "hito", "jalon", "веха", "里程碑", "マイルストーン"),
    ("sprint", "iteration", "iteración", "chunk", "wave", "increment", "slice", "story", "user story"),
    ("epic", "épica"),
    ("task", "work package", "aufgabe", "tâche", "tarea", "tarefa", "задача", "タスク", "任务"),
    ("step", "schritt", "paso", "passo", "шаг", "steg", "langkah", "ステップ", "步骤"),
    ("week", "day", "woche", "semaine", "semana"),
)
"""Keywords of phases in families, the strongest first: a document's phases are of one family."""

_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_CHINESE = (*"零一二三四五六七八九十", *(f"十{unit}" for unit in "一二三四五六七八九"), "二十")
NUMBER_WORDS = {word: n for spelled in (_ENGLISH, _CHINESE) for n, word in enumerate(spelled)}

_FIELD_OF = {label: field for field, labels in FIELDS.items() for label in labels}
_NUMBERING = re.compile(r"^(?:\d+(?:\.\d+)*[.)]?|[a-z][.)])\s+")
_PARENTHESES = re.compile(r"\s*[(（\[][^()（）\[\]]*[)）\]]\s*$")
_EDGES = re.compile(r"^[\W_]+|[^\w)）]+$")
_LONGEST = 80
_CONTAINER = re.compile(
    r"\b(?:roadmap|phases|milestones|stages|step-by-step|fasen?|phasen|fases|etapas|étapes|roteiro|ロードマップ)\b"
    r"|(?:implementation|migration|development|delivery|execution|project|rollout|action) (?:plan|steps|path|tasks)$"
    r"|^(?:план|дорожная карта|этапы)\b|(?:路线图|计划|計画|阶段)$"
)


def normalise(title: str) -> str:
    """A heading or label as the tables write it: casefolded, without emoji, numbering, and final colon."""
    text = _EDGES.sub("", title.casefold().replace("&", "and"))
    return " ".join(_NUMBERING.sub("", text).split())


def field_of(title: str) -> str | None:
    """The field that `title` is a label of, with or without a final parenthesis; None: not a label."""
    if len(title) > _LONGEST:
        return None
    label = normalise(title)
    return _FIELD_OF.get(label) or _FIELD_OF.get(_PARENTHESES.sub("", label))


def is_weak(title: str) -> bool:
    return normalise(title) in WEAK


def is_task(title: str) -> bool:
    """Whether a heading is one task of several: `1.2 Name`, `Task 3: Name`, `Step 1`."""
    return re.match(r"^(?:\d+(?:\.\d+)*[.):]?\s|(?:task|step|item)\s+\d)", title, re.IGNORECASE) is not None


def is_excluded(title: str) -> bool:
    return _PARENTHESES.sub("", normalise(title)) in EXCLUDED


def is_container(title: str) -> bool:
    label = _PARENTHESES.sub("", normalise(title))
    return label in CONTAINERS or _CONTAINER.search(label) is not None


def is_per_phase(title: str) -> bool:
    """Whether a section tells something of each phase: `Success Criteria by Phase`."""
    return (
        re.search(r"\b(?:by|per|for each|por|pro|par) (?:phase|stage|milestone|fase)\b", normalise(title)) is not None
    )
