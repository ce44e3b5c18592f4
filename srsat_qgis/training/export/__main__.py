"""Turn a trained network into a model folder: ONNX graph, proofs that it does the same, card.

``python -m srsat_qgis.training.export --checkpoint RUN_FOLDER --out DIR`` exports a run's checkpoint;
``... --state FILE --network NAME --options JSON --scale S --id ID --out DIR`` exports the torch state of a network of
the registry that was trained elsewhere. Both say what they did as JSON lines, as the trainer does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from srsat_qgis.core.errors import SrsatError
from srsat_qgis.core.trainer.running import check_torch
from srsat_qgis.training.export.model_folder import write_model
from srsat_qgis.training.export.reading import finished_checkpoint, finished_state, json_options
from srsat_qgis.training.loop.reporting import say


def main(arguments: Sequence[str] | None = None) -> int:
    """Export; return 0, or 1 after an error that is reported as an event."""
    parser = argparse.ArgumentParser(
        prog="python -m srsat_qgis.training.export",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--checkpoint", type=Path, help="folder of a run")
    what.add_argument("--state", type=Path, help="safetensors file, or torch file without code")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    parser.add_argument("--id", default="", help="id of the model")
    parser.add_argument("--network", default="", help="name of the network of the state")
    parser.add_argument("--options", default="{}", help="JSON: options of its constructor")
    parser.add_argument("--scale", type=int, default=0, help="output pixels per input pixel")
    parser.add_argument("--bands", default="", help="JSON: names of the bands that it takes at once")
    parser.add_argument(
        "--inputs", default="", help="JSON: inputs of a fusion, each with name, ratio and bands"
    )
    parser.add_argument(
        "--scaling", default="", help="JSON: gain and offset, network = (value - offset) / gain"
    )
    parser.add_argument("--card", default="{}", help="JSON: further fields of the card")
    options = parser.parse_args(arguments)
    try:
        check_torch(torch.__version__, sys.executable)
        given = json_options(options)
        if options.checkpoint is not None:
            model = finished_checkpoint(options.checkpoint, options.id, given.card)
        else:
            model = finished_state(options, given)
        card = write_model(model, options.out)
    except SrsatError as error:
        say({"event": "error", "kind": type(error).__name__, "message": str(error)})
        return 1
    facts = {"parity": card.training["parity"], "halo": card.tile.halo}
    say({"event": "exported", "model": str(card.path), **facts})
    say({"event": "finished"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
