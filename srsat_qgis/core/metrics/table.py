"""All measures by their key, in the order in which a report shows them.

To add a measure, write its function in the module of its family, with the decorator ``score.measure``; nothing else is
needed. A new module must also be imported here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.metrics import (  # noqa: F401 - they register their measures
    artefacts,
    consistency,
    cpsnr,
    fsim,
    grain,
    hallucination,
    histogram,
    pointwise,
    spectrum,
    structure,
)
from srsat_qgis.core.metrics.score import REGISTERED, Measure

# Those not named here follow.
_ORDER = (
    *("rmse", "psnr", "ssim", "uiq", "fsim", "issm", "sam", "sre", "ergas", "cpsnr", "cc", "mae", "bias"),
    *("error_p95", "wasserstein", "frc", "spectrum_ratio", "shift_x", "shift_y", "local_shift", "index_mae"),
    *(
        "lr_consistency",
        "lr_sam",
        "lr_shift",
        "grain",
        "overshoot",
        "improvement",
        "omission",
        "hallucination",
    ),
    *("clipped", "seams"),
)

MEASURES: Mapping[str, Measure] = {key: REGISTERED[key] for key in dict.fromkeys((*_ORDER, *REGISTERED))}


def chosen(keys: Iterable[str] | None) -> tuple[Measure, ...]:
    """Return the measures of these keys, or the default ones.

    Raises
    ------
    InvalidSetting
        If there is no such measure.
    """
    if keys is None:
        return tuple(measure for measure in MEASURES.values() if measure.default)
    wanted = list(keys)
    unknown = [key for key in wanted if key not in MEASURES]
    if unknown:
        raise InvalidSetting(f"measure {', '.join(unknown)} is unknown; expected of {', '.join(MEASURES)}")
    return tuple(MEASURES[key] for key in wanted)
