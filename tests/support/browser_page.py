"""What a person does at the page, for the tests in a browser."""

import io
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

WAIT = 60_000


def upload(page: Page, path: Path) -> None:
    page.set_input_files("#photo input[type=file]", path)


def choose_checkpoints(page: Page, *names: str) -> None:
    for box in page.locator("#checkpoints input[type=checkbox]").all():
        name = box.locator("xpath=..").inner_text().strip()
        box.set_checked(name in names)


def set_number(page: Page, control: str, value: object) -> None:
    """Type ``value`` at the slider whose element is ``control``; those of the place are unfolded first."""
    if control.startswith("place-"):
        unfold_place(page)
    box = page.locator(f"#{control} input[type=number]")
    box.fill(str(value))
    box.press("Tab")


def unfold_place(page: Page) -> None:
    """Open the photo panel and the exact place in it, if they are folded."""
    if not page.locator("#photo-fold").is_visible():
        page.click("#photo-change button")
    if not page.locator("#place-x").is_visible():
        page.get_by_role("button", name="Exact place").click()


def open_tab(page: Page, title: str) -> None:
    page.get_by_role("tab", name=title, exact=True).click(timeout=WAIT)


def choose_example(page: Page, name: str) -> None:
    """Click the example with that name, unfolding the panel in tabs where it is folded."""
    if not page.locator("#photo-row").is_visible():
        page.click("#photo-change button")
    page.locator("#photo-row").get_by_role("button", name=name).click()


def run(page: Page) -> None:
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("Done", timeout=WAIT)
    expect(page.locator("#files a")).not_to_have_count(0, timeout=WAIT)


def captions(page: Page, gallery: str) -> list[str]:
    return [text.split(" · ")[0] for text in page.locator(f"#{gallery} .caption-label").all_inner_texts()]


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
