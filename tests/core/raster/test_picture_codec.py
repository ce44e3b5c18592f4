"""Pictures decoded and coded in memory: kinds of PNG, JPEG and WebP, and what is cut off or none."""

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import InvalidSetting, RasterNotReadable
from srsat_qgis.core.raster import picture_codec
from srsat_qgis.core.raster.picture_codec import check_codec, decode, encode, format_of, in_memory
from tests.tilesets import coded, decoded, scene

PICTURE = scene(64, 48)


def paletted(alphas) -> bytes:
    """Return a paletted PNG of the colours (1, 2, 3), (11, 12, 13) ... with these alphas."""
    memory = gdal.GetDriverByName("MEM").Create("", 16, 16, 1)
    table = gdal.ColorTable()
    for index, alpha in enumerate(alphas):
        table.SetColorEntry(index, (10 * index + 1, 10 * index + 2, 10 * index + 3, alpha))
    memory.GetRasterBand(1).SetColorTable(table)
    memory.WriteArray(np.arange(256, dtype=np.uint8).reshape(16, 16) % len(alphas))
    gdal.GetDriverByName("PNG").CreateCopy("/vsimem/paletted.png", memory)
    file = gdal.VSIFOpenL("/vsimem/paletted.png", "rb")
    content = bytes(gdal.VSIFReadL(1, gdal.VSIStatL("/vsimem/paletted.png").size, file))
    gdal.VSIFCloseL(file)
    return content


def test_colours_with_and_without_alpha():
    assert np.array_equal(decode(coded(PICTURE[:3])), PICTURE)
    holed = PICTURE.copy()
    holed[3, :9] = 0
    assert np.array_equal(decode(coded(holed)), holed)


def test_grey_with_and_without_alpha():
    grey = decode(coded(PICTURE[:1]))
    assert np.array_equal(grey, np.concatenate([PICTURE[:1].repeat(3, axis=0), PICTURE[3:]]))
    alpha = np.arange(64 * 48, dtype=np.uint8).reshape(1, 64, 48)
    assert np.array_equal(decode(coded(np.concatenate([PICTURE[:1], alpha])))[3], alpha[0])


def test_palettes_become_colours():
    picture = decode(paletted([255, 255, 255]))
    index = np.arange(256).reshape(16, 16) % 3
    assert np.array_equal(
        picture, np.stack([10 * index + 1, 10 * index + 2, 10 * index + 3, 0 * index + 255])
    )


def test_16_bits_become_their_upper_8():
    wide = (PICTURE[:3].astype(np.uint16) << 8) + 77
    memory = gdal.GetDriverByName("MEM").Create("", 48, 64, 3, gdal.GDT_UInt16)
    memory.WriteArray(wide)
    gdal.GetDriverByName("PNG").CreateCopy("/vsimem/wide.png", memory)
    file = gdal.VSIFOpenL("/vsimem/wide.png", "rb")
    content = bytes(gdal.VSIFReadL(1, gdal.VSIStatL("/vsimem/wide.png").size, file))
    gdal.VSIFCloseL(file)
    assert np.array_equal(decode(content), PICTURE)


@pytest.mark.parametrize(("name", "driver"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
def test_formats_are_known_by_their_bytes(name, driver):
    if gdal.GetDriverByName(driver) is None:
        pytest.skip(f"GDAL has no {driver}")
    assert format_of(coded(PICTURE[:3], driver)) == name
    assert format_of(encode(PICTURE, name, 90)) == name
    assert format_of(b"\x1f\x8b\x08 a vector tile") == ""


@pytest.mark.parametrize("driver", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_what_is_cut_off_is_refused(driver, share):
    if gdal.GetDriverByName(driver) is None:
        pytest.skip(f"GDAL has no {driver}")
    content = coded(scene(256, 256)[:3], driver)
    with pytest.raises(RasterNotReadable):
        decode(content[: int(share * len(content))])


@pytest.mark.parametrize(
    "content", [b"", b"<html>not found</html>", b"\x89PNG\r\n\x1a\n", b"GIF89a" + bytes(40)]
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(RasterNotReadable):
        decode(content)


def test_a_picture_that_is_no_tile_by_its_size_is_not_decoded(monkeypatch):
    """A file of a megabyte can hold pixels for gigabytes."""
    content = coded(np.zeros((1, 2, 5000), np.uint8))

    def unread(function, *arguments, **options):
        assert function.__name__ != "ReadAsArray"
        return function(*arguments, **options)

    monkeypatch.setattr(picture_codec, "call", unread)
    with pytest.raises(RasterNotReadable, match="5000 x 2 pixels, expected at most 4096 along a side"):
        decode(content)


def test_png_keeps_every_value_and_leaves_a_full_alpha_out():
    assert np.array_equal(decoded(encode(PICTURE, "png", 1)), PICTURE)
    gdal.FileFromMemBuffer("/vsimem/three.png", encode(PICTURE, "png", 1))
    assert gdal.Open("/vsimem/three.png").RasterCount == 3
    holed = PICTURE.copy()
    holed[3, 5:20, 5:20] = 128
    assert np.array_equal(decoded(encode(holed, "png", 1)), holed)


def test_jpeg_is_white_where_nothing_shows_and_quality_counts():
    holed = PICTURE.copy()
    holed[3, :32] = 0
    picture = decoded(encode(holed, "jpg", 95))
    assert (picture[:3, :24] > 250).all()
    assert np.abs(picture[:3, 40:].astype(int) - PICTURE[:3, 40:]).mean() < 12
    assert len(encode(PICTURE, "jpg", 10)) < len(encode(PICTURE, "jpg", 90)) / 2


def test_webp_keeps_alpha():
    if gdal.GetDriverByName("WEBP") is None:
        pytest.skip("GDAL has no WEBP")
    holed = PICTURE.copy()
    holed[3, :32] = 0
    assert np.array_equal(decoded(encode(holed, "webp", 90))[3], holed[3])


def test_nothing_stays_in_memory():
    before = set(gdal.ReadDir("/vsimem/") or ())
    decode(encode(PICTURE, "png", 75))
    with in_memory(PICTURE) as path:
        assert np.array_equal(gdal.Open(path).ReadAsArray(), PICTURE)
    assert set(gdal.ReadDir("/vsimem/") or ()) == before


def test_odd_formats_and_qualities_are_refused():
    with pytest.raises(InvalidSetting, match="'gif': expected one of png, jpg, webp"):
        check_codec("gif", 75)
    with pytest.raises(InvalidSetting, match="quality is 0; expected 1 to 100"):
        check_codec("jpg", 0)


def test_a_picture_that_gives_neither_pixels_nor_an_error_is_refused(monkeypatch):
    """As GDAL 3.10 does at times with one that is cut off."""
    plain = picture_codec.call

    def nothing_read(function, *arguments, **options):
        return None if function.__name__ == "ReadAsArray" else plain(function, *arguments, **options)

    monkeypatch.setattr(picture_codec, "call", nothing_read)
    content = encode(np.zeros((4, 8, 8), np.uint8), "png", 75)
    with pytest.raises(RasterNotReadable, match="cut off or damaged"):
        decode(content)
