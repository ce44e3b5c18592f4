"""The provider's options (Settings > Options > Processing > Providers > SRSat) and their defaults.

They are kept where ``ProcessingConfig`` keeps all of its settings, and read from there directly: ``qgis_process``
and tests have no options dialog, and may lack the ``processing`` plugin that draws it.
"""

from __future__ import annotations

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QCoreApplication

from srsat_qgis.core import paths

GROUP = "SRSat"
DEVICES = ("auto", "cuda", "cpu")

DEVICE = "SRSAT_DEVICE"
THREADS = "SRSAT_THREADS"
GPU_MEMORY_MB = "SRSAT_GPU_MEMORY_MB"
TILE_SIZE = "SRSAT_TILE_SIZE"
BATCH_SIZE = "SRSAT_BATCH_SIZE"
MODELS_FOLDER = "SRSAT_MODELS_FOLDER"

_LABELS = {
    DEVICE: "Device used by default",
    THREADS: "Processor threads (0: all)",
    GPU_MEMORY_MB: "Limit of graphics memory, MB (0: none)",
    TILE_SIZE: "Tile size, pixels of the coarsest input (0: the model's own)",
    BATCH_SIZE: "Tiles computed at a time (0: chosen by device)",
    MODELS_FOLDER: "Folder of your own models (empty: in the QGIS profile)",
}


def tr(text: str) -> str:
    """Return ``text`` in the user's language."""
    return QCoreApplication.translate("srsat_qgis", text)


def _stored(name: str) -> object:
    return QgsSettings().value(f"Processing/Configuration/{name}", None)


def device() -> str:
    """Return the device to use where the user names none."""
    # ProcessingConfig stores a selection as its position in the list.
    try:
        return DEVICES[int(str(_stored(DEVICE)))]
    except (ValueError, IndexError):
        return DEVICES[0]


def _positive(name: str) -> int | None:
    try:
        value = int(str(_stored(name)))
    except ValueError:
        return None
    return value if value > 0 else None


def threads() -> int | None:
    """Return the number of processor threads, None: all."""
    return _positive(THREADS)


def gpu_memory_mb() -> int | None:
    """Return the limit of graphics memory in MB, None: no limit."""
    return _positive(GPU_MEMORY_MB)


def tile_size() -> int | None:
    """Return the tile size in pixels of the coarsest input, None: the model's own."""
    return _positive(TILE_SIZE)


def batch_size() -> int | None:
    """Return the number of tiles computed at a time, None: chosen by device."""
    return _positive(BATCH_SIZE)


def use_models_folder() -> None:
    """Tell core in which folder the user keeps models."""
    folder = _stored(MODELS_FOLDER)
    paths.use_models(str(folder) if folder else None)


def register(icon) -> None:
    """Add the options to QGIS's dialog, where there is one."""
    try:
        from processing.core.ProcessingConfig import ProcessingConfig, Setting
    except ImportError:
        return  # qgis_process on a fresh profile may run without the processing plugin
    ProcessingConfig.settingIcons[GROUP] = icon
    choices = [
        Setting(
            GROUP, DEVICE, tr(_LABELS[DEVICE]), DEVICES[0], valuetype=Setting.SELECTION, options=list(DEVICES)
        ),
        *(
            Setting(GROUP, name, tr(_LABELS[name]), 0, valuetype=Setting.INT)
            for name in (THREADS, GPU_MEMORY_MB, TILE_SIZE, BATCH_SIZE)
        ),
        Setting(GROUP, MODELS_FOLDER, tr(_LABELS[MODELS_FOLDER]), "", valuetype=Setting.FOLDER),
    ]
    for setting in choices:
        ProcessingConfig.addSetting(setting)
        setting.read()


def unregister() -> None:
    """Take the options out of QGIS's dialog; the values stay stored."""
    try:
        from processing.core.ProcessingConfig import ProcessingConfig
    except ImportError:
        return
    for name in _LABELS:
        ProcessingConfig.settings.pop(name, None)
    ProcessingConfig.settingIcons.pop(GROUP, None)
