"""Mosaics of parts and cloud-optimised GeoTIFFs, held against the raster that they were cut from."""

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import Cancelled, InvalidSetting, OutputNotWritable
from srsat_qgis.core.raster.mosaic import write_cog, write_mosaic
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.tiled_run import OutputRaster
from srsat_qgis.core.raster.writer import BandStatistics, RasterWriter
from srsat_qgis.core.types import SilentProgress, Window
from tests.rasters import ROTATED, read_raster, texture, write_raster


def _facts(path):
    dataset = gdal.Open(str(path))
    bands = [dataset.GetRasterBand(n + 1) for n in range(dataset.RasterCount)]
    return (
        dataset.GetGeoTransform(),
        dataset.GetProjection(),
        [
            (
                b.GetDescription(),
                b.GetNoDataValue(),
                b.GetColorInterpretation(),
                b.GetScale() or 1.0,
                b.GetMaskFlags(),
            )
            for b in bands
        ],
        dataset.GetMetadataItem("SRSAT_MODEL"),
    )


def _output(raster, path, nodata=None, mask=False):
    bands = tuple(raster.template(band.number) for band in raster.bands)
    return OutputRaster(
        str(path), raster.grid, raster.types[0], bands, len(bands), nodata, mask, {"SRSAT_MODEL": "any"}, ()
    )


def _cut(output, image, valid, folder):
    """Write a raster's quarters, uneven ones."""
    rows, cols = image.shape[1:]
    for number, (row, col, end, edge) in enumerate(
        [(0, 0, 30, 50), (0, 50, 30, cols), (30, 0, rows, 50), (30, 50, rows, cols)]
    ):
        window = Window(row, col, end - row, edge - col)
        path = folder / f"part {number} & more.tif"
        with RasterWriter(
            str(path),
            grid=output.grid.cropped(window),
            data_type=output.data_type,
            bands=output.bands,
            nodata=output.nodata,
            mask=output.mask,
            metadata={},
        ) as writer:
            part = (slice(None), *window.slices)
            inside = Window(0, 0, window.rows, window.cols)
            writer.write(inside, image[part], None if valid is None else valid[part], statistics=0)
        yield str(path), window


@pytest.mark.parametrize("how", ["plain", "rotated", "nodata", "mask", "alpha"])
def test_a_mosaic_shows_its_parts_as_the_whole_raster(tmp_path, how):
    image = texture(3, 70, 90).astype(np.uint16)
    mask = np.ones((70, 90), bool)
    mask[20:40, 30:60] = False
    options = {}
    if how == "nodata":
        image[:, ~mask] = 0
        options = {"nodata": 0}
    if how == "mask":
        options = {"mask": mask}
    if how == "alpha":
        image[2] = np.where(mask, 65535, 0)
        options = {"alpha": True}
    transform = ROTATED if how == "rotated" else (399960.0, 10.0, 0.0, 5300040.0, 0.0, -10.0)
    source = write_raster(tmp_path / "whole.tif", image, transform=transform, names=("a", "<b>"), **options)
    raster = Raster(source)
    output = _output(raster, "", nodata=options.get("nodata"), mask=how == "mask")
    valid = np.broadcast_to(mask, image.shape) if how == "mask" else None
    target = tmp_path / "mosaic.vrt"
    write_mosaic(str(target), output, _cut(output, image, valid, tmp_path))
    np.testing.assert_array_equal(read_raster(target), image)
    expected, found = _facts(source), _facts(target)
    assert found[:3] == expected[:3]
    assert found[3] == "any"
    if how == "mask":
        dataset = gdal.Open(str(target))
        shown = dataset.GetRasterBand(2).GetMaskBand().ReadAsArray()
        np.testing.assert_array_equal(shown > 0, mask)


def test_a_mosaic_can_be_moved_with_its_parts(tmp_path):
    image = texture(1, 70, 90).astype(np.uint8)
    raster = Raster(write_raster(tmp_path / "whole.tif", image))
    home = tmp_path / "one"
    (home / "parts").mkdir(parents=True)
    output = _output(raster, "")
    write_mosaic(str(home / "mosaic.vrt"), output, _cut(output, image, None, home / "parts"))
    home.rename(tmp_path / "two")
    np.testing.assert_array_equal(read_raster(tmp_path / "two" / "mosaic.vrt"), image)


