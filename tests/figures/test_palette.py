import re

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from decloss.figures.palette import (
    DARK_PAGE,
    LEAST_CONTRAST,
    LEAST_DISTANCE,
    LEAST_DISTANCE_DICHROMATS,
    LIGHT_PAGE,
    STYLES,
    styles,
)
from decloss.zoo.registry import BICUBIC, TABLE_1_NAMES

# Machado, Oliveira and Fernandes (2009), the whole lack of a kind of cones, on linear RGB.
DICHROMATS = {
    "protanope": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranope": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


def rgb(colour: str) -> np.ndarray:
    assert re.fullmatch("#[0-9a-f]{6}", colour)
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255


def linear(colours: np.ndarray) -> np.ndarray:
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def encoded(colours: np.ndarray) -> np.ndarray:
    colours = np.clip(colours, 0, 1)
    return np.where(colours <= 0.0031308, 12.92 * colours, 1.055 * colours ** (1 / 2.4) - 0.055)


def least_distance(colours: np.ndarray) -> float:
    lab = rgb2lab(colours[None])[0]
    distances = deltaE_ciede2000(lab[:, None], lab[None])
    return float(distances[~np.eye(len(lab), dtype=bool)].min())


@pytest.mark.parametrize(("theme", "page"), [("light", LIGHT_PAGE), ("dark", DARK_PAGE)])
def test_all_sixteen_colours_differ_from_each_other_and_from_the_page(theme: str, page: str) -> None:
    colours = np.array([rgb(getattr(style, theme)) for style in STYLES])
    assert len(colours) == 16
    assert least_distance(colours) >= LEAST_DISTANCE
    for matrix in DICHROMATS.values():
        assert least_distance(encoded(linear(colours) @ np.array(matrix).T)) >= LEAST_DISTANCE_DICHROMATS
    luminance = linear(np.array([*colours, rgb(page)])) @ [0.2126, 0.7152, 0.0722] + 0.05
    contrast = np.maximum(luminance[:-1], luminance[-1]) / np.minimum(luminance[:-1], luminance[-1])
    assert contrast.min() >= LEAST_CONTRAST


def test_marks_and_lines_differ_without_colour_and_filled_marks_mean_decloss() -> None:
    assert len({(style.shape, style.filled) for style in STYLES}) == len({style.dash for style in STYLES}) == 16
    for name, style in styles([BICUBIC, *TABLE_1_NAMES]).items():
        assert style.filled == ("dec" in name.split("-"))


def test_a_network_looks_the_same_beside_any_others_and_strangers_get_what_is_free() -> None:
    names = [BICUBIC, *TABLE_1_NAMES, "mine", "yours"]
    every = styles(iter(names))
    assert len(set(every.values())) == 13
    assert styles(["edsr-l1"])["edsr-l1"] == every["edsr-l1"]
    assert len(styles(f"own-{number}" for number in range(40))) == 40
