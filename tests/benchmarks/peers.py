"""The same raster in other programs: seconds, memory, seams, clipped values and grid, each in a process of its own.

- *gdalwarp*: cubic convolution, the floor;
- *srsat*: a whole run, file to file; told blur and noise without back-projection, which is the network alone, in
  float32 and in 8 bits; and with its defaults, which measure blur and noise and choose the precision;
- *opensr-utils*: the same network and weights as a torch module, told the same: in the windows that it takes by itself
  (128 pixels, overlap 8), and in larger ones whose borders are discarded as far as the network sees.

The raster has noise, texture and a cloud brighter than 10000. Programs take turns; times are the smallest of all turns.

- *processor*: of the whole process, and of the call alone, after imports; *times*: the call's, in those of srsat in
  float32 without back-projection;
- *peak*: resident memory of the whole process;
- *off*: largest difference to the network on the whole raster at once, in digital numbers, where input and result are
  at most 10000 and the raster's edge is out of sight: an exact program is off by its rounding; *pixels*: the share
  that is off by more than 1;
- *clipped*: share of the output's pixels that the network makes brighter than the brightest that the program writes,
  and by how much;
- *grid*: whether origin, pixel size, coordinate system and type are those of the input, the size halved.

    python tests/benchmarks/peers.py [MODEL ...] [--python PATH] [--side 1200] [--turns 3]

PATH is a Python that has ``opensr-utils`` and ``onnx``, as of an environment outside the checkout.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402
from osgeo import gdal, osr  # noqa: E402

from srsat_qgis.core.engine.int8 import int8_facts  # noqa: E402
from srsat_qgis.core.engine.processor import model_name  # noqa: E402
from srsat_qgis.core.engine.session import usable_processors  # noqa: E402
from srsat_qgis.core.models.binding import load_card  # noqa: E402
from srsat_qgis.core.models.card import ModelCard  # noqa: E402
from tests.rasters import texture, write_raster  # noqa: E402

BANDS, BLUR, NOISE, BRIGHT = 4, 0.5, 6.0, 10000
TORCH = Path(__file__).with_name("peers_torch.py")
HAS_PEER = (
    "import importlib.metadata as m, onnx, torch, opensr_utils.pipeline; "
    "print(m.version('opensr-utils'), torch.__version__)"
)
# Run by a process that has hardly any memory of its own: Linux hands its parent's peak down to a child.
LAUNCH = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
seconds, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stderr.write(done.stderr[-2000:] if done.returncode else "")
print(done.stdout)
print(json.dumps({"seconds": seconds, "processor_s": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}))
sys.exit(done.returncode)
"""
SRSAT = """
import json, sys, time
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.superres.precision import data_type_of, in_precision
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import SilentProgress
order = json.loads(sys.argv[1])
wall, processor = time.perf_counter(), time.process_time()
source = Source(order["source"])
card = in_precision(registry()[order["model"]], order["precision"], device="auto",
                    data_type=data_type_of(source), progress=SilentProgress())
options = {name: tuple(value) if isinstance(value, list) else value for name, value in order["options"].items()}
super_resolve(source, card, order["target"], settings=Settings(**options))
print(json.dumps({"call_s": time.perf_counter() - wall, "call_processor_s": time.process_time() - processor}))
"""
SUBJECT = "srsat, float32, no back-projection"


@dataclass
class Contestant:
    """A program with its settings, and what its runs took."""

    name: str
    command: Sequence[str]
    target: Path
    same: bool = True
    """Whether it runs the network as it is, told the same: what differs then is the program's doing."""
    runs: list[dict] = field(default_factory=list)

    def run(self) -> None:
        """Run once, from nothing."""
        self.target.unlink(missing_ok=True)
        self.runs.append(launched(self.command))

    def least(self, measure: str) -> float:
        """Return the smallest value of a measure; of a program that tells no times of its own, the process's."""
        return min(run.get(measure, run[measure.replace("call_", "")]) for run in self.runs)


