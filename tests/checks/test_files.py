"""`files`: what the tree holds, by git and not by what lies around."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor.checks.site import FAILED, NOT_APPLICABLE, PASSED
from tests.checks.ground import Ground


def test_files_folders_and_globs_that_are_there(ground: Ground) -> None:
    ground.commit({"src/a.py": "x = 1\n", "src/deep/er/b.ts": "1", "app/[id]/page.tsx": "1", "top.md": "#"})
    paths = ("src/a.py", "src", "src/deep/", "src/*.py", "**/*.ts", "src/**/b.ts", "app/[id]/page.tsx", "**/top.md")
    result = ground.check("files", paths=paths)
    assert (result.status, result.output) == (PASSED, "")


def test_each_missing_file_is_listed(ground: Ground) -> None:
    ground.commit({"here.py": "x = 1\n"})
    result = ground.check("files", paths=("here.py", "gone.py", "src/*.py", "here.p"))
    assert result.status == FAILED
    assert result.output == "gone.py: missing\nsrc/*.py: missing\nhere.p: missing\n"
    assert result.summary == "3 of 4 files missing: gone.py, src/*.py, here.p"


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.py", "", FAILED),
        ("a.py", " \n\n", FAILED),
        ("pkg/__init__.py", "", PASSED),
        (".gitkeep", "", PASSED),
        ("pkg/py.typed", "", PASSED),
        ("a.bin", b"\xff\xfe\x00", PASSED),
    ],
)
def test_an_empty_file_counts_as_missing_unless_it_may_be(ground: Ground, name: str, content: str, status: str) -> None:
    ground.commit({name: content, "other": "x"})
    assert ground.check("files", paths=(name,)).status == status


def test_only_what_git_tracks_counts(ground: Ground) -> None:
    ground.commit({".gitignore": "dist\n"})
    ground.write({"dist/app.js": "built", "stray.py": "x"})
    assert (
        ground.check("files", paths=("dist/app.js", "stray.py")).output == "dist/app.js: missing\nstray.py: missing\n"
    )


def test_links_that_leave_the_tree_do_not_count(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    ground.commit(
        {
            "real.txt": "r",
            "inside": Path("real.txt"),
            "outside": tmp_path / "secret",
            "up": Path("../secret"),
            "loop": Path("loop"),
        }
    )
    assert ground.check("files", paths=("inside",)).status == PASSED
    result = ground.check("files", paths=("outside", "up", "loop", "/etc/passwd", "../secret"))
    assert result.status == FAILED
    assert result.output.splitlines() == [
        "outside: not a regular file inside the tree",
        "up: not a regular file inside the tree",
        "loop: not a regular file inside the tree",
        "/etc/passwd: leaves the tree",
        "../secret: leaves the tree",
    ]


def test_a_glob_is_there_when_one_of_its_files_has_content(ground: Ground) -> None:
    ground.commit({"a/one.py": "", "a/two.py": "x = 1\n", "b/one.py": ""})
    assert ground.check("files", paths=("a/*.py",)).status == PASSED
    assert ground.check("files", paths=("b/*.py",)).output == "b/*.py: empty\n"


def test_no_paths_is_nothing_to_check(ground: Ground) -> None:
    assert ground.check("files").status == NOT_APPLICABLE
