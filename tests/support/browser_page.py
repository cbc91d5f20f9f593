"""What a person does at the page, for the tests in a browser."""

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, Request, expect

WAIT = 60_000


FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
"""Two frames: in the one after an unfolding Gradio gives what was folded its values once more, which would undo what is
typed until then; nobody is that quick."""
LEAVING = """() => {
  addEventListener("unhandledrejection", (event) => event.preventDefault());
  console.error = () => {};
}"""


def upload(page: Page, path: Path) -> None:
    page.set_input_files("#photo input[type=file]", path)


def choose_checkpoints(page: Page, *names: str) -> None:
    if page.locator("#checkpoints:not(.all-shown)").count():
        page.click("#more-networks")
    for box in page.locator("#checkpoints input[type=checkbox]").all():
        text = box.locator("xpath=..").inner_text().strip()  # a plain name, and the checkpoint's behind it
        plain, _, name = text.partition(" (")
        box.set_checked((name.removesuffix(")") or plain.partition(" ")[0].lower()) in names or plain in names)


def set_number(page: Page, control: str, value: object) -> None:
    """Type ``value`` at the slider whose element is ``control``; those of the place are unfolded first."""
    if control.startswith("place-"):
        unfold_place(page)
    box = page.locator(f"#{control} input[type=number]")
    box.fill(str(value))
    box.press("Tab")


def unfold(title: Locator) -> None:
    """Click ``title``, after which what it opens takes what is typed there."""
    title.click()
    title.page.evaluate(FRAMES)


def unfold_place(page: Page) -> None:
    """Open the photo panel and the exact place in it, if they are folded."""
    if not page.locator("#photo-fold").is_visible():
        page.get_by_role("button", name=re.compile("^(Change|More)$")).first.click()  # the latter in Compare
    if not page.locator("#place-x").is_visible():
        unfold(page.get_by_role("button", name="Exact place"))
        page.locator("#place-x").wait_for()


def reload(page: Page) -> None:
    """Load the page anew; what the document that is left says of answers that this cuts off is no error."""
    page.evaluate(LEAVING)
    page.reload()


def open_tab(page: Page, title: str) -> None:
    page.get_by_role("tab", name=title, exact=True).click(timeout=WAIT)


def choose_example(page: Page, name: str) -> None:
    """Click the example with that name, unfolding the panel in tabs where it is folded."""
    if not page.locator("#photo-row").is_visible():
        page.click("#photo-change button")
    page.locator("#photo-row").get_by_role("button", name=name).click()


def run(page: Page) -> None:
    """Compare, and wait until all of the tab is of this run: the files come last, and an example has some before."""
    before = [link.get_attribute("href") for link in page.locator("#files a.zip").all()]
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("Done", timeout=WAIT)
    page.wait_for_function(
        """before => {
          const link = document.querySelector("#files a.zip");
          return link && !before.includes(link.getAttribute("href"));
        }""",
        arg=before,
        timeout=WAIT,
    )


def picture(page: Page, selector: str) -> np.ndarray:
    address = page.locator(selector).get_attribute("src")
    assert address
    return np.asarray(Image.open(io.BytesIO(page.request.get(address).body())).convert("RGB"))


def expect_to_fit(page: Page, too_wide: str = "() => []") -> None:
    """Nothing makes the page wider than its window, in light and in dark; nor does ``too_wide`` give anything."""
    for dark in (False, True):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
        for _ in range(50):  # a moment after the window got another size
            wide = page.evaluate(too_wide)
            if not wide and page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
                break
            page.wait_for_timeout(100)
        else:
            raise AssertionError(f"wider than its window, dark: {dark}, {wide}")


def wait_until(page: Page, fact: Callable[[], object]) -> None:
    """Until ``fact`` is true, while the page's events are listened to."""
    until = time.monotonic() + WAIT / 1000
    while not fact():
        assert time.monotonic() < until
        page.wait_for_timeout(50)


@dataclass
class Drag:
    """What came of dragging a slider."""

    value: str
    """What its box shows."""
    frames: list[float]
    """Milliseconds from frame to frame, which a busy machine makes longer."""
    work: float
    """Milliseconds a move for which the page's thread had a processor: scripts, layout and paint."""
    asked_during: list[Any]
    """What the slider asked of the server meanwhile: a page that has just opened may ask for the rest of its own."""
    asked_after: list[Any]
    """What is asked of it from the release on; the list fills."""


COUNT_FRAMES = """() => {
  window.frames_at = [];
  const count = (time) => { if (window.frames_at) { window.frames_at.push(time); requestAnimationFrame(count); } };
  requestAnimationFrame(count);
}"""
READ_FRAMES = "() => { const found = window.frames_at; window.frames_at = null; return found; }"


