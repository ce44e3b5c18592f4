"""Reports as HTML: the optional file that several algorithms write."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProcessingParameterFileDestination

from srsat_qgis.core.errors import OutputNotWritable


def page_destination(
    name: str, label: str, *, by_default: bool = True
) -> QgsProcessingParameterFileDestination:
    """Return an optional HTML file, which QGIS shows in its results viewer; written unasked or only when named."""
    return QgsProcessingParameterFileDestination(
        name, label, fileFilter="HTML (*.html)", optional=True, createByDefault=by_default
    )


def write_page(path: str, text: str) -> None:
    """Write a page.

    Raises
    ------
    OutputNotWritable
        If the file cannot be written.
    """
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputNotWritable(f"{path}: expected a file that can be written, got {error}") from error
