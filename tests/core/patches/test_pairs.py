"""Rasters of the user become a store: placed on one grid, checked against each other, masked, split, shown."""

from __future__ import annotations

import dataclasses
import errno
import json
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.errors import (
    BandMismatch,
    Cancelled,
    DiskFull,
    GridMismatch,
    InputError,
    InvalidSetting,
    NoValidPixels,
    OutputNotWritable,
    RasterNotReadable,
)
from srsat_qgis.core.patches import store
from srsat_qgis.core.patches.pairs import PairRequest, prepare_store
from srsat_qgis.core.types import SilentProgress
from tests.rasters import NORTH_UP, texture, write_raster

X0, _, _, Y0, _, _ = NORTH_UP


def scene(bands=2, rows=192, cols=256, seed=0) -> np.ndarray:
    return texture(bands, rows, cols, seed=seed)


def moved(pixel: float, *, row: float = 0, col: float = 0) -> tuple:
    """Return a grid of ``pixel`` metres whose corner lies rows and columns of 10 m from the usual one."""
    return (X0 + 10 * col, pixel, 0.0, Y0 - 10 * row, 0.0, -pixel)


def coarse_of(image: np.ndarray, scale: int) -> np.ndarray:
    return gaussian_area(image.astype(float), scale=scale, sigma=0.4)


def put(path: Path, image: np.ndarray, *, dtype=np.uint16, **values) -> str:
    whole = np.issubdtype(dtype, np.integer)
    return write_raster(path, (np.rint(image) if whole else image).astype(dtype), **values)


class Log(SilentProgress):
    def __init__(self):
        self.lines, self.warnings = [], []

    def info(self, message):
        self.lines.append(message)

    def warn(self, message):
        self.warnings.append(message)


def load(folder: Path, layer: str = "target", split: str = "train") -> np.ndarray:
    return np.load(folder / f"rasters.{split}.{layer}.npy")


def entry_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())["sources"][0]


def test_fine_rasters_alone_become_one_layer_that_knows_its_bands(tmp_path):
    image = scene(3)
    hr = put(tmp_path / "hr.tif", image, names=("B2", "B3", "B4"), wavelengths=(490, 560, 665))
    made = prepare_store(PairRequest((hr,), patch_size=32), tmp_path / "store")
    entry = entry_of(tmp_path / "store")
    assert (made.train, made.validation) == (entry["patches"]["train"], entry["patches"]["validation"])
    assert made.train > made.validation > 0
    assert [layer["name"] for layer in entry["layers"]] == ["target"]
    assert entry["layers"][0]["bands"][2] == {"name": "B4", "wavelength_nm": 665.0}
    assert (entry["gsd_m"], entry["crs"], entry["scale"], entry["size"]) == (10.0, "EPSG:32633", 2, 32)
    assert load(tmp_path / "store").shape == (made.train, 3, 32, 32)
    assert entry["files"][0]["path"] == "hr.tif"
    windows = np.lib.stride_tricks.sliding_window_view(np.rint(image[0]), (32, 32))[::32, ::32]
    stored = load(tmp_path / "store")[:, 0]
    assert all((windows == patch).all(axis=(2, 3)).any() for patch in stored)


def test_scale_and_offset_that_a_raster_declares_stand_in_the_manifest(tmp_path):
    hr = put(tmp_path / "hr.tif", scene(1), names=("B2",))
    dataset = gdal.Open(hr, gdal.GA_Update)
    dataset.GetRasterBand(1).SetScale(0.0001)
    dataset.GetRasterBand(1).SetOffset(-0.1)
    del dataset
    prepare_store(PairRequest((hr,), patch_size=32), tmp_path / "store")
    band = entry_of(tmp_path / "store")["layers"][0]["bands"][0]
    assert band == {"name": "B2", "wavelength_nm": None, "scale": 0.0001, "offset": -0.1}


def test_rasters_without_a_georeference_have_no_crs_and_count_as_different_ground(tmp_path):
    rasters = tuple(
        put(tmp_path / f"{seed}.tif", scene(1, seed=seed), transform=None, epsg=None) for seed in (1, 2)
    )
    log = Log()
    prepare_store(PairRequest(rasters, patch_size=32), tmp_path / "store", progress=log)
    entry = entry_of(tmp_path / "store")
    assert (entry["crs"], entry["gsd_m"]) == (None, None)
    assert [line.partition(":")[0] for line in log.warnings] == [
        "rasters without a georeference count as different ground"
    ]


