"""The table of measures: the one place to add one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from srsat_qgis.core.metrics import (
    artefacts,
    consistency,
    cpsnr,
    fsim,
    hallucination,
    histogram,
    pointwise,
    spectrum,
    structure,
)
from srsat_qgis.core.metrics.score import Context, Family, Measure

REFERENCE = frozenset({"reference"})
LOWRES = frozenset({"lowres"})


def _pixels(count: int) -> Callable[[Context], int]:
    return lambda context: count


POINTS = Family("points", REFERENCE, _pixels(0), pointwise.PointSums)
STRUCTURE = Family("structure", REFERENCE, _pixels(structure.WINDOWS.halo), structure.StructureSums)
QUALITY = Family("quality", REFERENCE, _pixels(structure.UIQ_WINDOWS.halo), structure.QualitySums)
ANGLES = Family("angles", REFERENCE, _pixels(0), pointwise.AngleSums)
SHIFTED = Family("shifted", REFERENCE, _pixels(cpsnr.BORDER), cpsnr.ShiftedSums)
HISTOGRAMS = Family("histograms", REFERENCE, _pixels(0), histogram.Histograms)
INDICES = Family("indices", REFERENCE, _pixels(0), pointwise.IndexSums)
CONSISTENCY = Family("consistency", LOWRES, consistency.degradation_halo, consistency.ConsistencySums)
OVERSHOOT = Family("overshoot", LOWRES, lambda context: context.scale or 0, artefacts.OvershootSums)
CLIPPED = Family("clipped", frozenset(), _pixels(0), artefacts.ClippedCounts)
RINGS = Family("rings", REFERENCE, spectrum.spectrum_halo, spectrum.RingSums)
SHIFT = Family("shift", REFERENCE, consistency.shift_halo, consistency.ShiftSums)
COARSE_SHIFT = Family("coarse shift", LOWRES, consistency.coarse_shift_halo, consistency.CoarseShiftSums)
FEATURES = Family("features", REFERENCE, fsim.fsim_halo, fsim.FeatureSums)
EDGES = Family("edges", REFERENCE, _pixels(structure.WINDOWS.halo), structure.EdgeCounts)
KINDS = Family(
    "kinds", REFERENCE | LOWRES, hallucination.hallucination_halo, hallucination.HallucinationCounts
)
STEPS = Family("steps", frozenset(), _pixels(1), artefacts.StepProfiles)

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
        True, (STRUCTURE,), structure.ssim,
    ),
    Measure(
        "uiq", "UIQ", "", True, 1.0,
        "Universal image quality index (Wang & Bovik 2002, doi:10.1109/97.995823): windows of 8 x 8 pixels at every "
        "pixel, wholly valid; flat windows by the ratio of their means; mean over bands.",
        True, (QUALITY,), structure.uiq,
    ),
    Measure(
        "fsim", "FSIM (tiled, F=1)", "", True, 1.0,
        "Feature similarity (Zhang et al. 2011, doi:10.1109/TIP.2011.2109730): phase congruency of 4 scales and 4 "
        "orientations and Scharr gradients, T1 = 0.85, T2 = 160 on grey levels 0 to 255, not downsampled; tiles of 512 "
        "pixels with 64 around them; mean over bands.",
        False, (FEATURES,), fsim.fsim,
    ),
    Measure(
        "issm", "ISSM (experimental)", "", True, 1.0,
        "Hybrid of edge correlation, joint entropy and SSIM after Aljanabi et al. 2019 (doi:10.1080/22797254.2019."
        "1628617), changed so that it rises with SSIM and is 1 for identical images: (rho H (A + B) + e) / (A rho H + "
        "B H + C (1 - SSIM) + e), A, B, C = 0.3, 0.5, 0.7; edges where the gradient exceeds 1 % of the data range, "
        "entropy of 64 x 64 levels in bits; mean over bands.",
        False, (EDGES, STRUCTURE), structure.issm,
    ),
    Measure(
        "sam", "SAM", "°", False, 0.0,
        "Mean angle between the spectra of each pixel; pixels that are zero in all bands are left out.",
        True, (ANGLES,), pointwise.sam,
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
    Measure(
        "frc", "FRC resolution", "cycles/px", True, spectrum.NYQUIST,
        "Frequency at which the Fourier ring correlation with the reference falls to 0.5, in cycles per pixel; 0.5 is "
        "the finest there is. Hann windows of 256 pixels, less where they do not fit twice, that overlap by half; "
        "mean over bands.",
        True, (RINGS,), spectrum.frc,
    ),
    Measure(
        "spectrum_ratio", "Fine-detail power", "dB", None, 0.0,
        "10 log10 of the power of test over that of the reference at frequencies above the coarse raster's Nyquist "
        "frequency (above 0.25 cycles per pixel where the scale is not known), mean over bands; below 0: too smooth, "
        "above 0: too rough.",
        True, (RINGS,), spectrum.spectrum_ratio,
    ),
    Measure(
        "shift_x", "Shift x", "px", None, 0.0,
        "Columns to be added to the raster's coordinates to lie on the reference; summed, un-whitened cross-spectrum "
        "of band-passed windows. Never corrected.",
        True, (SHIFT,), consistency.shift_x,
    ),
    Measure(
        "shift_y", "Shift y", "px", None, 0.0,
        "Rows (downwards) to be added to the raster's coordinates to lie on the reference.",
        True, (SHIFT,), consistency.shift_y,
    ),
    Measure(
        "local_shift", "Local shift", "px", False, 0.0,
        "Distance from the shift as a whole that 95 % of the shifts of single windows do not exceed.",
        True, (SHIFT,), consistency.local_shift,
    ),
    Measure(
        "index_mae", "Index error", "", False, 0.0,
        "Mean absolute difference of the named normalised differences (a - b) / (a + b), as NDVI; where a + b is above "
        "0 in both rasters.",
        True, (INDICES,), pointwise.index_mae,
    ),
    Measure(
        "lr_consistency", "LR consistency", "DN", False, 0.0,
        "Mean absolute difference between the raster made coarse again and the coarse raster; the degradation is "
        "stated beside the number. Rounding to whole numbers alone costs up to 0.25.",
        True, (CONSISTENCY,), consistency.lr_consistency,
    ),
    Measure(
        "lr_sam", "LR spectral angle", "°", False, 0.0,
        "Mean spectral angle between the raster made coarse again and the coarse raster.",
        True, (CONSISTENCY,), consistency.lr_angle,
    ),
    Measure(
        "lr_shift", "LR shift", "coarse px", False, 0.0,
        "Length of the shift between the coarse raster and the raster made coarse again.",
        True, (COARSE_SHIFT,), consistency.shift_length,
    ),
    Measure(
        "overshoot", "Overshoot", "DN", False, 0.0,
        "Mean distance of values outside the range of the 3 x 3 coarse pixels about them, over all values. Fine detail "
        "goes there rightly too: compare with bicubic.",
        True, (OVERSHOOT,), artefacts.overshoot,
    ),
    Measure(
        "improvement", "Improvement", "%", True, 100.0,
        "Share of the pixels with something to add whose values came nearer to the reference than to bicubic, in the "
        "manner of opensr-test (Aybar et al. 2024).",
        False, (KINDS,), hallucination.improvement,
    ),
    Measure(
        "omission", "Omission", "%", False, 0.0,
        "Share of these pixels that stayed as bicubic has them.",
        False, (KINDS,), hallucination.omission,
    ),
    Measure(
        "hallucination", "Hallucination", "%", False, 0.0,
        "Share of these pixels that are far from the reference and from bicubic.",
        False, (KINDS,), hallucination.hallucination,
    ),
    Measure(
        "clipped", "Clipped", "%", False, 0.0,
        "Share of values at or beyond the smallest or largest value that the type or the model's card allows, mean "
        "over bands.",
        True, (CLIPPED,), artefacts.clipped,
    ),
    Measure(
        "seams", "Tile seams", "", None, 1.0,
        "Mean step between neighbouring pixels across the borders of tiles, divided by that one coarse pixel beside "
        "them; 1: seams cannot be seen.",
        True, (STEPS,), artefacts.seam_index,
    ),
)  # fmt: skip

MEASURES: Mapping[str, Measure] = {measure.key: measure for measure in _MEASURES}
"""Every measure by its key, in the order in which a report shows them."""
