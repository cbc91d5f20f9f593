"""The API's function ``contrast``: which mini-patches attract and repel each other, the loss, and its gradient."""

from collections.abc import Callable
from typing import Any, Literal, TypedDict

import gradio as gr
from gradio.data_classes import FileData

from decloss.figures.contrast import grid_picture
from decloss.figures.regions import repeat
from decloss.ui.contrast.controls import IN_DB, Controls
from decloss.ui.contrast.html import LOSSES, SIGNED, loss_values, step_values
from decloss.ui.parts.checks import check_count
from decloss.ui.parts.controls import checked
from decloss.ui.parts.parameters import with_parameters
from decloss.ui.parts.tab import Networks
from decloss.ui.photo.endpoint import as_file, read_scene, result_of
from decloss.views.contrast import compute_contrast, compute_row, compute_slope
from decloss.zoo.registry import BICUBIC


class MiniPatch(TypedDict):
    """The numbers of one mini-patch."""

    row: int
    column: int
    positives: int
    """The number of its positives, of which it is one itself."""
    q_pos: float
    """The sum Q_pos over its positives, Eq. (21)."""
    q_neg: float
    """The sum Q_neg over its negatives, Eq. (22)."""
    loss: float
    """Its part of the loss, which is the mean of all parts."""


class Contrast(TypedDict):
    """The numbers that the Contrast tab shows."""

    side: int
    """The side in pixels of the part of the crop that is used."""
    mini_patches: int
    """The number of mini-patches a side."""
    eta: float
    """The threshold of M in dB."""
    positive_share: float
    """The per cent of the pairs that are positive."""
    loss: float
    """The loss of the crop."""
    gradient_norm: float
    """The L2 norm of the gradient of the loss with respect to the values of SR in [0, 1]."""
    mini_patch: MiniPatch
    loss_by_patch: list[list[float]]
    """The loss by mini-patch, row by row; 0 for a mini-patch without a negative."""


def make_contrast(networks: Networks) -> Callable[..., Any]:
    """Return the function of the API for the checkpoints of ``networks``."""

    @with_parameters(Controls)
    def contrast(
        photo: FileData,
        x: float = 50.0,
        y: float = 50.0,
        checkpoint: str = BICUBIC,
        patch_size: int = Controls.patch_size,
        mu: float = Controls.mu_share,
        alpha: float = Controls.alpha,
        eta: float | None = None,
        positive_share: float = Controls.share,
        t_pos: float = Controls.t_pos,
        t_neg: float = Controls.t_neg,
        temperature: Literal["outside", "inside"] = "outside",
        row: int = 1,
        column: int = 1,
    ) -> tuple[FileData, FileData, Contrast]:
        """Contrast the mini-patches of a crop of a photo (HR) and of a network's picture of it (SR), Eq. 18 to 23.

        Args:
            photo: the original, an image file of at least 64 pixels a side.
            x: the middle of the crop, per cent from the left.
            y: the middle of the crop, per cent from the top.
            checkpoint: the network that makes SR, a name of the Compare tab.
            patch_size: P, pixels a side of a mini-patch, {patch_size}.
            mu: width of the frequency mask as a share of the used side, {mu_share}.
            alpha: height of the mask's Gaussians, {alpha}.
            eta: threshold of M in dB; none to find the one that positive_share asks for.
            positive_share: per cent of the pairs that are to be positive, {share}.
            t_pos: temperature of the positives, {t_pos}.
            t_neg: temperature of the negatives, {t_neg}.
            temperature: where temperatures divide, the sums ("outside", as printed) or the exponents ("inside").
            row: of the mini-patch that is told in numbers, from 1 at the top.
            column: of the same, from 1 at the left.

        Returns:
            loss: the loss by mini-patch, bright is high, grey has no negative.
            gradient: minus the gradient on SR, red would become brighter, blue darker.
            numbers: the threshold, the share of positives, the loss, and one mini-patch.
        """
        threshold = {} if eta is None else {"by": IN_DB, "eta": eta}
        loss = {"patch_size": patch_size, "mu_share": mu, "alpha": alpha, "share": positive_share, **threshold}
        settings = checked(Controls, **loss, t_pos=t_pos, t_neg=t_neg, reading=temperature).settings
        scene = read_scene(photo, x, y)
        sr = result_of(networks, scene, checkpoint)
        try:
            view = compute_contrast(sr, scene.hr, settings)
        except ValueError as error:  # in an even area no eta gives that share
            raise gr.Error(f"Nothing to contrast here: {error}.") from error
        i, j = (check_count(v, name, 1, view.n) for v, name in ((row, "The row"), (column, "The column")))
        patch = compute_row(view, i - 1, j - 1)
        slope = compute_slope(view, settings.t_pos, settings.t_neg, settings.temperature)
        losses = grid_picture(*loss_values(view), LOSSES)
        return (
            as_file(repeat(losses, settings.patch_size), "loss.png"),
            as_file(grid_picture(*step_values(slope), SIGNED), "gradient.png"),
            {
                "side": len(view.hr),
                "mini_patches": view.n,
                "eta": view.eta,
                "positive_share": 100 * view.share,
                "loss": view.loss,
                "gradient_norm": slope.norm,
                "mini_patch": {
                    "row": i,
                    "column": j,
                    "positives": int(patch.positives.sum()),
                    "q_pos": patch.q_pos,
                    "q_neg": patch.q_neg,
                    "loss": patch.loss,
                },
                "loss_by_patch": view.by_patch.tolist(),
            },
        )

    return contrast
