"""Processing algorithm: a part of a raster through several models, to choose one before a long run."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsProcessingContext,
    QgsProcessingOutputMultipleLayers,
    QgsProcessingParameterFolderDestination,
    QgsProject,
)
from qgis.utils import iface

from srsat_qgis.core.errors import InvalidSetting, SrsatError
from srsat_qgis.core.report.info_pages import preview_html
from srsat_qgis.core.superres.preview import LARGEST, SMALLEST, Preview, preview
from srsat_qgis.core.superres.run import Settings, bands_read
from srsat_qgis.core.temporary import unwritable
from srsat_qgis.processing import settings
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.results.styling import (
    ResultStyler,
    readable_provenance,
    style_for_bands,
    style_of,
)
from srsat_qgis.processing.sources.map_layers import Extent, LayerSource
from srsat_qgis.processing.values import write_text

_SIDE = 256


class PreviewModels(SrsatAlgorithm):
    """Run models on a small part of a raster and show the results side by side."""

    public_id = "preview"
    title = "Preview models on a part of a raster"
    summary = "Runs one or more models on a small part of a raster, and shows the results beside bicubic."
    details = (
        "To choose a model before a long run: the part of the raster in the middle of the map, or of the extent that "
        "you give, goes through each of the models that you choose, in seconds. The results are layers that lie on the "
        "input, and a page shows them side by side with the input and its bicubic enlargement, all in one stretch, and "
        "says how long the whole raster would take.\n\n"
        "Blur and noise are measured in the part alone, so that a run of the whole raster may come out a little "
        "crisper or softer."
    )
    group_label, group_id = "Models", "models"
    keywords = ("try", "compare", "choose", "which model", "side by side", "quick look")

    def __init__(self):
        super().__init__()
        self._source: LayerSource | None = None
        self._style = ""
        self._extent: Extent | None = None
        self._found: Preview | None = None

    def initAlgorithm(self, config=None):
        names = params.model_names()
        self.add(
            params.raster("INPUT", "Input raster"),
            "Any raster that QGIS can open, or a web map. Rasters with a colour table are refused.",
        )
        self.add(
            params.choices(
                "MODELS",
                "Models",
                names,
                [params.DEFAULT_MODEL] if params.DEFAULT_MODEL in names else list(names)[:1],
                optional=not names,
            ),
            "The models to try; each must fit the bands of the raster.",
        )
        self.add(
            params.extent("EXTENT", "Extent (empty: the map's)"),
            "The part to try, in any CRS; of a larger one its middle. Empty: what the map shows of the raster, or the "
            "middle of the raster.",
        )
        self.add(
            params.whole_number(
                "SIDE", "Largest side (pixels)", _SIDE, least=SMALLEST, most=LARGEST, optional=False
            ),
            "The part is at most so many pixels of the input wide and high.",
        )
        params.add_device(self)
        self.add(
            QgsProcessingParameterFolderDestination("OUTPUT_FOLDER", "Folder for the results"),
            "One GeoTIFF for each model.",
        )
        self.add(params.page("OUTPUT_HTML", "Preview page (HTML)"), "One HTML file with all pictures.")
        self.add_outputs(QgsProcessingOutputMultipleLayers, {"LAYERS": "Results"})

    def check(self, values):
        for model_id in values.MODELS:
            params.registered(model_id, params.takes_one_raster)

    def before_work(self, values, progress):
        layer = values.layer("INPUT")
        self._source = values.source("INPUT", web_map=True)
        self._style = "" if self._source.remote is not None else style_of(layer)
        self._extent = values.extent("EXTENT", layer.crs())
        if self._extent is None:
            self._extent = _on_the_map(layer.crs(), layer.extent())
        if self._extent is None and self._source.remote is not None:
            raise InvalidSetting(
                f"{self._source.name}: EXTENT is needed for a web map, which may cover the whole world"
            )

    def work(self, values, progress):
        cards = [params.registered(model_id) for model_id in values.MODELS]
        folder = Path(values.OUTPUT_FOLDER)
        was_there = folder.exists()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(error, f"OUTPUT_FOLDER {folder}") from error
        wanted = Settings(
            device=values.DEVICE, threads=settings.threads(), gpu_memory_mb=settings.gpu_memory_mb()
        )
        try:
            with self._source.opened(extent=self._extent, feedback=progress.feedback) as path:
                self._found = preview(
                    path,
                    cards,
                    folder,
                    name=re.sub(r"[^\w.-]+", "_", self._source.name) or "preview",
                    side=values.SIDE,
                    # What was fetched of a web map is the extent.
                    extent=None if self._source.remote is not None else self._extent,
                    settings=wanted,
                    progress=progress,
                )
        except SrsatError:
            if not was_there:
                # What other models have made stays.
                with contextlib.suppress(OSError):
                    folder.rmdir()
            raise
        if values.OUTPUT_HTML:
            write_text(values.OUTPUT_HTML, preview_html(self._found, name=self._source.name))
        return {
            "LAYERS": [result.path for _, result in self._found.results],
            "OUTPUT_FOLDER": str(folder),
            "OUTPUT_HTML": values.OUTPUT_HTML or None,
        }

    def postProcessAlgorithm(self, context, feedback):
        if self._found is None or context.project() is None:
            return {}
        for card, result in self._found.results:
            # Another name than the whole raster's result has.
            name = f"{self._source.name} {card.id} preview"
            details = QgsProcessingContext.LayerDetails(name, context.project(), "")
            provenance = {"input": self._source.name, **readable_provenance(result.provenance)}
            style = style_for_bands(self._style, bands_read(card, result.provenance))
            details.setPostProcessor(ResultStyler(style, provenance))
            details.forceName = True
            context.addLayerToLoadOnCompletion(result.path, details)
        return {}


def _on_the_map(crs: QgsCoordinateReferenceSystem, whole) -> Extent | None:
    """Return what the map shows of a raster's extent, in its CRS; None where there is no map, or it shows none."""
    canvas = iface.mapCanvas() if iface is not None else None
    if canvas is None or canvas.extent().isEmpty():
        return None
    change = QgsCoordinateTransform(canvas.mapSettings().destinationCrs(), crs, QgsProject.instance())
    try:
        box = change.transformBoundingBox(canvas.extent()).intersect(whole)
    except QgsCsException:
        return None
    return None if box.isEmpty() else (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
