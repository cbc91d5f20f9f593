"""What stands before Gradio: addresses, bodies, headers and health, over a real server, and its parts by themselves."""

import asyncio
import gc
import json
import re
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from playwright.sync_api import Browser
from waiting import in_a_thread

from decloss.files.examples import example_photos
from decloss.files.images import decode_photo
from decloss.ui.serving import bodies
from decloss.ui.serving.edge import Edge, Rules
from decloss.ui.serving.headers import with_nonce, with_safety
from decloss.ui.serving.lanes import LANES
from decloss.ui.serving.routes import JOIN, below_root, exists
from decloss.views.shared_results import digest_of

NAMES = frozenset({"compare"})
API = "gradio_api"
JSON = [(b"content-type", b"application/json")]


@pytest.fixture(scope="module")
def web(app_url: str) -> httpx.Client:
    with httpx.Client(base_url=app_url, timeout=60) as client:
        yield client


def test_what_is_not_there_is_404_with_a_sentence_whatever_the_method(web: httpx.Client) -> None:
    for path in ("login_check", "docs", "redoc", f"{API}/no-such", "no-such.php", ".env"):
        answer = web.get(path)
        assert answer.status_code == 404, path
        assert "docs/api.md" in answer.json()["detail"]
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        assert web.request(method, f"{API}/queue/join").status_code == 404, method
    assert web.post(f"{API}/call/v2/no_such", json={}).status_code == 404


def test_bodies_over_2_mb_are_refused_announced_or_not_but_uploads_are_taken(web: httpx.Client) -> None:
    large = b'{"fn_index": 0, "data": ["' + b"x" * bodies.MAX_BODY + b'"], "session_hash": "s"}'
    for path in ("queue/join", "call/compare", "cancel", "reset"):
        for content in (large, (large[i : i + 65536] for i in range(0, len(large), 65536))):
            answer = web.post(f"{API}/{path}", content=content, headers={"content-type": "application/json"})
            assert answer.status_code == 413, path
            assert answer.json()["detail"] == "This request is too large: at most 2 MB are accepted here."
    answer = web.post(f"{API}/upload", files={"files": ("a.png", large)})
    assert answer.status_code == 200 and answer.json()[0].endswith("a.png")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"fn_index": ' + b"9" * 5000 + b"}",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"fn_index": "0"}',
    ],
    ids=str,
)
def test_what_is_no_call_is_a_sentence_and_no_500(web: httpx.Client, content: bytes) -> None:
    for path in ("queue/join", "call/paper"):
        answer = web.post(f"{API}/{path}", content=content, headers={"content-type": "application/json"})
        assert 400 <= answer.status_code < 500, (path, answer.text)
        assert answer.json()["detail"]


def test_every_answer_carries_the_headers_and_inline_scripts_the_nonce_of_their_page(web: httpx.Client) -> None:
    for path in ("", "config", f"{API}/info", "robots.txt", "no-such", "healthz"):
        headers = web.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "object-src 'none'" in headers["content-security-policy"] or path, path
        assert "unsafe-inline" not in headers["content-security-policy"].split("script-src")[-1].split(";")[0], path
    first, second = web.get(""), web.get("")
    nonces = [re.search(r"'nonce-([^']+)'", answer.headers["content-security-policy"])[1] for answer in (first, second)]
    assert nonces[0] != nonces[1]
    inline = re.findall(r"<script(?![^>]*src=)[^>]*>", first.text)
    assert len(inline) >= 4 and all(f'nonce="{nonces[0]}"' in tag for tag in inline)


def test_scripts_that_got_into_the_page_do_not_run(browser: Browser, app_url: str) -> None:
    page = browser.new_page()
    page.goto(app_url)
    page.wait_for_function("window.declossRestored", timeout=60_000)
    blocked = page.evaluate(
        """async () => {
          const seen = new Promise((done) => document.addEventListener("securitypolicyviolation", (event) => {
            done(event.effectiveDirective);
          }));
          const script = document.createElement("script");
          script.textContent = "window.hacked = true";
          document.body.append(script);
          return [await seen, window.hacked === undefined];
        }"""
    )
    assert blocked == ["script-src-elem", True]
    page.close()


