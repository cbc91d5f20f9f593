"""Files that somebody might send to do harm, made here: bombs, lies, loops, cut ones, and what is no image at all."""

import struct
import zlib
from collections.abc import Callable
from functools import partial

import numpy as np
from colour_spaces import cmyk_profile
from hostile_others import OTHERS
from hostile_parts import (
    PHOTO,
    after_start,
    bmp,
    canvas,
    chunk,
    exif,
    frame,
    gif,
    header,
    jpeg,
    patched,
    pixels,
    png,
    riff,
    segment,
    tiff,
)
from hostile_profiles import PROFILES
from image_files import save
from PIL import Image

KINDS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "AVIF", "HEIF")
LARGEST = 2**31 - 1
Make = Callable[[], bytes]


def flat(kind: str, mode: str, side: int = 5000, **options: object) -> bytes:
    """A file of a few kilobytes whose 25 million pixels are just allowed."""
    return save(Image.new(mode, (side, side)), kind, **options)


def deep_flat() -> bytes:
    """16-bit RGBA: 200 MB of zeros."""
    return png(header(5000, 5000, 16, 6), pixels(5000 * (1 + 8 * 5000)))


def many_scans(side: int = 5000, scans: int = 2000) -> bytes:
    """A progressive JPEG of a few kilobytes that is decoded over and over: seconds for each megabyte of pixels."""
    content = flat("JPEG", "L", side, progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * scans + b"\xff\xd9"


def jpeg_turned(value: int, kind: int) -> bytes:
    """Its EXIF orientation is ``value``, said to be of the type ``kind``."""
    return after_start(segment(0xE1, b"Exif\0\0" + exif(tag=0x112, kind=kind, value=value)))


BOMBS: dict[str, Make] = {
    "png 2^31 a side": lambda: png(header(LARGEST, LARGEST), pixels()),
    "png 60,000 a side": lambda: png(header(60_000, 60_000), pixels()),
    "png one pixel too many": lambda: png(header(25_000_001, 1), pixels()),
    "png 1 x 2^31": lambda: png(header(1, LARGEST), pixels()),
    "png 13,000 a side": lambda: flat("PNG", "1", 13_000),
    "png in one row of 16-bit grey": lambda: png(header(25_000_000, 1, 16, 0), pixels(1 + 2 * 25_000_000)),
    "png text": lambda: png(header(), chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(60_000_000))), pixels()),
    "png international text": lambda: png(
        header(), chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(60_000_000))), pixels()
    ),
    "png profile": lambda: png(header(), chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(60_000_000))), pixels()),
    "png many texts": lambda: png(header(), chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000))) * 100, pixels()),
    "png more pixels than its size": lambda: png(header(), pixels(60_000_000)),
    "png 100,000 chunks": lambda: png(header(), chunk(b"abCd", b"") * 100_000, pixels()),
    "gif 65,535 a side": lambda: gif(frame(65_535, 65_535) + b";", 65_535, 65_535),
    "gif frame beyond its screen": lambda: gif(frame(65_535, 65_535) + b";"),
    "gif second frame beyond its screen": lambda: gif(frame() + frame(65_535, 65_535) + b";"),
    "gif 20,000 frames": lambda: gif(frame() * 20_000 + b";"),
    "gif comment": lambda: gif(b"!\xfe" + (b"\xff" + b"a" * 255) * 4000 + b"\0" + frame() + b";"),
    "bmp 2^31 a side": lambda: bmp(LARGEST, LARGEST),
    "bmp upside down 2^31": lambda: bmp(8, -LARGEST - 1),
    "bmp run lengths": lambda: bmp(4900, 4900, 8, 1, bytes([255, 0]) * 90_000),
    "tiff 2^32 a side": lambda: tiff(width=2**32 - 1, height=2**32 - 1),
    "tiff strip that inflates": lambda: tiff(data=zlib.compress(bytes(100_000_000), 9), t259=(3, 1, 8)),
    "tiff tiles of 2^31": lambda: tiff(t322=(4, 1, 2**31 - 16), t323=(4, 1, 2**31 - 16), t324=(4, 1, 8)),
    "tiff 65,535 samples": lambda: tiff(t277=(3, 1, 65_535)),
    "tiff count of 2^32": lambda: tiff(t258=(3, 2**32 - 1, 8)),
    "webp canvas 2^24 a side": lambda: riff(canvas(2**24, 2**24), (b"VP8 ", bytes(40))),
    "webp lossless 16,384 a side": lambda: riff((b"VP8L", b"\x2f" + b"\xff" * 4 + bytes(40))),
    "webp lossy 16,383 a side": lambda: patched(
        save(PHOTO, "WEBP"), b"\x9d\x01\x2a", 3, struct.pack("<HH", 16383, 16383)
    ),
    "jpeg 65,535 a side": lambda: patched(jpeg(), b"\xff\xc0", 5, struct.pack(">HH", 65_535, 65_535)),
    "jpeg 65,535 x 300": lambda: patched(jpeg(), b"\xff\xc0", 5, struct.pack(">HH", 300, 65_535)),
    "jpeg 300 scans": lambda: many_scans(600, 300),
}

