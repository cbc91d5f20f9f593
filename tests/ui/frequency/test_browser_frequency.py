"""A person moves the sliders of the Frequency tab, in a real browser."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from browser_page import WAIT, expect_to_fit, set_number, upload, wait_until
from conftest import sample_photo
from frequency_page import FIGURE, open_frequency, wait_for_enhanced, wait_for_mask
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

import decloss
from decloss.figures.frequency import mask_colours
from decloss.pixels import to_tensor
from decloss.ui.frequency import tab
from decloss.ui.frequency.pictures import mask_markup
from decloss.ui.parts.script import DRAG, read_script
from decloss.views.scene import cut_scene
from decloss.zoo.registry import default_zoo

# The mask as the page holds it, and the red, green and blue of both layouts.
READ_MASK = """figure => [
  figure.parameters, Array.from(figure.mask),
  ...["printed", "centred"].map(layout => {
    const canvas = figure.querySelector(`[data-layout=${layout}] canvas`);
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return Array.from(pixels).filter((_, i) => i % 4 < 3);
  }),
]"""


@pytest.fixture
def open_tab(visit: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the tab in a page of its own."""
    return partial(open_frequency, visit)


@pytest.fixture
def small_photo(tmp_path: Path) -> Path:
    path = tmp_path / "small.png"
    Image.fromarray(sample_photo(90, 120)).save(path)
    return path


def test_the_mask_in_the_browser_is_pythons(open_tab: Callable[..., Page], small_photo: Path) -> None:
    page = open_tab()
    colours = np.array(mask_colours())
    for side, alpha, share in ((192, 1, 0.25), (192, 4, 0.16), (80, 1, 0.05), (80, 0.1, 1)):
        if side == 80:
            upload(page, small_photo)
        set_number(page, "frequency-alpha", alpha)
        set_number(page, "frequency-mu", share)
        wait_for_mask(page, alpha, share * side, side)
        _, values, printed, centred = page.locator(FIGURE).evaluate(READ_MASK)
        expected = decloss.inverse_gaussian_mask(side, side, alpha, share * side, dtype=torch.float64).numpy()
        assert np.abs(np.reshape(values, (side, side)) - expected).max() < 1e-6
        in_float32 = decloss.inverse_gaussian_mask(side, side, alpha, share * side).numpy()
        assert np.abs(np.reshape(values, (side, side)) - in_float32).max() < 1e-6 * max(1, alpha**2)
        # And what is drawn is that mask, unshifted and shifted; a value between two colours may go to either.
        drawn = np.reshape(printed, (side, side, 3))
        levels = expected / max(1, alpha**2) * 255
        nearest = [colours[np.floor(levels + 0.5 + shift).astype(int).clip(0, 255)] for shift in (-1e-6, 1e-6)]
        assert all(((drawn == near).all(axis=2) | (nearest[0] != nearest[1]).any(axis=2)).all() for near in nearest)
        assert np.array_equal(np.reshape(centred, (side, side, 3)), np.fft.fftshift(drawn, axes=(0, 1)))


def test_what_is_left_of_a_wave_is_the_mean_of_the_weights_of_its_frequency_and_of_the_opposite_one(
    browser: Browser,
) -> None:
    page = browser.new_page()
    page.set_content(mask_markup())
    run = """([script, value]) => new Function("element", "props", "watch", script)(document.body, {value}, () => {})"""
    page.evaluate(
        run, [read_script(DRAG, Path(tab.__file__).parent / "mask.js"), {"alpha": 1, "share": 0.5, "side": 16}]
    )
    mask = decloss.inverse_gaussian_mask(16, 16, 1.0, 8.0)
    left = (mask[0, 4] + mask[0, 12]).item() / 2  # the probe begins at a quarter of the side
    peak = "canvas => canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0]"
    assert (
        page.locator(".wave").nth(1).evaluate(peak)
        == round(127.5 * (1 + left))
        != round(127.5 * (1 + mask[0, 4].item()))
    )
    expect(page.locator(".probe-words")).to_contain_text(f"on average {left:.2g} is left")
    page.close()


def test_the_mask_follows_without_the_server(open_tab: Callable[..., Page]) -> None:
    page = open_tab()
    wait_for_enhanced(page, 1, 0.25)
    held: list[Route] = []
    page.route("**/queue/join*", lambda route: held.insert(0, route))  # the server hears nothing
    slider = page.locator("#frequency-mu input[type=range]")
    slider.focus()
    for step in range(1, 6):
        slider.press("ArrowRight")
        wait_for_mask(page, 1, (0.25 + 0.01 * step) * 192, 192)
    curve = page.locator(f"{FIGURE} [data-layout=printed] .across .line").get_attribute("d")
    assert curve
    points = np.array([point.split() for point in curve[1:].split("L")], dtype=float)
    k = np.exp(-((points[:, 0] - 0.5 - 95.5) ** 2) / (2 * (0.3 * 192) ** 2))
    assert len(points) == 192 and np.abs(1 - points[:, 1] - k).max() < 1e-9
    expect(page.locator(".mask-words")).to_contain_text("57.6 of 192 frequency bins")
    slider.blur()  # so that it counts as let go at once
    wait_until(page, lambda: held)
    expect(page.locator(".frequency-grid.enhanced")).to_have_attribute("data-mu", "0.25")
    expect(page.locator(".frequency-grid.enhanced")).to_have_class(re.compile(r"\bold\b"))
    for request in reversed(held):
        request.continue_()
    page.unroute("**/queue/join*")
    wait_for_enhanced(page, 1, 0.3)
    expect(page.locator(".frequency-grid.enhanced")).not_to_have_class(re.compile(r"\bold\b"))


