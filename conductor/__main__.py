"""`conduct` and `python -m conductor`."""

from __future__ import annotations

import sys


def main() -> None:
    from conductor.doors.cli.main import main as conduct

    sys.exit(conduct(sys.argv[1:]))


if __name__ == "__main__":
    main()
