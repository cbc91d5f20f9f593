"""The curves along the weights as a figure."""

from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from decloss.figures.along_weights import DECLOSS, SECOND, SHARPENED, STYLES, Line, Panel, Sharpened, lpips_against_psnr
from decloss.figures.palette import DARK_PAGE, LEAST_CONTRAST, LIGHT_PAGE
from decloss.figures.themed import themed_svg

FIRST = Line("first", DECLOSS, [28.2, 28.0, 27.5], [0.4, 0.38, 0.37], ["", "0.1", "0.3"], [(0.4, 0.4)] * 3,
             [([28.0, 27.4], [0.38, 0.36])])  # fmt: skip
OTHER = Line("other", SECOND, [28.2, 28.1], [0.4, 0.36], ["", "7"], [(0.39, 0.41), (0.35, 0.37)])
ALONE = Sharpened("sharpening", [28.2, 28.0, 26.0], [0.4, 0.385, 0.3])
PANEL = Panel("Both", [FIRST, OTHER], [ALONE])


def luminance(colour: str) -> float:
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05


def test_every_line_has_its_points_its_weights_and_a_place_in_the_legend() -> None:
    (axes,) = lpips_against_psnr([PANEL], "Kodak").axes
    drawn = {line.get_label(): line for line in axes.lines}
    assert list(drawn["first"].get_xdata()) == FIRST.psnr_y and list(drawn["other"].get_ydata()) == OTHER.lpips
    assert drawn["sharpening"].get_linestyle() == "--" and drawn["first"].get_linestyle() == "-"
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "sharpening", "first", "the same, each sharpened", "other",
    ]  # fmt: skip
    assert sorted(text.get_text() for text in axes.texts) == ["0.1", "0.3", "7"]
    colours = {text.get_text(): text.get_color() for text in axes.texts}
    assert colours == {"0.1": STYLES[DECLOSS][0], "0.3": STYLES[DECLOSS][0], "7": STYLES[SECOND][0]}


def test_all_points_are_shown_and_a_dashed_line_widens_no_panel_to_the_left() -> None:
    (axes,) = lpips_against_psnr([PANEL], "Kodak").axes
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    assert 27 < left < 27.5 and right > 28.2 and low < 0.36 and high > 0.4
    (axes,) = lpips_against_psnr([Panel("Cut", [FIRST], [ALONE], lowest=27.9)], "Kodak").axes
    assert 27.8 < axes.get_xlim()[0] < 27.9 and [text.get_text() for text in axes.texts] == ["0.1"]


def test_labels_cover_neither_each_other_nor_a_point() -> None:
    figure = lpips_against_psnr([PANEL], "Kodak")
    figure.canvas.draw()
    (axes,) = figure.axes
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not any(a.overlaps(b) for index, a in enumerate(boxes) for b in boxes[:index])
    for line in (FIRST, OTHER):
        places = axes.transData.transform(list(zip(line.psnr_y, line.lpips, strict=True)))
        assert not any(box.contains(x, y) for box in boxes for x, y in places)


def test_panels_stand_beside_each_other() -> None:
    one, three = (lpips_against_psnr([PANEL] * count, "Kodak") for count in (1, 3))
    assert len(three.axes) == 3 and three.get_figwidth() == pytest.approx(3 * one.get_figwidth())
    assert [axes.get_title() for axes in three.axes] == ["Both"] * 3


def test_colours_can_be_read_on_both_pages_and_the_rest_follows_the_page() -> None:
    for colour in [SHARPENED, *(colour for colour, _ in STYLES.values())]:
        for page in (LIGHT_PAGE, DARK_PAGE):
            lighter, darker = sorted((luminance(colour), luminance(page)), reverse=True)
            assert lighter / darker >= LEAST_CONTRAST, (colour, page)
    svg = themed_svg(lpips_against_psnr([PANEL], "Kodak"), "Curves")
    root = ElementTree.fromstring(svg)
    assert root.attrib["aria-label"] == "Curves" and "#000000" not in svg and "currentColor" in svg
    assert "0.1" in [element.text for element in root.iter("text")]
