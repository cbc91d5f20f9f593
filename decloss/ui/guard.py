"""Requests that Gradio would answer otherwise: of the API, only what ``docs/api.md`` describes is reachable by name."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import gradio as gr

CALL = re.compile(r"^(?:/[\w.-]+)*/call/(?:v2/)?([^/]*)")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


PROGRESS = re.compile(r"/upload_progress$")
NONE = (404, "text/plain; charset=utf-8", b"There is no such endpoint; see docs/api.md.\n")
DONE = (200, "text/event-stream", b'data: {"msg": "done"}\n\n')


class Guard:
    """ASGI middleware: 404 for calls of functions without a public name, and an end for uploads without an id.

    Gradio's page asks after the progress of a webcam's upload without its id, and Gradio finds no such upload.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], names: frozenset[str]) -> None:
        self.app = app
        self.names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        answer = self._answer(scope["path"], scope["query_string"]) if scope["type"] == "http" else None
        if answer is None:
            await self.app(scope, receive, send)
            return
        status, kind, body = answer
        headers = [(b"content-type", kind.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, path: str, query: bytes) -> tuple[int, str, bytes] | None:
        called = CALL.match(path)
        if called is not None and called[1] not in self.names:
            return NONE
        return DONE if PROGRESS.search(path) and query == b"upload_id=" else None


def public_names(page: gr.Blocks) -> frozenset[str]:
    """The names of the functions that others may call."""
    return frozenset(str(fn.api_name) for fn in page.fns.values() if fn.api_visibility == "public")
