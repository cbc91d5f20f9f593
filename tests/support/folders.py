"""Where the project lies, and the data that developers and CI have beside it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DATA_VARIABLE = "DECLOSS_TEST_DATA"


def data_folder() -> Path | None:
    """What ``DECLOSS_TEST_DATA`` names, or what lies beside the checkout."""
    folder = Path(os.environ.get(DATA_VARIABLE) or ROOT.parent / "shared" / "data")
    return folder if folder.is_dir() else None


def backbones_of_the_data() -> dict[str, str]:
    """The variable that tells the app where the backbones of the data are, unless it is set or there are none."""
    name, folder = "DECLOSS_BACKBONES", data_folder()
    return {name: str(folder / "backbones")} if folder and name not in os.environ else {}
