"""A picture of some patches of a store, one a row: the coarse image, its bicubic enlargement, the target, guides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.patches.scenes import GUIDE, IMAGE, TARGET
from srsat_qgis.core.pictures.drawing import sheet, stretched, write_png
from srsat_qgis.core.raster.display import RED_GREEN_BLUE_NM, TOLERANCE_NM
from srsat_qgis.core.raster.resample import bicubic_upsample

_PANEL, _GAP = 192, 8
_ROWS = {"train": 4, "validation": 2}
_PERCENT = (1, 99)
_SIGMA = 0.5  # coarse pixels: the blur of a coarse image that is made from the target


def shown_bands(bands: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """Return the positions of the bands to show as red, green and blue, or of the one to show in grey.

    Parameters
    ----------
    bands : sequence of mapping
        As a layer of the manifest lists them, with ``wavelength_nm``.
    """
    known = [(band["wavelength_nm"], place) for place, band in enumerate(bands) if band["wavelength_nm"]]
    if known:
        nearest = [min((abs(nm - wanted), place) for nm, place in known) for wanted in RED_GREEN_BLUE_NM]
        if max(away for away, _ in nearest) <= TOLERANCE_NM:
            return tuple(place for _, place in nearest)
    if len(bands) < 3:
        return (0,)
    return (0, 1, 2) if len(bands) == 3 else (2, 1, 0)


def write_contact_sheet(folder: Path, entry: Mapping[str, Any], path: Path, *, scale: int) -> None:
    """Write the sheet of one source of a store of layers as a PNG; its description says what stands where.

    Parameters
    ----------
    folder : Path
        Of the store's files.
    entry : mapping
        The source's entry in the manifest; one of its layers is ``target``.
    path : Path
    scale : int
        Target pixels per pixel of the coarse image, which is made from the target where the store has none.
    """
    chosen = [
        (split, int(number))
        for split, most in _ROWS.items()
        for number in np.unique(
            np.linspace(0, entry["patches"][split] - 1, min(most, entry["patches"][split])).astype(int)
        )
    ]
    rows = [_row(folder, entry, split, number, scale) for split, number in chosen]
    names = ", ".join(f"{split} {number}" for split, number in chosen)
    text = f"Columns: {', '.join(rows[0])}. Rows, by split and number of the patch: {names}."
    write_png(path, sheet([list(row.values()) for row in rows], gap=_GAP), text)


def _row(
    folder: Path, entry: Mapping[str, Any], split: str, number: int, scale: int
) -> dict[str, np.ndarray]:
    """Return panels by what they show, uint8 (_PANEL, _PANEL, 3)."""
    patches = {}
    for layer in entry["layers"]:
        file = folder / f"{entry['name']}.{split}.{layer['name']}.npy"
        stored = np.load(file, mmap_mode="r", allow_pickle=False)
        patches[layer["name"]] = stored[number][list(shown_bands(layer["bands"]))].astype(np.float64)
    target = patches[TARGET]
    image = patches[IMAGE] if IMAGE in patches else gaussian_area(target, scale=scale, sigma=_SIGMA)
    image = image[: len(target)]
    bicubic = bicubic_upsample(image, scale=scale)
    panels = {
        name: _panel(one, target)
        for name, one in (("LR", image), (f"Bicubic x{scale}", bicubic), ("HR", target))
    }
    guides = {name.capitalize(): _panel(one, one) for name, one in patches.items() if name.startswith(GUIDE)}
    return {**panels, **guides}


def _panel(image: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Return an image in the stretch of another one, repeated or thinned out to the size of a panel."""
    rows, cols = (np.arange(_PANEL) * size // _PANEL for size in image.shape[1:])
    limits = np.percentile(like, _PERCENT, axis=(1, 2)).T
    return stretched(image[:, rows[:, None], cols[None, :]], limits)
