"""What all algorithms share: their names, the checks and the start of a run, its progress and its errors."""

from __future__ import annotations

import configparser
import functools
import threading
from collections.abc import Mapping
from typing import Any, Callable, TypeVar

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingParameterDefinition,
)
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QIcon

from srsat_qgis.core.engine.session import onnxruntime
from srsat_qgis.core.errors import Cancelled, RuntimeMissing, SrsatError
from srsat_qgis.core.paths import metadata_file, resources_dir
from srsat_qgis.processing import settings
from srsat_qgis.processing.settings import tr
from srsat_qgis.processing.values import Values

Method = TypeVar("Method", bound=Callable[..., Any])


def translates_core_errors(method: Method) -> Method:
    """Make core's errors Processing's: a cancelled run returns no results, an expected error one clear line.

    A programming error passes through untouched, with its traceback.
    """

    @functools.wraps(method)
    def translated(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except Cancelled:
            return {}
        except SrsatError as error:
            raise QgsProcessingException(str(error)) from error

    return translated  # type: ignore[return-value]


class FeedbackProgress:
    """Core's ``Progress`` on a ``QgsProcessingFeedback``.

    Parameters
    ----------
    feedback : QgsProcessingFeedback
        Its methods emit signals, so the threads that run the algorithm may call them; only one thread at a time
        may write to its log.
    """

    def __init__(self, feedback: QgsProcessingFeedback) -> None:
        self.feedback = feedback
        self._log = threading.Lock()

    @property
    def cancelled(self) -> bool:
        """True once the user pressed Cancel."""
        return self.feedback.isCanceled()

    def update(self, fraction: float) -> None:
        """Move the bar to ``fraction`` (0 to 1) of the work."""
        self.feedback.setProgress(100.0 * fraction)

    def info(self, message: str) -> None:
        """Write a line into the log."""
        with self._log:
            self.feedback.pushInfo(message)

    def warn(self, message: str) -> None:
        """Write a warning into the log."""
        with self._log:
            self.feedback.pushWarning(message)


def icon_file(name: str = "srsat") -> str:
    """Return the path of an icon: the plugin's, or that of a group of the toolbox by the group's id."""
    return str(resources_dir() / "icons" / f"{name}.svg")


def help_address(page: str) -> str:
    """Return the address of a page of the help: the shipped file, or the plugin's homepage where there is none.

    Parameters
    ----------
    page : str
        Path among the pages, without its ending, such as ``algorithms/superresolve``.
    """
    file = resources_dir() / "help" / f"{page}.html"
    if not file.is_file():
        return _homepage()
    return bytes(QUrl.fromLocalFile(str(file)).toEncoded()).decode("ascii")


class SrsatAlgorithm(QgsProcessingAlgorithm):
    """Base of the provider's algorithms; a subclass says only what differs.

    A subclass sets the class attributes below and gives ``initAlgorithm`` and ``work``; ``check`` and
    ``before_work`` where it needs them. All texts are English here; ``tr`` translates them where they are shown.
    """

    public_id = ""
    """The part of ``srsat:public_id`` after the colon; saved models name it, so it never changes."""
    title = ""
    """Name in the toolbox."""
    summary = ""
    """What it does, in one sentence."""
    details = ""
    """The help text above the parameters; the summary where there is none."""
    needs_runtime = True
    """True when the algorithm cannot run without onnxruntime."""
    group_label, group_id = "Super-resolution", "superresolution"
    """Heading in the toolbox, and its id, which never changes."""
    keywords: tuple[str, ...] = ()
    """Search words in addition to those of the whole provider."""

    # --- what a subclass gives ---

    def check(self, values: Values) -> None:
        """Refuse, before a run, what can be seen without opening a raster again.

        Raises
        ------
        SrsatError
            Its message is shown in the dialog.
        """

    def before_work(self, values: Values, progress: FeedbackProgress) -> None:
        """Read what belongs to the main thread: layers, projects, QGIS's options."""

    def work(self, values: Values, progress: FeedbackProgress) -> Mapping[str, Any]:
        """Run, in a thread of its own, and return the outputs; one that is None is left out, never 0."""
        raise NotImplementedError

    def after_cancel(self, values: Values) -> str:
        """Return how a cancelled run is resumed, in one sentence; '' where it cannot be."""
        return ""

    def tr(self, text):
        """Return a text in the user's language, in the context of the algorithm's class."""
        return tr(text, type(self).__name__)

    def add(self, parameter, help_text, *, advanced=False):
        """Declare a parameter with its help text; ``advanced`` ones are folded away in the dialog."""
        parameter.setDescription(self.tr(parameter.description()))
        parameter.setHelp(self.tr(help_text))
        if advanced:
            parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        # QGIS would declare an HTML output: its batch window cannot show one and never ends (QGIS issue 47884), and its
        # dialog then says after every run that a page was made.
        page = parameter.type() == "fileDestination" and "htm" in parameter.fileFilter()
        if not self.addParameter(parameter, createOutput=not page):
            raise ValueError(f"{self.public_id}: parameter {parameter.name()} is declared twice")
        if page:
            self.addOutput(QgsProcessingOutputFile(parameter.name(), parameter.description()))

    def add_outputs(self, kind, labels):
        """Declare outputs of one kind, a class of QGIS; ``labels`` are by name."""
        for name, label in labels.items():
            self.addOutput(kind(name, self.tr(label)))

    # --- what QGIS asks for ---

    def createInstance(self):
        # Every run, dialog and model step starts here: a changed model folder is in force from then on.
        settings.use_models_folder()
        return type(self)()

    def name(self):
        return self.public_id

    def displayName(self):
        return self.tr(self.title)

    def shortDescription(self):
        return self.tr(self.summary)

    def shortHelpString(self):
        return self.tr(self.details or self.summary)

    def group(self):
        return tr(self.group_label)

    def groupId(self):
        return self.group_id

    def flags(self):
        # As it is written: QGIS would make "Sentinel-2 At 10 M" of it.
        return super().flags() | QgsProcessingAlgorithm.Flag.FlagDisplayNameIsLiteral

    def icon(self):
        return QIcon(self.svgIconPath())

    def svgIconPath(self):
        return icon_file(self.group_id)

    def helpUrl(self):
        return help_address(f"algorithms/{self.public_id}")

    def tags(self):
        # No word of what single algorithms do: whoever types it would find all of them, and that one somewhere between.
        general = ("satellite", "srsat", "deep learning")
        words = (*general, *self.keywords)
        # The English words too: they are what manuals and questions on the web say.
        return list(dict.fromkeys([*words, *map(self.tr, words)]))

    def canExecute(self):
        """Return whether the algorithm can run here, and what is missing if not."""
        if self.needs_runtime:
            try:
                onnxruntime()
            except RuntimeMissing as error:
                return False, str(error)
        return True, ""

    def checkParameterValues(self, parameters, context):
        values = Values(self, parameters, context)
        try:
            values.check_names()
            values.check_numbers()
            values.find_layers()
            values.check_folders()
            self.check(values)
            values.check_choices()
            values.check_kinds()
        except SrsatError as error:
            return False, str(error)
        return super().checkParameterValues(values.parameters, context)

    def asPythonCommand(self, parameters, context):
        """Return the call that QGIS keeps in its history; it can be run again."""
        return super().asPythonCommand(Values(self, parameters, context).repeatable(), context)

    @translates_core_errors
    def prepareAlgorithm(self, parameters, context, feedback):
        self.before_work(Values(self, parameters, context), FeedbackProgress(feedback))
        return True

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        values = Values(self, parameters, context)
        try:
            results = self.work(values, FeedbackProgress(feedback))
        except Cancelled:
            # QGIS itself says only that the execution failed.
            feedback.pushInfo(" ".join(filter(None, (values.as_it_was(), self.after_cancel(values)))))
            raise
        return {name: value for name, value in results.items() if value is not None}


@functools.lru_cache(maxsize=1)
def _homepage() -> str:
    """Return the address of the plugin's homepage."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(metadata_file(), encoding="utf-8")
    return parser["general"]["homepage"]
