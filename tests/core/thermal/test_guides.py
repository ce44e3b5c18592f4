"""Guides on the sharpened grid: nothing aliases, holes fade, and any number of bands becomes a few channels."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.raster.nesting import check_nesting
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.thermal.guides import (
    Moments,
    check_guide,
    fading,
    resampling_for,
    stacked,
    warp_guide,
)
from srsat_qgis.core.types import Window
from tests.rasters import texture, write_raster

LST = (500000.0, 1000.0, 0.0, 5000000.0, 0.0, -1000.0)


@pytest.fixture
def lst(tmp_path) -> Raster:
    values = np.full((1, 20, 24), 300.0, np.float32)
    return Raster(write_raster(tmp_path / "lst.tif", values, transform=LST, epsg=32633))


def guide(tmp_path, image, *, pixel: float, origin=(500000.0, 5000000.0), name="guide.tif", **more) -> Raster:
    transform = (origin[0], pixel, 0.0, origin[1], 0.0, -pixel)
    return Raster(write_raster(tmp_path / name, image, transform=transform, epsg=32633, **more))


def warped(opened: Raster, lst: Raster, scale: int, tmp_path, **more):
    target = str(tmp_path / "on-grid.tif")
    size = check_guide(opened, lst, scale)
    warp_guide(opened, target, grid=lst.grid.refined(scale), size=size, **more)
    found = Raster(target)
    check_nesting(lst.grid, found.grid, scale, names=("lst", "guide"))
    values, valid = found.read(Window(0, 0, found.grid.rows, found.grid.cols), (1,))
    return values[0], np.ones(values.shape[1:], bool) if valid is None else valid[0]


@pytest.mark.parametrize("pixel", [250.0, 100.0, 30.0])
def test_a_guide_in_any_pixel_size_is_brought_onto_the_grid_that_nests(tmp_path, lst, pixel):
    """A plane: its values at the middles of the output's pixels are known whatever the pixels were."""
    rows, cols = int(24000 / pixel), int(28000 / pixel)
    row, col = np.mgrid[:rows, :cols]
    x, y = 498000 + pixel * (col + 0.5), 5002000 - pixel * (row + 0.5)
    plane = (1e-3 * (x - 500000) + 2e-3 * (y - 5000000))[None].astype(np.float32)
    values, valid = warped(guide(tmp_path, plane, pixel=pixel, origin=(498000, 5002000)), lst, 4, tmp_path)
    row, col = np.mgrid[:80, :96]
    expected = 1e-3 * 250 * (col + 0.5) - 2e-3 * 250 * (row + 0.5)
    assert valid.all()
    # Pixels that do not fill those of 250 m are weighed by parts in some versions of GDAL, and as wholes in others.
    np.testing.assert_allclose(values, expected, atol=1e-3 if pixel == 250 else 0.05)


@pytest.mark.parametrize("pixel", [50.0, 200.0])
def test_detail_finer_than_the_output_does_not_come_out_as_coarse_patterns(tmp_path, lst, pixel):
    """Stripes of 1.03 output pixels, sampled without a filter, would be waves of 8 km at full height."""
    count = int(28000 / pixel)
    x = pixel * (np.arange(count) + 0.5)
    period = 2.06 * max(pixel, 125.0)
    stripes = np.tile(np.sin(2 * np.pi * x / period), (count, 1))[None].astype(np.float32)
    opened = guide(tmp_path, stripes, pixel=pixel)
    assert resampling_for(check_guide(opened, lst, 4)) == ("average" if pixel == 50 else "cubic")
    values, _ = warped(opened, lst, 4, tmp_path)
    # What an ideal mean over the output pixel leaves of that period.
    left = abs(np.sinc(250 / period))
    assert values[:, 2:-2].std() < (left + 0.1) * np.sqrt(0.5) + 0.05


def test_a_measured_shift_moves_the_guide(tmp_path, lst):
    image = texture(1, 80, 96, low=0, high=1, seed=1).astype(np.float32)
    opened = guide(tmp_path, image, pixel=250.0, origin=(500250.0, 4999500.0))
    values, valid = warped(opened, lst, 4, tmp_path, shift=(-250.0, 500.0))
    np.testing.assert_allclose(values, image[0], atol=1e-4)
    assert valid.all()


def test_what_a_guide_does_not_cover_is_invalid(tmp_path, lst):
    image = texture(1, 80, 40, low=0, high=1, seed=1).astype(np.float32)
    image[0, 10:20, 10:20] = -9999
    _, valid = warped(guide(tmp_path, image, pixel=250.0, nodata=-9999), lst, 4, tmp_path)
    assert not valid[:, 41:].any()
    assert not valid[11:19, 11:19].any()
    assert valid[30:, 2:38].all()


def test_a_guide_coarser_than_the_output_is_refused_with_both_sizes(tmp_path, lst):
    coarse = guide(tmp_path, np.ones((1, 40, 48), np.float32), pixel=500.0)
    assert check_guide(coarse, lst, 2) == pytest.approx(1, rel=1e-3)
    with pytest.raises(
        InvalidSetting, match=r"guide\.tif: its pixels are 2 times as large as those of .*lst\.tif"
    ):
        check_guide(coarse, lst, 4)


def test_a_guide_fades_out_towards_holes_and_does_not_count_in_them():
    valid = np.ones((40, 40), bool)
    valid[18:22, 15:20] = False
    weight = fading(valid, 3)
    assert not weight[~valid].any()
    rows, cols = np.mgrid[:40, :40]
    away = np.maximum.reduce([18 - rows, rows - 21, 15 - cols, cols - 19, 0 * rows])
    assert (weight[away > 6] == 1).all()
    assert (weight[(away > 0) & (away <= 3)] < 1).all()
    line = weight[20, 20:30]
    assert (np.diff(line) >= 0).all()
    assert np.diff(line).max() < 0.4
    np.testing.assert_array_equal(fading(valid, 0), valid)


