"""The words specifications use, as data: labels of fields, names of containers, keywords of phases.

Dialects and languages are added here, never as another code path.
"""

from __future__ import annotations

import re

from conductor.languages import EXTENSIONS as EXTENSIONS
from conductor.reading.vocabulary.english import ENGLISH
from conductor.reading.vocabulary.foreign import FOREIGN
from conductor.reading.vocabulary.plugins import AddedLabels, added


def words(text: str) -> frozenset[str]:
    """A set of words, written as text."""
    return frozenset(text.split())


def _listed(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {
        field: tuple(w for row in text.split("\n") for part in row.split("|") if (w := part.strip()))
        for field, text in table.items()
    }


FIELDS = {field: (*labels, *_listed(FOREIGN).get(field, ())) for field, labels in _listed(ENGLISH).items()}
"""Field -> the labels it is written under, casefolded, `and` for `&`."""

WEAK = words(
    """
    goal goals work steps success test tests testing verify validate run command commands create modify creates
    outputs file requires scope acceptance implementation requirements features component validation verification
    module dependency task time mode state status stubs depends quality note notes why context
    changes action actions summary description what overview intent example examples decision impact model agent checks
    modified added updated touches touched location gate progress manual automated exclusions excluded blocks
    checkpoint commit delivered accept where how inputs inspect
    """
)
"""Labels that also start plain sentences: at the start of a bullet they count only if their value confirms it."""

ASIDE = words(
    """
    deferred exclusions excluded forbidden restrictions deletions rollback non-goals not don't out 範囲外 対象外
    不在范围 reference references leverage read reads reading inputs inspect spec specification files commit
    branch why rationale
    """
)
"""Words of labels for what is out of scope or only to be read: never names, whatever file their value names."""

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
"""Sections whose headings are never phases."""

CONTAINERS = frozenset(
    {
        "implementation phases",
        "phases",
        "implementation plan",
        "implementation steps",
        "steps",
        "work plan",
        "task list",
        "task breakdown",
        "tasks",
        "タスクリスト",
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
        "concrete steps",
        "subphases",
        "sub-phases",
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
    ("stage", "etapa", "stufe", "стадия", "ステージ"),
    ("milestone", "meilenstein", "hito", "jalon", "веха", "里程碑", "マイルストーン", "마일스톤"),
    (
        *("sprint", "iteration", "iteración", "iteração", "itération", "iterazione", "iteratie", "итерация", "спринт"),
        *(
            "イテレーション",
            "スプリント",
            "迭代",
            "스프린트",
            "chunk",
            "wave",
            "increment",
            "slice",
            "story",
            "user story",
            "user-story",
        ),
    ),
    ("epic", "épica"),
    ("task", "task group", "work package", "aufgabe", "tâche", "tarea", "tarefa", "задача", "タスク", "任务", "태스크"),
    ("step", "schritt", "paso", "passo", "шаг", "steg", "langkah", "ステップ", "步骤"),
    ("week", "day", "woche", "semaine", "semana"),
)
"""Keywords of phases in families, the strongest first: a document's phases are of one family."""

PLANNED = words(
    """
    part track workstream gap checkpoint batch round block lane deliverable priority feature module change pr commit
    packet ticket unit stream session iteration issue bug
    level tier item goal objective package area theme pass cycle period release version parte teil
    partie часть bloque bloco modulo módulo modul модуль release version versión entrega lot lote fix improvement
    """
)
"""Other words that plans number: `Gap 2: Name`, `Workstream A`."""

TASK = "|".join(sorted((*KEYWORDS[5], *KEYWORDS[6]), key=len, reverse=True))
"""What tasks and steps are called, as a pattern."""

_TASKS = 5  # from this family on, they are tasks and steps: parts of a plan's phases as often as phases
_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_CHINESE = (*"零一二三四五六七八九十", *(f"十{unit}" for unit in "一二三四五六七八九"), "二十")
NUMBER_WORDS = {word: n for spelled in (_ENGLISH, _CHINESE) for n, word in enumerate(spelled)}

_NAMES = frozenset(FIELDS)
_FIELD_OF = {label: field for field, labels in FIELDS.items() for label in labels}
_NUMBERING = re.compile(r"^(?:\d+(?:\.\d+)*[.)]?|[a-z][.)])\s+")
_PARENTHESES = re.compile(r"\s*[(（\[][^()（）\[\]]*[)）\]]\s*$")
NO = re.compile(r"^(?:n/a|no|none|not|never|false|forbidden|disallowed|0)\b", re.IGNORECASE)  # means nothing
NOTHING = (  # as a whole value; `None of the pages may be stale` says something
    r"(?:(?:n/?a|not applicable|none\s+(?:needed|required|necessary|planned|yet))\b|(?:none|nothing)\s*(?:[^\w\s]|$))"
)
_LONGEST = 80
_CRITERIA = tuple(  # of or for something
    f"{label} "
    for label in (
        *("success criteria", "acceptance criteria", "exit criteria", "definition of done", "criterio de salida"),
        *("criterios de salida", "criterios de aceptación", "criterios de éxito", "critérios de aceite"),
        *("critères d'acceptation", "akzeptanzkriterien", "критерии готовности"),
    )
)
_IGNORED = (
    *("contexto ", "kontext ", "contexte ", "current state ", "estado actual ", "estado implementado"),
    *("why ", "what we are not ", "what we're not ", "what this phase does not "),
    *("out of scope ", "not in scope ", "non-goals ", "not included ", "not in this ", "not done ", "deferred to "),
)
_CONTAINER = re.compile(
    r"\b(?:roadmap|phases|milestones|stages|step-by-step|fasen?|\w*phasen|fases|etapas|étapes|roteiro|ロードマップ)\b"
    r"|^(?:implementierungs|umsetzungs|arbeits|entwicklungs|migrations)(?:plan|schritte)$"
    r"|(?:implementation|migration|development|delivery|execution|project|rollout|action) (?:plan|steps|path|tasks)$"
    r"|^(?:\w+ )?(?:chunks|sprints|waves|slices|iterations|itérations|packets|work packages|increments)\b"
    r"|^(?:план|дорожная карта|этапы)\b|(?:路线图|计划|計画|阶段)$"
)


def normalise(title: str) -> str:
    """A heading or label as the tables write it: casefolded, without emoji, numbering, and final colon."""
    text = title.casefold().replace("&", "and")
    start, end = 0, len(text)  # not a pattern: one anchored at the end is slow on a long row of symbols
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in "_)）"):
        end -= 1
    return " ".join(_NUMBERING.sub("", text[start:end]).split())


def field_of(title: str) -> str | None:
    """The field that `title` is a label of, with or without a final parenthesis, or None."""
    if len(title) > _LONGEST or title.startswith("`"):
        return None  # in backticks it is a name
    label = normalise(title)
    label = label.removeprefix("explicit ").removeprefix("explicitly ")
    if label.startswith(_CRITERIA):
        return "success_criteria"
    if label.startswith(_IGNORED):
        return "ignored"
    return _known(label) or _known(_PARENTHESES.sub("", label))


def bare(title: str) -> str:
    """A label as the tables write it, without a final parenthesis."""
    return _PARENTHESES.sub("", normalise(title))


def _known(label: str) -> str | None:
    """The field of a label, or of the first of two labels joined by `and` or `/`."""
    one, _, other = label.replace(" / ", "/").replace(" and ", "/").partition("/")
    return _one(label) or (_one(one) if _one(other) else None)


def _one(label: str) -> str | None:
    """The field of a single label, from the built-in vocabulary or else from an installed package."""
    return _FIELD_OF.get(label) or additions().fields.get(label)


def additions() -> AddedLabels:
    """What installed packages add to the labels."""
    return added(_NAMES)


def is_weak(title: str) -> bool:
    label = normalise(title)
    return label in WEAK or label.startswith(("unit test", "integration test", "test "))


def is_task(title: str) -> bool:
    """Whether a heading is one task of several: `1.2 Name`, `Task 3: Name`, `Step 1`."""
    return re.match(rf"^(?:\d+(?:\.\d+)*[.):]?\s|(?:{TASK}|item)\s*\d)", title, re.IGNORECASE) is not None


def is_excluded(title: str) -> bool:
    return bare(title) in EXCLUDED


def is_container(title: str) -> bool:
    label = bare(title)
    return label in CONTAINERS or _CONTAINER.search(label) is not None


def ranks_in(title: str) -> frozenset[int]:
    """The families of keywords that a container is named after: `Roadmap Milestones`."""
    words = {word.removesuffix("s") for word in normalise(title).split()} if is_container(title) else set()
    return frozenset(rank for rank, family in enumerate(KEYWORDS[:_TASKS]) if words & set(family))


def is_wishes(title: str) -> bool:
    """Whether a section has user stories, which are seldom a plan's phases."""
    return normalise(title) in ("user stories", "user scenarios", "use cases")


def is_per_phase(title: str) -> bool:
    """Whether a section says something about each phase: `Success Criteria by Phase`."""
    return (
        re.search(r"\b(?:by|per|for each|por|pro|par) (?:phase|stage|milestone|fase)\b", normalise(title)) is not None
    )