HEAVY: dict[str, Make] = {
    "webp": lambda: flat("WEBP", "RGBA", lossless=True, method=0),
    "png of 16 bits": deep_flat,
    "tiff of 32-bit floats": lambda: flat("TIFF", "F", compression="tiff_adobe_deflate"),
    "jpeg in cmyk": lambda: flat("JPEG", "CMYK", progressive=True, icc_profile=cmyk_profile(np.zeros((2, 2, 2, 2, 3)))),
    "avif": lambda: flat("AVIF", "RGBA", speed=10, subsampling="4:4:4"),
    "heic": lambda: flat("HEIF", "RGB", enc_params={"preset": "ultrafast"}),
    "png with a palette": lambda: flat("PNG", "P", transparency=0),
}
"""Just allowed, and as much work as there is."""

PNGS: dict[str, Make] = {
    "png 0 x 0": lambda: png(header(0, 0), pixels()),
    "png depth 3": lambda: png(header(depth=3), pixels()),
    "png colour type 5": lambda: png(header(colour=5), pixels()),
    "png filter 9": lambda: png(header(), chunk(b"IDAT", zlib.compress(b"\x09" * 200))),
    "png fewer rows than its size": lambda: png(header(8, 3000), pixels()),
    "png interlaced, and is not": lambda: png(header(100, 100, interlaced=1), pixels()),
    "png interlace 7": lambda: png(header(interlaced=7), pixels()),
    "png wrong sum of the header": lambda: png(chunk(b"IHDR", header()[8:-4], crc=1), pixels()),
    "png wrong sum of the pixels": lambda: png(header(), chunk(b"IDAT", zlib.compress(bytes(200)), crc=1)),
    "png wrong sum of the stream": lambda: png(header(), chunk(b"IDAT", zlib.compress(bytes(200))[:-4] + bytes(4))),
    "png chunk of 2^32": lambda: png(header(), chunk(b"tEXt", b"a", length=2**32 - 1), pixels()),
    "png pixels before the header": lambda: png(pixels(), header()),
    "png two headers": lambda: png(header(), header(4000, 4000), pixels()),
    "png without pixels": lambda: png(header()),
    "png without an end": lambda: png(header(), pixels(), end=b""),
    "png unknown critical chunk": lambda: png(header(), chunk(b"EVIL", b"x"), pixels()),
    "png palette missing": lambda: png(header(colour=3), pixels()),
    "png palette of 257": lambda: png(header(colour=3), chunk(b"PLTE", bytes(771)), pixels()),
    "png palette too short": lambda: png(header(colour=3), chunk(b"PLTE", bytes(3)), 
        chunk(b"IDAT", zlib.compress((b"\0" + b"\xff" * 8) * 8))),
    "png transparency too long": lambda: png(header(colour=3), chunk(b"PLTE", bytes(3)), 
        chunk(b"tRNS", bytes(999)), pixels()),
    "png empty stream": lambda: png(header(), chunk(b"IDAT", b"")),
    "png noise for a stream": lambda: png(header(), chunk(b"IDAT", bytes(range(256)))),
    "apng of 2^31 frames": lambda: png(header(), chunk(b"acTL", struct.pack(">II", LARGEST, 0)), pixels()),
    "apng frame beyond its canvas": lambda: png(
        header(), chunk(b"acTL", struct.pack(">II", 2, 0)),
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 60_000, 60_000, 9, 9, 1, 1, 0, 0)), pixels(),
    ),
    "apng out of order": lambda: png(
        header(), chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fdAT", bytes(4)), pixels(),
    ),
    "png exif that loops": lambda: png(header(), chunk(b"eXIf", exif()), pixels()),
    "png text with a null": lambda: png(header(), chunk(b"tEXt", b"\0" * 50), pixels()),
    "png of two bits": lambda: png(header(8, 8, 2, 0), chunk(b"IDAT", zlib.compress(bytes(24)))),
    "png 16-bit grey with alpha": lambda: png(header(8, 8, 16, 4), pixels(8 * 33)),
}  # fmt: skip

