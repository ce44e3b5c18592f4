"""The page of a preview: a part of the raster, its bicubic enlargement and what each model makes of it."""

from __future__ import annotations

from srsat_qgis.core.pace import duration
from srsat_qgis.core.pictures.drawing import data_uri, png_bytes
from srsat_qgis.core.report.rendering import number, render
from srsat_qgis.core.superres.preview import Panel, Preview


def preview_html(found: Preview, *, name: str) -> str:
    """Return the page; ``name`` is the raster's."""
    window = found.window
    return render(
        "preview.html",
        name=name,
        size=f"{window.cols} x {window.rows} pixels from column {window.col + 1}, row {window.row + 1}",
        panels=[
            (panel.title, data_uri(png_bytes(panel.picture, panel.title)), _note(panel), panel.card)
            for panel in found.panels
        ],
        width=found.panels[0].picture.shape[1],
    )


def _note(panel: Panel) -> str:
    if panel.card is None:
        return ""
    return f"{number(panel.seconds, 2)} s; the whole raster about {duration(panel.whole_seconds)}"
