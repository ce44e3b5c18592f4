"""What the 8-bit forms of the shipped models lose and gain, beside their float32 forms in one run.

- *gain*: PSNR over bicubic upsampling on the native test rasters, degraded as by quality.py, in dB: float32, then what
  8 bits lose of it, in the mean and on the image that loses most;
- *flat*, *Laplacian*: grain in the quietest windows of these rasters as they are, beside bicubic, as by native.py;
- *off*: root mean square of the difference between both results on these rasters, in percent of a band's spread;
- *guided*: of models of several inputs, RMSE on places of sentinel2.py (validation, test and two of training), and on
  held-out pairs of lst.py: float32, what 8 bits add to it in percent, and the band for which that is most; for
  temperatures also the root mean square of the difference in kelvins;
- *network*: time of the network alone on a tile of 512 pixels, of the process, so that other work does not count;
- *run*: time of a whole run, file to file, on a raster of 1200 x 1200 x 4 pixels of 16 bits (three bands for models of
  colours), on all processors, and the megapixels of one band of output that it makes a second.

    python tests/benchmarks/integers.py [MODEL ...] [--parts quality grain speed]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import numpy as np  # noqa: E402
from native import measured  # noqa: E402
from native_images import NativeImage, native_images  # noqa: E402
from osgeo import gdal  # noqa: E402
from quality import Upscale, _write, gains  # noqa: E402
from sentinel2 import DEGRADATIONS, averaged, scenes, test_sources  # noqa: E402
from sentinel2 import measured as fused_scores  # noqa: E402

from srsat_qgis.core.degradation.kernels import gaussian_area  # noqa: E402
from srsat_qgis.core.engine.int8 import int8_facts  # noqa: E402
from srsat_qgis.core.engine.processor import model_name  # noqa: E402
from srsat_qgis.core.engine.session import Engine, usable_processors  # noqa: E402
from srsat_qgis.core.models.binding import int8_of, load_card  # noqa: E402
from srsat_qgis.core.models.card import REACH, ModelCard  # noqa: E402
from srsat_qgis.core.patches.listed import read_sources  # noqa: E402
from srsat_qgis.core.raster.resample import bicubic_upsample  # noqa: E402
from srsat_qgis.core.superres.run import Settings, Source, super_resolve  # noqa: E402
from srsat_qgis.core.thermal.modis import TEST, pairs  # noqa: E402
from srsat_qgis.core.thermal.sharpen import OFF, SharpenRequest, sharpen  # noqa: E402
from tests.rasters import write_raster  # noqa: E402

TRIALS = ((0.4, 0.0), (0.5, 0.0), (0.7, 0.0), (0.5, 0.005), (0.5, 0.01))
"""Blur in coarse pixels, and noise as a share of a band's range."""
SETTINGS = Settings(device="cpu")
PARTS = ("quality", "grain", "guided", "speed")
PAIRS = 60
"""Of temperatures."""


def pipeline(card: ModelCard, settings: Settings = SETTINGS) -> Upscale:
    """Return the whole pipeline, from file to file."""

    def upscale(coarse: np.ndarray, _sigma: float, _noise: np.ndarray) -> np.ndarray:
        with tempfile.TemporaryDirectory() as scratch:
            source, target = Path(scratch) / "coarse.tif", Path(scratch) / "fine.tif"
            _write(source, coarse)
            super_resolve(Source(str(source)), card, str(target), settings=settings)
            image = gdal.Open(str(target)).ReadAsArray()
        return image if image.ndim == 3 else image[None]

    return upscale


def fitting(card: ModelCard, images: list[NativeImage]) -> list[NativeImage]:
    """Return the images that a model takes: all, or of a model of three colours those of three bands and 8 bits."""
    if card.bandwise:
        return images
    return [image for image in images if len(image.pixels) == 3 and image.pixels.dtype == np.uint8]


def quality(card: ModelCard, images: list[NativeImage]) -> Iterator[str]:
    """Yield a line a trial."""
    pair = [pipeline(card), pipeline(int8_of(card))]
    for sigma, noise in TRIALS:
        values = np.array(
            [[gains(image, card.scale, sigma, noise, one).mean() for one in pair] for image in images]
        )
        lost = values[:, 0] - values[:, 1]
        yield (
            f"| {card.id} | {sigma:g} | {100 * noise:g} % | {values[:, 0].mean():.2f} | {lost.mean():.3f} "
            f"| {lost.max():.3f} |"
        )


