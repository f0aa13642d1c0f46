"""Packages as pip would leave them: a module, and a dist-info with the entry points."""

from __future__ import annotations

from pathlib import Path


def installed(folder: Path, name: str, module: str, *points: str, group: str) -> None:
    """Write a package with entry points that is on the search path as soon as `folder` is."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join([f"[{group}]", *points, ""]))
    (folder / f"{name}.py").write_text(module)
