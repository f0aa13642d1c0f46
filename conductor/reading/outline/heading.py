"""The text of a phase's heading: keyword, number and name. It ignores what is below."""

from __future__ import annotations

import re

import msgspec

from conductor.reading.vocabulary import labels
from conductor.reading.vocabulary.annotations import Annotations, edges, take_off


class Heading(msgspec.Struct, frozen=True, gc=False):
    """What the heading of a phase says. `rank` is its keyword family's; lower is stronger.

    `apart`: a separator stands between number and name, so it is a name and not a remark on the phase.
    """

    number: str
    name: str
    rank: int = 0
    duration: str | None = None
    done: bool = False
    needs: str = ""
    stubs: bool = False
    apart: bool = True


_RANK = {word: rank for rank, family in enumerate(labels.KEYWORDS) for word in family}
KEYWORD = "|".join(sorted(_RANK, key=len, reverse=True))
_WORDS = "|".join(sorted(labels.NUMBER_WORDS, key=len, reverse=True))
_SINGLE = r"-?\d{1,9}(?:\.\d{1,9})*(?:(?!st|nd|rd|th|er|ª|º)[a-z]{1,2}(?!\w)|(?!\w))"
_MORE = (
    r"(?:\s*[&/]\s*\d+[a-z]?(?!\w)|\s+(?:and|und|et|y|e|и)\s+\d+(?!\w)|[-–—/](?:\d+|N)(?!\w)"
    r"|\s+[-–—]\s+\d+(?=\s*[:：]))"
)
NUMBER = rf"(?:{_SINGLE}{_MORE}?|(?-i:[IVX]+)(?!\w)|(?-i:N)(?:\+\d+)?(?!\w)|(?:{_WORDS})(?!\w))"
_SEPARATOR = r"\s*[:：|·、]\s*|[.)]\s+|\s+[-–—]+\s*|[–—]\s*|-\s+"
_QUALIFIER = r"(?:implementation|development|project|migration|build|delivery|rollout|execution|refactoring)"
_HEADING = re.compile(
    rf"^(?:\d+(?:\.\d+)*[.)]?\s+(?:[-–—]\s+)?|[A-Z][.)]\s+)?(?:(?P<kind>{_QUALIFIER})\s+)?(?P<keyword>{KEYWORD})s?(?:-(?=\d)|\s*[#№]?\s*)"
    rf"(?:(?P<number>{NUMBER})(?:\s+of\s+\d+)?(?P<separator>{_SEPARATOR}|\s*(?=[(（])|\s+|[.:：]?$)"
    rf"|(?P<letter>(?-i:[A-H]|Pre-\d{{1,4}}|[A-Z]{{1,6}}(?:-[A-Z]{{1,4}})?-?\d{{1,4}}(?:[-.]\d{{1,3}})*[a-z]?))(?P<after>{_SEPARATOR}|\s*(?=[(（])|[.:：]?$))(?P<name>.*)$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    rf"^第\s*(?P<cjk>\d+|{_WORDS})\s*(?:阶段|階段|段階|フェーズ|ステージ|步|期)(?P<separator>\s*[:：|·、]\s*|\s*[-–—]+\s*|\s+|(?=[(（])|$)(?P<name>.*)$"
    rf"|^(?P<number>\d+)\s*단계(?:\s*[:：.]\s*|\s*[-–—]+\s*|\s+|$)(?P<third>.*)$"
    rf"|^(?P<first>\d+)(?:\.|ª|º|st|nd|rd|th|er|ère|ème|e)\s+(?:{KEYWORD})(?:{_SEPARATOR})(?P<last>.+)$",
    re.IGNORECASE,
)
_OTHER = re.compile(
    rf"[(（](?P<keyword>{KEYWORD})\s*(?P<number>{NUMBER})\+?[)）]\s*$"
    rf"|^(?:after|before|beyond)\s+(?P<after>{KEYWORD})\s*(?P<later>{NUMBER})",
    re.IGNORECASE,
)
_BESIDE = re.compile(rf"^[/+&]\s*(?:{KEYWORD})s?\s*{NUMBER}(?:{_SEPARATOR})(\S.*)$", re.IGNORECASE)
_BRACKETED = re.compile(r"^[(（]([^()（）]*)[)）]\s*[:：–—-]\s*(\S.*)$")
_BEFORE = re.compile(rf"^pre-(?=(?:{KEYWORD})\s*\d)", re.IGNORECASE)
_BETWEEN = re.compile(rf"^\s*(?:→|->|=>|↔|to|and|vs\.?|&|through)\s*(?:{KEYWORD})\s*\d", re.IGNORECASE)
_NO_NAME = labels.words(
    """
    overview summary results checklist review retrospective notes status deliverables tests metrics report completion
    expectations outcomes outputs exit progress recap rollback gate decision dependencies risks timeline criteria
    """
)


def is_phase(title: str) -> bool:
    return read_heading(title) is not None


def read_heading(title: str) -> Heading | None:
    """`Phase 2a - Name (2-4h) ✅` as a phase's heading, or None."""
    text, annotations = take_off(title)
    if _BEFORE.match(text):  # `Pre-Phase 5: Name`
        found = read_heading(_BEFORE.sub("", title.lstrip(), count=1))
        return found and msgspec.structs.replace(found, number=f"Pre-{found.number}")
    if other := _ORDINAL.match(text):
        number = other["cjk"] or other["number"] or other["first"]
        return annotated(annotations, number, other["name"] or other["third"] or other["last"] or "")
    match = _HEADING.match(text)
    if not match:
        return None
    name, told = _bracketed(_beside(clean(match["name"])))
    annotations = msgspec.structs.replace(annotations, duration=annotations.duration or told)
    if _BETWEEN.match(match["name"]):
        return None
    separator = match["separator"] if match["number"] else match["after"]
    if not separator.strip() and match["name"]:
        bracketed = match["name"].startswith(("(", "（"))
        if not bracketed and (match["kind"] or _is_remark(name)):
            return None
    number = " ".join((match["number"] or match["letter"]).split())
    heading = annotated(annotations, number, name, _RANK[match["keyword"].lower()])
    return msgspec.structs.replace(heading, apart=bool(separator.strip()) or not name)


def _beside(name: str) -> str:
    """`Phase 2 / Milestone 2: Name` without its second number."""
    match = _BESIDE.match(name)
    return match[1] if match else name


def _bracketed(name: str) -> tuple[str, str | None]:
    """`(MVP, 1 day): Name` without the leading parenthesis, and the time stated in it."""
    match = _BRACKETED.match(name)
    if match is None:
        return name, None
    times = (take_off(f"({part.strip()})")[1].duration for part in re.split(r"[,;，、]", match[1]))
    return match[2], next((time for time in times if time), None)


def annotated(annotations: Annotations, number: str, name: str, rank: int = 0) -> Heading:
    """The heading of that number and name, with its annotations."""
    return Heading(
        number, clean(name), rank, annotations.duration, annotations.done, annotations.needs, annotations.stubs
    )


def other_of(title: str, rank: int) -> str | None:
    """The number, casefolded, of a phase of that family mentioned in a title (`Optional (Phase 3+)`, `After Phase 1`),
    or None."""
    match = _OTHER.search(title)
    if not match or _RANK[(match["keyword"] or match["after"]).lower()] != rank:
        return None
    return (match["number"] or match["later"]).casefold()


def rank_of(word: str) -> int | None:
    """The rank of a keyword, in the singular or plural; None if it is not one."""
    return _RANK.get(word, _RANK.get(word.removesuffix("s")))


def sort_key(number: str) -> tuple[tuple[int, ...], str] | None:
    """The key that orders phases: `-1` < `0.5` < `1` < `2` < `2a` < `10`; None if there is no order."""
    match = re.match(r"^(-?\d{1,9}(?:\.\d{1,9})*)([a-zA-Z]{0,2})", number)
    if match:
        return tuple(int(part) for part in match[1].split(".")), match[2].lower()
    if number.lower() in labels.NUMBER_WORDS:
        return (labels.NUMBER_WORDS[number.lower()],), ""
    if number and set(number) <= set("IVX"):
        values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in number]
        following = [*values[1:], 0]
        return (sum(-v if v < after else v for v, after in zip(values, following, strict=True)),), ""
    return None


def clean(name: str) -> str:
    """A name without separators and emoji at its ends, or parentheses around it."""
    name = edges(name).strip(" :：-–—|·")
    name = name[:-1] if name.endswith(".") and name[:-1].isascii() and "." not in name[:-1] else name
    inner = re.fullmatch(r"[(（]([^()（）]*)[)）]", name)
    return inner[1].strip() if inner else name


def _is_remark(name: str) -> bool:
    """Whether the text after a number without a separator is a remark on the phase, not its name."""
    words = name.lower().split()
    remark = name.split(" ", 1)[0].islower() or bool({words[0], words[-1]} & _NO_NAME)
    steps = ("tests", "verification") if len(words) == 1 else ()  # `Phase 4 Testing`
    return remark or labels.field_of(name) not in (None, *steps)
