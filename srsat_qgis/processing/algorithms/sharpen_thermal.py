"""Processing algorithm: land-surface temperatures sharpened by finer images."""

from __future__ import annotations

import json

from qgis.core import QgsProcessing, QgsProcessingOutputNumber, QgsProcessingOutputString

from srsat_qgis.core.errors import InvalidSetting, UnsupportedRaster
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.paths import same_file
from srsat_qgis.core.report.thermal_page import facts_of, judge_sharpened, thermal_html
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.thermal.conservation import DEFAULT_BOX, MODES
from srsat_qgis.core.thermal.sharpen import (
    AUTO,
    CLASSICAL,
    COREGISTER,
    CORRECT,
    FAMILY,
    Sharpened,
    SharpenRequest,
    check_method,
    sharpen,
)
from srsat_qgis.core.thermal.units import CELSIUS, KELVIN
from srsat_qgis.processing import settings
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.results.styling import ResultStyler, made_by, readable_provenance, style_of
from srsat_qgis.processing.values import write_text

_SCALES = {"4": "Four times", "8": "Eight times"}
_COREGISTER = dict(zip(COREGISTER, ("Measured, and guides are moved", "Only measured", "Not measured")))
_CONSISTENCY = {
    AUTO: "By what the guides' shift allows",
    **dict(
        zip(
            MODES,
            ("None", "Mean of each coarse pixel", "Mean radiance of each coarse pixel", "Means of boxes"),
        )
    ),
}
_UNITS = {AUTO: "As the raster says", KELVIN: "Kelvins", CELSIUS: "Degrees Celsius"}


def sharpens(card: ModelCard) -> bool:
    """Return whether a model is one of the family that sharpens temperatures."""
    return card.family == FAMILY


def _models() -> dict[str, str]:
    """Return the words of all networks and methods, by id."""
    classical = dict(zip(CLASSICAL, ("Bicubic, without a guide", "One regression", "Regressions in windows")))
    return {AUTO: "The shipped network of the scale", **params.model_names(sharpens), **classical}


