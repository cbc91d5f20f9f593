"""The API's function ``frequency``: the mask of Eq. (12) to (17), and HR and SR after enhancement with it."""

from collections.abc import Callable
from typing import Any, TypedDict

import numpy as np
from gradio.data_classes import FileData

from decloss.dec import inverse_gaussian_mask, mu_from_fraction
from decloss.figures.contrast import grid_picture
from decloss.figures.frequency import Pixels, display_gain, radial_energy, signed_picture
from decloss.ui.frequency.controls import Controls
from decloss.ui.frequency.pictures import EDGE
from decloss.ui.parts.controls import checked
from decloss.ui.parts.parameters import with_parameters
from decloss.ui.parts.tab import Networks
from decloss.ui.photo.endpoint import as_file, read_scene, result_of
from decloss.views.enhancement import enhance_pair
from decloss.zoo.registry import BICUBIC

COLOURS = "magma"


class Energy(TypedDict):
    """The energy of one picture's luma."""

    detail: float
    """The sum over all frequencies but DC."""
    beyond_lr: float
    """The sum over the frequencies that are finer than LR can hold."""
    power: list[float]
    """The mean power over each ring of one bin around DC, with DC as the first."""


class Energies(TypedDict):
    """The energy of HR and of SR, before and after enhancement."""

    hr: Energy
    sr: Energy
    hr_enhanced: Energy
    sr_enhanced: Energy


class Frequency(TypedDict):
    """The numbers that the Frequency tab shows."""

    side: int
    """The side of the crop in pixels."""
    mu_bins: float
    """The width mu in frequency bins."""
    dc_weight: float
    """The weight that the mask leaves to DC."""
    gain: float
    """The factor that makes the enhanced pictures visible; zero is mid-grey in them."""
    grey_norm: float
    """The L2 norm of an 8 x 8 mini-patch of even mid grey after enhancement."""
    median_norm: float
    """The median of the L2 norms of HR's mini-patches after enhancement."""
    energy: Energies


def make_frequency(networks: Networks) -> Callable[..., Any]:
    """Return the function of the API for the checkpoints of ``networks``."""

    @with_parameters(Controls)
    def frequency(
        photo: FileData,
        x: float = 50.0,
        y: float = 50.0,
        checkpoint: str = BICUBIC,
        alpha: float = Controls.alpha,
        mu: float = Controls.mu,
    ) -> tuple[FileData, FileData, FileData, Frequency]:
        """Enhance the high frequencies of a crop of a photo (HR) and of a network's picture of it (SR), Eq. 12 to 17.

        Args:
            photo: the original, an image file of at least 64 pixels a side.
            x: the middle of the crop, per cent from the left.
            y: the middle of the crop, per cent from the top.
            checkpoint: the network that makes SR, a name of the Compare tab.
            alpha: height of the mask's Gaussians, {alpha}.
            mu: their width as a share of the crop's side, {mu}.

        Returns:
            mask: one pixel a frequency, DC in the corner, bright is kept.
            hr_enhanced: HR after enhancement, mid-grey is zero.
            sr_enhanced: the same of SR.
            numbers: the weight of DC, norms, and energy by frequency.
        """
        chosen = checked(Controls, alpha=alpha, mu=mu)
        scene = read_scene(photo, x, y)
        sr, bins = result_of(networks, scene, checkpoint), mu_from_fraction(chosen.mu, scene.side)
        mask = inverse_gaussian_mask(scene.side, scene.side, chosen.alpha, bins).numpy()
        found = enhance_pair(scene.hr, sr, chosen.alpha, bins)
        gain = display_gain(found.hr, chosen.alpha)
        hr_before, sr_before = (pixels.astype(np.float32) / 255 for pixels in (scene.hr, sr))
        return (
            as_file(grid_picture(mask, 0, chosen.alpha**2, COLOURS), "mask.png"),
            as_file(signed_picture(found.hr, gain), "hr-enhanced.png"),
            as_file(signed_picture(found.sr, gain), "sr-enhanced.png"),
            {
                "side": scene.side,
                "mu_bins": bins,
                "dc_weight": float(mask[0, 0]),
                "gain": gain,
                "grey_norm": found.grey_norm,
                "median_norm": found.median_norm,
                "energy": {
                    "hr": _energy(hr_before),
                    "sr": _energy(sr_before),
                    "hr_enhanced": _energy(found.hr),
                    "sr_enhanced": _energy(found.sr),
                },
            },
        )

    return frequency


def _energy(picture: Pixels) -> Energy:
    rings = radial_energy(picture)
    return {"detail": rings.detail, "beyond_lr": rings.energy_beyond(EDGE), "power": rings.power.tolist()}
