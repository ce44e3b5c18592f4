"""The table of measures: the one place to add one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from srsat_qgis.core.metrics import cpsnr, histogram, pointwise, spectral_angle, ssim, uiq
from srsat_qgis.core.metrics.score import Context, Family, Measure

REFERENCE = frozenset({"reference"})
LOWRES = frozenset({"lowres"})


def _pixels(count: int) -> Callable[[Context], int]:
    return lambda context: count


POINTS = Family("points", REFERENCE, _pixels(0), pointwise.PointSums)
STRUCTURE = Family("structure", REFERENCE, _pixels(ssim.WINDOWS.halo), ssim.StructureSums)
QUALITY = Family("quality", REFERENCE, _pixels(uiq.WINDOWS.halo), uiq.QualitySums)
ANGLES = Family("angles", REFERENCE, _pixels(0), spectral_angle.AngleSums)
SHIFTED = Family("shifted", REFERENCE, _pixels(cpsnr.BORDER), cpsnr.ShiftedSums)
HISTOGRAMS = Family("histograms", REFERENCE, _pixels(0), histogram.Histograms)

_MEASURES = (
    Measure(
        "rmse", "RMSE", "DN", False, 0.0,
        "Root of the mean squared difference; over all bands together, in the raster's units.",
        True, (POINTS,), pointwise.rmse,
    ),
    Measure(
        "psnr", "PSNR", "dB", True, float("inf"),
        "10 log10(L^2 / MSE), L the data range, MSE over all bands together.",
        True, (POINTS,), pointwise.psnr,
    ),
    Measure(
        "ssim", "SSIM", "", True, 1.0,
        "Structural similarity (Wang et al. 2004, doi:10.1109/TIP.2003.819861): Gaussian windows of 11 x 11 pixels, "
        "sigma 1.5, population moments, K1 = 0.01, K2 = 0.03; windows wholly on valid pixels; mean over bands.",
        True, (STRUCTURE,), ssim.ssim,
    ),
    Measure(
        "uiq", "UIQ", "", True, 1.0,
        "Universal image quality index (Wang & Bovik 2002, doi:10.1109/97.995823): windows of 8 x 8 pixels at every "
        "pixel, wholly valid; flat windows by the ratio of their means; mean over bands.",
        True, (QUALITY,), uiq.uiq,
    ),
    Measure(
        "sam", "SAM", "°", False, 0.0,
        "Mean angle between the spectra of each pixel; pixels that are zero in all bands are left out.",
        True, (ANGLES,), spectral_angle.sam,
    ),
    Measure(
        "sre", "SRE", "dB", True, float("inf"),
        "10 log10(mean^2 / MSE) with the reference's mean, mean over bands (Lanaras et al. 2018, "
        "doi:10.1016/j.isprsjprs.2018.09.018).",
        True, (POINTS,), pointwise.sre,
    ),
    Measure(
        "ergas", "ERGAS", "", False, 0.0,
        "100 / scale * root of the mean over bands of (RMSE / mean of the reference)^2 (Wald 2000).",
        True, (POINTS,), pointwise.ergas,
    ),
    Measure(
        "cpsnr", "cPSNR", "dB", True, float("inf"),
        "PSNR after removal of each band's bias, the best over shifts of up to 3 pixels, border of 3 pixels left out "
        "(Märtens et al. 2019, doi:10.1007/s42064-019-0059-8).",
        True, (SHIFTED,), cpsnr.cpsnr,
    ),
    Measure(
        "cc", "CC", "", True, 1.0,
        "Pearson's correlation coefficient, mean over bands.",
        True, (POINTS,), pointwise.correlation,
    ),
    Measure(
        "mae", "MAE", "DN", False, 0.0,
        "Mean absolute difference over all bands together.",
        True, (POINTS,), pointwise.mae,
    ),
    Measure(
        "bias", "Bias", "DN", None, 0.0,
        "Mean of test minus reference over all bands together.",
        True, (POINTS,), pointwise.bias,
    ),
    Measure(
        "error_p95", "95 % error", "DN", False, 0.0,
        "Absolute difference that 95 % of all values do not exceed.",
        True, (HISTOGRAMS,), histogram.error_p95,
    ),
    Measure(
        "wasserstein", "Histogram distance", "DN", False, 0.0,
        "Earth mover's (Wasserstein) distance of the histograms of test and reference, mean over bands.",
        True, (HISTOGRAMS,), histogram.wasserstein,
    ),
)  # fmt: skip

MEASURES: Mapping[str, Measure] = {measure.key: measure for measure in _MEASURES}
"""Every measure by its key, in the order in which a report shows them."""
