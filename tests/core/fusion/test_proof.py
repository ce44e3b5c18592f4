"""The numbers on a fused scene are those of Wald's protocol, computed here once more with plain numpy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.fusion import agreement
from srsat_qgis.core.fusion.fuse import fusing
from srsat_qgis.core.fusion.proof import prove
from srsat_qgis.core.fusion.reduced import blur_of, degraded
from srsat_qgis.core.sentinel2.clouds import SCL, CloudMask
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.types import SilentProgress, Window
from tests.core.sentinel2 import models, products
from tests.core.sentinel2.scenes import NAMES, OFF, measure, request, write_scene
from tests.rasters import read_raster, write_raster


def blurred(plane: np.ndarray, sigma: float) -> np.ndarray:
    """A Gaussian of ``sigma`` pixels cut at four of them, edges mirrored."""
    reach = int(4 * sigma + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    for _ in range(2):
        wide = np.pad(plane, ((0, 0), (reach, reach)), mode="symmetric")
        plane = np.apply_along_axis(np.convolve, 1, wide, kernel, mode="valid").T
    return plane


def coarsened(plane: np.ndarray, scale: int) -> np.ndarray:
    """The Gaussian protocol: 1/scale pixels, the mean, whole numbers."""
    rows, cols = (side // scale for side in plane.shape)
    fine = blurred(plane.astype(float), 1 / scale)
    return np.rint(fine.reshape(rows, scale, cols, scale).mean(axis=(1, 3)))


def bicubic(plane: np.ndarray, scale: int) -> np.ndarray:
    """Keys' cubic convolution from its definition, pixel by pixel along each axis."""

    def weight(x: float) -> float:
        x = abs(x)
        if x <= 1:
            return 1.5 * x**3 - 2.5 * x**2 + 1
        return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0

    for _ in range(2):
        size = plane.shape[1]
        mirrored = np.r_[np.arange(size), np.arange(size)[::-1]]
        matrix = np.zeros((size, size * scale))
        for out in range(size * scale):
            place = (out + 0.5) / scale - 0.5
            for near in range(int(np.floor(place)) - 1, int(np.floor(place)) + 3):
                index = mirrored[near % (2 * size)]
                matrix[index, out] += weight(place - near)
        plane = (plane @ matrix).T
    return np.clip(np.rint(plane), 0, 65535)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return measure(tmp_path_factory.mktemp("scene"))


