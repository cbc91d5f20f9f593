"""Colours: what is right is computed in float64 from the numbers by which the spaces are defined."""

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from colour_spaces import (
    ADOBE_GAMMA,
    ADOBE_RGB,
    BT_2020,
    DISPLAY_P3,
    PROPHOTO,
    SRGB,
    Curve,
    cmyk_profile,
    found_profile,
    from_lab,
    grey_profile,
    in_srgb,
    power,
    profile,
    rgb_profile,
    srgb_curve,
)
from hostile_parts import after_start, chunk, segment, tiff
from image_files import PHOTO, save
from PIL import Image, ImageCms
from skimage import data

from decloss.files.colour import MAX_PROFILE_BYTES, make_profile
from decloss.files.images import decode_photo

P3 = rgb_profile(DISPLAY_P3, None, "Display P3")
BRICK, BRICK_IN_SRGB = (200, 60, 40), (217, 42, 23)
IGNORED = "Its colour profile is damaged and was ignored."
COLOURS = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
SPACES: dict[str, tuple[bytes, tuple[float, ...], Curve]] = {
    "Display P3": (P3, DISPLAY_P3, srgb_curve),
    "Adobe RGB (1998)": (found_profile("rocket.jpg"), ADOBE_RGB, power(ADOBE_GAMMA)),
    "ProPhoto": (rgb_profile(PROPHOTO, 1.8, "ProPhoto"), PROPHOTO, power(1.8)),
    "BT.2020": (rgb_profile(BT_2020, 2.4, "BT.2020"), BT_2020, power(2.4)),
}


