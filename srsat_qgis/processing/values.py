"""The values of an algorithm's parameters, each read by its type, and the layers among them."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qgis.core import (
    NULL,
    QgsCoordinateReferenceSystem,
    QgsFeatureSink,
    QgsFields,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProperty,
    QgsRasterLayer,
    QgsWkbTypes,
)

from srsat_qgis.core.errors import InvalidSetting, OutputNotWritable, UnsupportedRaster
from srsat_qgis.core.paths import same_file
from srsat_qgis.processing.sources.map_layers import (
    Extent,
    LayerSource,
    no_raster,
    source_of,
    with_own_pixels,
)

_KINDS = {
    "band": "the number of a band of the raster",
    "boolean": "true or false",
    "distance": "a distance in map units",
    "extent": "an extent: xmin,xmax,ymin,ymax [EPSG:code]",
    "file": "a folder",
    "fileDestination": "the name of a file to write",
    "folderDestination": "the name of a folder to write into",
    "multilayer": "at least one raster",
    "range": "two numbers separated by a comma",
    "raster": "a raster",
    "rasterDestination": "the name of a raster to write",
    "string": "a text",
}
"""What parameters take, by QGIS's names of their kinds."""
_NO_LIMIT = 1e300
"""QGIS's limits of a number that has none are larger."""


