"""The part of an environment that a command needs, without secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from conductor.redact import names_secret

_KEPT = re.compile(
    r"PATH|HOME|LANG|LANGUAGE|LC_\w+|TMPDIR|TZ|USER|LOGNAME|SHELL|XDG_\w+"
    r"|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE"
    r"|VIRTUAL_ENV|(PIP|UV|PYENV|CONDA)_\w+|(NODE|NPM_CONFIG|NVM|VOLTA|FNM|YARN|PNPM)_\w+"
    r"|(CARGO|RUSTUP)_\w+|RUSTFLAGS|GO(PATH|ROOT|BIN|CACHE|MODCACHE|PROXY|FLAGS|PRIVATE|NOPROXY|NOSUMDB|SUMDB|TOOLCHAIN)"
    r"|(ASDF|MISE)_\w+",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(r"://[^/@\s]+@")  # a name alone may be a token


def scrubbed_environment(
    environ: Mapping[str, str], *, home: Path | None = None, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The part of `environ` that a command needs: search path, locale, proxies, certificates, language tools.

    A value containing a URL with credentials counts as a secret. `extra` is added unchanged.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if _KEPT.fullmatch(name) and not names_secret(name) and not _SECRET_VALUE.search(value)
    }
    if home is not None:
        kept["HOME"] = str(home)
    fixed = {"TERM": "dumb", "CI": "1", "GIT_TERMINAL_PROMPT": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    return kept | fixed | dict(extra or {})
