"""LPIPS, learned perceptual image patch similarity (Zhang et al., 2018), version 0.1, by the authors' package."""

import contextlib
import io
import threading
import warnings
from functools import lru_cache

import torch
from torch import Tensor, nn

from decloss.metrics.protocol import prepare
from decloss.models.backbones import BackboneUnavailableError, load_trunk

TRUNKS = {"alex": "alexnet", "squeeze": "squeezenet1_1"}
MIN_SIDE = 32  # AlexNet's strides leave nothing of a smaller image

_load_lock = threading.Lock()


class LPIPSUnavailableError(RuntimeError):
    """Raised when LPIPS cannot be computed here; the message says why and what to do."""


def lpips(sr: Tensor, hr: Tensor, *, net: str = "alex", crop_border: int = 0) -> Tensor:
    """Return the perceptual distance of each image; lower is better, equal images give 0.

    Args:
        sr: (B, 3, H, W) in [0, 1].
        hr: the same shape.
        net: the trunk, which is "alex" (the one that papers report) or "squeeze".
        crop_border: the pixels cut from each side.

    Returns:
        (B,) float32.

    Raises:
        ValueError: for another ``net``, shapes that differ, or fewer than 32 pixels a side.
        LPIPSUnavailableError: if the package or the trunk's weights are missing.
    """
    if net not in TRUNKS:
        raise ValueError(f"net must be one of {tuple(TRUNKS)}, got {net!r}")
    pair = prepare(sr, hr, crop_border, y_channel=False, least=MIN_SIDE)
    with _load_lock:
        network = _network(net)
    device = next(network.parameters()).device
    with torch.inference_mode():
        distance: Tensor = network(*(images.float().to(device) * 2 - 1 for images in pair))
    return distance.flatten().clone()


@lru_cache(maxsize=2)
def _network(net: str) -> nn.Module:
    try:
        import lpips as package  # an optional extra of the library: training must run without it
    except ImportError as error:
        raise LPIPSUnavailableError("the lpips package is not installed: pip install lpips") from error
    try:
        features = load_trunk(TRUNKS[net])
    except BackboneUnavailableError as error:
        raise LPIPSUnavailableError(str(error)) from error
    # The package prints where its weights are, and calls torchvision in a way that is deprecated by now.
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="torchvision")
        network: nn.Module = package.LPIPS(net=net, pnet_rand=True, verbose=False)
    trunk = network.get_submodule("net")
    try:
        trunk.load_state_dict({key: features[_torchvision_key(key)] for key in trunk.state_dict()})
    except (KeyError, RuntimeError) as error:
        raise LPIPSUnavailableError(f"the {TRUNKS[net]} weights do not fit LPIPS: {error}") from error
    return network.eval().requires_grad_(False)


def _torchvision_key(key: str) -> str:
    """Replace LPIPS's prefix "sliceN." of a key by torchvision's "features."; both number the layers alike."""
    return "features." + key.split(".", 1)[1]