class Values:
    """The parameters of one run: ``values.SCALE`` is that of SCALE, read when it is first asked for.

    By the parameter's type: a number, or None where it has neither value nor default; True or False; text without
    spaces around it; the word of a list, or a tuple of words; a band, or a tuple of bands; the path of a file, a
    folder or an output, '' for none; the two ends of a range, or None.

    Parameters
    ----------
    algorithm : QgsProcessingAlgorithm
    parameters : mapping
        As QGIS hands them over.
    context : QgsProcessingContext
    """

    def __init__(
        self, algorithm: QgsProcessingAlgorithm, parameters: Mapping[str, Any], context: QgsProcessingContext
    ) -> None:
        self.parameters = dict(parameters)
        self._algorithm, self._context = algorithm, context

    def __getattr__(self, name: str) -> Any:
        definition = None if name.startswith("_") else self._algorithm.parameterDefinition(name)
        if definition is None:
            raise AttributeError(f"there is no parameter {name}")
        value = _READERS[definition.type()](self, definition)
        setattr(self, name, value)
        return value

    def given(self, name: str) -> bool:
        """Return True when the user set the parameter."""
        value = self.parameters.get(name)
        # NULL: from the batch window.
        return not (value is None or value == NULL or value in ("", [], [""]))

    def emptied(self, name: str) -> bool:
        """Return True when the user took a parameter's default away."""
        return name in self.parameters and not self.given(name)

    def raw(self, name: str) -> str:
        """Return the value as text without evaluating it against the context; '' for none.

        For use before a run, when reading an output in the usual way would already create it.
        """
        value = self._static(name)
        return "" if value is None else str(value)

    def _static(self, name: str) -> Any:
        """Return the value as it was given; None for one that depends on the context."""
        value = self.parameters.get(name)
        if isinstance(value, QgsProcessingOutputLayerDefinition):
            value = value.sink
        if isinstance(value, QgsProperty):
            static = value.propertyType() == QgsProperty.StaticProperty
            value = value.staticValue() if static else None
        return value

    def extent(self, name: str, crs: QgsCoordinateReferenceSystem) -> Extent | None:
        """Return the corners of an optional extent in ``crs``; None where there is none."""
        if not self.given(name):
            return None
        box = self._algorithm.parameterAsExtent(self.parameters, name, self._context, crs)
        return None if box.isNull() else (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())

    def extent_and_crs(self, name: str) -> tuple[Extent, str] | None:
        """Return the corners of an optional extent in the CRS that it was given in, and that as WKT; None: none.

        The WKT is empty where neither the extent nor the project has a CRS.
        """
        crs = self._algorithm.parameterAsExtentCrs(self.parameters, name, self._context)
        corners = self.extent(name, crs)
        wkt = crs.toWkt(QgsCoordinateReferenceSystem.WKT_PREFERRED_GDAL) if crs.isValid() else ""
        return None if corners is None else (corners, wkt)

    # --- checks before a run, which say more than QGIS's own ---

    def check_names(self) -> None:
        """Raise InvalidSetting for a name that is no parameter: QGIS would run with the default instead."""
        known = [definition.name() for definition in self._algorithm.parameterDefinitions()]
        for name in self.parameters:
            if name not in known:
                nearest = difflib.get_close_matches(name.upper(), known, n=1)
                hint = f"did you mean {nearest[0]}?" if nearest else f"expected one of: {', '.join(known)}"
                raise InvalidSetting(f"{name}: {self._algorithm.id()} has no such parameter; {hint}")

    def check_numbers(self) -> None:
        """Raise InvalidSetting for what is no number, out of its range, or a fraction where QGIS would round it."""
        for definition in self._algorithm.parameterDefinitions():
            if not isinstance(definition, QgsProcessingParameterNumber):
                continue
            value = self._static(definition.name())
            if value is None or value == NULL or (value == "" and _optional(definition)):
                continue
            try:
                number = float(value)
            except (TypeError, ValueError):
                number = math.nan
            low, high = definition.minimum(), definition.maximum()
            if not low <= number <= high or (_whole(definition) and number != int(number)):
                kind = "a whole number" if _whole(definition) else "a number"
                limits = [
                    f"{word} {limit:.9g}"
                    for word, limit in (("from", low), ("to", high))
                    if abs(limit) < _NO_LIMIT
                ]
                raise InvalidSetting(
                    f"{definition.name()}: found '{value}', expected {' '.join([kind, *limits])}"
                )

    def check_choices(self) -> None:
        """Raise InvalidSetting for a word that is not in a parameter's list."""
        for definition in self._algorithm.parameterDefinitions():
            name = definition.name()
            if definition.type() != "enum" or not self.given(name):
                if definition.type() == "enum" and definition.allowMultiple():
                    # Nothing chosen means the default; QGIS refuses an empty list.
                    self.parameters[name] = None
                continue
            value = self._static(name)
            if value is None:
                continue
            words = _words(value) if definition.allowMultiple() else [str(value)]
            strange = [word for word in words if word not in definition.options()]
            if strange:
                few = "some of" if definition.allowMultiple() else "one of"
                raise InvalidSetting(
                    f"{name}: found '{', '.join(strange)}', expected {few}: {', '.join(definition.options())}"
                )

    def check_folders(self) -> None:
        """Raise OutputNotWritable for a file in a folder that does not exist: it may be written after hours only."""
        for definition in self._algorithm.parameterDefinitions():
            path = self.raw(definition.name()) if definition.type() == "fileDestination" else ""
            if path in ("", QgsProcessing.TEMPORARY_OUTPUT):
                continue
            folder = Path(path).parent
            if not folder.is_dir():
                found = "is a file" if folder.exists() else "does not exist"
                raise OutputNotWritable(
                    f"{definition.name()} {path}: the folder {folder} {found}; expected a folder that exists"
                )

    def check_kinds(self) -> None:
        """Raise InvalidSetting for what QGIS refuses with no more than a parameter's name, and for an unknown CRS.

        Raises
        ------
        UnsupportedRaster
            If one of a list of rasters cannot be opened.
        """
        for definition in self._algorithm.parameterDefinitions():
            name = definition.name()
            value = self._static(name)
            if definition.type() == "extent" and isinstance(value, str):
                named = re.search(r"\[([^\[\]]+)\]\s*$", value)
                if named and not QgsCoordinateReferenceSystem(named.group(1)).isValid():
                    raise InvalidSetting(
                        f"{name}: found '{value}', expected a CRS that QGIS knows, such as EPSG:32632"
                    )
            if definition.checkValueIsAcceptable(self.parameters.get(name), self._context):
                continue
            if definition.type() == "multilayer":
                # Names the one that cannot be opened.
                self.sources(name)
            found = f"'{value}'" if self.given(name) else "nothing"
            raise InvalidSetting(f"{name}: found {found}, expected {_expectation(definition)}")

    # --- what is said of a run ---

    def repeatable(self) -> dict[str, Any]:
        """Return the parameters so that QGIS can write them as Python that runs."""
        found = {name: value if self.given(name) else None for name, value in self.parameters.items()}
        for name, value in found.items():
            definition = self._algorithm.parameterDefinition(name)
            if definition is None or value is None:
                continue
            if definition.type() == "range" and getattr(self, name) is None:
                # QGIS writes [nan,nan], which is no Python.
                found[name] = None
            elif isinstance(value, (list, tuple)) and definition.type() == "enum":
                # QGIS 3.22 writes '' for a list of words.
                found[name] = ",".join(value)
        return found

    def as_it_was(self) -> str:
        """Return what a cancelled run has left of its raster, in one sentence."""
        definition = self._algorithm.parameterDefinition("OUTPUT")
        written = definition is not None and definition.type() == "rasterDestination"
        output = self.OUTPUT if written else ""
        if not output:
            return "Cancelled."
        return f"Cancelled; OUTPUT {output} {'is as it was' if Path(output).exists() else 'was not written'}."

    # --- layers: for the main thread ---

    def find_layers(self) -> None:
        """Find all rasters, so that ``parameters`` holds only what Processing knows.

        Raises
        ------
        UnsupportedRaster
            If an address is that of something else; the message says what it is.
        """
        for definition in self._algorithm.parameterDefinitions():
            name = definition.name()
            address = self.parameters.get(name)
            if definition.type() == "multilayer" and isinstance(address, (list, tuple)):
                self.parameters[name] = [self._found(definition, item) for item in address]
            missing = definition.type() == "raster" and self.layer(name) is None
            if missing and isinstance(address, str) and address:
                raise UnsupportedRaster(f"{name}: {no_raster(address)}")

    def _found(self, definition: QgsProcessingParameterDefinition, item: Any) -> Any:
        """Return one of a list of rasters; where only GDAL knows its address, as a layer."""
        known = not isinstance(item, str) or definition.checkValueIsAcceptable([item], self._context)
        return item if known else _from_gdal(item) or item

    def layer(self, name: str) -> QgsRasterLayer | None:
        """Return a raster layer; None where there is none, or it cannot be opened."""
        layer = self._algorithm.parameterAsRasterLayer(self.parameters, name, self._context)
        address = self.parameters.get(name)
        if layer is None and isinstance(address, str) and address:
            layer = _from_gdal(address)
            if layer is not None:
                self.parameters[name] = layer
        return layer

    def source(self, name: str, *, web_map: bool = False) -> LayerSource | None:
        """Return what core needs to read a raster; None where an optional one is not given.

        Parameters
        ----------
        name : str
        web_map : bool
            Whether a web map will do, whose pixels depend on how it is asked.

        Raises
        ------
        QgsProcessingException
            If it cannot be opened.
        UnsupportedRaster
            If it is a web map, or of a kind that cannot be read.
        """
        if not self.given(name) and _optional(self._algorithm.parameterDefinition(name)):
            return None
        layer = self.layer(name)
        if layer is None:
            raise QgsProcessingException(self._algorithm.invalidRasterError(self.parameters, name))
        return source_of(layer) if web_map else with_own_pixels(source_of(layer), name)

    def sources(self, name: str) -> list[LayerSource]:
        """Return what core needs of a list of rasters; none where the list is empty.

        Raises
        ------
        UnsupportedRaster
            If one of them cannot be opened, and as ``source``.
        """
        if not self.given(name):
            return []
        given = self.parameters[name]
        found = []
        # One by one: of a whole list QGIS leaves out what it cannot open.
        for item in given if isinstance(given, (list, tuple)) else [given]:
            one = {**self.parameters, name: [item]}
            layers = self._algorithm.parameterAsLayerList(one, name, self._context)
            layers = layers or list(filter(None, [_from_gdal(str(item))]))
            if not layers:
                raise UnsupportedRaster(f"{name}: {no_raster(str(item))}")
            found += [with_own_pixels(source_of(layer), name) for layer in layers]
        return found

    # --- outputs ---

    def check_output_differs(self, *names: str) -> None:
        """Raise InvalidSetting, before a run, when OUTPUT is the file of one of the rasters ``names``."""
        output = self.raw("OUTPUT")
        for name in names:
            layer = self.layer(name)
            path = None if layer is None else source_of(layer).path
            if output and path and same_file(output, path):
                raise InvalidSetting(f"OUTPUT {output} is the {name}; expected another file")

    def sink(self, name: str, fields: QgsFields) -> tuple[QgsFeatureSink | None, str | None]:
        """Start the table of an output without geometry, and return it with its id; None: not asked for."""
        sink, identifier = self._algorithm.parameterAsSink(
            self.parameters, name, self._context, fields, QgsWkbTypes.Type.NoGeometry
        )
        return sink, identifier or None

    def write(self, name: str, text: Any) -> str | None:
        """Write what ``text()`` returns into the file of an output, and return its path; None: not asked for.

        Raises
        ------
        OutputNotWritable
            If the file cannot be written.
        """
        path = getattr(self, name)
        if path:
            write_text(path, text())
        return path or None


