"""QGIS's batch window over an algorithm with a page."""

from __future__ import annotations

import pytest
import qgis.gui
from qgis.core import QgsApplication, QgsProcessingOutputHtml

from tests.processing.helpers import write_raster


def test_no_algorithm_has_an_html_output(srsat):
    """QGIS's batch window cannot show one (issue 47884), and its dialog speaks of it after every run."""
    for algorithm in srsat.algorithms():
        assert not algorithm.hasHtmlOutputs(), algorithm.id()
        pages = [one.name() for one in algorithm.outputDefinitions() if one.type() == "outputFile"]
        destinations = [
            one.name()
            for one in algorithm.destinationParameterDefinitions()
            if one.type() == "fileDestination"
        ]
        assert set(destinations) <= set(pages)
        assert not [one for one in algorithm.outputDefinitions() if isinstance(one, QgsProcessingOutputHtml)]


def test_two_rows_of_the_batch_window_run_to_their_end(srsat, raster, values, tmp_path, qgis_iface):
    dialogs = pytest.importorskip(
        "processing.gui.BatchAlgorithmDialog", reason="this QGIS has no such batch window"
    )
    if hasattr(qgis.gui, "QgsProcessingBatchAlgorithmDialogBase"):
        pytest.skip("the batch window of this QGIS is not Python's: it runs rows as tasks of a main window")
    other = write_raster(tmp_path / "other.tif", values + 5)
    dialog = dialogs.BatchAlgorithmDialog(srsat.algorithm("similarity").create())
    rows, finished = [], []
    for number in (1, 2):
        page = str(tmp_path / f"page{number}.html")
        rows.append({"INPUT": str(raster), "REFERENCE": str(other), "METRICS": ["rmse"], "OUTPUT_HTML": page})
    panel = dialog.mainWidget()
    while panel.batchRowCount() < len(rows):
        panel.addRow()
    of_the_window = panel.parametersForRow

    def filled_in(*args, **options):
        """All that the window hands over for a row, with what the user has typed."""
        found, _ = of_the_window(*args, **{**options, "warnOnInvalid": False})
        return {**found, **rows[options["row"] if "row" in options else args[0]]}, True

    panel.parametersForRow = filled_in
    end = dialog.createSummaryTable

    def record(results, errors):
        finished.append((results, errors))
        end(results, errors)

    dialog.createSummaryTable = record
    dialog.runAlgorithm()
    QgsApplication.processEvents()
    ((results, errors),) = finished
    assert errors == []
    assert {"INPUT", "METRICS", "BASELINE", "OUTPUT_HTML"} <= set(results[0]["parameters"])
    assert [one["results"]["RMSE"] for one in results] == [5, 5]
    assert all((tmp_path / f"page{number}.html").is_file() for number in (1, 2))
    dialog.close()
