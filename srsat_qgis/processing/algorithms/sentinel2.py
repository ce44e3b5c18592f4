"""Processing algorithm: all bands of a Sentinel-2 scene at 10 m."""

from __future__ import annotations

import functools

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
)

from srsat_qgis.core.errors import InvalidSetting, UnsupportedRaster
from srsat_qgis.core.fusion.adapt import Adapting
from srsat_qgis.core.fusion.finer import fusing_finer
from srsat_qgis.core.fusion.fuse import Fused, FusionRequest, fusing
from srsat_qgis.core.fusion.plan import fits
from srsat_qgis.core.fusion.sensor import ALL
from srsat_qgis.core.models.card import INT8
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.sentinel2.clouds import LOOKED_FOR
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.sentinel2.scene import AUTO, FINER_MODEL, RESOLUTIONS, open_scene
from srsat_qgis.core.superres.job import Source
from srsat_qgis.core.superres.run import Result
from srsat_qgis.core.trainer.running import training_python
from srsat_qgis.core.types import PartProgress
from srsat_qgis.processing import settings
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.results import scene_report
from srsat_qgis.processing.results.scene_report import SceneReport
from srsat_qgis.processing.results.styling import ResultStyler, readable_provenance

_GROUPS = {10: "BANDS_10M", 20: "BANDS_20M", 60: "BANDS_60M"}
_TARGETS = {target: "All" if target == ALL else f"Those of {target}" for target in SENTINEL2.targets}
_LEVELS = {AUTO: "By the file names", "L1C": "Top of atmosphere", "L2A": "Surface reflectance"}
_RESOLUTIONS = dict(
    zip(
        RESOLUTIONS,
        (
            "10 m, the pixels of the scene's finest bands",
            f"5 m, all bands also through the model {FINER_MODEL}",
        ),
    )
)
_GAINS = {20: "ADAPT_GAIN_20M", 60: "ADAPT_GAIN_60M"}


def _fits(gsd, card):
    return fits(SENTINEL2, card, gsd)


def _check_model(gsd, model_id):
    """Refuse a registered model that is for other bands; QGIS itself refuses what is no model's id."""
    card = registry().get(model_id) if isinstance(model_id, str) else None
    if card is not None and not _fits(gsd, card):
        fitting = [name for name, one in registry().items() if _fits(gsd, one)]
        raise InvalidSetting(
            f"MODEL_{gsd}M '{model_id}': its card does not name {gsd} m bands of Sentinel-2 as what it makes finer; "
            f"the models that do are: {', '.join(fitting) or 'none'}"
        )


