"""Fusion of Sentinel-2's 20 m and 60 m bands by Wald's protocol, beside bicubic upsampling (Keys, a = -0.5).

Every band is made coarser by the model's scale ``s``, the model brings the target bands back, and the originals are
the truth. Two degradations: ``gaussian``, a Gaussian of 1/s fine pixels and the ``s x s`` mean (the protocol of the
DSen2 family), and ``mtf``, each band's own MTF at the coarse Nyquist frequency, decimated. Inputs are rounded to whole
digital numbers; the model runs through the whole pipeline, as a user's raster does; no edge is cropped.

    python tests/benchmarks/sentinel2.py MODEL_FOLDER ... [--places scania,usa] [--test] [--json FILE] [--write-cards]
    python tests/benchmarks/sentinel2.py --leave-one-out RECIPE --minutes 5 [--python PYTHON] [--threads 1]

The second form trains once for every place, on all the others, with the recipe's network and the minutes given;
PYTHON is an interpreter with torch. The test rasters are for shipped models only.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402
from osgeo import gdal  # noqa: E402

from srsat_qgis.core.degradation.kernels import as_type, gaussian_area, mtf_decimate, preset_mtf  # noqa: E402
from srsat_qgis.core.models.binding import load_card  # noqa: E402
from srsat_qgis.core.models.card import ModelCard  # noqa: E402
from srsat_qgis.core.patches.listed import PatchSource, build_store, read_sources  # noqa: E402
from srsat_qgis.core.raster.resample import bicubic_upsample  # noqa: E402
from srsat_qgis.core.superres.run import Settings, Source, super_resolve  # noqa: E402
from tests.measures import arrays as measures  # noqa: E402

SIDE = 600  # of the largest scene, in 10 m pixels: scenes stay whole
TRAINING_SIDE = 300  # of patches to train on: without the many small scenes of one place, enough remain
DEGRADATIONS = ("gaussian", "mtf")
Scene = Mapping[str, np.ndarray]  # layer -> (bands, rows, cols)


def held_out(sources: Iterable[PatchSource], places: Sequence[str]) -> tuple[PatchSource, ...]:
    """Return the sources with these places wholly in the validation split, and nothing else there."""
    return tuple(
        replace(one, validation=one.files if one.name in places else (), validation_share=0.0)
        for one in sources
    )


def scenes(sources: Sequence[PatchSource], root: Path, work: Path) -> dict[str, list[Scene]]:
    """Return the whole scenes of every source, cut to the size of its smallest."""
    manifest = build_store(held_out(sources, [one.name for one in sources]), root, work, size=SIDE)
    found = {}
    for entry in manifest["sources"]:
        layers = {
            layer["name"]: np.load(work / f"{entry['name']}.validation.{layer['name']}.npy")
            for layer in entry["layers"]
        }
        count = entry["patches"]["validation"]
        found[entry["name"]] = [
            {name: values[number] for name, values in layers.items()} for number in range(count)
        ]
    return found


def degraded(image: np.ndarray, scale: int, kind: str, names: Sequence[str]) -> np.ndarray:
    """Return the coarse image in the type of the fine one."""
    values = image.astype(np.float64)
    if kind == "gaussian":
        return as_type(gaussian_area(values, scale=scale, sigma=1 / scale**2), image.dtype)
    return as_type(mtf_decimate(values, scale=scale, mtf=preset_mtf("sentinel-2", names)), image.dtype)


def fused(inputs: Scene, card: ModelCard) -> np.ndarray:
    """Return the model's image through the pipeline."""
    return fused_and_blur(inputs, card)[0]


def fused_and_blur(
    inputs: Scene, card: ModelCard, settings: Settings | None = None
) -> tuple[np.ndarray, tuple[float, ...]]:
    """Return the model's image through the pipeline, and the blur of its bands that the run found."""
    with tempfile.TemporaryDirectory() as folder:
        sources = {}
        for name, image in inputs.items():
            path = str(Path(folder) / f"{name}.tif")
            dataset = gdal.GetDriverByName("GTiff").Create(
                path, image.shape[2], image.shape[1], len(image), gdal.GDT_UInt16
            )
            dataset.WriteArray(image)
            dataset.FlushCache()
            del dataset
            sources[name] = Source(path, tuple(range(1, len(image) + 1)))
        target = str(Path(folder) / "out.tif")
        result = super_resolve(sources, card, target, settings=settings)
        blur = result.provenance["SRSAT_DEGRADATION"].partition("=")[2]
        return np.asarray(gdal.Open(target).ReadAsArray()), tuple(float(one) for one in blur.split(","))


