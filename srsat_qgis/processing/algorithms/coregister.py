"""Processing algorithm: measure how far one raster lies beside another, and move it."""

from __future__ import annotations

import contextlib

from qgis.core import (
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBand,
    QgsProcessingParameterExtent,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from srsat_qgis.core.errors import InvalidSetting, ShiftUndetermined, SrsatError
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.registration.coregister import MODES, UNDETERMINED, RasterShift, raster_shift
from srsat_qgis.core.registration.measure import SURE
from srsat_qgis.core.registration.move import KEEP, RESAMPLINGS, write_moved
from srsat_qgis.core.types import PartProgress
from srsat_qgis.processing.base import SrsatAlgorithm, translates_core_errors
from srsat_qgis.processing.feedback import FeedbackProgress
from srsat_qgis.processing.parameters import params, writing_params
from srsat_qgis.processing.sources.layers import Extent, LayerSource, addressed, own_pixels, source_of

GRIDS = ("input", "reference")
MAX_SHIFT_PX = 20.0
_MEASURING = 0.7  # of the time, where the moved raster is written as well


class Coregister(SrsatAlgorithm):
    """Measure the shift of a raster against a reference; write the moved raster where asked to."""

    INPUT = "INPUT"
    REFERENCE = "REFERENCE"
    BAND = "BAND"
    REFERENCE_BAND = "REFERENCE_BAND"
    MODE = "MODE"
    MAX_SHIFT = "MAX_SHIFT"
    EXTENT = "EXTENT"
    RESAMPLING = "RESAMPLING"
    GRID = "GRID"
    OUTPUT = writing_params.OUTPUT
    DX = "DX"
    DY = "DY"
    DX_PIXELS = "DX_PIXELS"
    DY_PIXELS = "DY_PIXELS"
    CONFIDENCE = "CONFIDENCE"
    CORRELATION_BEFORE = "CORRELATION_BEFORE"
    CORRELATION_AFTER = "CORRELATION_AFTER"
    STATUS = "STATUS"

    needs_runtime = False
    group_label = "Preparation"
    group_id = "preparation"
    keywords = (
        "coregister",
        "co-registration",
        "registration",
        "shift",
        "align",
        "offset",
        "sub-pixel",
        "match",
    )

    def __init__(self):
        super().__init__()
        self._test: LayerSource | None = None
        self._reference: LayerSource | None = None
        self._extent: Extent | None = None

    def name(self):
        return "coregister"  # public id srsat:coregister; never changes

    def displayName(self):
        return self.tr("Co-register raster")

    def shortDescription(self):
        return self.tr(
            "Measures how far a raster lies beside a reference, to parts of a pixel, and moves it."
        )

    def shortHelpString(self):
        return self.tr(
            "Measures how far a raster lies beside a reference, to parts of a pixel, and writes the moved raster if "
            "you name one. The two may come from different sensors and differ in pixel size, grid, CRS and kind: a red "
            "band against a panchromatic one, a vegetation index against surface temperature. One shift is measured "
            "for the whole raster; there is no rotation or warping.\n\n"
            "DX and DY are what must be added to the coordinates of INPUT so that it lies on REFERENCE: map units "
            "of INPUT's CRS, positive to the east and north. DX_PIXELS and DY_PIXELS are the same along INPUT's "
            "columns and rows, positive to the right and downwards, in its pixels.\n\n"
            "CONFIDENCE is 1 less the ratio of the best correlation elsewhere, or to be had by chance, to that of the "
            "shift. Below {sure} the STATUS is 'undetermined', as it is for flat and unlike rasters, and there is no "
            "shift: nothing is moved, and asking for an output is an error. CORRELATION_BEFORE and CORRELATION_AFTER "
            "compare the fine detail of the two; negative where dark and bright have changed places."
        ).format(sure=SURE)

    def initAlgorithm(self, config=None):
        self._add_measure()
        self._add_writing()
        for name, label in (
            (self.DX, self.tr("Shift to add to x, map units")),
            (self.DY, self.tr("Shift to add to y, map units")),
            (self.DX_PIXELS, self.tr("Shift along the columns, input pixels")),
            (self.DY_PIXELS, self.tr("Shift along the rows, input pixels")),
            (self.CONFIDENCE, self.tr("Confidence, 0 to 1")),
            (self.CORRELATION_BEFORE, self.tr("Correlation of fine detail before")),
            (self.CORRELATION_AFTER, self.tr("Correlation of fine detail after")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, label))
        self.addOutput(QgsProcessingOutputString(self.STATUS, self.tr("Status: measured or undetermined")))

    def _add_measure(self):
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, self.tr("Raster to be moved")),
            self.tr("Any raster that GDAL opens."),
        )
        self.add(
            QgsProcessingParameterRasterLayer(self.REFERENCE, self.tr("Reference raster")),
            self.tr("A raster that lies where it should. It may have other pixels and another CRS."),
        )
        self.add(
            self._band(self.BAND, self.tr("Band to compare"), self.INPUT),
            self.tr(
                "The band of INPUT that shows most of what the reference shows; by default the first. All bands are "
                "moved."
            ),
        )
        self.add(
            self._band(self.REFERENCE_BAND, self.tr("Reference band to compare"), self.REFERENCE),
            self.tr("The band of REFERENCE that is compared; by default the first."),
        )
        self.add(
            params.choice(self.MODE, self.tr("What to compare"), MODES, MODES[0]),
            self.tr(
                "intensity: values, for bands that look alike or opposite. gradient: where edges run, whatever is "
                "bright or dark, for unlike bands. auto: intensity, and where that is not sure, gradient."
            ),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.MAX_SHIFT,
                self.tr("Largest shift (input pixels)"),
                QgsProcessingParameterNumber.Type.Double,
                MAX_SHIFT_PX,
                False,
                0.01,
            ),
            self.tr(
                "Shifts up to here are looked for, in all directions. The smaller it is, the surer the result."
            ),
        )
        self.add(
            QgsProcessingParameterExtent(self.EXTENT, self.tr("Extent"), optional=True),
            self.tr("The part that is compared, in any CRS; empty: all. The whole raster is moved."),
            advanced=True,
        )

    def _band(self, name, label, parent):
        # Optional: QGIS 3.22 refuses a band that is not given in spite of its default.
        return QgsProcessingParameterBand(name, label, 1, parent, optional=True)

    def _add_writing(self):
        self.add(
            params.choice(self.RESAMPLING, self.tr("Resampling"), RESAMPLINGS, KEEP),
            self.tr(
                "none: the pixels stay as they are and the georeference is moved; nothing is lost. The others write "
                "new pixels on the grid below."
            ),
        )
        self.add(
            params.choice(self.GRID, self.tr("Grid of the resampled output"), GRIDS, GRIDS[0]),
            self.tr(
                "input: extent and pixels of INPUT as they were. reference: extent, pixels and CRS of REFERENCE, so "
                "that the two can be stacked."
            ),
            advanced=True,
        )
        writing_params.add_creation_options(self)
        self.add(
            QgsProcessingParameterRasterDestination(
                self.OUTPUT, self.tr("Moved raster"), optional=True, createByDefault=False
            ),
            self.tr("The moved raster; empty: the shift is measured only."),
        )

    def checkParameterValues(self, parameters, context):
        parameters = self._addressed(parameters, context)
        try:
            self._check_early(parameters, context)
        except SrsatError as error:
            return False, str(error)
        return super().checkParameterValues(parameters, context)

    def _check_early(self, parameters, context):
        writing_params.check_creation_options(parameters)
        resampling = params.raw_text(parameters.get(self.RESAMPLING)) or KEEP
        if resampling == KEEP and params.raw_text(parameters.get(self.GRID)) == GRIDS[1]:
            raise InvalidSetting(
                f"GRID '{GRIDS[1]}' needs new pixels: expected a RESAMPLING, found '{resampling}'"
            )
        for name in (self.INPUT, self.REFERENCE):
            layer = self.parameterAsRasterLayer(parameters, name, context)
            if layer is not None:
                writing_params.check_output_apart(parameters, name, source_of(layer))

    def _addressed(self, parameters, context):
        for name in (self.INPUT, self.REFERENCE):
            parameters = addressed(self, parameters, name, context)
        return parameters

    @translates_core_errors
    def prepareAlgorithm(self, parameters, context, feedback):
        parameters = self._addressed(parameters, context)
        sources = []
        for name in (self.INPUT, self.REFERENCE):
            layer = self.parameterAsRasterLayer(parameters, name, context)
            if layer is None:
                raise QgsProcessingException(self.invalidRasterError(parameters, name))
            sources.append(own_pixels(source_of(layer)))
            if name == self.INPUT:
                self._extent = params.extent(self, parameters, self.EXTENT, context, layer.crs())
        self._test, self._reference = sources
        return True

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        target = (
            self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
            if self.given(parameters, self.OUTPUT)
            else ""
        )
        progress = FeedbackProgress(feedback)
        with contextlib.ExitStack() as stack:
            test, reference = (
                Raster(
                    stack.enter_context(source.opened(extent=None, resolution=None, feedback=feedback)),
                    nodata=source.nodata,
                )
                for source in (self._test, self._reference)
            )
            found = raster_shift(
                test,
                reference,
                band=self.optional_whole(parameters, self.BAND, context) or 1,
                reference_band=self.optional_whole(parameters, self.REFERENCE_BAND, context) or 1,
                max_shift_px=self.parameterAsDouble(parameters, self.MAX_SHIFT, context),
                mode=self.parameterAsEnumString(parameters, self.MODE, context),
                extent=self._extent,
                progress=PartProgress(progress, 0.0, _MEASURING if target else 1.0),
            )
            self._report(found, feedback)
            if target:
                self._write(found, test, reference, target, parameters, context, progress)
        results = self._results(found)
        return {self.OUTPUT: target, **results} if target else results

    def _report(self, found: RasterShift, feedback):
        """Write the finding into the log."""
        if found.warped:
            feedback.pushInfo(
                self.tr("{name} has another CRS or direction: it was resampled to be compared.").format(
                    name=self._reference.name
                )
            )
        if found.status == UNDETERMINED:
            feedback.pushWarning(
                self.tr("The shift of {test} against {reference} is undetermined: {reason}.").format(
                    test=self._test.name, reference=self._reference.name, reason=found.reason
                )
            )
            return
        feedback.pushInfo(
            self.tr(
                "{test} must be moved by DX {dx:.4g}, DY {dy:.4g} map units ({columns:.3f}, {rows:.3f} pixels); "
                "confidence {confidence:.2f}; correlation of the {mode} detail {before:.3f} before, {after:.3f} after."
            ).format(
                test=self._test.name,
                dx=found.dx,
                dy=found.dy,
                columns=found.dx_pixels,
                rows=found.dy_pixels,
                confidence=found.confidence,
                mode=found.mode,
                before=found.correlation_before,
                after=found.correlation_after,
            )
        )

    def _write(self, found, test, reference, target, parameters, context, progress):
        if found.status == UNDETERMINED:
            raise ShiftUndetermined(
                f"{target} was not written: the shift of {test.path} against {reference.path} is undetermined: "
                f"{found.reason}"
            )
        onto_reference = self.parameterAsEnumString(parameters, self.GRID, context) == GRIDS[1]
        write_moved(
            test,
            target,
            shift=(found.dx, found.dy),
            resampling=self.parameterAsEnumString(parameters, self.RESAMPLING, context),
            onto=reference.grid if onto_reference else None,
            creation_options=writing_params.creation_options(self, parameters, context),
            progress=PartProgress(progress, _MEASURING, 1.0),
        )

    def _results(self, found: RasterShift):
        """Return the outputs; those that an undetermined shift does not have are left out, never 0."""
        results = {
            self.DX: found.dx,
            self.DY: found.dy,
            self.DX_PIXELS: found.dx_pixels,
            self.DY_PIXELS: found.dy_pixels,
            self.CONFIDENCE: found.confidence,
            self.CORRELATION_BEFORE: found.correlation_before,
            self.CORRELATION_AFTER: found.correlation_after,
            self.STATUS: found.status,
        }
        return {name: value for name, value in results.items() if value is not None}