def grain(card: ModelCard, images: list[NativeImage]) -> str:
    """Return the line on rasters that nobody degraded."""
    settings = replace(SETTINGS, output_type="Float32")
    found, off = [], []
    for image in images:
        results = [
            pipeline(one, settings)(image.pixels, 0.0, np.zeros(1)).astype(np.float64)
            for one in (card, int8_of(card))
        ]
        base = bicubic_upsample(image.pixels.astype(np.float64), scale=card.scale)
        found.append([measured(result, base, card.scale) for result in results])
        spread = image.pixels.astype(np.float64).std(axis=(1, 2))
        off.append(
            np.sqrt(((results[1] - results[0]) ** 2).mean(axis=(1, 2)))[spread > 0] / spread[spread > 0]
        )
    flat, laplacian, rise = (
        [np.mean([getattr(pair[which], name) for pair in found]) for which in (0, 1)]
        for name in ("flat", "laplacian", "rise")
    )
    share = 100 * float(np.mean(np.concatenate(off)))
    return (
        f"| {card.id} | {flat[0]:.3f}, {flat[1]:.3f} | {laplacian[0]:.3f}, {laplacian[1]:.3f} "
        f"| {rise[0]:.3f}, {rise[1]:.3f} | {share:.2f} % |"
    )


def fusion(card: ModelCard, data: Path) -> Iterator[str]:
    """Yield the lines of a model that fuses Sentinel-2's bands, by degradation and place."""
    listed = read_sources(ROOT / "models" / "s2-sources.json")
    near = [one for one in listed if one.name in ("usa", "scania", "punjab")]
    with tempfile.TemporaryDirectory() as scratch:
        found = {
            **scenes(near, data / "train", Path(scratch) / "near"),
            **scenes(test_sources(listed), data / "test", Path(scratch) / "test"),
        }
        for kind in DEGRADATIONS:
            for place, many in found.items():
                floats, integers = (
                    averaged([fused_scores(scene, one, kind) for scene in many])["model"]["rmse"]
                    for one in (card, int8_of(card))
                )
                more = 100 * (np.divide(integers, floats) - 1)
                mean = 100 * (np.mean(integers) / np.mean(floats) - 1)
                yield (
                    f"| {card.id} | {kind} | {place} | {np.mean(floats):.2f} | {mean:+.2f} % | {more.max():+.2f} % |"
                )


def temperatures(card: ModelCard, data: Path) -> str:
    """Return the line of a model that sharpens temperatures."""
    kept = [pair for pair in pairs(data / "train" / "modis-h18v04-2020" / "modis.npz") if pair.split == TEST]
    errors: dict[str, list[float]] = {"float32": [], "int8": [], "off": []}
    for number in np.unique(np.linspace(0, len(kept) - 1, PAIRS).astype(int)):
        truth = kept[number].kelvins.astype(np.float64)
        coarse = gaussian_area(truth, scale=card.scale, sigma=0.5)[None].astype(np.float32)
        results = {}
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            side = 1000.0 * card.scale
            lst = write_raster(folder / "lst.tif", coarse, transform=(0, side, 0, 0, 0, -side))
            guide = write_raster(
                folder / "guide.tif", kept[number].reflectances, transform=(0, 1000.0, 0, 0, 0, -1000.0)
            )
            for name, one in (("float32", card), ("int8", int8_of(card))):
                target = str(folder / f"{name}.tif")
                sharpen(
                    SharpenRequest(
                        lst,
                        (guide,),
                        card,
                        card.scale,
                        target,
                        coregister=OFF,
                        consistency=OFF,
                        settings=SETTINGS,
                        running=one,
                    )
                )
                results[name] = gdal.Open(target).ReadAsArray().astype(np.float64)
                errors[name].append(float(((results[name] - truth) ** 2).mean()))
        errors["off"].append(float(((results["int8"] - results["float32"]) ** 2).mean()))
    floats, integers, off = (float(np.sqrt(np.mean(values))) for values in errors.values())
    return (
        f"| {card.id} | {len(errors['off'])} pairs | | {floats:.3f} K | {100 * (integers / floats - 1):+.2f} % "
        f"| off by {off:.3f} K |"
    )


