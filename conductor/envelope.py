"""A recorded event: identity, time, actor, cause and chain around its data; encode, decode, upcast.

On the wire an event is one JSON object whose last field is `data`. The header is every byte before `,"data":`, so an
older version can verify the chain of headers whose newer fields it does not know.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from conductor.decoding import prepared
from conductor.errors import CorruptLog
from conductor.events import REGISTRY, UPCASTERS, Body, Custom, row_of, type_of

_SPLIT = b',"data":'
_encoder = msgspec.json.Encoder()


class Envelope(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A recorded event as stored. `time` is RFC 3339 UTC; `prev` and `digest` are hex SHA-256."""

    task: str
    version: int
    type: str
    schema: int
    time: str
    actor: str
    prev: str  # of the previous event's header; "" at version 1
    digest: str  # of the bytes of `data`
    cause: int | None = None
    correlation: str | None = None
    request: str | None = None
    trace: str | None = None
    rule: str | None = None  # of a decision: the rule that made it
    data: msgspec.Raw = msgspec.Raw(b"{}")


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """A recorded event, decoded. `head` is the hex SHA-256 of its header: the chain's head after it."""

    envelope: Envelope
    body: Body
    head: str

    @property
    def version(self) -> int:
        return self.envelope.version

    @property
    def type(self) -> str:
        return self.envelope.type


class Draft(msgspec.Struct, frozen=True, gc=False):
    """An event that is not recorded yet."""

    body: Body
    actor: str
    cause: int | None = None
    correlation: str | None = None
    request: str | None = None
    trace: str | None = None
    rule: str | None = None


class Head(msgspec.Struct, frozen=True, gc=False):
    """The head of a stream: its last version (0 = empty) and the hash of that event's header."""

    version: int = 0
    hash: str = ""

    @classmethod
    def parse(cls, stored: bytes) -> Head:
        """From `version hash`. Raises ValueError."""
        version, _, digest = stored.decode().partition(" ")
        return cls(int(version), digest)


_decoder = msgspec.json.Decoder(Envelope)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def utc_now() -> str:
    """The wall clock as RFC 3339 UTC with microseconds: `2026-01-31T12:00:00.000000Z`."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def encode(
    task: str, head: Head, drafts: Sequence[Draft], *, time: str, clean: Callable[[bytes], bytes] = bytes
) -> tuple[list[bytes], list[Recorded]]:
    """Chain drafts onto `head`. `clean` redacts the data's bytes before their digest is taken.

    Returns the wire bytes and the same events as a reader will see them.
    """
    wires: list[bytes] = []
    recorded: list[Recorded] = []
    version, prev = head.version, head.hash
    for draft in drafts:
        version += 1
        body = draft.body
        raw = bytes(body.data) if isinstance(body, Custom) else _encoder.encode(body)
        data = clean(raw)
        envelope = Envelope(
            task=task,
            version=version,
            type=type_of(body),
            schema=1 if isinstance(body, Custom) else row_of(body).schema,
            time=time,
            actor=draft.actor,
            prev=prev,
            digest=sha256(data),
            cause=draft.cause,
            correlation=draft.correlation,
            request=draft.request,
            trace=draft.trace,
            rule=draft.rule,
            data=msgspec.Raw(data),
        )
        wire = _encoder.encode(envelope)
        prev = sha256(_header(wire))
        wires.append(wire)
        recorded.append(Recorded(envelope, body if data == raw else body_of(envelope), prev))
    return wires, recorded


def decode(wire: bytes) -> Recorded:
    """Read one stored event. Raises CorruptLog, which says what is wrong, if it is not an event."""
    try:
        envelope = _decoder.decode(wire)
        return Recorded(envelope, body_of(envelope), sha256(_header(wire)))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise CorruptLog(f"an entry of the log is not an event: {error}: {wire[:120]!r}") from None


def body_of(envelope: Envelope) -> Body:
    """Decode data through the registry. Unknown types and newer schemas come back unchanged, as Custom.

    Raises CorruptLog if the data does not fit its type.
    """
    row = REGISTRY.get(envelope.type)
    if row is None or envelope.schema > row.schema:
        return Custom(envelope.type, envelope.data)
    try:
        if envelope.schema == row.schema:
            return msgspec.json.decode(envelope.data, type=prepared(row.body))
        data: dict[str, object] = msgspec.json.decode(envelope.data)
        for schema in range(envelope.schema, row.schema):
            data = UPCASTERS[envelope.type, schema](data)
        return msgspec.convert(data, prepared(row.body))
    except (msgspec.MsgspecError, KeyError, RecursionError) as error:
        where = f"{envelope.task}/{envelope.version}"
        raise CorruptLog(f"{where}: data of {envelope.type} schema {envelope.schema}: {error}") from None


def check_chain(head: Head, event: Recorded) -> str | None:
    """What is wrong with `event` as the next one after `head`, or None."""
    envelope = event.envelope
    if envelope.version != head.version + 1:
        return f"version {envelope.version} follows {head.version}"
    if envelope.prev != head.hash:
        return f"version {envelope.version}: prev is not the hash of version {head.version}'s header"
    if envelope.digest != sha256(bytes(envelope.data)):
        return f"version {envelope.version}: data does not match its digest"
    return None


def _header(wire: bytes) -> bytes:
    """The bytes before `,"data":`; in JSON that sequence cannot occur inside a string, where quotes are escaped."""
    return wire[: wire.index(_SPLIT)]
