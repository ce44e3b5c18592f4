"""The one error tree: every message is written for the user and gives the value seen and expected."""

from __future__ import annotations


class SrsatError(Exception):
    """Root of all errors that this project raises on purpose."""


class Cancelled(SrsatError):
    """The user cancelled the run."""


class InvalidSetting(SrsatError):
    """A setting is out of its range, or contradicts another one."""


class InputError(SrsatError):
    """A raster cannot be used as input."""


class RasterNotReadable(InputError):
    """GDAL cannot open the raster, or cannot read a part of it."""


class UnsupportedRaster(InputError):
    """The raster opens, but its kind (paletted, complex, no bands) is not for super-resolution."""


class NoValidPixels(InputError):
    """No pixel of the wanted region holds a value."""


class BandMismatch(InputError):
    """The raster's bands are not those that the model takes."""


class GridMismatch(InputError):
    """Several inputs do not lie on grids that nest exactly."""


class ShiftUndetermined(InputError):
    """The shift between two rasters cannot be determined from their pixels."""


class ShapeMismatch(InputError):
    """Two arrays or rasters that must have the same shape differ."""


class ProductNotReadable(InputError):
    """A Sentinel-2 product is not there, is damaged, or lacks the images that are wanted."""


class MixedScenes(InputError):
    """Bands of several dates or tiles were given as one scene."""


class OutputError(SrsatError):
    """The output cannot be written where, or as what, it was asked for."""


class OutputIsInput(OutputError):
    """The output names the file of an input."""


class OutputNotWritable(OutputError):
    """The output's folder or format cannot be written."""


class DiskFull(OutputError):
    """The disk is, or would be, too full for the output."""


class ModelError(SrsatError):
    """A model cannot be used."""


class ModelNotFound(ModelError):
    """No model has this id, or no file this path."""


class DuplicateModel(ModelError):
    """Two model folders claim one id."""


class InvalidCard(ModelError):
    """A model card does not follow the schema."""


class UnsafeModel(ModelError):
    """A model refers to data outside its folder, or needs custom operators."""


class UnsupportedModel(ModelError):
    """A file is no ONNX model, or its graph is not one that super-resolves rasters."""


class CardMismatch(ModelError):
    """The graph does not do what its card says."""


class RuntimeMissing(SrsatError):
    """onnxruntime is not installed."""


class DeviceUnavailable(SrsatError):
    """The device that was asked for cannot be used."""


class OutOfMemory(SrsatError):
    """The device ran out of memory, also with the smallest tile."""


class ClusterError(SrsatError):
    """The machines that were to do a run cannot be reached, or are lost."""


class InstallationFailed(SrsatError):
    """A package could not be installed or does not import afterwards."""


class TrainingError(SrsatError):
    """A network cannot be trained."""


class InvalidRecipe(TrainingError):
    """A training recipe cannot be read, or a value in it is out of its range."""


class InvalidStore(TrainingError):
    """A patch store is unfinished, damaged, or holds too few patches."""


class InvalidCheckpoint(TrainingError):
    """A checkpoint is damaged, or belongs to another recipe."""


class TrainingDiverged(TrainingError):
    """The loss became infinite or not a number; the last good checkpoint is kept."""


class TrainerMissing(TrainingError):
    """There is no Python with PyTorch that could run the trainer."""


class TrainerFailed(TrainingError):
    """The trainer's process ended without a result."""


class ExportFailed(TrainingError):
    """An exported graph does not do what the trained network does."""
