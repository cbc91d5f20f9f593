"""What hostile images are made of: well-formed pieces of PNG, TIFF, GIF, WebP, BMP, JPEG and EXIF that may lie."""

import struct
import zlib

from conftest import sample_photo
from image_files import save
from PIL import Image

PHOTO = Image.fromarray(sample_photo(24, 24))
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BLACK = save(Image.new("P", (8, 8)), "GIF")
GIF_PIXELS = _BLACK[_BLACK.rindex(struct.pack("<HHHHB", 0, 0, 8, 8, 0)) + 9 : -1]


def chunk(kind: bytes, body: bytes, crc: int | None = None, length: int | None = None) -> bytes:
    checked = zlib.crc32(kind + body) if crc is None else crc
    return struct.pack(">I", len(body) if length is None else length) + kind + body + struct.pack(">I", checked)


def header(width: int = 8, height: int = 8, depth: int = 8, colour: int = 2, interlaced: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def png(*parts: bytes, end: bytes = chunk(b"IEND", b"")) -> bytes:
    return SIGNATURE + b"".join(parts) + end


def pixels(length: int = 8 * 25) -> bytes:
    return chunk(b"IDAT", zlib.compress(bytes(length), 9))


def tiff(
    *, width: int = 8, height: int = 8, data: bytes = bytes(64), following: int = 0, **tags: tuple[int, int, int]
) -> bytes:
    """Little-endian, grey, one strip behind the directory; ``tags`` as t258=(type, count, value)."""
    entries = {
        256: (4, 1, width), 257: (4, 1, height), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1), 273: (4, 1, 0),
        277: (3, 1, 1), 278: (4, 1, height), 279: (4, 1, len(data)),
    }  # fmt: skip
    entries |= {int(name[1:]): entry for name, entry in tags.items()}
    where = 8 + 2 + 12 * len(entries) + 4
    if "t273" not in tags:
        entries[273] = (4, 1, where)
    packed = b"".join(struct.pack("<HHII", tag, *entry) for tag, entry in sorted(entries.items()))
    return struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + packed + struct.pack("<I", following) + data


def gif(frames: bytes, width: int = 8, height: int = 8) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + frames


def frame(width: int = 8, height: int = 8, left: int = 0, data: bytes = GIF_PIXELS) -> bytes:
    return b"," + struct.pack("<HHHHB", left, 0, width, height, 0) + data


def riff(*chunks: tuple[bytes, bytes], length: int | None = None) -> bytes:
    body = b"WEBP" + b"".join(k + struct.pack("<I", len(b)) + b + b"\0" * (len(b) % 2) for k, b in chunks)
    return b"RIFF" + struct.pack("<I", len(body) if length is None else length) + body


def canvas(width: int, height: int, flags: int = 0x02) -> tuple[bytes, bytes]:
    return b"VP8X", bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def bmp(width: int, height: int, depth: int = 24, compression: int = 0, data: bytes = bytes(64)) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, depth, compression, len(data), 1, 1, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(data), 0, 0, 54) + info + data


def jpeg(**options: object) -> bytes:
    return save(PHOTO, "JPEG", **options)


def segment(marker: int, body: bytes, length: int | None = None) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2 if length is None else length) + body


def after_start(*segments: bytes) -> bytes:
    """A good JPEG with more segments behind its first marker."""
    content = jpeg()
    return content[:2] + b"".join(segments) + content[2:]


def patched(content: bytes, mark: bytes, offset: int, new: bytes) -> bytes:
    """``content`` with ``new`` at ``offset`` bytes behind the first ``mark``."""
    place = content.index(mark) + offset
    return content[:place] + new + content[place + len(new) :]


def exif(*, first: int = 8, entries: int = 1, tag: int = 0x8769, kind: int = 4, value: int = 8) -> bytes:
    return b"II*\0" + struct.pack("<IH", first, entries) + struct.pack("<HHII", tag, kind, 1, value) + bytes(4)