class SharpenThermal(SrsatAlgorithm):
    """Sharpen a raster of land-surface temperatures by finer guides."""

    public_id = "sharpenthermal"
    title = "Sharpen temperatures"
    summary = "Sharpens a land-surface temperature raster 4 or 8 times with the detail of finer images."
    details = (
        "Coarse temperatures (MODIS, a weather satellite, Landsat, ECOSTRESS) become 4 or 8 times finer. The detail "
        "comes from guides: finer rasters of the same ground, for example NDVI, reflectances or another sensor's "
        "thermal band, in any CRS and with any bands. A guide shows where surfaces change, not how warm they are: what "
        "is added is likely, not measured. The mean over each coarse pixel is kept.\n\n"
        "The guides are compared with the temperatures, and moved where they are shifted. Where a guide is missing or "
        "cloudy (nodata), the result fades into that without a guide.\n\n"
        "Models: bicubic takes no guide. tsharp is one regression on the guide band that follows the temperatures "
        "best. local-ridge fits regressions in windows of 15 pixels. The others are trained networks; auto takes the "
        "shipped one of the scale. The report compares them on your scene, one scale coarser."
    )
    needs_runtime = False
    group_label, group_id = "Land surface temperature", "temperature"
    keywords = (
        "land surface temperature",
        "lst",
        "thermal",
        "sharpen",
        "downscaling",
        "disaggregation",
        "tsharp",
        "modis",
        "ecostress",
        "ndvi",
        "heat island",
    )

    def __init__(self):
        super().__init__()
        self._source = None
        self._guides: list[str] = []
        self._style = ""
        self._result: Sharpened | None = None

    def shortHelpString(self):
        return f"{super().shortHelpString()}\n\n{self.tr('Networks:')}\n{params.model_help(sharpens)}"

    def initAlgorithm(self, config=None):
        self.add(
            params.raster("INPUT", "Temperatures"),
            "A raster of land-surface temperatures in kelvins, degrees Celsius or scaled integers. Scale, offset and "
            "unit are taken from the raster, or from its name for MOD11A1 and MYD11A1, Landsat Collection 2 surface "
            "temperature and ECOSTRESS L2T.",
        )
        self.add(
            params.rasters("GUIDES", "Guides (finer images)", optional=True),
            "One or more rasters with pixels of at most the output's size, any bands and CRS. Not needed for bicubic.",
        )
        self.add(
            params.choice("SCALE", "Times finer", _SCALES, next(iter(_SCALES))),
            "Output pixels per pixel of the temperatures, along one axis.",
        )
        self.add(
            params.choice("MODEL", "Model or method", _models(), AUTO),
            "auto: lst-x4 or lst-x8, by the scale. Models of other scales are refused.",
            advanced=True,
        )
        params.add_device(self)
        params.add_precision(self)
        self._add_advanced()
        self.add(
            params.raster_output("OUTPUT", "Sharpened temperatures"),
            "On a grid that nests in that of the temperatures, with their numbers, type, nodata and unit.",
        )
        self.add(
            params.raster_output("QUALITY", "Quality raster", optional=True),
            "A second raster. Its first band is how much the guides count, 0 where they are missing. With a network, "
            "the second one is the standard deviation of its eight answers to the flipped and turned image in kelvins, "
            "times the factor of the model's card where it has one: a sign of doubt and no error; it takes eight times "
            "as long.",
        )
        self.add(
            params.page("REPORT", "Report (HTML)", by_default=False),
            "Compares the chosen model with bicubic, tsharp and local-ridge on this scene, one scale coarser, where "
            "the raster itself is the truth.",
        )
        self.add_outputs(
            QgsProcessingOutputNumber,
            {
                "WIDTH": "Width (pixels)",
                "HEIGHT": "Height (pixels)",
                "SECONDS": "Run time (seconds)",
                "GUIDED_PERCENT": "Pixels in which the guides count in full (percent)",
                "RESIDUAL_K": "Largest difference of a coarse pixel's mean (kelvins)",
                "ERROR_SHARE": "Error one scale coarser, relative to bicubic (only with a report)",
            },
        )
        self.add_outputs(
            QgsProcessingOutputString,
            {
                "CONSISTENCY_USED": "How means were kept",
                "SCORES": "Methods on this scene (JSON; only with a report)",
            },
        )

    def _add_advanced(self):
        self.add(
            params.whole_number("BAND", "Band of the temperatures", 1, least=1, most=65535),
            "Of the input, counted from 1.",
            advanced=True,
        )
        self.add(
            params.choice("COREGISTER", "Misregistration of the guides", _COREGISTER, CORRECT),
            "correct: measured against the temperatures, and guides are moved. measure: only told. off: not measured. "
            "Up to two pixels of the temperatures are looked for.",
            advanced=True,
        )
        self.add(
            params.choice("CONSISTENCY", "Means that are kept", _CONSISTENCY, AUTO),
            "area: the mean temperature over each coarse pixel. area-radiance: its mean radiance (fourth power). "
            "relaxed: means over boxes of coarse pixels, for guides that are misregistered. off: none. auto: area, or "
            "relaxed where guides stay shifted by more than 0.2 coarse pixels.",
            advanced=True,
        )
        self.add(
            params.whole_number(
                "BOX", "Side of the boxes of 'relaxed' (coarse pixels, odd)", DEFAULT_BOX, least=3, most=15
            ),
            "Means are kept over so many coarse pixels on a side.",
            advanced=True,
        )
        self.add(
            params.choice("UNIT", "Unit of the temperatures", _UNITS, AUTO),
            "auto: as the raster or its product says, else kelvins.",
            advanced=True,
        )
        self.add(
            params.number("UNIT_SCALE", "Scale of the temperatures' numbers"),
            "temperature = scale * number + offset. Empty: as the raster or its product says.",
            advanced=True,
        )
        self.add(
            params.number("UNIT_OFFSET", "Offset of the temperatures' numbers"),
            "See the scale.",
            advanced=True,
        )
        self.add(
            params.number("NODATA", "Nodata value of the temperatures"),
            "Overrides what the raster declares.",
            advanced=True,
        )
        params.add_tile_size(self, "Tile size (pixels of the temperatures)")
        params.add_layout(self)
        params.add_creation_options(self)

    def check(self, values):
        params.creation_options(values)
        values.check_output_differs("INPUT")
        self._method(values)
        quality = values.raw("QUALITY")
        if quality not in ("", QgsProcessing.TEMPORARY_OUTPUT) and same_file(quality, values.raw("OUTPUT")):
            raise InvalidSetting(f"QUALITY {quality} is the OUTPUT; expected another file")

    def _method(self, values):
        """Return the chosen method: a classical one by its name, a network by its card."""
        name, scale = values.MODEL, int(values.SCALE)
        if name in CLASSICAL:
            return name
        card = params.registered(f"lst-x{scale}" if name == AUTO else name, sharpens)
        check_method(card, scale)
        return card

    def before_work(self, values, progress):
        self._source = values.source("INPUT")
        self._style = style_of(values.layer("INPUT"))
        for source in values.sources("GUIDES"):
            if source.open_options:
                raise UnsupportedRaster(f"GUIDES: {source.name}: expected a raster file without open options")
            self._guides.append(source.path)

    def work(self, values, progress):
        with self._source.opened(feedback=progress.feedback) as path:
            method = self._method(values)
            request = SharpenRequest(
                path,
                tuple(self._guides),
                method,
                int(values.SCALE),
                values.OUTPUT,
                band=values.BAND,
                unit=None if values.UNIT == AUTO else values.UNIT,
                unit_scale=values.UNIT_SCALE,
                unit_offset=values.UNIT_OFFSET,
                nodata=values.NODATA if values.NODATA is not None else self._source.nodata,
                coregister=values.COREGISTER,
                consistency=values.CONSISTENCY,
                box=values.BOX,
                quality=values.QUALITY or None,
                judge=bool(values.REPORT),
                settings=Settings(
                    device=values.DEVICE,
                    tile=None if values.emptied("TILE_SIZE") else values.TILE_SIZE,
                    threads=settings.threads(),
                    gpu_memory_mb=settings.gpu_memory_mb(),
                    creation_options=params.creation_options(values),
                    layout=values.FORMAT,
                ),
                # Networks take kelvins, whatever the raster's type.
                running=None
                if isinstance(method, str)
                else params.precise(values, method, "Float32", progress),
            )
            made = sharpen(request, progress=progress)
            verdict = judge_sharpened(made)
            for text in (verdict.line, *verdict.remarks):
                progress.info(text)
            if values.REPORT:
                write_text(values.REPORT, thermal_html(made))
        self._result = made
        errors = {score.method: score.rmse_k for score in made.scores}
        own, plain = errors.get(request.name), errors.get(CLASSICAL[0])
        return {
            "OUTPUT": values.OUTPUT,
            "QUALITY": values.QUALITY or None,
            "REPORT": values.REPORT or None,
            "WIDTH": made.grid.cols,
            "HEIGHT": made.grid.rows,
            "SECONDS": round(made.seconds, 3),
            "GUIDED_PERCENT": round(100 * made.guided_share, 2),
            "RESIDUAL_K": made.residual_k[0],
            "ERROR_SHARE": round(own / plain, 4) if own is not None and plain else None,
            "CONSISTENCY_USED": made.consistency,
            "SCORES": json.dumps(facts_of(made)["scores"]) if made.scores else None,
        }

    def postProcessAlgorithm(self, context, feedback):
        made = self._result
        if made is None or not context.willLoadLayerOnCompletion(made.request.target):
            return {}
        details = context.layerToLoadOnCompletionDetails(made.request.target)
        if details.name in ("", self.parameterDefinition("OUTPUT").description()):
            details.name = made_by(self._source.name, made.request.name, made.request.scale)
            details.forceName = True
        shown = {"input": self._source.name, **readable_provenance(made.provenance)}
        details.setPostProcessor(ResultStyler(self._style, shown, None))
        return {}
