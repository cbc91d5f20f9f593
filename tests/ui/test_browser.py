"""A person compares at the page, in a real browser."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browser_page import WAIT, captions, choose_checkpoints, expect_to_fit, picture, run, set_number, upload
from conftest import sample_photo, visits
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from waiting import wait_for


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("browser") / "photo.png"
    Image.fromarray(sample_photo(160, 240)).save(path)
    return path


@pytest.fixture(scope="module")
def compared(browser: Browser, app_url: str, photo: Path) -> Iterator[Page]:
    """A page where the photo was uploaded and two networks were compared: the tests look at different parts of it."""
    with visits(browser, app_url) as visit:
        page = visit()
        expect(page.locator("#run")).to_be_visible(timeout=WAIT)
        upload(page, photo)
        expect(page.locator("#photo-note")).to_contain_text("240 × 160", timeout=WAIT)
        choose_checkpoints(page, "tiny-a", "bicubic")
        run(page)
        yield page


def test_results_are_shown_scored_and_downloaded_and_the_slider_moves(compared: Page) -> None:
    page = compared
    assert captions(page, "results") == ["LR", "bicubic", "tiny-a", "HR"]
    expect(page.get_by_text("Best in red, second best in blue")).to_be_visible()
    assert page.locator("#scores tbody tr").count() == 2
    assert page.locator("#scores .best").count() == 3 or "n/a" in page.locator("#scores").inner_text()

    # The before/after slider: both pictures lossless, and dragging uncovers more of the second.
    expect(page.locator("#slider img")).to_have_count(2, timeout=WAIT)
    handle = page.locator("#slider [data-testid=slider]")
    handle.scroll_into_view_if_needed()
    covered = page.locator("#slider img").nth(1).evaluate("image => image.style.clipPath")
    box = handle.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 120, y, steps=5)
    page.mouse.up()
    assert page.locator("#slider img").nth(1).evaluate("image => image.style.clipPath") != covered
    for index, name in enumerate(("bicubic", "tiny-a")):  # lossless
        expected = picture(page, f"#results .gallery-item:nth-of-type({index + 2}) img")
        assert np.array_equal(picture(page, f"#slider img >> nth={index}"), expected), name

    # Downloads: one result, and all of them.
    links = page.locator("#files a")
    names = [links.nth(i).get_attribute("download") for i in range(links.count())]
    assert names == ["decloss.zip", "LR.png", "bicubic.png", "tiny-a.png", "HR.png"]
    shown = [picture(page, f"#results .gallery-item:nth-of-type({i}) img") for i in range(1, 5)]
    for index, pixels in zip((2, 4), (shown[1], sample_photo(160, 240)), strict=True):
        with page.expect_download() as download:
            links.nth(index).click()
        assert np.array_equal(np.asarray(Image.open(download.value.path())), pixels)
    with page.expect_download() as download:
        links.nth(0).click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert sorted(archive.namelist()) == sorted([*names[1:], "scores.json"])
        assert archive.testzip() is None


def test_an_example_is_ready_and_an_example_can_be_chosen(page: Page) -> None:
    choose_checkpoints(page, "bicubic")
    run(page)
    expect(page.locator("#status")).to_contain_text("640 × 424")
    page.locator(".gallery-item, .gallery button").nth(1).click()
    expect(page.locator("#photo-note")).to_contain_text("451 × 300", timeout=WAIT)
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("448 × 300", timeout=WAIT)


def test_the_region_follows_a_click_and_the_sliders_at_the_same_place_everywhere(compared: Page) -> None:
    page = compared
    assert captions(page, "crops") == ["LR", "bicubic", "tiny-a", "HR"]
    before = page.locator("#crops img").nth(3).get_attribute("src")
    target = page.locator("#picker img")
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box
    target.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    expect(page.locator("#region-x input[type=number]")).to_have_value(re.compile(r"7[45](\.\d)?$"), timeout=WAIT)
    expect(page.locator("#crops img").nth(3)).not_to_have_attribute("src", str(before), timeout=WAIT)
    page.locator("#region-x input[type=number]").fill("100")
    set_number(page, "region-y", 0)
    corner = sample_photo(160, 240)[:64, -64:]

    def is_corner() -> bool:
        """Whether the crop of HR is the photo's corner, enlarged by nearest neighbour."""
        shown = picture(page, "#crops .gallery-item:nth-of-type(4) img")
        factor = shown.shape[0] // 64
        return all(np.array_equal(shown[i::factor, i::factor], corner) for i in (0, 1))

    wait_for(is_corner)


def test_any_two_can_be_compared_and_equal_pictures_differ_nowhere(compared: Page) -> None:
    page = compared
    expect(page.locator("#pair-note")).to_contain_text("bicubic against tiny-a")
    before = page.locator("#difference img").get_attribute("src")
    page.locator("#second input").click()
    page.get_by_role("option", name="bicubic").click()
    expect(page.locator("#pair-note")).to_contain_text("0.0000 on average", timeout=WAIT)
    expect(page.locator("#difference img")).not_to_have_attribute("src", str(before))
    assert picture(page, "#difference img").max() <= 3
    assert captions(page, "spectra") == ["bicubic", "tiny-a", "HR"]
    expect(page.locator("#power img")).to_be_visible()


def test_stop_ends_a_run_and_keeps_what_is_there(page: Page, tmp_path: Path) -> None:
    Image.fromarray(sample_photo(256, 256)).save(tmp_path / "large.png")
    upload(page, tmp_path / "large.png")
    page.locator("#mode label").nth(1).click()
    page.get_by_role("button", name="Which part of the photo").click()
    expect(page.locator("#side input[type=number]")).to_have_value("1024", timeout=WAIT)
    set_number(page, "side", 2048)
    choose_checkpoints(page, "bicubic", "edsr-l1", "tiny-a", "tiny-b")
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("edsr-l1 (2 of 4)", timeout=WAIT)
    expect(page.get_by_text("Without an original there is nothing to measure")).to_be_visible(timeout=WAIT)
    page.click("#stop")
    expect(page.locator("#status")).to_contain_text("Stopped", timeout=WAIT)
    expect(page.locator("#files a")).not_to_have_count(0, timeout=WAIT)
    page.wait_for_timeout(1500)  # nothing goes on behind
    expect(page.locator("#status")).to_contain_text("Stopped")
    assert "tiny-b" not in captions(page, "results")


def test_every_picture_has_an_alt_text_and_the_page_fits_a_phone(compared: Page) -> None:
    pictures = compared.locator("img:visible")
    alone = [image for image in pictures.all() if not (image.get_attribute("alt") or "").strip()]
    # The before/after slider's component gives none; its caption names both.
    assert all(image.evaluate("node => Boolean(node.closest('#slider'))") for image in alone)
    assert pictures.count() > 15
    compared.set_viewport_size({"width": 390, "height": 1000})
    expect_to_fit(compared)
    compared.set_viewport_size({"width": 1440, "height": 1000})
