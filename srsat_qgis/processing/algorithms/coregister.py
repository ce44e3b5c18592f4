"""Processing algorithm: measure the shift between a raster and a reference, and correct it."""

from __future__ import annotations

import contextlib

from qgis.core import QgsProcessingOutputNumber, QgsProcessingOutputString, QgsProcessingParameterBand

from srsat_qgis.core.errors import InvalidSetting, ShiftUndetermined
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.registration.coregister import (
    KEEP,
    MODES,
    RESAMPLINGS,
    UNDETERMINED,
    RasterShift,
    raster_shift,
    write_moved,
)
from srsat_qgis.core.registration.measure import AUTO, MIN_CONFIDENCE
from srsat_qgis.core.registration.strata import LOOSE_STEPS
from srsat_qgis.core.types import PartProgress
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.sources.map_layers import Extent, LayerSource

GRIDS = ("input", "reference")
_MODES = dict(zip(MODES, ("Chosen by confidence", "Values", "Direction of edges")))
_RESAMPLINGS = dict(
    zip(
        RESAMPLINGS,
        (
            "Only the georeference changes",
            "Nearest neighbour",
            "Bilinear",
            "Cubic convolution",
            "Lanczos",
            "Mean of the pixels",
        ),
    )
)
MAX_SHIFT_PX = 20.0
# Of the time, where the moved raster is written as well.
_MEASURING = 0.7


