"""Figures as SVG inside the page."""

from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from decloss.figures.themed import themed_svg

HOSTILE = "</svg><script>alert('1')</script>&\"<img src=x onerror=alert(1)>"


def drawn(title: str = "title") -> Figure:
    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="black", label="black")
    axes.scatter([0], [1], color="#d1495b", edgecolors="white", label="$\\mu$")
    axes.set_title(title)
    axes.legend()
    return figure


def test_a_themed_figure_has_the_colours_of_the_page_and_its_own() -> None:
    svg = themed_svg(drawn(), "A line")
    assert "currentColor" in svg
    assert "#d1495b" in svg
    for fixed in ("#000000", "#ffffff", "<style", "DejaVu", "<?xml", "DOCTYPE", "<metadata"):
        assert fixed not in svg


def test_texts_and_descriptions_of_others_stay_text_in_a_themed_figure() -> None:
    root = ElementTree.fromstring(themed_svg(drawn(HOSTILE), HOSTILE))
    assert root.attrib["aria-label"] == HOSTILE
    assert HOSTILE in [element.text for element in root.iter("text")]
    assert not [element for element in root.iter() if element.tag in ("script", "img", "style")]


@pytest.mark.parametrize(("other", "shared"), [("A line", True), ("Another line", False)])
def test_two_themed_figures_share_no_id_unless_they_are_the_same(other: str, shared: bool) -> None:
    first, second = (
        {
            element.attrib["id"]
            for element in ElementTree.fromstring(themed_svg(drawn(), words)).iter()
            if "id" in element.attrib
        }
        for words in ("A line", other)
    )
    assert first
    assert bool(first & second) == shared


def test_figures_that_are_drawn_at_one_moment_keep_their_text_as_text() -> None:
    with ThreadPoolExecutor(4) as threads:
        drawings = list(threads.map(lambda number: themed_svg(drawn(), f"Line {number}"), range(40)))
    assert all("<text" in svg for svg in drawings)