TIFFS: dict[str, Make] = {
    "tiff that follows itself": lambda: tiff(following=8),
    "tiff that goes on beyond its end": lambda: tiff(following=2**32 - 2),
    "tiff directory of 65,535": lambda: struct.pack("<2sHIH", b"II", 42, 8, 65_535) + bytes(600),
    "tiff directory beyond its end": lambda: struct.pack("<2sHI", b"II", 42, 2**32 - 1),
    "tiff directory in the header": lambda: struct.pack("<2sHI", b"II", 42, 0) + bytes(40),
    "tiff exif that loops": lambda: tiff(t34665=(4, 1, 8)),
    "tiff subdirectory that loops": lambda: tiff(t330=(13, 1, 8)),
    "tiff strips without end": lambda: tiff(t273=(4, 2**31, 8), t279=(4, 2**31, 8)),
    "tiff strip beyond its end": lambda: tiff(t273=(4, 1, 2**32 - 1)),
    "tiff strip of 2^32": lambda: tiff(t279=(4, 1, 2**32 - 1)),
    "tiff 0 rows a strip": lambda: tiff(t278=(4, 1, 0)),
    "tiff 0 x 0": lambda: tiff(width=0, height=0),
    "tiff depth 0": lambda: tiff(t258=(3, 1, 0)),
    "tiff depth 64": lambda: tiff(t258=(3, 1, 64), t339=(3, 1, 3)),
    "tiff unknown compression": lambda: tiff(t259=(3, 1, 50_000)),
    "tiff unknown colours": lambda: tiff(t262=(3, 1, 999)),
    "tiff predictor 3 without floats": lambda: tiff(data=zlib.compress(bytes(64)), t259=(3, 1, 8), t317=(3, 1, 3)),
    "tiff jpeg without tables": lambda: tiff(data=b"\xff\xd8\xff\xd9", t259=(3, 1, 7)),
    "tiff lzw of noise": lambda: tiff(data=bytes(range(256)) * 4, t259=(3, 1, 5)),
    "tiff fax of noise": lambda: tiff(data=bytes(range(256)), t258=(3, 1, 1), t259=(3, 1, 4)),
    "tiff packed bits beyond their end": lambda: tiff(data=b"\x7f" * 9, t259=(3, 1, 32773)),
    "tiff not a number": lambda: save(Image.fromarray(np.full((40, 40), np.nan, np.float32)), "TIFF"),
    "tiff infinite": lambda: save(Image.fromarray(np.full((40, 40), np.inf, np.float32)), "TIFF"),
    "tiff of 32 bits": lambda: save(Image.fromarray(np.full((40, 40), -(2**31), np.int32)), "TIFF"),
    "tiff big": lambda: b"II+\0\x08\0\0\0" + struct.pack("<Q", 16) + b"\xff" * 64,
    "tiff big-endian lie": lambda: b"MM" + tiff()[2:],
    **{f"tiff orientation {value}": partial(tiff, t274=(3, 1, value)) for value in (0, 6, 9, 65_535)},
    "tiff orientation in letters": lambda: tiff(t274=(2, 4, 0x00363636)),
    "tiff orientation as a fraction": lambda: tiff(t274=(5, 1, 8)),
}

