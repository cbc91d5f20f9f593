"""The first screen, in a real browser: what a visitor sees and can do without having asked for anything."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_page import QUIET, WAIT, choose_checkpoints, picture, slowness, upload
from conftest import sample_photo, visits, watch
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from decloss.files.examples import FIRST_PLACE
from decloss.views.differing import most_different

READY = "#viewer .v-root[data-ready]"
LOADED = """() => {
  const images = [...document.querySelectorAll("#viewer .v-layer-left img, #viewer .v-layer-right img")];
  return images.length === 2 && images.every((image) => image.complete && image.naturalWidth > 0);
}"""
INSIDE = """() => {
  const box = document.querySelector("#viewer .v-stage").getBoundingClientRect();
  return box.width > 0 && box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth;
}"""
VIEWS = """() => [...document.querySelectorAll("#viewer .v-layer img, #viewer .v-crop img")]
  .map((image) => image.style.transform)"""
SINCE_PAINT = """() => performance.now() - performance.getEntriesByName("first-contentful-paint")[0].startTime"""


@pytest.fixture(scope="module")
def first(browser: Browser, app_url: str) -> Iterator[Page]:
    """The page as it opens, with all networks of the example: the tests look at different parts of it."""
    with visits(browser, app_url) as visit:
        page = visit()
        expect(page.locator(READY)).to_be_visible(timeout=WAIT)
        expect(page.locator("#viewer .v-tile:disabled")).to_have_count(1, timeout=3 * WAIT)  # the damaged one
        stop_sweep(page)
        yield page


def stop_sweep(page: Page) -> None:
    page.wait_for_function("document.querySelector('#viewer .v-root').dataset.sweep !== 'running'", timeout=WAIT)


def place(page: Page) -> tuple[float, float]:
    """The place as the address has it, which leaves out what is as at first."""
    found = [page.evaluate(f"new URLSearchParams(location.search).get('{axis}')") for axis in "xy"]
    return tuple(float(value or first) for value, first in zip(found, FIRST_PLACE, strict=True))  # type: ignore[return-value]


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_without_a_click_both_pictures_are_there_and_inside_the_window(
    visit: Callable[..., Page], app_url: str, width: int, height: int
) -> None:
    visit().evaluate(QUIET)  # a first visitor, after whom the page's own files are in the browser's cache
    page = visit(None, width=width)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(app_url)
    page.wait_for_function(LOADED, timeout=WAIT)
    since_paint = page.evaluate(SINCE_PAINT)
    assert since_paint < 3000 * slowness(page)
    assert page.evaluate(INSIDE)
    expect(page.locator("#viewer .v-left")).to_have_value("edsr-l1")
    expect(page.locator("#viewer .v-right")).to_have_value("edsr-l1-dec")


def test_the_strip_has_all_networks_with_plain_names_and_the_scores_mark_the_better_one(first: Page) -> None:
    names = first.locator("#viewer .v-name").all_inner_texts()
    assert names[0] == "The input" and names[-1] == "The original" and "EDSR + VGG + DECLoss + RaGAN" in names
    codes = first.locator("#viewer .v-code").all_inner_texts()
    assert codes[names.index("EDSR + DECLoss")] == "edsr-l1-dec"
    assert "damaged" in codes[names.index("broken")]
    scores = first.locator("#viewer .v-scores").inner_text()
    assert "PSNR" in scores and "LPIPS" in scores
    assert first.locator("#viewer .v-mark").count() >= 2
    expect(first.locator("#viewer .v-better").first).to_contain_text("better")


def test_space_shows_the_original_while_it_is_held(first: Page) -> None:
    hr = first.locator("#viewer .v-layer-hr")
    first.evaluate("document.activeElement.blur()")
    before = first.evaluate("scrollY")
    first.keyboard.down("Space")
    expect(hr).to_be_visible()
    expect(first.locator("#viewer .v-held")).to_have_text("The original")
    assert first.evaluate("scrollY") == before
    first.keyboard.up("Space")
    expect(hr).to_be_hidden()
    button = first.get_by_role("button", name="Hold for the original")
    button.focus()
    first.keyboard.down("Enter")
    expect(hr).to_be_visible()
    first.keyboard.up("Enter")
    expect(hr).to_be_hidden()


def test_the_line_is_a_slider_for_keyboard_and_mouse(first: Page) -> None:
    handle = first.get_by_role("slider", name="Line between the two pictures")
    handle.focus()
    handle.press("Home")
    expect(handle).to_have_attribute("aria-valuenow", "0")
    handle.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuenow", "2")
    expect(handle).to_have_attribute(
        "aria-valuetext", re.compile("2 %: EDSR · pixel loss on the left, EDSR \\+ DECLoss")
    )
    clip = "document.querySelector('#viewer .v-layer-right').style.clipPath"
    assert "2%" in first.evaluate(clip)
    handle.press("End")
    box = first.locator("#viewer .v-stage").bounding_box()
    grip = handle.bounding_box()
    assert box and grip
    y = box["y"] + box["height"] / 2
    first.mouse.move(box["x"] + box["width"] - 2, y)
    first.mouse.down()
    first.mouse.move(box["x"] + box["width"] / 4, y, steps=4)
    first.mouse.up()
    expect(handle).to_have_attribute("aria-valuenow", re.compile("2[456]"))


def test_wheel_and_drag_zoom_and_pan_all_pictures_together(first: Page) -> None:
    stage = first.locator("#viewer .v-stage")
    frame = first.get_by_role("slider", name="The part that is enlarged")
    stage.scroll_into_view_if_needed()
    first.wait_for_timeout(400)  # scrolling is over, so that the wheel is no part of it
    box, before, small = stage.bounding_box(), first.evaluate(VIEWS), frame.bounding_box()
    assert box and small and len(before) > 12
    first.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2)
    first.mouse.wheel(0, -300)
    first.wait_for_function(f"(before) => ({VIEWS})().every((view, i) => view !== before[i])", arg=before)
    smaller = frame.bounding_box()
    assert smaller and smaller["width"] < small["width"]
    zoomed, where = first.evaluate(VIEWS), place(first)
    first.mouse.down()
    first.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2, steps=3)
    first.mouse.up()
    first.wait_for_function(f"(before) => ({VIEWS})().every((view, i) => view !== before[i])", arg=zoomed)
    layers = first.evaluate(VIEWS)[:3]
    assert layers[0] == layers[1] == layers[2]
    moved = "(before) => ![null, before].includes(new URLSearchParams(location.search).get('x'))"
    first.wait_for_function(moved, arg=f"{where[0]:g}", timeout=WAIT)
    assert "zoom=" in first.url


def test_two_fingers_zoom_all_pictures_and_one_moves_the_line(first: Page) -> None:
    stage = first.locator("#viewer .v-stage")
    stage.scroll_into_view_if_needed()
    box, before = stage.bounding_box(), first.evaluate(VIEWS)
    assert box
    session = first.context.new_cdp_session(first)

    def fingers(kind: str, *shares: float) -> None:
        y = box["y"] + box["height"] / 2
        points = [{"x": box["x"] + share * box["width"], "y": y, "id": at} for at, share in enumerate(shares)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    enlargement = (
        "() => Number(/scale\\(([^)]+)/.exec(document.querySelector('#viewer .v-layer img').style.transform)[1])"
    )
    small = first.evaluate(enlargement)
    fingers("touchStart", 0.45)
    fingers("touchStart", 0.45, 0.55)
    fingers("touchMove", 0.4, 0.6)
    fingers("touchMove", 0.35, 0.65)
    fingers("touchEnd")
    first.wait_for_function(f"(before) => ({VIEWS})().every((view, i) => view !== before[i])", arg=before)
    assert first.evaluate(enlargement) == pytest.approx(3 * small, rel=0.05)
    zoomed, handle = first.evaluate(VIEWS), first.get_by_role("slider", name="Line between the two pictures")
    fingers("touchStart", 0.5)
    fingers("touchMove", 0.3)
    fingers("touchEnd")
    expect(handle).to_have_attribute("aria-valuenow", re.compile("29|3[01]"))
    assert first.evaluate(VIEWS) == zoomed


def test_the_frame_and_the_place_follow_each_other(visit: Callable[..., Page]) -> None:
    page = visit("x=30&y=40")
    frame = page.get_by_role("slider", name="The part that is enlarged")
    expect(frame).to_have_attribute("aria-valuetext", re.compile("^30 % from the left, 40 %"), timeout=WAIT)
    frame.focus()
    frame.press("ArrowRight")
    page.wait_for_function("/[?&]x=31(&|$)/.test(location.search)", timeout=WAIT)
    box = page.locator("#viewer .v-photo").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5)
    page.wait_for_function("/[?&]x=(59.5|60|60.5)(&|$)/.test(location.search)", timeout=WAIT)


def test_where_they_differ_most_is_where_python_finds_it(first: Page) -> None:
    first.get_by_role("button", name="Where do they differ most?").first.click()
    size = first.evaluate(
        """() => {
          const stage = document.querySelector("#viewer .v-stage");
          const view = document.querySelector("#viewer .v-layer img").style.transform;
          const scale = Number(/scale\\(([^)]+)/.exec(view)[1]);
          return [stage.clientHeight / scale, stage.clientWidth / scale].map(Math.round);
        }"""
    )
    left, right = (picture(first, f"#viewer .v-layer-{side} img") for side in ("left", "right"))
    x, y, _ = most_different(left, right, *size)
    height, width = left.shape[:2]
    expected = 100 * x * width / 640, 100 * y * height / 427  # the place is one of the whole photo
    until = time.monotonic() + WAIT / 1000
    while place(first) != pytest.approx(expected, abs=0.5):
        assert time.monotonic() < until, (place(first), expected)
        first.wait_for_timeout(100)


def test_chips_and_the_strip_change_a_side_and_a_link_keeps_the_pair_and_the_view(
    first: Page, visit: Callable[..., Page]
) -> None:
    first.locator("#viewer .v-left").select_option("bicubic")
    tile = first.locator("#viewer .v-tile[data-name='edsr-l1-vgg-gan']")
    tile.focus()
    tile.press("Enter")
    expect(tile).to_have_attribute("aria-pressed", "true")
    expect(tile.locator(".v-side")).to_have_text("on the right")
    first.locator("#viewer .v-check").click()
    for part in ("left=bicubic", "right=edsr-l1-vgg-gan", "pixels=1"):
        first.wait_for_function("(part) => location.search.includes(part)", arg=part, timeout=WAIT)
    page = visit(first.evaluate("location.search").removeprefix("?"))
    expect(page.locator("#viewer .v-right")).to_have_value("edsr-l1-vgg-gan", timeout=WAIT)
    expect(page.locator("#viewer .v-left")).to_have_value("bicubic")
    expect(page.locator("#viewer .v-root.pixelated")).to_be_visible()
    expect(page.locator("#viewer .v-factor")).to_have_text(first.locator("#viewer .v-factor").inner_text())
    first.locator("#viewer .v-left").select_option("edsr-l1")
    first.locator("#viewer .v-right").select_option("edsr-l1-dec")


def test_the_line_sweeps_once_unless_less_motion_is_wanted(browser: Browser, app_url: str) -> None:
    for motion, sweeps in (("no-preference", True), ("reduce", False)):
        page = browser.new_page(reduced_motion=motion)  # type: ignore[arg-type]
        problems = watch(page, app_url)
        page.add_init_script(
            """new MutationObserver(() => {
              const line = document.querySelector("#viewer .v-line");
              if (line) (window.lefts = window.lefts || new Set()).add(line.style.left);
            }).observe(document, { subtree: true, attributes: true, attributeFilter: ["style"] });"""
        )
        page.goto(app_url)
        expect(page.locator(READY)).to_be_visible(timeout=WAIT)
        stop_sweep(page)
        assert (page.evaluate("window.lefts.size") > 5) is sweeps
        assert page.evaluate("document.querySelector('#viewer .v-line').style.left") == "50%"
        page.close()
        assert not problems


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "photo.png"
    Image.fromarray(sample_photo(900, 1200)).save(path)
    return path


def test_two_clicks_lead_to_ones_own_photo_compared(visit: Callable[..., Page], photo: Path) -> None:
    page = visit()
    expect(page.locator(READY)).to_be_visible(timeout=WAIT)
    example = page.locator("#viewer .v-root").get_attribute("data-photo")
    upload(page, photo)  # the first click
    expect(page.locator("#viewer .v-old")).to_be_visible(timeout=WAIT)
    expect(page.locator("#run")).to_have_text("Run on my photo", timeout=WAIT)
    plan = page.locator("#run-plan")
    expect(plan).to_contain_text("1200 × 900 photo is shrunk to 640 × 480")
    expect(plan).to_contain_text(re.compile("About (a second|[0-9]+ s|[0-9]+ min) for 4 networks"))
    page.click("#run")  # the second
    expect(page.locator("#viewer .v-old")).to_be_hidden(timeout=WAIT)
    expect(page.locator("#status")).to_contain_text("Done", timeout=2 * WAIT)
    expect(page.locator("#viewer .v-tile:not(:disabled)")).to_have_count(6, timeout=WAIT)
    assert page.locator("#viewer .v-root").get_attribute("data-photo") != example
    expect(page.locator("#viewer .v-right")).to_have_value("edsr-l1-dec")  # the chosen pair is kept
    shown = picture(page, "#viewer .v-photo img")
    assert shown.shape == (480, 640, 3) and np.abs(shown.astype(int).mean() - sample_photo(900, 1200).mean()) < 2


def test_stop_before_the_first_network_has_finished_is_no_error(visit: Callable[..., Page], photo: Path) -> None:
    page = visit("side=2048")
    expect(page.locator(READY)).to_be_visible(timeout=WAIT)
    upload(page, photo)
    page.locator("#mode label").nth(1).click()
    choose_checkpoints(page, "rrdb-l1-vgg-dec", "rrdb-l1-vgg-ragan")
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("Running", timeout=WAIT)
    page.click("#stop")
    expect(page.locator("#status")).to_contain_text("Stopped", timeout=WAIT)
    expect(page.locator("#viewer .v-left")).to_have_value("LR", timeout=WAIT)
    page.wait_for_timeout(1000)
    assert page.locator(".toast-body").count() == 0


def test_a_second_visitor_reads_the_place_in_line(visit: Callable[..., Page], photo: Path) -> None:
    pages: list[Any] = [visit("mode=Upscale+this&side=2048"), visit("mode=Upscale+this&side=2048")]
    for page in pages:
        expect(page.locator(READY)).to_be_visible(timeout=WAIT)
        upload(page, photo)
        expect(page.locator("#run-plan")).to_contain_text("1200 × 900", timeout=WAIT)
        choose_checkpoints(page, "rrdb-l1-vgg-dec", "rrdb-l1-vgg-ragan")
    first, second = pages
    first.click("#run")
    expect(first.locator("#status")).to_contain_text("Running", timeout=WAIT)
    second.evaluate(
        """() => {
          const line = document.querySelector("#line");
          document.querySelector("#run").addEventListener("click", () => { window.clicked = performance.now(); });
          new MutationObserver(() => {
            if (!window.told && /in line/.test(line.textContent)) window.told = performance.now() - window.clicked;
          }).observe(line, { subtree: true, childList: true, characterData: true });
        }"""
    )
    for _ in range(3):  # on a busy machine the best of three
        second.evaluate("delete window.told")
        second.click("#run")
        expect(second.locator("#line")).to_contain_text(re.compile("You are 2nd in line, about [0-9]+ s"), timeout=WAIT)
        if (told := second.evaluate("window.told")) < 1000 * slowness(second):
            break
        second.click("#stop")
        expect(second.locator("#status")).to_contain_text("Stopped", timeout=WAIT)
        expect(second.locator("#line")).to_have_text("")
    else:
        raise AssertionError(f"the place in line was there after {told:.0f} ms")
    first.click("#stop")
    expect(second.locator("#line")).not_to_contain_text("in line", timeout=WAIT)
    expect(second.locator("#status")).to_contain_text("Running", timeout=WAIT)
    second.click("#stop")
    expect(second.locator("#status")).to_contain_text("Stopped", timeout=WAIT)


def test_the_place_of_the_first_screen_is_the_one_that_was_found(visit: Callable[..., Page]) -> None:
    page = visit("__theme=dark", width=390)
    expect(page.locator(READY)).to_be_visible(timeout=WAIT)
    text = page.get_by_role("slider", name="The part that is enlarged").get_attribute("aria-valuetext")
    found = re.fullmatch("([0-9]+) % from the left, ([0-9]+) % from the top", text or "")
    assert found and [float(number) for number in found.groups()] == pytest.approx(FIRST_PLACE, abs=1.5)
