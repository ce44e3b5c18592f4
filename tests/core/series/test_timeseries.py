"""core/series: one grid and one scaling for all dates, what is made once, what fails alone, and how dates agree."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import BandMismatch, Cancelled, InvalidSetting, ProductNotReadable
from srsat_qgis.core.landsat.harmonise import OFF, HarmoniseRequest, harmonise
from srsat_qgis.core.landsat.products import open_product
from srsat_qgis.core.landsat.reference import Reference, ReferenceBand
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.series import timeseries
from srsat_qgis.core.series.neighbours import Dated, compare, neighbours
from srsat_qgis.core.series.timeseries import SeriesRequest, make_series
from srsat_qgis.core.types import SilentProgress
from tests.core.landsat.scenes import (
    BANDS,
    CORNER,
    NAMES,
    REFERENCE_TRANSFORM,
    SIDE,
    ground,
    landsat,
    means,
    metadata,
    sentinel2,
    write_angles,
    write_product,
    write_reference,
)
from tests.rasters import read_raster, write_raster

S2_FIRST, S2_LATER = "S2A_MSIL2A_20150921T095000_T33UUU", "S2B_MSIL2A_20151001T095000_N0400_T33UUU"


@pytest.fixture(scope="module")
def image():
    return ground()


@pytest.fixture
def folder(tmp_path, image):
    """Two dates of each family, of which the later Sentinel-2 has the offset of its baseline, and a broken product."""
    place = tmp_path / "scenes"
    place.mkdir()
    write_product(place / "landsat", landsat(image), date="2015-09-23")
    write_product(place / "later", landsat(image) * 0.9, date="2015-10-09")
    write_reference(place / f"{S2_FIRST}.tif", 1.05 * sentinel2(image) + 0.01)
    write_reference(place / f"{S2_LATER}.tif", sentinel2(image), added=-1000)
    broken = place / "broken"
    write_product(broken, landsat(image), date="2015-10-03")
    next(broken.glob("*_SR_B4.TIF")).unlink()
    return place


def series(folder, target, **more):
    more.setdefault("coregister", OFF)
    return make_series(SeriesRequest((str(folder),), target, **more))


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_all_dates_come_onto_the_grid_and_into_the_numbers_of_reflectance(tmp_path, folder, image):
    made = series(folder, tmp_path / "out", radiometry="hls-s2a")
    states = [(one.date, one.sensor, one.state) for one in made.dates]
    assert states == [
        ("2015-09-21", "S2A", "done"),
        ("2015-09-23", "L8", "done"),
        ("2015-10-01", "S2B", "done"),
        ("2015-10-03", "", "failed"),
        ("2015-10-09", "L8", "done"),
    ]
    assert made.bands == NAMES
    for one in made.dates:
        if one.state == "failed":
            continue
        dataset = gdal.Open(one.path)
        place = "171083" if one.sensor == "L8" else "33UUU"
        assert one.path == str(tmp_path / "out" / f"{one.date}_{one.sensor}_{place}.tif")
        assert dataset.GetGeoTransform() == REFERENCE_TRANSFORM
        assert (dataset.RasterYSize, dataset.RasterXSize) == (3 * SIDE, 3 * SIDE)
        bands = [dataset.GetRasterBand(number) for number in range(1, 6)]
        assert tuple(band.GetDescription() for band in bands) == NAMES
        assert [band.GetMetadataItem("wavelength") for band in bands] == ["492", "560", "665", "864", "1612"]
        told = {(band.DataType, band.GetNoDataValue(), band.GetScale(), band.GetOffset()) for band in bands}
        assert told == {(gdal.GDT_UInt16, 0.0, 1e-4, 0.0)}
    truth = sentinel2(image)
    first, later = (read_raster(made.dates[at].path) for at in (0, 2))
    np.testing.assert_array_equal(first, np.rint((1.05 * truth + 0.01) * 1e4))
    # Its own numbers hold 1000 more.
    np.testing.assert_array_equal(later, np.rint(truth * 1e4))


def test_a_landsat_date_is_what_harmonising_with_the_nearest_sentinel_2_date_makes(tmp_path, folder, image):
    made = series(folder, tmp_path / "out", radiometry="fitted", coregister="correct", brdf="c-factor")
    bands = {name: ReferenceBand(str(folder / f"{S2_FIRST}.tif"), at) for at, name in enumerate(NAMES, 1)}
    request = HarmoniseRequest(
        open_product(str(folder / "landsat")),
        str(tmp_path / "alone.tif"),
        "resample",
        Reference(bands),
        radiometry="fitted",
        brdf="c-factor",
    )
    harmonise(request)
    first = made.dates[1]
    np.testing.assert_array_equal(read_raster(first.path), read_raster(tmp_path / "alone.tif"))
    assert (first.reference, made.dates[4].reference) == ("2015-09-21_S2A_33UUU", "2015-10-01_S2B_33UUU")
    assert first.moved is not None


def test_angles_of_each_pixel_are_cut_with_their_bands_and_a_change_of_them_makes_the_date_again(
    tmp_path, image
):
    folder = tmp_path / "scenes"
    folder.mkdir()
    product = write_product(folder / "landsat", landsat(image))
    write_angles(product, view=(7.0, np.arange(SIDE)[np.newaxis]))
    small = write_raster(
        tmp_path / "small.tif",
        np.ones((1, 6, 6), np.uint16),
        transform=(CORNER[0] + 1205, 10.0, 0.0, CORNER[1] - 605, 0.0, -10.0),
    )
    opened = open_product(str(product))
    part = timeseries.near_by(opened, Raster(small).grid, tmp_path)
    band, angle = Raster(part.bands[4].path).grid, Raster(part.angles["VAA"]).grid
    assert (band.rows, band.cols) == (angle.rows, angle.cols) != (SIDE, SIDE)
    # A hundredth of a degree for each column from the west.
    first = round((band.point(0, 0)[0] - CORNER[0]) / 30)
    np.testing.assert_array_equal(
        read_raster(part.angles["VAA"])[0, 0], 100 * np.arange(first, first + band.cols)
    )
    states = []
    for view in (7.0, 7.0, 3.0):
        if view != 7.0:
            write_angles(product, view=(view, 0.0))
        made = series(folder, tmp_path / "out", brdf="c-factor")
        states.append(made.dates[0].state)
    assert states == ["done", "there", "done"]


def test_a_broken_product_fails_alone_and_the_table_says_why(tmp_path, folder):
    made = series(folder, tmp_path / "out")
    table = rows(tmp_path / "out" / "dates.csv")
    failed = [row for row in table if row["state"] == "failed"]
    assert [row["date"] for row in failed] == ["2015-10-03"]
    assert "SR_B4.TIF, which is not there" in failed[0]["reason"]
    assert [row["state"] for row in table].count("done") == 4
    assert not [one for one in (tmp_path / "out").iterdir() if one.name.startswith(".")]
    assert made.dates[3].reason == failed[0]["reason"]


def test_agreement_is_counted_on_the_pixels_that_both_dates_have(tmp_path, image):
    folder = tmp_path / "scenes"
    folder.mkdir()
    write_product(folder / "landsat", landsat(image), date="2015-09-23")
    truth = 1.05 * sentinel2(image) + 0.01
    truth[:, :90] = np.nan
    write_reference(folder / f"{S2_FIRST}.tif", truth)
    made = series(folder, tmp_path / "out")
    table = rows(tmp_path / "out" / "agreement.csv")
    assert [row["band"] for row in table] == [*NAMES, "NDVI"]
    assert {(row["landsat"], row["sentinel2"], row["days"]) for row in table} == {
        ("2015-09-23_L8_171083", "2015-09-21_S2A_33UUU", "2")
    }
    one, other = (read_raster(made.dates[at].path) * 1e-4 for at in (1, 0))
    known = (one > 0).all(axis=0) & (other > 0).all(axis=0)
    assert 0 < known.sum() < known.size
    images = [part[:, known] for part in (one, other)]
    images = [np.concatenate([part, [(part[3] - part[2]) / (part[3] + part[2])]]) for part in images]
    for row, x, y in zip(table, *images):
        assert int(row["pixels"]) == known.sum()
        expected = {
            "bias": (x - y).mean(),
            "rmse": np.sqrt(((x - y) ** 2).mean()),
            "slope": np.polyfit(x, y, 1)[0],
            "correlation": np.corrcoef(x, y)[0, 1],
        }
        for name, value in expected.items():
            assert float(row[name]) == pytest.approx(value, rel=1e-4), (row["band"], name)
    assert made.dates[0].shown == pytest.approx(known.sum() / known.size, abs=0.01)
    assert made.dates[0].ndvi == pytest.approx(images[1][-1].mean(), abs=0.005)


def test_what_is_there_whole_and_of_the_same_settings_is_not_made_again(tmp_path, folder, image, monkeypatch):
    out = tmp_path / "out"
    first = series(folder, out)
    states = [one.state for one in series(folder, out).dates]
    assert states == ["there", "there", "there", "failed", "there"]
    # What was measured then stands in the table still.
    assert [one.shown for one in series(folder, out).dates] == pytest.approx(
        [one.shown for one in first.dates], nan_ok=True
    )
    # Another radiometry concerns Landsat alone.
    states = [one.state for one in series(folder, out, radiometry="hls-s2b").dates]
    assert states == ["there", "done", "there", "failed", "done"]
    # A raster that is no more what was written is made again; its bytes come back.
    damaged = out / "2015-10-09_L8_171083.tif"
    content = damaged.read_bytes()
    damaged.write_bytes(content[:1000])
    states = [one.state for one in series(folder, out, radiometry="hls-s2b").dates]
    assert states == ["there", "there", "there", "failed", "done"]
    assert damaged.read_bytes() == content
    # A new Sentinel-2 file changes what the Landsat date beside it was moved onto.
    write_reference(folder / f"{S2_LATER}.tif", 0.5 * sentinel2(image), added=-1000)
    states = [one.state for one in series(folder, out, radiometry="hls-s2b").dates]
    assert states == ["there", "there", "done", "failed", "done"]


def test_other_settings_of_the_machine_make_nothing_again(tmp_path, folder):
    from srsat_qgis.core.superres.job import Settings

    series(folder, tmp_path / "out")
    again = series(folder, tmp_path / "out", settings=Settings(device="cpu", tile=64, threads=1))
    assert {one.state for one in again.dates} == {"there", "failed"}


def test_both_acquisitions_of_a_day_are_kept_by_sensor_and_by_place(tmp_path, image):
    folder = tmp_path / "scenes"
    folder.mkdir()
    write_product(folder / "landsat", landsat(image), date="2015-09-21")
    for tile in ("T33UUU", "T33UVU"):
        write_reference(folder / f"S2A_MSIL2A_20150921T095000_{tile}.tif", sentinel2(image))
    made = series(folder, tmp_path / "out")
    assert [one.name for one in made.dates] == [
        "2015-09-21_L8_171083",
        "2015-09-21_S2A_33UUU",
        "2015-09-21_S2A_33UVU",
    ]
    assert [(pair.landsat, pair.sentinel2, pair.days) for pair in made.pairs] == [
        ("2015-09-21_L8_171083", "2015-09-21_S2A_33UUU", 0),
        ("2015-09-21_L8_171083", "2015-09-21_S2A_33UVU", 0),
    ]


def rasters(folder):
    return sorted(one.name for one in folder.iterdir() if one.suffix == ".tif")


def test_a_second_acquisition_of_a_day_renames_none_and_leaves_none_behind(tmp_path, image):
    folder, out = tmp_path / "scenes", tmp_path / "out"
    folder.mkdir()
    write_reference(folder / f"{S2_FIRST}.tif", sentinel2(image))
    (first,) = series(folder, out).dates
    # Of the same day: the neighbouring tile, the other satellite, and the same tile again, which sorts before.
    for name in ("S2A_MSIL2A_20150921T095000_T33UVU", "S2B_MSIL2A_20150921T101000_T33UUU"):
        write_reference(folder / f"{name}.tif", sentinel2(image))
    write_reference(folder / "S2A_MSIL2A_20150921T090000_T33UUU.tif", 0.9 * sentinel2(image))
    made = series(folder, out)
    assert {one.name: one.state for one in made.dates} == {
        first.name: "there",
        f"{first.name}_2": "done",
        "2015-09-21_S2A_33UVU": "done",
        "2015-09-21_S2B_33UUU": "done",
    }
    assert next(one.source for one in made.dates if one.name == first.name) == first.source
    assert rasters(out) == sorted(f"{one.name}.tif" for one in made.dates)
    assert {one.state for one in series(folder, out).dates} == {"there"}


def test_scenes_whose_names_tell_no_place_keep_their_rasters_too(tmp_path, image):
    folder, out = tmp_path / "scenes", tmp_path / "out"
    folder.mkdir()
    write_reference(folder / "S2A_2015-09-21_second.tif", sentinel2(image))
    (first,) = series(folder, out).dates
    assert first.name == "2015-09-21_S2A"
    write_reference(folder / "S2A_2015-09-21_first.tif", 0.9 * sentinel2(image))
    made = series(folder, out)
    assert {one.name: one.source for one in made.dates}[first.name] == first.source
    assert rasters(out) == ["2015-09-21_S2A.tif", "2015-09-21_S2A_2.tif"]


def test_an_extent_makes_that_part_of_the_same_pixels(tmp_path, folder):
    whole = series(folder, tmp_path / "whole", radiometry="hls-s2a")
    x, y = REFERENCE_TRANSFORM[0], REFERENCE_TRANSFORM[3]
    # 4 m and 6 m off pixels' edges: it grows to whole pixels.
    box = (x + 1004.0, y - 1600.0, x + 1500.0, y - 1206.0)
    part = series(folder, tmp_path / "part", radiometry="hls-s2a", extent=box)
    assert (part.grid.rows, part.grid.cols) == (40, 50)
    for one, other in zip(whole.dates, part.dates):
        assert one.state == other.state
        if one.state == "done":
            expected = read_raster(one.path)[:, 120:160, 100:150]
            np.testing.assert_array_equal(read_raster(other.path), expected)


def test_an_extent_in_degrees_covers_at_least_what_was_asked_for(tmp_path, folder):
    from osgeo import osr

    degrees, metres = osr.SpatialReference(), osr.SpatialReference()
    degrees.ImportFromEPSG(4326)
    metres.ImportFromEPSG(32633)
    for one in (degrees, metres):
        one.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    x, y = REFERENCE_TRANSFORM[0] + 1000, REFERENCE_TRANSFORM[3] - 1500
    there = osr.CoordinateTransformation(metres, degrees)
    (west, south, _), (east, north, _) = there.TransformPoints([(x, y), (x + 400, y + 300)])
    made = series(
        folder / "landsat",
        tmp_path / "out",
        extent=(west, south, east, north),
        extent_crs=degrees.ExportToWkt(),
    )
    x0, _, _, y0, _, _ = made.grid.transform
    assert (x0 % 10, y0 % 10) == (0, 0)
    # A box of degrees is turned by some tenths of a degree against the grid.
    assert x - 30 <= x0 <= x
    assert y + 300 <= y0 <= y + 330
    assert 40 <= made.grid.cols <= 46
    assert 30 <= made.grid.rows <= 36


def test_a_date_under_clouds_is_not_what_landsat_is_moved_onto(tmp_path, folder, image):
    """The nearest Sentinel-2 date shows a twentieth of the ground; the next one is taken. Of two, the earlier."""
    truth = 1.05 * sentinel2(image) + 0.01
    truth[:, 14:] = np.nan
    write_reference(folder / f"{S2_FIRST}.tif", truth)
    made = series(folder, tmp_path / "out", radiometry="fitted")
    assert [one.reference for one in made.dates if one.sensor == "L8"] == ["2015-10-01_S2B_33UUU"] * 2
    assert made.dates[0].state == "done"
    write_reference(folder / "S2A_MSIL2A_20150925T095000.tif", sentinel2(image))
    write_reference(folder / f"{S2_FIRST}.tif", sentinel2(image))
    made = series(folder, tmp_path / "out", radiometry="fitted")
    assert next(one for one in made.dates if one.date == "2015-09-23").reference == "2015-09-21_S2A_33UUU"


def test_the_real_pair_is_registered_by_its_own_series(tmp_path, shared_data):
    """Landsat 8 and Sentinel-2 ten days apart, Landsat misregistered by its supplier by most of a target pixel."""
    folder = tmp_path / "pair"
    folder.mkdir()
    for name, target, scale in (
        ("landsat8_20150923", "LC08_L2SP_171083_20150923_20200908_02_T1.tif", 1e-4),
        ("sentinel2_20151003", "S2A_MSIL2A_20151003T075826.tif", None),
    ):
        source = next((shared_data / "test/homonim-pair").glob(f"{name}_*.tif"))
        # A hundred times the 8-bit numbers, so that rounding has no part.
        dataset = gdal.Translate(
            str(folder / target), str(source), outputType=gdal.GDT_UInt16, scaleParams=[[0, 255, 0, 25500]]
        )
        for number, band in enumerate(("B4", "B3", "B2"), start=1):
            dataset.GetRasterBand(number).SetDescription(band)
            if scale is not None:
                dataset.GetRasterBand(number).SetScale(scale)
        del dataset
    more = {"method": registry()["landsat-x3"], "radiometry": "fitted", "coregister": "correct", "days": 10}
    made = series(folder, tmp_path / "out", **more)
    assert made.dates[0].moved == pytest.approx((-2.2, 7.9), abs=1.5)
    assert (made.pairs[0].days, [row.band for row in made.pairs[0].rows]) == (-10, ["B2", "B3", "B4"])
    for row in made.pairs[0].rows:
        assert row.correlation > 0.88
        assert row.slope == pytest.approx(1, abs=0.1)


def with_pan(folder, image, *, level="1TP"):
    """Write a product with a panchromatic band on whole pixels of 5 m, half a Landsat pixel and a half inside."""
    product = write_product(folder, landsat(image), level=level)
    mtl = next(product.glob("*_MTL.txt"))
    mtl.write_text(metadata(level, (*BANDS, 8)))
    seen = 0.5 * (image[1] + image[2])[np.newaxis]
    numbers = np.rint(means(seen, 3, 24, 24, 2 * SIDE, 2 * SIDE) * 30000).astype(np.uint16)
    where = {"transform": (CORNER[0], 15.0, 0.0, CORNER[1], 0.0, -15.0)}
    write_raster(product / mtl.name.replace("_MTL.txt", "_B8.TIF"), numbers, **where)
    return product


def test_the_panchromatic_band_of_level_1_sharpens_its_date_as_it_does_a_single_scene(tmp_path, image):
    # All visible bands alike, which the pan then shows.
    alike = image.copy()
    alike[:] = image[:1]
    product = with_pan(tmp_path / "landsat", alike)
    (plain,) = series(product, tmp_path / "plain").dates
    (sharp,) = series(product, tmp_path / "sharp", pan=True).dates
    scene = open_product(str(product))
    alone = HarmoniseRequest(scene, str(tmp_path / "alone.tif"), coregister=OFF, pan=scene.bands[8].path)
    harmonise(alone)
    np.testing.assert_array_equal(read_raster(sharp.path), read_raster(tmp_path / "alone.tif"))
    x0, step, _, y0, _, _ = gdal.Open(plain.path).GetGeoTransform()
    truth = sentinel2(alike)
    row, col = round((y0 - REFERENCE_TRANSFORM[3]) / step), round((REFERENCE_TRANSFORM[0] - x0) / step)
    rows, cols = truth.shape[1:]
    errors = []
    for one in (plain, sharp):
        whole = read_raster(one.path) * 1e-4
        made = whole[:, row : row + rows, col : col + cols]
        errors.append(
            np.sqrt(np.mean((made - truth[:, : made.shape[1], : made.shape[2]])[:3, 30:-30, 30:-30] ** 2))
        )
    assert errors[1] < 0.95 * errors[0]
    # What was made without it is not taken for what is made with it.
    assert [one.state for one in series(product, tmp_path / "plain", pan=True).dates] == ["done"]


def test_a_date_without_a_panchromatic_band_is_made_as_without_and_the_log_says_so(tmp_path, image):
    lines = []

    class Log(SilentProgress):
        def info(self, message):
            lines.append(message)

    product = write_product(tmp_path / "landsat", landsat(image))
    request = SeriesRequest((str(product),), tmp_path / "out", coregister=OFF, pan=True)
    (made,) = make_series(request, progress=Log()).dates
    (plain,) = series(product, tmp_path / "plain").dates
    np.testing.assert_array_equal(read_raster(made.path), read_raster(plain.path))
    assert any("made without a panchromatic band" in line for line in lines)


def test_of_a_large_panchromatic_band_only_the_part_around_an_extent_is_read(tmp_path, image, monkeypatch):
    product = with_pan(tmp_path / "landsat", image)
    sizes = []
    inner = timeseries.harmonise
    monkeypatch.setattr(timeseries, "MARGIN", 2)

    def noted(request, **more):
        sizes.append((gdal.Open(request.pan).RasterYSize, gdal.Open(request.pan).RasterXSize))
        return inner(request, **more)

    monkeypatch.setattr(timeseries, "harmonise", noted)
    x, y = REFERENCE_TRANSFORM[0], REFERENCE_TRANSFORM[3]
    series(product, tmp_path / "out", pan=True, extent=(x + 900, y - 1200, x + 1200, y - 900))
    # 30 target pixels are 20 of the pan's, beside which it takes 8 on each side, or part of a ninth.
    assert all(set(size) <= {36, 37} for size in sizes)
    assert len(sizes) == 1


def test_only_the_part_around_an_extent_is_read_of_a_large_scene(tmp_path, image, monkeypatch):
    product = write_product(tmp_path / "landsat", landsat(image))
    read = []
    inner = timeseries.harmonise
    monkeypatch.setattr(timeseries, "MARGIN", 2)

    def noted(request, **more):
        paths = [request.product.quality, *(band.path for band in request.product.bands.values())]
        read.extend((gdal.Open(path).RasterYSize, gdal.Open(path).RasterXSize) for path in paths)
        return inner(request, **more)

    monkeypatch.setattr(timeseries, "harmonise", noted)
    x, y = REFERENCE_TRANSFORM[0], REFERENCE_TRANSFORM[3]
    made = series(product, tmp_path / "out", extent=(x + 900, y - 1200, x + 1200, y - 900))
    # 30 target pixels are 10 of Landsat's, beside which it takes 4 on each side, or part of a fifth.
    assert all(set(size) <= {18, 19} for size in read)
    assert len(read) == 6
    whole = series(product, tmp_path / "whole")
    x0, step, _, y0, _, _ = gdal.Open(whole.dates[0].path).GetGeoTransform()
    row, col = round((y0 - y + 900) / step), round((x + 900 - x0) / step)
    np.testing.assert_array_equal(
        read_raster(made.dates[0].path), read_raster(whole.dates[0].path)[:, row : row + 30, col : col + 30]
    )


def test_without_sentinel_2_the_grid_is_that_of_utm(tmp_path, image):
    product = write_product(tmp_path / "landsat", landsat(image))
    made = series(product, tmp_path / "out")
    assert made.grid.transform == (399940.0, 10.0, 0.0, 5300060.0, 0.0, -10.0)
    assert [one.state for one in made.dates] == ["done"]
    assert made.pairs == ()
    assert (tmp_path / "out" / "agreement.csv").read_text().count("\n") == 1


def test_a_reference_gives_the_grid_and_what_landsat_is_fitted_to(tmp_path, image, folder):
    path = write_reference(tmp_path / "given.tif", 0.5 * sentinel2(image), added=-1000)
    bands = {name: ReferenceBand(path, at) for at, name in enumerate(NAMES, 1)}
    given = Reference(bands, -1000.0, about="given")
    made = series(folder / "landsat", tmp_path / "out", reference=given, radiometry="fitted")
    values = read_raster(made.dates[0].path) * 1e-4
    part = np.s_[:, 24:-24, 24:-24]
    np.testing.assert_allclose(
        values[part].mean(axis=(1, 2)), 0.5 * sentinel2(image)[part].mean(axis=(1, 2)), rtol=0.01
    )
    assert made.dates[0].reference == "REFERENCE"


def test_bands_that_a_date_lacks_are_left_out_or_let_it_fail(tmp_path, image):
    folder = tmp_path / "scenes"
    folder.mkdir()
    write_product(folder / "landsat", landsat(image))
    write_reference(folder / f"{S2_FIRST}.tif", sentinel2(image)[:3], names=NAMES[:3])
    made = series(folder, tmp_path / "out")
    assert made.bands == ("B2", "B3", "B4")
    assert "B8A is left out" in made.notes[0]
    assert S2_FIRST in made.notes[0]
    made = series(folder, tmp_path / "all", bands=("B4", "B8A"))
    assert made.bands == ("B4", "B8A")
    assert [one.state for one in made.dates] == ["failed", "done"]
    assert "has no B8A" in made.dates[0].reason
    with pytest.raises(BandMismatch, match=r"B8; expected some of B1, .*B8A"):
        series(folder, tmp_path / "all", bands=("B8",))


def test_clouds_of_both_families_are_nodata(tmp_path, image):
    folder = tmp_path / "scenes"
    folder.mkdir()
    quality = np.full((SIDE, SIDE), 21824, np.uint16)
    quality[:30] = 1 << 3
    write_product(folder / "landsat", landsat(image), quality=quality)
    safe = folder / "S2A_MSIL2A_20150921T095000_N0400_R035_T33UUU_20150921T100000.SAFE"
    data = safe / "GRANULE" / "L2A_T33UUU_A001462_20150921T095000" / "IMG_DATA"
    (data / "R10m").mkdir(parents=True)
    (data / "R20m").mkdir()
    for at, band in ((0, "B02"), (1, "B03"), (2, "B04")):
        write_reference(
            data / "R10m" / f"T33UUU_20150921T095000_{band}_10m.tif",
            sentinel2(image)[at : at + 1],
            added=-1000,
            names=(),
        )
    classes = np.full((1, 144, 144), 4, np.uint8)
    classes[:, :, :50] = 9
    x, y = REFERENCE_TRANSFORM[0], REFERENCE_TRANSFORM[3]
    write_raster(
        data / "R20m" / "T33UUU_20150921T095000_SCL_20m.tif",
        classes,
        transform=(x, 20.0, 0.0, y, 0.0, -20.0),
    )
    made = series(folder, tmp_path / "out", bands=("B2", "B3", "B4"))
    first, later = (read_raster(one.path) for one in made.dates)
    assert (first[:, :, :100] == 0).all()
    np.testing.assert_array_equal(first[:, :, 100:], np.rint(sentinel2(image)[:3, :, 100:] * 1e4))
    assert (later[:, :88] == 0).all()
    assert (later[:, 92:] > 0).all()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"days": -1}, "DAYS is -1"),
        ({"extent": (5, 5, 1, 1)}, "EXTENT"),
        ({"method": "magic"}, "METHOD is magic"),
    ],
)
def test_settings_out_of_their_range_are_refused(tmp_path, folder, given, expected):
    with pytest.raises(InvalidSetting, match=expected):
        series(folder, tmp_path / "out", **given)


def test_what_holds_no_scene_is_refused(tmp_path, folder, image):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidSetting, match="empty: expected products"):
        series(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(InvalidSetting, match="nowhere: expected a folder"):
        series(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(ProductNotReadable, match="none of 1 scenes"):
        series(folder / "broken", tmp_path / "out")
    with pytest.raises(InvalidSetting, match="highpass; expected a REFERENCE, or Sentinel-2"):
        series(folder / "landsat", tmp_path / "out", method="highpass")
    write_reference(tmp_path / "without-a-date.tif", sentinel2(image))
    with pytest.raises(ProductNotReadable, match="expected a date of acquisition"):
        series(tmp_path / "without-a-date.tif", tmp_path / "out")
    write_product(tmp_path / "toa", landsat(image), level="1TP")
    with pytest.raises(ProductNotReadable, match=r"none of 1 dates .* surface reflectance"):
        series(tmp_path / "toa", tmp_path / "out", radiometry="hls-s2a")


def test_a_cancelled_series_keeps_the_dates_that_are_made(tmp_path, folder):
    class Stop(SilentProgress):
        def info(self, message):
            self.cancelled = message.startswith("2015-09-23")

    with pytest.raises(Cancelled):
        make_series(SeriesRequest((str(folder),), tmp_path / "out", coregister=OFF), progress=Stop())
    kept = sorted(one.name for one in (tmp_path / "out").iterdir())
    assert kept == ["2015-09-21_S2A_33UUU.tif", "2015-10-01_S2B_33UUU.tif", "series.json"]
    assert [one.state for one in series(folder, tmp_path / "out").dates][:2] == ["there", "done"]


def test_progress_rises_to_the_end_and_what_is_broken_is_said(tmp_path, folder):
    class Log(SilentProgress):
        def __init__(self):
            self.fractions, self.warnings = [], []

        def update(self, fraction):
            self.fractions.append(fraction)

        def warn(self, message):
            self.warnings.append(message)

    log = Log()
    make_series(SeriesRequest((str(folder),), tmp_path / "out", coregister=OFF), progress=log)
    assert log.fractions == sorted(log.fractions)
    assert log.fractions[-1] == 1
    assert any("broken" in text and "SR_B4.TIF, which is not there" in text for text in log.warnings)


def test_the_output_folder_inside_the_input_is_not_searched(tmp_path, folder):
    out = folder / "out"
    series(folder, out)
    assert len(series(folder, out).dates) == 5


def test_a_product_of_theia_is_a_date_that_landsat_is_fitted_to_and_is_made_once(tmp_path, image):
    place = tmp_path / "scenes"
    place.mkdir()
    write_product(place / "landsat", landsat(image), date="2015-09-23")
    truth = np.rint((1.05 * sentinel2(image) + 0.01) * 1e4).astype(np.int16)
    truth[:, :9] = -10000
    name = "SENTINEL2A_20150921-095000-456_L2A_T33UUU_C_V3-0"
    for plane, band in zip(truth, NAMES):
        path = place / name / f"{name}_FRE_{band}.tif"
        path.parent.mkdir(exist_ok=True)
        write_raster(path, plane[np.newaxis], transform=REFERENCE_TRANSFORM)
    clouds = np.zeros((1, *truth.shape[1:]), np.uint8)
    clouds[0, 100:120, 50:90] = 0b10000001
    (place / name / "MASKS").mkdir()
    write_raster(place / name / "MASKS" / f"{name}_CLM_R1.tif", clouds, transform=REFERENCE_TRANSFORM)
    made = series(place, tmp_path / "out", radiometry="fitted")
    first, later = made.dates
    assert (first.sensor, first.state, later.state) == ("S2A", "done", "done")
    assert later.reference == "2015-09-21_S2A_33UUU"
    np.testing.assert_array_equal(
        read_raster(first.path), np.where((truth == -10000) | (clouds != 0), 0, truth)
    )
    green = [row for row in made.pairs[0].rows if row.band == "B3"]
    assert abs(green[0].bias) < 0.002
    # In another process, addresses in memory are new.
    for address in gdal.ReadDirRecursive("/vsimem/srsat-unsigned/") or []:
        gdal.Unlink(f"/vsimem/srsat-unsigned/{address}")
    again = series(place, tmp_path / "out", radiometry="fitted")
    assert [one.state for one in again.dates] == ["there", "there"]


def test_comparing_dates_can_be_cancelled(tmp_path, image):
    path = write_reference(tmp_path / "one.tif", sentinel2(image))
    stopped = SilentProgress()
    stopped.cancelled = True
    with pytest.raises(Cancelled, match="comparing dates"):
        compare(Dated("a", path, "2015-09-23", "L"), Dated("b", path, "2015-09-21", "S"), NAMES, stopped)


def test_neighbours_have_no_date_between_them_and_are_not_too_far_apart():
    def dated(*items):
        return [Dated(f"{family}{date}", "", f"2020-01-{date:02d}", family) for family, date in items]

    def names(*items, days=5):
        found = neighbours(dated(*items), first="L", days=days)
        return [(one.name, other.name) for one, other in found]

    assert names(("L", 1), ("S", 3), ("S", 4), ("L", 5)) == [("L1", "S3"), ("L5", "S4")]
    assert names(("L", 1), ("S", 7)) == []
    assert names(("L", 1), ("S", 6)) == [("L1", "S6")]
    assert names(("L", 1), ("L", 2), ("S", 3)) == [("L2", "S3")]
    assert names(("L", 1), ("S", 1), ("S", 2)) == [("L1", "S1"), ("L1", "S2")]
    assert names(("S", 2), ("L", 2), ("L", 4), days=0) == [("L2", "S2")]
