"""A person chooses a photo at the page, in a real browser."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from browser_page import (
    WAIT,
    choose_checkpoints,
    choose_example,
    open_tab,
    picture,
    run,
    set_number,
    unfold,
    upload,
    wait_until,
)
from conftest import sample_photo
from image_files import BAD_FILES, GOOD_FILES
from PIL import Image
from playwright.sync_api import Page, Route, expect

from decloss.files.examples import example_photos
from decloss.files.images import decode_photo
from decloss.views.scene import cut_scene


def size_of(page: Page, text: str) -> None:
    """Waits until the panel says that a photo of this size is there."""
    expect(page.locator("#photo-note")).to_contain_text(text, timeout=WAIT)


def test_the_place_that_is_chosen_in_one_tab_is_that_of_the_piece_in_compare(page: Page, tmp_path: Path) -> None:
    pixels = np.zeros((1200, 1600, 3), np.uint8)
    pixels[:600, 800:] = sample_photo(600, 800)
    Image.fromarray(pixels).save(tmp_path / "large.tif")  # which browsers cannot draw
    upload(page, tmp_path / "large.tif")
    size_of(page, "1600 × 1200")
    open_tab(page, "Frequency")
    page.get_by_role("button", name="Change", exact=True).click()
    shown = page.locator(".place-box img")
    expect(shown).to_have_js_property("naturalWidth", 1600, timeout=WAIT)
    box = shown.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 4, box["y"] + 4)
    expect(page.locator("#photo-bar")).to_contain_text("94 % from the left, 8 % from the top")
    expect(page).to_have_url(re.compile(r"x=94&y=8(&|$)"), timeout=WAIT)
    open_tab(page, "Compare")
    choose_checkpoints(page, "bicubic")
    unfold(page.get_by_role("button", name="Which part of the photo"))
    page.get_by_label("Cut out a piece").check()
    set_number(page, "side", 1024)
    run(page)
    expect(page.locator("#status")).to_contain_text("1024 x 1024 was cut from the 1600 x 1200 photo")
    expect(page.locator("#windows figcaption b")).to_have_text(["The input", re.compile("Bicubic"), "The original"])
    assert np.array_equal(picture(page, "#windows figure:last-of-type img"), pixels[:1024, 576:])
    # Another photo, of which nothing can be made: nobody takes the pictures for its own.
    Image.fromarray(pixels[:20, :20]).save(tmp_path / "small.png")
    upload(page, tmp_path / "small.png")
    size_of(page, "20 × 20")
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("too small or too narrow (20 x 20)", timeout=WAIT)
    expect(page.locator("#below")).to_be_hidden(timeout=WAIT)


def test_the_bar_shows_the_crop_that_the_tabs_look_at(visit: Callable[..., Page]) -> None:
    path, _ = example_photos()[0]
    photo = decode_photo(Path(path)).pixels
    scene = cut_scene(photo, 0.51, 0.47)
    assert scene.x != round(0.51 * photo.shape[1] - scene.side / 2)  # HR begins where a pixel of LR does
    page = visit("tab=frequency&x=51&y=47")
    expect(page.locator("#photo-bar .bar-words")).to_contain_text("51 % from the left, 47 % from the top", timeout=WAIT)
    page.wait_for_function("document.querySelector('#place').width > 190", timeout=WAIT)
    sent = page.locator("#place").evaluate("canvas => canvas.toDataURL().split(',')[1]")
    shown = decode_photo(base64.b64decode(sent)).pixels
    assert np.abs(shown.astype(int) - scene.hr).mean() < 2  # browsers read JPEG a little differently


def test_the_frame_is_dragged_and_moved_by_keys_and_its_crop_follows_at_once(visit: Callable[..., Page]) -> None:
    page = visit("tab=frequency&x=50&y=50")
    page.wait_for_function("window.declossRestored", timeout=WAIT)
    expect(page.locator("#photo-bar .bar-words")).to_contain_text("50 % from the left, 50 % from the top")
    page.get_by_role("button", name="Change", exact=True).click()
    frame = page.get_by_role("slider", name="The place that all tabs look at")
    box, words = frame.bounding_box(), page.locator("#photo-bar .bar-words")
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = page.locator("#place").evaluate("canvas => canvas.toDataURL()")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 50, y + 20, steps=3)
    expect(words).not_to_contain_text("50 % from the left")  # before the server could know
    assert page.locator("#place").evaluate("canvas => canvas.toDataURL()") != before
    assert "x=3" not in page.url
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"x=39(\.5)?&y=5\d"), timeout=WAIT)
    frame.press("ArrowRight")
    frame.press("ArrowUp")
    expect(page).to_have_url(re.compile(r"x=40(\.5)?&y=5\d"), timeout=WAIT)
    # And it follows who sets the numbers.
    set_number(page, "place-x", 30)
    expect(words).to_contain_text("30 % from the left")
    expect(frame).to_have_attribute("aria-valuenow", "30")


def test_ones_own_photo_is_one_click_away_and_can_be_dropped_and_pasted(page: Page, tmp_path: Path) -> None:
    Image.fromarray(sample_photo(80, 100)).save(tmp_path / "own.png")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Your photo").click()
    chooser.value.set_files(tmp_path / "own.png")
    size_of(page, "100 × 80")
    expect(page.locator(".example[aria-pressed=true]")).to_have_count(0)
    give(page, "#about", 72, "dragover", "drop")
    size_of(page, "72 × 56")
    give(page, "body", 76, "paste")
    size_of(page, "76 × 56")
    choose_example(page, "Coffee")
    size_of(page, "600 × 400")
    expect(page.locator(".example[aria-pressed=true] img")).to_have_attribute("alt", "Coffee")


def hold_first(page: Page, function: str) -> list[Route]:
    """Keep the page's next request for ``function`` in the list, once it comes, until the test lets it go on."""
    index = page.evaluate("name => gradio_config.dependencies.find(({api_name}) => api_name === name).id", function)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if (route.request.post_data_json or {}).get("fn_index") == index and not held:
            held.append(route)
        else:
            route.continue_()

    page.wait_for_function("window.declossRestored", timeout=WAIT)
    page.route("**/queue/join*", hold)
    return held


