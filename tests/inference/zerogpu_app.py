"""The app as a ZeroGPU Space starts it: ``python tests/inference/zerogpu_app.py OPTIONS``, options as for app.py.

As in ``zerogpu_stand_in.py`` only the two calls that need a GPU are left out of the client.
"""

import runpy
import sys
from pathlib import Path

import spaces.zero.torch

ROOT = Path(__file__).resolve().parent.parent.parent

spaces.zero.torch.init = lambda nvidia_uuid: None  # there is no GPU to take hold of,
spaces.zero.torch.move = lambda callback: None  # or to move tensors to
sys.path[0] = str(ROOT)
sys.argv[0] = str(ROOT / "app.py")
runpy.run_path(sys.argv[0], run_name="__main__")
