"""What the disagreement of a model's eight passes tells of its error, measured on held-out patches, for its card.

``python -m srsat_qgis.training.calibrate MODEL_FOLDER --store STORE`` does so for a finished model; a training does so
at its end. Of models of several inputs, only those that sharpen temperatures have it: no other algorithm maps their
doubt.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch

from srsat_qgis.core.errors import SrsatError
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.models.card import MODEL_FILE, THERMAL, DoubtSpec
from srsat_qgis.training.export.model_folder import set_doubt
from srsat_qgis.training.loop.reporting import say
from srsat_qgis.training.loop.run import Parts, Report
from srsat_qgis.training.loop.validation import MEASURED_PER_SOURCE
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.sibling import Graph, parts_of


def measured_doubt(
    parts: Parts, network: Network, report: Report, patches: int = MEASURED_PER_SOURCE
) -> DoubtSpec | None:
    """Return what the held-out patches tell of a network's doubt; None where they tell nothing, or nobody asks.

    Parameters
    ----------
    parts : Parts
        Of the run.
    network : Network
        As it trains, or something that can be scored like it.
    report : callable
        Told by an event ``doubt`` what was measured, or why nothing was.
    patches : int
        At most so many of each source.
    """
    if len(parts.layout.inputs) > 1 and parts.recipe.card.family != THERMAL:
        # No words: whoever trains such a model, or adapts one to a scene, has not asked for it.
        report({"event": "doubt", "measured": False, "why": "the model has several inputs"})
        return None
    found = parts.validation.doubt(network, parts.machine.device, patches)
    if found is None:
        why = "too few held-out patches, or its eight answers agree"
        report(
            {
                "event": "doubt",
                "measured": False,
                "why": why,
                "text": f"Its map of doubt is not calibrated: {why}",
            }
        )
        return None
    report(
        {"event": "doubt", "measured": True, **vars(found), "text": f"Its map of doubt: {found.describe()}"}
    )
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Calibrate finished models; return 0, or 1 after an error that is reported as an event."""
    parser = argparse.ArgumentParser(
        prog="python -m srsat_qgis.training.calibrate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="of a finished model, with its recipe")
    parser.add_argument("--store", type=Path, required=True, help="patch store of its recipe")
    parser.add_argument(
        "--patches",
        type=int,
        default=MEASURED_PER_SOURCE,
        help="so many of each source at most; all by a large number",
    )
    parser.add_argument("--threads", type=int, help="of the network; all by default")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    folder = options.folder
    try:
        parts = parts_of(folder, options.store)
        graph = Graph(onnx.load(folder / MODEL_FILE), load_card(folder))
        set_doubt(folder, measured_doubt(parts, graph, say, options.patches))
    except SrsatError as error:
        say({"event": "error", "kind": type(error).__name__, "message": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
