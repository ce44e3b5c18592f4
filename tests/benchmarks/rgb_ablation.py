"""What to give a network of colour images: the luma, red, green and blue, or luma and chroma; and which features.

    .venv-train/bin/python -m tests.benchmarks.rgb_ablation planes --store STORE [--steps 1500] [--minutes M]
    .venv-train/bin/python -m tests.benchmarks.rgb_ablation features --store STORE [--steps 600]

``planes`` trains three networks of equal size from random weights, on the same batches for as many steps: Y alone with
bilinear chroma, RGB together, and Y, Cb and Cr together. ``features`` trains one U-Net x4 four times: by absolute
errors alone, and with a perceptual loss in the features of a random VGG-16 and of EfficientNet-Lite0. Both measure on
the store's held-out patches of orthophotos, degraded by a Gaussian of 0.5 coarse pixels, at full size, 8 pixels
cropped; the store is that of the rgb models (``make train MODEL=rgb-x2`` makes it). It takes PyTorch and scikit-image.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from skimage.metrics import structural_similarity

from srsat_qgis.training.data.degrade import blur_and_average
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.loop.run import Trainer
from srsat_qgis.training.networks.layers import Bicubic
from srsat_qgis.training.recipe import make_recipe
from srsat_qgis.training.setup import set_up
from tests.benchmarks.colour_measures import BYTE, chroma, ciede2000, lab, luma, power, psnr

SIGMA, EDGE = 0.5, 8
NOISE = 12**-0.5
SMALL = {"channels": 24, "depth": 5, "expand": 72}
"""Of all three networks of ``planes``."""
COMMON: dict[str, Any] = {
    "data": {
        "crop": 96,
        "batch": 12,
        "small_crop": 96,
        "border": 3,
        "weights": {"sentinel2": 0.0, "landsat": 0.0},
    },
    "degradation": {
        "sigma": [0.4, 0.6],
        "spread": 0.0,
        "colour": True,
        "noise_share": 0.0,
        "rounding_share": 1.0,
    },
    "validation": {"sigmas": [0.5]},
}
PLANES: dict[str, dict[str, Any]] = {
    "Y, chroma bilinear": {
        "network": {"name": "luma", "joint": True, "options": SMALL},
        "loss": {"luma-relative-mse": 1.0},
    },
    "RGB": {"network": {"name": "informed", "joint": True, "options": SMALL}, "loss": {"relative-mse": 1.0}},
    "Y, Cb and Cr": {
        "network": {"name": "luma", "joint": True, "options": {**SMALL, "chroma": "network"}},
        "loss": {"relative-mse": 1.0},
    },
}
_UNET = {"name": "unet", "joint": True, "options": {"widths": [16, 32, 64], "equivariant": True}}
FEATURES: dict[str, dict[str, Any]] = {
    "absolute errors alone": {"network": _UNET, "loss": {"l1": 1.0}},
    "random VGG-16": {
        "network": _UNET,
        "loss": {"l1": 1.0, "perceptual": 0.3},
        "loss_options": {"perceptual": {"features": "random"}},
    },
    "EfficientNet-Lite0": {
        "network": _UNET,
        "loss": {"l1": 1.0, "perceptual": 0.3},
        "loss_options": {"perceptual": {"features": "efficientnet-lite0"}},
    },
}


def trained(
    values: dict[str, Any], store: PatchStore, folder: Path, scale: int, steps: int
) -> tuple[Any, float]:
    """Return a trained network, and the seconds that its steps took."""
    crop = {2: 96, 4: 128}[scale]
    data = {**COMMON["data"], "crop": crop, "small_crop": crop, "batch": 12 if scale == 2 else 8}
    schedule = {"steps": steps, "rate": 1e-3, "warm_up_steps": 50, "average": 0.99, "restore_best": False}
    often = {"validate_steps": steps, "checkpoint_steps": steps}
    recipe = make_recipe(
        {
            **COMMON,
            "id": "ablation",
            "scale": scale,
            **values,
            "data": data,
            "schedule": {**schedule, **often},
        },
        source="ablation",
    )
    trainer = Trainer(set_up(recipe, store, folder), lambda event: None)
    started = time.monotonic()
    trainer.run(lambda: False)
    return trainer.average.fused().eval(), time.monotonic() - started


def patches(store: PatchStore) -> list[torch.Tensor]:
    """Return the held-out patches of orthophotos, (1, 3, rows, cols) each."""
    return [
        torch.from_numpy(np.asarray(patch, np.float32))[
            None, :, : patch.shape[1] // 4 * 4, : patch.shape[2] // 4 * 4
        ]
        for source in store.split("validation")
        if source.group == "ortho"
        for patch in source.layers["target"].patches
    ]


def degraded(image: torch.Tensor, scale: int) -> torch.Tensor:
    """Return the coarse image of ``(N, 3, rows, cols)``, not rounded."""
    planes = image.flatten(0, 1)[:, None]
    sigma = torch.full((len(planes),), SIGMA)
    return blur_and_average(planes, sigma, sigma, scale).view(len(image), 3, -1, image.shape[3] // scale)


@torch.no_grad()
def answer(network: Any, coarse: torch.Tensor) -> torch.Tensor:
    """Return the network's image, mirrored at the edges so that they do not count less."""
    scale, margin = network.ratios[0], 16
    padded = torch.nn.functional.pad(coarse, (margin,) * 4, mode="reflect")
    told = [
        torch.full((len(coarse), coarse.shape[1]), value)
        for name, value in zip(("blur", "noise"), (SIGMA, NOISE))
        if name in getattr(network, "conditions", ())
    ]
    # Equivariant networks take digital numbers as they are.
    fine = network(padded, *told)
    edge = margin * scale
    return fine[..., edge:-edge, edge:-edge]


