"""What the error of a Sentinel-2 fusion consists of: noise of the truth, shifts of bands, bands without a like guide.

Protocol: that of sentinel2.py, whole scenes of the training list and of a place that no shipped model was trained on
(virginia-sources.json). Of every band of the truth, per place, means of squares over its scenes:

- noise: the truth's, by the project's estimator (core/degradation/raster_state.py), of variance ``n2``. What the coarse
  band tells of it is the mean over ``s x s`` pixels; the rest, ``n2 (1 - 1 / s2)``, no method can know.
- shift: between the truth and that finer band with which the project's registration tells it with the highest
  confidence; of several scenes of a place, which is one product, the median along rows and columns. The detail that the
  model added is moved by as much; the mean squared difference is what a shift of that length costs.
- unlike: the detail of the truth that a bicubic enlargement of the coarse band lacks, fitted in blocks of 10 x 10
  pixels by the same detail of all finer bands, least squares, with the truth known. The mean squared rest, for the
  degrees of freedom used, is what these bands do not show; the noise above is part of it.

The shares are of the model's mean squared error. They overlap, and a network may know what a linear fit does not: they
are estimates of where the error comes from, no proof that it cannot be smaller. The test rasters are not read.

    python tests/benchmarks/sentinel2_floor.py [MODEL_FOLDER] [--places usa,virginia] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import numpy as np  # noqa: E402
import sentinel2 as protocol  # noqa: E402

from srsat_qgis.core.degradation.raster_state import measure_image  # noqa: E402
from srsat_qgis.core.models.binding import load_card  # noqa: E402
from srsat_qgis.core.models.card import ModelCard  # noqa: E402
from srsat_qgis.core.patches.listed import read_sources  # noqa: E402
from srsat_qgis.core.raster.resample import bicubic_upsample, shift_margin, shifted  # noqa: E402
from srsat_qgis.core.registration.measure import estimate_shift  # noqa: E402

UNSEEN = ("usa", "virginia")
"""Places that no shipped model was trained on."""
BLOCK = 10
LONGEST_PX = 3.0
PARTS = ("bicubic", "model", "noise", "shift", "unlike")


def moved(image: np.ndarray, shift: tuple[float, float]) -> np.ndarray:
    """Return a plane moved by fractions of pixels, mirrored at its border."""
    margin = shift_margin(shift)
    wide = np.pad(image, margin, "symmetric")
    return shifted(wide, np.ones(wide.shape, bool), shift)


def on_target(scene: protocol.Scene, card: ModelCard, shape: tuple[int, int]) -> np.ndarray:
    """Return all finer bands averaged to the target's pixels, on its first rows and columns."""
    target, bands = card.inputs[0], []
    for spec in card.inputs[1:]:
        side = target.ratio // spec.ratio
        image = scene[spec.name][:, : shape[0] * side, : shape[1] * side].astype(np.float64)
        bands.append(image.reshape(len(image), shape[0], side, shape[1], side).mean(axis=(2, 4)))
    return np.concatenate(bands)


