"""What some tests need of the system that they run on."""

import sys

import pytest

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: /proc, limits of memory, workers that fork")
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals, limits, links or a shell as POSIX has them")
