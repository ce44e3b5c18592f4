"""What to give a network of colour images: the luma, red, green and blue, or luma and chroma; and which features.

    .venv-train/bin/python -m tests.benchmarks.rgb_ablation planes --store STORE [--steps 1500]
    .venv-train/bin/python -m tests.benchmarks.rgb_ablation features --store STORE [--core-minutes 10] [--vgg FILE]
        [--only NAME ...] [--sheet FILE]

``planes`` trains three networks of equal size from random weights, on the same batches for as many steps: Y alone with
bilinear chroma, RGB together, and Y, Cb and Cr together.

``features`` trains the U-Net of rgb-x4-unet by its recipe, whose perceptual features alone differ: none and no
discriminator, none, those of a random VGG-16, of a user's VGG-16 file, and of EfficientNet-Lite0. Each gets as many
steps as ``--core-minutes`` of one core pay for, by the processor time of a few of them; EfficientNet-Lite0 also as few
as the random VGG-16, which costs more a step.

Both measure on the store's held-out patches of orthophotos, degraded by a Gaussian of 0.5 coarse pixels, at full size,
8 pixels cropped; the store is that of the rgb models (``make train MODEL=rgb-x2`` makes it). It takes PyTorch and
scikit-image.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from skimage.metrics import structural_similarity

from srsat_qgis.core.metrics.hallucination import KINDS
from srsat_qgis.core.metrics.score import REGISTERED, Block, Context, Suite
from srsat_qgis.core.pictures.drawing import enlarged, png_bytes, sheet
from srsat_qgis.core.types import Window
from srsat_qgis.training.data.degrade import blur_and_average
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.loop.run import Trainer
from srsat_qgis.training.networks.layers import Bicubic, FixedConv
from srsat_qgis.training.recipe import make_recipe, read_toml
from srsat_qgis.training.setup import set_up
from tests.benchmarks.colour_measures import BYTE, chroma, ciede2000, lab, luma, power, psnr

SHIPPED = Path(__file__).resolve().parent.parent.parent / "models/rgb-x4-unet/recipe.toml"
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
PERCEPTUAL, BICUBIC = "perceptual", "bicubic"
RANDOM, LITE0 = "random VGG-16", "EfficientNet-Lite0"
# Steps whose processor time tells what a step costs; those before them warm up.
_WARM, _TIMED = 2, 6


def planes() -> dict[str, dict[str, Any]]:
    """Return the recipes of ``planes``."""
    crops = {**COMMON["data"], "crop": 96, "small_crop": 96, "batch": 12}
    schedule = {"rate": 1e-3, "warm_up_steps": 50, "average": 0.99, "restore_best": False}
    return {
        name: {**COMMON, **values, "scale": 2, "data": crops, "schedule": schedule}
        for name, values in PLANES.items()
    }


def features(vgg: Path | None) -> dict[str, dict[str, Any]]:
    """Return the recipes of ``features``: the shipped one, and what differs."""
    shipped = {key: value for key, value in read_toml(SHIPPED).items() if key not in ("id", "card")}
    loss = {name: weight for name, weight in shipped["loss"].items() if name != PERCEPTUAL}
    no_options = {name: value for name, value in shipped["loss_options"].items() if name != PERCEPTUAL}

    def by(**options: Any) -> dict[str, Any]:
        given = {**shipped["loss_options"][PERCEPTUAL], **options}
        return {**shipped, "loss_options": {**no_options, PERCEPTUAL: given}}

    plain = {**shipped, "loss": loss, "loss_options": no_options}
    cases = {
        "absolute errors alone": {**plain, "loss": {"l1": 1.0}, "adversarial": {}},
        "no features": plain,
        RANDOM: by(features="random"),
        LITE0: by(features="efficientnet-lite0"),
    }
    if vgg is not None:
        told = hashlib.sha256(vgg.read_bytes()).hexdigest()
        cases["VGG-16 file"] = by(features="vgg-file", file=str(vgg), sha256=told)
    return cases


def made(values: Mapping[str, Any], store: PatchStore, folder: Path, steps: int) -> Trainer:
    """Return a run of so many steps that has not begun; a discriminator joins in at the recipe's share of them."""
    values = {**values, "id": "ablation"}
    schedule = values["schedule"]
    start = values.get("adversarial", {}).get("start_step", 0)
    if start:
        joins = round(start * steps / schedule["steps"])
        values["adversarial"] = {**values["adversarial"], "start_step": joins}
    warm_up = min(schedule["warm_up_steps"], steps // 2)
    often = {"steps": steps, "validate_steps": steps, "checkpoint_steps": steps, "warm_up_steps": warm_up}
    recipe = make_recipe({**values, "schedule": {**schedule, **often}}, source="ablation")
    return Trainer(set_up(recipe, store, folder), lambda event: None)


def affordable(values: Mapping[str, Any], store: PatchStore, folder: Path, core_minutes: float) -> int:
    """Return how many steps so many minutes of processor time pay for, with all parts at work."""
    given = values.get("adversarial", {})
    run = made({**values, "adversarial": {**given, "start_step": 0}}, store, folder, _WARM + _TIMED)
    for number in range(_WARM + _TIMED):
        if number == _WARM:
            started = time.process_time()
        run.step()
    return max(1, round(60 * core_minutes * _TIMED / (time.process_time() - started)))


def trained(values: Mapping[str, Any], store: PatchStore, folder: Path, steps: int) -> tuple[Any, float]:
    """Return a trained network, and the seconds of processor time that its steps took."""
    trainer = made(values, store, folder, steps)
    started = time.process_time()
    trainer.run(lambda: False)
    return trainer.average.fused().eval(), time.process_time() - started


def size_of(network: Any) -> int:
    """Return the weights of a network that were learned."""
    fixed = {
        id(one) for layer in network.modules() if isinstance(layer, FixedConv) for one in layer.parameters()
    }
    return sum(one.numel() for one in network.parameters() if id(one) not in fixed)


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
        **detail(image[0].numpy(), truth[0].numpy(), coarse[0].numpy(), scale),
    }


