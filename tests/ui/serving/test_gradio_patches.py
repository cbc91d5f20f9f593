"""What is replaced in Gradio does what it is there for, and another Gradio is told from the one that the app knows."""

import asyncio
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from conftest import ROOT, sample_photo
from gradio.state_holder import SessionState, StateHolder
from waiting import free_port, in_a_thread

import app
from decloss.files.images import encode_png
from decloss.ui.serving import gradio_patches
from decloss.ui.serving.gradio_check import FIELDS, FUNCTIONS, KNOWN, UnknownGradio
from decloss.ui.serving.gradio_patches import Page, VisitorState, keep_photos_of_tools_in, patch_gradio, save_bytes

PHOTO = "data:image/png;base64," + "x" * 1_000_000


@pytest.mark.parametrize("name", ["processing_utils.async_ssrf_protected_get", "state_holder.SessionState"])
@pytest.mark.parametrize("other", [None, lambda where: None], ids=["missing", "other parameters"])
def test_another_gradio_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, other: Any
) -> None:
    module, _, member = name.partition(".")
    if other is None:
        monkeypatch.delattr(getattr(gr, module), member)
    else:
        monkeypatch.setattr(getattr(gr, module), member, other)
    monkeypatch.setattr(gr, "__version__", "7.0.0")
    with pytest.raises(UnknownGradio, match=rf"^This app knows Gradio {KNOWN}, and 7\.0\.0 .*: {re.escape(name)}.*\.$"):
        patch_gradio()
    monkeypatch.setattr(sys, "argv", ["app.py", "--port", str(free_port())])
    with pytest.raises(SystemExit):
        app.main()
    assert f"knows Gradio {KNOWN}" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("kind", FIELDS)
def test_each_field_that_is_read_is_looked_for(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    _, names = FIELDS[kind]
    monkeypatch.setitem(FIELDS, kind, (lambda page: object(), names))
    with pytest.raises(UnknownGradio, match=f"differ: {kind}.{names.split()[0]}"):
        patch_gradio()


def test_every_private_name_that_is_used_is_looked_for() -> None:
    """Those with an underscore, and what is taken from modules of Gradio."""
    text = (ROOT / "decloss" / "ui" / "serving" / "gradio_patches.py").read_text(encoding="utf-8")
    used = set(re.findall(r"(?<!self)\.(_[a-z]\w+)|gr\.[a-z_]+\.(\w+)", text))
    known = " ".join([*FUNCTIONS, *FIELDS, *(names for _, names in FIELDS.values()), "_queue"])
    assert len(used) > 10
    for private, member in used:
        assert re.search(rf"\b{private or member}\b", known), private or member


def test_gradio_fetches_no_address_by_any_way_of_its_own(tmp_path: Path) -> None:
    asked: list[str] = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name is the library's
            asked.append(self.path)

    with HTTPServer(("127.0.0.1", 0), Trap) as trap:
        threading.Thread(target=trap.serve_forever, daemon=True).start()
        patch_gradio()
        address = f"http://localhost:{trap.server_port}/photo.png"
        with pytest.raises(gr.Error, match="Addresses are not fetched here: upload the file"):
            in_a_thread(gr.processing_utils.async_ssrf_protected_download(address, str(tmp_path)))
        with pytest.raises(gr.Error, match="not fetched"):
            gr.processing_utils.save_url_to_cache(address, str(tmp_path))
        trap.shutdown()
    assert not asked and not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_of_uploads_that_were_asked_for_the_last_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    patch_gradio()
    known = gr.routes.file_upload_statuses
    assert type(known._signals) is type(known._statuses)
    monkeypatch.setattr(type(known._signals), "most", 3)

    async def ask(upload: str) -> bool:
        return await asyncio.wait_for(known.is_tracked(upload), 0.01)

    for number in range(5):
        with pytest.raises(TimeoutError):
            in_a_thread(ask(f"asked-{number}"))
        known.append(f"sent-{number}", "photo.png", b"xx")
    assert list(known._statuses) == ["sent-2", "sent-3", "sent-4"] and len(known._signals) == 3
    assert in_a_thread(ask("sent-4")) and known.pop("sent-4").chunk_size == 2
    known._signals.clear()
    known._statuses.clear()


@pytest.mark.parametrize("way", ["a picture", "bytes"])
def test_a_picture_that_is_saved_again_is_never_half_for_who_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    patch_gradio()
    monkeypatch.setattr(gradio_patches, "upload_folder", lambda: tmp_path)
    pixels = sample_photo(300, 300)
    content = encode_png(pixels)

    def save() -> str:
        if way == "bytes":
            return save_bytes(content, "image.png")
        return gr.processing_utils.save_img_array_to_cache(np.array(pixels), str(tmp_path), format="png")

    path = Path(save())
    whole, ended = path.read_bytes(), threading.Event()

    def save_again() -> None:
        for _ in range(40):
            save()
        ended.set()

    writers = [threading.Thread(target=save_again) for _ in range(2)]
    for writer in writers:
        writer.start()
    while not ended.is_set():
        assert path.read_bytes() == whole
    for writer in writers:
        writer.join()
    assert list(tmp_path.rglob("*.*")) == [path]  # and nothing else stays


def test_gradio_sums_nothing_up_after_an_event(page: gr.Blocks) -> None:
    page._queue.events_recorded = 5
    one = {"function": "f", "status": "success", "process_time": 0.1}
    assert page._queue.compute_analytics_summary([one]) == {"functions": {}}


def test_photos_that_come_over_mcp_lie_where_they_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gr.mcp, "DEFAULT_TEMP_DIR", "elsewhere")
    keep_photos_of_tools_in(tmp_path)
    data = "data:image/png;base64,iVBORw0KGgo="
    found = gr.mcp.GradioMCPServer.convert_strings_to_filedata(None, {"photo": data}, [["photo"]])
    assert Path(found["photo"]["path"]).is_relative_to(tmp_path)


