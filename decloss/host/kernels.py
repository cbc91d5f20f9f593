"""What torch keeps of its work on CPUs: code that oneDNN writes anew for each size of image."""

import os

MOST_KERNELS = 256
"""EDSR needs 9 for each size, RRDB 19, a step of training with VGG-16 132; with fewer each is made again and again.

Over 400 sizes of photo memory grows by 140 MB, with oneDNN's own 1024 by 310.
"""


def keep_few_kernels() -> None:
    """Keep ``MOST_KERNELS`` at most, unless the environment says otherwise; only heard before torch computes anything.

    For programs that run for long: a library leaves this to whoever uses it.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(MOST_KERNELS))
