"""A phase's goals: its bullets, numbered headings and objective lines, in the document's order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set

import msgspec

from conductor.reading.fields import commands, files
from conductor.reading.fields.work import rows_of_work
from conductor.reading.markdown.body import (
    Field,
    ReadItem,
    SectionBody,
    entries,
    item_text,
    join,
    own_value,
    whole_text,
)
from conductor.reading.markdown.document import Block, Line, List, Table, Text
from conductor.reading.outline.heading import KEYWORD, rank_of
from conductor.reading.vocabulary import labels
from conductor.reading.vocabulary.mentions import key_of, name_words

_MARKS = re.compile(
    r"^(?:(?:\[[ xX~/-]?\]\*?|[✅☑✔✓⬜🔲⏳🚧🔄❌☐⭐]\ufe0f?)\s*)*"
    r"(?:\(?\bT-?(?:\d{2,4}|X{2,4})[a-z]?\b\)?[.:]?\s+)?"  # spec-kit's numbers
    r"(?:\(P\)\s*)?(?:\[(?:P|US-?\d+|S\d+|Story[\s-]?\d+|(?:US\d+,?\s*)+)\]\s*)*"
    r"(?:\d+(?:\.\d+)+[.:)]?\s+(?=\S)|\d+[.)]\s+(?=\S))?(?:\(P\)\s*)?"  # `2.1 Name`
    rf"(?:[Tt]ask:\s+|(?i:{KEYWORD})\s*\d+(?:\.\d+)+\s*[:：–—-]\s*|(?i:{labels.TASK})\s*[A-Z]?\d+(?:\.\d+)*[a-z]?\s*(?:[:.–—-]\s+|：\s*))?"
)
_MARK = re.compile(r"^[✅☑✔✓⬜🔲⏳🚧🔄❌☐⭐•·▪◦►▸➤]")
_BOX = re.compile(r"^\[[ xX~✓✔]?\]\s+")
_LEAD = re.compile(
    r"^(?:-\s+(?:description|what|goal|objective)|goal|objective|description|描述|说明|説明|설명|beschreibung|descripción|descrição|описание)\s*[:：]\s*(?=\S)",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    rf"^(?:(?i:(?:sub-?)?(?:{labels.TASK}))\s*(?=[A-Z]?\d))?(?:(?:\d+(?:\.\d+)*[a-z]?|[A-Z])[.):]\s+|\d+(?:\.\d+)+:?\s+(?:[-–—]+\s+)?)"
)
_TASK = re.compile(rf"^(?:(?:\d+(?:\.\d+)*|[A-Z])[.):]\s|\d+(?:\.\d+)+:?\s|(?:{labels.TASK})\s*\d)", re.IGNORECASE)
_SAYS_TASK = re.compile(rf"^(?:sub-?)?(?i:{'|'.join(labels.KEYWORDS[5])})\s*[A-Z]?\d|^[A-Z]{{1,5}}-\d{{1,4}}\b")
_TRACE = re.compile(
    r"^[-*\s]*+(?:validates\s*:\s*)?_?requirements?\s*:?\s*(?:all\s+requirements\b.*"
    r"|(?=\D*\d)(?:(?:[\w.-]*?\d[\w.-]*+|(?-i:[A-Z]{1,4})|and|to|through)[,;\s–-]*+)++)$",
    re.IGNORECASE,
)
_IDS = re.compile(r"^(?:[A-Z]{0,6}[-.]?\d++(?:\.\d++)*+[,;\s–-]*+)+$")
_COMMIT = re.compile(r"\s+\[?(?=[a-f]*\d)[0-9a-f]{7,10}\]?(?=\n|$)")
_STATE = re.compile(r"\s*(?:\[(?:done|x|todo|wip)\]|`est:[^`\n]*`|[✅☑✔⬜🔲⏳🚧🔄❌☐]\ufe0f?)(?=\n|$)", re.IGNORECASE)
_NOTHING = re.compile(
    r"^(?:[^:|\n]{1,30}:\s[^|\n]{1,60}\s\|\s)+[^:|\n]{1,30}:\s[^|\n]{1,60}$"  # attributes in a row
    rf"|^(?:step\s*\d+\s*[:.–-]\s*)?commit\.?$|^[^:\n]{{1,40}}:\s*(?:{labels.NOTHING}[^\n]{{0,60}}|(?:yes|no|true|false|tbd)\.?)$",
    re.IGNORECASE,
)
_WORK = re.compile(
    r"^(?:create|add|write|implement|update|modify|extend|move|rename|delete|remove|replace|port|extract|refactor|introduce"
    r"|wire|generate|configure|set\s+up|build|define|change)\b",
    re.IGNORECASE,
)
_OF_WORK = ("goals", "success_criteria", "verification", "automated", "tests")  # fields that describe a heading's task
_OBJECTIVE = frozenset({"goal", "goals", "objective", "objectives", "phase goal", "ziel", "objectif", "objetivo"})
_TASKS = labels.words(
    "tasks tareas tarefas tâches aufgaben задачи 任务 タスク deliverables entregables entregáveis livrables"
) | {*("task list", "what to do", "что сделать", "work items", "work to do", "やること", "作業内容")}
_LETTER = re.compile(r"[^\W\d_]")


def goals_of(body: SectionBody, names: Set[str] = frozenset()) -> list[ReadItem]:
    """The phase's goals, each once. `names`: those of its modules, as `key_of` writes them.

    Bullets outside other fields, those of `Tasks:` and the like, headings that are tasks, and `Goal:` lines. If no
    bullet has a goal, also the phase's overview; without any of these, its paragraphs.
    """
    told = [goal for field in body.named("goals") for goal in _of_field(field)]
    tasked = any(labels.normalise(f.label) in _TASKS and _has_list(f.body) for f in body.named("goals"))
    groups, blocks = body.groups, body.blocks
    if tasked:
        groups = tuple(g for g in groups if labels.is_task(g[0].text) or key_of(g[0].text) in names)
        blocks = tuple(_unintroduced(blocks, names))
    listed = [
        *_listed(SectionBody((), blocks, groups)),
        *(goal for field in body.named("goals") for goal in _listed(field.body)),
    ]
    tests = [g for field in body.named("tests") for g in commands.in_field(field)[1] if not files.alone(g)]
    titled = [*_titled(body), *(goal for field in body.named("goals") for goal in _titled(field.body))]
    found = [*told, *listed, *tests, *titled]
    found += [entry for entry in _prose(body) if _WORK.match(entry.text) and files.mentioned(entry.text)]
    objective = any(labels.normalise(field.label) in _OBJECTIVE and field.value for field in body.named("goals"))
    if not objective and not listed and len(titled) < 2:
        about = [e for f in body.named("about", "mission") for e in entries(f.body, value=own_value(f))]
        found = [*about, *found] or _prose(body)
    cleaned = [*_cleaned(found, names)] or [
        goal for goal in (*told, *listed) if _IDS.match(goal.text)
    ]  # `Scope: R1, R2`
    cleaned = cleaned or [*_of_files(body)]
    goals = {goal.text: goal for goal in reversed(cleaned) if goal.text}
    return sorted(goals.values(), key=lambda goal: goal.line)


def _unintroduced(blocks: Sequence[Block], names: Set[str]) -> Iterator[Block]:
    """Blocks without the lists below a label of unknown meaning (`Learning focus:`), unless it is a module's."""
    before: Block | None = None
    for block in blocks:
        label = before.lines[0].text if isinstance(before, Text) and len(before.lines) == 1 else ""
        unknown = label.endswith((":", "：")) and key_of(label) not in names
        if not (isinstance(block, List) and unknown):
            yield block
        before = block


