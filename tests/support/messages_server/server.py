"""The server itself: HTTP/1.1 by asyncio in a thread of its own. What to answer, a brain decides."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any

from tests.support.messages_server import strict
from tests.support.messages_server.answers import Asked, Brain, Failure, Silence, Speech, body_of

KEY = "sk-ant-local-0123456789"
_PIECE = 24  # characters of text or JSON in one delta


class MessagesServer:
    """`with MessagesServer(brain) as server:` `asked` holds every request. `lenient`: thinking is not checked."""

    def __init__(self, brain: Brain, *, lenient: bool = False) -> None:
        self.brain = brain
        self.asked: list[Asked] = []
        self._lenient = lenient
        self._cache = strict.Cache()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._work: set[asyncio.Task[None]] = set()

    def __enter__(self) -> MessagesServer:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @property
    def environ(self) -> dict[str, str]:
        """What makes the SDK come here."""
        return {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": self.url}

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                pairs = (line.partition(":") for line in head[1:] if line)
                headers = {name.lower(): value.strip() for name, _, value in pairs}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if not await self._answer(head[0], headers, body, writer):
                    break
        writer.close()

    async def _answer(self, line: str, headers: dict[str, str], raw: bytes, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection is to be kept."""
        if not line.startswith("POST /v1/messages"):
            return await _fail(writer, Failure(404, "not_found_error", line))
        if KEY not in (headers.get("x-api-key"), headers.get("authorization", "").removeprefix("Bearer ")):
            return await _fail(writer, Failure(401, "authentication_error", "invalid x-api-key"))
        asked = Asked(len(self.asked) + 1, headers, json.loads(raw))
        self.asked.append(asked)
        try:
            strict.check(asked.body)
            if not self._lenient:
                strict.check_thinking(asked.body)
        except strict.Refused as refused:
            return await _fail(writer, refused.failure)
        match self.brain(asked):
            case Failure() as failure:
                return await _fail(writer, failure)
            case Silence(headers=begun, hangs_up=gone):
                if begun:
                    await _begin(writer)
                if not gone:
                    await asyncio.sleep(3600)
                return False
            case Speech() as speech:
                await asyncio.sleep(speech.delay)
                return await self._stream(writer, asked, speech)

    async def _stream(self, writer: asyncio.StreamWriter, asked: Asked, speech: Speech) -> bool:
        usage = speech.usage or self._cache.usage(asked.body)
        await _begin(writer)
        for number, event in enumerate(_events(asked, speech, usage)):
            if number == speech.dies_after:
                writer.transport.abort()
                return False
            if number == speech.ends_after:
                break
            if speech.error and number == 2:
                event = {"type": "error", "error": {"type": speech.error, "message": "in the middle"}}
            await _chunk(writer, f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
            if event["type"] == "error":
                break
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


def _events(asked: Asked, speech: Speech, usage: dict[str, int]) -> Iterator[dict[str, Any]]:
    started: dict[str, Any] = {
        "id": f"msg_{asked.number}",
        "type": "message",
        "role": "assistant",
        "content": [],
        "stop_reason": None,
    }
    start_usage = {**usage, "output_tokens": 1}
    model = asked.body["model"] if speech.model is None else speech.model
    yield {"type": "message_start", "message": {**started, "model": model, "usage": start_usage}}
    yield {"type": "ping"}
    said: list[dict[str, Any]] = []
    length = 0
    for index, block in enumerate(speech.blocks):
        opening, deltas, whole = _block(asked, index, block, said)
        length += len(json.dumps(whole))
        said.append(whole)
        index = index if speech.index is None else speech.index
        yield {"type": "content_block_start", "index": index, "content_block": opening}
        for delta in deltas:
            if speech.piece is not None and "text" in delta:
                delta["text"] = speech.piece
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    output = (speech.usage or {}).get("output_tokens", length // strict.PER_TOKEN + 1)
    ending = {"stop_reason": speech.stop, "stop_sequence": None, "stop_details": speech.details}
    yield {"type": "message_delta", "delta": ending, "usage": {"output_tokens": output}}
    yield {"type": "message_stop"}


def _block(
    asked: Asked, index: int, block: dict[str, Any], said: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """How a block begins, its parts, and the block as it must be sent back."""
    match block["type"]:
        case "text":
            return {"type": "text", "text": ""}, _parts("text_delta", "text", block["text"]), block
        case "thinking":
            signed = {**block, "signature": strict.signature(asked.body, strict.opened(asked.body, said), block)}
            parts = _parts("thinking_delta", "thinking", block["thinking"])
            parts.append({"type": "signature_delta", "signature": signed["signature"]})
            return {"type": "thinking", "thinking": "", "signature": ""}, parts, signed
        case "tool_use":
            whole = {**block, "id": block["id"] or f"toolu_{asked.turn + 1}_{index + 1}"}
            given = block["input"] if isinstance(block["input"], str) else json.dumps(block["input"])
            return {**whole, "input": {}}, _parts("input_json_delta", "partial_json", given), whole
        case _:
            return block, [], block


def _parts(kind: str, field: str, words: str) -> list[dict[str, Any]]:
    return [{"type": kind, field: words[at : at + _PIECE]} for at in range(0, len(words), _PIECE)]


async def _begin(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    await writer.drain()


async def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    await writer.drain()


async def _fail(writer: asyncio.StreamWriter, failure: Failure) -> bool:
    body = body_of(failure)
    headers = {"content-type": "application/json", "content-length": str(len(body)), **failure.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {failure.status} No\r\n{head}\r\n".encode() + body)
    await writer.drain()
    return True
