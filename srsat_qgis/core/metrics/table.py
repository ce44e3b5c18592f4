"""The table of measures: the one place to add one."""

from __future__ import annotations

from collections.abc import Mapping

from srsat_qgis.core.metrics import pointwise
from srsat_qgis.core.metrics.score import Context, Family, Measure

REFERENCE = frozenset({"reference"})
LOWRES = frozenset({"lowres"})


def _no_halo(context: Context) -> int:
    return 0


POINTS = Family("points", REFERENCE, _no_halo, pointwise.PointSums)

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
)  # fmt: skip

MEASURES: Mapping[str, Measure] = {measure.key: measure for measure in _MEASURES}
"""Every measure by its key, in the order in which a report shows them."""
