"""The algorithm ``srsat:superresolvetiles``: layers, folders and files in, tiles out that lie on the same ground."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)

from srsat_qgis.core.tiles import run as tile_run
from srsat_qgis.processing.sources.tile_layers import set_attribution, tiles_at, tiles_of
from tests.processing.helpers import REPEAT, read_raster, repeated, write_raster, write_unit_model
from tests.tilesets import (
    SIDE,
    cut,
    decoded,
    mosaic,
    read_folder,
    read_mbtiles,
    scene,
    serving,
    write_folder,
    write_mbtiles,
)

ALGORITHM = "srsat:superresolvetiles"
DEFAULTS = {"MODEL": REPEAT, "DEVICE": "cpu", "CONSISTENCY": "off"}
ZOOM, X0, Y0, PX = 9, 270, 170, 256
PICTURE = scene(2 * PX, 3 * PX)
PIXEL = 2 * SIDE / 2**ZOOM / PX
BOX = (
    X0 * PX * PIXEL - SIDE,
    SIDE - (Y0 + 2) * PX * PIXEL,
    (X0 + 3) * PX * PIXEL - SIDE,
    SIDE - Y0 * PX * PIXEL,
)
EXTENT = f"{BOX[0] + 1},{BOX[2] - 1},{BOX[1] + 1},{BOX[3] - 1} [EPSG:3857]"


@pytest.fixture(scope="module")
def tiles():
    return cut(PICTURE, PX, ZOOM, X0, Y0)


@pytest.fixture
def folder(tmp_path, tiles):
    return write_folder(tmp_path / "tiles", tiles)


@pytest.fixture
def server(folder):
    with serving(folder) as running:
        yield running


def xyz(address: str, options: str = "") -> QgsRasterLayer:
    url = f"{address}/%7Bz%7D/%7Bx%7D/%7By%7D.png"
    layer = QgsRasterLayer(f"type=xyz&url={url}&zmin={ZOOM}&zmax={ZOOM}{options}", "basemap", "wms")
    assert layer.isValid(), layer.error().message()
    return layer


def shown(layer: QgsRasterLayer, cols: int, rows: int) -> np.ndarray:
    """Return what QGIS's provider draws of the tiles' ground, (3, rows, cols)."""
    extent = QgsRectangle(*BOX)
    provider = layer.dataProvider()
    # Blocks must live as long as their bytes are read.
    if layer.providerType() == "gdal":
        blocks = [provider.block(band, extent, cols, rows) for band in (1, 2, 3)]
        return np.stack(
            [np.frombuffer(bytes(block.data()), np.uint8).reshape(rows, cols) for block in blocks]
        )
    block = provider.block(1, extent, cols, rows)
    packed = np.frombuffer(bytes(block.data()), np.uint32).reshape(rows, cols)
    return np.stack([(packed >> shift & 0xFF).astype(np.uint8) for shift in (16, 8, 0)])


def check_all_is_made(path, count: int = 24):
    found = read_mbtiles(path)
    assert len(found) == count
    picture, x0, y0 = mosaic(found, ZOOM + 1)
    assert (x0, y0) == (2 * X0, 2 * Y0)
    assert np.array_equal(picture, repeated(PICTURE))


def test_a_folder_becomes_mbtiles_of_the_next_level(run, folder, tmp_path):
    target = str(tmp_path / "out.mbtiles")
    results = run(INPUT_TILES=str(folder), OUTPUT_FILE=target)
    assert results["OUTPUT_FILE"] == target
    assert (results["TILES"], results["COPIED_TILES"], results["BROKEN_TILES"]) == (24, 0, 0)
    assert results["DEVICE_USED"] == "cpu"
    check_all_is_made(target)


@pytest.mark.parametrize(
    "kind", ["folder", "template", "uri", "mbtiles", "layer of a file", "layer of a folder"]
)
def test_input_takes_all_kinds_of_tiles(run, folder, tiles, tmp_path, kind):
    base = str(write_mbtiles(tmp_path / "in.mbtiles", tiles, name="in", format="png", minzoom=9, maxzoom=9))
    local = f"type=xyz&url=file://{folder}/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmin=9&zmax=9"
    given = {
        "folder": str(folder),
        "template": f"{folder}/{{z}}/{{x}}/{{y}}.png",
        "uri": local,
        "mbtiles": base,
        "layer of a file": QgsRasterLayer(base, "file", "gdal"),
        "layer of a folder": QgsRasterLayer(local, "folder", "wms"),
    }
    run(INPUT=given[kind], OUTPUT_FILE=str(tmp_path / "out.mbtiles"))
    check_all_is_made(tmp_path / "out.mbtiles")


def test_a_plain_layer_of_a_server_is_read_by_gdal_and_one_with_headers_by_qgis(run, server, tmp_path):
    plain, headed = xyz(server.address), xyz(server.address, "&http-header:referer=https://me")
    assert tiles_of(plain).web is not None
    assert tiles_of(headed).web is None
    assert tiles_of(headed).remote is not None
    for name, layer in (("plain", plain), ("headed", headed)):
        target = tmp_path / f"{name}.mbtiles"
        run(INPUT=layer, EXTENT=EXTENT, OUTPUT_FILE=str(target))
        check_all_is_made(target)


def test_an_address_is_read_by_gdal(run, server, tmp_path):
    address = f"{server.address}/{{z}}/{{x}}/{{y}}.png"
    target = tmp_path / "out.mbtiles"
    run(INPUT_TILES=address, EXTENT=EXTENT, ZOOM_MAX=ZOOM + 1, OUTPUT_FILE=str(target))
    check_all_is_made(target)
    with pytest.raises(QgsProcessingException, match="expected ZOOM_MAX"):
        run(INPUT_TILES=address, EXTENT=EXTENT, OUTPUT_FILE=str(target))
    with pytest.raises(QgsProcessingException, match="EXTENT is needed"):
        run(INPUT_TILES=address, ZOOM_MAX=ZOOM + 1, OUTPUT_FILE=str(target))


def test_the_default_is_the_model_that_the_table_advises_for_tiles(srsat, monkeypatch):
    from srsat_qgis.processing.parameters import params

    def default():
        algorithm = srsat.algorithm("superresolvetiles").create()
        return algorithm.parameterDefinition("MODEL").defaultValue()

    assert default() == "rgb-luma-x2"
    assert srsat.algorithm("superresolve").parameterDefinition("MODEL").defaultValue() == "any-x2"
    names = params.model_names
    for missing, instead in (({"rgb-luma-x2"}, "any-x2"), ({"rgb-luma-x2", "any-x2"}, "any-x2-fast")):
        monkeypatch.setattr(
            params,
            "model_names",
            lambda accept, missing=missing: {
                one: name for one, name in names(accept).items() if one not in missing
            },
        )
        assert default() == instead


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("scale", [2, 4])
def test_a_model_file_of_the_users_own_makes_tiles(run, folder, tmp_path, channels, scale):
    model = write_unit_model(tmp_path / "my own.onnx", channels=channels, scale=scale)
    target = tmp_path / "out.mbtiles"
    run(INPUT_TILES=str(folder), MODEL_FILE=str(model), VALUE_SCALE="unit", OUTPUT_FILE=str(target))
    picture, *_ = mosaic(read_mbtiles(target), ZOOM + scale // 2)
    assert np.array_equal(picture, PICTURE.repeat(scale, axis=1).repeat(scale, axis=2))


def test_a_model_file_that_does_not_fit_tiles_is_refused_before_anything_is_written(run, folder, tmp_path):
    target = tmp_path / "out.mbtiles"
    for told, options, given in (
        (
            r"expected a model of x2 or x4, of single bands or of three.*found x3, single bands$",
            {"scale": 3},
            {},
        ),
        (r"expected a model of x2 or x4, .*found x2, 4 bands$", {"channels": 4}, {}),
        (r"scale 4 was asked for, the model's is 2", {}, {"MODEL_SCALE": 4}),
        (r"Most likely it takes 0 to 1: choose the value scale unit", {}, {"VALUE_SCALE": "dn"}),
    ):
        model = write_unit_model(tmp_path / "m.onnx", **options)
        fixed = {"INPUT_TILES": str(folder), "MODEL_FILE": str(model), "VALUE_SCALE": "unit"}
        with pytest.raises(QgsProcessingException, match=told):
            run(**{**fixed, **given}, OUTPUT_FILE=str(target))
    with pytest.raises(QgsProcessingException, match=r"none\.onnx"):
        run(INPUT_TILES=str(folder), MODEL_FILE=str(tmp_path / "none.onnx"), OUTPUT_FILE=str(target))
    assert not target.exists()


def test_pmtiles_are_refused_with_what_to_do_where_gdal_does_not_read_them(run, tmp_path):
    """GDAL reads those of vectors from 3.8 on, and those of pictures from 3.14 on."""
    if int(gdal.VersionInfo()) >= 3140000:
        pytest.skip("this GDAL reads PMTiles of pictures")
    path = tmp_path / "city.pmtiles"
    path.write_bytes(b"PMTiles\x03" + bytes(91) + b"\x02" + bytes(28))
    for given in ({"INPUT": str(path)}, {"INPUT_TILES": str(path)}):
        with pytest.raises(
            QgsProcessingException, match=r"city\.pmtiles: .*GDAL 3\.14.* Convert .* to MBTiles"
        ):
            run(**given, OUTPUT_FILE=str(tmp_path / "out.mbtiles"))
    assert os.listdir(tmp_path) == ["city.pmtiles"]


_WMTS = """<?xml version="1.0" encoding="UTF-8"?>
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1"
 xmlns:xlink="http://www.w3.org/1999/xlink" version="1.0.0"><Contents><Layer>
