"""What CORRECT_SHIFT of the Sentinel-2 algorithm brings, and what its resampling costs.

``pictures``: pictures of pixels ten times larger than those of one scene, shifted against each other. RMSE to the
picture at the right place: left as it is, moved by the measured shift, by a phase shift of the spectrum.

``wald``: 20 m bands of real scenes that fit, degraded to 40 m and shifted by half a pixel against the degraded 10 m
bands; the originals are the truth. RMSE as a share of that of bands that fit: left, and corrected.

``real``: Punjab's 60 m bands, which are shifted by 40 m against the 10 m bands. The measured shift and the correlation
of the fused bands with the 10 m band of the nearest wavelength, before and after: of 60 m means, and of the detail that
is left over a running mean of 7 x 7 pixels.

    python tests/benchmarks/sentinel2_shift.py
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402
from osgeo import gdal  # noqa: E402

from srsat_qgis.core.fusion.fuse import FusionRequest, fuse  # noqa: E402
from srsat_qgis.core.fusion.misregistration import moved_window  # noqa: E402
from srsat_qgis.core.models.binding import load_card  # noqa: E402
from srsat_qgis.core.patches.listed import read_sources  # noqa: E402
from srsat_qgis.core.raster.reader import Raster  # noqa: E402
from srsat_qgis.core.registration.measure import estimate_shift  # noqa: E402
from srsat_qgis.core.sentinel2.msi import SENTINEL2  # noqa: E402
from srsat_qgis.core.sentinel2.scene import open_scene  # noqa: E402
from srsat_qgis.core.superres.job import Settings, Source  # noqa: E402
from srsat_qgis.core.types import SilentProgress, Window  # noqa: E402
from tests.benchmarks.sentinel2 import degraded, scenes, shared  # noqa: E402
from tests.rasters import write_raster  # noqa: E402
from tests.shifted_scenes import FineScene  # noqa: E402

TENTHS = (1, 2, 3, 5, 7)
EDGE = 12  # pixels left out, where the shift uncovers the scene
NAMES = {gsd: [band.name for band in SENTINEL2.group(gsd)] for gsd in (10, 20, 60)}
CARDS = {gsd: load_card(ROOT / "models" / f"s2-{gsd}m") for gsd in (20, 60)}


class Prints(SilentProgress):
    """Show what the log tells of shifts."""

    def info(self, message: str) -> None:
        """Print the message if it is of a shift."""
        if "shift" in message or "moved" in message:
            print(f"    {message}")

    warn = info


def rmse(image: np.ndarray, truth: np.ndarray) -> float:
    """Return the error without the edge."""
    inner = np.s_[..., EDGE:-EDGE, EDGE:-EDGE]
    return float(np.sqrt(np.mean((image[inner].astype(float) - truth[inner]) ** 2)))


def pictures(folder: Path) -> None:
    """Print the errors of pictures that are moved to their place."""
    for seed in (0, 1):
        scene = FineScene(192, 4, seed=seed)
        truth = scene.picture()
        for tenths in TENTHS:
            beside = scene.picture(tenths, tenths)
            found = estimate_shift(truth, beside, max_shift_px=3.0)
            shift = (found.rows_px or 0.0, found.cols_px or 0.0)
            path = write_raster(folder / "picture.tif", beside[np.newaxis].astype(np.float32))
            moved = moved_window(Raster(path), 1, Window(0, 0, *truth.shape), SENTINEL2, shift)
            rows, cols = (np.fft.fftfreq(side) for side in truth.shape)
            turn = np.exp(-2j * np.pi * (rows[:, np.newaxis] * shift[0] + cols[np.newaxis, :] * shift[1]))
            phase = np.real(np.fft.ifft2(np.fft.fft2(beside) * turn))
            print(
                f"scene {seed}, {tenths / 10:.1f} px both ways, measured {shift[0]:.3f} {shift[1]:.3f}: "
                f"left {rmse(beside, truth):.1f}, moved {rmse(moved, truth):.1f}, phase {rmse(phase, truth):.1f}"
            )


def fused(
    groups: Mapping[int, np.ndarray], folder: Path, *, correct: bool, loud: bool = False
) -> dict[str, np.ndarray]:
    """Return the fused bands of groups (bands, rows, cols) by name."""
    sources = {}
    for gsd, image in groups.items():
        path = write_raster(folder / f"b{gsd}.tif", image, transform=None, epsg=None, names=NAMES[gsd])
        sources[gsd] = [Source(path)]
    target = str(folder / "out.tif")
    layers, settings = open_scene(rasters=sources).layers, Settings(device="cpu")
    request = FusionRequest(SENTINEL2, layers, CARDS, target, correct_shift=correct, settings=settings)
    fuse(request, progress=Prints() if loud else None)
    dataset = gdal.Open(target)
    bands = [dataset.GetRasterBand(number + 1) for number in range(dataset.RasterCount)]
    return {band.GetDescription(): band.ReadAsArray() for band in bands}


def wald(place: str, scene: Mapping[str, np.ndarray], folder: Path) -> None:
    """Print what a shift of half a pixel costs the 20 m bands, and what is left of it."""
    twenty, ten = scene["b20"], scene["b10"]
    rows, cols = (side // 2 * 2 - 2 for side in twenty.shape[1:])
    truth = twenty[:, :rows, :cols]
    guide = degraded(ten[:, : 2 * rows, : 2 * cols], 2, "gaussian", NAMES[10])
    errors = []
    for beside, correct in ((0, False), (1, False), (1, True)):
        coarse = degraded(twenty[:, beside : rows + beside, beside : cols + beside], 2, "gaussian", NAMES[20])
        found = fused({10: guide, 20: coarse}, folder, correct=correct)
        errors.append(rmse(np.stack([found[name] for name in NAMES[20]]), truth))
    fits, left, corrected = errors
    shares = f"left {left:.1f} ({left / fits:.2f}), corrected {corrected:.1f} ({corrected / fits:.2f})"
    print(f"{place}: fits {fits:.1f}, {shares}")


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return the correlation without the edge."""
    inner = np.s_[EDGE:-EDGE, EDGE:-EDGE]
    return float(np.corrcoef(first[inner].ravel(), second[inner].ravel())[0, 1])