def test_the_enhanced_pictures_follow_and_are_the_librarys(open_tab: Callable[..., Page], small_photo: Path) -> None:
    page = open_tab("&f.model=bicubic&x=50&y=50")
    upload(page, small_photo)
    wait_for_mask(page, 1, 20, 80)
    scene = cut_scene(sample_photo(90, 120), 0.5, 0.5)
    for alpha, share in ((1, 0.4), (2, 0.4), (1, 0.16)):
        set_number(page, "frequency-alpha", alpha)
        set_number(page, "frequency-mu", share)
        shown = wait_for_enhanced(page, alpha, share)
        caption = page.locator(".frequency-grid.enhanced figcaption").first.inner_text()
        gain = float(caption.partition("×")[2])
        for picture, pixels in zip(shown, (scene.hr, scene.sr("bicubic", default_zoo().load)), strict=True):
            values = decloss.enhance_high_frequency(to_tensor(pixels), alpha, share * 80)[0].permute(1, 2, 0).numpy()
            difference = np.abs(picture.astype(int) - np.clip(0.5 + gain * values, 0, 1) * 255)
            assert difference.mean() < 0.6 and difference[8:-8, 8:-8].max() < 8
    expect(page.locator("#frequency-energy .energy-plot .curve")).to_have_count(4)
    expect(page.locator("#frequency-energy")).to_contain_text("Bicubic · no network has")


def test_presets_the_network_and_the_address(open_tab: Callable[..., Page]) -> None:
    page = open_tab()
    for title, share in (("DC suppressed", 0.16), ("DC kept", 0.5), ("Hardly any", 1), ("Default", 0.25)):
        page.locator("#frequency-presets").get_by_role("button", name=title, exact=True).click()
        wait_for_mask(page, 1, share * 192, 192)
        wait_for_enhanced(page, 1, share)
    set_number(page, "frequency-alpha", 1.7)
    set_number(page, "frequency-mu", 0.33)
    page.locator("#frequency-model input").click()
    page.get_by_role("option", name="bicubic").click()
    expect(page.locator("#frequency-pictures figcaption b").nth(1)).to_contain_text("Bicubic", timeout=WAIT)
    wait_for_enhanced(page, 1.7, 0.33)
    expect(page.locator("#frequency-pictures img:not([alt])")).to_have_count(0)
    page.wait_for_function("location.search.includes('f.model=bicubic') && location.search.includes('f.mu=0.33')")
    page = open_tab("&" + page.url.partition("?")[2].replace("tab=frequency", ""))
    wait_for_mask(page, 1.7, 0.33 * 192, 192)
    wait_for_enhanced(page, 1.7, 0.33)
    expect(page.locator("#frequency-pictures figcaption small")).to_have_text("bicubic")


def test_a_frequency_can_be_pointed_at_and_reached_by_keyboard_and_the_tab_fits(open_tab: Callable[..., Page]) -> None:
    page = open_tab()
    words = page.locator(".probe-words")
    expect(words).to_contain_text("0 waves down and 48 across, one every 4.0 pixels")
    square = page.locator(f"{FIGURE} [data-layout=centred] .mask-square")
    square.focus()
    square.press("ArrowDown")
    square.press("Shift+ArrowLeft")
    expect(words).to_contain_text("1 waves down and 40 across")
    box = square.bounding_box()
    assert box
    square.hover(position={"x": box["width"] * (96.5 / 192), "y": box["height"] * (96.5 / 192)})
    expect(words).to_contain_text("DC, the mean")
    weight = decloss.inverse_gaussian_mask(192, 192, mu=48.0)[0, 0].item()
    expect(words).to_contain_text(f"= {weight:.2g}")
    printed = page.locator(f"{FIGURE} [data-layout=printed] .mask-square")
    printed.hover(position={"x": box["width"] * (96.5 / 192), "y": box["height"] * (96.5 / 192)})
    expect(words).to_contain_text("96 waves down and 96 across")

    wait_for_enhanced(page, 1, 0.25)
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 1000})
        expect_to_fit(page)
        # The slider stays in sight while one looks at what it changes.
        page.locator("#frequency-pictures").scroll_into_view_if_needed()
        expect(page.locator("#frequency-mu")).to_be_in_viewport()


def test_a_small_photo_and_a_damaged_checkpoint_are_explained(open_tab: Callable[..., Page], tmp_path: Path) -> None:
    page = open_tab("&f.model=broken")
    expect(page.locator("#frequency-pictures .no-scene")).to_contain_text("cannot be used", timeout=WAIT)
    Image.fromarray(sample_photo(50, 50)).save(tmp_path / "tiny.png")
    upload(page, tmp_path / "tiny.png")
    expect(page.locator("#frequency-pictures .no-scene")).to_contain_text("at least 64 pixels", timeout=WAIT)
    expect(page.locator("#frequency-pictures img")).to_have_count(0)
