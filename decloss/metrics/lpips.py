"""LPIPS, learned perceptual image patch similarity (Zhang et al., 2018), version 0.1, by the authors' package."""

import contextlib
import io
import threading
import warnings
from functools import lru_cache

import torch
import torch.nn.functional as F
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
    with torch.inference_mode():
        layers, _ = _layer_maps(sr, hr, net, crop_border)
        distance = sum((layer.mean(dim=(2, 3)) for layer in layers), torch.zeros(()))
    return distance.flatten().clone()


def lpips_is_available() -> bool:
    """Return whether LPIPS can be computed here by now."""
    try:
        with _load_lock:
            _network("alex")
    except LPIPSUnavailableError:
        return False
    return True


def lpips_map(sr: Tensor, hr: Tensor, *, net: str = "alex", crop_border: int = 0) -> Tensor:
    """Return where the distance of ``lpips`` comes from: a value for each pixel, whose mean is that distance.

    It is the package's map (``spatial=True``), but each layer's map, enlarged to the images' size, is scaled to the
    mean that it had before: without this, the mean differs from LPIPS by up to a part in ten thousand.

    Args:
        sr: (B, 3, H, W) in [0, 1].
        hr: the same shape.
        net: as for ``lpips``, which also says what is raised.
        crop_border: the pixels cut from each side.

    Returns:
        (B, H, W) float32, without the border.
    """
    with torch.inference_mode():
        layers, size = _layer_maps(sr, hr, net, crop_border)
        total = torch.zeros((), device=layers[0].device)
        for layer in layers:
            large = F.interpolate(layer, size, mode="bilinear", align_corners=False)
            before, after = (values.mean(dim=(2, 3), keepdim=True) for values in (layer, large))
            total = total + large * (before / after.clamp_min(torch.finfo(after.dtype).tiny))
    return total[:, 0].clone()


def _layer_maps(sr: Tensor, hr: Tensor, net: str, crop_border: int) -> tuple[list[Tensor], tuple[int, int]]:
    """Return the distance at each place of each layer of the trunk, (B, 1, h, w) each, and the size of the images."""
    if net not in TRUNKS:
        raise ValueError(f"net must be one of {tuple(TRUNKS)}, got {net!r}")
    pair = prepare(sr, hr, crop_border, y_channel=False, least=MIN_SIDE)
    with _load_lock:
        network = _network(net)
    device = next(network.parameters()).device
    scale, trunk = network.get_submodule("scaling_layer"), network.get_submodule("net")
    features = [trunk(scale(images.float().to(device) * 2 - 1)) for images in pair]
    maps = []
    for index, both in enumerate(zip(*features, strict=True)):
        # The package's normalize_tensor: each place's channels have the length 1.
        first, second = (each / (each.square().sum(dim=1, keepdim=True).sqrt() + 1e-10) for each in both)
        maps.append(network.get_submodule(f"lin{index}")((first - second).square()))
    height, width = pair[0].shape[-2:]
    return maps, (height, width)


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
