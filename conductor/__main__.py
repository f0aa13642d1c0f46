"""`conduct` and `python -m conductor`: starts and ends quickly, as a short command is mostly its start and its end."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

GARBAGE = 100_000  # objects made before they are looked through; imports make many, and hardly any garbage


def main() -> None:
    gc.set_threshold(GARBAGE)
    from conductor.doors.cli.main import main as conduct

    code = conduct(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # whoever read it has left
            stream.flush()
    os._exit(code)  # nothing that matters lives in a process: taking it apart, object by object, is time lost


if __name__ == "__main__":
    main()
