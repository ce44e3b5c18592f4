"""Bands of rasters are known by name, wavelength, file or order, and are of one scene."""

from __future__ import annotations

import pytest

from srsat_qgis.core.errors import BandMismatch, InvalidSetting, MixedScenes
from srsat_qgis.core.sentinel2.scene import from_rasters, joined, open_scene
from srsat_qgis.core.superres.job import Source
from tests.core.sentinel2 import products
from tests.core.sentinel2.products import stack


def numbers(layers) -> dict[str, int]:
    return {band: layer.number for band, layer in layers.items()}


def test_stacks_are_known_by_description_in_any_spelling(tmp_path):
    source = stack(tmp_path / "a.tif", 4, 10, names=("B08", "B2, central wavelength 490 nm", "red", "Band 3"))
    assert numbers(from_rasters([source], 10)) == {"B8": 1, "B2": 2, "B4": 3, "B3": 4}


def test_stacks_are_known_by_wavelength(tmp_path):
    source = stack(tmp_path / "a.tif", 3, 20, wavelengths=(865, 1614, 705))
    assert numbers(from_rasters([source], 20)) == {"B8A": 1, "B11": 2, "B5": 3}


def test_an_unnamed_stack_is_taken_in_wavelength_order(tmp_path):
    source = stack(tmp_path / "a.tif", 6, 20)
    assert list(from_rasters([source], 20)) == ["B5", "B6", "B7", "B8A", "B11", "B12"]


def test_chosen_bands_alone_count(tmp_path):
    source = stack(tmp_path / "a.tif", 9, 20)
    chosen = Source(source.path, (2, 3, 4, 5, 6, 7))
    assert numbers(from_rasters([chosen], 20))["B5"] == 2


def test_single_bands_are_known_by_their_file_names(tmp_path):
    files = [stack(tmp_path / f"T33UUU_20170527T102031_{band}_20m.tif", 1, 20) for band in ("B8A", "B05")]
    assert set(from_rasters(files, 20)) == {"B8A", "B5"}


def test_unknown_bands_are_refused_with_their_files(tmp_path):
    source = stack(tmp_path / "what.tif", 5, 20)
    with pytest.raises(BandMismatch, match=r"nothing tells which band these are: .*what.tif band 1"):
        from_rasters([source], 20)


def test_a_band_that_stands_twice_is_refused(tmp_path):
    first, second = (stack(tmp_path / name, 1, 20, names=("B5",)) for name in ("one.tif", "two.tif"))
    with pytest.raises(BandMismatch, match=r"B5 stands twice: .*one.tif band 1 and .*two.tif band 1"):
        from_rasters([first, second], 20)
    with pytest.raises(BandMismatch, match="stands twice"):
        joined([from_rasters([first], 20), from_rasters([second], 20)])


def test_groups_of_several_dates_are_refused(tmp_path):
    fine = stack(tmp_path / "T33UUU_20170527T102031_B02_10m.tif", 1, 10)
    coarse = stack(tmp_path / "T33UUU_20170606T102031_B05_20m.tif", 1, 20)
    with pytest.raises(MixedScenes, match="20170527T102031"):
        joined([from_rasters([fine], 10), from_rasters([coarse], 20)])


def test_the_band_that_is_left_out_is_told(tmp_path):
    assert open_scene(str(products.new_l1c(tmp_path))).about.endswith("; B10 (cirrus) is left out")
    assert "B10" not in open_scene(str(products.new_l2a(tmp_path))).about


def test_rasters_take_the_place_of_the_product_s_bands(tmp_path):
    safe = products.new_l2a(tmp_path)
    own = stack(tmp_path / "better.tif", 1, 20, names=("B5",))
    layers = open_scene(str(safe), rasters={20: [own]}).layers
    assert layers["B5"].path == own.path
    assert len(layers) == 12
    assert all(layer.path.startswith(safe.as_posix()) for band, layer in layers.items() if band != "B5")


def test_the_level_that_the_user_names_holds_where_names_tell_none(tmp_path):
    for band in ("B02", "B03", "B04", "B08"):
        products.image(tmp_path / f"{band}.tif", 10)
    assert "L2A" in open_scene(str(tmp_path), level="L2A").about
    assert "L2A" not in open_scene(str(tmp_path)).about
    with pytest.raises(InvalidSetting, match="level 'L3': expected auto, L1C or L2A"):
        open_scene(str(tmp_path), level="L3")