@pytest.mark.parametrize("gsd", [20, 60])
def test_errors_at_reduced_scale_are_those_of_plain_numpy(whole, gsd):
    scale, found = gsd // 10, whole.group(gsd)["reduced"]["gaussian"]
    rows, cols = (side // scale * scale for side in whole.pixels[gsd].shape[1:])
    truth = whole.pixels[gsd][:, :rows, :cols].astype(float)
    guide = coarsened(whole.pixels[10][0][: rows * scale, : cols * scale], scale)
    errors = {"model": [], "bicubic": []}
    for band in truth:
        coarse = coarsened(band, scale)
        errors["model"].append(models.expected(coarse, guide, scale) - band)
        errors["bicubic"].append(bicubic(coarse, scale) - band)
    for name, planes in errors.items():
        stack, scores = np.stack(planes), found[name]
        rmse = np.sqrt((stack**2).mean(axis=(1, 2)))
        mean = truth.mean(axis=(1, 2))
        np.testing.assert_allclose(scores["rmse"]["per_band"], rmse, rtol=1e-4)
        assert scores["rmse"]["value"] == pytest.approx(np.sqrt((stack**2).mean()), rel=1e-4)
        np.testing.assert_allclose(scores["sre"]["per_band"], 20 * np.log10(mean / rmse), atol=1e-3)
        np.testing.assert_allclose(scores["bias"]["per_band"], stack.mean(axis=(1, 2)), atol=0.02)
        np.testing.assert_allclose(scores["bias_percent"], 100 * stack.mean(axis=(1, 2)) / mean, atol=0.02)
        other = truth + stack
        cosine = (truth * other).sum(0) / np.sqrt((truth**2).sum(0) * (other**2).sum(0))
        angle = np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean()
        assert scores["sam"]["value"] == pytest.approx(angle, rel=1e-3)
    sums = [np.sqrt((np.stack(errors[name]) ** 2).mean(axis=(1, 2))).sum() for name in ("model", "bicubic")]
    assert whole.proof.error(gsd) == pytest.approx(sums[0] / sums[1], rel=1e-4)
    assert found["pixels"] == rows * cols


def test_each_band_is_blurred_by_its_own_mtf():
    plane = np.full((60, 60), 100, np.uint16)
    plane[28:32, 28:32] = 1100
    sharp, soft = (
        degraded(plane, blur_of("mtf", SENTINEL2[band], 2), 2, SENTINEL2) for band in ("B5", "B11")
    )
    assert sharp.max() > soft.max() > 100  # 0.38 and 0.22 at Nyquist


def test_both_degradations_are_measured(whole):
    for gsd in (20, 60):
        group = whole.group(gsd)
        assert set(group["reduced"]) == {"gaussian", "mtf"}
        assert group["reduced"]["mtf"]["share"] != group["reduced"]["gaussian"]["share"]
        assert group["reason"] == ""


def test_agreement_is_the_mean_difference_and_its_share_of_the_range(whole):
    image, largest = read_raster(whole.fused.path).astype(float), []
    for gsd in (20, 60):
        found, scale = whole.group(gsd)["agreement"], gsd // 10
        for index, band in enumerate(whole.pixels[gsd].astype(float)):
            made = image[list(whole.fused.plan.bands).index(NAMES[gsd][index])]
            cols = band.shape[1] // scale * scale  # 20 pixels of 60 m are no multiple of 6
            made, band = made[:, : cols * scale], band[:, :cols]
            again = made.reshape(band.shape[0], scale, band.shape[1], scale).mean(axis=(1, 3))
            low, high = np.percentile(band, (0.1, 99.9))
            assert found["mae_dn"][index] == pytest.approx(np.abs(again - band).mean(), rel=1e-6)
            assert found["range_dn"][index] == pytest.approx(high - low)
            assert found["percent"][index] == pytest.approx(100 * found["mae_dn"][index] / (high - low))
        assert found["mean_percent"] == pytest.approx(np.mean(found["percent"]))
        largest.append(max(found["percent"]))
    assert whole.proof.consistency_percent() == max(largest)


def test_agreement_is_measured_by_the_run_s_own_blur(tmp_path):
    found = measure(tmp_path, settings=Settings(consistency="area", device="cpu"), gsds=(10, 20))
    made, group = read_raster(found.fused.path), found.group(20)
    assert group["agreement"]["why"] == "with which the run made the bands consistent with their originals"
    band = made[list(found.fused.plan.bands).index("B6")].astype(float)
    again = band.reshape(54, 2, 60, 2).mean(axis=(1, 3))
    expected = np.abs(again - found.pixels[20][1]).mean()
    assert group["agreement"]["mae_dn"][1] == pytest.approx(expected, rel=1e-6)


def test_no_data_and_saturation_have_no_influence(tmp_path):
    (tmp_path / "clean").mkdir()
    (tmp_path / "holes").mkdir()

    def holes(gsd, image):
        if gsd == 20:
            image[0, 10:12, 10:12] = 0
            image[1, 20, 30] = 65535  # and with it three others of its degraded pixel

    clean = measure(tmp_path / "clean", gsds=(10, 20)).group(20)["reduced"]["gaussian"]
    found = measure(tmp_path / "holes", gsds=(10, 20), change=holes).group(20)["reduced"]["gaussian"]
    assert found["pixels"] == clean["pixels"] - 8
    for name in ("model", "bicubic"):
        np.testing.assert_allclose(
            found[name]["rmse"]["per_band"], clean[name]["rmse"]["per_band"], rtol=0.02
        )


def test_what_the_result_leaves_out_is_left_out(tmp_path):
    """A cloud mask makes pixels of the result no data; the report does not score them."""
    found = measure(tmp_path, gsds=(10, 20))
    classes = np.full((1, 54, 60), 4, np.uint8)
    classes[0, 4:8, 6:10] = 9

    transform = (products.ORIGIN[0], 20.0, 0.0, products.ORIGIN[1], 0.0, -20.0)
    path = write_raster(tmp_path / "scl.tif", classes, transform=transform)
    _, sources = write_scene(tmp_path, gsds=(10, 20))
    layers, cards = open_scene(rasters=sources).layers, {20: models.detail_card(tmp_path, 20)}
    wanted = request(layers, cards, tmp_path / "masked.tif", mask=CloudMask(SCL, path), settings=OFF)
    with fusing(wanted) as fused:
        facts = prove(fused).facts
    scored = facts["groups"][0]["reduced"]["gaussian"]["pixels"]
    assert scored == found.group(20)["reduced"]["gaussian"]["pixels"] - 16


def test_a_model_that_is_not_equivariant_sees_values_without_the_offset(tmp_path):
    def change(gsd, image):
        image += 1000

    errors = []
    for equivariant in (True, False):
        folder = tmp_path / str(equivariant) / "S2B_MSIL1C_20221005T102031_N0400_R065_T33UUU.SAFE"
        folder.mkdir(parents=True)
        found = measure(folder, equivariant=equivariant, gsds=(10, 20), change=change)
        assert found.proof.facts["offsets"].startswith("-1000 (baseline 04.00")
        errors.append(found.group(20)["reduced"]["gaussian"]["model"]["rmse"]["per_band"])
    np.testing.assert_allclose(errors[0], errors[1], rtol=1e-3)


@pytest.mark.parametrize("cells", [(3, 3), (17, 40)])
def test_a_scene_too_small_for_the_protocol_still_tells_its_agreement(tmp_path, cells):
    found = measure(tmp_path, cells=cells)
    group = found.group(60)
    assert group["reduced"] == {}
    assert f"{cells[1]} x {cells[0]} pixels" in group["reason"]
    assert "18 x 18" in group["reason"]
    assert group["agreement"]["largest_percent"] is not None
    assert found.proof.error(60) is None
    assert (found.proof.error(20) is None) == (cells == (3, 3))


def test_a_scene_almost_without_values_says_so(tmp_path):
    def change(gsd, image):
        if gsd == 20:
            image[:, :, 4:] = 0
            image[:, 4:] = 0

    found = measure(tmp_path, gsds=(10, 20), change=change)
    group = found.group(20)
    assert group["reduced"] == {}
    assert "holds values" in group["reason"]
    assert group["agreement"]["largest_percent"] is not None  # of the few


def test_a_step_that_was_not_run_is_named(tmp_path):
    found = measure(tmp_path, targets="20 m")
    assert [one["gsd_m"] for one in found.proof.facts["groups"]] == [20]
    assert found.proof.facts["absent"] == [{"gsd_m": 60, "reason": "the targets were '20 m'"}]
    assert found.proof.error(60) is None


def test_a_scene_without_a_group_says_so(tmp_path):
    found = measure(tmp_path, gsds=(10, 20))
    assert "no bands of 60 m" in found.proof.facts["absent"][0]["reason"]


def test_facts_are_json_and_extents_lie_on_the_scene(whole):
    facts = json.loads(whole.proof.json_text())
    assert facts["groups"][0]["windows"][0]["extent_text"] == ("399960,401160,5298960,5300040 [EPSG:32633]")
    assert list(facts["sources"]) == facts["output"]["bands"]
    assert facts["groups"][0]["whole"] is True
    assert facts["groups"][0]["shift"]["fine"] == "B8"


def test_pictures_show_the_same_ground(whole):
    twenty, sixty = whole.proof.pictures[20], whole.proof.pictures[60]
    assert twenty.shown == ("B12", "B8A", "B5")
    assert sixty.shown == tuple(NAMES[60])
    place = twenty.place
    truth = whole.pixels[20][
        [5, 3, 0], place.row : place.row + place.rows, place.col : place.col + place.cols
    ]
    np.testing.assert_array_equal(twenty.reduced["truth"], truth)
    assert twenty.result["result"].shape == twenty.result["bicubic"].shape


def test_the_place_shown_is_where_bicubic_errs_most(tmp_path, monkeypatch):
    """Pixels that alternate are lost when they are averaged; their errors on both sides do not cancel out."""
    monkeypatch.setattr(agreement, "SIDE_PX", 18)

    def change(gsd, image):
        if gsd == 20:
            image[:, 18:36, 36:54] += np.where(np.indices((18, 18)).sum(axis=0) % 2, 500, 0).astype(np.uint16)

    found = measure(tmp_path, gsds=(10, 20), change=change)
    assert found.proof.pictures[20].place == Window(18, 36, 18, 18)


class Stops(SilentProgress):
    """Cancels once a part of the work is done."""

    def __init__(self, at: float) -> None:
        self.at, self.cancelled, self.seen = at, False, []

    def update(self, fraction: float) -> None:
        self.seen.append(fraction)
        self.cancelled = fraction >= self.at


@pytest.mark.parametrize("at", [0.0, 0.5])
def test_a_cancelled_report_leaves_the_raster(tmp_path, at):
    progress = Stops(at)
    progress.cancelled = at == 0.0
    with pytest.raises(Cancelled):
        measure(tmp_path, progress=progress)
    assert (tmp_path / "out.tif").is_file()
    assert [path.name for path in Path(tmp_path).iterdir() if ".srsat-" in path.name] == []


def test_progress_runs_from_nothing_to_all(tmp_path):
    progress = Stops(2.0)
    measure(tmp_path, progress=progress)
    assert progress.seen == sorted(progress.seen)
    assert progress.seen[-1] == pytest.approx(1.0)
