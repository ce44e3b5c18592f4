"""Processing algorithm: zoom levels that a web map's tiles lack."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFolderDestination,
    QgsRasterLayer,
)

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.advice import advised_model
from srsat_qgis.core.raster.picture_codec import LARGEST_QUALITY, SMALLEST_QUALITY
from srsat_qgis.core.tiles.levels import NEXT_ZOOM, PACKINGS
from srsat_qgis.core.tiles.mercator import DEEPEST, EPSG
from srsat_qgis.core.tiles.run import (
    FOLDER,
    MBTILES,
    RASTER,
    TilesRequest,
    TilesResult,
    super_resolve_tiles,
)
from srsat_qgis.core.tiles.upscaling import check_fits, fits
from srsat_qgis.core.types import PartProgress
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.results.styling import describe_layer, readable_provenance
from srsat_qgis.processing.sources.remote import FETCH_SHARE
from srsat_qgis.processing.sources.tile_layers import FILES, ChosenTiles, set_attribution, tiles_at, tiles_of

FORMATS = ("PNG", "JPG", "WEBP")
"""In the order of QGIS's own tools, whose numbers are taken too."""
_FORMATS = dict(zip(FORMATS, ("Every value kept", "Small, no transparency", "Smallest")))
_PACKINGS = dict(zip(PACKINGS, ("One level deeper", "Twice the pixels, same level")))
_ENDINGS = {".mbtiles": MBTILES, ".tif": RASTER, ".tiff": RASTER}
_FIRST_QUALITY = 75
_DATA_TYPE = "Byte"
"""GDAL's name of the type of pictures."""
_TEMPORARY = "TEMPORARY_OUTPUT"
"""QGIS's word for a file that it names itself."""


