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
    """Type ``value`` at the slider whose element is ``control``."""
    box = page.locator(f"#{control} input[type=number]")
    box.fill(str(value))
    box.press("Tab")


def run(page: Page) -> None:
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("Done", timeout=WAIT)
    expect(page.locator("#files a")).not_to_have_count(0, timeout=WAIT)


def captions(page: Page, gallery: str) -> list[str]:
    return page.locator(f"#{gallery} figcaption b").all_inner_texts()


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
