"""The page without a mouse, without eyes, in the dark, without motion, and while others are served first."""

import json
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from browser_page import WAIT, expect_to_fit, slowness
from conftest import skip_or_fail, visits
from playwright.sync_api import Browser, Page, expect

from decloss.ui.interface import TABS

SETTLED = """() => new Promise((resolve) => {
  let quiet;
  const wait = () => { clearTimeout(quiet); quiet = setTimeout(resolve, 700); };
  new MutationObserver(wait).observe(document.body, {childList: true, subtree: true});
  setTimeout(resolve, 10000);
  wait();
})"""
"""Until nothing was added for a moment."""
FIND = """async () => (await axe.run({resultTypes: ["violations"]})).violations.flatMap(({id, impact, nodes}) =>
  nodes.map((node) => ({rule: id, impact, where: node.target.join(" "), html: node.html.slice(0, 200),
                        why: node.failureSummary})))"""
SERIOUS = ("serious", "critical")
HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6, [role=heading]")]
  .filter((node) => node.checkVisibility()).map((node) => [Number(node.tagName[1]), node.textContent.trim()])"""
STOP = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const around = [node, node.closest("label"), node.closest(".wrap")].filter(Boolean);
  const lines = around.map((one) => getComputedStyle(one));
  return {
    html: node.outerHTML.slice(0, 160),
    key: [...document.querySelectorAll("*")].indexOf(node),
    line: lines.some(({outlineStyle, outlineWidth}) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2),
    shown: node.checkVisibility({opacityProperty: false, visibilityProperty: true}),
  };
}"""
EQUATIONS = """() => [...document.querySelectorAll(".katex-display")].filter((node) => node.checkVisibility())
  .flatMap((equation) => {
    const faults = [];
    if (equation.scrollWidth > equation.clientWidth + 1) faults.push(["cut", equation.textContent]);
    for (let box = equation; box && !box.matches("main"); box = box.parentElement)
      if (/auto|scroll/.test(getComputedStyle(box).overflow)) faults.push(["scrolls", box.outerHTML.slice(0, 160)]);
    return faults;
  })"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The text of axe-core."""
    found = find_spec("axe_playwright_python")
    if found is None or not found.submodule_search_locations:
        skip_or_fail("axe-core is missing: pip install -r requirements-dev.txt")
    return (Path(found.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=TABS)
def tab(request: pytest.FixtureRequest, browser: Browser, app_url: str) -> Iterator[Page]:
    """Each tab in a page that the tests share."""
    with visits(browser, app_url) as visit:
        page = visit(None)
        page.emulate_media(reduced_motion="reduce")  # colours that are still changing would be measured
        page.goto(f"{app_url}?tab={request.param}")
        settle(page)
        yield page


def settle(page: Page) -> None:
    page.wait_for_function("window.declossRestored", timeout=WAIT)
    page.evaluate(SETTLED)
    expect(page.locator(".pending, [data-testid=status-tracker]:not(.hide)").filter(visible=True)).to_have_count(
        0, timeout=WAIT
    )


def set_dark(page: Page, dark: bool) -> None:
    page.evaluate(
        """async (dark) => {
          document.body.classList.toggle("dark", dark);
          for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
        }""",
        dark,
    )


def serious(page: Page, axe: str) -> list[dict[str, Any]]:
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(axe)  # a script element would be stopped by the page's policy
    return [found for found in page.evaluate(FIND) if found["impact"] in SERIOUS]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_has_no_serious_finding(tab: Page, axe: str, dark: bool) -> None:
    set_dark(tab, dark)
    found = serious(tab, axe)
    set_dark(tab, False)
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


def test_headings_leave_out_no_level(tab: Page) -> None:
    headings = tab.evaluate(HEADINGS)
    levels = [level for level, _ in headings]
    assert levels[0] == 1 and levels.count(1) == 1, headings
    jumps = [headings[i : i + 2] for i in range(len(levels) - 1) if levels[i + 1] > levels[i] + 1]
    assert not jumps


def test_the_tab_key_reaches_everything_once_and_each_stop_has_a_line(tab: Page) -> None:
    """Including the end: there is no trap on the way."""
    tab.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    tab.locator("body").press("Tab")
    seen: list[dict[str, Any]] = []
    for _ in range(400):
        stop = tab.evaluate(STOP)
        if stop is None or (seen and stop["key"] == seen[0]["key"]):
            break
        seen.append(stop)
        tab.keyboard.press("Tab")
    else:
        raise AssertionError(f"the last stops are {seen[-3:]}")
    assert len(seen) > 10
    assert "skip-link" in seen[0]["html"]
    assert not [stop["html"] for stop in seen if not stop["line"] or not stop["shown"]]


def test_no_picture_is_called_by_its_number(tab: Page) -> None:
    expect(tab.locator("[aria-label^='Thumbnail '] >> visible=true")).to_have_count(0)


def test_equations_neither_scroll_nor_are_cut_on_a_phone(tab: Page) -> None:
    size = tab.viewport_size
    assert size
    tab.set_viewport_size({"width": 390, "height": 844})
    if "tab=blind" not in tab.url:  # the only one without
        tab.locator("button.label-wrap", has_text="Formula").filter(visible=True).click()
        expect(tab.locator(".katex-display").filter(visible=True)).not_to_have_count(0)
    faults = tab.evaluate(EQUATIONS)
    tab.set_viewport_size(size)
    assert not faults


def test_text_of_twice_the_size_stays_within_the_window(tab: Page) -> None:
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    expect_to_fit(tab)
    tab.evaluate("document.documentElement.style.fontSize = ''")


def test_a_list_shows_its_choice_beside_its_arrow_on_a_phone(visit: Callable[..., Page]) -> None:
    page = visit("tab=contrast", width=390)
    box = page.locator("#contrast-model input")
    expect(box).to_be_visible(timeout=WAIT)
    right = "node => node.getBoundingClientRect().right - parseFloat(getComputedStyle(node).paddingRight)"
    arrow = page.locator("#contrast-model .icon-wrap").bounding_box()
    assert arrow and box.evaluate(right) <= arrow["x"]


def test_the_first_stop_skips_to_the_open_tab_and_leaves_the_address(visit: Callable[..., Page]) -> None:
    page = visit("tab=contrast")
    settle(page)
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the content")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[role=tabpanel]')?.checkVisibility()")
    assert "#" not in page.url