<ows:Title>map</ows:Title><ows:WGS84BoundingBox><ows:LowerCorner>-180 -85</ows:LowerCorner>
<ows:UpperCorner>180 85</ows:UpperCorner></ows:WGS84BoundingBox><ows:Identifier>map</ows:Identifier>
<Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style><Format>image/png</Format>
<TileMatrixSetLink><TileMatrixSet>g</TileMatrixSet></TileMatrixSetLink>
<ResourceURL format="image/png" resourceType="tile" template="{address}/{{TileMatrix}}/{{TileCol}}/{{TileRow}}.png"/>
</Layer><TileMatrixSet><ows:Identifier>g</ows:Identifier>
<ows:SupportedCRS>urn:ogc:def:crs:EPSG::3857</ows:SupportedCRS>
<TileMatrix><ows:Identifier>9</ows:Identifier><ScaleDenominator>{scale!r}</ScaleDenominator>
<TopLeftCorner>-20037508.342789244 20037508.342789244</TopLeftCorner><TileWidth>256</TileWidth>
<TileHeight>256</TileHeight><MatrixWidth>512</MatrixWidth><MatrixHeight>512</MatrixHeight></TileMatrix>
</TileMatrixSet></Contents></Capabilities>"""


def test_a_wmts_layer_is_read_by_qgis(run, server, folder, tmp_path):
    (folder / "wmts.xml").write_text(_WMTS.format(address=server.address, scale=PIXEL / 0.00028))
    source = (
        "contextualWMSLegend=0&crs=EPSG:3857&dpiMode=7&format=image/png&layers=map&styles=default&tileMatrixSet=g"
        f"&url={server.address}/wmts.xml"
    )
    layer = QgsRasterLayer(source, "wmts", "wms")
    assert layer.isValid(), layer.error().message()
    run(INPUT=layer, EXTENT=EXTENT, ZOOM_MAX=ZOOM + 1, OUTPUT_FILE=str(tmp_path / "out.mbtiles"))
    check_all_is_made(tmp_path / "out.mbtiles")


@pytest.mark.parametrize(("given", "ending"), [(0, "png"), (1, "jpg"), ("WEBP", "webp"), ("2", "webp")])
def test_formats_go_by_qgis_numbers_too(run, folder, tmp_path, given, ending):
    if ending == "webp":
        pytest.importorskip("osgeo.gdal").GetDriverByName("WEBP") or pytest.skip("GDAL has no WEBP")
    run(INPUT_TILES=str(folder), OUTPUT_DIRECTORY=str(tmp_path / "out"), TILE_FORMAT=given, QUALITY=90)
    names = {path.suffix for path in (tmp_path / "out").glob("*/*/*")}
    assert names == {f".{ending}"}


@pytest.mark.parametrize("packing", ["next zoom", "retina"])
@pytest.mark.parametrize("south", [False, True])
def test_qgis_shows_a_folder_of_tiles_on_the_same_ground(run, srsat, folder, tmp_path, packing, south):
    target = tmp_path / "out 1 & 2=50%"
    context, feedback = QgsProcessingContext(), None
    context.setProject(QgsProject.instance())
    layer = loaded(
        srsat,
        context,
        feedback,
        INPUT_TILES=str(folder),
        OUTPUT_DIRECTORY=str(target),
        PACKING=packing,
        TMS_CONVENTION=south,
    )
    assert layer.crs().authid() == "EPSG:3857"
    assert np.array_equal(shown(layer, 6 * PX, 4 * PX), repeated(PICTURE)[:3])


@pytest.mark.parametrize("packing", ["next zoom", "retina"])
@pytest.mark.parametrize("ending", ["mbtiles", "tif"])
def test_qgis_shows_a_file_of_tiles_on_the_same_ground(srsat, folder, tmp_path, packing, ending):
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    target = str(tmp_path / f"out.{ending}")
    layer = loaded(srsat, context, None, INPUT_TILES=str(folder), OUTPUT_FILE=target, PACKING=packing)
    assert layer.name() == f"tiles {ZOOM + 1 if packing == 'next zoom' else ZOOM}"
    assert np.array_equal(shown(layer, 6 * PX, 4 * PX), repeated(PICTURE)[:3])
    assert "model: test-repeat-x2" in layer.metadata().abstract()


def loaded(srsat, context, feedback, **parameters) -> QgsRasterLayer:
    """Run the algorithm and return the one layer that it adds to the project."""
    from qgis.core import QgsProcessingFeedback

    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    given = {**DEFAULTS, **parameters}
    accepted, message = algorithm.checkParameterValues(given, context)
    assert accepted, message
    _, done = algorithm.run(given, context, feedback or QgsProcessingFeedback(False))
    assert done
    (layer_id,) = context.layersToLoadOnCompletion()
    return context.temporaryLayerStore().mapLayer(layer_id)


def test_a_reader_of_512_pixels_finds_twice_the_pixels_on_the_ground_of_each_tile(run, folder, tmp_path):
    """As MapLibre does: tile z/x/y covers the tile's ground, whatever its pixels, drawn 512 pixels wide."""
    run(INPUT_TILES=str(folder), OUTPUT_DIRECTORY=str(tmp_path / "out"), PACKING="retina")
    found = read_folder(tmp_path / "out")
    assert set(found) == {(ZOOM, X0 + x, Y0 + y) for x in range(3) for y in range(2)}
    for (_, x, y), content in found.items():
        ground = PICTURE[:, (y - Y0) * PX : (y - Y0 + 1) * PX, (x - X0) * PX : (x - X0 + 1) * PX]
        assert decoded(content).shape == (4, 512, 512)
        assert np.array_equal(decoded(content), repeated(ground))


