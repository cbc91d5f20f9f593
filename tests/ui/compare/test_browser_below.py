"""The lower part of Compare in a real browser: one comparison, and each test looks at another part of it."""

import io
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest
from browser_page import QUIET, WAIT, choose_checkpoints, expect_to_fit, picture, run, set_number, upload
from conftest import sample_photo, visits
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

PHOTO = sample_photo(160, 240)
COUNT_EVENTS = """() => {
  const fetch = window.fetch;
  window.asked = 0;
  window.fetch = (...sent) => { window.asked += String(sent[0]).includes("queue/join"); return fetch(...sent); };
}"""
MARKS_APART = """() => [...document.querySelectorAll("#tradeoff .point")].map((point) => {
  const middle = (name) => {
    const box = point.querySelector(name).getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [mark, place] = ["g > path", ".room"].map(middle);
  return Math.hypot(mark[0] - place[0], mark[1] - place[1]);
})"""
"""How far each point's mark is from its place, in pixels of the screen."""
LEFT_SHARE = """(image) => {
  const [all, part] = [image, image.parentNode].map((node) => node.getBoundingClientRect());
  return (part.left - all.left) / all.width;
}"""
"""How much of a picture lies to the left of its window."""


@pytest.fixture(scope="module")
def page(browser: Browser, app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    path = tmp_path_factory.mktemp("below") / "photo.png"
    Image.fromarray(PHOTO).save(path)
    with visits(browser, app_url) as visit:
        page = visit()
        expect(page.locator("#run")).to_be_visible(timeout=WAIT)
        upload(page, path)
        expect(page.locator("#photo-note")).to_contain_text("240 × 160", timeout=WAIT)
        choose_checkpoints(page, "edsr-l1", "edsr-l1-dec", "tiny-a")
        run(page)
        yield page


def test_a_point_is_chosen_by_click_and_by_enter(page: Page) -> None:
    points = page.locator("#tradeoff .point")
    if not points.count():  # no weights of AlexNet here
        expect(page.locator("#tradeoff")).to_contain_text("n/a")
        return
    expect(points).to_have_count(3)
    page.locator("#map-kind label", has_text="Difference").click()
    maps = page.locator("#maps figcaption")
    for name, plain, act in (
        ("edsr-l1-dec", "EDSR + DECLoss", lambda point: point.click()),
        ("tiny-a", "tiny-a", lambda point: point.press("Enter")),
    ):
        point = page.locator(f'#tradeoff .point[data-name="{name}"]')
        act(point)
        expect(point).to_have_attribute("aria-pressed", "true")
        expect(maps).to_contain_text(f"against {plain}", timeout=WAIT)  # the map follows the viewer's right side
    page.locator("#map-kind label", has_text="Error").click()
    expect(maps).to_have_count(3, timeout=WAIT)


def test_points_and_curves_have_the_networks_colours_in_both_themes(page: Page) -> None:
    def colour(selector: str) -> str:
        return page.locator(selector).first.evaluate("node => getComputedStyle(node).stroke")

    for dark, expected in ((False, "rgb(255, 53, 27)"), (True, "rgb(242, 36, 16)")):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
        assert colour('#spectra .curve[data-name="edsr-l1-dec"] .ink-line') == expected
        assert colour('#scores [data-name="edsr-l1-dec"] .ink-line') == expected
        grey = page.locator("#spectra svg.power text").first.evaluate("node => getComputedStyle(node).fill")
        level = sum(map(int, grey.removeprefix("rgb(").removesuffix(")").split(", "))) / 3
        assert level > 127 if dark else level < 127  # the text follows the theme
    page.evaluate("document.body.classList.remove('dark')")


def shown_crop(page: Page, index: int) -> tuple[np.ndarray, list[int]]:
    """What the window of a picture holds, by the page's numbers, and left, top, width, height."""
    corner = [int(number) for number in str(page.locator("#windows .windows").get_attribute("data-corner")).split(",")]
    pixels = picture(page, f"#windows figure:nth-of-type({index}) img")
    left, top, width, height = corner
    return pixels[top : top + height, left : left + width], corner


def test_windows_are_large_have_their_labels_below_and_follow_the_one_place(page: Page) -> None:
    boxes = page.locator("#windows figure > div")
    expect(boxes).to_have_count(5)
    for box in boxes.all():
        size = box.bounding_box()
        assert size and size["width"] >= 220 and size["height"] >= 220
    below(boxes.nth(1), page.locator("#windows figcaption").nth(1))
    expect(page.locator("#windows")).to_contain_text("in which the networks’ details differ most")
    assert shown_crop(page, 5)[0].shape == (64, 64, 3)
    page.evaluate(QUIET)  # what the run before has asked for is not counted
    page.evaluate(COUNT_EVENTS)
    set_number(page, "region-side", 32)
    expect(page.locator("#windows")).to_contain_text("32 × 32 pixels")
    assert page.evaluate("window.asked") == 0  # the browser alone draws
    # The place of all tabs: the frame in the photo sets these two.
    for slider, value in (("place-x", 100), ("place-y", 0)):
        set_number(page, slider, value)
    expect(page.locator("#windows")).to_contain_text("at the place that you chose")
    expect(page.locator("#windows .windows")).to_have_attribute("data-corner", "208,0,32,32")
    assert np.array_equal(shown_crop(page, 5)[0], PHOTO[:32, -32:])
    left = page.locator("#windows img").nth(4).evaluate(LEFT_SHARE)
    assert left == pytest.approx(208 / 240, abs=0.002)
    page.click("#most-different")
    expect(page.locator("#windows .windows")).not_to_have_attribute("data-corner", "208,0,32,32")


def below(picture: Locator, label: Locator) -> None:
    above, under = picture.bounding_box(), label.bounding_box()
    assert above and under and under["y"] >= above["y"] + above["height"]


def test_maps_have_a_scale_in_numbers_and_their_colours_come_from_the_browser(page: Page) -> None:
    expect(page.locator("#maps img")).to_have_count(3)
    for gain, end in (("×1", "1 or more"), ("×4", "0.25 or more")):
        page.locator("#map-gain label", has_text=gain).click()
        expect(page.locator("#maps .heat-scale")).to_contain_text(end, timeout=WAIT)
    assert "compare-heat" in page.locator("#maps img").first.evaluate("node => getComputedStyle(node).filter")
    page.locator("#maps img").first.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('#maps img').complete")
    path = page.locator("#maps img").first.screenshot()
    seen = np.asarray(Image.open(io.BytesIO(path)).convert("RGB")).astype(int)
    assert np.abs(seen[..., 0] - seen[..., 2]).max() > 40  # the file is grey, and the page is not


def test_downloads_are_folded_behind_the_zip(page: Page) -> None:
    assert page.locator("#files a:visible").count() == 1
    with page.expect_download() as download:
        page.locator("#files a.zip").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    page.locator("#files summary").click()
    links = page.locator("#files li a")
    assert sorted(names) == sorted([*(link.get_attribute("download") for link in links.all()), "scores.json"])
    with page.expect_download() as download:
        links.last.click()
    assert np.array_equal(np.asarray(Image.open(download.value.path())), PHOTO)


def test_every_picture_has_words_of_its_own_and_the_phone_has_room(page: Page) -> None:
    pictures = page.locator("#below img")
    words = [str(image.get_attribute("alt")) for image in pictures.all()]
    assert len(words) == 5 + 3 + 4 and len(set(words)) == len(words)
    assert not [text for text in words if not text.strip() or "Thumbnail" in text]
    page.set_viewport_size({"width": 390, "height": 844})
    expect_to_fit(page)
    for far in page.evaluate(MARKS_APART):  # marks are enlarged there, and stay in their places
        assert far < 3
    page.set_viewport_size({"width": 1440, "height": 1000})
