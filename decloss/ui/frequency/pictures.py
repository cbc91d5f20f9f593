"""The Frequency tab's pictures as HTML that holds their PNG data, since files would pile up while a slider moves."""

import base64
import html

import numpy as np

from decloss.figures.frequency import Rings, display_gain, energy_plot, mask_colours, radial_energy, signed_picture
from decloss.figures.spectrum import spectrum_picture
from decloss.files.images import RGBArray, encode_png
from decloss.pixels import SCALE
from decloss.ui.parts.names import plain_name
from decloss.views.enhancement import PATCH_SIZE, Enhanced

EDGE = 0.5 / SCALE
"""The finest frequency that LR can hold along each axis, in cycles per pixel of HR."""
NO_DETAIL = 1e-10
"""The energy below which a crop is even, since rounding alone gives as much."""
LEGEND = (
    '<ul class="energy-legend"><li class="hr before">HR</li><li class="hr after">HR, enhanced</li>'
    '<li class="sr before">{name}</li><li class="sr after">{name}, enhanced</li></ul>'
)


def mask_markup() -> str:
    """Return the HTML that ``mask.js`` draws into: the mask in both layouts with K at its sides, a probe, and words."""
    panels = _panel("printed", "As printed: DC in the corner", 4) + _panel("centred", "Shifted: DC in the centre", 1)
    return (
        f'<div class="mask-figure" data-colours="{mask_colours()}">{panels}<div class="mask-probe"><div class="waves">'
        '<figure><canvas class="wave" role="img" aria-label="A wave of the chosen frequency"></canvas>'
        "<figcaption>a wave</figcaption></figure>"
        '<figure><canvas class="wave" role="img" aria-label="What the mask leaves of it"></canvas>'
        "<figcaption>what is left</figcaption></figure></div>"
        f'<p class="probe-words" aria-live="polite"><b>{_word("wave")}.</b> <span class="product">K<sup>H</sup> '
        f"{_word('rows')} × K<sup>W</sup> {_word('columns')} = <b>{_word('weight')}</b></span>. "
        f"<span>With its opposite frequency, on average <b>{_word('left')}</b> is left.</span></p></div>"
        f'<div class="mask-scale"><span>0</span><i></i>{_word("top")}</div>'
        f'<p class="mask-words">μ is <b>{_word("mu")}</b> of {_word("side")} frequency bins. At DC the mask is '
        f"<b>{_word('dc')}</b> = α² · {_word('dc-share')}: an even area keeps <b>{_word('percent')} %</b> of the "
        "weight that the finest detail has.</p></div>"
    )


def pictures(hr: RGBArray, sr: RGBArray, name: str) -> str:
    """Return HTML of HR, its spectrum, SR and its spectrum; ``hr`` and ``sr`` are (side, side, 3)."""
    return '<div class="frequency-grid">' + "".join(
        _figure(pixels, f"{what}, the crop", f"<b>{html.escape(what)}</b>{beside}")
        + _figure(spectrum_picture(pixels), f"Spectrum of {what}, low frequencies in the centre", "spectrum")
        for what, beside, pixels in (("HR", ", the original", hr), (plain_name(name), _beside(name), sr))
    ) + "</div>"  # fmt: skip


def enhanced_pictures(enhanced: Enhanced, alpha: float, mu: float, name: str) -> str:
    """Return HTML of both enhanced pictures with one gain, zero as mid-grey; alpha and mu are noted on the element."""
    gain = display_gain(enhanced.hr, alpha)
    figures = "".join(
        _figure(
            signed_picture(values, gain),
            f"{what} after high-frequency enhancement, mid-grey is zero",
            f"enhanced, × {gain:g}",
        )
        for what, values in (("HR", enhanced.hr), (plain_name(name), enhanced.sr))
    )
    return f'<div class="frequency-grid enhanced" data-alpha="{alpha:g}" data-mu="{mu:g}">{figures}</div>'


