"""What adapting to a scene (ADAPT) gains on places that a model was not trained on.

    python tests/benchmarks/sentinel2.py --leave-one-out models/s2-20m/recipe.toml --work DIR --python PYTHON ...
    python tests/benchmarks/sentinel2_adapt.py DIR --python PYTHON [--minutes 2] [--across ground|scale] [--places ...]
    python tests/benchmarks/sentinel2_adapt.py MODEL_FOLDER --python PYTHON --early [--minutes 2] [--places ...]

DIR holds, as the first command leaves it, a model for every place that was trained on the others. Two questions:

- ``ground``: the model is adapted on 70 % of a place and measured on the last 25 %, at the same scale. Other ground of
  the same scene.
- ``scale``: the whole scene is degraded, taken for a scene of its own, adapted to and fused; its original bands are
  the truth. The same ground one scale finer, which is what a user's run asks for.

RMSE over the bands, as a share of the error before adapting. The output is consistent with its input by the blur that
the model found before, as in a user's run.

``--early`` takes one model for all places, adapts it to whole scenes without ending early, and tells at each validation
by how many percent the error on the held-out area had fallen, and which way the rule (core/fusion/adapt.py) goes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import numpy as np  # noqa: E402
import sentinel2 as protocol  # noqa: E402
from osgeo import gdal  # noqa: E402

from srsat_qgis.core.errors import SrsatError  # noqa: E402
from srsat_qgis.core.fusion import adapt as adapting  # noqa: E402
from srsat_qgis.core.fusion.adapt import (  # noqa: E402
    EARLY_PERCENT,
    EARLY_SHARE,
    LEAST_PERCENT,
    Adapting,
    adapt,
)
from srsat_qgis.core.models.binding import load_card  # noqa: E402
from srsat_qgis.core.models.card import ModelCard  # noqa: E402
from srsat_qgis.core.patches.listed import read_sources  # noqa: E402
from srsat_qgis.core.raster.resample import bicubic_upsample  # noqa: E402
from srsat_qgis.core.sentinel2.msi import SENTINEL2  # noqa: E402
from srsat_qgis.core.superres.run import Settings  # noqa: E402
from srsat_qgis.core.trainer.running import Event, Watch  # noqa: E402
from srsat_qgis.core.types import SilentProgress  # noqa: E402

ADAPTED, MEASURED = 0.7, 0.25  # shares of a place's longer side
PIXELS = {"b10": 1, "b20": 2, "b60": 6}


def upright(scene: protocol.Scene) -> dict[str, np.ndarray]:
    """Return the scene with its longer side downwards."""
    rows, cols = scene["b10"].shape[1:]
    return {name: image if rows >= cols else image.transpose(0, 2, 1) for name, image in scene.items()}


def rows_of(scene: protocol.Scene, first: int, last: int) -> dict[str, np.ndarray]:
    """Return rows ``first`` to ``last``, in 10 m pixels, of all layers."""
    return {
        name: np.ascontiguousarray(image[:, first // PIXELS[name] : last // PIXELS[name]])
        for name, image in scene.items()
    }


def write_stacks(folder: Path, scene: protocol.Scene, card: ModelCard) -> dict[str, str]:
    """Write one raster for every input of the model."""
    paths = {}
    for spec in card.inputs:
        image, size = scene[spec.name], 10.0 * spec.ratio
        paths[spec.name] = str(folder / f"{spec.name}.tif")
        dataset = gdal.GetDriverByName("GTiff").Create(
            paths[spec.name], image.shape[2], image.shape[1], len(image), gdal.GDT_UInt16
        )
        dataset.SetGeoTransform((0.0, size, 0.0, 0.0, 0.0, -size))
        dataset.WriteArray(np.ascontiguousarray(image))
        for number in range(len(image)):
            dataset.GetRasterBand(number + 1).SetNoDataValue(0)
        dataset.FlushCache()
    return paths


def errors(
    coarse: protocol.Scene, truth: np.ndarray, before: ModelCard, after: ModelCard
) -> tuple[float, float, float]:
    """Return the mean RMSE over bands of bicubic upsampling, and of a model before and after it was adapted."""
    first = coarse[before.inputs[0].name]
    plain = np.rint(bicubic_upsample(first.astype(np.float64), scale=before.scale))
    image, blur = protocol.fused_and_blur(coarse, before)
    other, _ = protocol.fused_and_blur(coarse, after, Settings(blur=blur))
    found = [float(np.mean(protocol.scores(one, truth)["rmse"])) for one in (plain, image, other)]
    return found[0], found[1], found[2]


def across_ground(
    scene: protocol.Scene, card: ModelCard, wanted: Adapting, folder: Path
) -> Iterator[tuple[str, float, tuple[float, float, float]]]:
    """Yield degradation, gain on the held-out area in percent, and the errors on ground of which nothing was seen."""
    scene = upright(scene)
    rows, cell = scene["b10"].shape[1], card.scale * PIXELS[card.inputs[0].name]
    cut = int(rows * ADAPTED) // cell * cell
    start = -(-int(rows * (1 - MEASURED)) // cell) * cell
    stacks = write_stacks(folder, rows_of(scene, 0, cut), card)
    found = adapt(card, SENTINEL2, stacks, folder / "run", wanted, progress=SilentProgress())
    part = rows_of(scene, start, rows // cell * cell)
    for kind in protocol.DEGRADATIONS:
        coarse, truth = protocol.reduced(part, card, kind)
        yield kind, found.gain_percent, errors(coarse, truth, card, found.card)


def across_scale(
    scene: protocol.Scene, card: ModelCard, wanted: Adapting, folder: Path
) -> Iterator[tuple[str, float, tuple[float, float, float]]]:
    """Yield the same, of the degraded scene, adapted to as a whole."""
    for kind in protocol.DEGRADATIONS:
        own = folder / kind
        own.mkdir()
        coarse, truth = protocol.reduced(scene, card, kind)
        stacks = write_stacks(own, coarse, card)
        found = adapt(card, SENTINEL2, stacks, own / "run", wanted, progress=SilentProgress())
        yield kind, found.gain_percent, errors(coarse, truth, card, found.card)


class _Trace(adapting._Judge):
    """Keeps the share of the time and the gain so far, in percent, of every validation."""

    made: _Trace

    def __init__(self, watch: Watch, minutes: float) -> None:
        super().__init__(watch, minutes)
        self.rows: list[tuple[float, float]] = []
        _Trace.made = self

    def __call__(self, event: Event) -> None:
        super().__call__(event)
        self.ended_at = None
        if event["event"] == "validation":
            self.rows.append((float(event["seconds"]) / self._seconds, self.gain_percent))


def trace(
    scenes: Mapping[str, Sequence[protocol.Scene]], card: ModelCard, wanted: Adapting, work: Path
) -> None:
    """Print how the gain grows on every scene, and which way the rule goes."""
    adapting._Judge = _Trace  # type: ignore[misc]
    ways = dict.fromkeys(
        ("ended early", "not used", "used", "ended early, though it would have been used"), 0
    )
    for place, many in scenes.items():
        for number, scene in enumerate(many):
            folder = work / f"{place}-{number}"
            folder.mkdir()
            try:
                stacks = write_stacks(folder, scene, card)
                adapt(card, SENTINEL2, stacks, folder / "run", wanted, progress=SilentProgress())
            except SrsatError as error:
                print(f"{place}-{number}: {error}", flush=True)
                continue
            rows = _Trace.made.rows
            half = next(((at, gain) for at, gain in rows if EARLY_SHARE <= at < 1), None)
            early, used = half is not None and half[1] < EARLY_PERCENT, rows[-1][1] >= LEAST_PERCENT
            way = "ended early" if early else "used" if used else "not used"
            way += ", though it would have been used" if early and used else ""
            ways[way] += 1
            told = ", ".join(f"{100 * at:.0f} %: {gain:.2f}" for at, gain in rows)
            print(f"{place}-{number}: {told}; {way}", flush=True)
    print(", ".join(f"{way}: {count}" for way, count in ways.items()))


def main() -> int:
    """Adapt and measure, place by place."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path, help="folder with run-PLACE/model for every place")
    parser.add_argument("--python", type=Path, required=True, help="an interpreter with torch")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--across", choices=("ground", "scale"), default="ground")
    parser.add_argument("--places", default="scania,usa,vietnam,punjab")
    parser.add_argument(
        "--early", action="store_true", help="how the gain grows, with one model for all places"
    )
    parser.add_argument("--most", type=int, default=3, help="scenes of a place, with --early")
    options = parser.parse_args()
    if not protocol.shared().is_dir():
        print(f"skipped: {protocol.shared()} does not exist (SRSAT_SHARED names the folder above data/)")
        return 0
    measure = {"ground": across_ground, "scale": across_scale}[options.across]
    wanted = Adapting(options.minutes, options.python.absolute(), threads=options.threads)
    listed = (ROOT / "models" / "s2-sources.json", Path(__file__).with_name("virginia-sources.json"))
    sources = [one for path in listed for one in read_sources(path)]
    changes: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as made:
        places = options.places.split(",")
        chosen = [one for one in sources if one.name in places]
        found = protocol.scenes(chosen, protocol.shared() / "train", Path(made) / "scenes")
        if options.early:
            few = {place: found[place][:: max(1, len(found[place]) // options.most)] for place in places}
            few = {place: many[: options.most] for place, many in few.items()}
            trace(few, load_card(options.models.absolute()), wanted, Path(made))
            return 0
        for place in places:
            card = load_card(options.models / f"run-{place}" / "model")
            for number, scene in enumerate(found[place]):
                folder = Path(made) / f"{place}-{number}"
                folder.mkdir()
                try:
                    rows = list(measure(scene, card, wanted, folder))
                except SrsatError as error:
                    print(f"{place}-{number}: {error}")
                    continue
                report(f"{place}-{number}", rows, changes)
    for kind, values in changes.items():
        print(f"mean, {kind}: {100 * float(np.mean(values)):+.1f} % over {len(values)} scenes")
    return 0


def report(name: str, rows: Any, changes: dict[str, list[float]]) -> None:
    """Print a scene's line and keep its changes."""
    parts = []
    for kind, gain, (bicubic, before, after) in rows:
        changes.setdefault(kind, []).append(after / before - 1)
        parts.append(
            f"{kind}: held out -{gain:.1f} %; bicubic {bicubic:.1f}, before {before:.2f}, after {after:.2f} "
            f"({100 * (after / before - 1):+.1f} %)"
        )
    print(f"{name}: {' | '.join(parts)}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
