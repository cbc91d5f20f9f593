"""A person finetunes: starts, leaves, comes back, stops, goes on, and compares the result, in a real browser."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from browser_page import WAIT, captions, expect_to_fit, run, set_number
from conftest import watch
from playwright.sync_api import Browser, BrowserContext, Page, expect

TRAINING = re.compile(r"running: step [1-9]\d* of 2000")


@pytest.fixture
def context(browser: Browser, app_url: str) -> Iterator[BrowserContext]:
    """One person's browser, which remembers; an error on any of its pages fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    problems: list[list[str]] = []
    context.on("page", lambda page: problems.append(watch(page, app_url)))
    yield context
    context.close()
    assert not [problem for found in problems for problem in found]


def open_tab(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}?tab=finetune")
    expect(page.locator("#ft-start-button")).to_be_visible(timeout=WAIT)


def wait_for(page: Page, state: str | re.Pattern[str]) -> None:
    expect(page.locator("#ft-head .ft-state")).to_have_text(re.compile(state), timeout=WAIT)


def expect_ticked(page: Page, *names: str) -> None:
    expect(page.locator("#checkpoints label:has(input:checked)")).to_have_text(list(names), timeout=WAIT)


def step_of(page: Page) -> int:
    found = re.search(r"step (\d+)", page.inner_text("#ft-head .ft-state"))
    assert found
    return int(found[1])


def start_a_long_one(page: Page) -> str:
    """Starts 2000 steps from tiny-a; gives the private link once it trains."""
    page.locator("#ft-start input").click()
    page.get_by_role("option", name="tiny-a").click()
    set_number(page, "ft-steps", 2000)
    page.click("#ft-start-button")
    wait_for(page, TRAINING)
    expect(page.locator(".ft-curves .curve").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#ft-before img")).to_be_visible(timeout=WAIT)
    private = page.locator("#ft-link textarea, #ft-link input").input_value()
    assert private == page.url and re.search(r"job=[\w-]{22}$", private)
    page.click("#ft-start-button")
    expect(page.locator("[data-testid=toast-body]")).to_contain_text("You have a finetune already", timeout=WAIT)
    return private


def test_a_finetune_outlives_its_page_is_stopped_goes_on_and_can_be_compared(
    context: BrowserContext, visit: Callable[..., Page], app_url: str
) -> None:
    page = context.new_page()
    open_tab(page, app_url)
    private = start_a_long_one(page)
    page.close()

    # It goes on; the list leads back to it, and so does its link, in another browser.
    page = context.new_page()
    open_tab(page, app_url)
    expect(page.locator("#ft-mine label")).to_have_count(1, timeout=WAIT)
    expect(page.locator("#ft-view")).to_be_hidden()
    page.locator("#ft-mine label").click()
    wait_for(page, TRAINING)
    page.click("#ft-stop")
    wait_for(page, "^stopped: at step [1-9]")
    stopped = step_of(page)
    stranger = visit(urlsplit(private).query)
    wait_for(stranger, f"^stopped: at step {stopped},")
    assert stranger.locator("#ft-mine").is_hidden()
    page.click("#ft-go-on")
    wait_for(page, TRAINING)
    further = "step => document.querySelector('.ft-state').textContent.match(/step (\\d+) of/)?.[1] > step"
    page.wait_for_function(further, arg=stopped, timeout=WAIT)
    page.click("#ft-stop")
    wait_for(page, "^stopped: ")
    assert step_of(page) > stopped
    page.click("#ft-finish")
    wait_for(page, "^finished: ")
    expect(page.locator("#ft-scores tbody tr")).to_have_count(2, timeout=WAIT)
    compare(page, visit, page.inner_text("#ft-head h3"))

    page.get_by_role("tab", name="Finetune").click()
    page.click("#ft-delete")
    page.click("#ft-really")
    expect(page.locator("#ft-view")).to_be_hidden(timeout=WAIT)
    expect(page.locator("#ft-mine")).to_be_hidden(timeout=WAIT)
    page.wait_for_function("!location.search.includes('job=') && !location.search.includes('mine-')")


def compare(page: Page, visit: Callable[..., Page], name: str) -> None:
    """The result's files are there, and Compare has it, for whoever has the link and nobody else."""
    links = page.locator("#ft-files-made a")
    assert [link.get_attribute("download") for link in links.all()] == [f"{name}.safetensors", f"{name}.json"]
    with page.expect_download() as download:
        links.nth(0).click()
    assert download.value.path().stat().st_size > 10_000
    page.click("#ft-compare")
    expect(page.locator("#run")).to_be_visible(timeout=WAIT)
    expect_ticked(page, "tiny-a", name)
    run(page)
    assert captions(page, "windows") == ["The input", "tiny-a", name, "The original"]
    page.wait_for_function("location.search.includes('models=') && !location.search.includes('tab=')")
    expect_ticked(visit(urlsplit(page.url).query), "tiny-a", name)
    other = visit(f"models=tiny-a~{name}")
    expect_ticked(other, "tiny-a")
    expect(other.locator("#checkpoints")).not_to_contain_text("mine-", timeout=WAIT)


def test_values_that_make_no_sense_are_explained_and_nothing_starts(page: Page) -> None:
    page.get_by_role("tab", name="Finetune").click()
    for name in ("l1", "dec"):
        page.locator(f"#ft-{name} input").fill("0")
    page.click("#ft-start-button")
    expect(page.locator("[data-testid=toast-body]")).to_contain_text("Every weight is zero", timeout=WAIT)
    assert "job=" not in page.url and page.locator("#ft-view").is_hidden()
    page.get_by_label("my photos").check()
    expect(page.locator("#ft-files")).to_be_visible()


def test_a_link_to_one_that_is_gone_says_so_and_the_tab_fits_a_phone(visit: Callable[..., Page]) -> None:
    page = visit(f"tab=finetune&job={'a' * 22}", width=390)
    expect(page.locator("#ft-missing")).to_contain_text("no such finetune", timeout=WAIT)
    assert page.locator("#ft-view").is_hidden()
    for accordion in ("dec", "training"):
        page.click(f"#ft-{accordion}-more button")
    expect(page.locator("#ft-crop")).to_be_visible()
    assert page.locator("#ft-eta").is_hidden() and page.locator("#ft-share").is_visible()
    page.get_by_label("in dB").check()
    assert page.locator("#ft-eta").is_visible() and page.locator("#ft-share").is_hidden()
    expect_to_fit(page)
