"""An evaluation by blocks and threads is that of the whole arrays, and its decisions stand in it."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.degradation.kernels import as_type, gaussian_area
from srsat_qgis.core.errors import (
    BandMismatch,
    Cancelled,
    GridMismatch,
    InvalidSetting,
    OutputIsInput,
    RasterNotReadable,
)
from srsat_qgis.core.evaluation import map_rasters, passes
from srsat_qgis.core.evaluation.evaluate import Options, evaluate
from srsat_qgis.core.metrics.arrays import score_arrays
from srsat_qgis.core.metrics.table import MEASURES
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.types import SilentProgress
from tests.rasters import NORTH_UP, write_raster

QUICK = ("rmse", "psnr", "mae")


def rows(found) -> dict:
    return {row["key"]: row for row in found.facts["measures"]}


def rmse(image: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt(np.mean((image.astype(float) - truth.astype(float)) ** 2)))


def measured(scene, **options):
    options = {"metrics": QUICK, "pictures": False, **options}
    return rows(evaluate(scene.paths["test"], reference=scene.paths["reference"], options=Options(**options)))


def test_every_measure_is_that_of_the_whole_arrays(scene):
    found = rows(
        evaluate(scene.paths["test"], reference=scene.paths["reference"], lowres=scene.paths["lowres"])
    )
    expected = score_arrays(
        scene.test,
        reference=scene.reference,
        lowres=scene.lowres,
        data_range=10000.0,
        sigma=None,
        indices={"NDVI": (3, 2)},
        limits=(0.0, 65535.0),
    )
    assert list(found) == list(expected)
    for key, score in expected.items():
        assert found[key]["value"] == (
            None if score.value is None or math.isinf(score.value) else score.value
        ), key
    assert found["rmse"]["value"] == pytest.approx(rmse(scene.test, scene.reference), rel=1e-12)


def test_every_default_measure_of_the_table_is_in_it(scene):
    found = evaluate(scene.paths["test"], reference=scene.paths["reference"])
    assert list(rows(found)) == [key for key, measure in MEASURES.items() if measure.default]


@pytest.mark.parametrize(("block", "threads"), [(64, 1), (100, 3)])
def test_blocks_and_threads_change_no_number(scene, monkeypatch, block, threads):
    paths = {"reference": scene.paths["reference"], "lowres": scene.paths["lowres"]}
    keys = (
        "rmse",
        "ssim",
        "uiq",
        "lr_consistency",
        "hallucination",
    )  # of one and two passes, with and without halo
    one = evaluate(scene.paths["test"], **paths, options=Options(threads=1, metrics=keys))
    monkeypatch.setattr(passes, "BLOCK", block)
    other = evaluate(scene.paths["test"], **paths, options=Options(threads=threads, metrics=keys))
    assert other.facts["measures"] == one.facts["measures"]
    assert other.facts["worst_places"] == one.facts["worst_places"]
    for name, values in one.pictures.maps.items():
        assert np.allclose(values, other.pictures.maps[name], equal_nan=True), name
    assert np.array_equal(one.pictures.pairs, other.pictures.pairs)


def test_bicubic_of_the_coarse_raster_is_measured_beside(scene):
    row = rows(
        evaluate(scene.paths["test"], reference=scene.paths["reference"], lowres=scene.paths["lowres"])
    )["rmse"]
    assert row["baseline"]["value"] == pytest.approx(rmse(scene.bicubic, scene.reference), rel=1e-12)
    assert row["gain"] == pytest.approx(row["baseline"]["value"] - row["value"])
    assert row["verdict"] == "better"


def test_a_raster_that_records_its_scale_has_a_baseline_from_the_reference(scene):
    path = scene.write("recorded", scene.test)
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.SetMetadataItem("SRSAT_SCALE", "2")
    dataset.SetMetadataItem("SRSAT_DEGRADATION", "gaussian-area sigma=0.5")
    del dataset
    coarse = as_type(gaussian_area(scene.reference.astype(np.float32), scale=2, sigma=0.5), np.uint16)
    bicubic = as_type(bicubic_upsample(coarse.astype(np.float32), scale=2), np.uint16)
    found = evaluate(path, reference=scene.paths["reference"], options=Options(metrics=("rmse",)))
    baseline = rows(found)["rmse"]["baseline"]["value"]
    assert baseline == pytest.approx(rmse(bicubic, scene.reference), rel=1e-3)
    assert found.facts["degradation"]["why"] == "recorded in the raster"


def test_holes_of_the_reference_do_not_darken_the_baseline_beside_them(scene):
    def baseline(reference):
        path = described(scene, "recorded", scene.test, SRSAT_SCALE="2")
        found = evaluate(path, reference=reference, options=Options(metrics=("rmse",), mask=beside))
        return rows(found)["rmse"]["baseline"]["value"]

    ring, hole = np.zeros((1, 150, 190), np.uint8), np.s_[:, 60:80, 60:80]
    ring[:, 58:82, 58:82], ring[hole] = 1, 0
    beside = scene.write("ring", ring, names=())
    holed = scene.reference.copy()
    holed[hole] = 0
    clean = baseline(scene.paths["reference"])
    assert baseline(scene.write("holed_reference", holed, nodata=0)) < 2 * clean


def described(scene, name, image, **items):
    """Write an array with items of metadata; return its path."""
    path = scene.write(name, image)
    dataset = gdal.Open(path, gdal.GA_Update)
    for key, value in items.items():
        dataset.SetMetadataItem(key, value)
    return path


@pytest.mark.parametrize(
    ("items", "why"),
    [
        ({"SRSAT_MODEL": "any-x2"}, "the card of the model any-x2"),
        ({"SRSAT_MODEL": "any-x2", "SRSAT_MODEL_SHA256": "0" * 64}, "nothing else is known"),
        ({"SRSAT_MODEL": "nobody's"}, "nothing else is known"),
    ],
)
def test_the_blur_is_that_of_the_card_of_the_model_where_it_is_the_same_file(scene, items, why):
    path = described(scene, "made", scene.test, **items)
    found = evaluate(path, reference=scene.paths["reference"], options=Options(metrics=QUICK))
    assert found.facts["degradation"]["why"] == why


@pytest.mark.parametrize(
    ("items", "why"),
    [({}, "recorded in the raster"), ({"SRSAT_MODEL": "any-x2"}, "nothing else is known")],
)
def test_how_the_input_was_degraded_counts_unless_a_model_has_made_it(scene, items, why):
    lowres = described(scene, "coarse", scene.lowres, SRSAT_DEGRADATION="gaussian-area sigma=0.5", **items)
    found = evaluate(scene.paths["test"], lowres=lowres, options=Options(metrics=("lr_consistency",)))
    assert found.facts["degradation"]["why"] == why


@pytest.mark.parametrize("recorded", ["²", "9" * 5000, "-2", "2.5", "x"])
def test_a_recorded_scale_that_is_no_number_counts_as_none(scene, recorded):
    path = scene.write("recorded", scene.test)
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.SetMetadataItem("SRSAT_SCALE", recorded)
    del dataset
    found = evaluate(path, reference=scene.paths["reference"], options=Options(metrics=("rmse",)))
    assert found.facts["baseline"]["from"] is None


def test_without_a_scale_the_baseline_is_left_out_with_the_reason(scene):
    found = evaluate(scene.paths["test"], reference=scene.paths["reference"], options=Options(metrics=QUICK))
    assert found.facts["baseline"]["from"] is None
    assert "SRSAT_SCALE" in found.facts["baseline"]["note"]
    assert rows(found)["rmse"]["baseline"] is None


def test_identical_rasters_are_perfect_and_json_holds_no_infinity(scene):
    found = evaluate(scene.paths["reference"], reference=scene.paths["reference"])
    assert rows(found)["psnr"]["text"].startswith("∞")
    assert found.headline()["rmse"] == 0
    assert "psnr" not in found.headline()
    assert json.loads(found.json_text())["measures"][1]["value"] is None


def test_without_a_reference_only_the_input_is_compared(scene):
    found = evaluate(scene.paths["test"], lowres=scene.paths["lowres"])
    again = gaussian_area(scene.test.astype(float), scale=2, sigma=0.0)
    expected = np.abs(again - scene.lowres).mean()
    assert found.headline()["lr_consistency"] == pytest.approx(expected, rel=1e-5)
    assert "rmse" not in found.headline()
    assert rows(found)["rmse"]["reason"] == "needs a reference raster"


def test_with_nothing_to_compare_with_it_refuses(scene):
    with pytest.raises(InvalidSetting, match="REFERENCE, LOWRES or both"):
        evaluate(scene.paths["test"])


def test_only_what_all_rasters_cover_is_scored(scene):
    x0, xc, _, y0, _, yr = NORTH_UP
    part = write_raster(
        scene.folder / "part.tif",
        scene.reference[:, 11:101, 20:150],
        transform=(x0 + 20 * xc, xc, 0.0, y0 + 11 * yr, 0.0, yr),
    )
    found = evaluate(scene.paths["test"], reference=part, options=Options(metrics=QUICK))
    inner = (slice(None), slice(11, 101), slice(20, 150))
    assert rows(found)["rmse"]["value"] == pytest.approx(
        rmse(scene.test[inner], scene.reference[inner]), rel=1e-12
    )
    assert (found.facts["area"]["rows"], found.facts["area"]["cols"]) == (90, 130)
    assert any("41.1 %" in text for text in found.facts["warnings"])


@pytest.mark.parametrize(
    ("low", "high", "more", "warned"),
    [
        (270.0, 320.0, {"data_range": 60.0}, False),
        (270.0, 340.0, {"data_range": 60.0}, True),
        (270.0, 320.0, {"range_of_values": True}, False),
        (0.0, 10000.0, {"data_range": 10000.0}, False),
    ],
)
def test_values_are_outside_of_a_range_only_if_they_span_more(tmp_path, low, high, more, warned):
    """A range is a difference: that of temperatures does not begin at 0."""
    fine = np.linspace(low, high, 40 * 40).reshape(1, 40, 40).astype(np.float32)
    test = write_raster(tmp_path / "test.tif", fine, transform=NORTH_UP)
    found = evaluate(
        test, reference=test, options=Options(metrics=("rmse",), baseline=False, pictures=False, **more)
    )
    assert any("not within the data range" in text for text in found.facts["warnings"]) is warned


def test_invalid_pixels_of_any_raster_do_not_count(scene):
    holed = scene.test.copy()
    holed[2, 20:40, 30:50] = 0
    path = scene.write("holed", holed, nodata=0)
    row = rows(evaluate(path, reference=scene.paths["reference"], options=Options(metrics=QUICK)))["rmse"]
    valid = np.ones(holed.shape[1:], bool)
    valid[20:40, 30:50] = False
    expected = rmse(scene.test[:, valid], scene.reference[:, valid])
    assert row["value"] == pytest.approx(expected, rel=1e-12)
    assert row["facts"]["pixels"] == valid.sum()


def test_a_hole_does_not_stand_out_in_the_map_of_what_the_input_does_not_show(scene):
    """The blur reaches from the pixels beside the hole into it."""

    def residual(path):
        options = Options(metrics=("rmse",), degradation="gaussian-area", degradation_value=0.5)
        found = evaluate(
            path, reference=scene.paths["reference"], lowres=scene.paths["lowres"], options=options
        )
        return found.pictures.maps["residual"][0]

    holed = scene.test.copy()
    holed[:, 20:40, 30:50] = 65535
    found = residual(scene.write("bright_hole", holed, nodata=65535))
    assert np.isnan(found[10:20, 15:25]).all()
    clean = residual(scene.paths["test"])
    assert np.nanmax(np.abs(found)) < 2 * np.abs(clean).max()


def test_a_mask_chooses_the_pixels(scene):
    wanted = np.zeros((1, 150, 190), np.uint8)
    wanted[0, 40:90, 50:120] = 7
    mask = scene.write("mask", wanted, names=())
    cut = (slice(None), slice(40, 90), slice(50, 120))
    found = measured(scene, mask=mask)
    assert found["rmse"]["value"] == pytest.approx(rmse(scene.test[cut], scene.reference[cut]), rel=1e-12)


def test_a_mask_on_another_grid_is_refused_or_warped_to_the_nearest_pixels(scene):
    wanted = np.zeros((1, 75, 95), np.uint8)
    wanted[0, 20:45, 25:60] = 1
    mask = scene.write("coarse_mask", wanted, names=())
    with pytest.raises(GridMismatch, match=r"MASK: .*Set GRID to warp to resample it"):
        measured(scene, mask=mask)
    cut = (slice(None), slice(40, 90), slice(50, 120))
    found = measured(scene, mask=mask, grid="warp")
    assert found["rmse"]["value"] == pytest.approx(rmse(scene.test[cut], scene.reference[cut]), rel=1e-12)


def test_bands_are_paired_by_name(scene):
    shuffled = scene.write("shuffled", scene.reference[::-1].copy(), names=("nir", "red", "green", "blue"))
    found = evaluate(scene.paths["test"], reference=shuffled, options=Options(metrics=QUICK))
    assert [band["reference"] for band in found.facts["bands"]] == [4, 3, 2, 1]
    assert rows(found)["rmse"]["value"] == measured(scene)["rmse"]["value"]


def test_bands_can_be_paired_by_hand(scene):
    found = measured(scene, bands=(2,), reference_bands=(3,))
    assert found["rmse"]["value"] == pytest.approx(rmse(scene.test[1], scene.reference[2]), rel=1e-12)


def test_bands_that_do_not_fit_are_refused(scene):
    two = scene.write("two", scene.reference[:2], names=("a", "b"))
    with pytest.raises(BandMismatch, match="give BANDS and REFERENCE_BANDS in the same order"):
        evaluate(scene.paths["test"], reference=two)
    with pytest.raises(BandMismatch, match="REFERENCE_BANDS: 1 bands for 2"):
        measured(scene, bands=(1, 2), reference_bands=(1,))


def test_another_grid_is_refused_or_warped_on_record(scene):
    x0, xc, _, y0, _, yr = NORTH_UP
    moved = scene.write("moved", scene.reference, transform=(x0 + 4.0, xc, 0.0, y0, 0.0, yr))
    with pytest.raises(GridMismatch, match="Set GRID to warp"):
        evaluate(scene.paths["test"], reference=moved)
    found = evaluate(scene.paths["test"], reference=moved, options=Options(grid="warp"))
    assert "warped (cubic)" in found.facts["reference"]["change"]
    assert any("was warped" in text for text in found.facts["warnings"])


def test_a_finer_reference_is_averaged(scene):
    x0, xc, _, y0, _, yr = NORTH_UP
    fine = scene.reference.repeat(2, axis=1).repeat(2, axis=2)
    path = write_raster(scene.folder / "fine.tif", fine, transform=(x0, xc / 2, 0.0, y0, 0.0, yr / 2))
    found = evaluate(scene.paths["test"], reference=path, options=Options(grid="warp", metrics=QUICK))
    assert "warped (average)" in found.facts["reference"]["change"]
    assert rows(found)["rmse"]["value"] == pytest.approx(rmse(scene.test, scene.reference), rel=1e-3)


def test_maps_are_written_as_rasters(scene):
    targets = {name: str(scene.folder / f"map_{name}.tif") for name in ("error", "ssim", "hallucination")}
    evaluate(
        scene.paths["test"],
        reference=scene.paths["reference"],
        lowres=scene.paths["lowres"],
        options=Options(metrics=QUICK, rasters=targets, pictures=False),
    )
    error = gdal.Open(targets["error"])
    assert np.array_equal(error.ReadAsArray(), scene.test.astype(float) - scene.reference)
    assert error.GetGeoTransform() == NORTH_UP
    ssim = gdal.Open(targets["ssim"]).ReadAsArray()
    assert np.isnan(ssim[:, :5]).all()
    assert np.isfinite(ssim[:, 5:-5, 5:-5]).all()
    weights = gdal.Open(targets["hallucination"]).ReadAsArray()
    known = np.isfinite(weights).all(axis=0)
    assert known.any()
    assert np.allclose(weights[:, known].sum(axis=0), 1, atol=1e-5)


def test_maps_never_overwrite_what_they_are_about(scene):
    with pytest.raises(OutputIsInput):
        measured(scene, rasters={"error": scene.paths["reference"]})
    with pytest.raises(InvalidSetting, match=r"HALLUCINATION_RASTER .*needs LOWRES"):
        measured(scene, rasters={"hallucination": str(scene.folder / "h.tif")})


@pytest.mark.parametrize("after", [0.0, 0.5])
def test_a_failed_run_leaves_no_map(scene, tmp_path, monkeypatch, after):
    target = tmp_path / "map.tif"
    monkeypatch.setattr(passes, "BLOCK", 64)

    class Impatient(SilentProgress):
        cancelled = after == 0

        def update(self, fraction):
            self.cancelled |= fraction >= after

    with pytest.raises(Cancelled):
        evaluate(
            scene.paths["test"],
            reference=scene.paths["reference"],
            options=Options(rasters={"error": str(target)}),
            progress=Impatient(),
        )
    assert not list(tmp_path.iterdir())


def test_maps_are_refused_where_half_of_their_pixels_would_not_fit(scene, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(map_rasters, "check_writable", lambda path, bytes_needed: asked.append(bytes_needed))
    measured(scene, rasters={"error": str(tmp_path / "map.tif")})
    # Of four bytes in each of four bands.
    assert asked == [150 * 190 * 4 * 4 // 2]


def test_without_a_reference_the_spectra_are_compared_with_those_of_bicubic(scene):
    alone = evaluate(scene.paths["test"], lowres=scene.paths["lowres"])
    beside = evaluate(
        scene.paths["test"],
        reference=scene.write("bicubic", scene.bicubic),
        options=Options(metrics=("frc",), pictures=False),
    )
    found, expected = alone.facts["curves"]["against_bicubic"], beside.facts["curves"]["test"]
    assert set(found) == set(expected)
    for name, values in expected.items():
        assert found[name] == pytest.approx(values, abs=1e-6), name


@pytest.mark.parametrize("metrics", [("rmse",), ("rmse", "hallucination")], ids=["one pass", "two passes"])
def test_progress_runs_to_the_end_without_going_back(scene, monkeypatch, metrics):
    monkeypatch.setattr(passes, "BLOCK", 64)

    class Watched(SilentProgress):
        def __init__(self):
            self.seen = []

        def update(self, fraction):
            self.seen.append(fraction)

    progress = Watched()
    paths = {"reference": scene.paths["reference"], "lowres": scene.paths["lowres"]}
    evaluate(scene.paths["test"], **paths, options=Options(metrics=metrics), progress=progress)
    assert progress.seen == sorted(progress.seen)
    assert progress.seen[0] >= 0
    assert progress.seen[-1] == 1.0


def test_provenance_names_files_by_their_checksums(scene):
    found = evaluate(scene.paths["test"], reference=scene.paths["reference"], options=Options(metrics=QUICK))
    content = Path(scene.paths["reference"]).read_bytes()
    assert found.facts["reference"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_worst_place_is_where_the_damage_is(scene):
    damaged = scene.test.copy()
    damaged[:, 130:145, 70:90] += 900
    found = evaluate(scene.write("damaged", damaged), reference=scene.paths["reference"])
    worst = found.facts["worst_places"][0]
    x, y = NORTH_UP[0] + 80 * 10, NORTH_UP[3] - 137 * 10
    xmin, ymin, xmax, ymax = worst["extent"]
    assert xmin <= x <= xmax
    assert ymin <= y <= ymax
    assert worst["extent_text"].endswith("[EPSG:32633]")
    assert found.pictures.places[0].details["error"].max() > 800


def test_indices_are_found_by_name_or_given(scene):
    found = evaluate(
        scene.paths["test"],
        reference=scene.paths["reference"],
        options=Options(metrics=("index_mae",), indices={"NDWI": (2, 4)}),
    )
    assert found.facts["indices"] == {"NDWI": ["green", "nir"], "NDVI": ["nir", "red"]}
    with pytest.raises(InvalidSetting, match="INDICES X"):
        measured(scene, indices={"X": (1, 9)})


def test_a_missing_file_is_named(scene):
    with pytest.raises(RasterNotReadable, match="nowhere"):
        evaluate(scene.paths["test"], reference=str(scene.folder / "nowhere.tif"))


def test_the_csv_has_a_line_for_every_measure_and_band(scene):
    found = evaluate(
        scene.paths["test"],
        reference=scene.paths["reference"],
        lowres=scene.paths["lowres"],
        options=Options(metrics=("rmse", "sam")),
    )
    lines = found.csv_text().splitlines()
    assert lines[0] == "measure,unit,band,value,bicubic,gain,remark"
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["rmse", "DN", band] for band in ("all", "blue", "green", "red", "nir")
    ] + [["sam", "°", "all"]]


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((2, 40, 44), np.uint16),
        np.full((2, 40, 44), 500, np.uint16),
        np.full((2, 40, 44), np.nan, np.float32),
        np.arange(1.0, 25.0).reshape(1, 4, 6).astype(np.uint8),
    ],
    ids=["zeros", "constant", "no value at all", "one band, smaller than any window"],
)
def test_odd_rasters_give_numbers_or_reasons_never_nan(tmp_path, image):
    path = write_raster(tmp_path / "odd.tif", image)
    found = evaluate(path, reference=path, options=Options(metrics=tuple(MEASURES)))
    json.loads(found.json_text())  # which allows no NaN
    for row in found.facts["measures"]:
        assert row["value"] is not None or row["reason"], row["key"]
