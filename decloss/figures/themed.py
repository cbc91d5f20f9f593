"""Matplotlib's figures as SVG inside the page: black becomes the page's text colour, so they follow light and dark."""

import io
import re
import threading
from xml.etree import ElementTree

import matplotlib
from matplotlib.figure import Figure

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
FAMILIES = re.compile(r"font-family: [^;]*|(?<=px )'[^;]*")
"""The families of a text's font, which visitors may not have, in both forms in which matplotlib writes them."""
DRAWING = threading.Lock()
"""Matplotlib's settings are those of all threads: one figure is drawn at a time, or another's end would change them."""
INK, PAPER = "#000000", "#ffffff"


def themed_svg(figure: Figure, description: str) -> str:
    """Return ``figure`` as an SVG element for the page, with text as text; what is not black or white keeps its colour.

    Black is the colour of the text around it, white that of the page, and backgrounds are left out. The figure itself
    changes by this: draw it for this alone. Texts in it may hold anything, as a serialiser writes them.

    Args:
        figure: what is drawn; its width and height give the proportions alone, as the element fills its frame.
        description: the figure in words, for those who do not see it. It also tells the figure from others on the
            page, so it must be another one for each.
    """
    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set_facecolor("none")
    for legend in [*figure.legends, *filter(None, (axes.get_legend() for axes in figure.axes))]:
        legend.get_frame().set_facecolor("none")
    written = io.StringIO()
    # Names of clip paths and markers come from the salt, and must not meet those of the page's other figures.
    with DRAWING, matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": description}):
        figure.savefig(written, format="svg", metadata={"Date": None}, facecolor="none")
    root = ElementTree.fromstring(written.getvalue())
    used = set(re.findall(r"#([\w-]+)[\")]", written.getvalue()))
    for part in [*root.findall(f"{SVG}metadata"), *root.findall(f"{SVG}defs")]:
        if part.tag == f"{SVG}metadata" or part.find(f"{SVG}style") is not None:
            root.remove(part)  # its style is for every element of the page
    for element in root.iter():
        _adopt(element, used)
    root.attrib = {
        "class": "themed-figure",
        "viewBox": root.attrib["viewBox"],
        "role": "img",
        "aria-label": description,
        "fill": "currentColor",
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
    }
    return ElementTree.tostring(root, encoding="unicode")


def _adopt(element: ElementTree.Element, used: set[str]) -> None:
    """Make an element of matplotlib's one of the page: without namespaces, needless ids, fonts and black ink."""
    element.tag = element.tag.removeprefix(SVG)
    attributes = {name.replace(XLINK, ""): value for name, value in element.attrib.items()}
    if attributes.get("id") not in used:
        attributes.pop("id", None)
    for name in ("style", "fill", "stroke"):
        if name in attributes:
            attributes[name] = _in_colours_of_page(attributes[name])
    element.attrib = attributes


def _in_colours_of_page(style: str) -> str:
    style = FAMILIES.sub(lambda found: "font-family: inherit" if ":" in found[0] else "sans-serif", style)
    return style.replace(INK, "currentColor").replace(PAPER, "var(--body-background-fill, Canvas)")
