"""core/landsat/products: both levels from folder and tar, and damaged metadata."""

from __future__ import annotations

import tarfile

import numpy as np
import pytest

from srsat_qgis.core.errors import ProductNotReadable
from srsat_qgis.core.landsat.products import open_product
from srsat_qgis.core.landsat.radiometry import SURFACE, TOP_OF_ATMOSPHERE
from srsat_qgis.core.raster.reader import Raster
from tests.rasters import write_raster

STEM = "LC08_L{}_171083_20150923_20200908_02_T1"


def metadata(level: str) -> str:
    """Return a Collection 2 file; that of level 2 holds the level 1 names and scales too, as real ones do."""
    stem = STEM.format(level)
    suffix = "SR_B" if level == "2SP" else "B"
    lines = [
        "GROUP = LANDSAT_METADATA_FILE",
        "  GROUP = PRODUCT_CONTENTS",
        f'    PROCESSING_LEVEL = "L{level}"',
    ]
    lines += [f'    FILE_NAME_BAND_{n} = "{stem}_{suffix}{n}.TIF"' for n in (2, 3)]
    lines += [f'    FILE_NAME_QUALITY_L1_PIXEL = "{stem}_QA_PIXEL.TIF"', "  END_GROUP = PRODUCT_CONTENTS"]
    lines += [
        "  GROUP = IMAGE_ATTRIBUTES",
        '    SPACECRAFT_ID = "LANDSAT_8"',
        "    DATE_ACQUIRED = 2015-09-23",
    ]
    lines += ["    SUN_AZIMUTH = 50.5", "    SUN_ELEVATION = 30.0", "  END_GROUP = IMAGE_ATTRIBUTES"]
    if level == "2SP":
        lines += ["  GROUP = LEVEL1_PROCESSING_RECORD", '    FILE_NAME_BAND_2 = "LC08_L1TP_B2.TIF"']
        lines += ["  END_GROUP = LEVEL1_PROCESSING_RECORD", "  GROUP = LEVEL2_SURFACE_REFLECTANCE_PARAMETERS"]
        lines += [f"    REFLECTANCE_MULT_BAND_{n} = 2.75e-05" for n in (2, 3)]
        lines += [f"    REFLECTANCE_ADD_BAND_{n} = -0.2" for n in (2, 3)]
        lines += ["  END_GROUP = LEVEL2_SURFACE_REFLECTANCE_PARAMETERS"]
    lines += ["  GROUP = LEVEL1_RADIOMETRIC_RESCALING"]
    lines += [f"    REFLECTANCE_MULT_BAND_{n} = 2.0000E-05" for n in (2, 3)]
    lines += [f"    REFLECTANCE_ADD_BAND_{n} = -0.100000" for n in (2, 3)]
    lines += ["  END_GROUP = LEVEL1_RADIOMETRIC_RESCALING", "END_GROUP = LANDSAT_METADATA_FILE", "END"]
    return "\n".join(lines) + "\n"


def product(folder, level="2SP", text=None):
    """Write a product of two bands and QA_PIXEL."""
    folder.mkdir(exist_ok=True)
    stem, suffix = STEM.format(level), "SR_B" if level == "2SP" else "B"
    for name in (f"{suffix}2", f"{suffix}3", "QA_PIXEL"):
        write_raster(folder / f"{stem}_{name}.TIF", np.full((1, 4, 5), 10000, np.uint16))
    (folder / f"{stem}_MTL.txt").write_text(metadata(level) if text is None else text)
    return folder


def test_level_2_is_surface_reflectance_by_its_own_scale(tmp_path):
    found = open_product(str(product(tmp_path / "scene")))
    assert (found.level, found.spacecraft, found.date) == (SURFACE, "LANDSAT_8", "2015-09-23")
    assert (found.sun_elevation, found.sun_azimuth) == (30.0, 50.5)
    assert list(found.bands) == [2, 3]
    assert found.bands[2].path.endswith("_SR_B2.TIF")
    np.testing.assert_allclose(
        found.bands[2].reflectance(np.array([0, 7273, 43636])), [np.nan, 7.5e-6, 0.99999], atol=1e-9
    )
    assert found.quality.endswith("_QA_PIXEL.TIF")


def test_level_1_is_divided_by_the_height_of_the_sun(tmp_path):
    found = open_product(str(product(tmp_path / "scene", "1TP")))
    assert found.level == TOP_OF_ATMOSPHERE
    # (2e-5 * 10000 - 0.1) / sin(30 degrees)
    np.testing.assert_allclose(found.bands[3].reflectance(np.array([10000])), [0.2], atol=1e-12)


