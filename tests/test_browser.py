"""A person at the page, in a real browser."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import sample_photo
from image_files import BAD_FILES, GOOD_FILES
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
WAIT = 60_000


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, app_url: str) -> Iterator[Page]:
    """The app's page, which must never report an error of its own or reach for another host."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((app_url, "data:", "blob:")) else problems.append(r.url))
    page.goto(app_url)
    expect(page.locator("#run")).to_be_visible(timeout=WAIT)
    yield page
    page.close()
    assert not problems


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("browser") / "photo.png"
    Image.fromarray(sample_photo(160, 240)).save(path)
    return path


def upload(page: Page, path: Path) -> None:
    page.set_input_files("#photo input[type=file]", path)


def choose_checkpoints(page: Page, *names: str) -> None:
    for box in page.locator("#checkpoints input[type=checkbox]").all():
        name = box.locator("xpath=..").inner_text().strip()
        box.set_checked(name in names)


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


def test_upload_run_two_checkpoints_move_the_slider_and_download(page: Page, photo: Path) -> None:
    upload(page, photo)
    expect(page.locator("#photo-note")).to_contain_text("240 × 160", timeout=WAIT)
    choose_checkpoints(page, "tiny-a", "edsr-l1")
    run(page)
    assert captions(page, "results") == ["LR", "edsr-l1", "tiny-a", "HR"]
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
    for index, name in enumerate(("edsr-l1", "tiny-a")):  # lossless
        expected = picture(page, f"#results .gallery-item:nth-of-type({index + 2}) img")
        assert np.array_equal(picture(page, f"#slider img >> nth={index}"), expected), name

    # Downloads: one result, and all of them.
    links = page.locator("#files a")
    names = [links.nth(i).get_attribute("download") for i in range(links.count())]
    assert names == ["decloss.zip", "LR.png", "edsr-l1.png", "tiny-a.png", "HR.png"]
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
    expect(page.locator("#status")).to_contain_text("448 × 300")
    page.locator(".gallery-item, .gallery button").nth(1).click()
    expect(page.locator("#photo-note")).to_contain_text("640 × 427", timeout=WAIT)
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("640 × 424", timeout=WAIT)


def test_the_region_follows_a_click_and_the_sliders_at_the_same_place_everywhere(page: Page, photo: Path) -> None:
    upload(page, photo)
    choose_checkpoints(page, "bicubic")
    run(page)
    assert captions(page, "crops") == ["LR", "bicubic", "HR"]
    before = page.locator("#crops img").nth(2).get_attribute("src")
    target = page.locator("#picker img")
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box
    target.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    expect(page.locator("#region-x input[type=number]")).to_have_value(re.compile(r"7[45](\.\d)?$"), timeout=WAIT)
    expect(page.locator("#crops img").nth(2)).not_to_have_attribute("src", str(before), timeout=WAIT)
    page.locator("#region-x input[type=number]").fill("100")
    page.locator("#region-y input[type=number]").fill("0")
    page.locator("#region-y input[type=number]").press("Tab")
    corner = sample_photo(160, 240)[:64, -64:]
    for _ in range(50):
        page.wait_for_timeout(200)
        shown = picture(page, "#crops .gallery-item:nth-of-type(3) img")
        factor = shown.shape[0] // 64
        if np.array_equal(shown[::factor, ::factor], corner):
            break
    assert np.array_equal(shown[::factor, ::factor], corner)
    assert np.array_equal(shown[1::factor, 1::factor], corner)  # nearest neighbour


def test_any_two_can_be_compared_and_equal_pictures_differ_nowhere(page: Page, photo: Path) -> None:
    upload(page, photo)
    choose_checkpoints(page, "bicubic", "tiny-a")
    run(page)
    expect(page.locator("#pair-note")).to_contain_text("bicubic against tiny-a")
    before = page.locator("#difference img").get_attribute("src")
    page.locator("#second input").click()
    page.get_by_role("option", name="bicubic").click()
    expect(page.locator("#pair-note")).to_contain_text("0.0000 on average", timeout=WAIT)
    expect(page.locator("#difference img")).not_to_have_attribute("src", str(before))
    assert picture(page, "#difference img").max() <= 3
    assert captions(page, "spectra") == ["bicubic", "tiny-a", "HR"]
    expect(page.locator("#power img")).to_be_visible()


def test_a_click_on_a_large_photo_chooses_the_piece(page: Page, tmp_path: Path) -> None:
    pixels = np.zeros((1200, 1600, 3), np.uint8)
    pixels[:600, 800:] = sample_photo(600, 800)
    Image.fromarray(pixels).save(tmp_path / "large.png")
    upload(page, tmp_path / "large.png")
    expect(page.locator("#photo-note")).to_contain_text("1600 × 1200", timeout=WAIT)
    shown = page.locator("#photo img")
    box = shown.bounding_box()
    assert box
    shown.click(position={"x": box["width"] - 4, "y": 4})
    expect(page.locator("#photo-note")).to_contain_text(re.compile(r"(98|99|100) % from the left, [0-2] %"))
    choose_checkpoints(page, "bicubic")
    run(page)
    expect(page.locator("#status")).to_contain_text("1024 x 1024 was cut from the 1600 x 1200 photo")
    assert np.array_equal(picture(page, "#results .gallery-item:last-of-type img"), pixels[:1024, 576:])


def test_stop_ends_a_run_and_keeps_what_is_there(page: Page, tmp_path: Path) -> None:
    Image.fromarray(np.tile(sample_photo(256, 256), (2, 2, 1))).save(tmp_path / "large.png")
    upload(page, tmp_path / "large.png")
    page.locator("#mode label").nth(1).click()
    page.get_by_role("button", name="Which part of the photo").click()
    expect(page.locator("#side input[type=number]")).to_have_value("2048", timeout=WAIT)
    choose_checkpoints(page, "bicubic", "edsr-l1", "tiny-a", "tiny-b")
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("edsr-l1 (2 of 4)", timeout=WAIT)
    page.click("#stop")
    expect(page.locator("#status")).to_contain_text("Stopped", timeout=WAIT)
    expect(page.locator("#files a")).not_to_have_count(0, timeout=WAIT)
    page.wait_for_timeout(3000)
    expect(page.locator("#status")).to_contain_text("Stopped")
    assert "tiny-b" not in captions(page, "results")


def test_a_picture_from_the_webcam_can_be_used(page: Page) -> None:
    page.get_by_label("Capture from camera").click()
    page.get_by_text("Click to Access Webcam").click()
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


def test_a_photo_that_was_changed_is_shown_as_it_will_be_used(page: Page, tmp_path: Path) -> None:
    content, expected, _ = GOOD_FILES["16-bit grey tiff"]()
    path = tmp_path / "deep.tiff"  # browsers cannot show TIFF at all
    path.write_bytes(content)
    upload(page, path)
    expect(page.locator("#photo-note")).to_contain_text("16-bit", timeout=WAIT)
    expect(page.locator("#photo img")).to_have_js_property("naturalWidth", expected.shape[1], timeout=WAIT)
    page.wait_for_timeout(1500)
    expect(page.locator("#photo-note")).to_contain_text("16-bit")  # the note stays
    assert np.abs(picture(page, "#photo img").astype(int) - expected).max() <= 1  # and nothing is lost on the way


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_fits_a_phone(browser: Browser, app_url: str, photo: Path, theme: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{app_url}?__theme={theme}")
    expect(page.locator("#run")).to_be_visible(timeout=WAIT)
    upload(page, photo)
    choose_checkpoints(page, "bicubic", "edsr-l1")
    run(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
