"""Time and peak memory of a Sentinel-2 product: all bands at 10 m, in a process of its own.

    python tests/benchmarks/sentinel2_product.py [--side 10980] [--targets "20 m"] [--adapt MINUTES] [--tile N]
        [--format tif] [--layout gtiff] [--precision float32]

The product is synthetic: the native bands of one real place (Scania), mirrored over and over, which nests in all three
pixel sizes. It is written in the folder layout of a Level-1C product, in lossless JPEG 2000 in tiles of 1024 pixels, as
products are distributed, or as GeoTIFF, as other tools convert them. The output has overviews, as that of the toolbox;
``--layout gtiff`` leaves them out.
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
from sentinel2 import scenes, shared  # noqa: E402

from srsat_qgis.core.patches.listed import read_sources  # noqa: E402
from srsat_qgis.core.raster.writer import AUTO, LAYOUTS  # noqa: E402

FILES = {
    "b10": ("B02", "B03", "B04", "B08"),
    "b20": ("B05", "B06", "B07", "B8A", "B11", "B12"),
    "b60": ("B01", "B09"),
}
GIVEN = ("targets", "adapt", "device", "precision", "tile", "threads", "layout")
PIXELS = {"b10": 10, "b20": 20, "b60": 60}
JP2 = ["REVERSIBLE=YES", "QUALITY=100", "BLOCKXSIZE=1024", "BLOCKYSIZE=1024", "RESOLUTIONS=5"]
RUN = """
import json, sys, time
settings = json.loads(sys.argv[1])
sys.path.insert(0, settings["root"])
from pathlib import Path
from srsat_qgis.core.fusion.adapt import Adapting
from srsat_qgis.core.fusion.fuse import FusionRequest, fuse
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.superres.precision import in_precisions
from srsat_qgis.core.types import SilentProgress

class Log(SilentProgress):
    def info(self, message):
        spent = f"{time.monotonic() - wall:7.1f} s, processor {time.process_time() - cpu:7.1f} s"
        print(f"{spent}  {message}", file=sys.stderr, flush=True)
    warn = info

wall, cpu = time.monotonic(), time.process_time()
scene = open_scene(settings["product"])
adapting = None
if settings["adapt"]:
    adapting = Adapting(settings["adapt"], Path(settings["python"]), threads=settings["threads"])
models = in_precisions({20: registry()["s2-20m"], 60: registry()["s2-60m"]},
                       "float32" if adapting else settings["precision"], device=settings["device"],
                       data_type="UInt16", progress=Log())
request = FusionRequest(SENTINEL2, scene.layers, models, settings["target"], targets=settings["targets"],
                  added=scene.offsets.values, added_why=scene.offsets.why, adapting=adapting,
                  settings=Settings(device=settings["device"], tile=settings["tile"], threads=settings["threads"],
                                    layout=settings["layout"]))
result = fuse(request, progress=Log())
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(json.dumps({"wall_s": time.monotonic() - wall, "cpu_s": time.process_time() - cpu, "device": result.device,
                  "peak_mb": int(peak.split()[1]) / 1024, "adapted": result.adapted}))
"""


def mirrored(image: np.ndarray, start: int, rows: int, cols: int) -> np.ndarray:
    """Return rows from ``start`` on of a scene (bands, r, c) that is mirrored at its edges for ever."""
    count, height, width = image.shape
    at = []
    for first, length, side in ((start, rows, height), (0, cols, width)):
        place = np.arange(first, first + length) % (2 * side)
        at.append(np.minimum(place, 2 * side - 1 - place))
    return image[np.arange(count)[:, None, None], at[0][None, :, None], at[1][None, None, :]]


def write_product(folder: Path, side: int, form: str) -> Path:
    """Write the product as ``jp2`` or ``tif`` and return its folder."""
    source = [one for one in read_sources(ROOT / "models" / "s2-sources.json") if one.name == "scania"]
    scene = scenes(source, shared() / "train", folder / "cut")["scania"][0]
    safe = folder / "S2A_MSIL1C_20170527T102031_N0205_R065_T33UUU_20170527T102301.SAFE"
    images = safe / "GRANULE" / "L1C_T33UUU_A010073_20170527T102301" / "IMG_DATA"
    images.mkdir(parents=True)
    options = ["TILED=YES", "COMPRESS=DEFLATE", "PREDICTOR=2", "NUM_THREADS=2", "ZLEVEL=1"]
    for layer, bands in FILES.items():
        pixels = side * 10 // PIXELS[layer]
        size = float(PIXELS[layer])
        for number, band in enumerate(bands):
            path = images / f"T33UUU_20170527T102031_{band}.tif"
            dataset = gdal.GetDriverByName("GTiff").Create(
                str(path), pixels, pixels, 1, gdal.GDT_UInt16, options
            )
            dataset.SetGeoTransform((399960.0, size, 0.0, 5300040.0, 0.0, -size))
            for row in range(0, pixels, 256):
                rows = min(256, pixels - row)
                strip = mirrored(scene[layer][number : number + 1], row, rows, pixels)[0]
                dataset.GetRasterBand(1).WriteArray(np.ascontiguousarray(strip), 0, row)
            dataset.FlushCache()
            if form == "jp2":
                gdal.GetDriverByName("JP2OpenJPEG").CreateCopy(
                    str(path.with_suffix(".jp2")), dataset, options=JP2
                )
                del dataset
                path.unlink()
    return safe


def main() -> int:
    """Measure one run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", type=int, default=10980, help="10 m pixels, a multiple of 6")
    parser.add_argument("--targets", default="all", choices=("all", "20 m", "60 m"))
    parser.add_argument("--format", default="jp2", choices=("jp2", "tif"), help="of the product")
    parser.add_argument("--adapt", type=float, default=0.0, help="minutes for each model")
    parser.add_argument("--python", default=sys.executable, help="an interpreter with torch, to adapt")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto", choices=("auto", "float32", "int8"))
    parser.add_argument("--tile", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--layout", default=AUTO, choices=LAYOUTS, help="of the output")
    parser.add_argument("--product", type=Path, help="a product to use instead")
    parser.add_argument("--keep", type=Path, help="folder to write the product to, and to leave it there")
    options = parser.parse_args()
    if not shared().is_dir() and not options.product:
        print(f"skipped: {shared()} does not exist (SRSAT_SHARED names the folder above data/)")
        return 0
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        product = options.product or write_product(folder, options.side, options.format)
        wanted = {
            "root": str(ROOT),
            "product": str(product),
            "target": str(Path(made) / "all.tif"),
            **{name: getattr(options, name) for name in GIVEN},
            "python": options.python,
        }
        done = subprocess.run(
            [sys.executable, "-c", RUN, json.dumps(wanted)], check=True, stdout=subprocess.PIPE, text=True
        )
        found = json.loads(done.stdout.splitlines()[-1])
        image = gdal.Open(wanted["target"])
        pixels = image.RasterXSize * image.RasterYSize / 1e6
        print(
            f"{image.RasterXSize} x {image.RasterYSize} x {image.RasterCount} on {found['device']}: "
            f"{found['wall_s']:.0f} s, {pixels / found['wall_s']:.2f} Mpx/s, processor {found['cpu_s']:.0f} s, "
            f"peak {found['peak_mb']:.0f} MB; adapted: {found['adapted'] or 'no'}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