def report_guided(cards: list[ModelCard], data: Path) -> None:
    """Print the table of the models of several inputs."""
    print("| model | degraded by | place | RMSE | more | most of a band |\n|---|---|---|---|---|---|")
    for card in cards:
        for line in [temperatures(card, data)] if card.levelled else fusion(card, data):
            print(line, flush=True)


def speed(card: ModelCard) -> str:
    """Return the line on times."""
    bands, side = (4, 1200) if card.bandwise else (3, 1200)
    inner = int8_of(card)
    threads = usable_processors()
    tile = 512 + 2 * card.tile.halo
    channels = card.inputs[0].channels
    random = np.random.default_rng(0)
    image = random.normal(1000, 100, (1, channels, tile, tile)).astype(np.float32)
    engines = [Engine(one.path, device="cpu", threads=1) for one in (card, inner)]
    networks = []
    for engine, one in zip(engines, (card, inner)):
        feeds = {one.inputs[0].name: image}
        for spec in one.conditions:
            value = {"blur": 0.5, "noise": 10.0, REACH: 600.0}[spec.measure]
            feeds[spec.name] = np.full((1, channels), value, np.float32)
        times = []
        for _ in range(4):
            start = time.process_time()
            engine.run(feeds)
            times.append(time.process_time() - start)
        networks.append(min(times[1:]))
    whole: dict[str, list[float]] = {"float32": [], "int8": []}
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch) / "in.tif", Path(scratch) / "out.tif"
        scene = bicubic_upsample(random.normal(1000, 300, (bands, side // 8, side // 8)), scale=8)
        _write(source, np.clip(scene + random.normal(0, 5, scene.shape), 0, 65535).astype(np.uint16))
        for _ in range(3):
            for name, one in (("float32", card), ("int8", inner)):
                start = time.perf_counter()
                super_resolve(
                    Source(str(source)), one, str(target), settings=replace(SETTINGS, threads=threads)
                )
                whole[name].append(time.perf_counter() - start)
    run = [min(times) for times in whole.values()]
    pixels = bands * (side * card.scale) ** 2 / 1e6
    sizes = [one.path.stat().st_size / 1e3 for one in (card, inner)]
    return (
        f"| {card.id} | {networks[0]:.2f}, {networks[1]:.2f} s | {networks[0] / networks[1]:.2f} "
        f"| {run[0]:.2f}, {run[1]:.2f} s | {run[0] / run[1]:.2f} | {pixels / run[0]:.1f}, {pixels / run[1]:.1f} "
        f"| {sizes[0]:.0f}, {sizes[1]:.0f} kB |"
    )


def main() -> int:
    """Measure the models that the command line names, or all that have an 8-bit form."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", help="ids below models/")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    options = parser.parse_args()
    folders = [ROOT / "models" / name for name in options.models] or sorted((ROOT / "models").iterdir())
    cards = [load_card(folder) for folder in folders if (folder / "model.onnx").is_file()]
    cards = [card for card in cards if card.int8 is not None]
    guided = [card for card in cards if len(card.inputs) > 1]
    cards = [card for card in cards if card not in guided]
    facts = int8_facts()
    print(f"{model_name()}, {usable_processors()} processors: {facts.reason()}", flush=True)
    if not facts.exact:
        return 1
    test = Path(os.environ.get("SRSAT_SHARED") or ROOT.parent / "shared") / "data" / "test"
    pixels = set(options.parts) - {"speed"}
    if pixels and not test.is_dir():
        print(f"no test rasters, {test} does not exist (SRSAT_SHARED names the folder above data/)")
        return 0
    images = [image for image in native_images(test) if image.native] if pixels else []
    if "quality" in options.parts:
        print("| model | blur | noise | gain, dB | lost | most lost |\n|---|---|---|---|---|---|")
        for card in cards:
            for line in quality(card, fitting(card, images)):
                print(line, flush=True)
    if "grain" in options.parts:
        print("| model | flat | Laplacian | rise | off |\n|---|---|---|---|---|")
        for card in cards:
            print(grain(card, fitting(card, images)), flush=True)
    if "guided" in options.parts:
        report_guided(guided, test.parent)
    if "speed" not in options.parts:
        return 0
    print("| model | network | times | run | times | Mpx/s | file |\n|---|---|---|---|---|---|---|")
    for card in cards:
        print(speed(card), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
