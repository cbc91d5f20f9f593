"""Two comparisons in one page, one after the other, in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path

from browser_page import QUIET, WAIT, choose_checkpoints, choose_example, open_tab, upload, wait_until
from conftest import sample_photo, visits
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from served_app import served_app

LISTEN = """() => {
  window.said = [];
  new MutationObserver(() => {
    const text = document.getElementById("status")?.textContent.trim() ?? "";
    if (text !== window.said[window.said.length - 1]) window.said.push(text);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""A script that writes down what the status says, one text after the other."""


def test_a_claim_that_is_clicked_during_a_run_is_run_in_its_place(visit: Callable[..., Page], tmp_path: Path) -> None:
    Image.fromarray(sample_photo(900, 1200)).save(tmp_path / "photo.png")
    page = visit()
    expect(page.locator("#viewer .v-root[data-ready]")).to_be_visible(timeout=WAIT)
    open_tab(page, "Paper")
    claim = page.locator("#paper-tables a", has_text="LPIPS of EDSR + VGG + DECLoss is below that of EDSR + VGG").first
    expect(claim).to_be_visible(timeout=WAIT)
    open_tab(page, "Compare")
    upload(page, tmp_path / "photo.png")
    expect(page.locator("#run-plan")).to_contain_text("1200 × 900", timeout=WAIT)
    choose_checkpoints(page, "rrdb-l1-vgg-dec", "rrdb-l1-vgg-ragan", "edsr-l1-vgg-gan", "edsr-l1-dec")
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("Running", timeout=WAIT)
    page.evaluate(LISTEN)
    open_tab(page, "Paper")
    claim.click()
    expect(page.locator("#status")).to_contain_text("Done", timeout=2 * WAIT)
    expect(page.locator("#scores tbody tr")).to_have_count(2, timeout=WAIT)
    assert page.evaluate("window.said.filter((text) => text.includes('Done')).length") == 1  # the first one was stopped
    ran = [re.search(r"edsr-[a-z0-9-]+", text) for text in page.locator("#scores tbody th").all_inner_texts()]
    assert [found and found[0] for found in ran] == ["edsr-l1-vgg", "edsr-l1-vgg-dec"]


def test_an_example_that_is_chosen_during_a_run_stays_and_can_be_run(visit: Callable[..., Page]) -> None:
    page = visit()
    root = page.locator("#viewer .v-root")
    expect(root).to_have_attribute("data-ready", "true", timeout=WAIT)
    first = str(root.get_attribute("data-photo"))
    choose_checkpoints(page, "rrdb-l1-vgg-dec", "rrdb-l1-vgg-ragan", "edsr-l1-vgg-gan", "edsr-l1-dec")
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("Running", timeout=WAIT)
    choose_example(page, "Chelsea")
    expect(root).not_to_have_attribute("data-photo", first, timeout=WAIT)
    expect(page.locator("#status")).to_have_text("", timeout=WAIT)
    page.wait_for_timeout(5000)  # nothing goes on behind
    assert root.get_attribute("data-photo") != first and page.locator("#status").inner_text() == ""
    expect(page.locator("#viewer .v-old")).to_be_hidden()
    choose_checkpoints(page, "bicubic")
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("Done", timeout=WAIT)


def test_after_an_hour_what_is_shown_stays_and_an_example_is_there_again_when_its_tab_is_opened(
    browser: Browser, tmp_path: Path, tiny_checkpoints: Path
) -> None:
    with served_app(tmp_path, tiny_checkpoints, absence=600.0) as served, visits(browser, served.url) as visit:
        page = visit()
        expect(page.locator("#files a.zip")).to_have_count(1, timeout=3 * WAIT)
        page.evaluate(QUIET)
        maps = page.locator("#maps img").count()
        (comparison,) = (fn.inputs[0]._id for fn in served.page.fns.values() if fn.api_name == "show_first")
        (states,) = (session.state_data for session in served.page.state_holder.session_data.values())
        del states[comparison]  # as Gradio does
        page.locator("#viewer .v-right").select_option("edsr-l1-vgg")
        page.wait_for_function("location.search.includes('right=edsr-l1-vgg')", timeout=WAIT)
        page.evaluate(QUIET)
        assert page.locator("#maps img").count() == maps > 0 and states.get(comparison) is None
        open_tab(page, "Paper")
        open_tab(page, "Compare")
        wait_until(page, lambda: states.get(comparison) is not None)
        page.locator("#scores button[data-name=bicubic]").click()
        expect(page.locator("#viewer .v-right")).to_have_value("bicubic", timeout=WAIT)