def test_statistics_of_parts_join_to_those_of_the_whole(tmp_path):
    image = texture(1, 70, 90).astype(np.float64)
    parts = [BandStatistics(), BandStatistics(), BandStatistics()]
    parts[0].add(image[:, :30])
    parts[1].add(image[:, 30:])
    for part in parts[1:]:
        parts[0].join(part)
    raster = Raster(write_raster(tmp_path / "whole.tif", image))
    write_mosaic(str(tmp_path / "m.vrt"), _output(raster, ""), [], parts[:1])
    dataset = gdal.Open(str(tmp_path / "m.vrt"))
    found = dataset.GetRasterBand(1).GetStatistics(False, False)
    np.testing.assert_allclose(found, [image.min(), image.max(), image.mean(), image.std()], rtol=1e-9)


@pytest.mark.parametrize("how", ["plain", "nodata", "mask", "alpha"])
def test_a_cog_holds_pixels_and_metadata_of_its_source(tmp_path, how):
    image = texture(4, 600, 700, low=1, high=250).astype(np.uint8)
    mask = np.ones((600, 700), bool)
    mask[20:40, 30:60] = False
    options = {"nodata": {"nodata": 7}, "mask": {"mask": mask}, "alpha": {"alpha": True}}.get(how, {})
    source = write_raster(tmp_path / "in.tif", image, options=("ALPHA=NO",) * (how != "alpha"), **options)
    target = tmp_path / "out.tif"
    write_cog(source, str(target))
    np.testing.assert_array_equal(read_raster(target), image)
    assert _facts(target) == _facts(source)
    dataset = gdal.Open(str(target))
    assert dataset.GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG"
    assert dataset.GetRasterBand(1).GetOverviewCount() == 1
    if how == "mask":
        np.testing.assert_array_equal(dataset.GetRasterBand(1).GetMaskBand().ReadAsArray() > 0, mask)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.tif", "out.tif"]


def test_a_fast_cog_holds_the_same_pixels(tmp_path):
    source = write_raster(tmp_path / "in.tif", texture(1, 1100, 700).astype(np.uint16))
    for name in ("small", "fast"):
        write_cog(source, str(tmp_path / f"{name}.tif"), fast=name == "fast")
    small, fast = tmp_path / "small.tif", tmp_path / "fast.tif"
    np.testing.assert_array_equal(read_raster(fast), read_raster(small))
    assert _facts(fast) == _facts(small)
    assert small.read_bytes() != fast.read_bytes()
    assert gdal.Open(str(fast)).GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG"


def test_a_cog_has_the_same_bytes_again_and_with_threads(tmp_path):
    source = write_raster(tmp_path / "in.tif", texture(2, 1100, 700).astype(np.uint16))
    for name, threads in (("a", 1), ("b", 2)):
        write_cog(source, str(tmp_path / f"{name}.tif"), threads=threads)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_a_cog_is_uploaded_whole_into_a_file_system_of_gdal(tmp_path):
    image = texture(1, 90, 70).astype(np.uint8)
    source = write_raster(tmp_path / "in.tif", image)
    try:
        write_cog(source, "/vsimem/srsat-test/out.tif")
        np.testing.assert_array_equal(read_raster("/vsimem/srsat-test/out.tif"), image)
    finally:
        gdal.Unlink("/vsimem/srsat-test/out.tif")
    with pytest.raises(InvalidSetting, match="/vsinone/"):
        write_cog(source, "/vsinone/bucket/out.tif")


class Stops(SilentProgress):
    cancelled = True


@pytest.mark.parametrize("how", ["cancelled", "no folder"])
def test_a_cog_that_cannot_be_finished_leaves_what_was_there(tmp_path, how):
    source = write_raster(tmp_path / "in.tif", texture(1, 600, 700).astype(np.uint8))
    target = tmp_path / "out.tif" if how == "cancelled" else tmp_path / "none" / "out.tif"
    if how == "cancelled":
        target.write_bytes(b"before")
    with pytest.raises(Cancelled if how == "cancelled" else OutputNotWritable, match=r"cancelled|none"):
        write_cog(source, str(target), progress=Stops() if how == "cancelled" else None)
    assert (
        sorted(path.name for path in tmp_path.iterdir()) == ["in.tif", "out.tif"][: 1 + (how == "cancelled")]
    )
    if how == "cancelled":
        assert target.read_bytes() == b"before"
