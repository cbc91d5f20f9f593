"""Visitors take the blind test, in real browsers."""

import re
from collections.abc import Callable

from browser_page import WAIT, expect_to_fit, reload
from playwright.sync_api import Page, expect

from decloss.ui.parts.tally import OLDEST

PHASE = ".blind-stage[data-phase='{}']"


def expect_phase(page: Page, phase: str) -> None:
    page.wait_for_selector(PHASE.format(phase), timeout=WAIT)


def start(page: Page) -> None:
    """Wait for the first pair, which the server may still be upscaling."""
    page.wait_for_selector(f"{PHASE.format('ask')}, {PHASE.format('wait')} .blind-count:not(:empty)", timeout=WAIT)
    page.evaluate("performance.setResourceTimingBufferSize(100_000)")  # for ``wait_for_answers``
    while page.locator(PHASE.format("wait")).count():
        page.wait_for_timeout(500)
        page.click(".blind-next")
        page.wait_for_selector(f"{PHASE.format('ask')}, {PHASE.format('wait')}", timeout=WAIT)


def vote(page: Page, key: str = "ArrowLeft") -> None:
    """One answer by keyboard, once the pictures have been there for as long as a look takes."""
    expect_phase(page, "ask")
    page.wait_for_timeout(350)
    page.keyboard.press(key)
    expect_phase(page, "told")


def wait_for_answers(page: Page) -> None:
    """Until nothing has been asked for a second: a reload that aborts an answer would count as an error."""
    asked = "performance.getEntriesByType('resource').filter(({name}) => name.includes('/queue/')).length"
    before = -1
    while (now := page.evaluate(asked)) != before or page.locator(".pending, .generating").count():
        before = now
        page.wait_for_timeout(1000)


def expect_tally(page: Page, votes: str) -> None:
    expect(page.locator("#blind-tally")).to_contain_text(votes, timeout=WAIT)


def test_twenty_votes_by_keyboard_outlive_a_reload(visit: Callable[..., Page]) -> None:
    page = visit("tab=blind&class=tw2nty")
    start(page)
    assert not page.locator(".blind-choices").evaluate("e => e.innerText").count("edsr")
    for number in range(20):
        vote(page, ("ArrowLeft", "ArrowRight", "ArrowDown")[number % 3])
        page.keyboard.press("Enter")
    expect_phase(page, "ask")
    own = page.locator("#blind-own")
    expect(own).to_contain_text("Your ranking", timeout=WAIT)
    expect(own).to_contain_text("tests passed")
    wait_for_answers(page)
    page.wait_for_timeout(1000 * OLDEST)  # then all votes are counted
    reload(page)
    expect(page.locator("#blind-own")).to_contain_text("Your ranking", timeout=WAIT)
    expect_tally(page, re.compile(r"1[4-8] votes of 1 visitor|1 visitor who failed"))  # without the tests of attention
    page.set_viewport_size({"width": 390, "height": 844})
    expect_to_fit(page)


def test_two_browsers_vote_in_one_classroom_and_a_third_watches(visit: Callable[..., Page]) -> None:
    first = visit("tab=blind")
    start(first)
    first.get_by_role("button", name="For a class").click()
    first.click("#blind-open")
    first.wait_for_function("new URLSearchParams(location.search).get('class')", timeout=WAIT)
    code = first.evaluate("new URLSearchParams(location.search).get('class')")
    second, projector = visit(f"tab=blind&class={code}"), visit(f"tab=blind&class={code}&watch=true")
    expect(second.locator("#blind-class")).to_contain_text(code, timeout=WAIT)
    expect_tally(projector, "0 votes of 0 visitors")
    start(second)
    vote(first)
    vote(second, "ArrowRight")
    expect_tally(projector, "2 votes of 2 visitors")  # without being touched
    expect(projector.locator("#blind-tally")).to_contain_text("Preferred so far")
    other = visit("tab=blind&class=a2b3c4")
    expect_tally(other, "0 votes of 0 visitors")


def test_pictures_appear_together_and_the_names_only_after_the_answer(visit: Callable[..., Page]) -> None:
    page = visit("tab=blind&b.original=Without%20the%20original")
    start(page)
    shown = page.locator("#blind-stage figure:visible")
    expect(shown).to_have_count(2)
    assert shown.locator("figcaption").all_inner_texts() == ["Left", "Right"]
    assert "edsr" not in page.locator("#blind-stage").inner_html()
    page.wait_for_timeout(350)
    page.locator("#blind-stage figure:visible canvas").last.click()
    expect_phase(page, "told")
    names = shown.locator("figcaption").all_inner_texts()
    assert "Left" not in names and "Right" not in names
    expect(page.locator(".blind-told")).to_contain_text(re.compile("You chose|same picture"))
