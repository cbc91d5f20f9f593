"""A visitor of the load test: what a browser sends when somebody moves a slider, over plain asyncio sockets."""

import asyncio
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

API = "/gradio_api"
LARGEST_LINE = 2**24
"""The most bytes of an event, in which pictures come."""
LONGEST = 60.0
"""The seconds after which an answer counts as an error."""


@dataclass
class Answer:
    """What came of one event."""

    status: int
    """The status: 200, or that of the refusal."""
    seconds: float
    """The seconds until the result, or until the refusal."""
    failed: str = ""
    """What went wrong, if neither a result nor a refusal came."""
    data: list[Any] = field(default_factory=list)


class Visitor:
    """One browser: a session, and a stream of events while it waits for some."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.session = secrets.token_hex(6)

    async def ask(self, fn_index: int, data: list[Any]) -> Answer:
        """Join the queue and wait for the event's end."""
        began = time.monotonic()
        try:
            status, message = await asyncio.wait_for(self._ask(fn_index, data), LONGEST)
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            return Answer(0, time.monotonic() - began, type(error).__name__)
        if status != 200:
            return Answer(status, time.monotonic() - began)
        seconds = time.monotonic() - began
        if not message.get("success"):
            return Answer(200, seconds, str(message.get("output") or message)[:200])
        return Answer(200, seconds, data=message["output"].get("data", []))

    async def _ask(self, fn_index: int, data: list[Any]) -> tuple[int, dict[str, Any]]:
        body = {"fn_index": fn_index, "data": data, "session_hash": self.session, "event_data": None}
        status, content = await self._request("POST", f"{API}/queue/join", json.dumps(body).encode())
        return status, await self._wait_for(json.loads(content)["event_id"]) if status == 200 else {}

    async def _request(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """One request: status and body. The server closes connections that think for five seconds."""
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=LARGEST_LINE)
        try:
            writer.write(self._head(method, path, len(body)) + body)
            status, headers = await _read_head(reader)
            return status, await reader.readexactly(int(headers.get("content-length", 0)))
        finally:
            writer.close()

    async def _wait_for(self, event: str) -> dict[str, Any]:
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=LARGEST_LINE)
        try:
            writer.write(self._head("GET", f"{API}/queue/data?session_hash={self.session}", 0))
            await _read_head(reader)
            while True:
                line = await reader.readline()
                if not line:
                    raise ValueError("the stream ended before the event did")
                if line.startswith(b"data: "):
                    message: dict[str, Any] = json.loads(line[6:])
                    of_event = message.get("event_id") == event and message["msg"] == "process_completed"
                    if of_event or message["msg"] == "unexpected_error":
                        return message
        finally:
            writer.close()

    def _head(self, method: str, path: str, length: int) -> bytes:
        lines = (
            f"{method} {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            "Content-Type: application/json",
            f"Content-Length: {length}",
        )
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
    return int(head[0].split()[1]), headers
