"""What is shown of a held-out patch; without torch and matplotlib, since it goes from the one to the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Example:
    """One held-out patch; arrays are (bands, rows, cols) in digital numbers."""

    name: str
    bands: tuple[str, ...]
    coarse: np.ndarray
    bicubic: np.ndarray
    super_resolved: np.ndarray
    truth: np.ndarray