def test_pairs_and_guides_are_cut_over_the_same_ground_whatever_their_extents(tmp_path):
    world = scene(2, 256, 320)
    hr = put(tmp_path / "hr.tif", world[:, 8:, 4:], transform=moved(10, row=8, col=4))
    lr = put(tmp_path / "lr.tif", coarse_of(world, 4)[:, 1:], transform=moved(40, row=4))
    guide = put(tmp_path / "guide.tif", coarse_of(world, 2)[:1, :, 3:], transform=moved(20, col=6))
    request = PairRequest((hr,), (lr,), (guide,), scale=4, patch_size=32)
    prepare_store(request, tmp_path / "store")
    entry = entry_of(tmp_path / "store")
    assert {layer["name"]: layer["ratio"] for layer in entry["layers"]} == {
        "target": 1,
        "image": 4,
        "guide": 2,
    }
    assert [layer["gsd_m"] for layer in entry["layers"]] == [10.0, 40.0, 20.0]
    for split in ("train", "validation"):
        target, image, second = (load(tmp_path / "store", n, split) for n in ("target", "image", "guide"))
        inner = (slice(None), slice(None), slice(1, -1), slice(1, -1))  # blurred beyond the patch's edge
        again = np.stack([coarse_of(patch, 4) for patch in target])
        assert np.abs(again - image)[inner].max() <= 1.5
        again = np.stack([coarse_of(patch[:1], 2) for patch in target])
        assert np.abs(again - second)[:, :, 2:-2, 2:-2].max() <= 1.5


def test_a_guide_may_be_finer_than_the_target(tmp_path):
    world = scene(1, 256, 256)
    lst = put(tmp_path / "lst.tif", coarse_of(world, 4), transform=moved(40))
    ndvi = put(tmp_path / "ndvi.tif", world)
    prepare_store(PairRequest((lst,), (), (ndvi,), patch_size=16), tmp_path / "store")
    entry = entry_of(tmp_path / "store")
    assert {layer["name"]: layer["ratio"] for layer in entry["layers"]} == {"target": 4, "guide": 1}
    assert entry["size"] == 64
    assert (entry["gsd_m"], entry["layers"][0]["gsd_m"]) == (40.0, 40.0)


def test_several_scenes_are_paired_by_order_or_by_name(tmp_path):
    for folder in ("fine", "coarse"):
        (tmp_path / folder).mkdir()
    fine, coarse = [], []
    for number, name in enumerate(("a", "b")):
        image = scene(1, 128, 128, seed=number)
        there = {"col": 5000 * number}
        fine.append(put(tmp_path / "fine" / f"{name}.tif", image, transform=moved(10, **there)))
        coarse.append(
            put(tmp_path / "coarse" / f"{name}.tif", coarse_of(image, 2), transform=moved(20, **there))
        )
    request = PairRequest(tuple(fine), tuple(coarse[::-1]), patch_size=32)
    prepare_store(request, tmp_path / "store")
    pairs = entry_of(tmp_path / "store")["pairs"]
    assert [(pair["target"], pair["image"]) for pair in pairs] == [("a.tif", "a.tif"), ("b.tif", "b.tif")]
    assert all(band["correlation"] > 0.99 for pair in pairs for band in pair["bands"])


def test_a_pair_s_shift_is_measured_and_warned_of(tmp_path):
    world = scene(1, 528, 528)
    hr = put(tmp_path / "hr.tif", world[:, 8:520, 8:520])
    good = put(tmp_path / "good.tif", coarse_of(world[:, 8:520, 8:520], 2), transform=moved(20))
    off = put(tmp_path / "off.tif", coarse_of(world[:, 9:521, 6:518], 2), transform=moved(20))
    log = Log()
    prepare_store(PairRequest((hr,), (good,)), tmp_path / "store", progress=log)
    assert not log.warnings
    assert np.abs(entry_of(tmp_path / "store")["pairs"][0]["shift_px"]).max() < 0.05
    prepare_store(PairRequest((hr,), (off,)), tmp_path / "store", progress=log)
    assert "misregistered by 1.12 of the coarser pixels" in log.warnings[0]
    # What is seen at (r, c) of LR is seen half a row further down, and a column further left, in HR.
    np.testing.assert_allclose(entry_of(tmp_path / "store")["pairs"][0]["shift_px"], [0.5, -1.0], atol=0.05)