class SuperResolveTiles(SrsatAlgorithm):
    """Make the zoom levels behind the deepest one that there is, or tiles of twice the pixels."""

    public_id = "superresolvetiles"
    title = "Super-resolve tiles of a web map"
    summary = (
        "Makes the zoom levels that a tiled web map lacks, or tiles of twice the pixels (@2x), without seams."
    )
    keywords = (
        "super-resolution",
        "xyz",
        "mbtiles",
        "pmtiles",
        "tms",
        "wmts",
        "retina",
        "zoom level",
        "basemap",
        "orthophoto",
        "tiles",
    )

    def __init__(self):
        super().__init__()
        self._input: ChosenTiles | None = None
        self._result: TilesResult | None = None
        self._tms = False
        self._codec = "png"

    def shortHelpString(self):
        text = self.tr(
            "Makes deeper zoom levels of the tiles of a web map: one level with a model of x2, two with a model of x4. "
            "Or it makes tiles of twice the pixels (@2x, 512 instead of 256) for screens of high density. The tiles "
            "around each tile are used too, so that there are no seams: the result is that of one large raster. "
            "Missing tiles stay missing, and transparent pixels stay transparent. Tiles that cannot be read are left "
            "out and counted.\n\n"
            "The deepest level that has tiles in the extent is made finer. Levels of the output that the source "
            "has already are copied (from ZOOM_MIN to ZOOM_MAX).\n\n"
            "More than 5000 tiles of openstreetmap.org are refused, as in QGIS's own tools."
        )
        return f"{text}\n\n{self.tr('Models:')}\n{params.model_help(fits)}"

    def initAlgorithm(self, config=None):
        self._add_inputs()
        self._add_outputs()
        self._add_advanced()
        self.add_outputs(
            QgsProcessingOutputNumber,
            {
                "TILES": "Number of tiles made",
                "COPIED_TILES": "Number of tiles copied",
                "BROKEN_TILES": "Number of tiles that could not be read",
                "SECONDS": "Run time (seconds)",
            },
        )
        self.add_outputs(QgsProcessingOutputString, {"DEVICE_USED": "Device used"})

    def _add_inputs(self):
        self.add(
            params.raster("INPUT", "Tiles (layer or file)", optional=True),
            "A layer of tiles in EPSG:3857 (Web Mercator), or a file of such tiles. In scripts, a folder or a template "
            "is taken too. PMTiles of pictures need GDAL 3.14 or newer: convert them to MBTiles for an older one.",
        )
        self.add(
            params.folder("INPUT_TILES", "Folder or template of tiles (instead of the layer)"),
            "A folder with {z}/{x}/{y}.png, .jpg or .webp, or a template such as folder/{z}/{x}/{y}@2x.png or "
            "https://host/{z}/{x}/{y}.png. {-y} counts rows from the south (TMS).",
            advanced=True,
        )
        self.add(
            params.model("MODEL", "Model", advised_model(self.public_id), accept=fits),
            "A model that makes colours finer by a factor of 2 (one zoom level) or 4 (two). In scripts and on the "
            "command line, give its id.",
        )
        params.add_model_file(self)
        self.add(
            params.extent("EXTENT", "Extent (empty: all tiles)"),
            "Part of the tiles, in any CRS, enlarged to whole tiles. Required for web maps.",
        )
        for name, label, help_text in (
            (
                "ZOOM_MIN",
                "First zoom level of the output",
                "Empty: the last one (ZOOM_MAX), that is one level. Levels that the source has already are copied.",
            ),
            (
                "ZOOM_MAX",
                "Last zoom level of the output",
                "Empty: the deepest that the model makes of the tiles. Required where only the server knows which "
                "levels there are.",
            ),
        ):
            self.add(
                params.whole_number(name, label, least=0, most=DEEPEST),
                help_text,
                advanced=name == "ZOOM_MIN",
            )
        self.add(
            params.choice("PACKING", "Packing", _PACKINGS, NEXT_ZOOM),
            "next zoom: tiles of the same size, one level deeper (four times the tiles). retina: tiles of twice the "
            "pixels (@2x) of the same level.",
            advanced=True,
        )
        params.add_device(self)
        params.add_precision(self)

    def _add_outputs(self):
        self.add(
            params.choice("TILE_FORMAT", "Tile format", _FORMATS, FORMATS[0]),
            "PNG keeps every value, JPG has no transparency (white instead), WEBP is smallest. The numbers 0, 1 and 2 "
            "of QGIS's own tools are taken too. A GeoTIFF has its own format.",
            advanced=True,
        )
        self.add(
            params.whole_number(
                "QUALITY",
                "Quality (JPG and WEBP only)",
                _FIRST_QUALITY,
                least=SMALLEST_QUALITY,
                most=LARGEST_QUALITY,
                optional=False,
            ),
            "1 (small files) to 100 (best pictures).",
            advanced=True,
        )
        self.add(
            params.file_output(
                "OUTPUT_FILE", "Output file", "MBTiles (*.mbtiles);;GeoTIFF (*.tif)", by_default=True
            ),
            "An MBTiles file, or a GeoTIFF in EPSG:3857 of one level. A temporary file gives way to a folder "
            "(OUTPUT_DIRECTORY).",
        )
        self.add(
            QgsProcessingParameterFolderDestination(
                "OUTPUT_DIRECTORY", "Output folder", optional=True, createByDefault=False
            ),
            "A folder for tiles {z}/{x}/{y}; a file tiles.json (TileJSON) describes them. Levels that the folder has "
            "already are replaced, other files stay. It can be the folder of the input.",
        )

    def _add_advanced(self):
        for name, label, default, help_text in (
            (
                "TMS_CONVENTION",
                "Rows of the output folder count from the south (TMS)",
                False,
                "MBTiles count them so in any case.",
            ),
            (
                "INPUT_TMS",
                "Rows of the input folder count from the south (TMS)",
                False,
                "For folders and templates. A folder whose tilemapresource.xml or tiles.json says so is known to be "
                "one. MBTiles count them so in any case.",
            ),
            (
                "RESUME",
                "Resume an interrupted run",
                False,
                "Keeps finished tiles next to the output during the run. A later run with the same input, model and "
                "settings continues from them. Not for a GeoTIFF.",
            ),
            ("LOAD_OUTPUT", "Add the tiles to the project", True, "As a layer, once they are whole."),
        ):
            self.add(params.flag(name, label, default), help_text, advanced=True)
        self.add(
            params.text("HTML_ATTRIBUTION", "Attribution (HTML)", ""),
            "Whom to attribute the tiles to, kept with them. Empty: that of the input.",
            advanced=True,
        )
        params.add_tile_size(self, "Tile size (input pixels)")
        params.add_consistency(self)
        params.add_model_hints(self)

    # Names and numbers that QGIS's own tools and scripts know become those of this algorithm, before anything looks.

    def checkParameterValues(self, parameters, context):
        return super().checkParameterValues(_normalised(parameters), context)

    def prepareAlgorithm(self, parameters, context, feedback):
        return super().prepareAlgorithm(_normalised(parameters), context, feedback)

    def processAlgorithm(self, parameters, context, feedback):
        return super().processAlgorithm(_normalised(parameters), context, feedback)

    def check(self, values):
        if not values.MODEL_FILE and values.given("MODEL"):
            params.registered(values.raw("MODEL"), fits)
        if values.given("INPUT") == values.given("INPUT_TILES"):
            raise InvalidSetting("expected INPUT (a layer or file of tiles) or INPUT_TILES, one of the two")
        if values.given("OUTPUT_FILE") == values.given("OUTPUT_DIRECTORY"):
            raise InvalidSetting("expected OUTPUT_FILE or OUTPUT_DIRECTORY, one of the two")
        path = values.raw("OUTPUT_FILE")
        if path and path != _TEMPORARY and Path(path).suffix.lower() not in _ENDINGS:
            raise InvalidSetting(f"OUTPUT_FILE {path}: expected a name that ends in .mbtiles or .tif")
        if values.given("INPUT"):
            layer = values.layer("INPUT")
            if layer is not None:
                tiles_of(layer)

    def before_work(self, values, progress):
        if values.given("INPUT"):
            self._input = tiles_of(values.layer("INPUT"))
        else:
            self._input = tiles_at(values.INPUT_TILES, tms=values.INPUT_TMS)

    def work(self, values, progress):
        target = values.OUTPUT_FILE or values.OUTPUT_DIRECTORY
        kind = _ENDINGS.get(Path(target).suffix.lower(), MBTILES) if values.OUTPUT_FILE else FOLDER
        card = params.chosen_model(values, _DATA_TYPE, progress, accept=fits)
        if values.MODEL_FILE:
            check_fits(card, f"MODEL_FILE {values.MODEL_FILE}")
        card = params.precise(values, card, _DATA_TYPE, progress)
        self._tms, self._codec = values.TMS_CONVENTION, values.TILE_FORMAT.lower()
        request = TilesRequest(
            source=self._input.opened(tms=values.INPUT_TMS, feedback=progress.feedback),
            card=card,
            target=target,
            kind=kind,
            extent=values.extent("EXTENT", QgsCoordinateReferenceSystem(f"EPSG:{EPSG}")),
            zoom_min=values.ZOOM_MIN,
            zoom_max=values.ZOOM_MAX,
            packing=values.PACKING,
            codec=self._codec,
            quality=values.QUALITY,
            tms=self._tms,
            attribution=values.HTML_ATTRIBUTION or self._input.attribution,
            name=f"{self._input.title} {card.id}",
            resume=values.RESUME,
            settings=params.tile_settings(values),
        )
        # What QGIS fetches moves the bar before the run does.
        start = 0.0 if self._input.remote is None else FETCH_SHARE
        result = super_resolve_tiles(request, progress=PartProgress(progress, start, 1.0))
        if values.LOAD_OUTPUT:
            self._result = result
        return {
            "OUTPUT_FILE": values.OUTPUT_FILE or None,
            "OUTPUT_DIRECTORY": values.OUTPUT_DIRECTORY or None,
            "TILES": result.made,
            "COPIED_TILES": result.copied,
            "BROKEN_TILES": len(result.broken),
            "SECONDS": round(result.seconds, 3),
            "DEVICE_USED": result.device,
        }

    def postProcessAlgorithm(self, context, feedback):
        result = self._result
        if result is None or context.project() is None:
            return {}
        layer = _layer(result, f"{self._input.title} {result.zooms[1]}", self._codec, tms=self._tms)
        if not layer.isValid():
            feedback.pushWarning(f"{result.path}: QGIS cannot show the tiles: {layer.error().message()}")
            return {}
        describe_layer(layer, {"input": self._input.title, **readable_provenance(result.provenance)})
        if result.attribution:
            set_attribution(layer, result.attribution)
        context.temporaryLayerStore().addMapLayer(layer)
        details = QgsProcessingContext.LayerDetails(layer.name(), context.project(), layer.name())
        context.addLayerToLoadOnCompletion(layer.id(), details)
        return {}

    def after_cancel(self, values):
        if values.RESUME and not values.OUTPUT_FILE.lower().endswith((".tif", ".tiff")):
            return "Its finished tiles are kept: run it again with the same settings to continue."
        return "With RESUME, a run keeps its finished tiles, and the next one continues from them."


