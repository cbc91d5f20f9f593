"""What a person does at the pictures of the Contrast tab, and what they show."""

import re
from collections.abc import Callable

from browser_page import WAIT, wait_until
from playwright.sync_api import Locator, Page, Request, expect

FAST = "c.model=tiny-a&c.p=16"


def open_contrast(visit: Callable[..., Page], query: str = FAST) -> Page:
    """The tab in a page of its own, all of its answers there."""
    page = visit(f"tab=contrast&{query}")
    expect(page.locator("#contrast-facts")).to_contain_text("Mini-patch", timeout=WAIT)
    expect(page.locator("#contrast-temperatures tbody tr")).not_to_have_count(0, timeout=WAIT)
    expect(page.locator(".m-histogram")).to_have_attribute("data-eta", re.compile("."), timeout=WAIT)
    return page


def asks_for(page: Page, function: str) -> Callable[[Request], bool]:
    """Whether a request of the page starts this function."""
    index = page.evaluate("name => gradio_config.dependencies.find(({api_name}) => api_name === name).id", function)
    return lambda asked: "/queue/join" in asked.url and (asked.post_data_json or {}).get("fn_index") == index


# How opaque the marks are on the middle of each mini-patch, and whether both pictures have the same ones.
READ_MARKS = """() => {
  const [canvas, other] = document.querySelectorAll("#contrast-pair canvas");
  const n = Number(document.querySelector("#contrast-hr .patches").getAttribute("aria-label").match(/of (\\d+) is/)[1]);
  const pixels = (of) => of.getContext("2d").getImageData(0, 0, of.width, of.height).data;
  const [first, second] = [pixels(canvas), pixels(other)];
  const middle = (index) => Math.floor(((index + 0.5) * canvas.width) / n);
  const at = (row, column) => middle(row) * canvas.width + middle(column);
  return {
    n,
    opacity: Array.from({ length: n * n }, (_, i) => first[4 * at(Math.floor(i / n), i % n) + 3]),
    same: first.every((value, i) => value === second[i]),
  };
}"""


def expect_marks(page: Page) -> None:
    """Both pictures show as many positives as the numbers say, in the photo's own colours; negatives shine through."""

    def agree() -> bool:
        counted = re.search(r"with itself\s+([\d,]+) of", page.locator("#contrast-facts").inner_text())
        marks = page.evaluate(READ_MARKS)
        assert marks["same"]
        assert set(marks["opacity"]) <= {0, *range(100, 200)}
        return bool(counted) and marks["opacity"].count(0) == int(str(counted and counted[1]).replace(",", ""))

    wait_until(page, agree)


def click_at(place: Locator, x: float, y: float) -> None:
    """At shares of width and height."""
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box
    place.click(position={"x": box["width"] * x, "y": box["height"] * y})
