"""What the replays of published exploits share: raw requests, a trap for the server's own, and secrets to leak."""

import contextlib
import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T", bound=Callable[..., Any])
BOUNDARY = "boundary"
MARK = {"meta": {"_type": "gradio.FileData"}}


def replays(*ids: str) -> Callable[[T], T]:
    """Name the published exploits that a test replays; SECURITY.md lists the same."""
    assert all(ids)
    return lambda test: test


class Answer:
    """An answer, read to its end."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()
        self.text = self.body.decode(errors="replace")


class Attacker:
    """Sends what a browser or a client library would not: paths as they are written, any header, any body."""

    def __init__(self, app_url: str) -> None:
        parts = urlsplit(app_url)
        self.host, self.port = str(parts.hostname), int(parts.port or 80)

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        connection._validate_path = lambda url: None  # type: ignore[attr-defined]  # hostile ones too
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, named)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("POST", path, json.dumps(body).encode(), **{"Content-Type": "application/json", **headers})

    def upload(self, name: str, content: bytes, **headers: str) -> Answer:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return self.send("POST", "/gradio_api/upload", body, **{"Content-Type": kind, **headers})

    def uploaded(self, name: str, content: bytes) -> Path:
        """Where an upload lies on the server, which is this machine."""
        (path,) = json.loads(self.upload(name, content).body)
        return Path(path)

    def compare(self, photo: Any, checkpoints: Any = ("bicubic",)) -> str:
        """All that the app answers to a comparison with this photo."""
        values = [photo, "Upscale this", list(checkpoints), "Cut out a piece", 256, 50, 50, 50, 50, 64, 1]
        return self.call("compare", values)

    def call(self, name: str, values: list[Any]) -> str:
        """All that a public function answers."""
        for _ in range(300):
            asked = self.post(f"/gradio_api/call/{name}", {"data": values})
            if asked.status != 503:  # busy: others are served first
                break
            time.sleep(0.2)
        if asked.status != 200:
            return asked.text
        return asked.text + self.get(f"/gradio_api/call/{name}/{json.loads(asked.body)['event_id']}").text


class Trap(ThreadingHTTPServer):
    """A service of the server's own network; whatever it hears was sent by the app."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        trap = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the name that http.server calls
                trap.heard.append(f"{self.command} {self.path}")
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"internal")

            do_HEAD = do_POST = do_GET  # noqa: N815  # and these

            def log_message(self, *values: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextlib.contextmanager
def trap() -> Iterator[Trap]:
    """A ``Trap`` that listens."""
    server = Trap()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def secret_text() -> str:
    """What no answer may repeat."""
    return f"secret-{secrets.token_hex(12)}"