def test_a_photo_that_is_chosen_while_the_one_before_is_still_read_is_the_one_that_stays(page: Page) -> None:
    held = hold_first(page, "check_photo")
    give(page, "#about", 72, "drop")  # it is transparent, so that another picture is shown instead
    wait_until(page, lambda: held)
    give(page, "#about", 76, "drop")
    expect(page.locator("#photo img")).to_have_js_property("naturalWidth", 76, timeout=WAIT)
    held[0].continue_()
    size_of(page, "76 × 56")
    expect(page.locator("#photo-bar img")).to_have_js_property("naturalWidth", 76, timeout=WAIT)
    page.wait_for_timeout(500)  # no late answer changes it
    assert page.locator("#photo img").evaluate("({naturalWidth}) => naturalWidth") == 76


def test_of_two_examples_that_are_clicked_the_second_is_shown(page: Page) -> None:
    held = hold_first(page, "choose_example")
    others = page.locator("#photo-row .example[aria-pressed=false]").all()[:2]
    names = [str(example.get_attribute("data-name")) for example in others]
    first, second = (page.locator(f'#photo-row .example[data-name="{name}"]') for name in names)
    first.click()
    wait_until(page, lambda: held)
    second.click()
    held[0].continue_()
    expect(page).to_have_url(re.compile(f"photo={names[1]}(&|$)"), timeout=WAIT)
    page.wait_for_timeout(1000)  # no late answer changes it
    expect(page).to_have_url(re.compile(f"photo={names[1]}(&|$)"))
    expect(second).to_have_attribute("aria-pressed", "true")


def give(page: Page, target: str, width: int, *events: str) -> None:
    """Drop or paste a picture of this width there, as a browser tells of it."""
    page.evaluate(
        """async ([target, width, events]) => {
          const blob = await new OffscreenCanvas(width, 56).getContext("2d").canvas.convertToBlob({type: "image/png"});
          const given = new DataTransfer();
          given.items.add(new File([blob], "given.png", {type: "image/png"}));
          const options = {bubbles: true, cancelable: true, dataTransfer: given, clipboardData: given};
          for (const name of events) {
            const event = name === "paste" ? new ClipboardEvent(name, options) : new DragEvent(name, options);
            document.querySelector(target).dispatchEvent(event);
          }
        }""",
        [target, width, events],
    )


def test_a_picture_from_the_webcam_can_be_used(page: Page) -> None:
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Take a picture").click()
    page.get_by_text("Click to Access Webcam").click()
    page.wait_for_selector("#photo video")
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.locator("#photo video")).to_have_count(0)  # who folds the panel turns the camera off
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Take a picture").click()
    page.get_by_text("Click to Access Webcam").click()
    # The button is there before the camera's first picture is.
    page.wait_for_function("document.querySelector('#photo video')?.readyState >= 3")
    page.wait_for_timeout(500)
    page.get_by_label("capture photo").click()
    size_of(page, "pixels")
    expect(page.locator("#photo")).to_be_hidden(timeout=WAIT)
    expect(page.locator("#photo video")).to_have_count(0)  # the camera is off
    choose_checkpoints(page, "bicubic")
    run(page)


def test_a_picture_can_be_taken_from_the_clipboard(page: Page, app_url: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=app_url.rstrip("/"))
    page.bring_to_front()
    page.get_by_role("button", name="More", exact=True).click()
    for width in (72, 76):
        page.evaluate(
            """async (width) => {
              const canvas = new OffscreenCanvas(width, 56);
              canvas.getContext("2d").fillRect(0, 0, 30, 30);
              const blob = await canvas.convertToBlob({type: "image/png"});
              await navigator.clipboard.write([new ClipboardItem({"image/png": blob})]);
            }""",
            width,
        )
        page.get_by_role("button", name="Paste a picture").click()
        size_of(page, f"{width} × 56")


@pytest.mark.parametrize("name", ["text", "truncated jpeg", "decompression bomb"])
def test_a_bad_file_is_explained_as_soon_as_it_is_chosen(page: Page, tmp_path: Path, name: str) -> None:
    content, message = BAD_FILES[name]()
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    upload(page, path)
    expect(page.locator("[data-testid=toast-body]")).to_contain_text(re.compile(message), timeout=WAIT)
    expect(page.locator("#photo-note").get_by_text(re.compile(message))).to_be_visible()
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
