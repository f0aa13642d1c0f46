"""The names of all keys in the store. No other module builds a key.

All keys of a namespace have the same hash tag, so that one script may use them together on a Redis Cluster.
"""

from __future__ import annotations

import re

import msgspec

from conductor.envelope import sha256
from conductor.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)


def checked(what: str, name: str) -> str:
    """`name`, if it can be part of a key. Raises UsageError otherwise, as names come from outside."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name[:140]!r} cannot name a {what}",
            allowed="1 to 128 of the characters A-Z a-z 0-9 . _ -, the first one a letter or digit",
        )
    return name


def transcript_stream(task: str, name: str) -> str:
    """The stream of an agent's transcript. Raises UsageError for names that cannot be part of a key."""
    return f"{checked('task', task)}/{checked('transcript', name)}"


def transcript_of(task: str, effect: str) -> str:
    """The stream of an effect's transcript. An effect's id may contain any module name, which a key may not."""
    readable = "-".join(re.findall(r"[A-Za-z0-9]+", effect))[:80].strip("-")
    return transcript_stream(task, f"{readable}-{sha256(effect.encode())[:12]}".lstrip("-"))


class Keys(msgspec.Struct, frozen=True):
    """The keys of one namespace. A stream is a task's id, or `task/name` for a transcript."""

    namespace: str

    def __post_init__(self) -> None:
        checked("namespace", self.namespace)

    def _key(self, rest: str) -> str:
        return f"conductor:{{{self.namespace}}}:{rest}"

    def stream(self, stream: str) -> str:
        task, slash, name = stream.partition("/")
        if slash:
            return self._key(f"transcript:{transcript_stream(task, name)}")
        return self._key(f"task:{checked('task', task)}")

    def head(self, stream: str) -> str:
        """Version and header hash of a stream's last event, kept by the append script."""
        return self._key(f"head:{stream}")

    def requests(self, stream: str) -> str:
        """Hash: request key -> first and last version of the batch that it caused."""
        return self._key(f"requests:{stream}")

    @property
    def feed(self) -> str:
        """The stream with every event of every task, in the order of the appends."""
        return self._key("feed")

    @property
    def tasks(self) -> str:
        """List of task ids in the order of their creation."""
        return self._key("tasks")

    def blob(self, digest: str) -> str:
        return self._key(f"blob:{digest}")

    def claim(self, task: str, effect: str, version: int) -> str:
        """Heartbeat of the claim that was recorded as `version`; it expires by its TTL and is never an event."""
        return self._key(f"claim:{task}/{version}/{effect}")

    def view(self, name: str) -> str:
        """State of a projection."""
        return self._key(f"view:{name}")

    def position(self, name: str) -> str:
        """A subscriber's saved position in the feed."""
        return self._key(f"position:{name}")