def _of_files(body: SectionBody) -> Iterator[ReadItem]:
    """What a list of files says about each: ``a.py` — the parser``."""
    every = (entry for field in body.named("expected_files") for entry in entries(field.body, value=own_value(field)))
    return (entry for entry in every if len(name_words(commands.SPAN.sub(" ", entry.text))) > 1)


def _of_field(field: Field) -> list[ReadItem]:
    """The value of a goals field, or its paragraphs if it has no list."""
    value = [own_value(field)] if field.value and not field.value.endswith((":", "：")) else []
    nothing = not any(True for _ in _listed(field.body)) and not any(True for _ in _titled(field.body))
    return [*value, *(_prose(field.body) if nothing else [])]


def _listed(body: SectionBody) -> Iterator[ReadItem]:
    """Items of lists, and rows of tables of tasks, here and below headings."""
    for block in body.blocks:
        if isinstance(block, List):
            yield from (ReadItem(item_text(item), item.line) for item in block.items)
        elif isinstance(block, Table):
            yield from rows_of_work(block)
    for title, group in body.groups:
        if not _is_described(title.text, group):
            yield from _listed(group)


def _titled(body: SectionBody) -> Iterator[ReadItem]:
    """Headings and bold lines that are tasks themselves: those without a list, and those that declare files.

    Above a list they only introduce its items.
    """
    for title, group in body.groups:
        text = _NUMBERING.sub("", _BOX.sub("", title.text))
        if rank_of(labels.normalise(text)) is not None:
            continue  # `Phase` only says which one: not a task
        if _is_described(title.text, group):
            yield ReadItem(f"{text}\n{whole_text(group)}", title.line)
            continue
        structured = any(True for _ in group.named("expected_files")) or _SAYS_TASK.match(title.text) is not None
        if structured or _is_task_of_file(title.text, group):
            if not labels.field_of(text):
                yield ReadItem(text, title.line)
        elif not _has_list(group) and (group.blocks or group.groups or not group.fields):
            below = [*_titled(group)] if group.groups or not labels.is_task(title.text) else []
            yield from below or [ReadItem(": ".join([text, *(e.text for e in _prose(group)[:1])]), title.line)]
            continue
        elif not _has_list(group) and any(True for _ in group.named(*_OF_WORK)):
            yield ReadItem(text, title.line)
        yield from _titled(SectionBody((), (), group.groups) if structured else group)
    bare = not _has_list(body)
    blocks = body.blocks
    for n, block in enumerate(blocks):
        if not isinstance(block, Text) or not (title_line := _bold(block)):
            continue
        after = blocks[n + 1] if n + 1 < len(blocks) else None
        if isinstance(after, List | Table):
            continue
        if not _TASK.match(title_line.text) and (not bare or title_line.text.endswith((":", "："))):
            continue
        text = _NUMBERING.sub("", title_line.text.rstrip(":： "))
        prose = [join(block.lines[1:])] if block.lines[1:] else []
        if not prose and isinstance(after, Text) and not _bold(after):
            prose = [join(after.lines)]
        yield ReadItem(": ".join([text, *prose]), title_line.line)


