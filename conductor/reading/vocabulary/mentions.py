"""Which of many phrases a text mentions, in time linear in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_LONGEST = 12  # words; longer phrases are not found


class Mentions:
    """An index of phrases. `words` splits a text into the words to compare."""

    def __init__(self, phrases: Iterable[str], words: Callable[[str], list[str]]) -> None:
        self._words = words
        self._phrase: dict[tuple[str, ...], str] = {}
        for phrase in phrases:
            self._phrase.setdefault(tuple(words(phrase)), phrase)
        self._sizes = sorted({len(key) for key in self._phrase if 0 < len(key) <= _LONGEST})

    def find(self, text: str) -> list[str]:
        """The phrases that occur in `text` as whole words, each once."""
        words = self._words(text)
        found: dict[str, None] = {}
        for size in self._sizes:
            for at in range(len(words) - size + 1):
                phrase = self._phrase.get(tuple(words[at : at + size]))
                if phrase is not None:
                    found[phrase] = None
        return list(found)


def name_words(text: str) -> list[str]:
    """Words of prose and names: `token_stream` and "token stream" are the same two."""
    return re.findall(r"[^\W_]+", text.casefold())


def command_words(text: str) -> list[str]:
    """Words of a command, without surrounding quotes and punctuation."""
    return [word for raw in text.split() if (word := raw.strip("`'\"“”.,;:()"))]


def key_of(name: str) -> str:
    """A key that ignores case, and `-`, `_` or spaces between words."""
    return " ".join(re.split(r"[\W_]+", name.casefold())).strip() or name.casefold()
