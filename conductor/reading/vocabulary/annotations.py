"""Strips annotations from headings: status, durations, dates, priorities. It knows nothing about phases."""

from __future__ import annotations

import re
import unicodedata

import msgspec


class Annotations(msgspec.Struct, frozen=True, gc=False):
    """What was stripped from a heading. `needs` is the text after `depends on`, as written."""

    duration: str | None = None
    done: bool = False
    needs: str = ""
    stubs: bool = False


_SPANNED = re.compile(r"`(\[[^\[\]`]*\])`")  # a badge in backticks
_GROUP = re.compile(r"\s*[(\[（【]([^()\[\]（）【】]*)[)\]）】]")
DONE = (
    r"(?:(?:all |fully |already )?(?:done|completed?|finished|shipped|implemented|merged|delivered|landed)"
    r"|erledigt|fertig|abgeschlossen|terminée?s?|faite?s?|hech[oa]s?|completad[oa]s?|terminad[oa]s?|conclu[ií]d[oa]s?|feit[oa]"
    r"|готов[оаы]?|сделан[оаы]?|выполнен[оаы]?|завершен[оа]?|завершён|完了|完成|已完成|実装済み?|完了済み?|済み?|완료|selesai|ferdig|klar)"
)
_OPEN = (
    r"(?:not (?:yet )?(?:started|done|complete)|to ?do|wip|in[ -]progress|ongoing|pending|planned|upcoming|current"
    r"|next(?: up)?|blocked|incomplete|started|ready|active"
    r"|deferred|diferido|adiado|zurückgestellt|отложено|(?:mostly|nearly|almost) (?:completed?|done)"
    r"|partial(?:ly)?(?: complete| completed| done)?|\d+\s*%(?: done| complete)?|en cours|en curso|em andamento"
    r"|в работе|進行中|進行予定|(?:当前|目前)?(?:正在)?进行中|진행 ?중"
    r"|geplant|in arbeit|à venir|pendiente|pendente|未着手|待开始|计划中)"
)
_UNIT = (
    r"(?:h|hrs?|hours?|d|days?|w|wks?|weeks?|mins?|minutes?|mo|months?|sprints?|sessions?|tage?|stunden?|wochen?"
    r"|monate?|tuần|ngày|tháng|giờ|weken|dagen|settiman[ae]|giorn[io]|mesi|ore|tygodni[ea]?|tydzień|dni|veckor|dagar|jours?|semaines?|heures?|mois|días?|dias?|horas?|semanas?|mes(?:es)?|дн(?:я|ей|и)|день|недел[яиь]"
    r"|час(?:а|ов)?|тижн[іь]|minggu|hari|bulan|週間?|日間?|時間|[个個かヶカヵケ]?月|周|天|小时|주차?|일)"
)
_COUNT = r"[~≈]?-?\d+(?:[.,]\d+)?"
_SPAN = rf"{_COUNT}\s*(?:(?:[-–—~]|to|bis|à|a)\s*{_COUNT})?\+?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = (
    rf"(?:\d{{4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?|{_MONTH}\s+\d{{1,2}}(?:\s*[-–]\s*\d{{1,2}})?(?!\d)(?:,?\s+\d{{4}})?|{_MONTH}(?:\s+\d{{1,2}})?,?\s+\d{{4}}"
    rf"|q[1-4](?:\s*[-–]\s*q[1-4])?(?:\s+\d{{4}})?)"
)
_TIME = (
    rf"(?:(?:est(?:imated|imate|\.)?|about|approx\.?|time|duration|effort)\s*:?\s*)?"
    rf"(?:{_SPAN}\s*-?{_UNIT}|{_UNIT}\s*{_SPAN}|第\s*{_SPAN}\s*{_UNIT})"
)
_IS_DONE = re.compile(
    rf"^(?:[x✓✔]|{DONE}(?:\s*[:,–—-]?\s*(?:on\s|in\s|\d).*|\s*[^\x00-\x7f]{{1,4}}|!)?)$", re.IGNORECASE
)
_IS_OPEN = re.compile(rf"^(?:|{_OPEN})$", re.IGNORECASE)
_IS_DURATION = re.compile(rf"^{_TIME}(?!\w)(?:[\s,;/+].*)?$", re.IGNORECASE)
_IS_DATE = re.compile(rf"^(?:(?:by|until|target|due)\s*:?\s*)?{_DATE}(?:\s*(?:[-–—→]|to)\s*{_DATE})?$", re.IGNORECASE)
_IS_COUNT = re.compile(
    rf"^\d+\s+(?:tasks?|stor(?:y|ies)|items?|(?:story\s+)?points?|sp)(?:\s*[-–—,;·|/]\s*(?P<time>{_TIME}))?$",
    re.IGNORECASE,
)
_IS_RANK = re.compile(
    r"^(?:p[0-4]|(?:priority|prio|優先度|优先级|우선순위|priorität|priorité|prioridade?|приоритет)\s*[:：=]?\s*\S+"
    r"|(?:high|medium|low|critical|top)(?:\s+priority)?|checkpoint\b.*|(?:sha|commit)\s*[:=].*)$",
    re.IGNORECASE,
)
_IS_STUBS = re.compile(r"^(?:stubs?\s+(?:are\s+)?(?:allowed|permitted|ok)|allows?\s+stubs?)$", re.IGNORECASE)
_IS_NEEDS = re.compile(
    r"^(?:depends on|blocked by|(?:after|requires|needs)(?=\s+[^\W\d_]+\s*#?-?\d))\s*:?\s*(.+)$", re.IGNORECASE
)
_MARK = re.compile(r"[✅☑✔✓]|~~")
_EMOJI = re.compile("[\U0001f000-\U0001faff☀-➿⬛⬜⭐⏳⏰⏸⏩▶◀️⃣\u200d]+")
_SPLIT = re.compile(r"\s+[-–—|·]+\s+|\s*[:：]\s+")
_NEARLY = r"(?<!mostly)(?<!partly)(?<!partially)(?<!nearly)(?<!almost)(?<!not)"
_TAIL = re.compile(rf"(?:\s+[-–—:|]\s*{DONE}|{_NEARLY}\s+(?-i:DONE|COMPLETED?))\s*!?$", re.IGNORECASE)
_DONE_WORD = re.compile(rf"{_NEARLY}\s+{DONE}\s*!?$", re.IGNORECASE)
_BADGE = re.compile(
    r"\s*(?<=[)\])）】\U0001f000-\U0001faff☀-➿\ufe0f])\s*MVP\s*!?$"
    r"|(?<=[\U0001f000-\U0001faff☀-➿\ufe0f])\s*(?:(?:HIGH|TOP)\s+)?(?:PRIORITY|CRITICAL|URGENT|IMPORTANT|NEXT|BLOCKER|REQUIRED)\s*!?$"
)