def test_nothing_is_loaded_where_it_is_not_wanted(srsat, folder, tmp_path):
    from qgis.core import QgsProcessingFeedback

    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    given = {
        **DEFAULTS,
        "INPUT_TILES": str(folder),
        "OUTPUT_FILE": str(tmp_path / "out.mbtiles"),
        "LOAD_OUTPUT": False,
    }
    algorithm.run(given, context, QgsProcessingFeedback(False))
    assert not context.layersToLoadOnCompletion()


def test_the_attribution_of_a_layer_is_carried_over_and_can_be_given(run, server, tmp_path):
    layer = xyz(server.address)
    set_attribution(layer, "<b>Mappers</b>")
    run(INPUT=layer, EXTENT=EXTENT, OUTPUT_DIRECTORY=str(tmp_path / "out"))
    assert '"attribution": "<b>Mappers</b>"' in (tmp_path / "out" / "tiles.json").read_text("utf-8")
    run(INPUT=layer, EXTENT=EXTENT, OUTPUT_DIRECTORY=str(tmp_path / "out"), HTML_ATTRIBUTION="<i>me</i>")
    assert '"attribution": "<i>me</i>"' in (tmp_path / "out" / "tiles.json").read_text("utf-8")


def test_an_extent_in_another_crs_takes_the_tiles_under_it(run, folder, tmp_path):
    # The middle tile of the first row, by the wiki's formulas.
    west, east = (271.2 / 512 * 360 - 180, 271.8 / 512 * 360 - 180)
    north, south = (np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * row / 512)))) for row in (170.2, 170.8))
    target = tmp_path / "out.mbtiles"
    run(INPUT_TILES=str(folder), EXTENT=f"{west},{east},{south},{north} [EPSG:4326]", OUTPUT_FILE=str(target))
    assert set(read_mbtiles(target)) == {(10, x, y) for x in (542, 543) for y in (340, 341)}