def launched(command: Sequence[str]) -> dict:
    """Run a command in a process of its own; return what it took, and what its last line of JSON tells."""
    done = subprocess.run(
        [sys.executable, "-c", LAUNCH, *command],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    found: dict = {}
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            found.update(json.loads(line))
    return found


def scene(side: int) -> np.ndarray:
    """Return a scene of texture and noise with a cloud of up to 14000, (bands, side, side) uint16."""
    image = texture(BANDS, side, side)
    rows, cols = np.mgrid[:side, :side] / side
    cloud = 11000 * np.exp(-((rows - 0.25) ** 2 + (cols - 0.7) ** 2) / 0.005)
    noise = np.random.default_rng(0).normal(0, NOISE, image.shape)
    return np.rint(np.clip(image + cloud + noise, 0, 65535)).astype(np.uint16)


def contestants(
    card: ModelCard, folder: Path, side: int, python: str | None, version: str
) -> list[Contestant]:
    """Return all programs that are there."""
    source, size = str(folder / "in.tif"), str(side * card.scale)

    def target(name: str) -> Path:
        return folder / f"{name}.tif"

    def srsat(name: str, precision: str, **options: object) -> list[str]:
        order = {"source": source, "target": str(target(name)), "model": card.id}
        return [
            sys.executable,
            "-c",
            SRSAT,
            json.dumps({**order, "precision": precision, "options": options}),
        ]

    def opensr(name: str, **options: object) -> list[str]:
        order = {"what": "opensr", "model": card.id, "blur": BLUR, "noise": NOISE, "source": source}
        order.update(target=str(target(name)), options={"factor": card.scale, **options})
        return [str(python), str(TORCH), json.dumps(order)]

    told = {"consistency": "off", "blur": [BLUR], "noise": [NOISE]}
    warp = ["gdalwarp", "-q", "-r", "cubic", "-ts", size, size, "-multi", "-wo", "NUM_THREADS=ALL_CPUS"]
    found = [
        Contestant("gdalwarp -r cubic", [*warp, source, str(target("cubic"))], target("cubic"), same=False),
        Contestant(SUBJECT, srsat("float", "float32", **told), target("float")),
    ]
    if card.int8 is not None and int8_facts().exact:
        name = "srsat, 8 bits, no back-projection"
        found.append(Contestant(name, srsat("int8", "int8", **told), target("int8")))
    found.append(Contestant("srsat, defaults", srsat("default", "auto"), target("default"), same=False))
    if python is not None:
        found.append(Contestant(f"opensr-utils {version}, defaults", opensr("opensr"), target("opensr")))
        # The overlap holds what both windows discard, and the 4 pixels at least in which they blend.
        border = card.tile.halo + card.tile.halo % 2
        options = {"window_size": [256, 256], "overlap": 2 * border + 4, "eliminate_border_px": border}
        name = f"opensr-utils {version}, 256, overlap {2 * border + 4}, border {border}"
        found.append(Contestant(name, opensr("larger", **options, batch_size=4), target("larger")))
    return found


def whole(card: ModelCard, folder: Path, python: str) -> np.ndarray:
    """Return what the network makes of the raster at once."""
    order = {"what": "untiled", "model": card.id, "blur": BLUR, "noise": NOISE}
    order.update(source=str(folder / "in.npy"), target=str(folder / "whole.npy"))
    launched([python, str(TORCH), json.dumps(order)])
    return np.load(folder / "whole.npy")


def judged(one: Contestant, image: np.ndarray, truth: np.ndarray | None, card: ModelCard) -> list[str]:
    """Return what a line says of the output: off, pixels, clipped and grid."""
    dataset, source = gdal.Open(str(one.target)), gdal.Open(str(one.target.with_name("in.tif")))
    corner, pixel, turn, top, _, height = source.GetGeoTransform()
    grid = (corner, pixel / card.scale, turn, top, turn, height / card.scale)
    references = [osr.SpatialReference(wkt=file.GetProjection()) for file in (dataset, source)]
    wrong = [
        name
        for name, right in (
            ("grid", np.allclose(dataset.GetGeoTransform(), grid, rtol=0, atol=1e-6)),
            ("crs", references[0].IsSame(references[1])),
            ("size", dataset.RasterXSize == source.RasterXSize * card.scale),
            ("type", dataset.GetRasterBand(1).DataType == source.GetRasterBand(1).DataType),
        )
        if not right
    ]
    kept = ", ".join(wrong) or "kept"
    if truth is None or not one.same or "size" in wrong:
        return ["", "", "", kept]
    pixels = dataset.ReadAsArray().astype(np.float32)
    # As far as a pixel of the output sees, both the raster's edge and what is too bright are left out.
    seen = card.tile.halo + 1
    bright = np.pad(image > BRIGHT, ((0, 0), (seen, seen), (seen, seen)))
    windows = np.lib.stride_tricks.sliding_window_view(bright, 2 * seen + 1, axis=1).any(axis=-1)
    windows = np.lib.stride_tricks.sliding_window_view(windows, 2 * seen + 1, axis=2).any(axis=-1)
    inside = np.zeros(image.shape, bool)
    inside[:, seen:-seen, seen:-seen] = True
    fair = (inside & ~windows).repeat(card.scale, axis=1).repeat(card.scale, axis=2)
    fair &= truth <= BRIGHT
    # The program may round and must clip at zero, as the type asks.
    off = np.abs(pixels - np.clip(truth, 0, None))[fair]
    above = truth > pixels.max() + 1
    clipped = f"{100 * float(above.mean()):.2f} %"
    # A few pixels alone are errors of the brightest ones, such as those of 8 bits.
    if above.mean() > 1e-4:
        clipped += f", by up to {(truth - pixels)[above].max():.0f}"
    return [f"{off.max():.1f}", f"{100 * float((off > 1).mean()):.2f} %", clipped, kept]


def compared(card: ModelCard, side: int, turns: int, python: str | None, version: str) -> None:
    """Print a line a program."""
    with tempfile.TemporaryDirectory(prefix="srsat-peers-") as scratch:
        folder = Path(scratch)
        image = scene(side)
        write_raster(folder / "in.tif", image)
        np.save(folder / "in.npy", image)
        every = contestants(card, folder, side, python, version)
        for _ in range(turns):
            for one in every:
                one.run()
        truth = None if python is None else whole(card, folder, python)
        base = next(one for one in every if one.name == SUBJECT).least("call_processor_s")
        for one in every:
            seconds, processor, call = map(one.least, ("seconds", "processor_s", "call_processor_s"))
            peak = max(run["peak_mb"] for run in one.runs)
            off, pixels, clipped, kept = judged(one, image, truth, card)
            print(
                f"| {card.id} | {one.name} | {seconds:.1f} s | {processor:.1f}, {call:.1f} s | {call / base:.2f} "
                f"| {peak:.0f} MB | {off} | {pixels} | {clipped} | {kept} |",
                flush=True,
            )


def peer(python: str | None) -> str:
    """Return the version of opensr-utils that a Python has; nothing, with a word, where it has none."""
    if python is None:
        print("opensr-utils skipped: --python names no Python that has it")
        return ""
    if not Path(python).is_file():
        print(f"opensr-utils skipped: there is no {python}")
        return ""
    done = subprocess.run([python, "-c", HAS_PEER], capture_output=True, text=True)
    if done.returncode:
        print(f"opensr-utils skipped: {python} lacks it, torch or onnx ({done.stderr.splitlines()[-1]})")
        return ""
    version, torch = done.stdout.split()
    print(f"opensr-utils {version}, torch {torch}")
    return version


def main() -> None:
    """Compare the programs on the models that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=["any-x2-fast", "any-x2"], help="ids of any-* models")
    parser.add_argument("--python", help="a Python that has opensr-utils and onnx")
    parser.add_argument("--side", type=int, default=1200, help="of the raster, in pixels")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    print(f"{model_name()}, {usable_processors()} processors, load {os.getloadavg()[0]:.1f}")
    version = peer(options.python)
    print(
        "| model | program | whole | processor: whole, call | times | peak | off | pixels | clipped | grid |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in options.models:
        card = load_card(ROOT / "models" / name)
        compared(card, options.side, options.turns, options.python if version else None, version)


if __name__ == "__main__":
    main()