def test_the_line_around_the_focus_is_seen_in_light_and_dark(visit: Callable[..., Page]) -> None:
    page = visit("tab=paper")
    settle(page)
    for dark in (False, True):
        set_dark(page, dark)
        colours = page.evaluate(
            """() => ["--focus-line", "--background-fill-primary"].map((name) => {
              const probe = document.body.appendChild(document.createElement("i"));
              probe.style.color = `var(${name})`;
              const colour = getComputedStyle(probe).color.match(/[\\d.]+/g).slice(0, 3).map(Number);
              probe.remove();
              return colour;
            })"""
        )
        assert contrast(*colours) >= 3


def contrast(first: list[float], second: list[float]) -> float:
    """The contrast of two sRGB colours, as WCAG 2 defines it."""

    def luminance(colour: list[float]) -> float:
        light = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in colour)]
        return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_nothing_moves_for_who_asked_for_less_motion(tab: Page) -> None:
    longest = """(names) => Math.max(...[...document.querySelectorAll("*")].flatMap((node) => {
      const style = getComputedStyle(node);
      return names.flatMap((name) => style[name].split(",").map(parseFloat));
    }))"""
    assert tab.evaluate(longest, ["transitionDuration", "animationDuration"]) <= 0.001


def test_figures_of_the_paper_follow_the_theme(visit: Callable[..., Page]) -> None:
    page = visit("tab=paper")
    figures = page.locator("[id^=paper-figure] svg:has(text)")  # not what is drawn while they are waited for
    expect(figures).to_have_count(2, timeout=WAIT)
    texts = []
    for dark in (False, True):
        set_dark(page, dark)
        expect(figures).to_have_count(2, timeout=WAIT)
        texts.append(figures.first.locator("text").first.evaluate("node => getComputedStyle(node).fill"))
    assert texts[0] != texts[1]
    assert not figures.locator("[style*='#ffffff'], [style*='#000000']").count()


def test_a_second_visitor_reads_the_place_in_line(visit: Callable[..., Page]) -> None:
    first, second = (visit("tab=coo&o.count=3000") for _ in range(2))
    for page in (first, second):
        settle(page)
    first.click("#coo-run")
    expect(first.locator("#coo-status")).not_to_contain_text("Press", timeout=WAIT)
    place = second.get_by_text("queue: 1/1").filter(visible=True)
    for _ in range(3):  # on a busy machine the best of three
        pressed = time.monotonic()
        second.click("#coo-run")
        expect(place).to_be_in_viewport(timeout=10_000)
        if (waited := time.monotonic() - pressed) < slowness(second):
            break
        second.click("#coo-stop")
        expect(second.locator("#coo-status")).to_contain_text("Stopped", timeout=WAIT)
    else:
        raise AssertionError(f"the place in line was there after {waited:.1f} s")
    box = place.bounding_box()
    assert box and box["height"] > 10
    on_top = (
        "({x, y, width, height}) => document.elementFromPoint(x + width / 2, y + height / 2)?.closest('#coo-status')"
    )
    assert second.evaluate(f"(box) => ({on_top})(box) !== null", box)
    for page in (second, first):
        page.click("#coo-stop")
        expect(page.locator("#coo-status")).to_contain_text("Stopped", timeout=WAIT)
