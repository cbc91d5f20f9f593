"""The viewer's script in a page of its own, with a stand-in for Gradio's component, which says no or is slow."""

import html
import json
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import sample_photo
from playwright.sync_api import Browser, Page, expect

from decloss.files.images import encode_png
from decloss.ui.compare.viewer import HERE, SCRIPTS
from decloss.ui.parts.script import read_script

URL = "http://viewer.test/"
PHOTO = "0" * 64
VALUE: dict[str, Any] = {
    "photo": PHOTO, "size": [96, 64], "window": [0, 0, 1, 1], "pictures": {"LR": "p.png", "a": "p.png"}, "names": ["a"],
    "order": ["a", "b"], "waiting": ["b"], "failed": {}, "titles": {}, "small": {}, "scores": {},
    "x": 50, "y": 50, "left": "a", "right": "LR", "zoom": "", "pixels": "", "shown": PHOTO,
}  # fmt: skip
STAND_IN = """
window.events = [];
const component = { value: VALUE };
let heard = () => {};
window.hear = (change) => { component.value = { ...component.value, ...change }; heard(); };
window.zoom = () => component.value.zoom;
new Function("element", "trigger", "props", "watch", document.getElementById("script").content.textContent)(
  document.getElementById("viewer"), (name) => window.events.push(name), component, (_, then) => { heard = then; });
"""


@pytest.fixture
def viewer(browser: Browser) -> Iterator[Page]:
    """The page, to which the server always says that both results are there."""
    markup, style = ((HERE / name).read_text(encoding="utf-8") for name in ("viewer.html", "viewer.css"))
    body = (
        f"<!doctype html><style>{style}</style><div id=viewer>{markup}</div>"
        f"<template id=script>{html.escape(read_script(*SCRIPTS))}</template>"
        f"<script>{STAND_IN.replace('VALUE', json.dumps(VALUE))}</script>"
    )
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.route("**/*", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.route("**/p.png", lambda route: route.fulfill(body=encode_png(sample_photo(64, 96)), content_type="image/png"))
    page.route(f"**/examples/{PHOTO}", lambda route: route.fulfill(body="2"))
    page.goto(URL)
    expect(page.locator(".v-root[data-ready]")).to_be_visible()
    yield page
    page.close()
    assert not problems


def test_the_server_is_asked_again_where_it_gave_no_answer(viewer: Page) -> None:
    viewer.wait_for_function("events.filter((name) => name === 'edit').length === 2")
    viewer.evaluate("hear({ waiting: [] })")  # the answer
    viewer.wait_for_timeout(6000)
    assert viewer.evaluate("events.length") == 2


def test_the_zoom_is_as_at_first_after_going_back_but_not_by_news_that_do_not_know_it_yet(viewer: Page) -> None:
    factor = viewer.locator(".v-factor")
    first = factor.inner_text()
    viewer.click(".v-in")
    viewer.wait_for_function("zoom() !== ''")
    zoomed = factor.inner_text()
    viewer.evaluate("hear({ zoom: '' })")  # another value's news, from before
    viewer.wait_for_timeout(200)
    assert factor.inner_text() == zoomed != first
    viewer.wait_for_timeout(2100)
    viewer.evaluate("hear({ zoom: '' })")
    expect(factor).to_have_text(first)