JPEGS: dict[str, Make] = {
    "jpeg table cut off": lambda: after_start(segment(0xDB, b"\0" * 10)),
    "jpeg table 15": lambda: after_start(segment(0xDB, b"\x0f" + bytes(64))),
    "jpeg codes that overflow": lambda: after_start(segment(0xC4, b"\0" + b"\xff" * 16 + bytes(4080))),
    "jpeg segment of no length": lambda: after_start(segment(0xE0, b"", length=0)),
    "jpeg segment beyond its end": lambda: after_start(segment(0xE1, b"Exif\0\0", length=65_535)),
    "jpeg no components": lambda: patched(jpeg(), b"\xff\xc0", 9, b"\0"),
    "jpeg 255 components": lambda: patched(jpeg(), b"\xff\xc0", 9, b"\xff"),
    "jpeg sampling 15": lambda: patched(jpeg(), b"\xff\xc0", 11, b"\xff"),
    "jpeg 12 bits": lambda: patched(jpeg(), b"\xff\xc0", 4, b"\x0c"),
    "jpeg arithmetic": lambda: jpeg().replace(b"\xff\xc0", b"\xff\xc9"),
    "jpeg lossless": lambda: jpeg().replace(b"\xff\xc0", b"\xff\xc3"),
    "jpeg 0 rows": lambda: patched(jpeg(), b"\xff\xc0", 5, bytes(2)),
    "jpeg without a scan": lambda: jpeg()[: jpeg().index(b"\xff\xda")] + b"\xff\xd9",
    "jpeg without tables": lambda: jpeg().replace(b"\xff\xc4", b"\xff\xee"),
    "jpeg in jpeg": lambda: after_start(segment(0xE2, jpeg())),
    "jpeg two frames": lambda: patched(jpeg(), b"\xff\xc0", 0, segment(0xC0, b"\x08" + bytes(14))),
    "jpeg restarts": lambda: after_start(segment(0xDD, b"\0\1")),
    "jpeg rgb as cmyk": lambda: after_start(segment(0xEE, b"Adobe\0\x64\0\0\0\0\2")),
    "jpeg exif that loops": lambda: after_start(segment(0xE1, b"Exif\0\0" + exif())),
    "jpeg exif of 65,535": lambda: after_start(segment(0xE1, b"Exif\0\0" + exif(entries=65_535))),
    "jpeg exif far away": lambda: after_start(segment(0xE1, b"Exif\0\0" + exif(first=2**32 - 1))),
    "jpeg exif of noise": lambda: after_start(segment(0xE1, b"Exif\0\0" + bytes(range(256)))),
    **{
        f"jpeg orientation {value} of type {kind}": partial(jpeg_turned, value, kind)
        for value, kind in ((0, 3), (5, 3), (9, 3), (65_535, 3), (6, 2), (6, 7), (6, 12), (6, 99))
    },
    "jpeg profile in lost pieces": lambda: after_start(segment(0xE2, b"ICC_PROFILE\0\x09\x02" + bytes(90))),
    "jpeg photoshop of noise": lambda: after_start(segment(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\xff" + bytes(9))),
    "jpeg mpo of lies": lambda: after_start(segment(0xE2, b"MPF\0" + exif(tag=0xB001, value=LARGEST))),
    "mpo": lambda: save(PHOTO, "MPO", save_all=True, append_images=[PHOTO]),
    "jpeg start only, 10,000 times": lambda: b"\xff\xd8" * 10_000,
    "jpeg filled up": lambda: b"\xff\xd8" + b"\xff" * 100_000 + jpeg()[2:],
}

THE_REST: dict[str, Make] = {
    "gif without pixels": lambda: gif(b";"),
    "gif 0 x 0": lambda: gif(frame(0, 0) + b";", 0, 0),
    "gif codes of 200 bits": lambda: gif(frame(data=b"\xc8\2\x84\x51\0") + b";"),
    "gif codes of noise": lambda: gif(frame(100, 100, data=b"\x08\xff" + bytes(range(255)) + b"\0") + b";", 100, 100),
    "gif that never ends": lambda: gif(frame(data=b"\2" + b"\1\0" * 9)),
    "gif extensions only": lambda: gif(b"!\xf9\4\0\0\0\0\0" * 20_000),
    "gif extension of no length": lambda: gif(b"!\xf9\0" + frame() + b";"),
    "gif frame to the right of its screen": lambda: gif(frame(left=65_530) + b";"),
    "bmp 0 x 0": lambda: bmp(0, 0),
    "bmp depth 77": lambda: bmp(8, 8, 77),
    "bmp compression 9": lambda: bmp(8, 8, 24, 9),
    "bmp without pixels": lambda: bmp(4000, 4000, data=b""),
    "bmp moves beyond its end": lambda: bmp(8, 8, 8, 1, b"\0\2\xff\xff" * 40),
    "bmp header of 2^32": lambda: patched(bmp(8, 8), b"BM", 14, struct.pack("<I", 2**32 - 1)),
    "bmp pixels beyond its end": lambda: patched(bmp(8, 8), b"BM", 10, struct.pack("<I", 2**32 - 1)),
    "bmp masks of nonsense": lambda: bmp(8, 8, 32, 3, b"\xff" * 300),
    "webp empty": riff,
    "webp of a wrong length": lambda: riff((b"VP8 ", bytes(40)), length=2**32 - 2),
    "webp noise": lambda: riff((b"VP8L", b"\x2f" + bytes(range(256)))),
    "webp canvas without a picture": lambda: riff(canvas(8, 8)),
    "webp frame beyond its canvas": lambda: riff(
        canvas(8, 8), (b"ANIM", bytes(6)), (b"ANMF", b"\xff" * 16 + b"VP8L" + struct.pack("<I", 9) + bytes(9))
    ),
    "webp exif of noise": lambda: save(PHOTO, "WEBP", exif=b"Exif\0\0" + b"\xff" * 99),
    "animated webp cut off": lambda: save(PHOTO, "WEBP", save_all=True, append_images=[PHOTO.rotate(90)])[:-60],
    "animated webp of 100": lambda: save(PHOTO, "WEBP", save_all=True, 
        append_images=[PHOTO.rotate(i) for i in range(99)]),
}  # fmt: skip


def cut(kind: str, share: float) -> Make:
    def make() -> bytes:
        content = save(PHOTO, kind)
        return content[: int(share * len(content))]

    return make


CUT: dict[str, Make] = {
    f"{kind.lower()} cut at {share:.0%}": cut(kind, share)
    for kind in KINDS
    for share in (0.02, 0.1, 0.3, 0.6, 0.9, 0.99)
}
HOSTILE: dict[str, Make] = {**BOMBS, **PNGS, **TIFFS, **JPEGS, **PROFILES, **THE_REST, **OTHERS, **CUT}
