"""Synthetic pairs of images and, run as a program, their golden values into ``golden.json``.

Every value is the published equation written out in float64, and most are what a library of the field gives too: they
must agree before they are written. FSIM is piq's alone; no library has UIQ with flat windows, SRE or cPSNR right. To
make them again::

    pip install numpy scikit-image sewar torch torchmetrics piq==0.8.0
    python -m tests.core.metrics.golden
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).with_suffix(".json")


def _smooth(image: np.ndarray, radius: int) -> np.ndarray:
    """Return rounded means over squares, of integers alone: the same on every computer."""
    side = 2 * radius + 1
    padded = np.pad(image, [(0, 0), (radius, radius), (radius, radius)], mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(1, 2))
    return (windows.sum(axis=(-1, -2)) + side * side // 2) // (side * side)


def _textured(seed: int, bands: int, rows: int, cols: int, low: int, high: int) -> np.ndarray:
    """Return fields with sharp edges, and texture of two sizes that the bands share in part."""
    random = np.random.RandomState(seed)
    fields = random.randint(low, high, (bands, rows // 12 + 1, cols // 12 + 1))
    image = fields.repeat(12, axis=1).repeat(12, axis=2)[:, :rows, :cols]
    spread = (high - low) // 2
    for radius in (1, 3):
        for shared in (1, bands):
            noise = random.randint(-spread, spread + 1, (shared, rows, cols)) * (radius + 1)
            image = image + _smooth(noise, radius)
    return _smooth(image, 1)


def pairs() -> dict[str, tuple[np.ndarray, np.ndarray, int]]:
    """Return by name the reference and the test, shape (bands, rows, cols), and the data range."""
    random = np.random.RandomState(5)
    colour = _textured(1, 3, 64, 72, 60, 200)
    blurred = _smooth(colour, 1) + random.randint(-6, 9, colour.shape)
    many = _textured(2, 4, 72, 60, 500, 3000)
    moved = np.roll(_smooth(many, 1), (1, -2), axis=(1, 2)) + 25 + random.randint(-40, 41, many.shape)
    reference, test = np.clip(colour, 1, 255).astype(np.uint8), np.clip(blurred, 1, 255).astype(np.uint8)
    wide, shifted = np.clip(many, 1, 4095).astype(np.uint16), np.clip(moved, 1, 4095).astype(np.uint16)
    holes = wide.copy(), shifted.copy()
    for image in holes:
        image[:, :14, :20] = 0
    flat = np.full((3, 32, 32), 100, np.uint8)
    return {
        "uint8_blurred": (reference, test, 255),
        "uint16_12bit_moved": (wide, shifted, 4095),
        "zero_block": (*holes, 4095),
        "identical": (reference, reference.copy(), 255),
        "constant_offset": (flat, flat + np.uint8(10), 255),
        "one_band": (reference[:1], test[:1], 255),
    }


def _decibel(signal: float, noise: float) -> float:
    return math.inf if noise == 0 else 10 * math.log10(signal / noise)


def _ssim(x: np.ndarray, y: np.ndarray, data_range: float) -> float:
    """Wang et al. 2004: windows of 11 pixels under a Gaussian of sigma 1.5, population moments."""
    weights = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    weights = np.outer(weights, weights) / weights.sum() ** 2
    a, b = (np.lib.stride_tricks.sliding_window_view(image, (11, 11)) for image in (x, y))
    mean_a, mean_b = ((one * weights).sum(axis=(-1, -2)) for one in (a, b))
    apart_a, apart_b = a - mean_a[..., None, None], b - mean_b[..., None, None]
    var_a, var_b, both = (
        (one * weights).sum(axis=(-1, -2)) for one in (apart_a**2, apart_b**2, apart_a * apart_b)
    )
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return float((top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def _uiq(x: np.ndarray, y: np.ndarray) -> float:
    """Wang & Bovik 2002: windows of 8 pixels; flat ones have no contrast and structure to compare, but a mean."""
    found = []
    for row, col in np.ndindex(x.shape[0] - 7, x.shape[1] - 7):
        a, b = (image[row : row + 8, col : col + 8] for image in (x, y))
        spread, level = a.var() + b.var(), a.mean() ** 2 + b.mean() ** 2
        covariance = ((a - a.mean()) * (b - b.mean())).mean()
        product = a.mean() * b.mean()
        if spread == 0:
            found.append(1.0 if level == 0 else 2 * product / level)
        elif level == 0:
            found.append(2 * covariance / spread)
        else:
            found.append(4 * covariance * product / (spread * level))
    return float(np.mean(found))


def _cpsnr(x: np.ndarray, y: np.ndarray, data_range: float) -> float:
    """Märtens et al. 2019: the best of the 49 shifts by whole pixels, each band's bias removed."""
    rows, cols = (side - 6 for side in x.shape[1:])
    inner = y[:, 3:-3, 3:-3]
    errors = [
        (x[:, row : row + rows, col : col + cols] - inner).var(axis=(1, 2)).mean()
        for row, col in np.ndindex(7, 7)
    ]
    return _decibel(data_range**2, min(errors))


