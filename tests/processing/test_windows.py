"""The windows of the algorithms, at the size at which QGIS opens them."""

from __future__ import annotations

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QScrollArea

from srsat_qgis.processing.provider import ALGORITHMS


@pytest.mark.parametrize("name", [algorithm.public_id for algorithm in ALGORITHMS])
def test_the_first_output_is_seen_without_scrolling(algorithm_window, name):
    dialog = algorithm_window(name)
    dialog.show()
    QgsApplication.processEvents()
    panel = dialog.mainWidget()
    (area, *_) = panel.findChildren(QScrollArea)
    outputs = dialog.algorithm().destinationParameterDefinitions()
    for output in outputs[:1]:
        field = panel.wrappers[output.name()].wrappedWidget()
        bottom = field.mapTo(area.widget(), field.rect().bottomLeft()).y()
        assert 0 < bottom <= area.viewport().height(), f"{output.name()} ends at {bottom}"
    assert outputs or name in ("installdependencies", "installmodel")
    # Nothing that is shown at once is wider than the window, or buttons would be out of sight.
    assert area.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_words_of_other_languages_do_not_widen_the_windows(algorithm_window, in_language, language):
    in_language(language)
    wide = {}
    for algorithm in ALGORITHMS:
        dialog = algorithm_window(algorithm.public_id)
        dialog.show()
        QgsApplication.processEvents()
        (area, *_) = dialog.mainWidget().findChildren(QScrollArea)
        wide[algorithm.public_id] = area.horizontalScrollBar().maximum()
    assert not {name: pixels for name, pixels in wide.items() if pixels}