def take_off(title: str) -> tuple[str, Annotations]:
    """The title without annotations, and these: `Name (2-4h) ✅` -> `Name`, 2-4h and done."""
    duration, done, needs, stubs, opened = None, False, "", False, False

    def classify(match: re.Match[str]) -> str:
        nonlocal duration, done, needs, stubs, opened
        if match[0] == "()":
            return match[0]  # `store_data()`
        done = done or _MARK.search(match[1]) is not None
        inner = edges(_MARK.sub(" ", match[1]))
        if _IS_DONE.match(inner):
            done = True
        elif _IS_DURATION.match(inner):
            duration = duration or inner
        elif count := _IS_COUNT.match(inner):
            duration = duration or count["time"]
        elif asked := _IS_NEEDS.match(inner):
            needs = asked[1]
        elif _IS_STUBS.match(inner):
            stubs = True
        elif _IS_OPEN.match(inner):
            opened = opened or bool(inner)
        elif not (_IS_RANK.match(inner) or _IS_DATE.match(inner)):
            return match[0]
        return " "

    text = _GROUP.sub(classify, _BADGE.sub("", _SPANNED.sub(r"\1", " ".join(title.split()))))
    marked = _MARK.search(text) is not None
    text = edges(_EMOJI.sub(" ", _MARK.sub(" ", text)))
    if tail := _TAIL.search(text) or (marked and _DONE_WORD.search(text)):
        done, text = True, text[: tail.start()]
    text = _shouted(text)
    whole = " ".join(text.split())
    text, told = _without_last(whole)
    opened = opened or (text != whole and told is None)
    return text, Annotations(duration or told, done or (marked and not opened), needs, stubs)


def _shouted(text: str) -> str:
    """The text without a shouted instruction at its end: `Quick wins - START HERE`."""
    head, dash, tail = text.rpartition(" - ")
    if not dash:
        head, dash, tail = text.rpartition(" — ")
    words = tail.split()
    shouted = len(words) > 1 and all(word.isalpha() and word.isupper() for word in words)
    return head if dash and shouted and not head.isupper() else text


def _without_last(text: str) -> tuple[str, str | None]:
    """The text without what follows its last dash or colon, if that is only a time or an open status."""
    told = None
    for cut in reversed([*_SPLIT.finditer(text)]):
        tail = text[cut.end() :].rstrip(" :：-–—|·")
        if not cut.start():
            break
        if re.fullmatch(_TIME, tail, re.IGNORECASE):
            told = told or tail
        elif not re.fullmatch(_OPEN, tail, re.IGNORECASE) or not (tail.isupper() or cut[0].strip() not in (":", "：")):
            break
        text = text[: cut.start()]
    return text, told


def edges(text: str) -> str:
    """The text without emoji and other symbols at both ends."""

    def is_ornament(char: str) -> bool:
        return char.isspace() or char in "\ufe0f\u20e3" or (char not in "`^" and unicodedata.category(char) in _SYMBOLS)

    start, end = 0, len(text)
    while start < end and is_ornament(text[start]):
        start += 1
    while end > start and is_ornament(text[end - 1]):
        end -= 1
    return text[start:end]


_SYMBOLS = ("So", "Sk", "Cf")
