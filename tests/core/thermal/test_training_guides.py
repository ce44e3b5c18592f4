"""core/thermal/training_guides: training data hold the channels that a run gives to networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.thermal import sharpen as sharpening
from srsat_qgis.core.thermal.sharpen import OFF, SharpenRequest, sharpen
from srsat_qgis.core.thermal.training_guides import channels_for
from tests.core.thermal.scenes import SCALE, coarse, transform, truth
from tests.rasters import read_raster, shapes, write_raster

SIDE = 32


def write(path, image, pixel=250.0, nodata=-9999):
    return write_raster(path, np.asarray(image, np.float32), transform=transform(pixel), nodata=nodata)


@pytest.fixture
def scene(tmp_path):
    """Paths of temperatures and of guides of one and of five bands, and the temperatures."""
    fine, index = truth(SIDE)
    noise = np.random.default_rng(0).normal(0.2, 0.02, index.shape)
    bands = [index, 0.5 - 0.4 * index, index**2, shapes(*index.shape, seed=9) / 4000, noise]
    return (
        write(tmp_path / "hr.tif", fine[None]),
        write(tmp_path / "ndvi.tif", index[None]),
        write(tmp_path / "five.tif", bands),
        fine,
    )


def folder(tmp_path, name="channels"):
    made = tmp_path / name
    made.mkdir()
    return made


@pytest.mark.parametrize("kind", ["ndvi", "five", "both"])
def test_channels_are_those_that_inference_gives_the_network(tmp_path, scene, kind, monkeypatch):
    hr, ndvi, five, fine = scene
    guides = {"ndvi": [ndvi], "five": [five], "both": [ndvi, five]}[kind]
    made = read_raster(channels_for([hr], guides, folder(tmp_path))[0])
    kept = {}

    def keep(sources, *_, **__):
        kept["channels"] = read_raster(sources["guide"].path)
        raise InvalidSetting("enough")

    monkeypatch.setattr(sharpening, "super_resolve", keep)
    lst = write(tmp_path / "lr.tif", coarse(fine, SCALE)[None], 250.0 * SCALE)
    request = SharpenRequest(
        lst, tuple(guides), registry()["lst-x4"], SCALE, str(tmp_path / "out.tif"), coregister=OFF
    )
    with pytest.raises(InvalidSetting, match="enough"):
        sharpen(request)
    # Cubic convolution onto the very same pixels moves nothing.
    np.testing.assert_allclose(made, kept["channels"], atol=1e-4)
    assert made.shape == (3, SIDE * SCALE, SIDE * SCALE)
    used = made[: 1 if kind == "ndvi" else 3]
    np.testing.assert_allclose(used.mean(axis=(1, 2)), 0, atol=1e-3)
    np.testing.assert_allclose(used.std(axis=(1, 2)), 1, atol=1e-3)
    # Where it is warm, all of them are large.
    assert all(np.corrcoef(plane.ravel(), fine.ravel())[0, 1] > 0 for plane in used)
    assert not made[len(used) :].any()


def test_holes_stay_holes_and_finer_guides_are_averaged(tmp_path, scene):
    hr = scene[0]
    _, index = truth(SIDE)
    finer = index.repeat(2, axis=0).repeat(2, axis=1)
    finer[:20, :30] = -9999
    guide = write(tmp_path / "finer.tif", finer[None], 125.0)
    (path,) = channels_for([hr], [guide], folder(tmp_path))
    assert Path(path).name == "finer.tif"
    made = read_raster(path)
    assert np.isnan(made[:, :10, :15]).all()
    assert np.isfinite(made[:, 11:]).all()
    expected = -(index - index[12:].mean())[12:]
    assert np.corrcoef(made[0, 12:].ravel(), expected.ravel())[0, 1] > 0.9999


def test_several_scenes_take_guides_by_name_each_with_its_own_statistics(tmp_path):
    fine, index = truth(SIDE)
    hr, guides = [], []
    for number, name in enumerate("ab"):
        (tmp_path / f"g{name}").mkdir()
        hr.append(write(tmp_path / f"{name}.tif", fine[None] + number))
        guides.append(write(tmp_path / f"g{name}" / f"{name}.tif", (1 + number) * index[None] + number))
    one, two = (read_raster(path) for path in channels_for(hr, guides[::-1], folder(tmp_path)))
    # A gain and an offset of a guide are no information.
    np.testing.assert_allclose(one, two, atol=1e-4)
    with pytest.raises(InvalidSetting, match="3 rasters for 2 of HR"):
        channels_for(hr, [*guides, guides[0]], folder(tmp_path, "more"))


def test_a_guide_that_is_coarser_than_the_temperatures_is_refused(tmp_path, scene):
    hr, *_ = scene
    guide = write(tmp_path / "coarse.tif", truth(SIDE, 1)[1][None], 1000.0)
    with pytest.raises(InvalidSetting, match="4 times as large"):
        channels_for([hr], [guide], folder(tmp_path))
