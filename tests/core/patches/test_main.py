"""Patch stores hold real pixels only, split by place, with everything the manifest says."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import (
    GridMismatch,
    InputError,
    InvalidSetting,
    NoValidPixels,
    OutputNotWritable,
    RasterNotReadable,
)
from srsat_qgis.core.patches.__main__ import main
from srsat_qgis.core.patches.listed import PatchLayer, PatchSource, SourcePlane, build_store, read_sources
from srsat_qgis.core.patches.split import file_windows, strided_windows
from srsat_qgis.core.thermal import modis
from srsat_qgis.core.types import Window

gdal.UseExceptions()
TYPES = {"uint8": gdal.GDT_Byte, "uint16": gdal.GDT_UInt16, "float32": gdal.GDT_Float32}


def write(path: Path, pixels: np.ndarray, nodata: float | None = None) -> Path:
    bands, rows, cols = pixels.shape
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), cols, rows, bands, TYPES[str(pixels.dtype)])
    for number in range(1, bands + 1):
        band = dataset.GetRasterBand(number)
        if nodata is not None:
            band.SetNoDataValue(nodata)
        band.WriteArray(pixels[number - 1])
    dataset.FlushCache()
    return path


def ramp(bands: int, rows: int, cols: int, dtype: str = "uint16") -> np.ndarray:
    """Every pixel has a value of its own, so that patches tell where they come from."""
    return (np.arange(bands * rows * cols).reshape(bands, rows, cols) + 1).astype(dtype)


def source(layer: PatchLayer | None = None, **values) -> PatchSource:
    layers = (layer or PatchLayer(),)
    return PatchSource(**{"name": "s", "files": ("*.tif",), "licence": "CC0", "layers": layers, **values})


def stored(output: Path, split: str = "train", name: str = "s") -> np.ndarray:
    return np.load(output / f"{name}.{split}.target.npy")


def test_patches_are_the_raster_s_pixels_in_its_own_type(tmp_path):
    pixels = ramp(2, 128, 192)
    write(tmp_path / "a.tif", pixels)
    manifest = build_store([source()], tmp_path, tmp_path / "store", size=64)
    patches = stored(tmp_path / "store")
    assert patches.dtype == np.uint16
    assert patches.shape == (6, 2, 64, 64)
    np.testing.assert_array_equal(patches[1], pixels[:, :64, 64:128])
    entry = manifest["sources"][0]
    assert entry["patches"] == {"train": 6, "validation": 0}
    assert entry["quantum"] == 1.0
    assert entry["range"] == [1.0, float(pixels.max())]


def test_the_last_patches_of_one_layer_end_where_the_raster_ends(tmp_path):
    pixels = ramp(1, 67, 131)
    write(tmp_path / "a.tif", pixels)
    build_store([source()], tmp_path, tmp_path / "store", size=64)
    assert len(stored(tmp_path / "store")) == 6
    np.testing.assert_array_equal(stored(tmp_path / "store")[-1], pixels[:, 3:, 67:])


def test_the_statistics_are_those_of_every_plane(tmp_path):
    write(tmp_path / "a.tif", ramp(2, 64, 64))
    build_store([source()], tmp_path, tmp_path / "store", size=64)
    stats = np.load(tmp_path / "store" / "s.train.target.stats.npy")
    patches = stored(tmp_path / "store").astype(float)
    np.testing.assert_allclose(stats[..., 0], patches.mean(axis=(2, 3)), rtol=1e-6)
    np.testing.assert_allclose(stats[..., 1], patches.std(axis=(2, 3)), rtol=1e-6)


@pytest.mark.parametrize(
    ("spoil", "values", "reason"),
    [
        (lambda p: p.__setitem__((1, 5, 5), 0), {"nodata": (0,)}, "nodata"),
        (lambda p: p.__setitem__((0, slice(0, 20), slice(0, 20)), 60000), {"saturation": 60000}, "saturated"),
        (lambda p: p.__setitem__((slice(None), slice(0, 64), slice(0, 64)), 7), {}, "constant"),
    ],
)
def test_a_spoilt_patch_is_left_out_and_counted(tmp_path, spoil, values, reason):
    pixels = ramp(2, 64, 128)
    spoil(pixels)
    write(tmp_path / "a.tif", pixels)
    manifest = build_store([source(PatchLayer(**values))], tmp_path, tmp_path / "store", size=64)
    assert manifest["sources"][0]["patches"]["train"] == 1
    assert manifest["sources"][0]["left_out"] == {reason: 1}
    np.testing.assert_array_equal(stored(tmp_path / "store")[0], pixels[:, :, 64:])


def test_declared_nodata_and_nan_are_never_in_a_patch(tmp_path):
    pixels = ramp(1, 64, 192, "float32")
    pixels[0, 3, 3], pixels[0, 3, 100] = -99, np.nan
    write(tmp_path / "a.tif", pixels, nodata=-99)
    manifest = build_store([source()], tmp_path, tmp_path / "store", size=64)
    assert manifest["sources"][0]["left_out"] == {"nodata": 2}


def test_a_pixel_is_valid_where_all_bands_hold_a_value(tmp_path):
    pixels = ramp(2, 8, 9, "float32")
    pixels[1, 3, 4], pixels[0, 5, 6] = -99, np.nan
    plane = SourcePlane([write(tmp_path / "a.tif", pixels, nodata=-99)], PatchLayer())
    _, valid = plane.read(Window(2, 2, 6, 7))
    assert [tuple(one) for one in np.argwhere(~valid)] == [(1, 2), (3, 4)]


def test_a_held_out_file_gives_validation_patches_only(tmp_path):
    write(tmp_path / "north.tif", ramp(1, 64, 64))
    write(tmp_path / "south.tif", ramp(1, 64, 64) + np.uint16(9))
    build_store([source(validation=("south*",))], tmp_path, tmp_path / "store", size=64)
    assert stored(tmp_path / "store", "train")[0, 0, 0, 0] == 1
    assert stored(tmp_path / "store", "validation")[0, 0, 0, 0] == 10


@pytest.mark.parametrize("rows", [200, 333, 1000])
def test_training_and_validation_are_a_patch_apart(rows):
    placed = file_windows(rows, 130, 64, split="train", share=0.2)
    train, validation = ([w for side, w in placed if side == split] for split in ("train", "validation"))
    assert min(w.row for w in validation) - max(w.row + w.rows for w in train) >= 64
    assert max(w.row + w.rows for w in validation) == rows


def test_a_raster_too_low_for_both_is_training_alone():
    assert [split for split, _ in file_windows(150, 64, 64, split="train", share=0.2)] == ["train"] * 3


@pytest.mark.parametrize(("rows", "cols"), [(64, 64), (65, 130), (200, 64)])
def test_windows_cover_every_pixel_and_stay_inside(rows, cols):
    seen = np.zeros((rows, cols), int)
    for window in strided_windows(rows, cols, 64, 64):
        seen[window.row : window.row + 64, window.col : window.col + 64] += 1
        assert window.row + 64 <= rows
        assert window.col + 64 <= cols
    assert seen.min() >= 1


def test_averaging_takes_whole_blocks_and_rounds(tmp_path):
    pixels = ramp(1, 128, 128)
    write(tmp_path / "a.tif", pixels)
    build_store([source(PatchLayer(reduce=2))], tmp_path, tmp_path / "store", size=64)
    expected = np.rint(pixels[0].reshape(64, 2, 64, 2).mean(axis=(1, 3)))
    np.testing.assert_array_equal(stored(tmp_path / "store")[0, 0], expected)


def test_luma_is_a_further_band(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (3, 64, 64)).astype(np.uint8)
    write(tmp_path / "a.tif", pixels)
    build_store([source(PatchLayer(luma=True))], tmp_path, tmp_path / "store", size=64)
    red, green, blue = pixels.astype(float)
    expected = np.rint(0.299 * red + 0.587 * green + 0.114 * blue)
    np.testing.assert_array_equal(stored(tmp_path / "store")[0, 3], expected)


def test_arrays_in_npz_files_are_rasters_too(tmp_path):
    pixels = ramp(2, 64, 96)
    np.savez(tmp_path / "a.npz", ten=pixels, other=pixels[:, :5])
    given = source(PatchLayer(array="ten", bands=(2,), transpose=True), files=("*.npz",))
    build_store([given], tmp_path, tmp_path / "store", size=64)
    np.testing.assert_array_equal(stored(tmp_path / "store")[0, 0], pixels[1, :, :64].T)


def test_a_layer_is_read_in_its_window(tmp_path):
    """The window counts pixels as they are read, transposed ones too."""
    pixels = ramp(2, 70, 96)
    np.savez(tmp_path / "a.npz", ten=pixels)
    plain = PatchLayer(array="ten", window=(6, 32, 64, 64))
    for layer, expected in (
        (plain, pixels[:, 6:70, 32:96]),
        (replace(plain, window=(32, 6, 64, 64), transpose=True), pixels[:, 6:70, 32:96].transpose(0, 2, 1)),
    ):
        build_store([source(layer, files=("*.npz",))], tmp_path, tmp_path / "store", size=64)
        np.testing.assert_array_equal(stored(tmp_path / "store")[0], expected)
    with pytest.raises(InputError, match=r"has 96 x 70 pixels, target wants the window \[7, 32, 64, 64\]"):
        build_store(
            [source(replace(plain, window=(7, 32, 64, 64)), files=("*.npz",))], tmp_path, tmp_path / "other"
        )


def test_layers_that_do_not_start_together_nest_by_their_windows(tmp_path):
    """The fine one starts one of its pixels east of the coarse one, as in a product that is cut band by band."""
    folder = tmp_path / "scene"
    folder.mkdir()
    fine, coarse = ramp(1, 100, 99), ramp(1, 50, 50)
    for name, pixels, west, side in (("fine", fine, 10.0, 10.0), ("coarse", coarse, 0.0, 20.0)):
        path = write(folder / f"{name}.tif", pixels)
        gdal.Open(str(path), gdal.GA_Update).SetGeoTransform((west, side, 0.0, 1000.0, 0.0, -side))

    def build(*windows):
        layers = (
            PatchLayer("fine", files=("fine.tif",), window=windows[0]),
            PatchLayer("coarse", 2, files=("coarse.tif",), window=windows[1]),
        )
        build_store([source(files=("scene",), layers=layers)], tmp_path, tmp_path / "store", size=96)

    with pytest.raises(GridMismatch):
        build(None, None)
    # Windows that do not meet on the ground are refused.
    with pytest.raises(GridMismatch):
        build((0, 1, 96, 96), (1, 1, 48, 48))
    build((0, 1, 96, 96), (0, 1, 48, 48))
    for layer, expected in (("fine", fine[:, :96, 1:97]), ("coarse", coarse[:, :48, 1:49])):
        np.testing.assert_array_equal(np.load(tmp_path / "store" / f"s.train.{layer}.npy")[0], expected)


def test_small_rasters_get_small_patches_and_tiny_ones_none(tmp_path):
    write(tmp_path / "a.tif", ramp(1, 62, 90))
    write(tmp_path / "tiny.tif", ramp(1, 20, 20))
    manifest = build_store([source()], tmp_path, tmp_path / "store", size=128)
    assert manifest["sources"][0]["size"] == 60
    assert manifest["sources"][0]["patches"]["train"] == 4


def test_the_manifest_names_every_file_with_its_checksum(tmp_path):
    path = write(tmp_path / "a.tif", ramp(1, 64, 64))
    build_store([source()], tmp_path, tmp_path / "store", size=64)
    manifest = json.loads((tmp_path / "store" / "manifest.json").read_text())
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    assert manifest["sources"][0]["files"] == [{"path": "a.tif", "split": "train", "sha256": expected}]
    assert manifest["store_version"] == 2


def test_a_failed_build_leaves_the_folder_as_it_was(tmp_path):
    write(tmp_path / "a.tif", ramp(1, 64, 64))
    wrong = [source(), source(name="t", files=("*.jp2",))]
    with pytest.raises(RasterNotReadable):
        build_store(wrong, tmp_path, tmp_path / "store", size=64)
    assert not (tmp_path / "store").exists()
    build_store([source()], tmp_path, tmp_path / "store", size=64)
    before = {path.name: path.read_bytes() for path in (tmp_path / "store").iterdir()}
    with pytest.raises(RasterNotReadable):
        build_store(wrong, tmp_path, tmp_path / "store", size=64)
    assert {path.name: path.read_bytes() for path in (tmp_path / "store").iterdir()} == before


def test_a_store_replaces_an_earlier_one_whole(tmp_path):
    write(tmp_path / "a.tif", ramp(1, 64, 64))
    build_store([source(name="old")], tmp_path, tmp_path / "store", size=64)
    build_store([source(name="new")], tmp_path, tmp_path / "store", size=64)
    assert sorted(path.name for path in (tmp_path / "store").iterdir()) == [
        "manifest.json",
        "new.train.target.npy",
        "new.train.target.stats.npy",
    ]


def test_the_manifest_comes_last_since_it_makes_a_folder_a_store(tmp_path, monkeypatch):
    write(tmp_path / "a.tif", ramp(1, 64, 64))
    moved = []
    plain = os.replace

    def noted(old, new):
        moved.append(Path(new).name)
        plain(old, new)

    monkeypatch.setattr(os, "replace", noted)
    build_store([source(name="new")], tmp_path, tmp_path / "store", size=64)
    assert sorted(moved)[0] == moved[-1] == "manifest.json"
    assert len(moved) == 3


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path):
    write(tmp_path / "a.tif", ramp(1, 64, 64))
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(OutputNotWritable, match=r"a\.tif, which is no part"):
        build_store([source()], tmp_path, tmp_path, size=64)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "thesis.docx"]


def test_the_files_are_those_that_numpy_would_have_saved(tmp_path):
    pixels = ramp(2, 128, 192)
    write(tmp_path / "a.tif", pixels)
    build_store([source()], tmp_path, tmp_path / "store", size=64)
    np.save(tmp_path / "expected.npy", stored(tmp_path / "store"))
    assert (tmp_path / "store" / "s.train.target.npy").read_bytes() == (
        tmp_path / "expected.npy"
    ).read_bytes()


def test_missing_files_tiny_rasters_and_unlike_bands_are_named(tmp_path):
    write(tmp_path / "tiny.tif", ramp(1, 20, 20))
    with pytest.raises(RasterNotReadable, match=r"\*\.jp2"):
        build_store([source(files=("*.jp2",))], tmp_path, tmp_path / "store")
    with pytest.raises(NoValidPixels, match="smaller than 44"):
        build_store([source()], tmp_path, tmp_path / "store")
    write(tmp_path / "one.tif", ramp(1, 64, 64))
    write(tmp_path / "two.tif", ramp(2, 64, 64))
    with pytest.raises(InputError, match="target has 2 bands in one of its rasters, expected 1"):
        build_store([source(files=("one.tif", "two.tif"))], tmp_path, tmp_path / "store")
    with pytest.raises(InputError, match="wants band 2"):
        build_store([source(PatchLayer(bands=(2,)), files=("one.tif",))], tmp_path, tmp_path / "store")


def test_a_list_of_sources_is_read_strictly(tmp_path):
    path = tmp_path / "sources.json"
    entry = {"name": "s", "files": ["*.tif"], "licence": "CC0"}
    path.write_text(json.dumps({"sources": [entry]}))
    assert read_sources(path) == (source(),)
    for wrong in ({**entry, "colour": 1}, {"name": "s"}, {**entry, "reduce": 0}):
        path.write_text(json.dumps({"sources": [wrong]}))
        with pytest.raises(InvalidSetting, match="source s"):
            read_sources(path)
    path.write_text(json.dumps({"sources": [entry, entry]}))
    with pytest.raises(InvalidSetting, match="named twice: s"):
        read_sources(path)
    path.write_text("[")
    with pytest.raises(InvalidSetting, match=r"sources\.json"):
        read_sources(path)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"reduce": 0}, "layer target: reduce is 0, expected at least 1"),
        ({"ratio": 0}, "layer target: ratio is 0, expected at least 1"),
        ({"bands": (1, 0)}, "layer target: bands is 0, expected at least 1"),
        (
            {"window": (0, 0, 5)},
            r"layer target: window is \[0, 0, 5\], expected row, column, rows and columns",
        ),
        ({"window": (0, -1, 5, 5)}, "layer target: window is"),
        ({"window": (0, 0, 5, 0)}, "layer target: window is"),
    ],
)
def test_bands_and_factors_count_from_one(wrong, message):
    """Band 0 would be the last of an array."""
    with pytest.raises(InvalidSetting, match=message):
        PatchLayer(**wrong)


def test_a_source_without_layers_describes_its_one_layer_itself(tmp_path):
    path = tmp_path / "sources.json"
    entry = {"name": "s", "files": ["*.tif"], "licence": "CC0", "nodata": [0]}
    several = {**entry, "name": "t", "layers": [{"name": "a"}, {"name": "b", "ratio": 2, "nodata": []}]}
    path.write_text(json.dumps({"sources": [{**entry, "luma": True, "quantum": 0.5}, several]}))
    one, two = read_sources(path)
    assert one.layers == (PatchLayer("target", nodata=(0,), luma=True, quantum=0.5),)
    assert [layer.nodata for layer in two.layers] == [(0,), ()]


def test_the_command_builds_a_store(tmp_path):
    write(tmp_path / "a.tif", ramp(1, 64, 64))
    listed = tmp_path / "list.json"
    listed.write_text(json.dumps({"sources": [{"name": "s", "files": ["*.tif"], "licence": "CC0"}]}))
    main([str(listed), str(tmp_path), str(tmp_path / "store"), "--size", "64"])
    assert stored(tmp_path / "store").shape == (1, 1, 64, 64)


def test_better_words_leave_the_checksum_of_a_store_and_other_pixels_change_it(tmp_path):
    write(tmp_path / "a.tif", ramp(1, 64, 64))
    described = source(
        sensor="Landsat-8", place="Alabama coast", validation_place="Paris", licence="CC BY 4.0"
    )
    plain, worded = (build_store([entry], tmp_path, tmp_path / "store") for entry in (source(), described))
    assert plain["sources"] != worded["sources"]
    assert plain["sha256"] == worded["sha256"]
    write(tmp_path / "a.tif", ramp(1, 64, 64) + 1)
    assert build_store([source()], tmp_path, tmp_path / "store")["sha256"] != plain["sha256"]


def list_of(model: str) -> str:
    """Return the name of the list of rasters that a model was trained on."""
    if model.startswith(("landsat-style", "landsat-combined")):
        return "landsat-style-sources.json"
    family = model.partition("-")[0]
    return f"{family}-sources.json" if family in ("s2", "landsat", "rgb") else "sources.json"


def test_the_store_that_a_card_names_can_be_cut_again(repository, shared_data, tmp_path):
    landsat = ["landsat-x3", "landsat-deblur-x3", "landsat-style-x3", "landsat-combined-x3"]
    for model, size in {"s2-20m": 600, "s2-60m": 360, **dict.fromkeys(landsat, 120)}.items():
        listed = list_of(model)
        sources = read_sources(repository / "models" / listed)
        manifest = build_store(sources, shared_data / "train", tmp_path / model, size=size)
        card = json.loads((repository / "models" / model / "card.json").read_text(encoding="utf-8"))
        assert card["training"]["store"] == f"sha256:{manifest['sha256']}"


def test_the_shipped_cards_name_what_the_lists_of_sources_say_was_trained_on(repository):
    for card in sorted((repository / "models").glob("*/card.json")):
        listed = list_of(card.parent.name)
        known = {
            (f"{one.sensor}, {one.place}", one.licence)
            for one in read_sources(repository / "models" / listed)
        }
        if card.parent.name.startswith("lst-"):
            known = {(f"{modis.SENSOR}, {modis.PLACE}", modis.LICENCE)}
        told = json.loads(card.read_text(encoding="utf-8"))["training"]["data"]
        assert {(row["source"], row["licence"]) for row in told} <= known, card


def test_the_shipped_models_sources_never_touch_the_test_folder(repository):
    for entry in read_sources(repository / "models" / "sources.json"):
        assert not any("test/" in pattern for pattern in entry.files)
        assert entry.licence


def test_the_shipped_list_reads_real_rasters(repository, shared_data, tmp_path):
    listed = {entry.name: entry for entry in read_sources(repository / "models" / "sources.json")}
    chosen = [listed[name] for name in ("dsen2-10m", "s2-native-20m", "bigearthnet-20m")]
    manifest = build_store(chosen, shared_data / "train", tmp_path / "store")
    counts = {entry["name"]: entry["patches"] for entry in manifest["sources"]}
    assert counts["dsen2-10m"] == {"train": 25, "validation": 0}
    assert counts["s2-native-20m"] == {"train": 4, "validation": 4}
    assert counts["bigearthnet-20m"] == {"train": 36, "validation": 12}