def scores(image: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return RMSE, SRE and bias by band, and SAM and UIQ; pixels of 0 are left out."""
    valid = (truth != 0).all(axis=0)
    pair = (truth.astype(np.float64), image.astype(np.float64))
    rmse, sre, bias = (
        getattr(measures, name)(*pair, valid=valid).per_band for name in ("rmse", "sre", "bias")
    )
    mean = pair[0][:, valid].mean(axis=1)
    return {
        "rmse": list(rmse),
        "sre": list(sre),
        "bias_percent": [100 * value / level for value, level in zip(bias, mean)],
        "sam": measures.sam(*pair, valid=valid).value,
        "uiq": measures.uiq(*pair, valid=valid).value,
    }


def reduced(scene: Scene, card: ModelCard, kind: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the model's inputs made coarser by its scale, and the truth, of what is whole cells of the scene."""
    scale = card.scale
    truth = scene[card.inputs[0].name]
    finest = {spec.name: scale // spec.ratio for spec in card.inputs}
    cells = [side // scale for side in truth.shape[1:]]
    coarse = {}
    for spec in card.inputs:
        sides = [count * scale * finest[spec.name] for count in cells]
        names = [band.name for band in spec.bands or ()]
        coarse[spec.name] = degraded(scene[spec.name][:, : sides[0], : sides[1]], scale, kind, names)
    return coarse, truth[:, : cells[0] * scale, : cells[1] * scale]


def measured(scene: Scene, card: ModelCard, kind: str) -> dict[str, Any]:
    """Return the scores of bicubic upsampling and of the model on one scene."""
    coarse, truth = reduced(scene, card, kind)
    scale, first = card.scale, coarse[card.inputs[0].name]
    plain = as_type(bicubic_upsample(first.astype(np.float64), scale=scale), first.dtype)
    return {"bicubic": scores(plain, truth), "model": scores(fused(coarse, card), truth)}


def averaged(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean of scores over scenes."""
    return {
        method: {
            key: np.mean([row[method][key] for row in rows], axis=0).tolist()
            for key in ("rmse", "sre", "bias_percent", "sam", "uiq")
        }
        for method in ("bicubic", "model")
    }


def report(card: ModelCard, results: Mapping[str, Mapping[str, Any]], kind: str) -> str:
    """Return a table in Markdown: a row a place."""
    bands = [band.name for band in card.inputs[0].bands or ()]
    lines = [
        f"{card.id}, {kind}; RMSE in digital numbers",
        "",
        "| place | bicubic | model | ratio | worst band | "
        + " | ".join(bands)
        + " | SRE dB | SAM ° | UIQ | bias % |",
        "|" + "---|" * (9 + len(bands)),
    ]
    ratios = []
    for place, row in results.items():
        base, model = row["bicubic"], row["model"]
        each = np.divide(model["rmse"], base["rmse"])
        ratio = np.mean(model["rmse"]) / np.mean(base["rmse"])
        ratios.append(ratio)
        lines.append(
            f"| {place} | {np.mean(base['rmse']):.1f} | {np.mean(model['rmse']):.1f} | {ratio:.3f} | "
            f"{each.max():.3f} ({bands[int(each.argmax())]}) | "
            + " | ".join(f"{value:.1f}" for value in model["rmse"])
            + f" | {np.mean(base['sre']):.1f} → {np.mean(model['sre']):.1f} | {base['sam']:.2f} → {model['sam']:.2f} | "
            f"{base['uiq']:.3f} → {model['uiq']:.3f} | {np.abs(model['bias_percent']).max():.3f} |"
        )
    lines.append(f"| **mean** | | | **{np.mean(ratios):.3f}** | |" + " |" * (len(bands) + 4))
    return "\n".join(lines)


def quality_rows(outcome: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a model card."""
    return [
        {
            "dataset": place,
            "measure": "mean RMSE, share of bicubic's",
            "degradation": kind,
            "value": round(float(np.mean(row["model"]["rmse"]) / np.mean(row["bicubic"]["rmse"])), 3),
        }
        for kind, places in outcome.items()
        for place, row in places.items()
    ]


def shared() -> Path:
    """Return the folder of real rasters."""
    return Path(os.environ.get("SRSAT_SHARED") or ROOT.parent / "shared") / "data"


def test_sources(sources: Sequence[PatchSource]) -> tuple[PatchSource, ...]:
    """Return the native test patches, described as those of BigEarthNet in the training list."""
    like = next(one for one in sources if one.name == "bigearthnet")
    layers = tuple(
        replace(layer, files=tuple(name.replace(".tif", ".tif*") for name in layer.files))
        for layer in like.layers
    )
    folders = {"test: Serbia": "bigearthnet-tiny/*", "test: Finland": "rico-hdl/BigEarthNet/S2/*"}
    return tuple(
        replace(like, name=name.replace(": ", "-").lower(), files=(pattern,), layers=layers)
        for name, pattern in folders.items()
    )


def evaluate(card: ModelCard, found: Mapping[str, Sequence[Scene]]) -> dict[str, Any]:
    """Return the scores of a model by degradation and place, and print them."""
    outcome: dict[str, Any] = {}
    for kind in DEGRADATIONS:
        outcome[kind] = {
            place: averaged([measured(scene, card, kind) for scene in many]) for place, many in found.items()
        }
        print(report(card, outcome[kind], kind) + "\n", flush=True)
    return outcome


def train_without(place: str, recipe: Path, options: argparse.Namespace, work: Path) -> Path:
    """Train on all places but one and return the model's folder."""
    store = work / f"store-{place}"
    sources = read_sources(ROOT / "models" / "s2-sources.json")
    build_store(held_out(sources, [place]), shared() / "train", store, size=TRAINING_SIDE)
    text = recipe.read_text(encoding="utf-8")
    lines = [
        f"minutes = {options.minutes:g}" if line.split("=")[0].strip() in ("steps", "minutes") else line
        for line in text.splitlines()
    ]
    own = work / f"{place}.toml"
    own.write_text("\n".join(lines), encoding="utf-8")
    command = [options.python, "-m", "srsat_qgis.training", str(own), "--store", str(store)]
    command += ["--out", str(work / f"run-{place}"), "--threads", str(options.threads)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": str(options.threads)}
    log = work / f"{place}.log"
    with log.open("w", encoding="utf-8") as stream:
        subprocess.run(command, check=True, stdout=stream, stderr=stream, env=environment, cwd=ROOT)
    return work / f"run-{place}" / "model"


def main() -> int:
    """Measure models, or train and measure one for every place."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("models", nargs="*", type=Path, help="folders of models")
    parser.add_argument("--places", help="names of the sources to measure, separated by commas; all")
    parser.add_argument("--test", action="store_true", help="measure on the test rasters instead")
    parser.add_argument("--leave-one-out", type=Path, metavar="RECIPE")
    parser.add_argument("--minutes", type=float, default=5.0, help="of training, for every place")
    parser.add_argument("--python", default=sys.executable, help="an interpreter with torch")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--work", type=Path, help="folder to keep what is trained")
    parser.add_argument("--json", type=Path, help="file for the numbers")
    parser.add_argument(
        "--write-cards",
        action="store_true",
        help="put the numbers of the test and held-out places into the cards",
    )
    options = parser.parse_args()
    if not shared().is_dir():
        print(f"skipped: {shared()} does not exist (SRSAT_SHARED names the folder above data/)")
        return 0
    sources = read_sources(ROOT / "models" / "s2-sources.json")
    root = shared() / "train"
    if options.test:
        sources, root = test_sources(sources), shared() / "test"
    outcome: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        work = options.work or Path(folder)
        found = scenes(sources, root, Path(folder) / "scenes")
        if options.places:
            found = {place: found[place] for place in options.places.split(",")}
        if options.write_cards:
            training = read_sources(ROOT / "models" / "s2-sources.json")
            aside = [f"held out: {one.place}" for one in training if one.validation]
            kept = scenes(
                [one for one in training if one.validation], shared() / "train", Path(folder) / "held"
            )
            found = {**found, **dict(zip(aside, kept.values()))}
        for model in options.models:
            outcome[str(model)] = evaluate(load_card(model), found)
            if options.write_cards:
                from srsat_qgis.training.export.model_folder import set_quality

                set_quality(model, quality_rows(outcome[str(model)]))
        if options.leave_one_out:
            work.mkdir(parents=True, exist_ok=True)
            parts = {}
            for place, many in found.items():
                card = load_card(train_without(place, options.leave_one_out, options, work))
                parts[place] = evaluate(card, {place: many})
            outcome["leave-one-out"] = {
                kind: {place: part[kind][place] for place, part in parts.items()} for kind in DEGRADATIONS
            }
            for kind in DEGRADATIONS:
                print(report(card, outcome["leave-one-out"][kind], f"leave one place out, {kind}") + "\n")
    if options.json:
        options.json.write_text(json.dumps(outcome, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
