"""Processing algorithm: Landsat 8 and 9 made to look and measure like Sentinel-2 at 10 m."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

from qgis.core import QgsProcessingOutputNumber, QgsProcessingOutputString

from srsat_qgis.core.errors import InvalidSetting, UnsupportedRaster
from srsat_qgis.core.landsat.harmonise import Harmonised, HarmoniseRequest, harmonise, harmonises
from srsat_qgis.core.landsat.products import open_product
from srsat_qgis.core.landsat.radiometry import SURFACE, TOP_OF_ATMOSPHERE
from srsat_qgis.core.landsat.stacks import open_bands
from srsat_qgis.core.landsat.target import AUTO, GRIDS
from srsat_qgis.core.report.harmonise_page import facts_of, harmonise_html, judge_harmonised
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.series.acquisitions import RASTERS, reference_of
from srsat_qgis.core.superres.job import Source
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import harmonise_params, params
from srsat_qgis.processing.results.styling import ResultStyler, readable_provenance
from srsat_qgis.processing.sources.map_layers import opened
from srsat_qgis.processing.values import write_text

_GRIDS = dict(zip(GRIDS, ("The reference's, where there is one", "The reference's", "Multiples of 10 m")))
_WORDS_OF_LEVELS = {AUTO: "By their names", "surface": "Surface", "toa": "Top of atmosphere"}
_LEVELS = {"surface": SURFACE, "toa": TOP_OF_ATMOSPHERE}


class Harmonise(SrsatAlgorithm):
    """Bring a Landsat scene to Sentinel-2's pixels and reflectance."""

    public_id = "harmonise"
    title = "Harmonise Landsat at 10 m"
    # Without that sensor's name: whoever types it looks for its own algorithm first.
    summary = "Makes Landsat 8 and 9 look and measure like the 10 m scenes of Copernicus."
    details = (
        "Landsat 8 and 9 (Collection 2, level 1 or 2) become 16-bit rasters with the bands, the scaling and the 10 m "
        "pixels of Sentinel-2. Clouds and whatever else QA_PIXEL flags become nodata.\n\n"
        "Give a product (its folder, its tar or its *_MTL.txt) or rasters of the bands; and, where you have one, a "
        "Sentinel-2 scene of the place as reference: the result then lies on its grid, is moved onto it, and "
        "is compared with it in the report. Choose a reference of the same season.\n\n"
        "Methods: resample is cubic convolution. subpixel is a network that was trained on simulated Landsat bands. "
        "highpass takes the detail from the reference, but where the ground has changed; a land cover that changes "
        "within its 30 m pixels keeps the reference's old edges. deblur, style and combined are networks that learned "
        "beside a discriminator and invent texture: deblur sharpens the resampled bands, style gives them the fine "
        "texture of Sentinel-2, combined gives it to the result of subpixel. Measure no detail in their results.\n\n"
        "Radiometry: hls-s2a, hls-s2b and hls-s2c are the published lines of NASA's HLS for surface "
        "reflectance (level 2), chastain-toa those for top of atmosphere (level 1). fitted is a robust "
        "regression on the pixels that did not change, histogram matches percentiles; both need a reference. "
        "B8 and B8A differ by about 10 % where there is vegetation: NIR says which one the result has."
    )
    needs_runtime = False
    group_label, group_id = "Multispectral", "multispectral"
    keywords = (
        "landsat",
        "landsat-8",
        "landsat-9",
        "oli",
        "harmonisation",
        "harmonization",
        "hls",
        "radiometric normalisation",
        "brdf",
    )

    def __init__(self):
        super().__init__()
        self._bands: list[str] = []
        self._references: list[Source] = []
        self._others = {}
        self._result: Harmonised | None = None

    def shortHelpString(self):
        return f"{super().shortHelpString()}\n\n{self.tr('Networks:')}\n{params.model_help(harmonises)}"

    def initAlgorithm(self, config=None):
        self.add(
            params.file("INPUT", "Landsat product", "Landsat (*_MTL.txt *.tar);;* (*)"),
            "The product's metadata file (*_MTL.txt), its tar, or its folder; or a raster with several bands, "
            "as below. Empty: the rasters below.",
        )
        self.add(
            params.rasters("BANDS_30M", "Landsat bands (if no product)", optional=True),
            "A stack, or one raster per band. Bands are found by description (such as B4), wavelength or file "
            "name, else by BAND_NAMES. Level and scale follow from the name of a level 2 product, else give LEVEL, "
            "SCALE and OFFSET.",
            advanced=True,
        )
        self.add(
            params.file(
                "REFERENCE_PRODUCT",
                "Sentinel-2 reference: product",
                "Sentinel-2 (MTD_MSI*.xml *.zip);;* (*)",
            ),
            "Its metadata file, zip or .SAFE folder: a Sentinel-2 scene of the same place and season, of the same "
            "level. Its scene classification (SCL) masks its clouds.",
        )
        self.add(
            params.rasters("REFERENCE", "Reference: rasters (if no product)", optional=True),
            "A stack with band names, or one raster per band, of one scene.",
            advanced=True,
        )
        harmonise_params.add_choices(self)
        params.add_device(self)
        self._add_advanced()
        self.add(
            params.raster_output("OUTPUT", "Harmonised scene"),
            "16-bit digital numbers of reflectance times 10000, with the reference's offset; 0 is nodata.",
        )
        self.add(
            params.page("REPORT", "Report (HTML)", by_default=False),
            "Bias, error, slope, NDVI, detail and shift against the reference, before and after, on unchanged ground.",
        )
        self.add_outputs(
            QgsProcessingOutputNumber,
            {
                "WIDTH": "Width (pixels)",
                "HEIGHT": "Height (pixels)",
                "SECONDS": "Run time (seconds)",
                "MASKED_PERCENT": "Pixels masked by QA_PIXEL (percent)",
                "CHANGED_PERCENT": "Pixels without the reference's detail (percent; only highpass)",
                "SHIFT_X": "Shift found, to the east (map units of the scene)",
                "SHIFT_Y": "Shift found, to the north (map units of the scene)",
            },
        )
        self.add_outputs(
            QgsProcessingOutputString,
            {
                "BANDS": "Names of the bands",
                "ADJUSTMENTS": "Radiometry of each band (JSON)",
                "LIKENESS": "Measures before and after (JSON; only with a report)",
            },
        )

    def _add_advanced(self):
        self.add(
            params.choice("TARGET", "Target grid", _GRIDS, AUTO),
            "reference: grid and extent of the reference. utm: multiples of 10 m in Landsat's zone, over its "
            "extent. auto: the reference's, where there is one.",
            advanced=True,
        )
        harmonise_params.add_advanced(self)
        self.add(
            params.raster("QA_PIXEL", "QA_PIXEL (only for rasters)", optional=True),
            "Quality band of Collection 2; a product has its own.",
            advanced=True,
        )
        self.add(
            params.raster("PAN", "Panchromatic band (level 1, band 8)", optional=True),
            "The bands are pan-sharpened to 15 m first. Bands that the pan does not cover, the infrared, "
            "follow it only where they are related to it. With subpixel, red, green and blue are pan-sharpened, "
            "brought to 5 m by the network and averaged; the others come from their own pixels. Strong edges may get "
            "rims, which STRENGTH softens.",
            advanced=True,
        )
        self.add(
            params.text("BAND_NAMES", "Names of the stack's bands", ""),
            "Empty: as it says. Landsat's names of the bands of a single raster in their order, separated by commas, "
            "for example B2,B3,B4,B5,B6,B7,-; a dash is a band of no interest, such as quality.",
            advanced=True,
        )
        self.add(
            params.choice("LEVEL", "Level of the rasters", _WORDS_OF_LEVELS, AUTO),
            "surface or top-of-atmosphere (toa) reflectance. auto: as the file names tell.",
            advanced=True,
        )
        self.add(
            params.number("SCALE", "Scale of the rasters' numbers"),
            "reflectance = scale * number + offset. Empty: as the raster or its name says.",
            advanced=True,
        )
        self.add(
            params.number("OFFSET", "Offset of the rasters' numbers"),
            "See the scale.",
            advanced=True,
        )
        harmonise_params.add_running(self)

    def check(self, values):
        harmonise_params.check(values)
        if not values.given("INPUT") and not values.given("BANDS_30M"):
            raise InvalidSetting("expected a product in INPUT, or rasters in BANDS_30M")
        for one, other in (("INPUT", "BANDS_30M"), ("REFERENCE_PRODUCT", "REFERENCE")):
            if values.given(one) and values.given(other):
                raise InvalidSetting(f"{one} and {other} were both given; expected one of them")

    def before_work(self, values, progress):
        for name in ("BANDS_30M", "REFERENCE"):
            for source in values.sources(name):
                if source.open_options:
                    raise UnsupportedRaster(
                        f"{name}: {source.name}: expected a raster file without open options"
                    )
                if name == "REFERENCE":
                    self._references.append(Source(source.path))
                else:
                    self._bands.append(source.path)
        for name in ("QA_PIXEL", "PAN"):
            if values.given(name):
                self._others[name] = values.source(name)

    def work(self, values, progress):
        with contextlib.ExitStack() as stack:
            others = opened(self._others, stack, progress.feedback)
            request = HarmoniseRequest(
                self._product(values, others.get("QA_PIXEL")),
                values.OUTPUT,
                harmonise_params.running(values, progress),
                self._reference(values, progress),
                grid=values.TARGET,
                radiometry=values.RADIOMETRY,
                near_infrared=values.NIR,
                bands=harmonise_params.bands(values),
                brdf=values.BRDF,
                flags=harmonise_params.flags(values),
                coregister=values.COREGISTER,
                pan=others.get("PAN"),
                judge=bool(values.REPORT),
                settings=harmonise_params.run_settings(values),
            )
            made = harmonise(request, progress=progress)
        verdict = judge_harmonised(made)
        progress.info(verdict.line)
        if values.REPORT:
            write_text(values.REPORT, harmonise_html(made))
        self._result = made
        facts = facts_of(made)
        shift = made.shift
        return {
            "OUTPUT": values.OUTPUT,
            "REPORT": values.REPORT or None,
            "WIDTH": made.grid.cols,
            "HEIGHT": made.grid.rows,
            "SECONDS": round(made.seconds, 3),
            "MASKED_PERCENT": round(100 * made.masked_share, 3),
            "CHANGED_PERCENT": None if made.changed_share is None else round(100 * made.changed_share, 3),
            "SHIFT_X": None if shift is None else shift.dx,
            "SHIFT_Y": None if shift is None else shift.dy,
            "BANDS": ", ".join(made.bands),
            "ADJUSTMENTS": json.dumps(facts["adjustments"]),
            "LIKENESS": None
            if made.likeness is None
            else json.dumps({"before": facts["before"], "after": facts["after"]}),
        }

    def _product(self, values, quality):
        if values.INPUT and Path(values.INPUT).suffix.lower() not in RASTERS:
            own = {"SCALE": values.SCALE, "OFFSET": values.OFFSET, "QA_PIXEL": quality}
            for name, given in {**own, "BAND_NAMES": values.BAND_NAMES or None}.items():
                if given is not None:
                    raise InvalidSetting(
                        f"{name} is of rasters in BANDS_30M; the product in INPUT has its own"
                    )
            return open_product(values.INPUT)
        paths = [values.INPUT] if values.INPUT else self._bands
        level = _LEVELS.get(values.LEVEL)
        names = tuple(filter(None, re.split(r"[,\s]+", values.BAND_NAMES or "")))
        return open_bands(
            paths, names=names, level=level, scale=values.SCALE, offset=values.OFFSET, quality=quality
        )

    def _reference(self, values, progress):
        if not values.REFERENCE_PRODUCT and not self._references:
            return None
        rasters = {10: self._references} if self._references else None
        scene = open_scene(values.REFERENCE_PRODUCT, rasters=rasters)
        progress.info(f"reference: {scene.about}")
        found = reference_of(scene)
        if found.classes is None:
            progress.info(
                "reference: no scene classification (SCL, or CLM of Theia), so none of its clouds are masked"
            )
        return found

    def postProcessAlgorithm(self, context, feedback):
        made = self._result
        if made is None or not context.willLoadLayerOnCompletion(made.request.target):
            return {}
        details = context.layerToLoadOnCompletionDetails(made.request.target)
        details.setPostProcessor(ResultStyler("", readable_provenance(made.provenance), None))
        return {}
