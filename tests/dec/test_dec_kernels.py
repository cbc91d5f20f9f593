"""The fused kernels as a GPU gets them: compiled for NVIDIA without one, and run where there is one."""

import json

import pytest
import torch
from conftest import run_python
from contrast_cases import DEVICE, images, loss_and_gradient, no_triton, safe_eta

import decloss

pytestmark = no_triton

COMPILE = """
import json, sys
import triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile
from decloss.dec import kernels

def shared_memory(kernel, every, capability, half, values, by_differences, precision):
    function, vectors = kernel.fn, "*bf16" if half else "*fp32"
    switches = {
        "BY_DIFFERENCES": by_differences, "SAME_EXPONENT": False, "PRECISION": precision, "SUMS": tl.float32,
        "PIECE": min(kernels.PIECE, kernels.padded(values)), "WIDTH": kernels.padded(values),
    }
    whole = ("count", "first", "last", "values")
    numbers = ("radius_squared", "exponent_pos", "exponent_neg")
    sizes = []
    for configuration in kernel.configs if every else kernel.configs[-1:]:  # the last is the smallest
        constants = {k: v for k, v in {**switches, **configuration.kwargs}.items() if k in function.arg_names}
        signature = {
            name: "constexpr" if name in constants else "i32" if name in whole else "fp32" if name in numbers
            else vectors if name in ("u", "v") else "*fp32"
            for name in function.arg_names
        }
        options = {"num_warps": configuration.num_warps, "num_stages": configuration.num_stages}
        source = ASTSource(function, signature, constants)
        compiled = compile(source, target=GPUTarget("cuda", capability, 32), options=options)
        assert compiled.asm["ptx"]
        sizes.append(compiled.metadata.shared)
    return min(sizes)

arguments = json.loads(sys.argv[1])
print(json.dumps([shared_memory(kernel, *arguments) for kernel in (kernels._row_sums, kernels._gradient)]))
"""


@pytest.mark.parametrize(
    ("capability", "half", "values", "by_differences", "precision", "most"),
    [
        (75, False, 192, False, "ieee", 64),
        (80, True, 192, False, "tf32x3", 163),
        (89, False, 192, False, "tf32x3", 99),
        (90, True, 192, False, "tf32x3", 227),
        (90, False, 3, True, "tf32x3", 227),
    ],
)
def test_they_compile_for_nvidia_and_fit_its_shared_memory(
    capability: int, half: bool, values: int, by_differences: bool, precision: str, most: int
) -> None:
    """``most`` kilobytes is what a block may have on that generation; one configuration at least must fit."""
    arguments = json.dumps([capability == 90 and half, capability, half, values, by_differences, precision])
    done = run_python("-c", COMPILE, arguments, TRITON_INTERPRET="0")
    assert done.returncode == 0, done.stderr
    assert max(json.loads(done.stdout)) <= most * 1024


def test_where_triton_cannot_start_a_kernel_it_warns_and_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    from decloss.dec import kernels  # here, since it needs Triton

    def fail(grid: object):
        raise RuntimeError("Failed to find C compiler")

    device = torch.device(DEVICE)
    kernels.work_on.cache_clear()
    assert kernels.work_on(device)
    kernels.work_on.cache_clear()
    monkeypatch.setattr(kernels, "_mark", type("Broken", (), {"__getitem__": lambda self, grid: fail(grid)})())
    with pytest.warns(UserWarning, match="Failed to find C compiler"):
        assert not kernels.work_on(device)
    kernels.work_on.cache_clear()


def test_every_kernel_starts_on_the_device_of_its_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    """With several GPUs another one may be the current one; a tensor on the CPU changes nothing."""
    from decloss.dec import kernels  # here, since it needs Triton

    devices: list[torch.device] = []
    device_of = torch.cuda.device_of

    def spy(tensor: torch.Tensor) -> torch.cuda.device_of:
        devices.append(tensor.device)
        return device_of(tensor)

    monkeypatch.setattr(torch.cuda, "device_of", spy)
    sr, hr = images(1, 1, 8, 8, dtype=torch.float32)
    kernels.work_on.cache_clear()
    assert kernels.work_on(hr.device)
    loss_and_gradient(decloss.DECLoss(patch_size=2, backend="triton"), sr, hr)
    assert devices == [hr.device] * 3  # the trial, the sums, and the gradient


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize(("patch_size", "size"), [(8, 192), (4, 96), (2, 48), (1, 24)])
@pytest.mark.parametrize("temperature", ["outside", "inside"])
def test_on_a_gpu_they_agree_with_dense(patch_size: int, size: int, temperature: str) -> None:
    sr, hr = images(2, 3, size, size, dtype=torch.float32)
    eta = safe_eta(hr, 0.1, 48.0, patch_size)
    dense, fused = (
        decloss.DECLoss(eta=eta, patch_size=patch_size, temperature=temperature, backend=name)
        for name in ("dense", "triton")
    )
    expected, expected_gradient = loss_and_gradient(dense, sr, hr)
    value, gradient = loss_and_gradient(fused, sr, hr)
    torch.testing.assert_close(value, expected, rtol=1e-5, atol=1e-5)
    assert (gradient - expected_gradient).norm() <= 1e-4 * expected_gradient.norm()
    again, same = loss_and_gradient(fused, sr, hr)
    assert again == value and torch.equal(gradient, same)  # deterministic: no atomic additions
