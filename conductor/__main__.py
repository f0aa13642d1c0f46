"""`conduct` and `python -m conductor`: starts and ends quickly, as a short command is mostly its start and its end."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

GARBAGE = 100_000  # objects made before they are looked through; imports make many, and hardly any garbage
INTERRUPTED = 130  # `Exit.INTERRUPTED`, which may not be imported yet


def main() -> None:
    gc.set_threshold(GARBAGE)
    try:
        from conductor.doors.cli.main import main as conduct

        code = conduct(sys.argv[1:])
    except KeyboardInterrupt:  # while the command was still being read
        code = INTERRUPTED
    except BrokenPipeError:  # whoever read the help has left
        code = 0
    except SystemExit as end:  # argparse
        code = end.code if isinstance(end.code, int) else 0
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError):  # whoever read it has left, or there never was one
            stream.flush()
    os._exit(code)  # nothing that matters lives in a process: taking it apart, object by object, is time lost


if __name__ == "__main__":
    main()
