"""All keys of a namespace as compressed JSON lines that a person can read, and back into a server, byte for byte.

It knows how keys are named and nothing of what they mean, and speaks to the server by itself: no code under test.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import redis

FIELD = b"d"  # of an entry of a stream: the event
DEFLATED = b"z"  # before a text that is stored compressed

Line = dict[str, Any]


class Entry(msgspec.Struct, frozen=True):
    """One entry of a stream: the key without its namespace, its id, and the event as it is stored."""

    key: str
    id: str
    wire: bytes


def prefix(namespace: str) -> str:
    return f"conductor:{{{namespace}}}:"


def dump(server: redis.Redis, namespace: str, path: Path) -> None:
    """Write what the namespace holds. What lives by a time to live is no record, and left out."""
    lines = "".join(
        json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
        for line in _lines(server, namespace)
    )
    path.write_bytes(gzip.compress(lines.encode(), 9, mtime=0))


def lines(path: Path) -> list[Line]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]


def load(server: redis.Redis, namespace: str, path: Path) -> None:
    """Put what was recorded into an empty namespace."""
    names, pipe = prefix(namespace), server.pipeline(transaction=False)
    known: dict[tuple[str, str], bytes] = {}
    for line in lines(path):
        key = names + line["key"]
        match line:
            case {"id": at}:
                wire = _wire(line, known)
                known[line["key"], at] = wire
                pipe.xadd(key, {FIELD: wire}, id=at)
            case {"list": items}:
                pipe.rpush(key, *items)
            case {"hash": fields}:
                pipe.hset(key, mapping=fields)
            case _:
                pipe.set(key, _bytes(line))
    pipe.execute()


def entries(path: Path) -> list[Entry]:
    """Every entry of every stream, stream by stream, in order."""
    found: dict[tuple[str, str], bytes] = {}
    for line in lines(path):
        if "id" in line:
            found[line["key"], line["id"]] = _wire(line, found)
    return [Entry(key, at, wire) for (key, at), wire in found.items()]


def blobs(path: Path) -> dict[str, str]:
    """The kept texts, by digest."""
    kept = {}
    for line in lines(path):
        kind, _, digest = line["key"].partition(":")
        if kind == "blob":
            kept[digest] = line["deflated"] if "deflated" in line else line["string"][1:]
    return kept


def _lines(server: Any, namespace: str) -> Iterator[Line]:
    names = prefix(namespace)
    keys = sorted(key.decode() for key in server.keys(names.replace("{", "\\{") + "*") if server.pttl(key) == -1)
    # Last, as it only repeats what the streams of the tasks hold.
    seen: dict[bytes, list[str]] = {}
    for key in sorted(keys, key=lambda key: key == f"{names}feed"):
        name = key.removeprefix(names)
        match server.type(key):
            case b"stream":
                for at, fields in server.xrange(key):
                    assert list(fields) == [FIELD], f"{name} {at}: {fields}"
                    yield _entry(name, at.decode(), fields[FIELD], seen)
            case b"string":
                yield {"key": name} | _string(server.get(key) or b"")
            case b"list":
                yield {"key": name, "list": [item.decode() for item in server.lrange(key, 0, -1)]}
            case b"hash":
                fields = server.hgetall(key)
                yield {"key": name, "hash": {field.decode(): fields[field].decode() for field in sorted(fields)}}
            case other:
                raise ValueError(f"{name} is a {other.decode()}, which this cannot keep")


def _entry(name: str, at: str, wire: bytes, seen: dict[bytes, list[str]]) -> Line:
    if name == "feed" and wire in seen:
        return {"key": name, "id": at, "same": seen[wire]}
    seen[wire] = [name, at]
    return {"key": name, "id": at, "d": wire.decode()}


def _wire(line: Line, known: dict[tuple[str, str], bytes]) -> bytes:
    return known[line["same"][0], line["same"][1]] if "same" in line else line["d"].encode()


def _string(value: bytes) -> Line:
    if value[:1] == DEFLATED:
        text = zlib.decompress(value[1:])
        if DEFLATED + zlib.compress(text, 6) == value:
            return {"deflated": text.decode()}
    try:
        return {"string": value.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _bytes(line: Line) -> bytes:
    if "deflated" in line:
        return DEFLATED + zlib.compress(line["deflated"].encode(), 6)
    return base64.b64decode(line["base64"]) if "base64" in line else line["string"].encode()
