"""The stage's script alone in a browser, with its clock in the test's hands and nobody who answers."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import sample_photo
from playwright.sync_api import Browser, Page

from decloss.files.images import encode_png
from decloss.ui.blind_test.tab import HERE

SHEET = "data:image/png;base64," + base64.b64encode(encode_png(sample_photo(16, 48))).decode("ascii")
PAIR = {"token": "t", "sheet": SHEET, "columns": 3, "round": 1}
SIDE = {"title": "Bicubic", "name": "bicubic"}
TOLD = {"left": SIDE, "right": SIDE, "choice": "left", "metrics": [], "sentence": "", "whole": ""}
RUN = """(script) => {
  window.sent = [];
  window.props = { value: {} };
  const watch = (_, load) => { window.show = (value) => { props.value = value; load(); }; };
  new Function("element", "props", "trigger", "watch", script)(
    document.body, props, (_, { value }) => sent.push(value), watch);
}"""
MINUTE = 60_000


@pytest.fixture
def stage(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.clock.install()
    page.set_content((HERE / "stage.html").read_text(encoding="utf-8") + "<a href='#'>Elsewhere</a>")
    page.evaluate(RUN, (HERE / "stage.js").read_text(encoding="utf-8"))
    yield page
    page.close()


def show(page: Page, value: dict[str, Any], phase: str) -> None:
    page.evaluate("show", value)
    page.wait_for_function("(phase) => document.querySelector('.blind-stage').dataset.phase === phase", arg=phase)
    page.clock.run_for(1000)  # as long as a look


def phase_of(page: Page) -> str | None:
    return page.get_attribute(".blind-stage", "data-phase")


def test_an_answer_that_nobody_takes_can_be_given_again_and_so_can_the_next_pair_be_asked_for(stage: Page) -> None:
    show(stage, PAIR, "ask")
    stage.keyboard.press("ArrowLeft")
    stage.keyboard.press("ArrowLeft")
    assert stage.evaluate("sent") == ["left"] and phase_of(stage) == "sent"
    stage.clock.run_for(MINUTE)
    assert phase_of(stage) == "ask"
    stage.keyboard.press("ArrowRight")
    show(stage, {"token": "t", "told": TOLD}, "told")
    stage.clock.run_for(MINUTE)
    assert phase_of(stage) == "told"  # the answer came
    stage.keyboard.press("Enter")
    stage.clock.run_for(MINUTE)
    assert phase_of(stage) == "told" and stage.evaluate("sent") == ["left", "right", "next"]


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_keys_draw_the_next_pair_from_the_stage_and_not_from_links_elsewhere(stage: Page, key: str) -> None:
    show(stage, PAIR, "ask")
    show(stage, {"token": "t", "told": TOLD}, "told")
    stage.focus("a")
    stage.keyboard.press(key)
    assert stage.evaluate("sent") == []
    stage.focus(".blind-next")
    stage.keyboard.press(key)
    assert stage.evaluate("sent") == ["next"]
