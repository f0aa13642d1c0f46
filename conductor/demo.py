"""`make run`: builds the bundled example in a scratch folder with its own state folder, from nothing to merged."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parent / "example"
MARKER = ".conductor-demo"  # only a folder created by this module is ever deleted


def main(folder: Path) -> int:
    """Make the example's repository under `folder` and run it; returns the exit code of `conduct run`."""
    from conductor.doors.cli.main import main as conduct
    from conductor.log import embedded

    folder = folder.absolute()
    home, project = folder / "state", folder / "pinch"
    if folder.exists():
        if not (folder / MARKER).exists():
            print(f"error: {folder} exists and is not a folder of this demo; remove it yourself", file=sys.stderr)
            return 2
        embedded.stop(home)
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()
    shutil.copytree(EXAMPLE / "project", project, ignore=shutil.ignore_patterns("__pycache__"))
    _commit(project)
    os.environ["CONDUCT_HOME"] = str(home)
    os.environ.pop("CONDUCT_REDIS_URL", None)
    os.chdir(project)
    print(f"The bundled example, built by scripted agents (no model is asked), in {project}\n")
    try:
        return conduct(
            ["run", ".prelude/READY.md", "--yes", "--agent", f"scripted:{EXAMPLE / 'script.toml'}", "--merge"]
        )
    finally:
        embedded.stop(home)


def _commit(project: Path) -> None:
    """Create the project's own repository, even inside another one, with what a user would have committed."""
    from git import Repo

    with Repo.init(project, initial_branch="main") as repo:
        repo.git.add("--all")
        repo.git(c=["user.name=A cook", "user.email=cook@localhost", "commit.gpgsign=false"]).commit(
            message="The cook's files and the specification"
        )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".conduct-demo")))
