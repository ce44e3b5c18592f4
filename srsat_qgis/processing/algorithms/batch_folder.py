"""Processing algorithm: all scenes of a folder, or a raster of any size, by several processes or a Dask cluster."""

from __future__ import annotations

import json
import re
from pathlib import Path

from qgis.core import (
    QgsFeature,
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsVectorLayer,
)

from srsat_qgis.cluster.assembling import assemble
from srsat_qgis.cluster.overview import report, rows
from srsat_qgis.cluster.planning import PlanRequest, plan
from srsat_qgis.cluster.runs import run
from srsat_qgis.core.errors import InvalidSetting, OutputNotWritable
from srsat_qgis.core.raster.writer import check_writable
from srsat_qgis.core.types import PartProgress
from srsat_qgis.processing import settings
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params

_METHODS = {
    "superresolve": "Any rasters, by a model",
    "sentinel2": "Sentinel-2 products at 10 m",
    "sharpenthermal": "Temperatures, by guides",
    "harmonise": "Landsat products like Sentinel-2",
}
_COLUMNS = {
    "name": "string(0)",
    "state": "string(0)",
    "verdict": "string(0)",
    "seconds": "double",
    "blur": "string(0)",
    "consistency": "double",
    "device": "string(0)",
    "host": "string(0)",
    "reason": "string(0)",
    "input": "string(0)",
    "result": "string(0)",
}
"""Of the summary: those of the report that a user looks at, with the types of a layer in memory."""
_PLANNED, _RUN = 0.03, 0.9