def test_fading_of_a_window_with_its_margin_is_cut_out_of_the_whole():
    valid = np.random.default_rng(0).uniform(size=(60, 70)) > 0.02
    part = fading(valid[10:50, 20:60], 3)
    np.testing.assert_array_equal(part[6:-6, 6:-6], fading(valid, 3)[16:44, 26:54])


def added(image, temperatures=None, valid=None, parts=1):
    """Return the moments of an image that is taken in by strips."""
    moments = Moments(len(image))
    valid = np.ones(image.shape[1:], bool) if valid is None else valid
    for strip in np.array_split(np.arange(image.shape[1]), parts):
        moments.add(image[:, strip], valid[strip], None if temperatures is None else temperatures[strip])
    return moments


def test_few_bands_are_standardised_and_the_other_channels_are_empty():
    ndvi = texture(1, 50, 60, low=-0.1, high=0.9, seed=3)
    channels = added(ndvi).reduction(3).apply(ndvi, np.ones((50, 60), bool))
    assert channels.shape == (3, 50, 60)
    assert channels[0].mean() == pytest.approx(0, abs=1e-5)
    assert channels[0].std() == pytest.approx(1, rel=1e-5)
    assert not channels[1:].any()


def test_many_bands_become_standardised_uncorrelated_components_of_falling_variance():
    hidden = texture(3, 60, 70, low=-1, high=1, seed=4)
    mixing = np.random.default_rng(2).normal(size=(7, 3))
    bands = 3000 + 400 * np.tensordot(mixing, hidden, axes=1)
    channels = added(bands).reduction(3).apply(bands, np.ones((60, 70), bool)).reshape(3, -1)
    np.testing.assert_allclose(np.cov(channels), np.eye(3), atol=2e-3)
    # Three components hold all that seven bands know of three hidden images.
    design = np.concatenate([channels, np.ones((1, channels.shape[1]))]).T
    left = hidden.reshape(3, -1).T - design @ np.linalg.lstsq(design, hidden.reshape(3, -1).T, rcond=None)[0]
    assert left.std() < 1e-2 * hidden.std()


def test_the_sign_of_a_channel_is_that_of_its_relation_to_the_temperatures():
    image = texture(6, 50, 60, low=0, high=1, seed=5)
    temperatures = 300 - 10 * image[0] + 4 * image[3]
    seen = np.ones((50, 60), bool)
    plain = added(image, temperatures).reduction(3).apply(image, seen)
    turned = added(-image, temperatures).reduction(3).apply(-image, seen)
    np.testing.assert_allclose(plain, turned, atol=1e-4)
    for channel in plain:
        assert np.corrcoef(channel.ravel(), temperatures.ravel())[0, 1] >= 0
    one = added(image[:1], temperatures).reduction(3).apply(image[:1], seen)
    assert np.corrcoef(one[0].ravel(), image[0].ravel())[0, 1] == pytest.approx(-1, abs=1e-4)


def test_gains_and_offsets_of_the_bands_do_not_matter():
    image = texture(5, 40, 50, low=0, high=1, seed=6)
    temperatures = 300 - 10 * image[0]
    seen = np.ones((40, 50), bool)
    other = 1e4 + image * np.array([1, 20, 300, 4000, 0.5])[:, None, None]
    np.testing.assert_allclose(
        added(image, temperatures).reduction(3).apply(image, seen),
        added(other, temperatures, parts=7).reduction(3).apply(other, seen),
        atol=2e-3,
    )


def test_invalid_pixels_count_nothing_and_become_the_mean():
    image = texture(2, 30, 30, low=0, high=1, seed=7)
    valid = np.ones((30, 30), bool)
    valid[4:9, 5:11] = False
    spoiled = np.where(valid, image, 1e9)
    found = added(spoiled, valid=valid).reduction(3)
    np.testing.assert_allclose(found.means, image[:, valid].mean(axis=1))
    assert not found.apply(spoiled, valid)[:, ~valid].any()


def test_bands_that_are_constant_or_copies_give_no_noise():
    image = np.stack([texture(1, 30, 30, low=0, high=1, seed=8)[0]] * 4 + [np.full((30, 30), 5.0)])
    channels = added(image).reduction(3).apply(image, np.ones((30, 30), bool))
    assert channels[0].std() == pytest.approx(1, rel=1e-4)
    assert not channels[1:].any()


def test_several_guides_are_one_stack_with_filled_holes():
    first, second = np.ones((2, 6, 6), np.float32), np.full((1, 6, 6), 7.0, np.float32)
    hole = np.ones((1, 6, 6), bool)
    hole[0, 2, 2], second[0, 2, 2] = False, np.nan
    image, valid = stacked([(first, np.ones((2, 6, 6), bool)), (second, hole)], reach=2)
    assert image.shape == (3, 6, 6)
    assert image[2, 2, 2] == 7
    assert np.argwhere(~valid).tolist() == [[2, 2]]


def test_impossible_requests_are_refused():
    with pytest.raises(InvalidSetting, match="no valid pixel in common"):
        added(np.ones((1, 4, 4)), valid=np.zeros((4, 4), bool)).reduction()
    reduction = added(texture(2, 9, 9, low=0, high=1)).reduction()
    with pytest.raises(ShapeMismatch, match="expected 2 bands"):
        reduction.apply(np.ones((3, 4, 4)), np.ones((4, 4), bool))
