"""A person plays in the COO playground, in a real browser."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import numpy as np
import pytest
from browser_page import WAIT, expect_to_fit, set_number
from playwright.sync_api import Page, expect
from waiting import wait_for

STEPS = "&t.steps=20"
TRAINING = re.compile(r"Step [1-9]\d* of 1000")
# The step that each frame shows, by the frame's time.
NOTE_FRAMES = """() => {
  window.toyFrames = new Map();
  const stage = document.querySelector(".toy-stage");
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (draw) => ask((now) => {
    draw(now);
    window.toyFrames.set(now, { head: stage.head, since: stage.stage.since, at: stage.stage.at });
  });
}"""
# How long all steps of a run would take at the pace from one frame to the next, where nothing held it up: neither that
# the server was still computing, nor that the page was so busy that time was left out. So no machine's speed counts.
SECONDS_OF_A_RUN = """(steps) => {
  const frames = [...window.toyFrames];
  let [passed, moved] = [0, 0];
  for (let i = 1; i < frames.length; i++) {
    const [[before, old], [now, { head, since, at }]] = [frames[i - 1], frames[i]];
    if (!(old.since === since && old.head > since && head > old.head && head < at && now - before < 240)) continue;
    passed += (now - before) / 1000;
    moved += head - old.head;
  }
  return (steps * passed) / moved;
}"""


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    """An empty page: the first address it opens is the tab's."""
    return visit(None)


def open_tab(page: Page, app_url: str, query: str = STEPS) -> None:
    page.goto(f"{app_url}?tab=playground{query}")
    expect_status(page, "Ready")


def expect_status(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.locator(".toy-status")).to_contain_text(text, timeout=WAIT)


def expect_numbers(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.locator("#toy-numbers")).to_contain_text(text, timeout=WAIT)


def numbers(page: Page, column: int) -> list[float]:
    """A column of the table, each detail, mean and median: distances, cosines of the output, cosines of the mean."""
    cells = page.locator(f"#toy-numbers tbody tr td:nth-child({column + 2})").all_inner_texts()
    return [float(cell) for cell in cells if cell]


def drawn(page: Page, canvas: str) -> np.ndarray:
    """The grey levels that a canvas shows."""
    levels = (
        "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).filter((_, i) => i % 4 === 0)"
    )
    return np.array(page.locator(canvas).evaluate(levels))


def test_play_reaches_the_mean_and_decloss_goes_on_from_there(page: Page, app_url: str) -> None:
    open_tab(page, app_url, "&t.steps=100")
    assert page.locator(".toy-details canvas").count() == 5  # LR, two modes, their mean and median
    before = drawn(page, "#toy-output canvas")
    page.click("#toy-play")
    expect_status(page, "Done: 100 steps")
    expect(page.locator("#toy-verdict")).to_contain_text("nearest to the mean: none of the details")
    assert np.abs(drawn(page, "#toy-output canvas") - before).max() > 20
    assert numbers(page, 0)[2] < 0.01 and min(numbers(page, 0)[:2]) > 0.1
    mean = page.locator(".toy-details canvas[aria-label='Picture of mean']")
    mean.evaluate("c => c.id = 'the-mean'")
    assert np.abs(drawn(page, "#toy-output canvas") - drawn(page, "#the-mean")).max() <= 8
    page.get_by_label("DECLoss", exact=True).check()
    expect_status(page, "Paused at step 100")
    page.click("#toy-play")
    expect_status(page, "Done: 200 steps")
    assert numbers(page, 0)[2] < 0.01


def test_a_run_takes_about_six_seconds_to_watch_and_a_quarter_of_that_at_four_times_the_speed(
    page: Page, app_url: str
) -> None:
    open_tab(page, app_url, "&t.steps=60")
    page.evaluate(NOTE_FRAMES)
    for speed, seconds in (("1", 6), ("4", 1.5)):
        page.locator("#toy-stage select").select_option(speed)
        page.evaluate("window.toyFrames.clear()")
        page.click("#toy-play")
        expect_status(page, re.compile("Done: (60|120) steps" if speed == "1" else "Done: 120 steps"))
        assert page.evaluate(SECONDS_OF_A_RUN, 60) == pytest.approx(seconds, rel=0.05)


def test_all_of_a_run_is_in_one_row_of_700_pixels_and_the_preset_is_marked(visit: Callable[..., Page]) -> None:
    page = visit("tab=playground", width=1440)
    expect_status(page, "Ready")
    pressed = page.locator("#toy-presets button[aria-pressed=true]")
    expect(pressed).to_have_text("MSE: the mean")
    boxes = [
        page.locator(name).bounding_box() or {}
        for name in ("#toy-finding", "#toy-play", "#toy-output", ".toy-plane", ".toy-curves", "#toy-verdict",
                     "#toy-numbers", "#toy-presets")
    ]  # fmt: skip
    top = min(box["y"] for box in boxes)
    assert boxes[0]["y"] == top, "the finding stands at the top"
    assert max(box["y"] + box["height"] for box in boxes) - top <= 700
    page.get_by_role("button", name="L1: the median").click()
    expect(pressed).to_have_text("L1: the median")
    page.locator("#toy-stage select").select_option("4")
    expect_status(page, "Done: 150 steps")
    expect(page.locator("#toy-verdict")).to_contain_text("nearest to the median: none of the details, but their median")
    set_number(page, "toy-eta", 5)
    expect(pressed).to_have_count(0)