class Coregister(SrsatAlgorithm):
    """Measure the shift of a raster against a reference; write the moved raster where asked to."""

    public_id = "coregister"
    title = "Co-register raster"
    summary = "Measures the shift between a raster and a reference to a fraction of a pixel, and corrects it."
    details = (
        "Measures the shift between a raster and a reference to a fraction of a pixel. If you name an output, it "
        "writes the shifted raster. The two rasters may come from different sensors and may differ in pixel size, "
        "grid, CRS and content: for example a red band and a panchromatic one, or a vegetation index and surface "
        "temperature. One shift is measured for the whole raster; rotation and distortion are not corrected.\n\n"
        "The shift (DX, DY) must be added to the coordinates of the raster to align it with the reference. It is in "
        "map units of the raster's CRS, positive to the east and north. DX_PIXELS and DY_PIXELS are the same shift "
        "along the raster's columns and rows, in its pixels, positive to the right and downwards.\n\n"
        "The confidence (CONFIDENCE) is 1 minus a ratio: the best correlation at other shifts, or the one expected "
        f"by chance, divided by the correlation at the measured shift. If it is below {MIN_CONFIDENCE}, as for flat "
        "or unrelated rasters, the status (STATUS) is 'undetermined': there is no shift, nothing is moved, and "
        "asking for an output is an error. So it is where bright and dark parts show shifts that are more than "
        f"{LOOSE_STEPS} pixels apart, as clouds do that have moved: mask them, or choose what to compare (MODE), which "
        "leaves this question out. The correlations before and after the shift (CORRELATION_BEFORE, "
        "CORRELATION_AFTER) compare the fine detail of the two rasters; they are negative if dark and bright are "
        "inverted."
    )
    needs_runtime = False
    group_label, group_id = "Preparation", "preparation"
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

    def initAlgorithm(self, config=None):
        self._add_measure()
        self._add_writing()
        self.add_outputs(
            QgsProcessingOutputNumber,
            {
                "DX": "Shift to add to x (map units)",
                "DY": "Shift to add to y (map units)",
                "DX_PIXELS": "Shift along the columns (input pixels)",
                "DY_PIXELS": "Shift along the rows (input pixels)",
                "CONFIDENCE": "Confidence (0 to 1)",
                "CORRELATION_BEFORE": "Correlation of fine detail before the shift",
                "CORRELATION_AFTER": "Correlation of fine detail after the shift",
            },
        )
        self.add_outputs(QgsProcessingOutputString, {"STATUS": "Status (measured or undetermined)"})

    def _add_measure(self):
        self.add(params.raster("INPUT", "Raster to shift"), "Any raster that GDAL can open.")
        self.add(
            params.raster("REFERENCE", "Reference raster"),
            "A raster whose position is correct. Its pixel size and CRS may differ.",
        )
        # Optional: QGIS 3.22 refuses a band that is not given in spite of its default.
        self.add(
            QgsProcessingParameterBand("BAND", "Band to compare", 1, "INPUT", optional=True),
            "The band of the raster that is most similar to the reference. Default: the first. All bands are shifted.",
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBand(
                "REFERENCE_BAND", "Reference band to compare", 1, "REFERENCE", optional=True
            ),
            "The band of the reference that is compared. Default: the first.",
            advanced=True,
        )
        self.add(
            params.choice("MODE", "What to compare", _MODES, MODES[0]),
            "intensity: the values, for bands that look alike or inverted. gradient: the direction of edges, for bands "
            "that look different. auto: intensity, and gradient if the confidence of that is too low; bright and dark "
            "parts of both rasters are asked too, so that clouds that have moved give no shift.",
            advanced=True,
        )
        self.add(
            params.number(
                "MAX_SHIFT", "Largest shift (input pixels)", MAX_SHIFT_PX, least=0.01, optional=False
            ),
            "Shifts up to this length are searched, in all directions. A smaller limit gives a more certain result.",
            advanced=True,
        )
        self.add(
            params.extent("EXTENT", "Extent to compare (empty: whole raster)"),
            "The part that is compared, in any CRS. The whole raster is shifted.",
            advanced=True,
        )

    def _add_writing(self):
        self.add(
            params.choice("RESAMPLING", "Resampling", _RESAMPLINGS, KEEP),
            "none: only the georeference changes; the pixels and their values stay. All others compute new pixels on "
            "the grid below (GRID).",
        )
        self.add(
            params.choice(
                "GRID",
                "Grid of the resampled output",
                dict(zip(GRIDS, ("As before the shift", "As the reference"))),
                GRIDS[0],
            ),
            "input: extent and pixels of the raster before the shift. reference: extent, pixels and CRS of the "
            "reference, so that the two can be stacked.",
            advanced=True,
        )
        params.add_creation_options(self)
        self.add(
            params.raster_output("OUTPUT", "Shifted raster", optional=True),
            "Empty: the shift is only measured.",
        )

    def check(self, values):
        params.creation_options(values)
        if values.RESAMPLING == KEEP and GRIDS[1] == values.GRID:
            raise InvalidSetting(f"GRID '{GRIDS[1]}' needs new pixels: expected a RESAMPLING, found '{KEEP}'")
        values.check_output_differs("INPUT", "REFERENCE")

    def before_work(self, values, progress):
        self._test, self._reference = values.source("INPUT"), values.source("REFERENCE")
        self._extent = values.extent("EXTENT", values.layer("INPUT").crs())

    def work(self, values, progress):
        target = values.OUTPUT
        with contextlib.ExitStack() as stack:
            test, reference = (
                Raster(stack.enter_context(source.opened(feedback=progress.feedback)), nodata=source.nodata)
                for source in (self._test, self._reference)
            )
            found = raster_shift(
                test,
                reference,
                band=values.BAND or 1,
                reference_band=values.REFERENCE_BAND or 1,
                max_shift_px=values.MAX_SHIFT,
                mode=values.MODE,
                extent=self._extent,
                # Whoever names a mode takes what it finds.
                agreeing=LOOSE_STEPS if values.MODE == AUTO else None,
                progress=PartProgress(progress, 0.0, _MEASURING if target else 1.0),
            )
            self._report(found, progress)
            if target and found.status == UNDETERMINED:
                raise ShiftUndetermined(
                    f"{target} was not written: the shift of {test.path} against {reference.path} is undetermined: "
                    f"{found.reason}"
                )
            if target:
                write_moved(
                    test,
                    target,
                    shift=(found.dx, found.dy),
                    resampling=values.RESAMPLING,
                    onto=reference.grid if GRIDS[1] == values.GRID else None,
                    creation_options=params.creation_options(values),
                    progress=PartProgress(progress, _MEASURING, 1.0),
                )
        return {
            "OUTPUT": target or None,
            "DX": found.dx,
            "DY": found.dy,
            "DX_PIXELS": found.dx_pixels,
            "DY_PIXELS": found.dy_pixels,
            "CONFIDENCE": found.confidence,
            "CORRELATION_BEFORE": found.correlation_before,
            "CORRELATION_AFTER": found.correlation_after,
            "STATUS": found.status,
        }

    def _report(self, found: RasterShift, progress):
        """Write the finding into the log."""
        test, reference = self._test.name, self._reference.name
        if found.warped:
            progress.info(f"{reference} has another CRS or orientation: it was resampled for the comparison.")
        if found.status == UNDETERMINED:
            progress.warn(f"The shift of {test} against {reference} is undetermined: {found.reason}.")
            return
        progress.info(
            f"{test} must be moved by DX {found.dx:.4g}, DY {found.dy:.4g} map units ({found.dx_pixels:.3f}, "
            f"{found.dy_pixels:.3f} pixels); confidence {found.confidence:.2f}; correlation of the {found.mode} detail "
            f"{found.correlation_before:.3f} before, {found.correlation_after:.3f} after."
        )