WORK = """() => {
  const began = performance.now();
  let sum = 0;
  for (let i = 0; i < 4e6; i++) sum = (31 * sum + i) % 1000003;
  return performance.now() - began + 0 * sum;
}"""
USUAL = 15.0
"""The milliseconds that ``WORK`` takes on the machine for which limits of seconds are meant: a choice, not a
measurement. An idle machine of two cores took 20 when its host had little time for it."""
QUIET = """() => new Promise((done) => {
  let last = performance.now(), since = last;
  const look = () => {
    const now = performance.now();
    if (now - last > 200) since = now;
    if (now - since > 2000) return done(true);
    last = now;
    setTimeout(look, 20);
  };
  look();
})"""
"""A promise that is kept once the page has had nothing to do for two seconds: a page that is busy as it closes has no
time to say goodbye."""
FUNCTIONS_OF = """(control) => {
  const {components, dependencies} = window.gradio_config;
  const {id} = components.find(({props}) => props.elem_id === control);
  const functions = dependencies
    .filter(({inputs, targets}) => inputs.includes(id) || targets.some(([target]) => target === id))
    .map((dependency) => dependency.id);
  return [id, functions];
}"""
"""A control, and the functions that it triggers or that get its value: others may begin at any time."""


def drag_slider(page: Page, control: str, start: float, end: float, *, moves: int = 60, touch: bool = False) -> Drag:
    """Drag the slider whose element is ``control`` from a share of its length to another, and let it go."""
    bar = page.locator(f"#{control} input[type=range]")
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box
    asked: list[Any] = []
    slider, concerned = page.evaluate(FUNCTIONS_OF, control)

    def note(request: Request) -> None:
        if "/queue/join" in request.url and request.post_data_json["fn_index"] in concerned:
            asked.append(request.post_data_json)

    page.on("request", note)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(1000 * metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

    def finger(kind: str, share: float | None) -> None:
        points = [] if share is None else [{"x": box["x"] + share * box["width"], "y": box["y"] + box["height"] / 2}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def move(share: float) -> None:
        if touch:
            finger("touchMove", share)
        else:
            page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)

    if touch:
        finger("touchStart", start)
    else:
        move(start)
        page.mouse.down()
    page.evaluate(COUNT_FRAMES)
    before = worked()
    for step in range(1, moves + 1):
        move(start + (end - start) * step / moves)
    work = (worked() - before) / moves
    times = page.evaluate(READ_FRAMES)
    during = [request for request in asked if request["trigger_id"] == slider]
    asked.clear()
    value = page.locator(f"#{control} input[type=number]").input_value()
    if touch:
        finger("touchEnd", None)
    else:
        page.mouse.up()
    frames = [later - earlier for earlier, later in pairwise(times)]
    return Drag(value, frames, work, during, asked)


def slowness(page: Page) -> float:
    """How many times ``USUAL`` this machine takes for ``WORK`` now: from 1 to 3, so that every limit stays one.

    A test that passes on the machine for which its limit is meant must not fail because another one is loaded.
    """
    took = [page.evaluate(WORK) for _ in range(5)]
    return min(3.0, max(1.0, float(np.median(took)) / USUAL))


def drag_smoothly(page: Page, control: str, start: float, end: float) -> Drag:
    """Drag a slider: a move is less work than a frame at 60 Hz has room for, and frames come.

    The best of three counts, as whatever else the machine does only adds to what is measured. Each ends a little before
    the one before it, so that each is another value to the server.
    """
    for attempt in range(3):
        drag = drag_slider(page, control, start, end - 0.01 * attempt)
        frames, allowed = drag.frames, 16 * slowness(page)
        smooth = len(frames) > 30 and np.median(frames) < 34 and np.quantile(frames, 0.9) < 150
        if smooth and drag.work < allowed:
            return drag
        page.wait_for_timeout(1000)  # what the release asks for is not asked during the next drag
    raise AssertionError(f"{drag.work:.1f} ms a move, of {allowed:.1f} allowed; frames of {np.median(frames):.0f} ms")


def expect_no_inner_scroll_bars(page: Page, place: str) -> None:
    """Each equation of ``place`` is seen whole, as wide as the window lets it, and nothing there scrolls by itself."""
    expect(page.locator(f"{place} .katex-display").first).to_be_visible()
    cut = page.evaluate(
        """place => [...document.querySelectorAll(`${place} .katex-display`)].filter((node) => {
          const outer = node.closest(".prose").getBoundingClientRect();
          const parts = [...node.querySelectorAll(".katex-html .base")].map((base) => base.getBoundingClientRect());
          return getComputedStyle(node).overflowX !== "visible" || node.tabIndex >= 0
            || parts.some((part) => part.left < outer.left - 1 || part.right > outer.right + 1);
        }).map((node) => node.textContent)""",
        place,
    )
    assert cut == []
