"""Processing algorithm: what a model takes and gives, and what quality was measured."""

from __future__ import annotations

import json

from qgis.core import QgsProcessingOutputNumber, QgsProcessingOutputString

from srsat_qgis.core.models.card import card_to_json
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.report.info_pages import card_to_html, input_bands, model_rows
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params


class ModelInfo(SrsatAlgorithm):
    """Show a model's card; a file without one is run to find out."""

    public_id = "modelinfo"
    title = "Model information"
    summary = "Shows the inputs and outputs of a model, its measured quality, and its data and licences."
    # Only a model file is run.
    needs_runtime = False
    group_label, group_id = "Models", "models"
    keywords = ("model card", "licence", "quality", "metadata", "which model", "information")

    def shortHelpString(self):
        text = self.tr(
            "Shows a model's card as a report and as outputs: inputs and bands, scale, tiling, measured quality, "
            "training data with licences, checksum.\n\n"
            "An ONNX file without a card is run to find its scale, bands, sizes and halo. The report says what was "
            "measured and what had to be assumed.\n\n"
            "The report also lists all models, with a table that says which one suits which data:"
        )
        return f"{text}\n{params.advice_help()}\n\n{self.tr('Models:')}\n{params.model_help(accept=None)}"

    def initAlgorithm(self, config=None):
        self.add(
            params.model("MODEL", "Model", accept=None),
            "A shipped model or one in your models folder. In scripts and on the command line, give its id.",
        )
        params.add_model_file(self)
        params.add_model_hints(self)
        self.add(params.page("OUTPUT_HTML", "Model card (HTML)"), "The card as an HTML page.")
        self.add_outputs(
            QgsProcessingOutputString,
            {
                "ID": "Id",
                "NAME": "Name",
                "VERSION": "Version",
                "FAMILY": "Family",
                "INPUTS": "Names of the inputs (comma-separated)",
                "BANDS": "Bands of the input (comma-separated; each: every band separately)",
                "LICENCE": "Licence",
                "SHA256": "SHA-256 checksum of the file",
                "ASSUMED": "What had to be assumed of a file without a card",
                "QUALITY_JSON": "Measured quality (JSON)",
                "CARD_JSON": "The whole card (JSON)",
                "MODELS_JSON": "All models (JSON)",
            },
        )
        self.add_outputs(
            QgsProcessingOutputNumber,
            {
                "SCALE": "Scale factor (output pixels per input pixel)",
                "HALO": "Halo (pixels of the lowest-resolution input)",
                "PARAMETERS": "Number of network parameters",
            },
        )

    def work(self, values, progress):
        card = params.chosen_model(values, None, progress)
        assumed = [str(one) for one in card.training.get("assumed", ())]
        for one in assumed:
            progress.warn(f"Assumed: {one}")
        count = card.training.get("parameters")
        results = {
            "ID": card.id,
            "NAME": card.name,
            "VERSION": card.version,
            "FAMILY": card.family,
            "SCALE": card.scale,
            "INPUTS": ", ".join(spec.name for spec in card.inputs),
            "BANDS": input_bands(card),
            "HALO": card.tile.halo,
            "LICENCE": card.licence,
            "SHA256": card.sha256,
            "ASSUMED": "; ".join(assumed),
            "QUALITY_JSON": json.dumps([dict(row) for row in card.quality]),
            "CARD_JSON": json.dumps(card_to_json(card)),
            "MODELS_JSON": json.dumps(model_rows(registry().values())),
            # Unknown for a file without a card.
            "PARAMETERS": count if isinstance(count, int) else None,
        }
        for name in ("ID", "VERSION", "SCALE", "INPUTS", "BANDS", "HALO", "LICENCE"):
            progress.info(f"{name}: {results[name]}")
        return {
            **results,
            "OUTPUT_HTML": values.write("OUTPUT_HTML", lambda: card_to_html(card, registry().values())),
        }
