"""Opens a site for checking: lists the tracked files of its tree and recognises its toolchains."""

from __future__ import annotations

import os
import re
import warnings

from conductor.checks import toolchains
from conductor.checks.languages.registry import recognise, registered
from conductor.checks.project import Project
from conductor.checks.site import Site
from conductor.errors import WorkspaceError
from conductor.process.environment import scrubbed_environment
from conductor.process.run import run

_LISTING_LIMIT = 256 * 1024 * 1024
_KEPT = 4  # listings
_LISTINGS: dict[str, tuple[str, ...]] = {}  # files by tree hash, which determines them
_OBJECT = re.compile(r"[0-9a-f]{40,64}")


async def open_project(site: Site) -> Project:
    """Read the tracked files of the site's tree. Raises WorkspaceError if the tree cannot be read.

    Warns about installed languages that cannot be used: their files are not checked.
    """
    for fault in registered().faults:
        warnings.warn(fault, RuntimeWarning, stacklevel=1)
    if not _OBJECT.fullmatch(site.tree):
        raise WorkspaceError(f"not a tree: {site.tree!r}", allowed="a full git object name")
    files = await _listing(site)
    search = os.environ.get("PATH", os.defpath)
    python = toolchains.interpreter(site.path, site.repository, site.settings.python, search)
    found = recognise(files)
    roots = [toolchain.root for toolchain in found if toolchain.language == "python"]
    environment = toolchains.environment(site.path, site.repository, python, roots, os.environ)
    return Project(site, files, python, environment, found)


async def _listing(site: Site) -> tuple[str, ...]:
    """The files of the site's tree. Checks of one commit run in sequence, so listings are cached by tree."""
    if (known := _LISTINGS.get(site.tree)) is not None:
        return known
    listing = await run(
        ["git", "ls-tree", "-r", "-z", "--full-tree", "--name-only", site.tree],
        cwd=site.path,
        timeout=site.settings.check_timeout,
        env=scrubbed_environment(os.environ),
        output_limit=_LISTING_LIMIT,
    )
    if listing.exit_code != 0 or listing.cut:
        raise WorkspaceError(f"cannot read the tree {site.tree} in {site.path}: {listing.output.strip()[:500]}")
    while len(_LISTINGS) >= _KEPT:
        _LISTINGS.pop(next(iter(_LISTINGS)))
    return _LISTINGS.setdefault(site.tree, tuple(name for name in listing.output.split("\0") if name))