def test_calls_that_name_an_address_instead_of_a_file_are_refused(web: httpx.Client) -> None:
    photo = {"path": "http://127.0.0.1:9/photo.png", "meta": {"_type": "gradio.FileData"}}
    answer = web.post(f"{API}/call/frequency", json={"data": [photo, 50, 50, "bicubic", 1, 0.25]})
    assert answer.status_code == 422
    assert answer.json()["error"] == "Addresses are not fetched here: upload the file."


def test_health_and_readiness_answer(web: httpx.Client) -> None:
    assert web.get("healthz").text == web.get("readyz").text == "ok\n"


def test_a_page_asks_how_many_results_of_an_example_are_there(web: httpx.Client) -> None:
    (photo, _), *_ = example_photos()
    digest = digest_of(decode_photo(Path(photo)).pixels)
    assert int(web.get(f"examples/{digest}").text) >= 2  # the start waits for the first pair
    unknown = web.get(f"examples/{'0' * 64}")
    assert unknown.status_code == 204 and unknown.text == ""
    assert web.get("examples/x").status_code == web.post(f"examples/{digest}").status_code == 404


def test_neither_sessions_nor_secrets_are_logged(web: httpx.Client, app_folder: Path) -> None:
    session, secret = "s3ss10nhash", "o" * 43
    config = web.get("config").json()["dependencies"]
    (owner,) = (one for one in config if one["api_name"] == "remember_owner")
    body = {"fn_index": owner["id"], "data": [secret], "session_hash": session}
    assert web.post(f"{API}/queue/join", json=body).status_code == 200
    assert secret in web.get(f"{API}/queue/data", params={"session_hash": session}).text  # it arrived
    web.get("", params={"job": secret})
    log = (app_folder / "log.txt").read_text(encoding="utf-8")
    assert log and session not in log and secret not in log


# The parts by themselves.


def test_the_page_has_what_it_reads() -> None:
    for path in (
        "/",
        "/config",
        f"/{API}/queue/data",
        f"/{API}/file=/tmp/a.png",
        f"/{API}/file=C:\\Users\\a\\a.png",
        f"/{API}/file=D:/a.png",
        f"/{API}/heartbeat/a1",
        "/assets/a.js",
    ):
        assert exists("GET", path, NAMES), path
    assert exists("POST", f"/{API}/heartbeat/a1", NAMES)
    assert not exists("GET", f"/{API}/file=http://127.0.0.1/a.png", NAMES)


def test_only_public_functions_can_be_called_by_name_and_tools_only_where_they_are_served() -> None:
    assert exists("POST", "/gradio_api/call/compare", NAMES)
    assert exists("GET", f"/gradio_api/call/compare/{'0' * 32}", NAMES)
    assert not exists("POST", "/gradio_api/call/show_place", NAMES)
    assert not exists("POST", "/gradio_api/mcp/", NAMES)
    assert exists("POST", "/gradio_api/mcp/", NAMES, mcp=True)


def test_a_proxys_path_is_taken_off_and_nothing_else() -> None:
    assert below_root("/decloss/config", "/decloss") == "/config"
    assert below_root("/decloss", "/decloss/") == "/"
    assert below_root("/declossy/config", "/decloss") == "/declossy/config"
    assert below_root("/config", "") == "/config"


def test_scripts_with_a_source_get_no_nonce_and_our_headers_win() -> None:
    html, policy = with_nonce(b'<script src="https://elsewhere/x.js"></script><script>1</script>')
    assert html.count(b"nonce=") == 1 and b'<script src="https://elsewhere/x.js">' in html
    assert "'nonce-" in policy and "https://elsewhere" not in policy
    headers = dict(with_safety([(b"x-content-type-options", b"none"), (b"content-type", b"image/png")], uploaded=True))
    assert headers[b"x-content-type-options"] == b"nosniff" and headers[b"content-type"] == b"image/png"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """An app that takes the whole body, as Gradio takes an upload."""
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass
    status = 499 if message["type"] == "http.disconnect" else 200
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def answer_of(edge: Edge, path: str, pieces: list[bytes], length: int | None = None) -> list[dict[str, Any]]:
    """What the edge sends for a POST whose body comes in ``pieces``."""
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [] if length is None else [(b"content-length", str(length).encode())]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
    in_a_thread(edge(scope, receive, send))
    return sent