def test_a_tar_is_read_in_place(tmp_path):
    folder = product(tmp_path / "scene")
    with tarfile.open(tmp_path / "scene.tar", "w") as archive:
        for file in folder.iterdir():
            archive.add(file, file.name)
    found = open_product(str(tmp_path / "scene.tar"))
    assert Raster(found.bands[2].path).grid.cols == 5
    assert found.bands[2].path.startswith("/vsitar/")


def test_files_of_angles_are_found_whole_or_not_at_all(tmp_path):
    """Level 1 delivers them; beside level 2 they keep their names."""
    folder = product(tmp_path / "scene")
    assert open_product(str(folder)).angles == {}
    for kind in ("SZA", "SAA", "VZA", "VAA"):
        assert open_product(str(folder)).angles == {}
        write_raster(folder / f"{STEM.format('1TP')}_{kind}.TIF", np.zeros((1, 4, 5), np.int16))
    found = open_product(str(folder)).angles
    assert found == {
        kind: str(folder / f"{STEM.format('1TP')}_{kind}.TIF") for kind in ("SZA", "SAA", "VZA", "VAA")
    }
    with tarfile.open(tmp_path / "scene.tar", "w") as archive:
        for file in folder.iterdir():
            archive.add(file, file.name)
    told = open_product(str(tmp_path / "scene.tar")).angles
    assert told["VAA"] == f"/vsitar/{tmp_path}/scene.tar/{STEM.format('1TP')}_VAA.TIF"
    write_raster(folder / "other_SZA.tif", np.zeros((1, 4, 5), np.int16))
    assert open_product(str(folder)).angles == {}


def test_the_metadata_file_itself_is_a_product(tmp_path):
    folder = product(tmp_path / "scene")
    path = next(folder.glob("*_MTL.txt"))
    assert open_product(str(path)).bands[3].path == str(folder / f"{STEM.format('2SP')}_SR_B3.TIF")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("END\n", "", "cut off; expected END"),
        (
            "GROUP = IMAGE_ATTRIBUTES\n",
            "GARBAGE\n",
            "line 8 of the metadata file is 'GARBAGE', expected NAME",
        ),
        ("END_GROUP = IMAGE_ATTRIBUTES", "END_GROUP = OTHER", "ends the group OTHER, which is not open"),
        ("SUN_ELEVATION = 30.0", "SUN_ELEVATION = high", "SUN_ELEVATION is 'high', expected a number"),
        ("SUN_ELEVATION = 30.0", "SUN_ELEVATION = -3", "SUN_ELEVATION is -3 degrees, expected above 0"),
        ("    SUN_ELEVATION = 30.0\n", "", "lacks SUN_ELEVATION in IMAGE_ATTRIBUTES"),
        ("LANDSAT_8", "LANDSAT_5", "SPACECRAFT_ID is LANDSAT_5, expected LANDSAT_8 or LANDSAT_9"),
        ("_SR_B3.TIF", "_SR_B33.TIF", r"names .*_SR_B33.TIF, which is not there"),
        ("_SR_B3.TIF", "_../../B3.TIF", "which is not there"),
        ("MULT_BAND_2 = 2.75e-05", "MULT_BAND_4 = 2.75e-05", "lacks REFLECTANCE_MULT_BAND_2 in LEVEL2"),
    ],
)
def test_damaged_metadata_is_one_clear_line(tmp_path, old, new, message):
    text = metadata("2SP")
    assert old in text
    head, _, tail = text.rpartition(old) if old == "END\n" else text.partition(old)
    folder = product(tmp_path / "scene", text=head + new + tail)
    with pytest.raises(ProductNotReadable, match=message):
        open_product(str(folder))


def test_what_is_no_product_is_refused(tmp_path):
    with pytest.raises(ProductNotReadable, match="no such file or folder"):
        open_product(str(tmp_path / "nothing"))
    with pytest.raises(ProductNotReadable, match=r"expected one file .*_MTL.txt, found 0"):
        open_product(str(tmp_path))
    (tmp_path / "scene.tar").write_bytes(b"not a tar")
    with pytest.raises(ProductNotReadable, match="expected a Landsat folder or tar"):
        open_product(str(tmp_path / "scene.tar"))


def test_a_band_that_is_missing_is_named(tmp_path):
    with pytest.raises(ProductNotReadable, match="has no band B8; found B2, B3"):
        open_product(str(product(tmp_path / "scene"))).band(8)
