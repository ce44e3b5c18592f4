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

from srsat_qgis.core.patches.pairs import LEAST_PATCH, MATCHES, PairRequest, prepare_store
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.temporary import workplace
from srsat_qgis.core.thermal.sharpen import FAMILY
from srsat_qgis.core.thermal.training_guides import channels_for
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.sources.map_layers import LayerSource

_MATCHES = dict(zip(MATCHES, ("Only reported", "Matched by gain and offset")))
AUTO, CHANNELS, BANDS = "auto", "channels", "bands"
_GUIDE_BANDS = dict(
    zip((AUTO, CHANNELS, BANDS), ("Channels for temperatures", "Three standardised channels", "As they are"))
)
_CARD_HELP = "Goes into the card of models trained on this data."


class PrepareTrainingData(SrsatAlgorithm):
    """Write patches of rasters, split by place, into a folder that the trainer reads."""

    public_id = "preparetrainingdata"
    title = "Prepare training data"
    summary = "Cuts rasters into patches for training a model, split by place into training and validation."
    details = (
        "Cuts rasters into patches for training a model. The result is a folder that 'Train model' reads.\n\n"
        "Give high-resolution rasters alone (HR): training then degrades them to make the low-resolution images. Or "
        "give pairs of a high-resolution and a low-resolution raster of the same area (HR and LR), for example from "
        "two sensors. Guides are additional higher-resolution rasters that help, such as NDVI for temperature. The "
        "rasters of a pair may have different extents, but their pixels must nest exactly. If they do not, use "
        "'Co-register raster' or warp them first.\n\n"
        "If there are several rasters, the low-resolution, guide and mask rasters (LR, GUIDES, MASK) are matched to "
        "the high-resolution ones (HR) by file name if the names are the same, else by order.\n\n"
        "Patches with nodata or masked areas are left out. Validation uses whole blocks of the area, separated from "
        "training by a guard band of one patch, never random patches: so the quality measured on it is valid for new "
        "places. Where rasters overlap, a place is used for validation in all of them or in none.\n\n"
        "Pairs are checked. The log gives the shift between them (more than 0.25 LR pixels is a warning) and the "
        "gain, offset and correlation of each band. The picture sheet.png in the folder shows some patches: look at "
        "it before you train."
    )
    needs_runtime = False
    group_label, group_id = "Preparation", "preparation"
    keywords = ("training", "patches", "chips", "data set", "pairs", "split", "validation", "cloud mask")

    def __init__(self):
        super().__init__()
        self._sources: dict[str, list[LayerSource]] = {}

    def initAlgorithm(self, config=None):
        self._add_rasters()
        self._add_patches()
        self._add_split()
        for name, label, help_text in (
            (
                "NAME",
                "Name of the data",
                "Letters, digits, - and _. Empty: the name of the first HR raster.",
            ),
            ("SENSOR", "Sensor", _CARD_HELP),
            ("PLACE", "Place", _CARD_HELP),
            ("LICENCE", "Licence of the rasters", f"{_CARD_HELP} Empty: not stated."),
        ):
            self.add(params.text(name, label, ""), help_text, advanced=True)
        self.add(
            QgsProcessingParameterFolderDestination("OUTPUT", "Training data folder (patch store)"),
            "A new or empty folder, or one with earlier training data, which is replaced.",
        )
        counts = {
            "PATCHES": "Number of training patches",
            "VALIDATION_PATCHES": "Number of validation patches",
        }
        self.add_outputs(QgsProcessingOutputNumber, counts)
        self.add_outputs(QgsProcessingOutputFile, {"SHEET": "Picture of some patches (PNG)"})

    def _add_rasters(self):
        for name, label, help_text in (
            (
                "HR",
                "High-resolution rasters (HR)",
                "What the model must produce. All with the same CRS, bands and pixel size.",
            ),
            (
                "LR",
                "Low-resolution rasters (LR)",
                "One per HR raster, with pixels larger by the scale factor (SCALE) and the same bands (found by name "
                "or wavelength) in the same unit. Empty: training degrades HR.",
            ),
            (
                "GUIDES",
                "Guide rasters",
                "One per HR raster, or several: first all first guides, then all second ones. Their pixels must be a "
                "whole number of times smaller or larger, where they are not made into channels (GUIDE_BANDS).",
            ),
            (
                "MASK",
                "Mask rasters",
                "Areas to leave out, such as clouds: one raster for all, or one per HR raster, with any pixel size. "
                "The first band is used. Areas outside the mask raster are left out too.",
            ),
        ):
            self.add(params.rasters(name, label, optional=name != "HR"), help_text, advanced=name == "MASK")
        self.add(
            params.choice("GUIDE_BANDS", "Bands of the guides", _GUIDE_BANDS, AUTO),
            "channels: all guides of an HR raster become three standardised channels on its pixels, as 'Sharpen "
            "temperatures' gives them to networks; the guides may then have any bands, pixels and CRS. bands: as they "
            "are. auto: channels where HR has one band, else bands.",
            advanced=True,
        )
        self.add(
            params.whole_number(
                "SCALE", "Scale factor (HR pixels per LR pixel)", 2, least=2, most=32, optional=False
            ),
            "Along one axis.",
        )

    def _add_patches(self):
        self.add(
            params.text("MASK_VALUES", "Mask values to leave out", ""),
            "Values of the mask rasters (MASK), separated by commas, for example 3,8,9,10 for clouds and shadows in "
            "Sentinel-2's SCL. Empty: all values except 0.",
            advanced=True,
        )
        self.add(
            params.number("NODATA", "Nodata value of HR and LR"),
            "Pixels with this value are nodata. It replaces the nodata value that a raster declares. Use 0 for "
            "Sentinel-2's JPEG 2000 files, which declare none.",
            advanced=True,
        )
        self.add(
            params.whole_number(
                "PATCH_SIZE", "Patch size (HR pixels)", 128, least=LEAST_PATCH, most=4096, optional=False
            ),
            "Side length. It is reduced, with a line in the log, if the rasters are too small.",
            advanced=True,
        )
        self.add(
            params.whole_number("OVERLAP", "Overlap of training patches (HR pixels)", 0, least=0, most=4095),
            "Validation patches never overlap.",
            advanced=True,
        )
        self.add(
            params.number("MAX_INVALID", "Largest share of invalid pixels per patch (0 to 1)", 0.0),
            "Patches with a larger share of nodata or masked pixels are left out. In patches that are kept, nodata is "
            "filled from its neighbours; masked pixels keep their values.",
            advanced=True,
        )

    def _add_split(self):
        self.add(
            params.number("VALIDATION_SHARE", "Share of the area for validation (0 to 1)", 0.15),
            "Approximate, because whole blocks are used. 0: no validation.",
            advanced=True,
        )
        self.add(
            params.whole_number("SEED", "Random seed of the split", 1, least=0, most=params.LARGEST_SEED),
            "Chooses the validation blocks. The same seed gives the same training data.",
            advanced=True,
        )
        self.add(
            params.choice("MATCH", "Radiometry of pairs", _MATCHES, MATCHES[0]),
            "report: gain and offset between HR and LR are only reported, and the model learns them. linear: each "
            "band of HR is matched to LR by a gain and an offset, so that the model learns only detail.",
            advanced=True,
        )

    def check(self, values):
        params.numbers(values, "MASK_VALUES")

    def before_work(self, values, progress):
        self._sources = {name: values.sources(name) for name in ("HR", "LR", "GUIDES", "MASK")}
        if not self._sources["HR"]:
            raise QgsProcessingException(self.invalidRasterError(values.parameters, "HR"))
        for sources in self._sources.values():
            for source in sources:
                if source.nodata is not None or source.unused_nodata:
                    progress.warn(
                        f"{source.name}: the layer's additional nodata values are not used, only the raster's own; set "
                        "NODATA, or mask them"
                    )

    def _reduced(self, values, paths):
        """Return whether guides are made into channels."""
        if not paths["GUIDES"] or values.GUIDE_BANDS == BANDS:
            return False
        return values.GUIDE_BANDS == CHANNELS or all(
            sum(not info.is_alpha for info in Raster(path).bands) == 1 for path in paths["HR"]
        )

    def work(self, values, progress):
        with contextlib.ExitStack() as stack:
            paths = {
                name: tuple(
                    stack.enter_context(source.opened(feedback=progress.feedback)) for source in sources
                )
                for name, sources in self._sources.items()
            }
            reduced = self._reduced(values, paths)
            if reduced:
                folder = stack.enter_context(workplace(Path(values.OUTPUT)))
                paths["GUIDES"] = channels_for(
                    paths["HR"], paths["GUIDES"], folder, nodata=values.NODATA, progress=progress
                )
            first = re.sub(r"[^A-Za-z0-9_-]+", "-", self._sources["HR"][0].name).strip("-")
            request = PairRequest(
                targets=paths["HR"],
                images=paths["LR"],
                guides=paths["GUIDES"],
                masks=paths["MASK"],
                mask_values=params.numbers(values, "MASK_VALUES"),
                nodata=values.NODATA,
                scale=values.SCALE,
                patch_size=values.PATCH_SIZE,
                overlap=values.OVERLAP,
                max_invalid=values.MAX_INVALID,
                validation_share=values.VALIDATION_SHARE,
                seed=values.SEED,
                match=values.MATCH,
                name=values.NAME or first or "rasters",
                sensor=values.SENSOR,
                place=values.PLACE,
                licence=values.LICENCE or "not stated",
                family=FAMILY if reduced else "",
            )
            made = prepare_store(request, Path(values.OUTPUT), progress=progress)
        return {
            "OUTPUT": str(made.folder),
            "PATCHES": made.train,
            "VALIDATION_PATCHES": made.validation,
            "SHEET": str(made.sheet),
        }
