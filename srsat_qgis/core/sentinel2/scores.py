"""The numbers of a report on a scene, pooled over its windows, by the project's own measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srsat_qgis.core.metrics.arrays import score_arrays
from srsat_qgis.core.metrics.score import finite_or_none
from srsat_qgis.core.sentinel2.reduced import Restored

KEYS = ("rmse", "sre", "bias", "sam", "uiq")


def below_each_other(images: Sequence[np.ndarray]) -> np.ndarray:
    """Return windows as one image, (bands, rows, cols), a row of 0 after each and columns of 0 up to the widest.

    With ``valid`` put together in the same way, measures over windows of pixels see none that reaches from one to
    the next, and all are pooled exactly.
    """
    widest = max(image.shape[-1] for image in images)
    padded = [
        np.pad(image, [*[(0, 0)] * (image.ndim - 2), (0, 1), (0, widest - image.shape[-1])])
        for image in images
    ]
    return np.concatenate(padded, axis=-2)


def scored(windows: Sequence[Restored], *, threads: int) -> dict[str, Any]:
    """Return the scores of the model and of bicubic enlargement against the originals, as JSON types.

    Returns
    -------
    dict
        ``pixels``; ``mean_dn`` by band; ``model`` and ``bicubic`` with ``rmse``, ``sre``, ``bias``, ``sam``, ``uiq``
        (each ``value``, ``per_band`` and ``reason``) and ``bias_percent`` by band; ``share``, the mean RMSE of the
        bands over bicubic's, and ``band_shares``. A share is null where bicubic has no error.
    """
    valid = below_each_other([one.valid for one in windows])
    truth = below_each_other([one.truth for one in windows])
    pixels = int(np.count_nonzero(valid))
    facts: dict[str, Any] = {"pixels": pixels}
    if not pixels:
        return facts
    means = [float(band[valid].mean()) for band in truth]
    facts["mean_dn"] = means
    for name in ("model", "bicubic"):
        image = below_each_other([getattr(one, name) for one in windows])
        found = score_arrays(image, reference=truth, keys=KEYS, valid=valid, threads=threads)
        facts[name] = {
            key: {
                "value": finite_or_none(score.value),
                "per_band": [finite_or_none(value) for value in score.per_band],
                "reason": score.as_json()["reason"],
            }
            for key, score in found.items()
        }
        facts[name]["bias_percent"] = [
            100 * (value or 0.0) / mean for value, mean in zip(found["bias"].per_band, means)
        ]
    ours, plain = (facts[name]["rmse"]["per_band"] for name in ("model", "bicubic"))
    facts["band_shares"] = [_share(one, other) for one, other in zip(ours, plain)]
    facts["share"] = _share(sum(ours), sum(plain))
    return facts


def _share(value: float, of: float) -> float | None:
    return value / of if of else None
