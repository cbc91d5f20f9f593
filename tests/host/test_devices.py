"""What is set of cuDNN while a network computes, which can be looked at without a GPU."""

import pytest
import torch

from decloss.host.devices import autocast, equal_shapes

SETTINGS = ("enabled", "benchmark", "allow_tf32")


def settings() -> dict[str, bool]:
    return {name: getattr(torch.backends.cudnn, name) for name in SETTINGS}


@pytest.mark.parametrize("choosing", [False, True])
def test_float32_on_a_gpu_forbids_tf32_and_changes_nothing_else(choosing: bool) -> None:
    before = settings()
    with torch.backends.cudnn.flags(**before | {"benchmark": choosing}):
        with autocast(torch.device("cuda"), torch.float32):
            assert settings() == {"enabled": True, "benchmark": choosing, "allow_tf32": False}
        assert settings() == before | {"benchmark": choosing}


def test_ways_to_convolve_are_tried_only_where_shapes_are_equal() -> None:
    before = settings()
    with equal_shapes():
        assert settings() == before | {"benchmark": True}
    assert settings() == before and not before["benchmark"]
