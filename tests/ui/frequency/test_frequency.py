"""What the Frequency tab shows, against loops in float64, and what it does with values that no page would send."""

import base64
import cmath
import io
import math
import re
from itertools import pairwise
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from conftest import sample_photo
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import decloss
from decloss.figures.frequency import (
    LARGEST_GAIN,
    Rings,
    display_gain,
    energy_plot,
    mask_colours,
    radial_energy,
    signed_picture,
)
from decloss.pixels import to_tensor
from decloss.ui.frequency.controls import Controls
from decloss.ui.frequency.pictures import energy
from decloss.ui.frequency.tab import show_enhanced, show_pictures
from decloss.ui.parts.controls import checked
from decloss.ui.parts.tab import Networks
from decloss.views.enhancement import enhance_pair
from decloss.views.scene import Scene, cut_scene
from decloss.zoo.registry import Zoo


@pytest.fixture
def networks(tiny_checkpoints: Path) -> Networks:
    zoo = Zoo((tiny_checkpoints,))
    return Networks(zoo, ["bicubic", *zoo.paths()], zoo.load)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return cut_scene(sample_photo(200, 200), 0.5, 0.5)


def pictures_in(html: str) -> list[np.ndarray]:
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) for data in found]


def test_a_pair_is_enhanced_as_the_library_enhances_it() -> None:
    hr, sr = sample_photo(32, 32, seed=1), sample_photo(32, 32, seed=2)
    found = enhance_pair(hr, sr, 1.5, 8.0)
    for values, pixels in ((found.hr, hr), (found.sr, sr)):
        expected = decloss.enhance_high_frequency(to_tensor(pixels), 1.5, 8.0)[0]
        torch.testing.assert_close(torch.from_numpy(values).permute(2, 0, 1), expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize(("side", "alpha", "mu"), [(32, 1.0, 8.0), (64, 2.0, 16.0), (192, 1.0, 48.0)])
def test_the_norm_of_grey_is_what_dc_keeps_and_the_median_is_of_hrs_mini_patches(
    side: int, alpha: float, mu: float
) -> None:
    photo = sample_photo(side, side)
    found = enhance_pair(photo, photo, alpha, mu)
    at_dc = (alpha * math.exp(-(((side - 1) / 2) ** 2) / (2 * mu**2))) ** 2
    assert found.grey_norm == pytest.approx(0.5 * at_dc * math.sqrt(3 * 64), rel=1e-3)
    blocks = range(0, side, 8)
    norms = [math.sqrt((found.hr[y : y + 8, x : x + 8].astype(float) ** 2).sum()) for y in blocks for x in blocks]
    assert sorted(norms)[(len(norms) - 1) // 2] == pytest.approx(found.median_norm, rel=1e-4)


def test_mid_grey_is_zero_and_what_is_too_large_is_clipped() -> None:
    values = np.array([[[0.0, 0.1, -0.1], [0.3, -0.3, 0.25]]], np.float32)
    assert signed_picture(values, 2.0).tolist() == [[[128, 178, 76], [255, 0, 255]]]


def test_the_gain_does_not_depend_on_alpha_and_lets_99_per_cent_fit() -> None:
    photo = sample_photo(64, 64)
    enhanced = {alpha: enhance_pair(photo, photo, alpha, 16.0).hr for alpha in (0.3, 1.0, 4.0)}
    gains = {display_gain(values, alpha) for alpha, values in enhanced.items()}
    assert len(gains) == 1
    fitting = (np.abs(enhanced[1.0]) * gains.pop() <= 0.5).mean()
    assert 0.98 < fitting < 0.997
    assert display_gain(np.zeros((8, 8, 3)), 1.0) == LARGEST_GAIN


@settings(max_examples=6, deadline=None)
@given(side=st.sampled_from([4, 6, 8]), seed=st.integers(0, 99))
def test_energy_by_frequency_is_that_of_the_transform_written_out(side: int, seed: int) -> None:
    picture = np.random.default_rng(seed).random((side, side, 3))
    grey = [[sum(w * p for w, p in zip((0.299, 0.587, 0.114), pixel, strict=True)) for pixel in row] for row in picture]
    power: dict[int, list[float]] = {}
    energy = [0.0] * (side // 2 + 1)
    for u in range(side):
        for v in range(side):
            total = sum(
                grey[y][x] * cmath.exp(-2j * math.pi * (u * y + v * x) / side) for y in range(side) for x in range(side)
            )
            ring = round(math.hypot(min(u, side - u), min(v, side - v)))
            power.setdefault(ring, []).append(abs(total / side**2) ** 2)
            energy[max(min(u, side - u), min(v, side - v))] += abs(total / side**2) ** 2
    rings = radial_energy(picture)
    last = side // 2
    assert rings.frequency == pytest.approx([k / side for k in range(last + 1)])
    assert rings.power == pytest.approx([np.mean(power[k]) for k in range(last + 1)], rel=1e-5)
    assert rings.energy == pytest.approx(energy, rel=1e-5)
    assert rings.energy.sum() == pytest.approx(np.mean(np.square(grey)), rel=1e-5)  # Parseval


def test_a_wave_keeps_the_square_of_its_weight_in_the_mask() -> None:
    x = np.arange(64)
    wave = np.repeat((0.5 + 0.4 * np.cos(2 * np.pi * 20 * x / 64))[None, :, None], 64, axis=0).repeat(3, axis=2)
    pixels = np.rint(255 * wave).astype(np.uint8)
    before = radial_energy(pixels / 255.0)
    after = radial_energy(enhance_pair(pixels, pixels, 1.0, 16.0).hr)
    mask = decloss.inverse_gaussian_mask(64, 64, 1.0, 16.0)
    weight = (mask[0, 20] + mask[0, 44]).item() / 2
    assert before.energy[1:].argmax() + 1 == 20
    assert after.energy[20] / before.energy[20] == pytest.approx(weight**2, rel=1e-3)
    assert before.share_beyond(0.125) == pytest.approx(1, abs=1e-3)
    assert before.energy_beyond(0.4) < 1e-3 * before.energy_beyond(0.125)


def test_a_diagonal_wave_that_lr_holds_is_not_beyond_it() -> None:
    y, x = np.mgrid[:64, :64]
    wave = np.repeat(np.cos(2 * np.pi * (7 * x + 7 * y) / 64)[..., None], 3, axis=2)  # 0.109 along each axis
    assert radial_energy(wave).share_beyond(0.125) < 1e-6


def test_the_plot_draws_stronger_higher_and_says_what_it_is() -> None:
    frequency = np.array([0.0, 0.25, 0.5])
    strong, weak = (Rings(frequency, np.array([1e-3, 1e-5, 1e-7]) * scale, np.ones(3)) for scale in (1.0, 0.01))
    svg = energy_plot([("hr before", strong), ("sr after", weak)], 0.125, "Curves & more")
    lines = [[tuple(map(float, p.split())) for p in d.split("L")] for d in re.findall(r'curve [^>]* d="M([^"]+)"', svg)]
    assert len(lines) == 2 and [x for x, _ in lines[0]] == [x for x, _ in lines[1]]
    assert all(weaker[1] > stronger[1] for stronger, weaker in zip(*lines, strict=True))
    fall = [b[1] - a[1] for line in lines for a, b in pairwise(line)]
    assert fall == pytest.approx([fall[0]] * 4, abs=0.2) and fall[0] > 0  # 20 dB each
    assert 'aria-label="Curves &amp; more"' in svg


def test_the_colours_of_the_mask_rise_from_black_to_pale() -> None:
    sums = [sum(colour) for colour in mask_colours()]
    assert len(sums) == 256 and sums[0] < 10 and sums[-1] > 600


def test_the_pictures_are_hr_and_sr_with_an_alternative_text_each(networks: Networks, scene: Scene) -> None:
    html = show_pictures(networks, scene, Controls("tiny-a"))
    hr, hr_spectrum, sr, sr_spectrum = pictures_in(html)
    assert np.array_equal(hr, scene.hr) and np.array_equal(sr, scene.sr("tiny-a", networks.load))
    assert not np.array_equal(hr_spectrum, sr_spectrum)
    assert len(re.findall(r'alt="[^"]{8,}"', html)) == 4


@pytest.mark.parametrize("photo_side", [64, 100, 200])
def test_the_enhanced_pictures_are_the_librarys_at_every_size_of_crop(networks: Networks, photo_side: int) -> None:
    scene = cut_scene(sample_photo(photo_side, photo_side), 0.5, 0.5)
    html, curves = show_enhanced(networks, scene, Controls("bicubic", alpha=1.5, mu=0.3))
    gain = float(re.findall(r"× ([\d.e+]+)<", html)[0])
    for shown, pixels in zip(pictures_in(html), (scene.hr, scene.sr("bicubic", networks.load)), strict=True):
        values = decloss.enhance_high_frequency(to_tensor(pixels), 1.5, 0.3 * scene.side)[0].permute(1, 2, 0).numpy()
        assert np.abs(shown.astype(int) - np.clip(0.5 + gain * values, 0, 1) * 255).max() <= 0.51
    assert "of the energy is finer than LR can hold" in curves and "<svg" in curves


def test_an_even_crop_is_said_to_have_no_detail(networks: Networks) -> None:
    scene = cut_scene(np.full((64, 64, 3), 90, np.uint8), 0.5, 0.5)
    html, curves = show_enhanced(networks, scene, Controls("bicubic", alpha=1.0, mu=0.05))
    assert len(pictures_in(html)) == 2 and "there is no detail to enhance" in curves


def test_without_a_scene_a_sentence_says_what_to_do(networks: Networks) -> None:
    assert "at least 64 pixels" in show_pictures(networks, None, Controls("bicubic"))
    assert show_enhanced(networks, None, Controls("bicubic", alpha=1.0, mu=0.25)) == ("", "")


def test_a_damaged_checkpoint_is_a_sentence(networks: Networks, scene: Scene) -> None:
    assert "cannot be used" in show_pictures(networks, scene, Controls("broken"))
    assert show_enhanced(networks, scene, Controls("broken", alpha=1.0, mu=0.25)) == ("", "")


@pytest.mark.parametrize(
    ("name", "alpha", "share", "message"),
    [
        ("no such", 1.0, 0.25, "network must be one of"),
        (["bicubic"], 1.0, 0.25, "network must be one of"),
        ("bicubic", math.nan, 0.25, "α must be a number"),
        ("bicubic", True, 0.25, "α must be a number"),
        ("bicubic", 0.0, 0.25, "α must be from"),
        ("bicubic", 1.0, -1.0, "μ must be from"),
        ("bicubic", 1.0, "0.25", "μ must be a number"),
        ("bicubic", 1.0, None, "μ must be a number"),
    ],
)
def test_hostile_values_get_one_sentence(
    networks: Networks, name: object, alpha: object, share: object, message: str
) -> None:
    with pytest.raises(gr.Error, match=message):
        checked(Controls, {"model": networks.names}, model=name, alpha=alpha, mu=share)


def test_a_checkpoints_name_is_text_and_not_markup(scene: Scene) -> None:
    found = enhance_pair(scene.hr, scene.hr, 1.0, 48.0)
    assert "<script" not in energy(scene.hr, scene.hr, found, "<script>")
