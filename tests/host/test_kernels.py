"""Code for sizes that were long ago is forgotten, so that memory does not grow with every new size of photo."""

import pytest
import torch
from conftest import run_python

from decloss.host.kernels import MOST_KERNELS

SCRIPT = f"""
import torch
from decloss.host.kernels import keep_few_kernels
keep_few_kernels()
convolve = torch.nn.Conv2d(3, 8, 3)
for width in (*range(3, {MOST_KERNELS} + 13), {MOST_KERNELS} + 12, 3):
    print("width", width, flush=True)
    convolve(torch.zeros(2, 3, 8, width))
"""


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this torch computes without oneDNN")
def test_what_was_used_last_is_kept_and_what_was_used_long_ago_is_not() -> None:
    ran = run_python("-c", SCRIPT, ONEDNN_VERBOSE="2")
    assert ran.returncode == 0, ran.stderr
    *_, first_time, just_now, long_ago = ran.stdout.split("width ")
    made = [",create:cache_miss,cpu,convolution," in part for part in (first_time, just_now, long_ago)]
    assert made == [True, False, True], ran.stdout[-2000:]
