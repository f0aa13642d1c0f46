"""Which files named in a line exist when the work is done: not removed ones, and renamed ones under the new name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from conductor.reading.fields.commands import SPAN
from conductor.reading.fields.paths import paths_in

_VERB = (
    r"(?:(?:delete[sd]?|remove[sd]?|drop(?:s|ped)?|git\s+rm|removal\s+of|deletion\s+of|удалить|удаление|eliminar|borrar|remover"
    r"|excluir|apagar|supprimer|löschen|entfernen)(?!\w)|删除|移除|去掉)"
)
_GONE = (
    r"(?:deleted?|removed?|удалить|удал[её]н|eliminad[oa]|eliminar|supprimé|gelöscht|löschen|entfernt|entfernen|已?删除|移除"
    r"|削除)(?:\s+(?:file|it|entirely|completely))?"
)
_HEAD = re.compile(rf"^\W*{_VERB}\s*[:：]?\s*", re.IGNORECASE)
_MARK = re.compile(
    rf"(?:(?<=[\s`])[-–—(\[]|[（【]|[:：](?=\s)|→|⇒|->|=>)\s*(?:to be )?{_GONE}\s*"
    r"(?:$|[)\]）】,;:–—]|\.(?:\s|$)|-\s)"
    r"|(?<=[\s`])(?:löschen|entfernen|supprimer|удалить|を(?:削除|廃止)(?:する)?)\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"(?<!\w)(?:from|in|of|on|into|within|inside|to|with|by|de|do|da|aus|von|из)(?!\w)", re.IGNORECASE)
_MOVE = re.compile(
    r"^\W*(?:(?:git\s+)?mv|moved?|renamed?|umbenennen|renommer|переименовать)(?!\w)\s*[:：]?\s*", re.IGNORECASE
)
_TO = re.compile(r"(?<=\S)\s(?:to|into|nach|vers|в)\s", re.IGNORECASE)
_ARROW = re.compile(
    r"(?:→|⇒|->|=>)\s*(?:(?:rename|move)d?\s+(?:to|into)\s)?"
    r"|(?<=[\s`])\(?(?:is |to be )?(?:renamed|moved) (?:to|into) ",
    re.IGNORECASE,
)
_NEXT = re.compile(r"[;；]\s*|\.\s+")


def standing(lines: Iterable[str], *, sure: bool) -> Iterator[str]:
    """The lines without what they say to remove; `sure`: they are a list of files."""
    going = False  # below `Delete:`
    for line in lines:
        going = (going and line.lstrip().startswith("-")) or _is_heading(line)
        if not going:
            yield _standing(" ".join(line.split()) if "  " in line.strip() else line, sure)


def _is_heading(line: str) -> bool:
    head = _HEAD.match(line)
    return head is not None and head.end() == len(line) and line.rstrip().endswith((":", "："))


def _standing(line: str, sure: bool) -> str:
    for pattern in (_TO, _ARROW) if _MOVE.match(line) else (_ARROW,):
        if found := pattern.search(line):
            before, after = line[: found.start()].split()[-1:], line[found.end() :]
            if before and paths_in(before[0], sure=sure) and paths_in((after.split() or [""])[0], sure=sure):
                return after
    if line.lstrip("-* ").startswith("~~"):
        return ""
    if head := _HEAD.match(line):
        rest, *more = _NEXT.split(line[head.end() :], maxsplit=1)
        if paths_in((rest.split() or [""])[0], sure=sure) and not _FROM.search(SPAN.sub(" ", rest)):
            return more[0] if more else ""
        return line
    mark = _MARK.search(line)
    return "" if mark and " " not in line[: mark.start()].strip("-*–—:(（ ") else line