def energy(hr: RGBArray, sr: RGBArray, enhanced: Enhanced, name: str) -> str:
    """Return HTML of the energy of HR and SR before and after enhancement, as curves and in words."""
    hr_before, sr_before = (radial_energy(pixels.astype(np.float32) / 255) for pixels in (hr, sr))
    hr_after, sr_after = radial_energy(enhanced.hr), radial_energy(enhanced.sr)
    curves = [("hr before", hr_before), ("sr before", sr_before), ("hr after", hr_after), ("sr after", sr_after)]
    plot = energy_plot(curves, EDGE, "Power of HR and SR over frequency, before and after enhancement")
    shown = html.escape(plain_name(name))
    legend = LEGEND.format(name=shown)
    words = _energy_in_words(hr_before, hr_after, sr_before, shown) + _grey_in_words(enhanced)
    return f'<div class="energy"><div>{legend}{plot}</div><div class="energy-words">{words}</div></div>'


def _energy_in_words(hr: Rings, hr_after: Rings, sr: Rings, name: str) -> str:
    if hr.detail < NO_DETAIL:
        return "<p>HR is even here: there is no detail to enhance. Choose another place.</p>"
    theirs = hr.energy_beyond(EDGE)
    reached = f" {name} has <b>{_percent(sr.energy_beyond(EDGE) / theirs)}</b> of HR’s energy there." if theirs else ""
    return (
        f"<p>Of HR’s detail (all but DC) <b>{_percent(hr.share_beyond(EDGE))}</b> of the energy is finer than LR can "
        f"hold; after enhancement it is <b>{_percent(hr_after.share_beyond(EDGE))}</b>.{reached}</p>"
    )


def _grey_in_words(enhanced: Enhanced) -> str:
    return (
        f"<p>A mini-patch ({PATCH_SIZE} × {PATCH_SIZE}) of an even mid grey keeps a norm of "
        f"<b>{_number(enhanced.grey_norm)}</b>; HR’s median mini-patch has <b>{_number(enhanced.median_norm)}</b>. "
        "Where the first is not far smaller, brightness still has a say in which mini-patches look alike.</p>"
    )


def _percent(share: float) -> str:
    return "under 0.01 %" if share < 1e-4 else f"{_number(100 * share)} %"


def _number(value: float) -> str:
    """Return ``value`` with two digits, and never with a power of ten if it is large."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def _figure(pixels: RGBArray, alt: str, caption: str) -> str:
    data = base64.b64encode(encode_png(pixels)).decode()
    source = f"data:image/png;base64,{data}"
    return f'<figure><img src="{source}" alt="{html.escape(alt)}"><figcaption>{caption}</figcaption></figure>'


def _word(name: str) -> str:
    """Return an empty place in a sentence, into which ``mask.js`` writes the word of that name."""
    return f'<span data-word="{name}"></span>'


def _beside(name: str) -> str:
    """Return the checkpoint's name as HTML, small, where the plain name is another one."""
    return "" if plain_name(name) == name else f" <small>{html.escape(name)}</small>"


def _panel(layout: str, title: str, boxes: int) -> str:
    curve = (
        '<div class="k {}"><svg preserveAspectRatio="none" aria-hidden="true"><path class="area"{swap}/>'
        '<path class="line"{swap}/></svg></div>'
    )
    across, down = curve.format("across", swap=""), curve.format("down", swap=' transform="matrix(0 1 1 0 0 0)"')
    return (
        f'<figure class="mask-panel" data-layout="{layout}"><figcaption>{title}</figcaption><div class="mask-cross">'
        f'<span class="k-name">K<sup>H</sup> K<sup>W</sup></span>{across}{down}'
        f'<div class="mask-square" tabindex="0" role="group" '
        f'aria-label="The mask, {layout}. Arrow keys move the probe">'
        f'<canvas></canvas>{"<i class=lr></i>" * boxes}<i class="dc"></i><i class="probe"></i></div></div></figure>'
    )