def write_text(path: str, text: str) -> None:
    """Write a file.

    Raises
    ------
    OutputNotWritable
        If it cannot be written.
    """
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputNotWritable(f"{path}: expected a file that can be written ({error.strerror})") from error


def _from_gdal(address: str) -> QgsRasterLayer | None:
    """Return what GDAL opens: Processing looks for text among layers and files, not in archives and subdatasets."""
    layer = QgsRasterLayer(address, Path(address).stem, "gdal")
    return layer if layer.isValid() else None


def _expectation(definition: QgsProcessingParameterDefinition) -> str:
    """Return in words what a parameter takes."""
    if definition.type() == "file" and definition.behavior() != QgsProcessingParameterFile.Behavior.Folder:
        return f"a file of the kind {definition.fileFilter() or definition.extension()}".rstrip()
    return _KINDS.get(definition.type(), f"a {definition.type()}")


def _optional(definition: QgsProcessingParameterDefinition) -> bool:
    return bool(definition.flags() & QgsProcessingParameterDefinition.Flag.FlagOptional)


def _whole(definition: QgsProcessingParameterNumber) -> bool:
    return definition.dataType() == QgsProcessingParameterNumber.Type.Integer


def _words(value: Any) -> list[str]:
    """Return the words of a list, which may be one text with commas."""
    return [str(word) for word in value] if isinstance(value, (list, tuple)) else str(value).split(",")


