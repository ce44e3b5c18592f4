"""The offer to install onnxruntime, in the main window's message bar, for as long as it is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsSettings,
)
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QFileDialog, QProgressBar, QPushButton

from srsat_qgis.core.engine.session import runtime_is_there
from srsat_qgis.core.install.onnxruntime import Suggestion, suggested
from srsat_qgis.core.paths import dependencies_dir
from srsat_qgis.processing.settings import GROUP, tr

_ALGORITHM = "srsat:installdependencies"
_UNASKED = "srsat_qgis/never_offer_onnxruntime"


class InstallOffer:
    """Shows the offer, and runs the algorithm of the toolbox where a button is pressed.

    Parameters
    ----------
    iface : QgisInterface
        Its message bar is used.
    """

    def __init__(self, iface: Any) -> None:
        self._bar, self._window = iface.messageBar(), iface.mainWindow()
        self._item: Any = None
        # As long as it runs: QGIS keeps bare pointers.
        self._running: tuple[Any, ...] = ()

    def show(self) -> bool:
        """Show the offer where onnxruntime is missing and the user wants to be asked; return whether it is shown."""
        if runtime_is_there() or QgsSettings().value(_UNASKED, False, type=bool):
            return False
        found = suggested()
        text, more = self._texts(found)
        item = self._bar.createMessage(GROUP, text)
        item.setToolTip(more)
        for label, action in (
            (tr("Install"), lambda: self.install()),
            (tr("From a folder..."), self._install_from_folder),
            (tr("Do not ask again"), self._never),
        ):
            button = QPushButton(label, item)
            # The signal's own argument is of no account.
            button.clicked.connect(_without_arguments(action))
            item.layout().addWidget(button)
        self._put(item, Qgis.MessageLevel.Warning)
        return True

    def install(self, wheels: str = "") -> None:
        """Install in the background: from the package index, or from a folder of wheels."""
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(_ALGORITHM)
        parameters = {"WHEELS": wheels} if wheels else {}
        context, feedback = QgsProcessingContext(), _Feedback()
        item = self._bar.createMessage(GROUP, tr("onnxruntime is being installed"))
        progress = QProgressBar(item)
        feedback.progressChanged.connect(lambda percent: progress.setValue(int(percent)))
        button = QPushButton(tr("Cancel"), item)
        button.clicked.connect(_without_arguments(feedback.cancel))
        item.layout().addWidget(progress)
        item.layout().addWidget(button)
        self._put(item, Qgis.MessageLevel.Info)
        # Its first part, which reads the proxy, runs here and now.
        task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
        task.executed.connect(self._ended)
        self._running = (task, algorithm, context, feedback)
        QgsApplication.taskManager().addTask(task)

    def withdraw(self) -> None:
        """Take the message away."""
        if self._item is not None:
            self._bar.popWidget(self._item)
            self._item = None

    def _texts(self, found: Suggestion) -> tuple[str, str]:
        """Return the message, which is one line since the bar cuts a second one, and what it has no room for."""
        text = tr("{package} ({size}), which runs the models, is not installed.")
        more = tr(
            "{package} is chosen since {why}. It goes into {folder}; QGIS's own packages stay as they are."
        )
        return (
            text.format(package=found.package, size=found.size),
            more.format(package=found.package, why=found.why, folder=dependencies_dir()),
        )

    def _install_from_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, tr("Folder of wheels (*.whl)"))
        if folder:
            self.install(folder)

    def _never(self) -> None:
        QgsSettings().setValue(_UNASKED, True)
        self.withdraw()

    def _ended(self, done: bool, results: dict[str, Any]) -> None:
        """Say how the installation has ended."""
        feedback = self._running[-1]
        self._running = ()
        self.withdraw()
        if done and results:
            text = tr("onnxruntime {version} is installed.").format(version=results["PACKAGE_VERSION"])
            if results.get("RESTART"):
                text += " " + tr("Restart QGIS to use it.")
            self._say(text, Qgis.MessageLevel.Success)
        elif feedback.isCanceled():
            self.show()
        else:
            reason = feedback.errors[-1] if feedback.errors else tr("unknown reason")
            self._say(reason, Qgis.MessageLevel.Critical, 0)

    def _say(self, text: str, *how: Any) -> None:
        # Once QGIS has said that its task is complete: the bar shows the last message on top.
        QTimer.singleShot(0, lambda: self._bar.pushMessage(GROUP, text, *how))

    def _put(self, item: Any, level: Any) -> None:
        self.withdraw()
        self._item = item
        self._bar.pushWidget(item, level)


class _Feedback(QgsProcessingFeedback):
    """Keeps the errors that an algorithm reports from its thread."""

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []

    def reportError(self, error: str, fatalError: bool = False) -> None:
        """Keep an error."""
        self.errors.append(error)


def _without_arguments(action: Callable[[], Any]) -> Callable[..., None]:
    def call(*_: Any) -> None:
        action()

    return call
