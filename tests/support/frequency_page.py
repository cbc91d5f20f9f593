"""Waiting for what the Frequency tab shows."""

import base64
import io
from collections.abc import Callable

import numpy as np
from browser_page import WAIT
from PIL import Image
from playwright.sync_api import Page, expect

FIGURE = "#frequency-mask .mask-figure"


def open_frequency(visit: Callable[..., Page], query: str = "") -> Page:
    """The tab in a page of its own, with its pictures or the sentence that says why there are none."""
    page = visit(f"tab=frequency{query}")
    expect(page.locator("#frequency-pictures :is(.enhanced, .no-scene)").first).to_be_visible(timeout=WAIT)
    return page


def wait_for_mask(page: Page, alpha: float, mu: float, side: int) -> None:
    page.wait_for_function(
        """([selector, ...wanted]) => {
          const found = document.querySelector(selector)?.parameters;
          return found && [found.alpha, found.mu, found.side].every((value, i) => Math.abs(value - wanted[i]) < 1e-6);
        }""",
        arg=[FIGURE, alpha, mu, side],
    )


def wait_for_enhanced(page: Page, alpha: float, share: float) -> list[np.ndarray]:
    """The two enhanced pictures once they belong to these values."""
    images = page.locator(f'.frequency-grid.enhanced[data-alpha="{alpha:g}"][data-mu="{share:g}"] img')
    expect(images).to_have_count(2, timeout=WAIT)
    return [embedded(images.nth(index).get_attribute("src")) for index in range(2)]


def embedded(address: str | None) -> np.ndarray:
    assert address and address.startswith("data:image/png;base64,")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB"))
