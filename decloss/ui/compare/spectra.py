"""What each picture holds at each frequency: spectra as pictures, and curves of power in the networks' colours."""

from collections.abc import Callable, Iterator

from decloss.figures.palette import styles
from decloss.figures.power import power_plot
from decloss.figures.spectrum import Curve, radial_power, spectrum_picture
from decloss.files.images import shrink
from decloss.ui.compare.comparison import HR_NAME, LR_NAME, Comparison, Picture
from decloss.ui.compare.kept import address, is_there, once, write_figure
from decloss.ui.compare.labels import figure, label, plain_label

SIDE = 320
"""The longest side of a spectrum's picture in pixels."""
CURVES = "<p><em>Look for:</em> up to the dashed line the input knows; beyond it a network must invent. {more}</p>"
WITH_ORIGINAL = "A curve that falls below the original there is a picture that is too smooth."
WITHOUT = "In photos power falls steadily; a curve that drops at the line belongs to a picture that is too smooth."
PICTURES = (
    "<p>The same as pictures, one logarithmic scale for all: in the centre DC, which is the mean brightness, further "
    "out ever finer detail. <em>Look for:</em> corners that are dark where the original’s are not; and bright dots far "
    "out, which are a regular grid.</p>"
)

Spectrum = tuple[str, Curve]
"""The path of a spectrum's picture, and its curve."""


def show_spectra(found: Comparison) -> Iterator[str]:
    """Yield curves and spectra as HTML once all are there, and before that, now and then, what is there already.

    A large picture takes most of a second, and with each piece Gradio can stop if nobody waits any more.
    """
    # LR is enlarged to blocks, and would show the spectrum of the blocks.
    shown = {name: picture for name, picture in found.pictures.items() if name != LR_NAME}
    ready: dict[str, Spectrum] = {}
    for name, picture in shown.items():
        ready[name] = once(
            found, ("spectrum", name), _computing(found, picture), lambda spectrum: is_there(spectrum[0])
        )
        if len(ready) < len(shown):
            yield _drawn(found, ready, len(shown))
    if ready:
        yield _drawn(found, ready, len(shown))


def _computing(found: Comparison, picture: Picture) -> Callable[[], Spectrum]:
    def compute() -> Spectrum:
        height, width = picture.pixels.shape[:2]
        factor = min(1.0, SIDE / max(height, width))
        drawn = shrink(spectrum_picture(picture.pixels), round(height * factor), round(width * factor))
        return write_figure(found, drawn), radial_power(picture.pixels)

    return compute


def _drawn(found: Comparison, ready: dict[str, Spectrum], count: int) -> str:
    inks = styles(name for name in ready if name != HR_NAME)
    legend = "".join(
        f"<li>{inks[name].sample() if name in inks else REFERENCE}<span>{label(name)}</span></li>" for name in ready
    )
    height, width = found.task.lr.shape[:2]
    figures = "".join(
        figure(address(found, path), f"Spectrum: {plain_label(name)}", label(name)) for name, (path, _) in ready.items()
    )
    coming = '<figure><div class="coming"></div><figcaption>…</figcaption></figure>' * (count - len(ready))
    hint = CURVES.format(more=WITH_ORIGINAL if found.task.hr is not None else WITHOUT)
    return (
        f'<div class="power-row"><div>{power_plot({name: curve for name, (_, curve) in ready.items()})}</div>'
        f'<ul class="legend">{legend}</ul></div>{hint}{PICTURES}'
        f'<div class="figures" style="--shape:{width}/{height}">{figures}{coming}</div>'
    )


REFERENCE = (
    '<svg class="sample" viewBox="0 0 34 16" width="34" height="16" aria-hidden="true"><path d="M1 8H33"/></svg>'
)
