"""Stores of co-registered layers: patch k of each layer is the same ground."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.errors import GridMismatch, InputError, InvalidSetting, NoValidPixels, RasterNotReadable
from srsat_qgis.core.patches.__main__ import main
from srsat_qgis.core.patches.listed import PatchLayer, PatchSource, build_store, read_sources
from tests.rasters import NORTH_UP, write_raster

LAYERS = (
    PatchLayer("b10", array="b10", names=("B2", "B3"), wavelengths_nm=(492.4, 559.8)),
    PatchLayer("b20", ratio=2, array="b20"),
    PatchLayer("b60", ratio=6, array="b60"),
)


def ground(bands: int, cells: int, ratio: int) -> np.ndarray:
    """Every pixel tells which 60 m cell it lies in, and which pixel of it it is."""
    side = cells * 6 // ratio
    index = np.arange(side) * ratio // 6
    within = np.arange(side) % (6 // ratio)
    cell = index[:, None] * cells + index[None, :]
    inside = within[:, None] * (6 // ratio) + within[None, :]
    return np.stack([cell * 36 + inside + band for band in range(bands)]).astype(np.uint16)


def archive(path: Path, cells: int = 32) -> Path:
    np.savez(path, b10=ground(2, cells, 1), b20=ground(3, cells, 2), b60=ground(1, cells, 6))
    return path


def source(**values) -> PatchSource:
    given = {"name": "s", "files": ("*.npz",), "licence": "CC0", "gsd_m": 10.0, "layers": LAYERS, **values}
    return PatchSource(**given)


def stored(folder: Path, layer: str, split: str = "train") -> np.ndarray:
    return np.load(folder / f"s.{split}.{layer}.npy")


def test_patch_k_of_every_layer_covers_the_same_ground(tmp_path):
    archive(tmp_path / "a.npz")
    manifest = build_store([source()], tmp_path, tmp_path / "store", size=64, least=12)
    assert manifest["store_version"] == 2
    entry = manifest["sources"][0]
    assert entry["size"] == 60
    assert entry["patches"] == {"train": 16, "validation": 0}
    b10, b20, b60 = (stored(tmp_path / "store", layer.name) for layer in LAYERS)
    assert (b10.shape, b20.shape, b60.shape) == ((16, 2, 60, 60), (16, 3, 30, 30), (16, 1, 10, 10))
    cells = b60[:, 0] // 36
    np.testing.assert_array_equal(b10[:, 0] // 36, cells.repeat(6, axis=1).repeat(6, axis=2))
    np.testing.assert_array_equal(b20[:, 0] // 36, cells.repeat(3, axis=1).repeat(3, axis=2))


def test_the_manifest_tells_each_layer_s_bands_ratio_and_range(tmp_path):
    archive(tmp_path / "a.npz")
    build_store([source()], tmp_path, tmp_path / "store", size=60, least=12)
    manifest = json.loads((tmp_path / "store" / "manifest.json").read_text())
    entry = manifest["sources"][0]
    b10, b20, b60 = entry["layers"]
    assert b10["bands"] == [
        {"name": "B2", "wavelength_nm": 492.4},
        {"name": "B3", "wavelength_nm": 559.8},
    ]
    assert b20["bands"][2] == {"name": "3", "wavelength_nm": None}
    assert [layer["ratio"] for layer in entry["layers"]] == [1, 2, 6]
    assert [layer["gsd_m"] for layer in entry["layers"]] == [10.0, 20.0, 60.0]
    assert b60["range"] == [0.0, float(stored(tmp_path / "store", "b60").max())]
    assert (b60["dtype"], b60["quantum"], entry["crs"]) == ("uint16", 1.0, None)


def test_the_statistics_are_those_of_every_plane(tmp_path):
    archive(tmp_path / "a.npz")
    build_store([source()], tmp_path, tmp_path / "store", size=60, least=12)
    patches = stored(tmp_path / "store", "b20").astype(float)
    stats = np.load(tmp_path / "store" / "s.train.b20.stats.npy")
    assert stats.dtype == np.float32
    np.testing.assert_allclose(stats[..., 0], patches.mean(axis=(2, 3)), rtol=1e-6)
    np.testing.assert_allclose(stats[..., 1], patches.std(axis=(2, 3)), rtol=1e-6)


def test_a_hole_in_one_layer_leaves_the_patch_out_of_all(tmp_path):
    planes = {"b10": ground(2, 20, 1) + 1, "b20": ground(3, 20, 2) + 1, "b60": ground(1, 20, 6) + 1}
    planes["b60"][0, 3, 3] = 0
    np.savez(tmp_path / "a.npz", **planes)
    layers = tuple(replace(layer, nodata=(0,)) for layer in LAYERS)
    manifest = build_store([source(layers=layers)], tmp_path, tmp_path / "store", size=60, least=12)
    assert manifest["sources"][0]["left_out"] == {"nodata": 1}
    assert {len(stored(tmp_path / "store", layer.name)) for layer in LAYERS} == {3}


def test_training_and_validation_are_a_patch_apart_in_every_layer(tmp_path):
    archive(tmp_path / "a.npz", cells=40)
    manifest = build_store([source(validation_share=0.25)], tmp_path, tmp_path / "store", size=48, least=12)
    assert min(manifest["sources"][0]["patches"].values()) > 0
    sides = [stored(tmp_path / "store", "b60", split) // 36 // 40 for split in ("train", "validation")]
    assert sides[1].min() - sides[0].max() > 48 // 6


def band_files(folder: Path, *, shift: float = 0.0) -> None:
    folder.mkdir()
    for name, ratio in (("B02", 1), ("B03", 1), ("B05", 2)):
        x0, pixel, _, y0, _, _ = NORTH_UP
        grid = (x0 + shift * (ratio > 1), pixel * ratio, 0.0, y0, 0.0, -pixel * ratio)
        image = ground(1, 8, ratio) + int(name[2])
        write_raster(folder / f"T33_{name}.tif", image.astype(np.uint16), transform=grid)


FILES = (
    PatchLayer("b10", files=("*_B02.tif", "*_B03.tif")),
    PatchLayer("b20", ratio=2, files=("*_B05.tif",)),
)


def test_the_files_of_a_folder_are_stacked_to_layers(tmp_path):
    band_files(tmp_path / "scene")
    given = source(files=("sc*",), layers=FILES)
    manifest = build_store([given], tmp_path, tmp_path / "store", size=48, least=12)
    b10 = stored(tmp_path / "store", "b10")
    np.testing.assert_array_equal(b10[0, 1], b10[0, 0] + 1)
    entry = manifest["sources"][0]
    assert entry["crs"] == "EPSG:32633"
    assert [file["path"] for file in entry["files"]] == [
        "scene/T33_B02.tif",
        "scene/T33_B03.tif",
        "scene/T33_B05.tif",
    ]


def test_layers_that_do_not_nest_and_missing_files_are_named(tmp_path):
    band_files(tmp_path / "moved", shift=7.0)
    with pytest.raises(GridMismatch, match=r"T33_B02\.tif does not nest in .*T33_B05\.tif"):
        build_store([source(files=("moved",), layers=FILES)], tmp_path, tmp_path / "store", least=12)
    missing = (FILES[0], PatchLayer("b20", ratio=2, files=("*_B06.tif",)))
    with pytest.raises(RasterNotReadable, match=r"layer b20: 0 files in .*moved match \*_B06\.tif"):
        build_store([source(files=("moved",), layers=missing)], tmp_path, tmp_path / "store", least=12)
    np.savez(tmp_path / "a.npz", b10=ground(2, 20, 1), b20=ground(3, 19, 2), b60=ground(1, 20, 6))
    with pytest.raises(GridMismatch, match="expected 114 x 114 pixels"):
        build_store([source()], tmp_path, tmp_path / "store", least=12)
    assert not (tmp_path / "store").exists()


def test_a_georeference_known_to_be_off_can_be_left_aside(tmp_path):
    band_files(tmp_path / "moved", shift=7.0)
    given = source(files=("moved",), layers=FILES, georeference=False)
    build_store([given], tmp_path, tmp_path / "store", size=48, least=12)
    assert stored(tmp_path / "store", "b20").shape == (1, 1, 24, 24)


def test_rasters_of_unlike_types_and_tiny_scenes_are_refused(tmp_path):
    archive(tmp_path / "a.npz", cells=10)
    np.savez(tmp_path / "b.npz", b10=ground(2, 10, 1) / 2, b20=ground(3, 10, 2), b60=ground(1, 10, 6))
    with pytest.raises(InputError, match="layer b10 has the types uint16 and float64"):
        build_store([source()], tmp_path, tmp_path / "store", least=12)
    with pytest.raises(NoValidPixels, match="smaller than 100"):
        build_store([source()], tmp_path, tmp_path / "store", least=100)


def test_a_source_without_layers_is_one_target_beside_layered_ones(tmp_path):
    archive(tmp_path / "a.npz", cells=10)
    plain = PatchSource("plain", ("*.npz",), "CC0", layers=(PatchLayer(array="b10"),))
    build_store([source(), plain], tmp_path, tmp_path / "store", size=60, least=12)
    patches = np.load(tmp_path / "store" / "plain.train.target.npy")
    np.testing.assert_array_equal(patches[0], ground(2, 10, 1))


def test_a_list_names_layers(tmp_path):
    archive(tmp_path / "a.npz", cells=10)
    listed = tmp_path / "list.json"
    entry = {"name": "s", "files": ["*.npz"], "licence": "CC0"}
    layers = [{"name": "b10", "array": "b10", "bands": [2, 1]}, {"name": "b20", "ratio": 2, "array": "b20"}]
    listed.write_text(json.dumps({"sources": [{**entry, "layers": layers}]}))
    main([str(listed), str(tmp_path), str(tmp_path / "store"), "--size", "60"])
    np.testing.assert_array_equal(stored(tmp_path / "store", "b10")[0], ground(2, 10, 1)[::-1])
    for wrong in (
        [{**layers[0], "colour": 1}],
        [layers[1]],
        [layers[0], layers[0]],
        [{**layers[0], "ratio": 0}],
    ):
        listed.write_text(json.dumps({"sources": [{**entry, "layers": wrong}]}))
        with pytest.raises(InvalidSetting):
            read_sources(listed)