def test_a_guide_that_lies_elsewhere_is_warned_of_though_it_shows_something_else(tmp_path):
    world = scene(1, 528, 528)
    lst = put(tmp_path / "lst.tif", coarse_of(world[:, 8:520, 8:520], 2), transform=moved(20))
    other = 5000 - world
    good = put(tmp_path / "good.tif", other[:, 8:520, 8:520])
    off = put(tmp_path / "off.tif", other[:, 10:522, 8:520])
    log = Log()
    prepare_store(PairRequest((lst,), (), (good,), patch_size=64), tmp_path / "store", progress=log)
    assert not log.warnings
    prepare_store(PairRequest((lst,), (), (off,), patch_size=64), tmp_path / "store", progress=log)
    assert "lst.tif and off.tif: misregistered by 1.00 of the coarser pixels" in log.warnings[0]


def test_radiometry_is_reported_and_matched_where_asked(tmp_path):
    world = scene(2, 256, 256)
    hr = put(tmp_path / "hr.tif", world)
    lr = put(tmp_path / "lr.tif", 1.5 * coarse_of(world, 2) + 200, transform=moved(20))
    log = Log()
    prepare_store(PairRequest((hr,), (lr,), patch_size=32), tmp_path / "store", progress=log)
    bands = entry_of(tmp_path / "store")["pairs"][0]["bands"]
    for band in bands:
        assert band["gain"] == pytest.approx(1.5, rel=0.03)
        assert band["offset"] == pytest.approx(200, abs=60)
    assert "correlation 0.99" in log.lines[0] or "correlation 1.0" in log.lines[0]
    before = load(tmp_path / "store").astype(float)
    prepare_store(PairRequest((hr,), (lr,), patch_size=32, match="linear"), tmp_path / "store")
    matched, image = load(tmp_path / "store"), load(tmp_path / "store", "image")
    assert matched.dtype == np.uint16
    gains, offsets = (np.array([band[key] for band in bands])[:, None, None] for key in ("gain", "offset"))
    assert np.abs(matched - (before * gains + offsets)).max() <= 0.5 + 1e-9
    assert matched.mean() == pytest.approx(image.mean(), rel=0.01)


def test_a_no_data_value_that_the_rasters_do_not_declare_can_be_given(tmp_path):
    image = np.maximum(np.rint(scene(1, 128, 128)), 1)
    image[0, :32, :40] = 0
    hr = put(tmp_path / "hr.tif", image)
    lr = put(tmp_path / "lr.tif", np.rint(image[:, ::2, ::2]), transform=moved(20))
    given = PairRequest((hr,), (lr,), patch_size=32, validation_share=0.0, nodata=0)
    prepare_store(given, tmp_path / "store")
    assert entry_of(tmp_path / "store")["left_out"] == {"nodata": 2}
    assert load(tmp_path / "store").min() > 0


def test_no_data_and_masked_ground_are_left_out(tmp_path):
    image = np.maximum(np.rint(scene(1, 192, 192)), 1)
    image[0, 40, 40] = 0
    hr = put(tmp_path / "hr.tif", image, nodata=0)
    clouds = np.zeros((1, 16, 16))
    clouds[0, 6:9, 0:3] = 9  # of 120 m: rows 72 to 108, columns 0 to 36 of HR
    mask = put(tmp_path / "clouds.tif", clouds, transform=moved(120), dtype=np.uint8)
    request = PairRequest((hr,), masks=(mask,), patch_size=32, validation_share=0.0)
    prepare_store(request, tmp_path / "store")
    assert entry_of(tmp_path / "store")["left_out"] == {"nodata": 1, "masked": 4}
    only = PairRequest((hr,), masks=(mask,), mask_values=(3, 8), patch_size=32, validation_share=0.0)
    prepare_store(only, tmp_path / "store")
    assert entry_of(tmp_path / "store")["left_out"] == {"nodata": 1}
    kept = PairRequest((hr,), masks=(mask,), patch_size=32, validation_share=0.0, max_invalid=0.13)
    prepare_store(kept, tmp_path / "store")
    left_out, patches = entry_of(tmp_path / "store")["left_out"], load(tmp_path / "store")
    assert left_out == {"masked": 2}
    assert patches.min() > 0  # the pixel without a value was filled from its neighbours


