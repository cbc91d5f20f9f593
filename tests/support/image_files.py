"""Image files of every kind that people upload, good and bad, made here."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pillow_heif
from colour_spaces import DISPLAY_P3, in_srgb, rgb_profile, srgb_curve
from conftest import sample_photo
from PIL import Image

pillow_heif.register_heif_opener()

# The file, what it shows as (H, W, 3) 8-bit RGB, and part of the note that must come with it ("" for none).
Good = tuple[bytes, np.ndarray, str]
# The file, and a pattern for the sentence that refuses it.
Bad = tuple[bytes, str]

PHOTO = sample_photo(96, 128, seed=3)
GREY = PHOTO[..., 0]
FINE: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 97, "subsampling": 0},
    "WEBP": {"lossless": True},
    "AVIF": {"quality": 97, "subsampling": "4:4:4"},
    "HEIF": {"quality": 97, "chroma": 444},
}
"""How to write a format with hardly a loss."""
DEEP = GREY.astype(np.uint16) * 257


def save(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def exif_rotated(kind: str, orientation: int) -> Callable[[], Good]:
    """A file whose pixels lie as the camera was held, with the EXIF orientation that says so."""
    stored = {
        2: PHOTO[:, ::-1],
        3: PHOTO[::-1, ::-1],
        4: PHOTO[::-1],
        5: PHOTO.transpose(1, 0, 2),
        6: np.rot90(PHOTO),
        7: PHOTO[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(PHOTO, -1),
    }[orientation]

    def make() -> Good:
        exif = Image.Exif()
        exif[0x0112] = orientation
        options = dict(FINE.get(kind, {}))
        return save(Image.fromarray(stored.copy()), kind, exif=exif, **options), PHOTO, "EXIF"

    return make


def deep_colour(alpha: bool) -> Good:
    """A PNG of 16 bits a channel, which Pillow reads but cannot write."""
    layers = [PHOTO, np.full((*GREY.shape, 1), 255, np.uint8)] if alpha else [PHOTO]
    rows = (np.dstack(layers).astype(">u2") * 257).reshape(GREY.shape[0], -1)
    raw = b"".join(b"\0" + row.astype(">u2").tobytes() for row in rows)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", GREY.shape[1], GREY.shape[0], 16, 6 if alpha else 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts, PHOTO, "16 bits a channel"


def pages() -> Good:
    frames = [Image.fromarray(PHOTO), Image.fromarray(255 - PHOTO)]
    return save(frames[0], "TIFF", save_all=True, append_images=frames[1:]), PHOTO, "first is used"


def palette_with_alpha() -> Good:
    pixels = PHOTO.copy()
    pixels[:48] = 0
    image = Image.fromarray(pixels).quantize(255)
    shown = np.array(image.convert("RGB"))
    index = int(np.asarray(image)[0, 0])
    shown[np.asarray(image) == index] = 255
    return save(image, "PNG", transparency=index), shown, "white"


def rgba() -> Good:
    alpha = np.full(GREY.shape, 255, np.uint8)
    alpha[:, :64] = 0
    shown = PHOTO.copy()
    shown[:, :64] = 255
    return save(Image.fromarray(np.dstack([PHOTO, alpha])), "PNG"), shown, "white"


def animated(kind: str) -> Callable[[], Good]:
    def make() -> Good:
        frames = [Image.fromarray(PHOTO), Image.fromarray(255 - PHOTO)]
        options = {**FINE.get(kind, {}), "save_all": True, "append_images": frames[1:], "duration": 100}
        content = save(frames[0].quantize(256) if kind == "GIF" else frames[0], kind, **options)
        return content, PHOTO, "first is used"

    return make


def grey_rgb(values: np.ndarray) -> np.ndarray:
    return np.repeat(values[..., None], 3, axis=2)


def cmyk() -> Good:
    image = Image.fromarray(PHOTO).convert("CMYK")
    return save(image, "JPEG", **FINE["JPEG"]), np.array(image.convert("RGB")), ""


def heic() -> Good:
    return save(Image.fromarray(PHOTO), "HEIF", **FINE["HEIF"]), PHOTO, ""


def display_p3() -> Good:
    content = save(Image.fromarray(PHOTO), "PNG", icc_profile=rgb_profile(DISPLAY_P3, None, "Display P3"))
    return content, in_srgb(PHOTO, DISPLAY_P3, srgb_curve), "Display P3"


GOOD_FILES: dict[str, Callable[[], Good]] = {
    "png": lambda: (save(Image.fromarray(PHOTO), "PNG"), PHOTO, ""),
    "jpeg": lambda: (save(Image.fromarray(PHOTO), "JPEG", **FINE["JPEG"]), PHOTO, ""),
    "webp": lambda: (save(Image.fromarray(PHOTO), "WEBP", **FINE["WEBP"]), PHOTO, ""),
    "bmp": lambda: (save(Image.fromarray(PHOTO), "BMP"), PHOTO, ""),
    "tiff": lambda: (save(Image.fromarray(PHOTO), "TIFF"), PHOTO, ""),
    **{f"exif {turn} jpeg": exif_rotated("JPEG", turn) for turn in range(2, 9)},
    **{f"exif 6 {kind}": exif_rotated(kind, 6) for kind in ("PNG", "WEBP", "TIFF", "AVIF")},
    "16-bit rgb png": lambda: deep_colour(alpha=False),
    "16-bit rgba png": lambda: deep_colour(alpha=True),
    "tiff of two pages": pages,
    "float tiff": lambda: (
        save(Image.fromarray(GREY.astype(np.float32) / 255), "TIFF"),
        grey_rgb(GREY),
        "Floating-point",
    ),
    "palette with alpha": palette_with_alpha,
    "rgba": rgba,
    "grey": lambda: (save(Image.fromarray(GREY), "PNG"), grey_rgb(GREY), ""),
    "16-bit grey png": lambda: (save(Image.fromarray(DEEP), "PNG"), grey_rgb(GREY), "16-bit"),
    "16-bit grey tiff": lambda: (save(Image.fromarray(DEEP), "TIFF"), grey_rgb(GREY), "16-bit"),
    "bilevel": lambda: (
        save(Image.fromarray(GREY).convert("1"), "PNG"),
        grey_rgb(np.array(Image.fromarray(GREY).convert("1").convert("L"))),
        "",
    ),
    "cmyk jpeg": cmyk,
    "animated gif": animated("GIF"),
    "animated webp": animated("WEBP"),
    "avif": lambda: (save(Image.fromarray(PHOTO), "AVIF", **FINE["AVIF"]), PHOTO, ""),
    "animated avif": animated("AVIF"),
    "heic": heic,
    "display p3": display_p3,
}


def truncated(kind: str) -> Callable[[], Bad]:
    def make() -> Bad:
        content = save(Image.fromarray(PHOTO), kind)
        return content[: len(content) // 2], "damaged or incomplete"

    return make


def bomb() -> Bad:
    """A small file of 13,000 x 13,000 pixels."""
    return save(Image.new("1", (13_000, 13_000)), "PNG"), "25 million"


BAD_FILES: dict[str, Callable[[], Bad]] = {
    "empty": lambda: (b"", "not an image"),
    "text": lambda: (b"this is not an image\n" * 50, "not an image"),
    "html": lambda: (b"<html><script>alert(1)</script></html>", "not an image"),
    "svg": lambda: (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "not an image"),
    "pdf": lambda: (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", "not an image"),
    "postscript": lambda: (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "not an image"),
    "truncated png": truncated("PNG"),
    "truncated jpeg": truncated("JPEG"),
    "truncated webp": truncated("WEBP"),
    "truncated gif": truncated("GIF"),
    "truncated avif": truncated("AVIF"),
    "decompression bomb": bomb,
    "negative float tiff": lambda: (save(Image.fromarray(np.full((40, 40), -1.0, np.float32)), "TIFF"), "8-bit PNG"),
    "float tiff up to 255": lambda: (save(Image.fromarray(GREY.astype(np.float32)), "TIFF"), "8-bit PNG"),
}
