"""Cloud masks of every kind: which file is taken, and which pixels of the output are cloudy by it."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import BandMismatch, GridMismatch, ProductNotReadable
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import Raster, Repeated
from srsat_qgis.core.sentinel2.clouds import CLASSI, CLM, POLYGONS, QA60, SCL, CloudMask, Clouds, find_masks
from srsat_qgis.core.sentinel2.products import find_product
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.superres.job import Settings, Source
from srsat_qgis.core.types import SilentProgress, Window
from tests.core.sentinel2 import models, products
from tests.core.sentinel2.scenes import fuse_layers
from tests.rasters import write_raster

X, Y = products.ORIGIN
OFF = Settings(consistency="off")


@pytest.fixture
def grid(tmp_path) -> Grid:
    """The 10 m grid of the tiny products: 72 x 72 pixels."""
    return Raster(products.image(tmp_path / "grid" / "B02.tif", 10)).grid


def gml(*features: str, crs: int = 32633) -> str:
    """Return a mask file as products of baselines before 04.00 have it."""
    members = f"<eop:maskMembers>{''.join(features)}</eop:maskMembers>" if features else ""
    envelope = (
        f'<gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG:8.7:{crs}">'
        "<gml:lowerCorner>0 0</gml:lowerCorner><gml:upperCorner>1 1</gml:upperCorner>"
        "</gml:Envelope></gml:boundedBy>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<eop:Mask xmlns:eop="http://www.opengis.net/eop/2.0" '
        'xmlns:gml="http://www.opengis.net/gml/3.2" gml:id="S2A_OPER_MSK_CLOUDS_B00_MSIL1C">'
        f"<gml:name>MSK_CLOUDS pixels mask</gml:name>{envelope if features else ''}{members}</eop:Mask>\n"
    )


def feature(kind: str, box, *, hole=None, dimension: int = 2) -> str:
    """Return a rectangle (row, col, rows, cols), in pixels of 10 m, as a feature; with a rectangular hole."""

    def ring(side, row, col, rows, cols):
        corners = ((row, col), (row, col + cols), (row + rows, col + cols), (row + rows, col), (row, col))
        height = " 0" * (dimension - 2)
        text = " ".join(f"{X + 10 * c:g} {Y - 10 * r:g}{height}" for r, c in corners)
        return (
            f'<gml:{side}><gml:LinearRing><gml:posList srsDimension="{dimension}">{text}</gml:posList>'
            f"</gml:LinearRing></gml:{side}>"
        )

    rings = ring("exterior", *box) + (ring("interior", *hole) if hole else "")
    return (
        f'<eop:MaskFeature gml:id="{kind}.0"><eop:maskType codeSpace="urn:gs2:S2PDGS:maskType">{kind}</eop:maskType>'
        f"<eop:extentOf><gml:Polygon>{rings}</gml:Polygon></eop:extentOf></eop:MaskFeature>"
    )


def raster(path, values: np.ndarray, gsd: float, *, origin=(X, Y), epsg=32633) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    transform = (origin[0], float(gsd), 0.0, origin[1], 0.0, -float(gsd))
    return write_raster(
        path, np.atleast_3d(values) if values.ndim < 3 else values, transform=transform, epsg=epsg
    )


def cloudy(mask: CloudMask, grid: Grid, folder) -> np.ndarray:
    """Return where the mask is cloudy, read in windows that cut its pixels."""
    clouds = Clouds(mask, grid, folder)
    found = np.zeros((grid.rows, grid.cols), bool)
    for row in range(0, grid.rows, 25):
        for col in range(0, grid.cols, 31):
            window = Window(row, col, min(25, grid.rows - row), min(31, grid.cols - col))
            found[row : row + window.rows, col : col + window.cols] = clouds.read(window)
    assert clouds.asked == found.size
    assert clouds.cloudy == found.sum()
    return found


def blocks(*boxes) -> np.ndarray:
    found = np.zeros((72, 72), bool)
    for row, col, rows, cols in boxes:
        found[row : row + rows, col : col + cols] = True
    return found


def test_the_classification_has_shadows_clouds_and_cirrus(tmp_path, grid):
    values = np.arange(36 * 36, dtype=np.uint8).reshape(1, 36, 36) % 12
    mask = CloudMask(SCL, raster(tmp_path / "T_SCL_20m.tif", values, 20))
    expected = np.isin(values[0], (3, 8, 9, 10)).repeat(2, axis=0).repeat(2, axis=1)
    np.testing.assert_array_equal(cloudy(mask, grid, tmp_path), expected)


def test_bits_10_and_11_of_qa60_are_clouds_and_no_other_bit(tmp_path, grid):
    values = np.zeros((1, 12, 12), np.uint16)
    values[0, 1, 2], values[0, 5, 5], values[0, 7, 0], values[0, 9, 9] = 1 << 10, 1 << 11, 3 << 10, 0b1111
    mask = CloudMask(QA60, raster(tmp_path / "QA60.tif", values, 60))
    expected = blocks((6, 12, 6, 6), (30, 30, 6, 6), (42, 0, 6, 6))
    np.testing.assert_array_equal(cloudy(mask, grid, tmp_path), expected)


def test_qa60_as_floats_at_10_m_is_an_export_too(tmp_path, grid):
    values = np.zeros((1, 72, 72), np.float32)
    values[0, 3, 4], values[0, 8, 8] = 1024, np.nan
    mask = CloudMask(QA60, raster(tmp_path / "QA60.tif", values, 10))
    np.testing.assert_array_equal(cloudy(mask, grid, tmp_path), blocks((3, 4, 1, 1)))


def test_opaque_clouds_and_cirrus_of_msk_classi_count_and_snow_does_not(tmp_path, grid):
    values = np.zeros((3, 12, 12), np.uint8)
    values[0, 0, 0] = values[1, 3, 4] = values[2, 8, 8] = 1
    mask = CloudMask(CLASSI, raster(tmp_path / "MSK_CLASSI_B00.jp2", values, 60))
    np.testing.assert_array_equal(cloudy(mask, grid, tmp_path), blocks((0, 0, 6, 6), (18, 24, 6, 6)))


def test_clouds_shadows_and_high_clouds_of_maja_count_and_the_thinnest_do_not(tmp_path, grid):
    values = np.zeros((1, 72, 72), np.uint8)
    # All clouds and shadows; high clouds; both; the thinnest; a single test's finding.
    values[0, 3, 4], values[0, 10, 10], values[0, 20, 20], values[0, 30, 30], values[0, 40, 40] = (
        1,
        128,
        131,
        16,
        4,
    )
    mask = CloudMask(CLM, raster(tmp_path / "S_CLM_R1.tif", values, 10))
    expected = blocks((3, 4, 1, 1), (10, 10, 1, 1), (20, 20, 1, 1))
    np.testing.assert_array_equal(cloudy(mask, grid, tmp_path), expected)


def test_msk_classi_without_cirrus_is_refused(tmp_path, grid):
    mask = CloudMask(CLASSI, raster(tmp_path / "MSK_CLASSI_B00.jp2", np.zeros((1, 12, 12), np.uint8), 60))
    with pytest.raises(
        BandMismatch, match=r"MSK_CLASSI_B00.jp2: expected bands of opaque clouds, cirrus and snow"
    ):
        Clouds(mask, grid, tmp_path)


def test_polygons_are_drawn_with_their_holes_and_other_features_are_not(tmp_path, grid):
    path = tmp_path / "MSK_CLOUDS_B00.gml"
    features = (
        feature("OPAQUE", (6, 6, 18, 24), hole=(12, 12, 6, 6)),
        feature("CIRRUS", (60, 66, 12, 12), dimension=3),  # reaches over the edge
        feature("SNOW", (36, 36, 6, 6)),
    )
    path.write_text(gml(*features), "utf-8")
    expected = blocks((6, 6, 18, 24), (60, 66, 12, 6)) & ~blocks((12, 12, 6, 6))
    np.testing.assert_array_equal(cloudy(CloudMask(POLYGONS, str(path)), grid, tmp_path), expected)
    assert not list(tmp_path.glob("*.gfs"))


@pytest.mark.parametrize("text", [gml(), gml("<!-- nothing -->")])
def test_polygons_of_no_feature_are_no_clouds(tmp_path, grid, text):
    path = tmp_path / "MSK_CLOUDS_B00.gml"
    path.write_text(text, "utf-8")
    assert not cloudy(CloudMask(POLYGONS, str(path)), grid, tmp_path).any()


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", ProductNotReadable, "found no whole XML"),
        (gml(feature("OPAQUE", (0, 0, 6, 6)))[:-30], ProductNotReadable, "found no whole XML"),
        ("<html/>", ProductNotReadable, r"expected cloud polygons \(eop:Mask\), found html"),
        (gml(feature("OPAQUE", (0, 0, 6, 6))).replace(f"{X:g}", "west"), ProductNotReadable, "coordinates"),
        (
            gml(feature("OPAQUE", (0, 0, 6, 6), dimension=3)).replace('n="3"', 'n="2"'),
            ProductNotReadable,
            "rings",
        ),
        (
            gml(feature("OPAQUE", (0, 0, 6, 6)), crs=32634),
            GridMismatch,
            "are in EPSG:32634, the scene is not",
        ),
    ],
)
def test_polygons_that_cannot_be_read_are_refused_by_name(tmp_path, grid, text, error, message):
    path = tmp_path / "MSK_CLOUDS_B00.gml"
    path.write_text(text, "utf-8")
    with pytest.raises(error, match=rf"MSK_CLOUDS_B00.gml: .*{message}"):
        Clouds(CloudMask(POLYGONS, str(path)), grid, tmp_path)


def test_masks_that_do_not_lie_on_the_scene_are_refused_by_name(tmp_path, grid):
    values = np.zeros((1, 12, 12), np.uint16)
    for name, change, message in (
        ("beside", {"origin": (X + 3, Y)}, "don't nest"),
        ("finer", {"gsd": 5}, "don't nest"),
        ("far", {"origin": (X + 600, Y)}, "does not cover the scene"),
        ("other", {"epsg": 32634}, "don't nest .* expected one coordinate reference system"),
    ):
        path = raster(tmp_path / f"{name}_QA60.tif", values, **{"gsd": 60, **change})
        with pytest.raises(GridMismatch, match=rf"{name}_QA60.tif: the cloud mask.*{message}"):
            Clouds(CloudMask(QA60, path), grid, tmp_path)


def test_a_window_of_the_scene_may_start_inside_a_pixel_of_the_mask(tmp_path, grid):
    values = np.zeros((1, 12, 12), np.uint16)
    values[0, 1, 2] = 1024
    mask = CloudMask(QA60, raster(tmp_path / "QA60.tif", values, 60))
    part = grid.cropped(Window(4, 14, 40, 40))
    expected = blocks((6, 12, 6, 6))[4:44, 14:54]
    np.testing.assert_array_equal(cloudy(mask, part, tmp_path), expected)


def with_mask(safe, kind: str):
    """Put a mask of a kind, cloudy in the rows and columns 6 to 11, into a product; return its path."""
    inner = next((safe / "GRANULE").iterdir()) / "QI_DATA"
    inner.mkdir(exist_ok=True)
    values = np.zeros((12, 12), np.uint16)
    values[1, 1] = 1
    if kind == POLYGONS:
        name = "MSK_CLOUDS_B00.gml"
        if "OPER" in safe.name:
            name = "S2A_OPER_MSK_CLOUDS_EPA__20160101T010049_A002448_T32TQM_B00_MSIL1C.gml"
        (inner / name).write_text(gml(feature("OPAQUE", (6, 6, 6, 6))), "utf-8")
        return inner / name
    if kind == CLASSI:
        raster(inner / "MSK_CLASSI_B00.jp2", np.stack([values, 0 * values, 0 * values]).astype(np.uint8), 60)
        return inner / "MSK_CLASSI_B00.jp2"
    if kind == QA60:
        raster(safe / "S2A_QA60.tif", values[np.newaxis] << 10, 60)
        return safe / "S2A_QA60.tif"
    path = next(safe.rglob("*_SCL_20m.jp2"))
    scl = np.full((1, 36, 36), 4, np.uint16)
    scl[0, 3:6, 3:6] = 9
    raster(path, scl, 20)
    return path


@pytest.mark.parametrize("make", [products.new_l1c, products.old_l1c])
def test_the_best_mask_of_a_product_is_taken(tmp_path, make):
    safe = make(tmp_path)
    assert find_product(str(safe)).clouds == ()
    for kind in (POLYGONS, QA60, CLASSI):  # worst first: each one is better than those before
        path = with_mask(safe, kind)
        assert open_scene(str(safe)).clouds == CloudMask(kind, path.as_posix())


def test_the_classification_wins_and_its_smaller_pixels_first(tmp_path):
    safe = products.new_l2a(tmp_path)
    with_mask(safe, CLASSI)
    found = find_product(str(safe)).clouds
    assert [mask.kind for mask in found] == [SCL, SCL, CLASSI]
    assert [mask.path.rpartition("_")[2] for mask in found[:2]] == ["20m.jp2", "60m.jp2"]


def test_smaller_pixels_come_first_wherever_their_file_lies():
    files = ["a/T_SCL_60m.jp2", "b/T_SCL_20m.jp2"]
    assert [mask.path for mask in find_masks(files)] == files[::-1]


def test_no_more_of_a_mask_is_read_than_is_asked_for(tmp_path, grid, monkeypatch):
    asked = []
    plain = Repeated.read

    def noted(self, number, window):
        asked.append(window)
        return plain(self, number, window)

    monkeypatch.setattr(Repeated, "read", noted)
    path = raster(tmp_path / "QA60.tif", np.zeros((1, 12, 12), np.uint16), 60)
    Clouds(CloudMask(QA60, path), grid, tmp_path).read(Window(3, 4, 20, 30))
    assert asked == [Window(3, 4, 20, 30)]


def test_a_band_is_no_mask_whatever_else_its_name_tells():
    assert find_masks(["a/masked_by_QA60_B02.tif", "a/SCL.txt", "a/MSK_CLOUDS_B01.gml"]) == ()


@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize("kind", [SCL, CLASSI, QA60, POLYGONS])
def test_clouds_of_every_kind_become_no_data_from_folders_and_zips(tmp_path, kind, form):
    safe = products.new_l2a(tmp_path) if kind == SCL else products.new_l1c(tmp_path)
    with_mask(safe, kind)
    scene = open_scene(str(products.zipped(safe) if form == "zip" else safe))
    assert (scene.clouds.kind, scene.clouds.path.startswith("/vsizip/")) == (kind, form == "zip")
    told = []

    class Listens(SilentProgress):
        def info(self, message):
            told.append(message)

    cards = {gsd: models.detail_card(tmp_path, gsd) for gsd in (20, 60)}
    target = tmp_path / "out.tif"
    fuse_layers(scene.layers, cards, str(target), mask=scene.clouds, settings=OFF, progress=Listens())
    image = gdal.Open(str(target)).ReadAsArray()
    assert (image[:, 6:12, 6:12] == 0).all()
    assert (image == 0).sum() == 12 * 36
    assert any(f"cloudy by {scene.clouds.describe()}" in line for line in told)


def test_an_empty_qa60_is_warned_of(tmp_path, grid):
    clouds = Clouds(
        CloudMask(QA60, raster(tmp_path / "QA60.tif", np.zeros((1, 12, 12), np.uint16), 60)), grid, tmp_path
    )
    clouds.read(Window(0, 0, 72, 72))
    warned = []

    class Listens(SilentProgress):
        def warn(self, message):
            warned.append(message)

    clouds.tell(Listens())
    assert "tells of no cloud" in warned[0]


def test_rasters_have_the_mask_that_lies_beside_them(tmp_path):
    stack = Source(raster(tmp_path / "stack.tif", np.full((4, 72, 72), 500, np.uint16), 10))
    assert open_scene(rasters={10: [stack]}).clouds is None
    values = np.zeros((1, 12, 12), np.uint16)
    path = raster(tmp_path / "export_QA60.tif", values, 60)
    assert open_scene(rasters={10: [stack]}).clouds == CloudMask(QA60, path)
    raster(tmp_path / "other_QA60.tif", values, 60)
    assert open_scene(rasters={10: [stack]}).clouds is None  # which of the two is not known


def test_of_masks_of_several_kinds_beside_rasters_the_best_is_taken(tmp_path):
    stack = Source(raster(tmp_path / "stack.tif", np.full((4, 72, 72), 500, np.uint16), 10))
    raster(tmp_path / "export_QA60.tif", np.zeros((1, 12, 12), np.uint16), 60)
    best = raster(tmp_path / "export_SCL.tif", np.zeros((1, 36, 36), np.uint8), 20)
    assert open_scene(rasters={10: [stack]}).clouds == CloudMask(SCL, best)


def test_a_mask_beside_the_rasters_that_is_of_another_date_is_not_theirs(tmp_path):
    band = products.image(tmp_path / "T33UUU_20170527T102031_B02.tif", 10)
    raster(tmp_path / "T33UUU_20170606T102031_QA60.tif", np.zeros((1, 12, 12), np.uint16), 60)
    assert open_scene(rasters={10: [Source(band)]}).clouds is None
    path = raster(tmp_path / "T33UUU_20170527T102031_QA60.tif", np.zeros((1, 12, 12), np.uint16), 60)
    assert open_scene(rasters={10: [Source(band)]}).clouds == CloudMask(QA60, path)


def test_a_real_classification_is_read(shared_data, tmp_path):
    root = shared_data / "train" / "stactools-sentinel2"
    if not root.is_dir():
        pytest.skip(f"{root} is not there")
    files = [path.as_posix() for path in root.rglob("*") if path.is_file()]
    mask = find_masks(files)[0]
    assert (mask.kind, mask.path.endswith("_SCL_20m.jp2")) == (SCL, True)
    coarse = Raster(next(file for file in files if file.endswith("_B02_60m.jp2"))).grid
    grid = coarse.refined(6)
    window = Window(grid.rows // 2, grid.cols // 2, 100, 100)
    found = Clouds(mask, grid, tmp_path).read(window)
    values = gdal.Open(mask.path).ReadAsArray(window.col // 2, window.row // 2, 50, 50)
    expected = np.isin(values, (3, 8, 9, 10)).repeat(2, axis=0).repeat(2, axis=1)
    np.testing.assert_array_equal(found, expected)


def test_a_real_product_without_a_mask_has_none(shared_data):
    root = shared_data / "test" / "mapchete-eo"
    if not root.is_dir():
        pytest.skip(f"{root} is not there")
    assert open_scene(str(next(root.rglob("*.SAFE")))).clouds is None