def test_ground_beyond_the_mask_is_left_out(tmp_path):
    hr = put(tmp_path / "hr.tif", scene(1, 128, 128))
    mask = put(tmp_path / "mask.tif", np.zeros((1, 64, 128)), dtype=np.uint8)
    request = PairRequest((hr,), masks=(mask,), patch_size=32, validation_share=0.0)
    prepare_store(request, tmp_path / "store")
    assert entry_of(tmp_path / "store")["left_out"] == {"masked": 8}


def test_patches_shrink_to_leave_room_for_both_splits_and_say_so(tmp_path):
    hr = put(tmp_path / "hr.tif", scene(1, 200, 200))
    log = Log()
    made = prepare_store(PairRequest((hr,)), tmp_path / "store", progress=log)
    assert made.validation > 0
    assert entry_of(tmp_path / "store")["size"] < 70
    assert "128 would leave too little room" in log.lines[0]


def test_the_sheet_is_a_picture_with_a_row_a_patch(tmp_path):
    hr = put(tmp_path / "hr.tif", scene(4))
    made = prepare_store(PairRequest((hr,), patch_size=32), tmp_path / "store")
    picture = gdal.Open(str(made.sheet))
    sheet = picture.ReadAsArray()
    assert sheet.shape[0] == 3
    rows = min(4, made.train) + min(2, made.validation)
    assert sheet.shape[1:] == (8 + rows * 200, 8 + 3 * 200)
    # The first panel: a coarse image of the first patch, blurred by half a coarse pixel, in the patch's stretch.
    # No band says which colour it is: the first three.
    patch = load(tmp_path / "store")[0][:3].astype(float)
    low, high = (limit[:, None, None] for limit in np.percentile(patch, (1, 99), axis=(1, 2)))
    coarse = (gaussian_area(patch, scale=2, sigma=0.5) - low) / (high - low)
    shown = 255 * coarse.clip(0, 1).repeat(12, axis=1).repeat(12, axis=2)
    assert np.abs(sheet[:, 8:200, 8:200] - shown).max() <= 1
    text = picture.GetMetadataItem("Description")
    assert text.startswith("Columns: LR, Bicubic x2, HR. Rows, by split and number of the patch: train 0, ")
    assert "validation 0" in text


