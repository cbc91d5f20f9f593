"""Limits on the bodies of requests: 2 MB, and more for uploads only."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from starlette.types import Message, Receive

from decloss.files.images import MAX_PHOTO_BYTES

MAX_BODY = 2_000_000
MAX_UPLOAD = 2 * MAX_PHOTO_BYTES
"""The most bytes of one upload request, in which several photos may come."""
BODY_TIMEOUT = 20.0
"""The seconds in which a small body must arrive."""


class Refused(Exception):  # noqa: N818  # it is an answer to the request, not an error of the server
    """Raised to refuse a request with an HTTP status; the message is a sentence for whoever sent it."""

    def __init__(self, status: int, sentence: str, retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.retry_after = status, sentence, retry_after


def too_large(limit: int) -> Refused:
    """Return the refusal of a body of more than ``limit`` bytes."""
    return Refused(413, f"This request is too large: at most {limit / 1e6:g} MB are accepted here.")


def announced(headers: list[tuple[bytes, bytes]]) -> int:
    """Return the body's length in bytes as the header gives it, 0 without one; raise ``Refused`` if it is no number."""
    value = next((value for name, value in headers if name == b"content-length"), b"0")
    if not value.isdigit():
        raise Refused(400, "The request's length is not a number.")
    return int(value[:20])


async def read_body(receive: Receive) -> bytes:
    """Read the whole body; raise ``Refused`` if it is longer than ``MAX_BODY``, ends early or takes too long."""
    content = bytearray()
    try:
        with anyio.fail_after(BODY_TIMEOUT):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refused(400, "The request ended early.")
                content += message.get("body", b"")
                if len(content) > MAX_BODY:
                    raise too_large(MAX_BODY)
                if not message.get("more_body"):
                    return bytes(content)
    except TimeoutError as error:
        raise Refused(408, "The request took too long to arrive.") from error


def replayed(content: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives ``content``, the body that was read already, and then whatever comes after."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": content, "more_body": False}

    return again


def counted(
    receive: Receive, refusal: Callable[[int], Refused | None], refuse: Callable[[Refused], Awaitable[None]]
) -> Receive:
    """Return a ``receive`` that calls ``refuse`` and hangs up once ``refusal`` has one for the bytes seen so far."""
    seen = 0

    async def next_piece() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if (why := refusal(seen)) is not None:
            await refuse(why)
            return {"type": "http.disconnect"}
        return message

    return next_piece


def parse(content: bytes) -> Any:
    """Return the body's JSON; raise ``Refused`` if it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a ValueError too
        raise Refused(400, "The request is not JSON that can be read here.") from error
