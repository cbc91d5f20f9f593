"""A person plays in the COO playground, in a real browser."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import numpy as np
import pytest
from browser_page import WAIT, expect_to_fit, picture, set_number
from playwright.sync_api import Page, expect
from waiting import wait_for

STEPS = "&t.steps=20"
TRAINING = re.compile(r"Step [1-9]\d* of 1000")


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    """An empty page: the first address it opens is the tab's."""
    return visit(None)


def open_tab(page: Page, app_url: str, query: str = STEPS) -> None:
    page.goto(f"{app_url}?tab=playground{query}")
    expect(page.locator("#toy-numbers")).to_contain_text("Ready", timeout=WAIT)


def expect_numbers(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.locator("#toy-numbers")).to_contain_text(text, timeout=WAIT)


def numbers(page: Page, row: int) -> list[float]:
    """A row of the table: distances, cosines of the output, cosines of the mean."""
    cells = page.locator(f"#toy-numbers tbody tr >> nth={row}").locator("td").all_inner_texts()
    return [float(cell) for cell in cells[1:] if cell]


def test_play_reaches_the_mean_and_decloss_goes_on_from_there(page: Page, app_url: str) -> None:
    open_tab(page, app_url, "&t.steps=100")
    assert page.locator("#toy-details img").count() == 3
    before = page.locator("#toy-output img").get_attribute("src")
    page.click("#toy-play")
    expect_numbers(page, "Done: 100 steps")
    expect(page.locator("#toy-output img")).not_to_have_attribute("src", str(before), timeout=WAIT)
    assert numbers(page, 0)[2] < 0.01 and min(numbers(page, 0)[:2]) > 0.1

    def distance() -> int:
        output, mean = (picture(page, f"#toy-{name} img").astype(int) for name in ("output", "mean"))
        return int(np.abs(output - mean).max())

    wait_for(lambda: distance() <= 8)  # the pictures come a moment after the numbers
    page.get_by_label("DECLoss", exact=True).check()
    expect_numbers(page, "Paused at step 100")
    page.click("#toy-play")
    expect_numbers(page, "Done: 200 steps")
    assert numbers(page, 0)[2] < 0.01


def test_step_makes_one_step_and_reset_none_and_the_tab_fits_a_phone(page: Page, app_url: str) -> None:
    open_tab(page, app_url, f"&t.modes=6&t.share=4{STEPS}")
    for step in (1, 2):
        page.click("#toy-step")
        expect_numbers(page, f"Paused at step {step}.")
    page.click("#toy-reset")
    expect_numbers(page, "Ready")
    page.locator("#toy-play").press("Enter")
    expect_numbers(page, "Done: 20 steps")
    page.set_viewport_size({"width": 390, "height": 1000})
    expect_to_fit(page)
    pictures = page.locator("#toy-plane img, #toy-curves img, #toy-output img, #toy-mean img, #toy-median img")
    assert all(image.get_attribute("alt") for image in pictures.all()) and pictures.count() == 5


def test_pause_ends_a_run_keeps_it_and_play_goes_on(page: Page, app_url: str) -> None:
    open_tab(page, app_url, "&t.steps=1000")
    page.click("#toy-play")
    expect_numbers(page, TRAINING)
    page.click("#toy-pause")
    expect_numbers(page, re.compile(r"Paused at step [1-9]"))
    found = re.search(r"Paused at step (\d+)", page.inner_text("#toy-numbers"))
    assert found
    step = int(found[1])
    assert step < 1000
    page.wait_for_timeout(2000)  # nothing goes on behind
    expect_numbers(page, f"Paused at step {step}.")
    page.click("#toy-step")
    expect_numbers(page, f"Paused at step {step + 1}.")
    set_number(page, "toy-steps", 10)
    page.click("#toy-play")
    expect_numbers(page, f"Done: {step + 11} steps")


def test_reset_and_a_preset_end_what_is_running(page: Page, app_url: str) -> None:
    open_tab(page, app_url, "&t.steps=1000")
    page.click("#toy-play")
    expect_numbers(page, TRAINING)
    page.click("#toy-reset")
    expect_numbers(page, "Ready")
    page.wait_for_timeout(2000)
    expect_numbers(page, "Ready")
    page.click("#toy-play")
    expect_numbers(page, TRAINING)
    page.get_by_role("button", name="DECLoss, two equal modes").click()
    expect_numbers(page, "Done: 300 steps")
    assert numbers(page, 0)[2] == 0  # still at the mean


def test_the_modes_and_the_other_details_start_anew(page: Page, app_url: str) -> None:
    open_tab(page, app_url)
    page.click("#toy-step")
    expect_numbers(page, "Paused at step 1.")
    set_number(page, "toy-modes", 4)
    expect_numbers(page, "mode 4")
    expect_numbers(page, "Ready")
    expect(page.locator("#toy-details img")).to_have_count(5, timeout=WAIT)
    expect(page.locator("#toy-share input[type=number]")).to_have_value("6", timeout=WAIT)
    first = numbers(page, 0)
    page.get_by_label("shifted", exact=True).check()
    wait_for(lambda: numbers(page, 0) != first)
    set_number(page, "toy-share", 23)  # too many for four modes: each of the others keeps one
    captions = page.locator("#toy-details .caption-label")
    shares = ["21/24", "1/24", "1/24", "1/24"]
    wait_for(lambda: [text.split(" · ")[1] for text in captions.all_inner_texts()[1:]] == shares)


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
    expect_numbers(page, "Done: 20 steps")
    made = page.locator("#toy-numbers table").inner_text()
    page = visit(urlsplit(link).query)
    expect_numbers(page, "Ready")
    expect(page.get_by_label("inside", exact=True)).to_be_checked()
    page.click("#toy-play")
    expect_numbers(page, "Done: 20 steps")
    assert page.locator("#toy-numbers table").inner_text() == made
