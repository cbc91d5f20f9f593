"""How much torch keeps of the code that oneDNN writes anew for each size of image on CPUs."""

import os

MOST_KERNELS = 256
"""The most pieces of that code that are kept. EDSR needs 9 for each size of image, RRDB 19, a step of training with
VGG-16 132; with fewer, each is made again. Over 400 sizes memory grows by 140 MB, with oneDNN's own 1024 by 310."""


def keep_few_kernels() -> None:
    """Keep at most ``MOST_KERNELS``, unless the environment says otherwise; call this before torch computes.

    This is for programs that run for long; a library leaves it to whoever uses it.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(MOST_KERNELS))