def png(pixels: np.ndarray, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with further chunks behind its header."""
    content = save(Image.fromarray(pixels), "PNG")
    return content[:33] + b"".join(chunk(*each) for each in chunks) + content[33:]


def gamma(value: int) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", value)


def chromaticities(primaries: tuple[float, ...]) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(100_000 * value) for value in primaries))


def compressed(icc: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"a\0\0" + zlib.compress(icc)


def by_littlecms(space: Any) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()


def flat(colour: Any, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (16, 16), colour)


def assert_kept(content: bytes, pixels: np.ndarray, *notes: str) -> None:
    photo = decode_photo(content)
    assert np.array_equal(photo.pixels, pixels) and photo.notes == notes


@pytest.mark.parametrize("name", SPACES)
def test_every_colour_is_within_a_level_of_the_truth(name: str) -> None:
    icc, primaries, curve = SPACES[name]
    photo = decode_photo(save(Image.fromarray(COLOURS), "PNG", icc_profile=icc))
    assert np.abs(photo.pixels - in_srgb(COLOURS, primaries, curve)).max() <= 1
    assert photo.notes == (f"Colours were converted from {name} to sRGB.",)


@pytest.mark.parametrize("name", SPACES)
def test_a_photo_is_as_near_to_the_truth_as_rounding_allows(name: str) -> None:
    icc, primaries, curve = SPACES[name]
    pixels = data.coffee()
    truth = np.rint(in_srgb(pixels, primaries, curve))

    def decibels(shown: np.ndarray) -> float:
        return 10 * float(np.log10(255**2 / ((shown - truth) ** 2).mean()))

    assert decibels(pixels) < 30
    assert decibels(decode_photo(save(Image.fromarray(pixels), "PNG", icc_profile=icc)).pixels) > 55


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("TIFF", {}),
        ("WEBP", {"lossless": True}),
        ("JPEG", {"quality": 100, "subsampling": 0}),
        ("AVIF", {"quality": 100, "subsampling": "4:4:4"}),
        ("HEIF", {"quality": -1, "chroma": 444}),
    ],
)
def test_a_brick_in_display_p3_is_the_same_red_in_every_format(kind: str, options: dict[str, Any]) -> None:
    photo = decode_photo(save(flat(BRICK), kind, icc_profile=P3, **options))
    assert np.abs(photo.pixels.astype(int) - BRICK_IN_SRGB).max() <= (0 if kind in ("PNG", "TIFF", "WEBP") else 2)
    assert photo.notes == ("Colours were converted from Display P3 to sRGB.",)


def test_colours_are_converted_in_every_mode() -> None:
    palette = save(flat(BRICK).quantize(4), "PNG", icc_profile=P3)
    assert (decode_photo(palette).pixels == BRICK_IN_SRGB).all()
    deep = struct.pack(">3H", *(257 * value for value in BRICK))
    rows = zlib.compress(8 * (b"\0" + 8 * deep))
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0))
    content += chunk(*compressed(P3)) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    photo = decode_photo(content)
    assert (photo.pixels == BRICK_IN_SRGB).all() and photo.notes[1] == "16 bits a channel: reduced to 8."


def test_colours_are_converted_before_they_are_laid_over_white() -> None:
    photo = decode_photo(save(flat((*BRICK, 51), "RGBA"), "PNG", icc_profile=P3))
    assert np.abs(photo.pixels - (0.2 * np.array(BRICK_IN_SRGB) + 0.8 * 255)).max() <= 1
    assert len(photo.notes) == 2


def test_a_turned_photo_is_converted_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = decode_photo(save(Image.fromarray(np.rot90(PHOTO).copy()), "PNG", icc_profile=P3, exif=exif))
    assert np.abs(photo.pixels - in_srgb(PHOTO, DISPLAY_P3, srgb_curve)).max() <= 1


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P"])
@pytest.mark.parametrize("source", ["littleCMS", "Hewlett-Packard", "by numbers"])
def test_a_profile_of_srgb_changes_nothing_and_needs_no_note(mode: str, source: str) -> None:
    icc = {
        "littleCMS": lambda: by_littlecms("sRGB"),
        "Hewlett-Packard": lambda: found_profile("chelsea.png"),
        "by numbers": lambda: make_profile(SRGB, None),
    }[source]()
    image = Image.fromarray(PHOTO).convert(mode)
    assert_kept(save(image, "PNG", icc_profile=icc), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize(
    "chunks",
    [
        [gamma(45455)],
        [gamma(45000), chromaticities(SRGB)],
        [chromaticities((0.31269, 0.32899, 0.63999, 0.33001, 0.3, 0.6, 0.15, 0.05999))],
        [gamma(100_000), chromaticities(DISPLAY_P3), (b"sRGB", b"\0")],
        [gamma(100_000), (b"sRGB", b"\0")],
        [(b"cICP", bytes([1, 13, 0, 1])), gamma(100_000)],
    ],
)
def test_a_png_that_says_it_is_in_srgb_is_left_alone(chunks: list[tuple[bytes, bytes]]) -> None:
    assert_kept(png(PHOTO, *chunks), PHOTO)


NAMED_BY_NUMBERS: list[tuple[list[tuple[bytes, bytes]], tuple[float, ...], Curve]] = [
    ([gamma(100_000)], SRGB, power(1.0)),
    ([gamma(55_556)], SRGB, power(1.8)),
    ([chromaticities(DISPLAY_P3)], DISPLAY_P3, srgb_curve),
    ([gamma(45_455), chromaticities(ADOBE_RGB)], ADOBE_RGB, power(2.2)),
    ([(b"cICP", bytes([12, 13, 0, 1]))], DISPLAY_P3, srgb_curve),
    ([(b"cICP", bytes([9, 8, 0, 1])), gamma(45_455)], BT_2020, power(1.0)),
    (
        [(b"cICP", bytes([12, 13, 0, 1])), compressed(make_profile(SRGB, None))],
        DISPLAY_P3,
        srgb_curve,
    ),
]


@pytest.mark.parametrize(("chunks", "primaries", "curve"), NAMED_BY_NUMBERS)
def test_a_png_without_a_profile_is_converted_by_its_numbers(
    chunks: list[tuple[bytes, bytes]], primaries: tuple[float, ...], curve: Curve
) -> None:
    photo = decode_photo(png(COLOURS, *chunks))
    assert np.abs(photo.pixels - in_srgb(COLOURS, primaries, curve)).max() <= 1
    assert len(photo.notes) == 1 and photo.notes[0].startswith("Colours were converted from its own ")


def test_a_profile_wins_over_gamma_and_primaries() -> None:
    content = png(np.asarray(flat(BRICK)), compressed(P3), gamma(100_000))
    assert (decode_photo(content).pixels == BRICK_IN_SRGB).all()


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_the_numbers_of_avif_and_heic_are_heeded(kind: str) -> None:
    options = {"quality": 100, "subsampling": "4:4:4"} if kind == "AVIF" else {"quality": -1, "chroma": 444}
    content = save(flat(BRICK), kind, **options)
    place = content.index(b"colrnclx") + 8
    assert content[place : place + 4] == b"\0\1\0\x0d"
    assert not decode_photo(content).notes
    p3 = decode_photo(content[: place + 1] + b"\x0c" + content[place + 2 :])
    assert np.abs(p3.pixels.astype(int) - BRICK_IN_SRGB).max() <= 2
    assert p3.notes == ("Colours were converted from its own colour space to sRGB.",)
    hdr = decode_photo(content[: place + 3] + b"\x10" + content[place + 4 :])
    assert hdr.notes == ("Its colours are meant for HDR screens and were not converted.",)


def test_grey_is_converted_by_a_profile_of_grey_and_stays_grey() -> None:
    levels = np.tile(np.arange(256, dtype=np.uint8), (4, 1))
    truth = in_srgb(np.repeat(levels[..., None], 3, axis=2), SRGB, power(1.0))
    icc = grey_profile(1.0)
    alpha = np.dstack([levels, np.full_like(levels, 255)])
    for image in (levels, levels.astype(np.uint16) * 257, alpha):
        photo = decode_photo(save(Image.fromarray(image), "PNG", icc_profile=icc))
        assert np.abs(photo.pixels - truth).max() <= 1
        assert photo.notes[0] == "Colours were converted from Test to sRGB."
    rgb = save(Image.fromarray(levels), "PNG", icc_profile=make_profile(SRGB, 1.0))
    assert np.abs(decode_photo(rgb).pixels - truth).max() <= 1


def test_inks_are_converted_by_their_profile() -> None:
    lab = np.random.default_rng(1).integers((60, 118, 118), (200, 138, 138), (2, 2, 2, 2, 3))
    lab[0, 0, 0, 0], lab[1, 1, 1, 1] = (255, 128, 128), (20, 128, 128)
    icc = cmyk_profile(lab)
    for inks in np.ndindex(2, 2, 2, 2):
        content = save(flat(tuple(255 * ink for ink in inks), "CMYK"), "TIFF", icc_profile=icc)
        photo = decode_photo(content)
        lightness, a, b = lab[inks]
        if inks == (1, 1, 1, 1):
            assert (photo.pixels <= 1).all()  # the darkest that it prints becomes black
        elif inks == (0, 0, 0, 0):
            assert (photo.pixels == 255).all()
        elif lightness > 100:  # hardly moved by that
            truth = from_lab(lightness / 2.55, a - 128.0, b - 128.0)
            assert np.abs(photo.pixels - truth).max() < 6, inks
        assert photo.notes == ("Colours were converted from Test to sRGB.",)


BROKEN: dict[str, Any] = {
    "noise": lambda: save(flat(BRICK), "PNG", icc_profile=bytes(range(256)) * 4),
    "cut": lambda: save(flat(BRICK), "PNG", icc_profile=found_profile("chelsea.png")[:500]),
    "a header alone": lambda: save(flat(BRICK), "PNG", icc_profile=profile(b"RGB ", b"XYZ ", {})),
    "too large": lambda: save(flat(BRICK), "TIFF", icc_profile=P3 + bytes(MAX_PROFILE_BYTES)),
    "for inks": lambda: save(flat(BRICK), "PNG", icc_profile=cmyk_profile(np.zeros((2, 2, 2, 2, 3)))),
    "for grey": lambda: save(flat(BRICK), "PNG", icc_profile=grey_profile(1.0)),
    "for Lab": lambda: save(flat(BRICK), "PNG", icc_profile=by_littlecms("LAB")),
    "not compressed": lambda: png(np.asarray(flat(BRICK)), (b"iCCP", b"a\0\0" + P3)),
    "gamma 0": lambda: png(np.asarray(flat(BRICK)), gamma(0)),
    "gamma 2^31": lambda: png(np.asarray(flat(BRICK)), gamma(2**31)),
    "primaries in one place": lambda: png(np.asarray(flat(BRICK)), chromaticities((0.3,) * 8)),
    "primaries of 0": lambda: png(np.asarray(flat(BRICK)), chromaticities((0,) * 8)),
    "two primaries": lambda: png(np.asarray(flat(BRICK)), (b"cHRM", bytes(16))),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_profile_is_a_note(name: str) -> None:
    assert_kept(BROKEN[name](), np.asarray(flat(BRICK)), IGNORED)


def test_a_profile_whose_pieces_are_lost_is_a_note() -> None:
    lost = after_start(segment(0xE2, b"ICC_PROFILE\0\x09\x02" + bytes(90)))
    assert decode_photo(lost).notes == (IGNORED,)


def test_numbers_in_the_place_of_a_profile_are_a_note() -> None:
    photo = decode_photo(tiff(data=bytes(range(64)), t34675=(4, 1, 7)))
    assert photo.notes == (IGNORED,) and photo.pixels[7, 7, 0] == 63


def test_a_profile_cannot_write_what_it_wants_into_the_note() -> None:
    name = "P3 <script>alert(1)</script> [a](javascript:b) _x_ `y`\n\u202e " + 90 * "z"
    (note,) = decode_photo(save(flat(BRICK), "PNG", icc_profile=rgb_profile(DISPLAY_P3, None, name))).notes
    told = note.removeprefix("Colours were converted from ").removesuffix(" to sRGB.")
    assert told.startswith("P3 script alert(1)") and len(told) <= 40
    assert not set(told) & set("<>[]_`\n\u202e")


def test_a_profile_without_a_name_is_used() -> None:
    photo = decode_photo(save(flat(BRICK), "PNG", icc_profile=rgb_profile(DISPLAY_P3, None, "")))
    assert (photo.pixels == BRICK_IN_SRGB).all()
    assert photo.notes == ("Colours were converted from its own colour profile to sRGB.",)