def detail(image: np.ndarray, truth: np.ndarray, coarse: np.ndarray, scale: int) -> dict[str, float]:
    """Return the shares of the pixels with detail that are improved, left out and hallucinated, in percent."""
    window = Window(0, 0, *image.shape[1:])
    context = Context(len(image), window.rows, window.cols, integer=True, data_range=BYTE, scale=scale)
    block = Block(
        window,
        window,
        image,
        np.ones(image.shape[1:], bool),
        reference=truth,
        lowres=coarse,
        lowres_valid=np.ones(coarse.shape[1:], bool),
    )
    suite = Suite([REGISTERED[kind] for kind in KINDS], context, ("reference", "lowres"))
    following: Suite | None = suite
    while following is not None:
        suite = following
        suite.update(block)
        following = suite.following()
    return {name: score.value if score.applies else float("nan") for name, score in suite.scores().items()}


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

    return {"nearest": by("nearest"), "bilinear": by("bilinear"), BICUBIC: cubic, "Lanczos": lanczos}


def crops(images: list[list[torch.Tensor]], side: int = 96) -> np.ndarray:
    """Return crops of the middle at twice their size: a row an image, original first."""
    rows = []
    for row in images:
        top, left = ((size - side) // 2 for size in row[0].shape[2:])
        parts = [one[0, :, top : top + side, left : left + side].round().clamp(0, BYTE) for one in row]
        rows.append([enlarged(part.permute(1, 2, 0).numpy().astype(np.uint8), 2) for part in parts])
    return sheet(rows, gap=4)


class Held:
    """The held-out patches, and the table of what was measured on them."""

    def __init__(self, store: PatchStore, scale: int) -> None:
        self.scale, self.truth = scale, patches(store)
        self.coarse = [degraded(one, scale).round().clamp(0, BYTE) for one in self.truth]
        self.rows: dict[str, tuple[dict[str, float], str]] = {}
        # Patches far from each other, for the sheet.
        self.shown = list(range(0, len(self.truth), max(1, len(self.truth) // 8)))
        self.pictures = [[self.truth[number]] for number in self.shown]

    def add(self, name: str, run: Any, told: str = " |  | ") -> None:
        """Measure a method, and print a line."""
        found = []
        for number, (low, one) in enumerate(zip(self.coarse, self.truth)):
            image = run(low)
            found.append(scored(image, one, low, self.scale))
            if number in self.shown:
                self.pictures[self.shown.index(number)].append(image)
        means = {key: float(np.nanmean([row[key] for row in found])) for key in found[0]}
        self.rows[name] = (means, told)
        print(
            f"{name}: {told}; " + ", ".join(f"{key} {value:.3f}" for key, value in means.items()), flush=True
        )

    def table(self) -> str:
        """Return all rows."""
        keys = list(next(iter(self.rows.values()))[0])
        lines = [
            "| method | " + " | ".join(keys) + " | parameters | steps | core seconds |",
            "|---|" + "---|" * (len(keys) + 3),
        ]
        for name, (row, told) in self.rows.items():
            lines.append(f"| {name} | " + " | ".join(f"{row[key]:.3f}" for key in keys) + f" | {told} |")
        return "\n".join(lines)


def main() -> int:
    """Train, measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("planes", "features"))
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("build/ablation"))
    parser.add_argument("--steps", type=int, default=0, help="of each network; by default 1500 of ``planes``")
    parser.add_argument("--core-minutes", type=float, default=10.0, help="of each network of ``features``")
    parser.add_argument("--vgg", type=Path, help="a VGG-16 file, to be compared too")
    parser.add_argument("--only", nargs="*", default=[], help="the networks to train, in this order")
    parser.add_argument("--sheet", type=Path, help="a PNG of crops")
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    store = PatchStore(options.store)
    scale, cases = (2, planes()) if options.what == "planes" else (4, features(options.vgg))
    unknown = sorted(set(options.only) - set(cases))
    if unknown:
        parser.error(f"--only {unknown[0]!r}: expected some of {', '.join(cases)}")
    held = Held(store, scale)
    for name, run in enlargements(scale).items():
        if scale == 2 or name == BICUBIC:
            held.add(name, run)

    def add(name: str, values: Mapping[str, Any], steps: int) -> None:
        network, seconds = trained(values, store, options.out / name.replace(" ", "-"), steps)
        told = f"{size_of(network)} | {steps} | {seconds:.0f}"
        held.add(name, lambda image: answer(network, image), told)

    steps = {}
    for name in options.only or cases:
        values = cases[name]
        steps[name] = options.steps or (
            affordable(values, store, options.out / "timed", options.core_minutes) if scale == 4 else 1500
        )
        add(name, values, steps[name])
    if RANDOM in steps and steps[RANDOM] < steps.get(LITE0, 0):
        add(f"{LITE0}, as few steps as {RANDOM}", cases[LITE0], steps[RANDOM])
    print(f"\n{len(held.truth)} patches, x{scale}\n\n{held.table()}")
    if options.sheet:
        options.sheet.write_bytes(png_bytes(crops(held.pictures)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
