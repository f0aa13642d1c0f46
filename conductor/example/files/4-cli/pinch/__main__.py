"""Makes `python3 -m pinch` the command line."""

import sys

from pinch.cli import main

if __name__ == "__main__":
    sys.exit(main())
