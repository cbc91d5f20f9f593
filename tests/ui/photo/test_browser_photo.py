"""A person chooses a photo at the page, in a real browser."""

import re
from pathlib import Path

import numpy as np
import pytest
from browser_page import WAIT, choose_checkpoints, picture, run, upload
from conftest import sample_photo
from image_files import BAD_FILES, GOOD_FILES
from PIL import Image
from playwright.sync_api import Page, expect


def test_a_click_on_a_large_photo_chooses_the_piece(page: Page, tmp_path: Path) -> None:
    pixels = np.zeros((1200, 1600, 3), np.uint8)
    pixels[:600, 800:] = sample_photo(600, 800)
    Image.fromarray(pixels).save(tmp_path / "large.tif")  # which browsers cannot draw
    upload(page, tmp_path / "large.tif")
    expect(page.locator("#photo-note")).to_contain_text("1600 × 1200", timeout=WAIT)
    shown = page.locator("#photo img")
    expect(shown).to_have_js_property("naturalWidth", 1600, timeout=WAIT)
    box = shown.bounding_box()
    assert box
    shown.click(position={"x": box["width"] - 4, "y": 4})
    expect(page.locator("#photo-note")).to_contain_text(re.compile(r"(98|99|100) % from the left, [0-2] %"))
    choose_checkpoints(page, "bicubic")
    run(page)
    expect(page.locator("#status")).to_contain_text("1024 x 1024 was cut from the 1600 x 1200 photo")
    assert np.array_equal(picture(page, "#results .gallery-item:last-of-type img"), pixels[:1024, 576:])
    # Another photo, of which nothing can be made: nobody takes the pictures for its own.
    Image.fromarray(pixels[:20, :20]).save(tmp_path / "small.png")
    upload(page, tmp_path / "small.png")
    expect(page.locator("#photo-note")).to_contain_text("20 × 20", timeout=WAIT)
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("too small or too narrow (20 x 20)", timeout=WAIT)
    expect(page.locator("#results")).to_be_hidden(timeout=WAIT)


def test_a_picture_from_the_webcam_can_be_used(page: Page) -> None:
    page.get_by_label("Capture from camera").click()
    page.get_by_text("Click to Access Webcam").click()
    # The button is there before the camera's first picture is.
    page.wait_for_function("document.querySelector('#photo video')?.readyState >= 3")
    page.wait_for_timeout(500)
    page.get_by_label("capture photo").click()
    expect(page.locator("#photo-note")).to_contain_text("pixels", timeout=WAIT)
    choose_checkpoints(page, "bicubic")
    run(page)


def test_a_picture_can_be_pasted(page: Page, app_url: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=app_url.rstrip("/"))
    page.bring_to_front()
    page.evaluate("""async () => {
        const canvas = new OffscreenCanvas(72, 56);
        canvas.getContext("2d").fillRect(0, 0, 30, 30);
        const blob = await canvas.convertToBlob({type: "image/png"});
        await navigator.clipboard.write([new ClipboardItem({"image/png": blob})]);
    }""")
    for _ in range(2):
        page.get_by_label("Paste from clipboard").click()
        expect(page.locator("#photo-note")).to_contain_text("72 × 56", timeout=WAIT)
        page.get_by_label("Remove Image").click()
        expect(page.locator("#photo-note")).not_to_contain_text("72 × 56", timeout=WAIT)


@pytest.mark.parametrize("name", ["text", "truncated jpeg", "decompression bomb"])
def test_a_bad_file_is_explained_as_soon_as_it_is_chosen(page: Page, tmp_path: Path, name: str) -> None:
    content, message = BAD_FILES[name]()
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    upload(page, path)
    expect(page.locator("[data-testid=toast-body]")).to_contain_text(re.compile(message), timeout=WAIT)
    expect(page.locator("#photo-note")).to_contain_text(re.compile(message))
    expect(page.locator("#photo img")).to_have_count(0)
    page.wait_for_timeout(1500)
    expect(page.locator("#photo-note")).to_contain_text(re.compile(message))


@pytest.mark.parametrize(
    ("name", "ending"),
    [("16-bit grey tiff", "tiff"), ("display p3", "png")],  # browsers cannot show TIFF at all
)
def test_a_photo_that_was_changed_is_shown_as_it_will_be_used(
    page: Page, tmp_path: Path, name: str, ending: str
) -> None:
    content, expected, note = GOOD_FILES[name]()
    path = tmp_path / f"photo.{ending}"
    path.write_bytes(content)
    upload(page, path)
    expect(page.locator("#photo-note")).to_contain_text(note, timeout=WAIT)
    expect(page.locator("#photo img")).to_have_js_property("naturalWidth", expected.shape[1], timeout=WAIT)
    page.wait_for_timeout(1500)
    expect(page.locator("#photo-note")).to_contain_text(note)  # the note stays
    assert np.abs(picture(page, "#photo img").astype(int) - expected).max() <= 1  # and nothing is lost on the way