class BatchFolder(SrsatAlgorithm):
    """Plan units, run them by processes of this machine or a cluster, and put them together where that is asked for."""

    public_id = "batchfolder"
    title = "Super-resolve scenes of a folder or a huge mosaic"
    summary = (
        "Super-resolves all scenes of a folder, or cuts one raster of any size into units, with several processes or a "
        "Dask cluster, and goes on where an earlier run stopped."
    )
    details = (
        "Super-resolves all scenes that the input names, each into a cloud-optimised GeoTIFF. One large raster alone "
        "is cut into units of about 4096 x 4096 output pixels. Put together, they have the pixels of a run in one go: "
        "what is measured of the whole raster is measured before, and each unit reads its own surroundings.\n\n"
        "The run may be cancelled, or its processes may die, at any time. Run it again with the same settings and the "
        "same output folder, and it goes on. A broken scene fails alone; the summary tells why.\n\n"
        "The output folder is a plan that other machines can work on: python -m srsat_qgis.cluster run FOLDER. The "
        "help says how, on clusters with SSH, Slurm or Kubernetes too."
    )
    keywords = (
        "super-resolution",
        "batch",
        "many scenes",
        "folder",
        "archive",
        "mosaic",
        "cluster",
        "dask",
        "slurm",
        "parallel",
        "stac",
        "vrt",
    )

    def initAlgorithm(self, config=None):
        self._add_inputs()
        self._add_advanced()
        self.add(
            QgsProcessingParameterFolderDestination("OUTPUT", "Folder of the plan and its results"),
            "Holds the plan, the models, one result and one record for each unit, and a report.",
        )
        self.add(
            QgsProcessingParameterFeatureSink(
                "SUMMARY", "Summary", QgsProcessing.SourceType.TypeVector, None, True
            ),
            "A table with a row for each unit: state, verdict, seconds, blur, difference to the input, reason.",
        )
        self.add(
            params.raster_output("MOSAIC", "Mosaic of one raster", optional=True),
            "Only for a single raster: a virtual raster (.vrt) that shows the results where they are, or one "
            "cloud-optimised GeoTIFF (.tif) with overviews.",
        )
        numbers = {
            "UNITS": "Number of units",
            "DONE": "Units that are done",
            "FAILED": "Units that have failed",
        }
        self.add_outputs(QgsProcessingOutputNumber, {**numbers, "SECONDS": "Run time (seconds)"})
        self.add_outputs(QgsProcessingOutputString, {"REPORT": "Page over all units (HTML)"})

    def _add_inputs(self):
        behavior = QgsProcessingParameterFile.Behavior.Folder
        self.add(
            QgsProcessingParameterFile(
                "INPUT", "Scenes (folder, pattern, list or raster)", behavior=behavior
            ),
            "A folder of rasters or of products of Sentinel-2 or Landsat, or one raster or product. Also a pattern "
            "such as scenes/2024*/*.tif, a text file with a path a line, or a STAC item or item collection. Several "
            "are separated by semicolons.",
        )
        self.add(
            params.choice("METHOD", "Algorithm", _METHODS, next(iter(_METHODS))),
            "superresolve: rasters, with the model below. sentinel2: Sentinel-2 products, all bands at 10 m. "
            "sharpenthermal: rasters of temperatures. harmonise: Landsat 8 and 9 products at 10 m.",
        )
        self.add(
            params.model("MODEL", "Model (superresolve only)"),
            "A shipped model or one in your models folder. In scripts, give its id.",
        )
        params.add_device(self)

    def _add_advanced(self):
        self.add(
            params.text("PARAMETERS", "More parameters of the algorithm (JSON)", ""),
            'Parameters of the toolbox\'s algorithm by name, such as {"CONSISTENCY": "area", "BANDS": [1, 2, 3]}. '
            "GUIDES, REFERENCE and the like are paths from each scene's folder on, in which {name} stands for the "
            'scene\'s name: {"GUIDES": ["guides/{name}_ndvi.tif"], "MODEL": "lst-x4-guided"}.',
            advanced=True,
        )
        self.add(
            params.whole_number("UNIT", "Size of a unit (output pixels)", least=1, most=1_000_000),
            "Rasters that are larger are cut into units of about this side. Empty: 4096 for one raster alone; several "
            "rasters are not cut.",
            advanced=True,
        )
        self.add(
            params.whole_number("WORKERS", "Processes", least=1, most=1024),
            "Empty: as many as the computer has processors and memory for; one where the device is cuda.",
            advanced=True,
        )
        self.add(
            params.text("SCHEDULER", "Address of a Dask scheduler", ""),
            "Such as tcp://host:8786. Its workers do the units instead of this computer, and must reach input and "
            "output by the same paths. Needs the package distributed in the Python of QGIS. Empty: this computer.",
            advanced=True,
        )

    def check(self, values):
        given = self._parameters(values)
        # Of other algorithms, MODEL is no parameter of this window.
        for name in ("MODEL", "DEVICE") if values.METHOD == "superresolve" else ("DEVICE",):
            if name in given and values.given(name) and values.raw(name) != given[name]:
                raise InvalidSetting(f"PARAMETERS: {name} is a parameter of its own; expected it there alone")
        if values.raw("SCHEDULER") and values.given("WORKERS"):
            raise InvalidSetting("WORKERS and SCHEDULER: expected one of the two")
        if values.raw("SCHEDULER") and not re.fullmatch(r"[a-z]+://\S+|[^\s:]+:\d+", values.raw("SCHEDULER")):
            raise InvalidSetting(
                f"SCHEDULER: found '{values.raw('SCHEDULER')}', expected an address such as tcp://host:8786"
            )

    def work(self, values, progress):
        folder = Path(values.OUTPUT)
        parameters = {"DEVICE": values.DEVICE, **self._parameters(values)}
        if values.METHOD == "superresolve":
            parameters.setdefault("MODEL", values.MODEL)
        if values.MOSAIC:
            # Not only after the run, which may take days.
            self._check_mosaic(values.MOSAIC)
        request = PlanRequest(
            values.METHOD,
            [one.strip() for one in values.INPUT.split(";") if one.strip()],
            parameters,
            None if values.emptied("UNIT") else values.UNIT,
            settings.threads(),
        )
        planned = plan(request, folder, progress=PartProgress(progress, 0.0, _PLANNED))
        told = f"{planned.units} units of {planned.scenes} scenes"
        if planned.known:
            told += f": {planned.known} planned before, {planned.units - planned.known} new"
        progress.info(told)
        outcome = run(
            folder,
            workers=values.WORKERS,
            scheduler=values.SCHEDULER,
            progress=PartProgress(progress, _PLANNED, _RUN),
        )
        if values.MOSAIC and not outcome.failed:
            assemble(folder, values.MOSAIC, progress=PartProgress(progress, _RUN, 1.0))
        _, page = report(folder)
        return {
            "OUTPUT": str(folder),
            "SUMMARY": self._summary(values, folder),
            "MOSAIC": values.MOSAIC if values.MOSAIC and not outcome.failed else None,
            "UNITS": outcome.total,
            "DONE": outcome.done + outcome.there,
            "FAILED": len(outcome.failed),
            "SECONDS": round(outcome.seconds, 3),
            "REPORT": str(page),
        }

    def _check_mosaic(self, path):
        if Path(path).suffix.lower() == ".vrt":
            if not Path(path).parent.is_dir():
                raise OutputNotWritable(f"MOSAIC {path}: the folder {Path(path).parent} does not exist")
            return
        check_writable(path, bytes_needed=0)

    def _parameters(self, values):
        text = values.raw("PARAMETERS").strip()
        try:
            found = json.loads(text) if text else {}
        except ValueError as error:
            raise InvalidSetting(f"PARAMETERS '{text}': expected a JSON object ({error})") from error
        if not isinstance(found, dict):
            raise InvalidSetting(f"PARAMETERS '{text}': expected a JSON object")
        return found

    def _summary(self, values, folder):
        """Write a row a unit into the table that was asked for, and return its id."""
        # Of a layer in memory, since the types of fields are named in another way by each generation of Qt.
        address = "None?" + "&".join(f"field={name}:{kind}" for name, kind in _COLUMNS.items())
        fields = QgsVectorLayer(address, "", "memory").fields()
        sink, identifier = values.sink("SUMMARY", fields)
        if sink is None:
            return None
        for row in rows(folder):
            feature = QgsFeature(fields)
            texts = [row[name] for name in _COLUMNS]
            feature.setAttributes(
                [
                    (float(text) if kind == "double" else text) if text else None
                    for text, kind in zip(texts, _COLUMNS.values())
                ]
            )
            if not sink.addFeature(feature):
                raise OutputNotWritable(
                    f"SUMMARY: the row of {row['name']} cannot be written: {sink.lastError()}"
                )
        return identifier

    def after_cancel(self, values):
        return "The units that are done stay: run it again with the same settings and output folder to go on."