def _normalised(parameters):
    """Return parameters with QGIS's numbers of tile formats as words, a folder or template in its place, one output."""
    found = dict(parameters)
    number = str(found.get("TILE_FORMAT", ""))
    if number.isdecimal() and int(number) < len(FORMATS):
        found["TILE_FORMAT"] = FORMATS[int(number)]
    if found.get("OUTPUT_DIRECTORY") and found.get("OUTPUT_FILE") == _TEMPORARY:
        # The dialog's default, which nobody has asked for.
        found["OUTPUT_FILE"] = None
    place = found.get("INPUT")
    if not isinstance(place, str):
        return found
    if "type=xyz" in place or "type=mbtiles" in place:
        found["INPUT"] = QgsRasterLayer(place, "tiles", "wms")
    elif "{" in place or Path(place).is_dir() or place.lower().endswith(FILES):
        found["INPUT"], found["INPUT_TILES"] = None, place
    return found


def _layer(result, name, codec, *, tms):
    """Return a layer that shows finished tiles."""
    if result.kind != FOLDER:
        return QgsRasterLayer(result.path, name, "gdal")
    row = "{-y}" if tms else "{y}"
    folder = Path(result.path).absolute().as_posix()
    address = f"file://{'' if folder.startswith('/') else '/'}{folder}"
    # What separates the parts of a layer's source, and no more: QGIS 3.22 decodes once more than 3.40 does.
    for mark, code in (("%", "%25"), ("&", "%26"), ("=", "%3D")):
        address = address.replace(mark, code)
    address = f"{address}/{{z}}/{{x}}/{row}.{codec}"
    ratio = result.tile_px / 256
    source = f"type=xyz&url={address}&zmin={result.zooms[0]}&zmax={result.zooms[1]}"
    return QgsRasterLayer(f"{source}&tilePixelRatio={ratio:g}" if ratio != 1 else source, name, "wms")