def _is_described(title: str, group: SectionBody) -> bool:
    """`1.2 Name` above only bullets with bold labels (`**Interface:** …`), which describe one task."""
    items = [item for block in group.blocks if isinstance(block, List) for item in block.items if item.lines]
    leads = [item.lines[0].lead for item in items]
    described = all(
        lead.endswith((":", "：")) or item.lines[0].text[len(lead) :].startswith((":", "："))
        for lead, item in zip(leads, items, strict=True)
        if lead
    )
    nested = group.fields or any(item.blocks for item in items)
    return labels.is_task(title) and bool(items and nested) and all(leads) and described and not group.groups


def _is_task_of_file(title: str, group: SectionBody) -> bool:
    """`2. internal/setup.go`: a heading that is a file, above text or bullets that say what to do there."""
    return bool(_TASK.match(title)) and not _has_list(group) and bool(files.mentioned(title))


def _has_list(body: SectionBody) -> bool:
    """Whether there are list items here, below a heading or below a label of tasks."""
    if any(isinstance(block, List | Table) for block in body.blocks):
        return True
    return any(_has_list(field.body) for field in body.named("goals", "tests")) or any(
        _has_list(group) for _, group in body.groups
    )


def _bold(text: Text) -> Line | None:
    """The first line, if all of it is bold."""
    first = text.lines[0]
    return first if first.lead and first.text.rstrip(":： ") == first.lead.rstrip(":： ") else None


def _prose(body: SectionBody) -> list[ReadItem]:
    texts = (text for block in body.blocks if isinstance(block, Text) and not _bold(block) for text in _marked(block))
    return [entry for entry in texts if not entry.text.endswith((":", "："))]


def _marked(text: Text) -> list[ReadItem]:
    """A paragraph, or its lines if each starts with a mark (`✅ Name`)."""
    if all(_MARK.match(line.text) for line in text.lines):
        return [ReadItem(line.text, line.line) for line in text.lines]
    return [ReadItem(join(text.lines), text.lines[0].line)]


def _cleaned(found: Iterable[ReadItem], names: Set[str]) -> Iterator[ReadItem]:
    """Strip checkboxes, task numbers and references to requirements; drop entries with nothing else. A module's name at
    the start stays, whatever it means elsewhere."""
    for goal in found:
        lines = [line for line in goal.text.split("\n") if not _TRACE.match(line)]
        text = "\n".join(lines).strip()
        if key_of(text.partition(":")[0]) not in names:
            text = _LEAD.sub("", _MARKS.sub("", text, count=1).strip())
        text = _STATE.sub("", _COMMIT.sub("", text))
        text = text if "\n" in text else text.rstrip(":： ")
        if _LETTER.search(text) and not _IDS.match(text) and not _NOTHING.search(text):
            yield msgspec.structs.replace(goal, text=text)
