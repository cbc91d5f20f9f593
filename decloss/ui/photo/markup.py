"""The HTML of the photo panel, into which its scripts draw: a row of examples, the bar, the photo with its frame."""

import base64
import html
import io
from functools import cache
from pathlib import Path

from PIL import Image

from decloss.files.examples import example_photos
from decloss.pixels import SCALE
from decloss.views.scene import SIDE, STEP

ALT = "The photo that all tabs look at"
THUMBNAIL = (144, 96)
"""The width and height of a thumbnail's pixels, which screens with small pixels show at half the size."""
_CROP = f'data-side="{SIDE}" data-step="{STEP}" data-scale="{SCALE}"'
_UPLOAD = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 16V5m-4.5 4L12 4.5 16.5 9"/>'
    '<path d="M4 15v3.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V15"/></svg>'
)
BAR = (
    f'<div class="bar" {_CROP}><span class="bar-photo"><img alt="{ALT}"><i></i></span>'
    '<canvas id="place" role="img" aria-label="The crop at this place, as in the original photo"></canvas>'
    '<p class="bar-words"></p></div>'
)
CHANGE = (
    '<button type="button" aria-expanded="false" aria-controls="photo-fold">'
    '<span class="in-other-tabs">Change</span><span class="in-compare">More</span></button>'
)
PLACE = (
    f'<div class="place-box" {_CROP}><img alt="{ALT}, with a frame around the place" draggable="false"></div>'
    '<p class="place-hint">Drag the frame, click a place, or use the arrow keys. It serves all tabs.</p>'
    '<div class="place-ways"><button type="button" class="camera">Take a picture</button>'
    '<button type="button" class="paste">Paste a picture</button></div>'
)


@cache
def row_markup() -> str:
    """Return the HTML of the row: "Your photo", and a button with a picture for each example, in their order."""
    buttons = "".join(
        f'<button type="button" class="example" data-name="{html.escape(Path(path).name)}" aria-pressed="false" '
        f'title="{html.escape(credit)}"><img src="{_thumbnail(Path(path))}" alt="{html.escape(_name(credit))}">'
        "</button>"
        for path, credit in example_photos()
    )
    own = (
        f'<button type="button" id="your-photo" title="Or drop or paste one anywhere">{_UPLOAD}<span>Your photo</span>'
        "</button>"
    )
    return f'<div class="row">{own}<div class="examples" role="group" aria-label="Example photos">{buttons}</div></div>'


def _name(credit: str) -> str:
    return credit.partition(",")[0]


def _thumbnail(path: Path) -> str:
    """Return a data URL: the row is there with the page, without a request for each picture."""
    saved = io.BytesIO()
    with Image.open(path) as image:
        scale = min(image.width / THUMBNAIL[0], image.height / THUMBNAIL[1])
        width, height = (int(scale * side) for side in THUMBNAIL)  # the largest piece of that shape, from the middle
        left, top = (image.width - width) // 2, (image.height - height) // 2
        piece = (left, top, left + width, top + height)
        image.convert("RGB").resize(THUMBNAIL, box=piece).save(saved, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(saved.getvalue()).decode()
