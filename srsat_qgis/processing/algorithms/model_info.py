"""Processing algorithm: what a model takes, gives and is good for."""

from __future__ import annotations

import json

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
)

from srsat_qgis.core.models.card import card_to_json
from srsat_qgis.core.report.info_pages import card_to_html, input_bands
from srsat_qgis.processing.base import SrsatAlgorithm, translates_core_errors
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.parameters.params import page_destination, write_page


class ModelInfo(SrsatAlgorithm):
    """Show a model's card; a file without one is run to find out."""

    MODEL = "MODEL"
    MODEL_FILE = "MODEL_FILE"
    OUTPUT_HTML = "OUTPUT_HTML"
    ID = "ID"
    NAME = "NAME"
    VERSION = "VERSION"
    FAMILY = "FAMILY"
    SCALE = "SCALE"
    INPUTS = "INPUTS"
    BANDS = "BANDS"
    HALO = "HALO"
    LICENCE = "LICENCE"
    SHA256 = "SHA256"
    PARAMETERS = "PARAMETERS"
    ASSUMED = "ASSUMED"
    QUALITY_JSON = "QUALITY_JSON"
    CARD_JSON = "CARD_JSON"

    needs_runtime = False  # only a model file is run
    group_label = "Models"
    group_id = "models"
    keywords = ("model card", "licence", "quality", "metadata", "training data", "information")

    def name(self):
        return "modelinfo"  # public id srsat:modelinfo; never changes

    def displayName(self):
        return self.tr("Model information")

    def shortDescription(self):
        return self.tr("Shows what a model takes and gives, how good it is, and what it was trained on.")

    def shortHelpString(self):
        return (
            self.tr(
                "Shows a model's card as a page and as outputs: inputs and bands, scale, tiling, measured quality, "
                "training data with licences, checksum.\n\n"
                "An ONNX file without a card is run to find out its scale, channels, sizes and halo; the page says "
                "what was found out and what had to be assumed.\n\n"
                "Models:\n"
            )
            + params.model_help()
        )

    def initAlgorithm(self, config=None):
        self.add(
            params.model(self.MODEL, self.tr("Model"), accept=params.any_model),
            self.tr("Id of a shipped model or of one in your models folder."),
        )
        self.add(
            params.model_file(self.MODEL_FILE, self.tr("Model file (instead of a model from the list)")),
            self.tr("An ONNX file from anywhere; it wins over the list."),
        )
        params.add_model_hints(self)
        self.add(
            page_destination(self.OUTPUT_HTML, self.tr("Model card")),
            self.tr("The card as an HTML page."),
        )
        for name, label in (
            (self.ID, self.tr("Id")),
            (self.NAME, self.tr("Name")),
            (self.VERSION, self.tr("Version")),
            (self.FAMILY, self.tr("Family")),
            (self.INPUTS, self.tr("Names of the inputs, comma-separated")),
            (self.BANDS, self.tr("Bands of the input, comma-separated; each: every band alone")),
            (self.LICENCE, self.tr("Licence")),
            (self.SHA256, self.tr("SHA-256 of the file")),
            (self.ASSUMED, self.tr("What had to be assumed of a file without a card")),
            (self.QUALITY_JSON, self.tr("Measured quality, as JSON")),
            (self.CARD_JSON, self.tr("The whole card, as JSON")),
        ):
            self.addOutput(QgsProcessingOutputString(name, label))
        for name, label in (
            (self.SCALE, self.tr("Output pixels per input pixel, along one axis")),
            (self.HALO, self.tr("Halo, pixels of the coarsest input")),
            (self.PARAMETERS, self.tr("Number of the network's parameters")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, label))

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        card = params.chosen_model(
            self.parameterAsEnumString(parameters, self.MODEL, context),
            self.parameterAsFile(parameters, self.MODEL_FILE, context),
            params.model_hints(self, parameters, context, data_type=None),
        )
        assumed = [str(one) for one in card.training.get("assumed", ())]
        for one in assumed:
            feedback.pushWarning(self.tr("Assumed: {fact}").format(fact=one))
        results = {
            self.ID: card.id,
            self.NAME: card.name,
            self.VERSION: card.version,
            self.FAMILY: card.family,
            self.SCALE: card.scale,
            self.INPUTS: ", ".join(spec.name for spec in card.inputs),
            self.BANDS: input_bands(card),
            self.HALO: card.tile.halo,
            self.LICENCE: card.licence,
            self.SHA256: card.sha256,
            self.ASSUMED: "; ".join(assumed),
            self.QUALITY_JSON: json.dumps([dict(row) for row in card.quality]),
            self.CARD_JSON: json.dumps(card_to_json(card)),
        }
        count = card.training.get("parameters")
        if isinstance(count, int):  # unknown for a file without a card: the output is absent rather than 0
            results[self.PARAMETERS] = count
        for name in (self.ID, self.VERSION, self.SCALE, self.INPUTS, self.BANDS, self.HALO, self.LICENCE):
            feedback.pushInfo(f"{name}: {results[name]}")
        path = self.parameterAsFileOutput(parameters, self.OUTPUT_HTML, context)
        if path:
            write_page(path, card_to_html(card))
            results[self.OUTPUT_HTML] = path
        return results