def rasters(tmp_path, **changes) -> PairRequest:
    """Write a sound pair and change one thing in it."""
    world = scene(2, 128, 128)
    target = {"image": world, **changes.pop("target", {})}
    coarse = {"image": coarse_of(world, 2), "transform": moved(20), **changes.pop("coarse", {})}
    hr = put(tmp_path / "hr.tif", target.pop("image"), **target)
    lr = put(tmp_path / "lr.tif", coarse.pop("image"), **coarse)
    return PairRequest((hr,), (lr,), **{"patch_size": 32, **changes})


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"coarse": {"epsg": 32634}}, GridMismatch, r"lr\.tif is in EPSG:32634 and .*hr\.tif in EPSG:32633"),
        ({"coarse": {"transform": moved(15)}}, GridMismatch, "its pixels are 1.5 x 1.5 times as large"),
        (
            {"coarse": {"transform": moved(20, row=0.4)}},
            GridMismatch,
            "0 columns and 0.4 rows of the finer pixels off their edges",
        ),
        ({"coarse": {"transform": moved(20, row=9000)}}, GridMismatch, "in common"),
        (
            {"coarse": {"transform": None, "epsg": None}},
            GridMismatch,
            "only one of the two has a georeference",
        ),
        ({"scale": 4}, GridMismatch, "2 times as large as those of .*SCALE is 4"),
        ({"coarse": {"image": texture(3, 64, 64)}}, BandMismatch, r"lr\.tif: its bands .* are not those of"),
        (
            {"coarse": {"image": coarse_of(scene(2, 128, 128), 2) / 1e4, "dtype": np.float32}},
            InputError,
            "expected one unit in both",
        ),
        (
            {"match": "linear", "coarse": {"image": texture(2, 64, 64, seed=9)}},
            InvalidSetting,
            "bands that correlate",
        ),
        ({"patch_size": 8}, InvalidSetting, "PATCH_SIZE is 8"),
        ({"name": "../x"}, InvalidSetting, r"NAME '\.\./x'"),
        ({"overlap": 32}, InvalidSetting, "OVERLAP is 32"),
        ({"max_invalid": 1.0}, InvalidSetting, "MAX_INVALID is 1"),
        (
            {"guides": ("a", "b"), "images": (), "targets": ("c", "d", "e")},
            InvalidSetting,
            "GUIDES: 2 rasters",
        ),
        ({"images": ("a", "b")}, InvalidSetting, "LR: 2 rasters for 1 of HR"),
        ({"targets": ()}, InvalidSetting, "HR: no raster given"),
        ({"targets": ("/nowhere.tif",)}, RasterNotReadable, "nowhere"),
    ],
)
def test_rasters_and_settings_that_do_not_fit_are_named_and_nothing_is_written(
    tmp_path, changes, error, message
):
    direct = {key: changes[key] for key in ("guides", "images", "targets") if key in changes}
    rest = {key: value for key, value in changes.items() if key not in direct}
    request = dataclasses.replace(rasters(tmp_path, **rest), **direct)
    with pytest.raises(error, match=message):
        prepare_store(request, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_unlike_scenes_are_refused(tmp_path):
    first = put(tmp_path / "a.tif", scene(2, 64, 64))
    others = {
        "b.tif": (scene(2, 64, 64), {"epsg": 32634}, "expected one coordinate reference system"),
        "c.tif": (scene(3, 64, 64), {}, "3 bands"),
        "d.tif": (scene(2, 64, 64), {"transform": moved(20)}, "pixels of 20 map units"),
    }
    for name, (image, values, message) in others.items():
        other = put(tmp_path / name, image, **values)
        with pytest.raises(InputError, match=message):
            prepare_store(PairRequest((first, other), patch_size=16), tmp_path / "store")


def test_too_few_patches_say_why(tmp_path):
    tiny = put(tmp_path / "tiny.tif", scene(1, 14, 90))
    with pytest.raises(NoValidPixels, match="every raster is smaller than 16"):
        prepare_store(PairRequest((tiny,)), tmp_path / "store")
    small = put(tmp_path / "small.tif", scene(1, 20, 40))
    with pytest.raises(NoValidPixels, match="PATCH_SIZE is 128, and the rasters have no room even for"):
        prepare_store(PairRequest((small,)), tmp_path / "store")
    holed = scene(1, 96, 96)
    holed[0, ::8, ::8] = 0
    empty = put(tmp_path / "holed.tif", holed, nodata=0)
    with pytest.raises(NoValidPixels, match=r"none is left for train, left out: .* nodata"):
        prepare_store(PairRequest((empty,), patch_size=16), tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_what_a_killed_build_has_left_is_removed_and_no_obstacle(tmp_path):
    hr = put(tmp_path / "hr.tif", scene(1))
    left = tmp_path / "store" / f".srsat-{2**22 + 1}-0badcafe"
    left.mkdir(parents=True)
    (left / "rasters.train.target.npy").write_bytes(b"half")
    prepare_store(PairRequest((hr,), patch_size=32), tmp_path / "store")
    assert not left.exists()


def test_a_full_disk_a_strange_folder_and_a_cancel_leave_all_as_it_was(tmp_path, monkeypatch):
    hr = put(tmp_path / "hr.tif", scene(1))
    request = PairRequest((hr,), patch_size=32)
    with pytest.raises(OutputNotWritable, match=r"hr\.tif, which is no part of a patch store"):
        prepare_store(request, tmp_path)
    prepare_store(request, tmp_path / "store")
    before = {path.name: path.read_bytes() for path in (tmp_path / "store").iterdir()}

    class Impatient(SilentProgress):
        cancelled = True

    with pytest.raises(Cancelled):
        prepare_store(request, tmp_path / "store", progress=Impatient())

    def full(self, patch):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(store.PatchFile, "add", full)
        with pytest.raises(DiskFull, match="the disk became full"):
            prepare_store(request, tmp_path / "store")
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(store.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DiskFull, match=r"0\.00 GB are free"):
        prepare_store(request, tmp_path / "store")
    assert {path.name: path.read_bytes() for path in (tmp_path / "store").iterdir()} == before
