"""The text of a phase's heading: number, name, and the noise around them. Does not look at what stands below."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from conductor.spec import labels


class Heading(msgspec.Struct, frozen=True, gc=False):
    """What the heading of a phase says. `rank` is that of its keyword's family, the lower the stronger."""

    number: str
    name: str
    rank: int = 0
    duration: str | None = None
    done: bool = False
    needs: str = ""
    stubs: bool = False


_RANK = {word: rank for rank, family in enumerate(labels.KEYWORDS) for word in family}
KEYWORD = "|".join(sorted(_RANK, key=len, reverse=True))
NUMBER = (
    r"(?:-?\d{1,9}(?:\.\d{1,9})*[a-z]?(?!\w)(?:\s*&\s*\d+|[-–—/](?:\d+|N)(?!\w))?"
    rf"|(?-i:[IVX]+)(?!\w)|(?:{'|'.join(labels.NUMBER_WORDS)})(?!\w))"
)
_HEADING = re.compile(
    rf"^(?:\d+(?:\.\d+)*[.)]?\s+)?(?P<keyword>{KEYWORD})s?\s*[#№]?\s*(?P<number>{NUMBER})"
    r"(?P<separator>\s*[:：|]\s*|[.)]\s+|\s+[-–—]+\s*|[–—]\s*|\s*(?=[(（])|\s+|\.?$)(?P<name>.*)$",
    re.IGNORECASE,
)
_GROUP = re.compile(r"\s*[(\[（]([^()\[\]（）]*)[)\]）]")
_DONE = (
    r"(?:done|completed?|finished|shipped|implemented|merged|erledigt|fertig|terminé|hecho|completado|готово"
    r"|完了|完成|已完成)"
)
_UNIT = (
    r"(?:h|hrs?|hours?|d|days?|w|wks?|weeks?|mins?|minutes?|months?|sprints?|tage?|stunden?|wochen?|jours?|días?"
    r"|semanas?)"
)
_SPAN = r"~?\d+(?:[.,]\d+)?\s*(?:(?:[-–—]|to|bis)\s*~?\d+(?:[.,]\d+)?)?\+?"
_IS_DONE = re.compile(
    rf"^(?:[x✓✔✅☑]|[✅✓✔☑]?\s*{_DONE}\s*[✅✓✔☑!]?(?:\s*[:,–—-]?\s*(?:on\s|in\s|\d).*)?)$", re.IGNORECASE
)
_IS_OPEN = re.compile(
    r"^(?:|not started|not done|to ?do|wip|in progress|ongoing|pending|planned|current|next|blocked|incomplete|started"
    r"|ready|partial(?:ly)?(?: complete| completed| done)?|\d+\s*%(?: done| complete)?)$",
    re.IGNORECASE,
)
_IS_DURATION = re.compile(
    rf"^(?:(?:est(?:imated|imate|\.)?|about|approx\.?|time|duration)\s*:?\s*)?(?:{_SPAN}\s*{_UNIT}\b.*|{_UNIT}\s*{_SPAN})$",
    re.IGNORECASE,
)
_IS_NOISE = re.compile(r"^(?:p[0-4]|priority\s*[:=]?\s*\S+|checkpoint\b.*|(?:sha|commit)\s*[:=].*)$", re.IGNORECASE)
_IS_STUBS = re.compile(r"^(?:stubs?\s+(?:are\s+)?(?:allowed|permitted|ok)|allows?\s+stubs?)$", re.IGNORECASE)
_IS_NEEDS = re.compile(
    rf"^(?:depends on|blocked by|(?:after|requires|needs)(?=\s+(?:{KEYWORD})s?\s*\d))\s*:?\s*(.+)$", re.IGNORECASE
)
_MARK = re.compile(r"[✅☑✔✓]")
_TAIL = re.compile(rf"(?:\s+[-–—:|]\s*{_DONE}|\s+(?-i:DONE|COMPLETED?))\s*!?$", re.IGNORECASE)
_NO_NAME = labels.words(
    """
    overview summary results checklist review retrospective notes status deliverables tests
    """
)


def is_phase(title: str) -> bool:
    return read_heading(title) is not None


def read_heading(title: str) -> Heading | None:
    """`Phase 2a - Name (2-4h) ✅` as a phase's heading, or None."""
    text, noise = without_noise(title)
    match = _HEADING.match(text)
    if not match:
        return None
    name = clean(match["name"])
    if not match["separator"].strip() and match["name"]:
        first = name.split(" ", 1)[0]
        bracketed = match["name"].startswith(("(", "（"))
        if not bracketed and (first.islower() or first.lower() in _NO_NAME or labels.field_of(name)):
            return None
    rank = _RANK[match["keyword"].lower()]
    return msgspec.structs.replace(noise, number=" ".join(match["number"].split()), name=name, rank=rank)


def sort_key(number: str) -> tuple[tuple[int, ...], str] | None:
    """By which phases run: `-1` < `0.5` < `1` < `2` < `2a` < `10`; None: no order can be told."""
    match = re.match(r"^(-?\d{1,9}(?:\.\d{1,9})*)([a-zA-Z]?)", number)
    if match:
        return tuple(int(part) for part in match[1].split(".")), match[2].lower()
    if number.lower() in labels.NUMBER_WORDS:
        return (labels.NUMBER_WORDS[number.lower()],), ""
    if number and set(number) <= set("IVX"):
        values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in number]
        following = [*values[1:], 0]
        return (sum(-v if v < after else v for v, after in zip(values, following, strict=True)),), ""
    return None


def without_noise(title: str) -> tuple[str, Heading]:
    """The heading without status marks, durations, priorities and the like, and what these said."""
    duration, done, needs, stubs = None, False, "", False

    def classify(match: re.Match[str]) -> str:
        nonlocal duration, done, needs, stubs
        inner = match[1].strip()
        if _IS_DONE.match(inner):
            done = True
        elif _IS_DURATION.match(inner):
            duration = duration or inner
        elif asked := _IS_NEEDS.match(inner):
            needs = asked[1]
        elif _IS_STUBS.match(inner):
            stubs = True
        elif not (_IS_OPEN.match(inner) or _IS_NOISE.match(inner)):
            return match[0]
        return " "

    text = _GROUP.sub(classify, title)
    if _MARK.search(text):
        done, text = True, _MARK.sub(" ", text)
    text = _edges(text)
    if tail := _TAIL.search(text):
        done, text = True, text[: tail.start()]
    return " ".join(text.split()), Heading("", "", 0, duration, done, needs, stubs)


def clean(name: str) -> str:
    """A name without separators and emoji at its ends; one that stands in parentheses, without them."""
    name = _edges(name).strip(" :：-–—|")
    inner = re.fullmatch(r"[(（]([^()（）]*)[)）]", name)
    return inner[1].strip() if inner else name


def _edges(text: str) -> str:
    """Without emoji and other symbols at both ends."""

    def noise(char: str) -> bool:
        return char.isspace() or unicodedata.category(char) in ("So", "Sk", "Cf") or char in "\ufe0f\u20e3"

    start, end = 0, len(text)
    while start < end and noise(text[start]):
        start += 1
    while end > start and noise(text[end - 1]):
        end -= 1
    return text[start:end]
