"""Time and memory of a whole evaluation, and the numbers of ``any-x2`` on the native test rasters.

    python tests/benchmarks/similarity.py large [--size 10980] [--bands 4] [--lowres] [--pictures] [--threads N]
    python tests/benchmarks/similarity.py quality [--model any-x2] [--page FOLDER]

``large`` writes a synthetic scene of uint16 (a tile of smooth waves and noise, repeated with other gains) and a copy
with errors into a temporary folder, evaluates the copy by all default measures in a fresh process, and prints wall
time, processor time and peak resident memory. ``quality`` degrades each native image (Gaussian of 0.5 coarse pixels,
area mean), super-resolves it, and evaluates the result against the original; ``--page`` also writes the reports.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import numpy as np  # noqa: E402
from osgeo import gdal  # noqa: E402

_TILE = 1098
_WORKER = """
import json, resource, sys, time
sys.path.insert(0, sys.argv[1])
from srsat_qgis.core.evaluation.evaluate import Options, evaluate
settings = json.loads(sys.argv[2])
wall, cpu = time.monotonic(), time.process_time()
found = evaluate(settings["test"], reference=settings["reference"], lowres=settings["lowres"],
                 options=Options(pictures=settings["pictures"], threads=settings["threads"]))
from pathlib import Path
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(json.dumps({"wall_s": time.monotonic() - wall, "cpu_s": time.process_time() - cpu,
                  "peak_mb": int(peak.split()[1]) / 1024, "headline": found.headline()}))
"""


def _create(path: Path, rows: int, cols: int, bands: int, pixel: float) -> gdal.Dataset:
    options = ["TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512"]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), cols, rows, bands, gdal.GDT_UInt16, options)
    dataset.SetGeoTransform((399960.0, pixel, 0.0, 5300040.0, 0.0, -pixel))
    return dataset


def write_scene(folder: Path, size: int, bands: int, *, lowres: bool) -> dict[str, str | None]:
    """Write reference, test and, if asked for, coarse rasters, and return their paths."""
    random = np.random.default_rng(11)
    y, x = np.mgrid[:_TILE, :_TILE]
    waves = sum(
        np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / wavelength)
        for angle, wavelength in zip(random.uniform(0, np.pi, 16), random.uniform(3, 90, 16))
    )
    truth = _create(folder / "reference.tif", size, size, bands, 10.0)
    test = _create(folder / "test.tif", size, size, bands, 10.0)
    coarse = _create(folder / "lowres.tif", size // 2, size // 2, bands, 20.0) if lowres else None
    for row in range(0, size, _TILE):
        for col in range(0, size, _TILE):
            rows, cols = min(_TILE, size - row), min(_TILE, size - col)
            for band in range(1, bands + 1):
                gain = random.uniform(60, 140)
                image = 1800 + gain * waves[:rows, :cols] + random.normal(0, 15, (rows, cols))
                error = random.normal(0, 25, (rows, cols))
                truth.GetRasterBand(band).WriteArray(image.astype(np.uint16), col, row)
                test.GetRasterBand(band).WriteArray((image + error).astype(np.uint16), col, row)
                if coarse is not None:
                    even = image[: rows // 2 * 2, : cols // 2 * 2]
                    mean = even.reshape(rows // 2, 2, cols // 2, 2).mean(axis=(1, 3))
                    coarse.GetRasterBand(band).WriteArray(mean.astype(np.uint16), col // 2, row // 2)
    return {
        "test": str(folder / "test.tif"),
        "reference": str(folder / "reference.tif"),
        "lowres": str(folder / "lowres.tif") if lowres else None,
    }


def large(options: argparse.Namespace) -> None:
    """Evaluate a large scene in a fresh process and print what it took."""
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        paths = write_scene(Path(scratch), options.size, options.bands, lowres=options.lowres)
        settings = {**paths, "pictures": options.pictures, "threads": options.threads}
        command = [sys.executable, "-c", _WORKER, str(ROOT), json.dumps(settings)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    size = f"{options.size} x {options.size} x {options.bands}"
    print(
        f"{size}: {found['wall_s']:.0f} s, processor {found['cpu_s']:.0f} s, peak {found['peak_mb']:.0f} MB"
    )
    print(", ".join(f"{key} {value:.5g}" for key, value in found["headline"].items()))


def quality(options: argparse.Namespace) -> None:
    """Print PSNR, SSIM, SAM, consistency and FRC of a model on the native test images, bicubic's beside them."""
    from native_images import native_images
    from quality import degraded

    from srsat_qgis.core.evaluation.evaluate import Options, evaluate
    from srsat_qgis.core.models.registry import registry
    from srsat_qgis.core.report.similarity_page import report_html
    from srsat_qgis.core.superres.run import Settings, Source, super_resolve

    card = registry()[options.model]
    keys = ("psnr", "ssim", "sam", "frc", "lr_consistency")
    print("| image | " + " | ".join(f"{key} | bicubic" for key in keys) + " |")
    print("|---|" + "---|" * 2 * len(keys))
    for index, image in enumerate(native_images(options.data)):
        if not image.native:
            continue
        rows, cols = (side // card.scale * card.scale for side in image.pixels.shape[1:])
        truth = image.pixels[:, :rows, :cols]
        with tempfile.TemporaryDirectory() as scratch:
            paths = {name: Path(scratch) / f"{name}.tif" for name in ("reference", "lowres", "test")}
            _write(paths["reference"], truth, 10.0)
            _write(paths["lowres"], degraded(truth, card.scale, 0.5), 10.0 * card.scale)
            super_resolve(
                Source(str(paths["lowres"])), card, str(paths["test"]), settings=Settings(device="cpu")
            )
            found = evaluate(
                str(paths["test"]),
                reference=str(paths["reference"]),
                lowres=str(paths["lowres"]),
                options=Options(pictures=options.page is not None),
            )
        if options.page is not None:
            (options.page / f"{index:02d}.html").write_text(report_html(found), "utf-8")
        table = {row["key"]: row for row in found.facts["measures"]}
        cells = [
            f"{_number(table[key]['value'])} | {_number(table[key]['baseline']['value'])}" for key in keys
        ]
        print(f"| {image.source}, {image.name[:24]} | " + " | ".join(cells) + " |", flush=True)


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.4g}"


def _write(path: Path, pixels: np.ndarray, pixel: float) -> None:
    bands, rows, cols = pixels.shape
    kind = gdal.GDT_Byte if pixels.dtype == np.uint8 else gdal.GDT_UInt16
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), cols, rows, bands, kind)
    dataset.SetGeoTransform((399960.0, pixel, 0.0, 5300040.0, 0.0, -pixel))
    for band in range(bands):
        dataset.GetRasterBand(band + 1).WriteArray(pixels[band])


def main() -> None:
    """Run one of the two benchmarks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_subparsers(dest="which", required=True)
    big = which.add_parser("large")
    big.add_argument("--size", type=int, default=10980)
    big.add_argument("--bands", type=int, default=4)
    big.add_argument("--lowres", action="store_true")
    big.add_argument("--pictures", action="store_true")
    big.add_argument("--threads", type=int, default=2)
    big.add_argument(
        "--folder", type=Path, default=None, help="where the scene goes, some 2.5 GB at full size"
    )
    good = which.add_parser("quality")
    good.add_argument("--model", default="any-x2")
    good.add_argument("--page", type=Path)
    good.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "test")
    options = parser.parse_args()
    {"large": large, "quality": quality}[options.which](options)


if __name__ == "__main__":
    main()
