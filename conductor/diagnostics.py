"""Logs Conductor's own faults for whoever fixes them: `conductor.log` in the state folder, as JSON lines.

Never a record: nothing reads it back. Imported only when something goes wrong. Secrets are redacted from every line.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conductor.redact import Redactor

NAME = "conductor.log"


def note(error: BaseException, home: Path, environ: Mapping[str, str], **context: Any) -> Path:
    """Append an error with its traceback to the log in `home`; returns the log's path. Raises OSError."""
    import structlog

    redact = Redactor.from_environment(environ)

    def redacted(logger: Any, method: str, line: Any) -> str:
        return redact(str(line).encode("utf-8", "backslashreplace")).decode("utf-8", "replace")

    path = home / NAME
    # Readable by this user only, and never through a link, which could lead to anyone's file.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        logger = structlog.wrap_logger(
            structlog.WriteLogger(file),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,  # without the values of variables
                structlog.processors.JSONRenderer(),
                redacted,
            ],
        )
        logger.error("unexpected", exc_info=error, **context)
    return path