class Sentinel2(SrsatAlgorithm):
    """Bring the 20 m and 60 m bands of a Sentinel-2 scene to 10 m, by the 10 m bands."""

    public_id = "sentinel2"
    title = "Sentinel-2 at 10 m"
    summary = (
        "Sharpens the 20 m and 60 m bands of a Sentinel-2 scene to 10 m with the detail of its 10 m bands."
    )
    details = (
        "Writes one raster with all bands of a Sentinel-2 scene at 10 m, ordered by wavelength. The 10 m bands are "
        "not changed. The 20 m and 60 m bands get detail from the 10 m bands where the scene shows that the two are "
        "related, and a trained network adds the rest. If the result is degraded again, it gives back the original "
        "bands.\n\n"
        "Give a product (its .SAFE folder, its zip or its metadata file) or rasters of the bands. Level-1C and "
        "Level-2A work, in old and new layouts. The output covers what the 10 m bands cover. Where other bands do not, "
        "they are nodata, and the log says so. B10 of Level-1C is left out. 0 stays nodata, 65535 stays saturated, and "
        "the offset of newer products stays in the values.\n\n"
        "To work in two steps, for example in a model: first run it with the target '20 m'. Then run it with the "
        "target '60 m', with the result as 10 m bands and the original 60 m bands."
    )
    group_label, group_id = "Multispectral", "multispectral"
    keywords = (
        "sentinel-2",
        "safe",
        "dsen2",
        "fusion",
        "red edge",
        "swir",
        "10 m",
        "5 m",
        "pansharpening",
        "l1c",
        "l2a",
    )

    def __init__(self):
        super().__init__()
        self._rasters: dict[int, list[Source]] = {}
        self._about = ""
        self._result: Fused | Result | None = None
        self._report: SceneReport | None = None

    def initAlgorithm(self, config=None):
        self._add_scene()
        self._add_choices()
        self._add_advanced()
        self.add(
            params.raster_output("OUTPUT", "All bands at 10 m or 5 m"),
            "A GeoTIFF, or another format that GDAL can write, with 16-bit digital numbers as in the product.",
        )
        scene_report.add_parameters(self)
        params.add_run_outputs(self)
        gains = {name: f"Error removed by adapting, {gsd} m bands (percent)" for gsd, name in _GAINS.items()}
        self.add_outputs(QgsProcessingOutputNumber, gains)
        self.add_outputs(QgsProcessingOutputString, {"BANDS": "Names of the bands"})

    def _add_scene(self):
        self.add(
            params.file(
                "INPUT",
                "Product (zip, folder or metadata)",
                "Sentinel-2 (MTD_MSI*.xml *_MTD_ALL.xml *.zip);;* (*)",
            ),
            "The product's metadata file (MTD_MSIL1C.xml, MTD_MSIL2A.xml or *_MTD_ALL.xml), its zip, its .SAFE folder, "
            "a MUSCATE folder of Theia (flat reflectance, FRE, is preferred), or any folder with rasters whose file "
            "names contain the band names. Empty: the rasters below. For many products, run 'Super-resolve scenes of a "
            "folder or a huge mosaic' (srsat:batchfolder).",
        )
        for name, label, help_text in (
            (
                "BANDS_10M",
                "10 m bands",
                "Rasters with B2, B3, B4 and B8: one raster per band, or a stack. Bands are found by description, "
                "wavelength or file name, else by this order.",
            ),
            ("BANDS_20M", "20 m bands", "Rasters with B5, B6, B7, B8A, B11 and B12, found in the same way."),
            ("BANDS_60M", "60 m bands", "Rasters with B1 and B9, found in the same way."),
        ):
            self.add(
                params.rasters(name, f"{label} (instead of a product)", optional=True),
                help_text,
                advanced=True,
            )

    def _add_choices(self):
        self.add(
            params.choice("RESOLUTION", "Pixel size of the result (metres)", _RESOLUTIONS, RESOLUTIONS[0]),
            f"5: all bands, brought to 10 m, then go through {FINER_MODEL} in the same run, onto a grid of 5 m that "
            "nests in that of the scene. It takes several times as long and four times the space; the detail below "
            "10 m is the network's, not the sensor's.",
        )
        self.add(
            params.choice("TARGETS", "Bands to sharpen to 10 m", _TARGETS, ALL),
            "all: the 20 m and 60 m bands that the scene has.",
            advanced=True,
        )
        self.add(
            params.extent("EXTENT", "Extent (empty: whole scene)"),
            "Part of the scene, in any CRS, enlarged to whole pixels of the bands with the largest pixels.",
        )
        self.add(
            params.flag("MASK_CLOUDS", "Mask clouds"),
            "Sets clouds and cirrus to 0 (nodata) in all bands. The cloud mask is the scene classification (SCL) of "
            "Level-2A, which also contains cloud shadows; else MSK_CLASSI (products since 2022), CLM (Theia), QA60 "
            "(Earth Engine) or the polygons of MSK_CLOUDS (older products). For rasters, the mask must be a file in "
            "the folder of the first raster.",
        )
        self.add(
            params.number(
                "ADAPT", "Adapt the models to the scene: training time (minutes)", least=0.0, most=1440.0
            ),
            "Trains each model further on this scene before it is used. The bands are degraded, so that the original "
            "bands serve as reference. Part of the scene is held out from this training. The adapted model is used "
            "only if its error on the held-out area is at least 3 % lower; the log gives the difference. If there is "
            "hardly any after half of the time, training ends early and the log says so. Start with two minutes and "
            "expect a few percent. Needs PyTorch: run Install dependencies with 'Also install the "
            "trainer' (TRAINING). Empty or 0: the models are used as they are.",
            advanced=True,
        )
        params.add_device(self)
        params.add_precision(self)

    def _add_advanced(self):
        self.add(
            params.choice("LEVEL", "Processing level", _LEVELS, AUTO),
            "auto: found from the product's file names. The models work for both levels.",
            advanced=True,
        )
        self.add(
            params.flag("CORRECT_SHIFT", "Correct band misregistration"),
            "The 20 m and the 60 m bands are each compared with the 10 m bands in the middle of the scene. If their "
            "shift is larger than a tenth of their pixel size, they are resampled (Lanczos, up to 3 pixels) before "
            "they are used. Pixels at the scene's edge that the shift leaves without values become nodata, also in "
            "the bands that are sharpened with these bands: one row or column of low-resolution pixels per pixel of "
            "shift, rounded. Clouds in the middle can make the measured shift wrong, because the bands see them from "
            "slightly different directions. The log gives the shifts, corrected or not.",
            advanced=True,
        )
        for gsd in (20, 60):
            self.add(
                params.model(
                    f"MODEL_{gsd}M",
                    f"Model for the {gsd} m bands",
                    f"s2-{gsd}m",
                    accept=functools.partial(_fits, gsd),
                ),
                f"A model whose card names {gsd} m bands as its first input, for example one trained on your scenes.",
                advanced=True,
            )
        params.add_tile_size(self, "Tile size (pixels of the 20 m or 60 m bands)")
        params.add_consistency(self)
        params.add_layout(self)
        params.add_creation_options(self)

    def check(self, values):
        params.creation_options(values)
        for gsd in (20, 60):
            _check_model(gsd, values.parameters.get(f"MODEL_{gsd}M"))
        if values.ADAPT and values.PRECISION == INT8 and RESOLUTIONS[0] == values.RESOLUTION:
            raise InvalidSetting(
                "PRECISION is int8 and ADAPT is given: models that are adapted run in float32; expected PRECISION auto "
                "or float32, or no ADAPT"
            )
        if not any(values.given(name) for name in ("INPUT", *_GROUPS.values())):
            raise InvalidSetting(f"expected a product in INPUT, or rasters in {', '.join(_GROUPS.values())}")

    def before_work(self, values, progress):
        # Layers belong to the main thread; their bands are looked at in the run, whose errors have a message.
        for gsd, name in _GROUPS.items():
            for source in values.sources(name):
                if source.open_options:
                    raise UnsupportedRaster(
                        f"{name}: {source.name}: expected a raster file without open options"
                    )
                self._rasters.setdefault(gsd, []).append(Source(source.path))

    def work(self, values, progress):
        scene = open_scene(values.INPUT, rasters=self._rasters, level=values.LEVEL)
        progress.info(scene.about)
        self._about = scene.about
        if values.MASK_CLOUDS and scene.clouds is None:
            raise InvalidSetting(f"MASK_CLOUDS: the scene has no cloud mask; expected {LOOKED_FOR}")
        crs = QgsCoordinateReferenceSystem.fromWkt(next(iter(scene.layers.values())).grid.crs_wkt)
        wanted = params.run_settings(values, extent=values.extent("EXTENT", crs))
        skipped = {20: "60 m", 60: "20 m"}
        models = {
            gsd: params.registered(getattr(values, f"MODEL_{gsd}M"))
            for gsd, target in skipped.items()
            if target != values.TARGETS
        }
        running = self._running(values, models, progress)
        part = progress
        if values.REPORT:
            share = 1.0 - scene_report.SHARE
            part = PartProgress(progress, 0.0, share)
            self._report = SceneReport(values.REPORT, scene, PartProgress(progress, share, 1.0))
        request = FusionRequest(
            SENTINEL2,
            scene.layers,
            {gsd: running[gsd] for gsd in models},
            values.OUTPUT,
            targets=values.TARGETS,
            added=scene.offsets.values,
            added_why=scene.offsets.why,
            mask=scene.clouds if values.MASK_CLOUDS else None,
            correct_shift=values.CORRECT_SHIFT,
            adapting=self._adapting(values),
            settings=wanted,
        )
        if FINER_MODEL in running:
            with fusing_finer(request, running[FINER_MODEL], progress=part) as made:
                if self._report:
                    self._report.write(made)
            fused, self._result = made.fused, made.result
            outputs = {**params.run_outputs(made.result), "DEVICE_USED": made.device}
            outputs["SECONDS"] = round(made.seconds, 3)
        else:
            with fusing(request, progress=part) as fused:
                if self._report:
                    self._report.write(fused)
            self._result = fused
            outputs = params.run_outputs(fused)
        return {
            **{name: round(fused.adapted[gsd], 3) for gsd, name in _GAINS.items() if gsd in fused.adapted},
            **(self._report.outputs if self._report else {}),
            **outputs,
            "BANDS": ", ".join(fused.plan.bands),
        }

    def _running(self, values, models, progress):
        """Return the forms of the models that run, and of the one of smaller pixels where that is asked for."""
        found = {} if values.ADAPT else dict(models)
        if RESOLUTIONS[0] != values.RESOLUTION:
            found[FINER_MODEL] = params.registered(FINER_MODEL)
        # Models that are trained further are those in floats; bands are digital numbers of 16 bits.
        return {**models, **params.precise_all(values, found, "UInt16", progress)}

    def _adapting(self, values):
        """Return how to adapt the models; None where it is not asked for."""
        if not values.ADAPT:
            return None
        return Adapting(values.ADAPT, training_python(), values.DEVICE, settings.threads())

    def postProcessAlgorithm(self, context, feedback):
        result = self._result
        if result is None or not context.willLoadLayerOnCompletion(result.path):
            return {}
        shown = {"scene": self._about, **readable_provenance(result.provenance)}
        report = self._report.annotation if self._report else None
        details = context.layerToLoadOnCompletionDetails(result.path)
        details.setPostProcessor(ResultStyler("", shown, report))
        return {}
