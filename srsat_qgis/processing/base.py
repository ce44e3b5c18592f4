"""What all algorithms of the provider share."""

from __future__ import annotations

import configparser
import functools
from typing import Any, Callable, TypeVar

from qgis.core import (
    NULL,
    QgsProcessingAlgorithm,
    QgsProcessingException,
    QgsProcessingParameterDefinition,
)
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon

from srsat_qgis.core.engine.session import onnxruntime
from srsat_qgis.core.errors import Cancelled, RuntimeMissing, SrsatError
from srsat_qgis.core.paths import metadata_file, resources_dir
from srsat_qgis.processing.parameters import settings

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


def icon() -> QIcon:
    """Return the plugin's icon."""
    return QIcon(str(resources_dir() / "icons" / "srsat.svg"))


class SrsatAlgorithm(QgsProcessingAlgorithm):
    """Base of the provider's algorithms; a subclass says only what differs.

    A subclass gives ``name``, ``displayName``, ``shortDescription``, ``initAlgorithm`` and ``processAlgorithm``,
    and sets the class attributes below where their defaults do not fit.
    """

    needs_runtime = True
    """True when the algorithm cannot run without onnxruntime."""
    group_label = "Super-resolution"
    """Heading in the toolbox, in English; translated by ``group``."""
    group_id = "superresolution"
    """Id of the heading; never changes."""
    keywords: tuple[str, ...] = ()
    """Search words besides those of the whole provider, in English."""

    def tr(self, text):
        return QCoreApplication.translate("srsat_qgis", text)

    def createInstance(self):
        # Every run, dialog and model step starts here: a changed model folder is in force from then on.
        settings.use_models_folder()
        return type(self)()

    def group(self):
        return self.tr(self.group_label)

    def groupId(self):
        return self.group_id

    def icon(self):
        return icon()

    def svgIconPath(self):
        return str(resources_dir() / "icons" / "srsat.svg")

    def helpUrl(self):
        return homepage()

    def tags(self):
        general = ("super-resolution", "superresolution", "satellite", "srsat", "deep learning", "onnx")
        return [self.tr(word) for word in (*general, *self.keywords)]

    def shortHelpString(self):
        return self.shortDescription()

    def canExecute(self):
        """Return whether the algorithm can run here, and what is missing if not."""
        if self.needs_runtime:
            try:
                onnxruntime()
            except RuntimeMissing as error:
                return False, str(error)
        return True, ""

    def add(self, parameter, help_text="", *, advanced=False):
        """Declare a parameter with its help text; ``advanced`` ones are folded away in the dialog."""
        parameter.setHelp(help_text)
        if advanced:
            parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        if not self.addParameter(parameter):
            raise ValueError(f"{self.name()}: parameter {parameter.name()} is declared twice")

    def given(self, parameters, name):
        """Return True when the user set the optional parameter ``name``."""
        value = parameters.get(name)
        return not (value is None or value == NULL or value in ("", []))  # NULL: from the batch window

    def optional_number(self, parameters, name, context):
        """Return the optional number ``name``, as the user or its default has it; None: neither."""
        return self.parameterAsDouble(parameters, name, context) if self._has(parameters, name) else None

    def optional_whole(self, parameters, name, context):
        """Return the optional integer ``name``, as the user or its default has it; None: neither."""
        return self.parameterAsInt(parameters, name, context) if self._has(parameters, name) else None

    def optional_file(self, parameters, name, context):
        """Return the path in the optional parameter ``name``; '' when there is none."""
        return self.parameterAsFile(parameters, name, context) if self.given(parameters, name) else ""

    def _has(self, parameters, name):
        default = self.parameterDefinition(name).defaultValue()
        return self.given(parameters, name) or (name not in parameters and default is not None)


@functools.lru_cache(maxsize=1)
def _metadata() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(metadata_file(), encoding="utf-8")
    return parser["general"]


def homepage() -> str:
    """Return the address of the plugin's pages."""
    return _metadata()["homepage"]
