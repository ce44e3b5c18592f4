"""Processing algorithm: cut rasters into a patch store to train on."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from qgis.core import (
    QgsProcessingException,
    QgsProcessingOutputFile,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFolderDestination,
)

from srsat_qgis.core.errors import InvalidSetting, SrsatError
from srsat_qgis.core.patches.pairs import LEAST_PATCH, MATCHES, PairRequest, prepare_store
from srsat_qgis.processing.base import SrsatAlgorithm, translates_core_errors
from srsat_qgis.processing.feedback import FeedbackProgress
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.sources.layers import LayerSource, sources_of


class PrepareTrainingData(SrsatAlgorithm):
    """Write patches of rasters, split by place, into a folder that the trainer reads."""

    HR = "HR"
    LR = "LR"
    GUIDES = "GUIDES"
    SCALE = "SCALE"
    MASK = "MASK"
    MASK_VALUES = "MASK_VALUES"
    NODATA = "NODATA"
    PATCH_SIZE = "PATCH_SIZE"
    OVERLAP = "OVERLAP"
    MAX_INVALID = "MAX_INVALID"
    VALIDATION_SHARE = "VALIDATION_SHARE"
    SEED = "SEED"
    MATCH = "MATCH"
    NAME = "NAME"
    SENSOR = "SENSOR"
    PLACE = "PLACE"
    LICENCE = "LICENCE"
    OUTPUT = "OUTPUT"
    PATCHES = "PATCHES"
    VALIDATION_PATCHES = "VALIDATION_PATCHES"
    SHEET = "SHEET"

    needs_runtime = False
    group_label = "Preparation"
    group_id = "preparation"
    keywords = ("training", "patches", "chips", "data set", "pairs", "split", "validation", "cloud mask")

    def __init__(self):
        super().__init__()
        self._sources: dict[str, list[LayerSource]] = {}

    def name(self):
        return "preparetrainingdata"  # public id srsat:preparetrainingdata; never changes

    def displayName(self):
        return self.tr("Prepare training data")

    def shortDescription(self):
        return self.tr(
            "Cuts rasters into patches for training a model, split by place into training and validation."
        )

    def shortHelpString(self):
        return self.tr(
            "Cuts rasters into patches to train a model on: a folder that 'Train model' takes.\n\n"
            "Give fine rasters alone (HR), and training makes their coarse counterparts itself; or pairs of a fine "
            "and a coarse raster of the same ground (HR and LR), as of two sensors; and guides, finer rasters that "
            "help, such as NDVI for temperature. The rasters of a pair may have different extents, but their pixels "
            "must nest: use 'Co-register rasters' or warp first where they do not.\n\n"
            "Several rasters: LR, GUIDES and MASK are matched to HR by file name where the same names stand in both, "
            "else by their order.\n\n"
            "Patches with no data or masked ground are left out. Validation takes whole blocks of ground with a guard "
            "band of one patch around them, never random patches: numbers measured on it hold for new places. Where "
            "rasters overlap, ground is validation in all of them or in none.\n\n"
            "Pairs are checked: the log tells the shift between them (more than 0.25 LR pixels is a warning) and gain, "
            "offset and correlation of every band. The picture sheet.png in the folder shows some patches, one in each "
            "row: LR, its bicubic enlargement, HR, then the guides; validation patches come last. Look at it before "
            "you train."
        )

    def initAlgorithm(self, config=None):
        self._add_rasters()
        self._add_patches()
        self._add_origin()
        self.add(
            QgsProcessingParameterFolderDestination(self.OUTPUT, self.tr("Patch store")),
            self.tr("A new or empty folder, or one with an earlier patch store, which is replaced."),
        )
        self.addOutput(QgsProcessingOutputNumber(self.PATCHES, self.tr("Patches for training")))
        self.addOutput(QgsProcessingOutputNumber(self.VALIDATION_PATCHES, self.tr("Patches for validation")))
        self.addOutput(QgsProcessingOutputFile(self.SHEET, self.tr("Picture of some patches")))

    def _add_rasters(self):
        for name, label, help_text, optional in (
            (
                self.HR,
                self.tr("Fine rasters (HR)"),
                self.tr("What the model is to produce. All in one CRS, with the same bands and pixel size."),
                False,
            ),
            (
                self.LR,
                self.tr("Coarse rasters (LR), paired"),
                self.tr(
                    "One for each of HR, SCALE times coarser, with the same bands (found by name or wavelength) in "
                    "the same unit. Empty: training degrades HR."
                ),
                True,
            ),
            (
                self.GUIDES,
                self.tr("Guides"),
                self.tr(
                    "One for each of HR, or several: then all first guides, followed by all second ones. Their pixels "
                    "are a whole number of times finer or coarser."
                ),
                True,
            ),
            (
                self.MASK,
                self.tr("Masks"),
                self.tr(
                    "What is to be left out, such as clouds: one raster for all, or one for each of HR, of any pixel "
                    "size. Its first band counts; ground that it does not cover is left out too."
                ),
                True,
            ),
        ):
            self.add(params.rasters(name, label, optional=optional), help_text)
        self.add(
            params.whole_number(self.SCALE, self.tr("Scale"), default=2, least=2, most=32, optional=False),
            self.tr("Fine pixels per coarse pixel, along one axis."),
        )

    def _add_patches(self):
        self.add(
            params.text(self.MASK_VALUES, self.tr("Mask values left out")),
            self.tr(
                "Values of MASK that are left out, separated by commas, such as 3,8,9,10 for clouds and shadows of "
                "Sentinel-2's SCL. Empty: every value but 0."
            ),
            advanced=True,
        )
        self.add(
            params.number(self.NODATA, self.tr("No data value")),
            self.tr(
                "Pixels of this value in HR and LR are no data, such as 0 in Sentinel-2's JPEG 2000 files, which do "
                "not say so themselves; it replaces the value that a raster declares."
            ),
            advanced=True,
        )
        self.add(
            params.whole_number(
                self.PATCH_SIZE,
                self.tr("Patch size"),
                default=128,
                least=LEAST_PATCH,
                most=4096,
                optional=False,
            ),
            self.tr(
                "Side in HR pixels; made smaller, with a line in the log, where the rasters leave no room."
            ),
            advanced=True,
        )
        self.add(
            params.whole_number(self.OVERLAP, self.tr("Overlap"), default=0, least=0, most=4095),
            self.tr(
                "HR pixels that neighbouring patches for training share. Those for validation share none."
            ),
            advanced=True,
        )
        for name, label, default, help_text in (
            (
                self.MAX_INVALID,
                self.tr("Share of invalid pixels allowed"),
                0.0,
                self.tr(
                    "Patches with a larger share of no data, or of masked ground, are left out. No data in patches "
                    "that are kept is filled from around it; masked pixels stay as they are."
                ),
            ),
            (
                self.VALIDATION_SHARE,
                self.tr("Share for validation"),
                0.15,
                self.tr("About this share of the ground becomes validation, in whole blocks. 0: none."),
            ),
        ):
            self.add(params.number(name, label, default=default), help_text, advanced=True)
        self.add(
            params.whole_number(self.SEED, self.tr("Seed of the split"), default=1, least=0, most=2**31 - 1),
            self.tr("Chooses the blocks for validation. Equal seeds give equal stores."),
            advanced=True,
        )
        self.add(
            params.choice(self.MATCH, self.tr("Radiometry of pairs"), MATCHES, MATCHES[0]),
            self.tr(
                "report: gain and offset between HR and LR are only reported, and the model learns them. linear: every "
                "band of HR is brought to the radiometry of LR by a gain and an offset, so that the model learns "
                "detail alone."
            ),
            advanced=True,
        )

    def _add_origin(self):
        for name, label, help_text in (
            (
                self.NAME,
                self.tr("Name"),
                self.tr(
                    "What the store calls its source; letters, digits, - and _. Empty: after the first HR."
                ),
            ),
            (self.SENSOR, self.tr("Sensor"), self.tr("Goes into the card of models trained on the store.")),
            (self.PLACE, self.tr("Place"), self.tr("Goes into the card of models trained on the store.")),
            (
                self.LICENCE,
                self.tr("Licence of the rasters"),
                self.tr("Goes into the card of models trained on the store. Empty: not stated."),
            ),
        ):
            self.add(params.text(name, label), help_text, advanced=True)

    @translates_core_errors
    def prepareAlgorithm(self, parameters, context, feedback):
        for name in (self.HR, self.LR, self.GUIDES, self.MASK):
            self._sources[name] = sources_of(self, parameters, name, context)
            if name == self.HR and not self._sources[name]:
                raise QgsProcessingException(self.invalidRasterError(parameters, name))
            for source in self._sources[name]:
                self._check_source(name, source, feedback)
        return True

    def _check_source(self, name, source, feedback):
        if source.remote is not None:
            raise InvalidSetting(f"{name}: {source.name} is a web map; expected a raster with its own values")
        if source.nodata is not None or source.unused_nodata:
            feedback.pushWarning(
                f"{source.name}: the layer's additional no data values are not used, only the raster's own; give "
                "NODATA, or mask them"
            )

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        with contextlib.ExitStack() as opened:
            paths = {
                name: tuple(
                    opened.enter_context(source.opened(extent=None, resolution=None, feedback=feedback))
                    for source in sources
                )
                for name, sources in self._sources.items()
            }
            request = PairRequest(
                targets=paths[self.HR],
                images=paths[self.LR],
                guides=paths[self.GUIDES],
                masks=paths[self.MASK],
                mask_values=params.numbers(self, parameters, self.MASK_VALUES, context),
                nodata=self.optional_number(parameters, self.NODATA, context),
                scale=self.parameterAsInt(parameters, self.SCALE, context),
                patch_size=self.parameterAsInt(parameters, self.PATCH_SIZE, context),
                overlap=self.parameterAsInt(parameters, self.OVERLAP, context),
                max_invalid=self.parameterAsDouble(parameters, self.MAX_INVALID, context),
                validation_share=self.parameterAsDouble(parameters, self.VALIDATION_SHARE, context),
                seed=self.parameterAsInt(parameters, self.SEED, context),
                match=self.parameterAsEnumString(parameters, self.MATCH, context),
                **self._origin(parameters, context),
            )
            folder = Path(self.parameterAsString(parameters, self.OUTPUT, context))
            made = prepare_store(request, folder, progress=FeedbackProgress(feedback))
        return {
            self.OUTPUT: str(made.folder),
            self.PATCHES: made.train,
            self.VALIDATION_PATCHES: made.validation,
            self.SHEET: str(made.sheet),
        }

    def _origin(self, parameters, context) -> dict[str, str]:
        """Return what the user says of the rasters, by core's names of it."""
        first = re.sub(r"[^A-Za-z0-9_-]+", "-", self._sources[self.HR][0].name).strip("-")
        defaults = {
            self.NAME: first or "rasters",
            self.SENSOR: "",
            self.PLACE: "",
            self.LICENCE: "not stated",
        }
        return {
            name.lower(): self.parameterAsString(parameters, name, context).strip() or default
            for name, default in defaults.items()
        }

    def checkParameterValues(self, parameters, context):
        try:
            params.numbers(self, parameters, self.MASK_VALUES, context)
        except SrsatError as error:
            return False, str(error)
        return super().checkParameterValues(parameters, context)