def _by(method: str, *, several: str = "") -> Any:
    """Return a reader by a method of the algorithm, and by another one where ``several`` values are allowed."""

    def read(values: Values, definition: QgsProcessingParameterDefinition) -> Any:
        many = bool(several) and definition.allowMultiple()
        reader = getattr(values._algorithm, several if many else method)
        found = reader(values.parameters, definition.name(), values._context)
        return tuple(one for one in found if one != "") if many else found

    return read


def _number(values: Values, definition: QgsProcessingParameterNumber) -> float | None:
    if not values.given(definition.name()) and definition.defaultValue() is None:
        return None
    return _by("parameterAsInt" if _whole(definition) else "parameterAsDouble")(values, definition)


def _text(values: Values, definition: QgsProcessingParameterDefinition) -> str:
    return _by("parameterAsString")(values, definition).strip()


def _file(values: Values, definition: QgsProcessingParameterDefinition) -> str:
    return _by("parameterAsFile")(values, definition) if values.given(definition.name()) else ""


def _raster_output(values: Values, definition: QgsProcessingParameterDefinition) -> str:
    if _optional(definition) and not values.given(definition.name()):
        return ""
    return _by("parameterAsOutputLayer")(values, definition)


def _range(values: Values, definition: QgsProcessingParameterDefinition) -> tuple[float, float] | None:
    ends = _by("parameterAsRange")(values, definition) if values.given(definition.name()) else []
    return tuple(ends) if len(ends) == 2 and all(map(math.isfinite, ends)) else None


_READERS = {
    "band": _by("parameterAsInt", several="parameterAsInts"),
    "boolean": _by("parameterAsBool"),
    "distance": _number,
    "enum": _by("parameterAsEnumString", several="parameterAsEnumStrings"),
    "file": _file,
    "fileDestination": _by("parameterAsFileOutput"),
    "folderDestination": _by("parameterAsFileOutput"),
    "number": _number,
    "range": _range,
    "rasterDestination": _raster_output,
    "string": _text,
}