def _by_equations(x: np.ndarray, y: np.ndarray, data_range: int) -> dict[str, object]:
    """Return the values of two images in float64."""
    error = y - x
    mse = (error**2).mean(axis=(1, 2))
    mean = x.mean(axis=(1, 2))
    apart_x, apart_y = (image - image.mean(axis=(1, 2), keepdims=True) for image in (x, y))
    powers = [(apart**2).mean(axis=(1, 2)) for apart in (apart_x, apart_y)]
    with np.errstate(invalid="ignore"):
        cc = (apart_x * apart_y).mean(axis=(1, 2)) / np.sqrt(powers[0] * powers[1])
    coarse = error.reshape(len(x), x.shape[1] // 2, 2, x.shape[2] // 2, 2).mean(axis=(2, 4))
    found: dict[str, object] = {
        "data_range": data_range,
        "rmse_per_band": np.sqrt(mse).tolist(),
        "rmse_global": math.sqrt(mse.mean()),
        "mae_per_band": np.abs(error).mean(axis=(1, 2)).tolist(),
        "bias_per_band": error.mean(axis=(1, 2)).tolist(),
        "cc_per_band": cc.tolist(),
        "psnr_per_band": [_decibel(data_range**2, one) for one in mse],
        "psnr_global": _decibel(data_range**2, mse.mean()),
        "ssim_wang_gauss11_valid_per_band": [_ssim(a, b, data_range) for a, b in zip(x, y)],
        "uiq_wang_box8_per_band": [_uiq(a, b) for a, b in zip(x, y)],
        "sre_lanaras_per_band_db": [_decibel(m**2, noise) for m, noise in zip(mean, mse)],
        "ergas_scale4": 100 / 4 * math.sqrt((mse / mean**2).mean()),
        "cpsnr_border3": _cpsnr(x, y, data_range),
        "consistency_box2_mae_per_band": np.abs(coarse).mean(axis=(1, 2)).tolist(),
    }
    if len(x) > 1:
        lengths = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
        known = lengths > 0
        cosine = (x * y).sum(axis=0)[known] / lengths[known]
        found["sam_deg_zero_vectors_excluded"] = float(np.degrees(np.arccos(cosine.clip(-1, 1))).mean())
        found["sam_excluded_pixels"] = int((~known).sum())
    return found


def _by_libraries(x: np.ndarray, y: np.ndarray, data_range: int) -> dict[str, object]:
    """Return what the libraries of the field give for two images that are neither flat nor zero."""
    import torch
    from sewar import full_ref
    from skimage import metrics
    from torchmetrics import functional

    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "full": True}
    ssim = [metrics.structural_similarity(a, b, data_range=data_range, **window)[1] for a, b in zip(x, y)]
    first, second = (torch.from_numpy(image)[None] for image in (x, y))
    image = functional.image
    ergas = image.error_relative_global_dimensionless_synthesis(second, first, ratio=4)
    found: dict[str, object] = {
        "rmse_per_band": [full_ref.rmse(a, b) for a, b in zip(x, y)],
        "psnr_per_band": [metrics.peak_signal_noise_ratio(a, b, data_range=data_range) for a, b in zip(x, y)],
        "psnr_global": metrics.peak_signal_noise_ratio(x, y, data_range=data_range),
        "ssim_wang_gauss11_valid_per_band": [one[5:-5, 5:-5].mean() for one in ssim],
        "ergas_scale4": float(ergas),
        "cc_per_band": [
            float(functional.pearson_corrcoef(b.flatten(), a.flatten())) for a, b in zip(first[0], second[0])
        ],
    }
    if len(x) > 1:
        found["sam_deg_zero_vectors_excluded"] = float(np.degrees(image.spectral_angle_mapper(second, first)))
    return found


def _fsim(x: np.ndarray, y: np.ndarray, data_range: int) -> list[float]:
    """Zhang et al. 2011, not downsampled; a flat image has no phase to be congruent, and piq's value is rounding's."""
    import torch
    from piq.fsim import fsim

    tensors = [[torch.from_numpy(band)[None, None] for band in image] for image in (x, y)]
    return [
        math.nan if a.min() == a.max() else float(fsim(b, a, data_range=data_range, chromatic=False))
        for a, b in zip(*tensors)
    ]


def main() -> None:
    """Write the values of all pairs."""
    told = {}
    for name, (reference, test, data_range) in pairs().items():
        x, y = (image.astype(np.float64) for image in (reference, test))
        values = _by_equations(x, y, data_range)
        if name in ("uint8_blurred", "uint16_12bit_moved", "one_band"):
            for key, theirs in _by_libraries(x, y, data_range).items():
                np.testing.assert_allclose(values[key], theirs, rtol=1e-9, err_msg=f"{name}: {key}")
        values["fsim_zhang_per_band_F1"] = _fsim(x, y, data_range)
        told[name] = values
    GOLDEN.write_text(json.dumps(told, indent=1, default=float) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
