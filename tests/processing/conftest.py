"""What the tests of the Processing face share: the provider, a model whose answer is known, and small rasters."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("qgis.core", reason="QGIS is not installed in this Python")

from tests.processing.helpers import REPEAT, write_raster, write_repeat_model


@pytest.fixture(scope="session", autouse=True)
def nothing_outlives_qgis(qgis_app):
    """Have Python drop layers and datasets before QGIS ends: freed afterwards, they crash the process."""
    yield
    gc.collect()  # those that the tracebacks of expected errors hold


@pytest.fixture(autouse=True)
def nothing_outlives_its_test(request, nothing_outlives_qgis):
    """Let go of what fixtures gave the test: pytest itself keeps that of the last test until QGIS is gone."""
    yield
    request.node.funcargs.clear()


@pytest.fixture(scope="session")
def repeat_model() -> str:
    """The id of the repeating model, which lies in the user's models folder of this test run."""
    write_repeat_model(Path(os.environ["SRSAT_HOME"]) / "models")
    return REPEAT


@pytest.fixture(scope="session")
def plugin(qgis_app, qgis_processing, repeat_model):
    """The plugin, started as ``qgis_process`` starts it."""
    from srsat_qgis.plugin import SrsatPlugin

    started = SrsatPlugin(None)
    started.initProcessing()
    yield started
    started.unload()


@pytest.fixture
def srsat(plugin):
    """The provider, registered by the plugin."""
    return plugin.provider


@pytest.fixture
def run(srsat, request):
    """Runs the test module's ``ALGORITHM`` with its ``DEFAULTS``, if it has some, and returns the results."""
    from qgis import processing
    from qgis.core import QgsApplication

    fixed = getattr(request.module, "DEFAULTS", {})

    def _run(feedback=None, **parameters):
        results = processing.run(request.module.ALGORITHM, {**fixed, **parameters}, feedback=feedback)
        # A model or batch table knows only what is declared.
        algorithm = QgsApplication.processingRegistry().algorithmById(request.module.ALGORITHM)
        assert set(results) <= {output.name() for output in algorithm.outputDefinitions()}
        return results

    return _run


@pytest.fixture
def desktop(qgis_processing, qgis_iface, monkeypatch):
    """What QGIS's windows of algorithms ask of the main window."""
    from qgis.gui import QgsBrowserGuiModel

    model = QgsBrowserGuiModel()
    monkeypatch.setattr(qgis_iface, "browserModel", lambda: model, raising=False)
    return qgis_iface


@pytest.fixture
def algorithm_window(srsat, desktop):
    """Opens the window of an algorithm."""
    from processing.gui.AlgorithmDialog import AlgorithmDialog
    from qgis.core import QgsApplication
    from qgis.PyQt.QtCore import QEvent

    opened = []

    def _open(name):
        dialog = AlgorithmDialog(QgsApplication.processingRegistry().createAlgorithmById(f"srsat:{name}"))
        opened.append(dialog)
        return dialog

    yield _open
    for dialog in opened:
        dialog.close()
        dialog.deleteLater()
    # Now: what is left for the end of the process is destroyed after what it refers to.
    QgsApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def in_language(plugin):
    """Has QGIS speak another language, as its options would, and the plugin follow."""
    from qgis.core import QgsSettings

    from srsat_qgis.plugin import SrsatPlugin

    started = []

    def _speak(language):
        settings = QgsSettings()
        settings.setValue("locale/overrideFlag", True)
        settings.setValue("locale/userLocale", language)
        other = SrsatPlugin(None)
        other._translate()
        started.append(other)

    yield _speak
    for other in started:
        other.unload()
    QgsSettings().remove("locale/overrideFlag")
    QgsSettings().remove("locale/userLocale")


@pytest.fixture
def values() -> np.ndarray:
    """Four bands of 12-bit digital numbers, (4, 30, 40)."""
    return np.random.default_rng(7).integers(100, 4000, (4, 30, 40)).astype(np.uint16)


@pytest.fixture
def raster(tmp_path, values) -> Path:
    """A four-band uint16 GeoTIFF in UTM that holds ``values``."""
    return write_raster(tmp_path / "scene.tif", values, names=("B2", "B3", "B4", "B8"))


class Recorder:
    """Makes a feedback that keeps what an algorithm says, and can cancel it."""

    def __new__(cls, cancel_at: float | None = None):
        """Return the feedback; it cancels once the progress has reached ``cancel_at`` percent."""
        from qgis.core import QgsProcessingFeedback
        from qgis.PyQt.QtCore import Qt

        class _Feedback(QgsProcessingFeedback):
            def __init__(self):
                super().__init__(False)
                self.lines, self.warnings, self.errors = [], [], []
                if cancel_at is not None:
                    # Direct: progress comes from another thread while this one waits for the run.
                    self.progressChanged.connect(self._watch, Qt.ConnectionType.DirectConnection)

            def _watch(self, percent):
                if percent >= cancel_at:
                    self.cancel()

            def pushInfo(self, info):
                self.lines.append(info)

            def pushWarning(self, warning):
                self.warnings.append(warning)

            def reportError(self, error, fatalError=False):
                self.errors.append(error)

        return _Feedback()


@pytest.fixture
def recorder():
    """Makes feedbacks that record."""
    return Recorder