def unlike(detail: np.ndarray, guides: np.ndarray, known: np.ndarray) -> float:
    """Return the mean squared detail (rows, cols) that no block's linear fit of the guides' detail explains."""
    rows, cols = (side // BLOCK for side in detail.shape)
    rest, freedom = 0.0, 0
    for row in range(rows):
        for col in range(cols):
            part = (slice(row * BLOCK, (row + 1) * BLOCK), slice(col * BLOCK, (col + 1) * BLOCK))
            if not known[part].all():
                continue
            system, values = guides[(slice(None), *part)].reshape(len(guides), -1).T, detail[part].ravel()
            factors, _, rank, _ = np.linalg.lstsq(system, values, rcond=None)
            rest += float(((values - system @ factors) ** 2).sum())
            freedom += len(values) - int(rank)
    return rest / freedom if freedom else math.nan


def shifts(scenes: Sequence[protocol.Scene], card: ModelCard) -> np.ndarray:
    """Return the median shift of each band against the finer ones, in target pixels, (bands, 2); NaN: undetermined."""
    found = []
    for scene in scenes:
        truth = scene[card.inputs[0].name]
        guides, rows = on_target(scene, card, truth.shape[1:]), []
        for real in truth.astype(np.float64):
            each = [estimate_shift(guide, real, max_shift_px=LONGEST_PX) for guide in guides]
            best = max((one for one in each if one.determined), key=lambda one: one.confidence, default=None)
            rows.append((math.nan, math.nan) if best is None else (best.rows_px, best.cols_px))
        found.append(rows)
    return np.nanmedian(np.array(found, float), axis=0)


def measured(scene: protocol.Scene, card: ModelCard, kind: str, apart: np.ndarray) -> dict[str, Any]:
    """Return mean squares by band of one scene, whose bands are so far apart; see ``shifts``."""
    coarse, truth = protocol.reduced(scene, card, kind)
    scale, first = card.scale, card.inputs[0]
    low = coarse[first.name]
    plain = bicubic_upsample(low.astype(np.float64), scale=scale)
    image = protocol.fused(coarse, card).astype(np.float64)
    guides = on_target(scene, card, truth.shape[1:])
    names = [band.name for spec in card.inputs[1:] for band in spec.bands or ()]
    below = protocol.degraded(guides, scale, kind, names)
    detail = guides - bicubic_upsample(below, scale=scale)
    known = (truth != 0).all(axis=0)
    states = measure_image(truth.astype(np.float64), known)
    found: dict[str, Any] = {name: [] for name in PARTS}
    for band, real in enumerate(truth.astype(np.float64)):
        added, cost = image[band] - plain[band], math.nan
        if np.isfinite(apart[band]).all():
            other = moved(added, (float(apart[band, 0]), float(apart[band, 1])))
            cost = float(((added - other) ** 2)[known].mean())
        noise = states[band].noise
        found["bicubic"].append(float(((plain[band] - real) ** 2)[known].mean()))
        found["model"].append(float(((image[band] - real) ** 2)[known].mean()))
        found["noise"].append(math.nan if noise is None else noise.value**2 * (1 - 1 / scale**2))
        found["shift"].append(cost)
        found["unlike"].append(unlike(real - plain[band], detail, known))
    return found


def averaged(scenes: Sequence[Mapping[str, Any]], apart: np.ndarray) -> dict[str, Any]:
    """Return the means over scenes; what one does not tell is left out."""
    return {
        **{name: np.nanmean([one[name] for one in scenes], axis=0).tolist() for name in PARTS},
        "shift_px": np.hypot(*apart.T).tolist(),
        "scenes": len(scenes),
    }


def table(card: ModelCard, place: str, kind: str, row: Mapping[str, Any]) -> str:
    """Return a place's bands in Markdown."""
    lines = [
        f"\n{card.id}, {place}, {kind}, {row['scenes']} scenes; shares of the model's mean squared error\n",
        "| band | bicubic RMSE | model RMSE | ratio | noise of the truth | noise | shift, pixels | shift | unlike |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    kept = 1 - 1 / card.scale**2
    for band, spec in enumerate(card.inputs[0].bands or ()):
        bicubic, model, noise, shift, rest = (row[part][band] for part in PARTS)
        lines.append(
            f"| {spec.name} | {math.sqrt(bicubic):.1f} | {math.sqrt(model):.1f} | {math.sqrt(model / bicubic):.3f} | "
            f"{math.sqrt(noise / kept):.1f} | {100 * noise / model:.1f} % | {row['shift_px'][band]:.3f} | "
            f"{100 * shift / model:.1f} % | {100 * rest / model:.0f} % |"
        )
    sums = {part: float(np.mean(np.sqrt(row[part]))) for part in PARTS}
    lines.append(
        f"| mean RMSE | {sums['bicubic']:.1f} | {sums['model']:.1f} | {sums['model'] / sums['bicubic']:.3f} | | "
        f"alone {sums['noise'] / sums['bicubic']:.3f} | | alone {sums['shift'] / sums['bicubic']:.3f} | "
        f"alone {sums['unlike'] / sums['bicubic']:.3f} |"
    )
    return "\n".join(lines)


def main() -> int:
    """Measure a model on places."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", nargs="?", type=Path, default=ROOT / "models" / "s2-20m")
    parser.add_argument("--places", default=",".join(UNSEEN), help="names of sources, separated by commas")
    parser.add_argument("--json", type=Path, help="file for the numbers")
    options = parser.parse_args()
    if not protocol.shared().is_dir():
        print(f"skipped: {protocol.shared()} does not exist (SRSAT_SHARED names the folder above data/)")
        return 0
    places = options.places.split(",")
    listed = (ROOT / "models" / "s2-sources.json", Path(__file__).with_name("virginia-sources.json"))
    sources = [one for path in listed for one in read_sources(path) if one.name in places]
    card, report = load_card(options.model), {}
    with tempfile.TemporaryDirectory() as folder:
        found = protocol.scenes(sources, protocol.shared() / "train", Path(folder) / "scenes")
        for kind in protocol.DEGRADATIONS:
            for place, scenes in found.items():
                apart = shifts(scenes, card)
                row = averaged([measured(scene, card, kind, apart) for scene in scenes], apart)
                report.setdefault(kind, {})[place] = row
                print(table(card, place, kind, row), flush=True)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