def scored(image: torch.Tensor, truth: torch.Tensor, coarse: torch.Tensor, scale: int) -> dict[str, float]:
    """Return the measures of one image, (1, 3, rows, cols) each."""
    image = image.round().clamp(0, BYTE)
    cut = (0, slice(None), slice(EDGE, -EDGE), slice(EDGE, -EDGE))
    got, like = (part[cut].double().numpy() for part in (image, truth))
    y, y_like = luma(got), luma(like)
    again = degraded(image, scale) - coarse
    shares = np.divide(power(y), power(y_like))
    return {
        "psnr_y": psnr(y, y_like),
        "psnr": psnr(got, like),
        "ssim_y": structural_similarity(y_like, y, data_range=BYTE, gaussian_weights=True, sigma=1.5),
        "colour": float(np.abs(chroma(got) - chroma(like)).mean()),
        "ciede": float(ciede2000(lab(got), lab(like)).mean()),
        "mid": float(shares[0]),
        "high": float(shares[1]),
        "consistency": float((again[..., 2:-2, 2:-2] ** 2).mean().sqrt()),
    }


def enlargements(scale: int) -> dict[str, Any]:
    """Return classical resampling, by name."""

    def by(mode: str) -> Any:
        options = {} if mode == "nearest" else {"align_corners": False}
        return lambda coarse: torch.nn.functional.interpolate(
            coarse, scale_factor=scale, mode=mode, **options
        )

    cubic = Bicubic(scale, 3, replicate=True)

    def lanczos(coarse: torch.Tensor) -> torch.Tensor:
        from PIL import Image

        size = (coarse.shape[3] * scale, coarse.shape[2] * scale)
        planes = [
            Image.fromarray(plane.numpy()).resize(size, Image.Resampling.LANCZOS) for plane in coarse[0]
        ]
        return torch.from_numpy(np.stack([np.asarray(plane) for plane in planes]))[None]

    return {"nearest": by("nearest"), "bilinear": by("bilinear"), "bicubic": cubic, "Lanczos": lanczos}


def main() -> int:
    """Train, measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("planes", "features"))
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("build/ablation"))
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    store = PatchStore(options.store)
    scale, cases = (2, PLANES) if options.what == "planes" else (4, FEATURES)
    steps = options.steps or (1500 if scale == 2 else 600)
    truth = patches(store)
    rows: dict[str, tuple[dict[str, float], str]] = {}
    coarse = [degraded(one, scale).round().clamp(0, BYTE) for one in truth]
    runs: dict[str, Any] = {name: (run, "") for name, run in enlargements(scale).items()}
    for name, values in cases.items():
        network, seconds = trained(values, store, options.out / name.replace(" ", "-"), scale, steps)
        size = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
        runs[name] = (lambda image, network=network: answer(network, image), f"{size} | {seconds:.0f}")
        print(f"{name}: {seconds:.0f} s", flush=True)
    for name, (run, told) in runs.items():
        found = [scored(run(low), one, low, scale) for low, one in zip(coarse, truth)]
        rows[name] = ({key: float(np.mean([row[key] for row in found])) for key in found[0]}, told)
    keys = list(next(iter(rows.values()))[0])
    print(f"\n{len(truth)} patches, x{scale}, {steps} steps\n")
    print("| method | " + " | ".join(keys) + " | parameters | seconds |")
    print("|---|" + "---|" * (len(keys) + 2))
    for name, (row, told) in rows.items():
        print(f"| {name} | " + " | ".join(f"{row[key]:.3f}" for key in keys) + f" | {told or ' | '} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
