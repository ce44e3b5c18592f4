"""Makes the card of one model file within limits of time and memory: what `limited` starts; JSON in and out."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from srsat_qgis.core.engine.session import usable_processors
from srsat_qgis.core.errors import SrsatError
from srsat_qgis.core.models.card import Scaling, card_to_json
from srsat_qgis.core.probing.resolve import ProbeHints, resolved_here
from srsat_qgis.core.process import end_with_starter


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the card, or the error's class and message, for what `limited` asks."""
    _limit(asked["seconds"], asked["memory_mb"])
    told: dict[str, Any] = {
        name: tuple(one) if isinstance(one, list) else one for name, one in asked["hints"].items()
    }
    try:
        card = resolved_here(Path(asked["path"]), ProbeHints(**told))
        # A card's file may not say how bands that it does not name are scaled, a probe may.
        plain = replace(card, output=replace(card.output, scaling=Scaling()))
        return {"card": card_to_json(plain), "scaling": asdict(card.output.scaling)}
    except MemoryError:
        message = (
            f"{asked['path']}: the model needs more than {asked['memory_mb']} MB of memory for small tiles"
        )
        return {"error": "OutOfMemory", "message": message}
    except SrsatError as error:
        return {"error": type(error).__name__, "message": str(error)}


def _limit(seconds: float, memory_mb: int) -> None:
    """Make the system end this process where it takes too much, whoever started it."""
    if sys.platform == "win32":
        return
    import resource

    # Should the loop hold the interpreter, the thread that waits for the end of QGIS never runs.
    processor = math.ceil(seconds) * usable_processors() + 10
    for kind, most in (
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_CPU, processor),
        (resource.RLIMIT_CORE, 0),
    ):
        # Where the system allows less already, or knows no such limit.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    end_with_starter()
    sys.stdout.write("\n" + json.dumps(main(json.loads(sys.argv[2]))) + "\n")
    sys.stdout.flush()
    # What a model has left behind may crash while it is taken down.
    os._exit(0)