def edge_with(room: bool = True) -> Edge:
    with gr.Blocks() as page:
        gr.Textbox()
    page.queue()
    return Edge(echo, Rules(page, frozenset(), False, lambda: room))


def test_calls_at_the_same_moment_do_not_overrun_a_lane() -> None:
    with gr.Blocks() as page:
        gr.api(lambda: "", api_name="some", concurrency_id="networks")
    page.queue()
    calls = [{"fn_index": 0, "data": [], "session_hash": f"visitor-{number}"} for number in range(100)]

    async def all_at_once() -> list[int]:
        refused, taken = 0, 0
        over = asyncio.Event()

        async def slow(scope: Any, receive: Any, send: Any) -> None:
            nonlocal taken
            taken += 1
            await over.wait()

        edge = Edge(slow, Rules(page, frozenset({"some"}), False, lambda: True))

        async def join(call: dict[str, Any]) -> None:
            async def receive() -> dict[str, Any]:
                return {"type": "http.request", "body": json.dumps(call).encode(), "more_body": False}

            async def send(message: dict[str, Any]) -> None:
                nonlocal refused
                refused += message.get("status") == 503

            scope = {"type": "http", "method": "POST", "path": JOIN, "query_string": b"", "headers": JSON}
            await edge(scope, receive, send)

        joining = [asyncio.create_task(join(call)) for call in calls]
        while taken + refused < len(calls):
            await asyncio.sleep(0.01)
        over.set()
        await asyncio.gather(*joining)
        return [taken, refused]

    assert in_a_thread(all_at_once()) == [LANES["networks"].room, 100 - LANES["networks"].room]


def test_an_upload_is_cut_off_where_it_passes_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_UPLOAD", 1000)
    path = "/gradio_api/upload"
    assert answer_of(edge_with(), path, [b"x" * 400] * 2)[0]["status"] == 200
    assert [m["status"] for m in answer_of(edge_with(), path, [b"x" * 400] * 3) if "status" in m] == [413]
    assert answer_of(edge_with(), path, [], length=1001)[0]["status"] == 413


def test_uploads_wait_where_the_disk_has_no_room_and_the_app_is_not_ready_then() -> None:
    full = answer_of(edge_with(room=False), "/gradio_api/upload", [b"x"])
    assert full[0]["status"] == 507 and (b"retry-after", b"60") in full[0]["headers"]
    left = iter([True, True, False])  # other uploads fill it meanwhile
    edge = Edge(echo, replace(edge_with().rules, room_for_uploads=lambda: next(left)))
    assert [m["status"] for m in answer_of(edge, "/gradio_api/upload", [b"x"] * 3) if "status" in m] == [507]
    assert answer_of(edge_with(room=False), "/readyz", [])[0]["status"] == 503
    assert answer_of(edge_with(room=False), "/healthz", [])[0]["status"] == 200


@pytest.mark.parametrize("path", ["/nothing", "/gradio_api/upload"])
def test_a_refused_request_leaves_nothing_in_memory(path: str) -> None:
    class Send:
        async def __call__(self, message: dict[str, Any]) -> None:
            assert message.get("status", 404) in (404, 507)

    edge, send = edge_with(room=False), Send()
    kept = weakref.ref(send)
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": []}
    in_a_thread(edge(scope, None, send))
    del send
    gc.collect()
    assert kept() is None


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/upload_progress"])
def test_an_upload_s_id_is_short(path: str) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    for query, status in ((b"upload_id=" + b"x" * 64, 200), (b"upload_id=" + b"x" * 65, 422), (b"upload_id=%00", 422)):
        method = "POST" if path.endswith("upload") else "GET"
        scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": []}
        in_a_thread(edge_with()(scope, receive, send))
        assert sent[0]["status"] == status
        sent.clear()


def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_TIMEOUT", 0.05)

    async def never() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {}

    with pytest.raises(bodies.Refused) as refusal:
        in_a_thread(bodies.read_body(never))
    assert refusal.value.status == 408
