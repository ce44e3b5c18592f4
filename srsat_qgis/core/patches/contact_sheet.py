"""A picture of some patches of a store, one a row: the coarse image, its bicubic enlargement, the target, guides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.patches.scenes import GUIDE, IMAGE, TARGET
from srsat_qgis.core.pictures.png import png_bytes
from srsat_qgis.core.pictures.preview import text_mask
from srsat_qgis.core.raster.display import RED_GREEN_BLUE_NM, TOLERANCE_NM
from srsat_qgis.core.raster.resample import bicubic_upsample

_PANEL, _GAP, _LABEL = 192, 8, 20
_ROWS = {"train": 4, "validation": 2}
_PERCENT = (1, 99)
_PAPER, _INK = 250, 40
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
    """Write the sheet of one source of a store of layers as a PNG.

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
    rows = []
    for split, most in _ROWS.items():
        count = entry["patches"][split]
        for number in sorted({int(place) for place in np.linspace(0, count - 1, min(most, count))}):
            rows.append(_row(folder, entry, split, number, scale))
    path.write_bytes(png_bytes(_sheet(rows)))


def _row(
    folder: Path, entry: Mapping[str, Any], split: str, number: int, scale: int
) -> list[tuple[str, np.ndarray]]:
    """Return labelled panels, uint8 (_PANEL, _PANEL, 3)."""
    layers = {layer["name"]: layer for layer in entry["layers"]}
    patches = {}
    for name, layer in layers.items():
        stored = np.load(folder / f"{entry['name']}.{split}.{name}.npy", mmap_mode="r", allow_pickle=False)
        patches[name] = stored[number][list(shown_bands(layer["bands"]))].astype(np.float64)
    target = patches[TARGET]
    image = patches[IMAGE] if IMAGE in patches else gaussian_area(target, scale=scale, sigma=_SIGMA)
    if len(image) != len(target):
        image = image[: len(target)]
    limits = np.percentile(target, _PERCENT, axis=(1, 2))
    panels = [
        (f"{split} {number}: LR", _panel(image, limits)),
        (f"Bicubic x{scale}", _panel(bicubic_upsample(image, scale=scale), limits)),
        ("HR", _panel(target, limits)),
    ]
    for name, patch in patches.items():
        if name.startswith(GUIDE):
            panels.append((name.capitalize(), _panel(patch, np.percentile(patch, _PERCENT, axis=(1, 2)))))
    return panels


def _panel(image: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return an image stretched between ``limits`` and repeated or thinned out to the size of a panel."""
    low, high = (limit[:, None, None] for limit in limits)
    bright = np.clip((image - low) / np.where(high > low, high - low, 1), 0, 1) * 255
    take = (np.arange(_PANEL) * image.shape[1] // _PANEL, np.arange(_PANEL) * image.shape[2] // _PANEL)
    colours = bright.astype(np.uint8)[:, take[0][:, None], take[1][None, :]]
    return np.moveaxis(np.broadcast_to(colours, (3, _PANEL, _PANEL)), 0, -1)


def _sheet(rows: Sequence[Sequence[tuple[str, np.ndarray]]]) -> np.ndarray:
    pitch = _LABEL + _PANEL + _GAP
    across = max(len(row) for row in rows)
    sheet = np.full((_GAP + len(rows) * pitch, _GAP + across * (_PANEL + _GAP), 3), _PAPER, np.uint8)
    for line, row in enumerate(rows):
        top = _GAP + line * pitch
        for place, (label, panel) in enumerate(row):
            left = _GAP + place * (_PANEL + _GAP)
            text = text_mask(label, scale=1)[:, :_PANEL]
            box = sheet[top + 6 : top + 6 + text.shape[0], left : left + text.shape[1]]
            box[text] = _INK
            sheet[top + _LABEL : top + _LABEL + _PANEL, left : left + _PANEL] = panel
    return sheet