@pytest.fixture
def refusal(srsat, folder, tmp_path):
    """Returns why the algorithm refuses its parameters, '' where it does not."""

    def _refusal(**parameters):
        algorithm = srsat.algorithm("superresolvetiles").create()
        fixed = {"INPUT_TILES": str(folder), "OUTPUT_FILE": str(tmp_path / "out.mbtiles")}
        accepted, message = algorithm.checkParameterValues({**fixed, **parameters}, QgsProcessingContext())
        return "" if accepted else message

    return _refusal


def test_one_input_and_one_output_are_expected(refusal, tmp_path):
    assert refusal() == ""
    assert refusal(INPUT_TILES=None).startswith("expected INPUT (a layer or file of tiles) or INPUT_TILES")
    assert refusal(OUTPUT_DIRECTORY=str(tmp_path / "o")).startswith(
        "expected OUTPUT_FILE or OUTPUT_DIRECTORY"
    )
    assert refusal(OUTPUT_FILE="TEMPORARY_OUTPUT", OUTPUT_DIRECTORY=str(tmp_path / "o")) == ""
    assert refusal(OUTPUT_FILE=None).startswith("expected OUTPUT_FILE or OUTPUT_DIRECTORY")


def test_what_is_wrong_is_refused_before_a_run(refusal, tmp_path):
    assert "expected a name that ends in .mbtiles or .tif" in refusal(OUTPUT_FILE=str(tmp_path / "out.png"))
    assert refusal(TILE_FORMAT="GIF") == "TILE_FORMAT: found 'GIF', expected one of: PNG, JPG, WEBP"
    assert refusal(TILE_FORMAT=7).startswith("TILE_FORMAT: found '7'")
    assert refusal(PACKING="tight") == "PACKING: found 'tight', expected one of: next zoom, retina"
    assert "no model has this id" in refusal(MODEL="nonsense")
    assert "expected one of" in refusal(MODEL="s2-20m")
    assert refusal(ZOOM_MAX=31) == "ZOOM_MAX: found '31', expected a whole number from 0 to 30"


