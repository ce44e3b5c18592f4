"""What ``peers.py`` runs in the Python of opensr-utils: a shipped model as a torch module, untiled or by that program.

Needs torch, onnx and opensr-utils, and neither GDAL nor QGIS: ``peers_torch.py JSON`` is started by ``peers.py``, which
says in the JSON what to do, and prints the seconds of the work alone as JSON in its last line.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402
import torch  # noqa: E402

from srsat_qgis.training.export.finetune import read_base, take_weights  # noqa: E402
from srsat_qgis.training.networks import build  # noqa: E402

REFLECTANCE = 10000.0
"""What opensr-utils divides digital numbers by before a model gets them."""


class Bandwise(torch.nn.Module):
    """A shipped model, told one blur and one noise, on all bands of ``(N, C, H, W)`` one by one."""

    def __init__(self, model: str, blur: float, noise: float) -> None:
        super().__init__()
        base = read_base(model)
        network = build(
            base.recipe["network"]["name"],
            {"scale": base.recipe["scale"], **base.recipe["network"].get("options", {})},
        )
        take_weights(network, base)
        # The layout in which torch's convolutions are fastest on a CPU: 1.4 times.
        self.network = network.fused().eval().to(memory_format=torch.channels_last)
        self.factor = network.scale
        self.blur, self.noise = blur, noise

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        count, bands, rows, cols = image.shape
        single = image.reshape(count * bands, 1, rows, cols)
        told = [torch.full((len(single), 1), value) for value in (self.blur, self.noise)]
        done = self.network(single, *told)
        return done.reshape(count, bands, rows * self.factor, cols * self.factor)


def untiled(order: dict) -> None:
    """Write what the network makes of the whole raster at once, as an array of float32."""
    network = Bandwise(order["model"], order["blur"], order["noise"])
    image = np.load(order["source"])
    with torch.inference_mode():
        bands = [network(torch.from_numpy(band[None, None].astype(np.float32)))[0, 0] for band in image]
    np.save(order["target"], torch.stack(bands).numpy())


def opensr(order: dict) -> None:
    """Super-resolve a raster by opensr-utils, which works in units of 10000 digital numbers."""
    # It is no part of this project's environments, and its version is what the line is named after.
    from opensr_utils import super_resolve

    network = Bandwise(order["model"], order["blur"], order["noise"] / REFLECTANCE)
    super_resolve(order["source"], network, order["target"], device="cpu", overwrite=True, **order["options"])


def main() -> None:
    order = json.loads(sys.argv[1])
    wall, processor = time.perf_counter(), time.process_time()
    {"untiled": untiled, "opensr": opensr}[order["what"]](order)
    seconds = [time.perf_counter() - wall, time.process_time() - processor]
    print(json.dumps({"call_s": seconds[0], "call_processor_s": seconds[1]}))


if __name__ == "__main__":
    main()
