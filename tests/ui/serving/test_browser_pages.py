"""Many open pages of one browser, and what the server knows of them."""

from pathlib import Path

from browser_page import QUIET, WAIT
from conftest import watch
from playwright.sync_api import Browser, expect
from served_app import served_app
from waiting import wait_for

PAGES = 7
"""One more than a browser opens connections to one server."""


def test_seven_pages_of_one_browser_are_ready_and_each_is_known_until_it_closes(
    browser: Browser, tmp_path: Path, tiny_checkpoints: Path
) -> None:
    with served_app(tmp_path, tiny_checkpoints, absence=1.0) as served:
        context = browser.new_context()
        pages = [context.new_page() for _ in range(PAGES)]
        problems = [watch(page, served.url) for page in pages]
        for page in pages:
            page.goto(served.url)
        for page in pages:
            expect(page.locator("#run")).to_be_visible(timeout=WAIT)
            page.wait_for_function("window.declossRestored", timeout=WAIT)
        sessions = served.page.state_holder.session_data
        wait_for(lambda: len(sessions) == PAGES)
        pages[-1].wait_for_timeout(3000)  # longer than those who left are remembered
        assert len(sessions) == PAGES
        for page in pages[:2]:  # they show all that is made meanwhile: what all networks but the damaged one make
            expect(page.locator("#viewer .v-tile:disabled")).to_have_count(1, timeout=3 * WAIT)
        for page in pages:  # a browser with busy pages gives one that closes no time to say so
            page.evaluate(QUIET)
        pages[0].close()
        wait_for(lambda: len(sessions) == PAGES - 1, 20)
        pages[1].goto("about:blank")
        wait_for(lambda: len(sessions) == PAGES - 2, 20)
        assert problems == [[]] * PAGES
        context.close()