@pytest.fixture
def page() -> gr.Blocks:
    patch_gradio()
    with Page() as page:
        text, level, count = gr.Textbox(), gr.Slider(0, 10, label="Level"), gr.State(0)
        gr.on([], lambda words: words[::-1], text, text)
        gr.on([], lambda: gr.Slider(maximum=20), None, level)
        gr.on([], lambda value, seen: (value, seen + 1), [level, count], [level, count])
    return page


@pytest.fixture
def visitors(page: gr.Blocks) -> StateHolder:
    """As the app keeps them."""
    holder = StateHolder()
    holder.set_blocks(page)
    return holder


def call(page: gr.Blocks, fn: int, values: list[Any], state: SessionState) -> list[Any]:
    data: list[Any] = in_a_thread(page.process_api(fn, values, state=state))["data"]
    return data


def test_what_was_sent_and_answered_is_not_kept(page: gr.Blocks, visitors: StateHolder) -> None:
    state = visitors["visitor"]
    assert call(page, 0, [PHOTO], state) == [PHOTO[::-1]]
    assert isinstance(state, VisitorState) and not state.config_values
    assert "x" * 100 not in repr(vars(state))


def test_states_and_changed_controls_are_each_visitor_s_own(page: gr.Blocks, visitors: StateHolder) -> None:
    one, other = visitors["one"], visitors["other"]
    with pytest.raises(gr.Error, match="“Level” must be a number from 0 to 10"):
        call(page, 2, [15, None], one)
    call(page, 1, [], one)
    assert call(page, 2, [15, None], one)[0] == 15
    call(page, 2, [16, None], one)
    with pytest.raises(gr.Error, match="“Level” must be a number from 0 to 10"):
        call(page, 2, [15, None], other)
    assert [list(state.state_data.values()) for state in (one, other)] == [[2], []]
    assert visitors["one"] is one and not one.config_values