def test_the_drawings_follow_the_theme(visit: Callable[..., Page]) -> None:
    inks = []
    for theme in ("light", "dark"):
        page = visit(f"tab=playground&t.steps=20&__theme={theme}")
        expect_status(page, "Ready")
        page.click("#toy-play")
        expect_status(page, "Done")
        inks.append(page.locator(".toy-way").evaluate("node => getComputedStyle(node).stroke"))
    light, dark = ([int(value) for value in re.findall(r"\d+", ink)[:3]] for ink in inks)
    assert sum(light) < 200 and sum(dark) > 500


def test_step_makes_one_step_and_reset_none_and_the_tab_fits_a_phone(page: Page, app_url: str) -> None:
    open_tab(page, app_url, f"&t.modes=6&t.share=4{STEPS}")
    for step in (1, 2):
        page.click("#toy-step")
        expect_status(page, f"Paused at step {step}.")
    page.click("#toy-reset")
    expect_status(page, "Ready")
    page.locator("#toy-play").press("Enter")
    expect_status(page, "Done: 20 steps")
    page.set_viewport_size({"width": 390, "height": 1000})
    expect_to_fit(page)
    pictures = page.locator("#toy-stage canvas, #toy-stage svg")
    assert all(image.get_attribute("aria-label") for image in pictures.all()) and pictures.count() == 12
    page.get_by_role("button", name="Formula").filter(visible=True).click()
    formula = page.locator("#toy-formula .katex-display")
    expect(formula).to_be_visible()
    assert formula.evaluate("node => getComputedStyle(node).overflowX") == "visible", "no scroll bar, no Tab stop"
    expect_to_fit(page)
    assert formula.evaluate("node => node.firstChild.getBoundingClientRect().right") < 390


def test_pause_ends_a_run_keeps_it_and_play_goes_on(page: Page, app_url: str) -> None:
    open_tab(page, app_url, "&t.steps=1000")
    page.click("#toy-play")
    expect_status(page, TRAINING)
    page.click("#toy-pause")
    expect_status(page, re.compile(r"Paused at step [1-9]"))
    found = re.search(r"Paused at step (\d+)", page.inner_text(".toy-status"))
    assert found
    step = int(found[1])
    assert step < 1000
    table = page.inner_text("#toy-numbers")
    page.wait_for_timeout(2000)  # nothing goes on behind
    expect_status(page, f"Paused at step {step}.")
    assert page.inner_text("#toy-numbers") == table
    page.click("#toy-step")
    expect_status(page, f"Paused at step {step + 1}.")
    set_number(page, "toy-steps", 10)
    page.click("#toy-play")
    expect_status(page, f"Done: {step + 11} steps")


def test_reset_and_a_preset_end_what_is_running(page: Page, app_url: str) -> None:
    open_tab(page, app_url, "&t.steps=1000")
    page.click("#toy-play")
    expect_status(page, TRAINING)
    page.click("#toy-reset")
    expect_status(page, "Ready")
    page.wait_for_timeout(2000)
    expect_status(page, "Ready")
    page.click("#toy-play")
    expect_status(page, TRAINING)
    page.get_by_role("button", name="DECLoss, two equal modes").click()
    expect_status(page, "Done: 300 steps")
    assert numbers(page, 0)[2] == 0  # still at the mean


def test_the_modes_and_the_other_details_start_anew(page: Page, app_url: str) -> None:
    open_tab(page, app_url)
    page.click("#toy-step")
    expect_status(page, "Paused at step 1.")
    set_number(page, "toy-modes", 4)
    expect_numbers(page, "mode 4")
    expect_status(page, "Ready")
    expect(page.locator(".toy-details canvas")).to_have_count(7, timeout=WAIT)
    expect(page.locator("#toy-share input[type=number]")).to_have_value("6", timeout=WAIT)
    first = numbers(page, 0)
    page.get_by_label("shifted", exact=True).check()
    wait_for(lambda: numbers(page, 0) != first)
    set_number(page, "toy-share", 23)  # too many for four modes: each of the others keeps one
    captions = page.locator(".toy-details small")
    shares = ["21/24", "1/24", "1/24", "1/24"]
    wait_for(lambda: captions.all_inner_texts()[1:5] == shares)


def test_every_control_of_the_loss_is_in_the_address_and_a_link_brings_it_back(
    visit: Callable[..., Page], page: Page, app_url: str
) -> None:
    open_tab(page, app_url)
    for name, value in {
        "pixel": "3", "eta": "-20", "alpha": "2", "tpos": "0.3", "tneg": "1", "lr": "0.005", "noise": "0.5", "seed": "7"
    }.items():  # fmt: skip
        set_number(page, f"toy-{name}", value)
    expect_numbers(page, "at η = -20 dB they are positives")
    for label in ("L1 + DECLoss", "inside", "mean", "12"):
        page.get_by_label(label, exact=True).check()
    page.wait_for_function("location.search.includes('t.patch=12') && location.search.includes('t.seed=7')")
    link = page.url
    for part in ("t.pixel=3", "t.eta=-20", "t.alpha=2", "t.tpos=0.3", "t.tneg=1", "t.lr=0.005", "t.noise=0.5",
                 "t.loss=L1", "t.reading=inside", "t.start=mean", "t.steps=20"):  # fmt: skip
        assert part in link
    page.click("#toy-play")
    expect_status(page, "Done: 20 steps")
    made = page.locator("#toy-numbers table").inner_text()
    page = visit(urlsplit(link).query)
    expect_status(page, "Ready")
    expect(page.get_by_label("inside", exact=True)).to_be_checked()
    page.click("#toy-play")
    expect_status(page, "Done: 20 steps")
    assert page.locator("#toy-numbers table").inner_text() == made