def test_a_layer_without_tiles_is_refused(refusal, tmp_path):
    path = write_raster(tmp_path / "plain.tif", np.zeros((3, 8, 8), np.uint8))
    message = refusal(INPUT_TILES=None, INPUT=QgsRasterLayer(str(path), "plain"))
    assert message.startswith(
        "INPUT: plain: expected tiles (XYZ, WMTS, MBTiles, PMTiles), found another raster"
    )


def test_bulk_reading_of_openstreetmap_is_refused_before_a_tile_is_asked_for(run, tmp_path):
    layer = QgsRasterLayer(
        "type=xyz&url=https://tile.openstreetmap.org/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmin=0&zmax=19", "OSM", "wms"
    )
    with pytest.raises(QgsProcessingException, match=r"tile\.openstreetmap\.org: \d+ tiles would be read"):
        run(
            INPUT=layer,
            EXTENT="0,60000,0,60000 [EPSG:3857]",
            ZOOM_MAX=19,
            OUTPUT_FILE=str(tmp_path / "out.mbtiles"),
        )
    assert os.listdir(tmp_path) == []


def test_vector_tiles_and_damaged_files_end_in_one_line(run, tmp_path):
    path = write_mbtiles(tmp_path / "v.mbtiles", {(0, 0, 0): b"\x1f\x8b\x08"}, format="pbf")
    with pytest.raises(QgsProcessingException, match=r"v\.mbtiles: holds vector tiles"):
        run(INPUT=str(path), OUTPUT_FILE=str(tmp_path / "out.mbtiles"))
    (tmp_path / "d.mbtiles").write_text("hello")
    with pytest.raises(QgsProcessingException, match=r"d\.mbtiles: expected tiles"):
        run(INPUT=str(tmp_path / "d.mbtiles"), OUTPUT_FILE=str(tmp_path / "out.mbtiles"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(QgsProcessingException, match="no tile in this folder"):
        run(INPUT=str(tmp_path / "empty"), OUTPUT_FILE=str(tmp_path / "out.mbtiles"))


def test_a_cancelled_run_says_how_it_is_resumed(run, folder, tmp_path, recorder, monkeypatch):
    # Each tile is a metatile.
    monkeypatch.setattr(tile_run, "_METATILE_PX", 2 * PX)
    feedback = recorder(cancel_at=1)
    given = {"INPUT_TILES": str(folder), "OUTPUT_FILE": str(tmp_path / "out.mbtiles"), "RESUME": True}
    assert not run(feedback, **given)
    assert any("Its finished tiles are kept" in line for line in feedback.lines)
    assert not (tmp_path / "out.mbtiles").exists()
    run(**given)
    check_all_is_made(tmp_path / "out.mbtiles")


def test_addresses_of_files_are_paths():
    assert tiles_at("file:///a/b/%7Bz%7D", tms=False).place == "/a/b/{z}"
    assert tiles_at("https://host/{z}/{x}/{y}.png", tms=True).web.tms


def test_outputs_may_be_temporary(run, folder):
    check_all_is_made(run(INPUT_TILES=str(folder), OUTPUT_FILE="TEMPORARY_OUTPUT")["OUTPUT_FILE"])
    results = run(
        INPUT_TILES=str(folder), OUTPUT_FILE="TEMPORARY_OUTPUT", OUTPUT_DIRECTORY="TEMPORARY_OUTPUT"
    )
    assert "OUTPUT_FILE" not in results
    assert len(read_folder(Path(results["OUTPUT_DIRECTORY"]))) == 24


def test_the_result_can_be_read_as_a_raster_by_the_other_algorithms(run, folder, tmp_path):
    run(INPUT_TILES=str(folder), OUTPUT_FILE=str(tmp_path / "out.tif"))
    assert np.array_equal(read_raster(tmp_path / "out.tif"), repeated(PICTURE))
