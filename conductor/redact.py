"""Removes secrets from everything that is recorded: values that the environment marks as secret, and known tokens.

It works on bytes and never breaks JSON, in which only the contents of string values change, never a key or a number.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping

import msgspec

from conductor.decoding import bounded

MARK = "[redacted]"
MIN_LENGTH = 8  # characters; shorter values would match ordinary words

# AUTHOR and AUTHORITY are not secrets, AUTHORIZATION is.
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|AUTH(?!OR(?!I[SZ]))", re.IGNORECASE)

# The pattern of a token, and substrings of which every match has one: searching for those first is 10 times faster.
# The groups `header` and `user` are kept. Backslashes allow for several levels of JSON escaping between the parts.
_SHAPES = {
    r"sk-ant-[A-Za-z0-9_-]{8,}": ("sk-ant-",),
    r"gh[oprsu]_[A-Za-z0-9]{20,}": ("gho_", "ghp_", "ghr_", "ghs_", "ghu_"),
    r"github_pat_[A-Za-z0-9_]{20,}": ("github_pat_",),
    r"AKIA[0-9A-Z]{16}": ("AKIA",),
    r"xox[a-z]-[A-Za-z0-9-]{8,}": ("xox",),
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"(?:(?:(?!-----BEGIN)[\s\S]){0,20000}?-----END [A-Z ]*PRIVATE KEY-----|[A-Za-z0-9+/=\s\\]{32,})": ("PRIVATE KEY",),
    r"(?P<header>[Aa]uthorization[\\\"']*\s*[:=]\s*[\\\"']*(?:[Bb]earer|[Bb]asic|[Tt]oken)\s+)"
    r"[A-Za-z0-9._~+/=-]+": ("uthorization",),
    r"(?P<user>[a-z][a-z0-9+.-]{0,30}://[^\s/:@\"'\\]{0,256}:)[^\s/@\"'\\]+(?=@)": ("://",),
}
# A JSON string; a colon after it marks a key, and a header's name before it the value of an HTTP header.
_STRING = re.compile(rb'(?P<header>"[A-Za-z-]*[Aa]uthorization"\s*:\s*)?(?P<string>"(?:[^"\\]|\\.)*")(?P<key>\s*:)?')


def names_secret(name: str) -> bool:
    """Whether a variable of this name holds a secret: it is redacted, and commands do not get it."""
    return _SECRET_NAME.search(name) is not None


class Redactor:
    """Callable on bytes; immutable, safe to share."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets` are literal values; those under 8 characters are ignored."""
        values = {secret for secret in secrets if len(secret.strip()) >= MIN_LENGTH}
        forms = values | {json.dumps(value, ensure_ascii=ascii)[1:-1] for value in values for ascii in (True, False)}
        # Longest first, so that a secret which contains another one goes as a whole.
        literals = sorted(forms, key=len, reverse=True)
        exact = list(map(re.escape, literals))
        self._pattern = _compiled([*exact, *_SHAPES])
        self._part = _compiled([*exact, *(re.escape(part) for parts in _SHAPES.values() for part in parts)])

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Redactor:
        """Redact the values of variables with secret names, except paths of files: those only say where a secret is."""
        return cls(
            value
            for name, value in environ.items()
            if names_secret(name) and not (value.startswith("/") and os.path.exists(value))  # noqa: PTH110
        )

    def __call__(self, data: bytes) -> bytes:
        """`data` with every secret replaced by `[redacted]`."""
        if self._part.search(data) is None or self._pattern.search(data) is None:
            return data
        if _is_json(data):
            return _STRING.sub(self._in_json, data)
        return self._pattern.sub(_mark, data)

    def _in_json(self, match: re.Match[bytes]) -> bytes:
        """One JSON string. It is decoded first, so that no escape sequence is cut in two."""
        if match["key"]:
            return match[0]
        text = json.loads(match["string"])
        if match["header"]:
            scheme, space, _ = text.partition(" ")
            return match["header"] + json.dumps(scheme + space + MARK if space else MARK).encode()
        # Surrogates that a JSON escape may hold have no UTF-8; they pass through as they came.
        plain = text.encode("utf-8", "surrogatepass")
        clean = self._pattern.sub(_mark, plain)
        return match[0] if clean == plain else json.dumps(clean.decode("utf-8", "surrogatepass")).encode()


def _compiled(alternatives: Iterable[str]) -> re.Pattern[bytes]:
    return re.compile("|".join(alternatives).encode("utf-8", "surrogateescape"))


def _mark(match: re.Match[bytes]) -> bytes:
    return (match["header"] or match["user"] or b"") + MARK.encode()


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(bounded(data))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
