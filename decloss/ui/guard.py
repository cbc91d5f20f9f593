"""What of the API is reachable by name: only what ``docs/api.md`` describes. Gradio itself hides the rest, no more."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import gradio as gr

CALL = re.compile(r"^(?:/[\w.-]+)*/call/(?:v2/)?([^/]*)")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class NamedOnly:
    """ASGI middleware: 404 for calls of functions that have no public name."""

    def __init__(self, app: Callable[..., Awaitable[None]], names: frozenset[str]) -> None:
        self.app = app
        self.names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        called = CALL.match(scope["path"]) if scope["type"] == "http" else None
        if called is None or called[1] in self.names:
            await self.app(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b"There is no such endpoint; see docs/api.md.\n"})


def public_names(page: gr.Blocks) -> frozenset[str]:
    """The names of the functions that others may call."""
    return frozenset(str(fn.api_name) for fn in page.fns.values() if fn.api_visibility == "public")