def detail(image: np.ndarray) -> np.ndarray:
    """Return what is left over a running mean of 7 x 7 pixels."""
    near = np.lib.stride_tricks.sliding_window_view(image, (7, 7)).mean(axis=(2, 3))
    return image[3:-3, 3:-3] - near


def real(scene: Mapping[str, np.ndarray], folder: Path) -> None:
    """Print how well the fused 60 m bands follow the 10 m bands, before and after."""
    groups = {gsd: scene[f"b{gsd}"] for gsd in NAMES}
    results = [fused(groups, folder, correct=correct, loud=correct) for correct in (False, True)]
    for band, guide in (("B1", "B2"), ("B9", "B8")):
        told = []
        for found in results:
            first, second = (found[name].astype(float) for name in (band, guide))
            rows, cols = (side // 6 for side in first.shape)
            means = [one.reshape(rows, 6, cols, 6).mean(axis=(1, 3)) for one in (first, second)]
            coarse = np.corrcoef(*(one[2:-2, 2:-2].ravel() for one in means))[0, 1]
            told.append((correlation(detail(first), detail(second)), coarse))
        print(
            f"    {band} with {guide}: detail {told[0][0]:.3f} -> {told[1][0]:.3f}, "
            f"60 m means {told[0][1]:.3f} -> {told[1][1]:.3f}"
        )


def main() -> int:
    """Print all three."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures(folder)
        if not shared().is_dir():
            print(f"skipped: {shared()} does not exist (SRSAT_SHARED names the folder above data/)")
            return 0
        sources = read_sources(ROOT / "models" / "s2-sources.json")
        found = scenes(sources, shared() / "train", folder / "scenes")
        for place, many in found.items():
            for number, scene in enumerate(many):
                if place == "punjab":
                    print(f"{place} {number}")
                    real(scene, folder)
                elif min(scene["b20"].shape[1:]) > 130:  # windows of 32 pixels need a place
                    wald(f"{place} {number}", scene, folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
