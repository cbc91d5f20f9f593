"""Files that are no image, or one of a kind that is not read here, or two things at once."""

import gzip
import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from functools import partial

from hostile_parts import PHOTO, SIGNATURE, after_start, frame, gif, header, jpeg, pixels, png, segment, tiff
from image_files import save


def packed_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(50_000_000))
    return buffer.getvalue()


class Command:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("unpickled",)


OTHERS: dict[str, Callable[[], bytes]] = {
    "avif-like": lambda: b"\0\0\0 ftypavif" + bytes(40),
    "heic-like": lambda: b"\0\0\0\x18ftypheic" + bytes(40),
    "jpeg 2000": lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60),
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
    "svg with an entity of the server": lambda: b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
    "svg of a billion laughs": lambda: b'<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>',
    "html": lambda: b"<!doctype html><html><body onload=alert(1)></body></html>",
    "pdf": lambda: b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF",
    "eps": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd)(r) file 99 string readstring\n",
    "postscript in a dos header": lambda: b"\xc5\xd0\xd3\xc6"
    + struct.pack("<6I", 32, 99, 0, 0, 0, 0) + b"%!PS" + bytes(99),
    "ico": lambda: save(PHOTO, "ICO"),
    "icns": lambda: b"icns" + struct.pack(">I", 2**32 - 1) + bytes(40),
    "psd": lambda: b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 60_000, 60_000, 8, 3) + bytes(40),
    "fits": lambda: b"SIMPLE  =                    T".ljust(80) + b"NAXIS   =                  999".ljust(80),
    "ppm": lambda: b"P6 65000 65000 255\n" + bytes(99),
    "ppm plain": lambda: b"P3 2 2 255 " + b"9" * 5000,
    "tga": lambda: save(PHOTO, "TGA"),
    "pcx": lambda: save(PHOTO, "PCX"),
    "dds": lambda: save(PHOTO, "DDS"),
    "xbm": lambda: b"#define a_width 60000\n#define a_height 60000\nstatic char a_bits[] = {0};",
    "im": lambda: save(PHOTO, "IM"),
    "spider": lambda: save(PHOTO.convert("F"), "SPIDER"),
    "fli": lambda: struct.pack("<IHHHHH", 200, 0xAF11, 9, 60_000, 60_000, 8).ljust(128, b"\0"),
    "wmf": lambda: b"\xd7\xcd\xc6\x9a" + bytes(80),
    "hdf5": lambda: b"\x89HDF\r\n\x1a\n" + bytes(80),
    "zip bomb": packed_zip,
    "gzip bomb": lambda: gzip.compress(bytes(50_000_000)),
    "pickle": lambda: pickle.dumps(Command()),
    "numpy with objects": lambda: b"\x93NUMPY\1\0v\0{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"
    + pickle.dumps(Command()),
    "elf": lambda: b"\x7fELF" + bytes(200),
    "exe": lambda: b"MZ" + bytes(200),
    "shell": lambda: b"#!/bin/sh\nrm -rf /\n",
    "json": lambda: json.dumps([[]] * 99).encode(),
    "nested json": lambda: b"[" * 100_000,
    "mp4": lambda: b"\0\0\0\x18ftypmp42" + bytes(99),
    "gif and javascript": lambda: b"GIF89a/*" + bytes(99) + b"*/=1;alert(1)",
    "gif and html": lambda: gif(frame() + b";") + b"<script>alert(1)</script>",
    "png and zip": lambda: png(header(), pixels()) + packed_zip(),
    "jpeg and html": lambda: after_start(segment(0xFE, b"--><script>alert(1)</script><!--")),
    "bmp and script": lambda: b"BM=1;/*" + bytes(99) + b"*/alert(1)",
    "pdf and jpeg": lambda: b"%PDF-1.7\n" + jpeg(),
    "tiff and zip": lambda: tiff() + packed_zip(),
    "empty": lambda: b"",
    **{f"one byte: {byte}": partial(bytes, [byte]) for byte in (0, 0x42, 0x89, 0xFF)},
    "zeros": lambda: bytes(100_000),
    "ones": lambda: b"\xff" * 100_000,
    "signatures only": lambda: SIGNATURE,
    "riff only": lambda: b"RIFF\0\0\0\0WEBP",
    "gif only": lambda: b"GIF89a",
    "bm only": lambda: b"BM",
    "ii only": lambda: b"II*\0",
    "newlines": lambda: b"\n" * 9999,
    "utf-16": lambda: "<svg></svg>".encode("utf-16"),
}  # fmt: skip
