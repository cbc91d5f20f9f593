"""The one middleware before Gradio: each request is let in, or answered here at once."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import gradio as gr
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from decloss.ui.serving import bodies, requests, routes
from decloss.ui.serving.bodies import Refused
from decloss.ui.serving.gradio_patches import answer_outdated, queue_runs
from decloss.ui.serving.gradio_scripts import served_scripts
from decloss.ui.serving.headers import FILE, with_nonce, with_safety
from decloss.ui.serving.lanes import Admission

PROGRESS_WITHOUT_UPLOAD = b'data: {"msg": "done"}\n\n'


@dataclass(frozen=True)
class Rules:
    """What the app offers, by which requests are let in."""

    page: gr.Blocks
    names: frozenset[str]
    """The names of the public functions."""
    mcp: bool
    room_for_uploads: Callable[[], bool]
    made: Callable[[str], int | None] = lambda _: None
    """A function from an example's digest to the number of results that are there; None if there is no such example."""


class Edge:
    """ASGI middleware around Gradio's app: it checks route, body and lane, in this order, and sets headers."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self.app, self.rules, self.admission = app, rules, Admission(rules.page)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or let Gradio do so."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # the page opens no web socket
            return
        path = routes.below_root(scope["path"], scope.get("root_path", ""))
        answer = _Answer(send, path)
        try:
            if path in (routes.HEALTH, routes.READY):
                await self._tell_health(path, answer)
            elif scope["method"] == "GET" and (example := routes.EXAMPLE.fullmatch(path)) is not None:
                made = self.rules.made(example[1])
                status, text = (204, "") if made is None else (200, str(made))
                await answer.give(status, "text/plain; charset=utf-8", text.encode())
            elif path == routes.PROGRESS and scope["query_string"] == b"upload_id=":
                # Gradio's page asks for this after a webcam's upload, of which Gradio itself knows nothing.
                await answer.give(200, "text/event-stream", PROGRESS_WITHOUT_UPLOAD)
            elif scope["method"] == "GET" and (script := served_scripts().get(path)) is not None:
                await answer.give_script(scope["headers"], *script)
            else:
                with ExitStack() as under_way:
                    let_in = await self._let_in(scope, path, receive, answer, under_way)
                    await self.app(scope, let_in, answer.pass_on)
                if path == routes.JOIN:
                    answer_outdated(self.rules.page)
        except Refused as refusal:
            await answer.refuse(refusal)
        except ClientDisconnect:  # the visitor left during an upload, so nobody can be told
            return

    async def _let_in(
        self, scope: Scope, path: str, receive: Receive, answer: "_Answer", under_way: ExitStack
    ) -> Receive:
        """Return what Gradio will receive; raise ``Refused`` if it must not receive anything.

        A call is counted in its lane until ``under_way`` is left.
        """
        method = scope["method"]
        if not routes.exists(method, path, self.rules.names, mcp=self.rules.mcp):
            raise Refused(404, "There is no such address; docs/api.md has those that there are.")
        if path in (routes.UPLOAD, routes.PROGRESS):
            requests.check_upload_id(scope["query_string"])
        if method not in ("POST", "PUT", "DELETE"):
            # Gradio stumbles over most ranges, and answers the others with the request's own headers.
            scope["headers"] = [header for header in scope["headers"] if header[0] != b"range"]
            return receive
        if any(name == b"sec-fetch-site" and site in (b"cross-site", b"same-site") for name, site in scope["headers"]):
            raise Refused(403, "Another site's page may not send anything here.")
        length = bodies.announced(scope["headers"])
        if path == routes.UPLOAD:
            return self._let_upload_in(length, receive, answer)
        if length > bodies.MAX_BODY:
            raise bodies.too_large(bodies.MAX_BODY)
        content = await bodies.read_body(receive)
        self._admit(scope, path, content, under_way)
        return bodies.replayed(content, receive)

    def _let_upload_in(self, length: int, receive: Receive, answer: "_Answer") -> Receive:
        if length > bodies.MAX_UPLOAD:
            raise bodies.too_large(bodies.MAX_UPLOAD)
        if not self.rules.room_for_uploads():
            raise _no_room()

        def refusal(seen: int) -> Refused | None:
            if seen > bodies.MAX_UPLOAD:
                return bodies.too_large(bodies.MAX_UPLOAD)
            return None if self.rules.room_for_uploads() else _no_room()  # others upload at the same time

        return bodies.counted(receive, refusal, answer.refuse)

    def _admit(self, scope: Scope, path: str, content: bytes, under_way: ExitStack) -> None:
        """Raise ``Refused`` for what cannot be a call, and for a call that its lane has no room for."""
        if not requests.takes_json(path):
            return
        body = requests.read_json(scope["headers"], content)
        requests.check_body(path, body, self.rules.page)
        fn_index = body["fn_index"] if path == routes.JOIN else routes.called_function(path, self.rules.page)
        if fn_index is None:  # it calls nothing: it cancels or resets
            return
        # In a call by name, "session_hash" could only be a parameter of ours, and there is none.
        refusal = self.admission.refusal(fn_index, body.get("session_hash"))
        if refusal is not None:
            # Gradio's page shows its own words for 503, and ours for any other status.
            in_browser = any(name == b"sec-fetch-mode" for name, _ in scope["headers"])
            raise Refused(429 if in_browser else 503, *refusal)
        under_way.enter_context(self.admission.entering(fn_index, body.get("session_hash")))

    async def _tell_health(self, path: str, answer: "_Answer") -> None:
        """Tell that the app is alive, since its loop answers, or whether it is ready: the queue runs and has room."""
        if path == routes.READY and not (queue_runs(self.rules.page) and self.rules.room_for_uploads()):
            raise Refused(503, "Not ready for visitors.", 10)
        await answer.give(200, "text/plain; charset=utf-8", b"ok\n")


def _no_room() -> Refused:
    """Return the refusal of an upload; one that is raised again and again would keep the frames of all requests."""
    return Refused(507, "There is no room for uploads here at the moment; try again in a minute.", 60)


class _Answer:
    """An answer on its way back to the browser: it gets its headers, and the page gets a nonce."""

    def __init__(self, send: Send, path: str) -> None:
        self._send, self._path = send, path
        self._start: Message | None = None
        self._page = bytearray()
        self._over = False
        self._started = False

    async def give(self, status: int, kind: str, body: bytes, further: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        """Send a whole answer of ours."""
        length = str(len(body)).encode()
        headers = [(b"content-type", kind.encode()), (b"content-length", length), *further]
        await self.pass_on({"type": "http.response.start", "status": status, "headers": headers})
        await self.pass_on({"type": "http.response.body", "body": body})

    async def give_script(self, asked: list[tuple[bytes, bytes]], text: bytes, compressed: bytes) -> None:
        """Send a script of ours, compressed for who can read that; it may be kept for an hour."""
        short = any(name == b"accept-encoding" and b"gzip" in value for name, value in asked)
        kept = [(b"cache-control", b"max-age=3600"), (b"vary", b"accept-encoding")]
        further = (*kept, *[(b"content-encoding", b"gzip")] * short)
        await self.give(200, "text/javascript; charset=utf-8", compressed if short else text, further)

    async def refuse(self, refusal: Refused) -> None:
        """Send the refusal as JSON, unless an answer has begun; what Gradio sends after it is dropped."""
        if self._started:
            return
        after = () if refusal.retry_after is None else ((b"retry-after", str(refusal.retry_after).encode()),)
        detail: Any = refusal.sentence
        if refusal.status == 422:  # gradio_client reads no other form, and stumbles over a text
            detail = [
                {"__type__": "validate", "is_valid": False, "parameter_name": "request", "message": refusal.sentence}
            ]
        body = json.dumps({"detail": detail, "error": refusal.sentence}).encode()
        # The rest of the body is not read, so the connection has to end.
        await self.give(refusal.status, "application/json", body, (*after, (b"connection", b"close")))
        self._over = True

    async def pass_on(self, message: Message) -> None:
        """Pass on one message of Gradio's answer."""
        if self._over:
            return
        if message["type"] == "http.response.start":
            self._started = True
            if self._path == routes.PAGE and (b"content-type", b"text/html; charset=utf-8") in message["headers"]:
                self._start = message  # it waits, since a nonce in the page changes the length
                return
            uploaded = self._path.startswith(f"{routes.API}/file=")
            message["headers"] = with_safety(message["headers"], uploaded=uploaded, policy=FILE)
        elif self._start is not None:
            self._page += message.get("body", b"")
            if message.get("more_body"):
                return
            html, policy = with_nonce(bytes(self._page))
            kept = [(name, value) for name, value in self._start["headers"] if name != b"content-length"]
            headers = [*with_safety(kept, uploaded=False, policy=policy), (b"content-length", str(len(html)).encode())]
            await self._send({**self._start, "headers": headers})
            self._start = None
            message = {"type": "http.response.body", "body": html}
        await self._send(message)
