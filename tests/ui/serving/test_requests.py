"""What cannot be a call is told before it waits, and what may be one is let in."""

from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest

from decloss.ui.serving import routes
from decloss.ui.serving.bodies import Refused
from decloss.ui.serving.gradio_patches import Page
from decloss.ui.serving.requests import DEEPEST, LONGEST, MOST_PARTS, check_body

PHOTO = "data:image/png;base64," + "A" * 1_500_000


@pytest.fixture(scope="module")
def page() -> Iterator[gr.Blocks]:
    def echo(value: str, other: str = "") -> str:
        return f"{len(value)}{other}"

    with Page() as page:
        gr.api(echo, api_name="echo")
    yield page
    page.close()


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels else 0


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([{}] * 600_000, "too many parts"), ([1.5] * MOST_PARTS, "too many parts"),
        ({str(i): i for i in range(MOST_PARTS)}, "too many parts"), ("x" * (LONGEST + 1), "too long"),
        ("\U0001f600" + "x" * 1_900_000, "too long"), ({"x" * (LONGEST + 1): 1}, "too long"),
        ("data:\U0001f600" + "x" * LONGEST, "too long"), (nested(DEEPEST), "nested too deeply"), ("\ud800", "no text"),
    ],
    ids=["objects", "numbers", "keys", "text", "wide text", "a key", "no data URL", "deep", "surrogate"],
)  # fmt: skip
def test_values_that_would_fill_the_memory_are_refused_in_a_sentence(page: gr.Blocks, value: Any, told: str) -> None:
    for path, body in (
        (f"{routes.API}/call/echo", {"data": [value, ""]}),
        (f"{routes.API}/call/v2/echo", {"value": value}),
        (routes.JOIN, {"data": [value, ""], "fn_index": 0, "session_hash": "s"}),
        (routes.JOIN, {"data": ["", ""], "fn_index": 0, "session_hash": "s", "event_data": value}),
    ):
        with pytest.raises(Refused, match=f"{told}.*\\.$") as refusal:
            check_body(path, body, page)
        assert refusal.value.status == 422


@pytest.mark.parametrize(
    "value", [PHOTO, {"url": PHOTO, "meta": {"_type": "gradio.FileData"}}, [["x"]] * 500, "x" * 9000]
)
def test_photos_in_data_urls_and_what_the_page_sends_are_let_in(page: gr.Blocks, value: Any) -> None:
    check_body(f"{routes.API}/call/echo", {"data": [value, ""]}, page)
    check_body(f"{routes.API}/call/v2/echo", {"value": value}, page)


@pytest.mark.parametrize(
    ("path", "body"),
    [("call/echo", {"data": ["", ""], "event_id": 5}), ("reset", {"event_id": "a", "session_hash": []})],
)
def test_a_session_or_event_that_is_no_text_is_refused(page: gr.Blocks, path: str, body: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="must be up to 64 letters"):
        check_body(f"{routes.API}/{path}", body, page)
