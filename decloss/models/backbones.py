"""ImageNet trunks for LPIPS and the perceptual loss, from a local folder or from torchvision's download."""

import os
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import torch
from torch import Tensor

from decloss.files.untrusted import WeightsError, read_bytes
from decloss.files.weights import parse_weights

FOLDER_VARIABLE = "DECLOSS_BACKBONES"
CONNECT_SECONDS = 5.0
RETRY_SECONDS = 300.0

_download_lock = threading.Lock()
_offline_since: dict[str, float] = {}


class BackboneUnavailableError(RuntimeError):
    """Raised when the weights of a trunk are not available; the message says why and what to do."""


def load_trunk(name: str) -> dict[str, Tensor]:
    """Return the weights of torchvision's model ``name`` ("alexnet", "squeezenet1_1", ...), with keys "features.*".

    First the folder in ``DECLOSS_BACKBONES`` is searched for ``NAME_features.safetensors``, or a name that continues
    after that if only the first layers are in it; then torchvision is asked.

    Raises:
        BackboneUnavailableError: if neither has the weights, or torchvision is not installed.
    """
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder:
        found = sorted(Path(folder).glob(f"{name}_features*.safetensors"))
        if found:
            return _load_local(found[0])
    return _load_torchvision(name)


def _load_local(path: Path) -> dict[str, Tensor]:
    try:
        return parse_weights(read_bytes(path))[0]
    except (OSError, WeightsError) as error:
        raise BackboneUnavailableError(
            f"{path.name} in {FOLDER_VARIABLE} cannot be read as safetensors ({error})"
        ) from error


def _load_torchvision(name: str) -> dict[str, Tensor]:
    hint = f"set {FOLDER_VARIABLE} to a folder with {name}_features.safetensors, or connect once to download it"
    if os.environ.get(FOLDER_VARIABLE):
        hint = f"the folder that {FOLDER_VARIABLE} names has no {name}_features.safetensors"
    try:  # here, since torchvision takes a second to import, and the library can do without it
        from torchvision.models import get_model_weights
    except ImportError as error:
        needed = f"the {name} weights come by torchvision, which is not installed: pip install torchvision"
        raise BackboneUnavailableError(f"{needed}; {hint}") from error
    weights = get_model_weights(name).DEFAULT
    with _download_lock:
        cached = Path(torch.hub.get_dir()) / "checkpoints" / Path(weights.url).name
        if not cached.exists():
            _require_connection(name, weights.url, hint)
        try:
            state = weights.get_state_dict(progress=False, check_hash=True, map_location="cpu", weights_only=True)
        except Exception as error:
            raise BackboneUnavailableError(f"the {name} weights could not be downloaded ({error}); {hint}") from error
    return {key: value for key, value in state.items() if key.startswith("features.")}


def _require_connection(name: str, url: str, hint: str) -> None:
    """Raise within seconds when offline, since torch's own download would wait without a limit at each call."""
    offline = BackboneUnavailableError(f"the {name} weights are not on this machine and it is offline; {hint}")
    if time.monotonic() - _offline_since.get(name, -RETRY_SECONDS) < RETRY_SECONDS:
        raise offline
    try:
        request = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(request, timeout=CONNECT_SECONDS):
            _offline_since.pop(name, None)
    except urllib.error.HTTPError:
        return  # the server answered, so torch may try, and report what goes wrong
    except OSError as error:  # URLError, which urllib raises when offline, is one
        _offline_since[name] = time.monotonic()
        raise offline from error
