"""QGIS's options: the provider's own with their defaults, and the network's, for programs outside QGIS."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlsplit

from qgis.core import QgsNetworkAccessManager, QgsSettings
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtNetwork import QNetworkProxy

from srsat_qgis.core import paths

GROUP = "SRSat"
COMMON = "srsat_qgis"
"""The context of translations that texts of several classes share."""
DEVICES = ("auto", "cuda", "cpu")

DEVICE = "SRSAT_DEVICE"
THREADS = "SRSAT_THREADS"
GPU_MEMORY_MB = "SRSAT_GPU_MEMORY_MB"
TILE_SIZE = "SRSAT_TILE_SIZE"
BATCH_SIZE = "SRSAT_BATCH_SIZE"
MODELS_FOLDER = "SRSAT_MODELS_FOLDER"

LABELS = {
    DEVICE: "Default device",
    THREADS: "Processor threads (0: all)",
    GPU_MEMORY_MB: "Graphics memory limit (MB; 0: no limit)",
    TILE_SIZE: "Default tile size (pixels of the lowest-resolution input; 0: the model's own)",
    BATCH_SIZE: "Default batch size (tiles; 0: chosen by device)",
    MODELS_FOLDER: "Folder of your own models (empty: in the QGIS profile)",
}


def tr(text: str, context: str = COMMON) -> str:
    """Return ``text`` in the user's language: as it is said in a context (a class's name), else as everywhere."""
    found = QCoreApplication.translate(context, text)
    return found if found != text or context == COMMON else QCoreApplication.translate(COMMON, text)


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
    """Return the graphics memory limit in MB, None: no limit."""
    return _positive(GPU_MEMORY_MB)


def tile_size() -> int | None:
    """Return the tile size in pixels of the lowest-resolution input, None: the model's own."""
    return _positive(TILE_SIZE)


def batch_size() -> int | None:
    """Return the batch size in tiles, None: chosen by device."""
    return _positive(BATCH_SIZE)


def use_models_folder() -> None:
    """Set the user's models folder in core."""
    folder = _stored(MODELS_FOLDER)
    paths.use_models(str(folder) if folder else None)


def register(icon) -> None:
    """Add the options to QGIS's dialog, where there is one."""
    try:
        from processing.core.ProcessingConfig import ProcessingConfig, Setting
    except ImportError:
        # qgis_process may run without the processing plugin on a fresh profile.
        return
    ProcessingConfig.settingIcons[GROUP] = icon
    choices = [
        Setting(
            GROUP, DEVICE, tr(LABELS[DEVICE]), DEVICES[0], valuetype=Setting.SELECTION, options=list(DEVICES)
        ),
        *(
            Setting(GROUP, name, tr(LABELS[name]), 0, valuetype=Setting.INT)
            for name in (THREADS, GPU_MEMORY_MB, TILE_SIZE, BATCH_SIZE)
        ),
        Setting(GROUP, MODELS_FOLDER, tr(LABELS[MODELS_FOLDER]), "", valuetype=Setting.FOLDER),
    ]
    for setting in choices:
        ProcessingConfig.addSetting(setting)
        setting.read()


def unregister() -> None:
    """Remove the options from QGIS's dialog; the values stay stored."""
    try:
        from processing.core.ProcessingConfig import ProcessingConfig
    except ImportError:
        return
    for name in LABELS:
        ProcessingConfig.settings.pop(name, None)
    ProcessingConfig.settingIcons.pop(GROUP, None)


_HTTP = (QNetworkProxy.ProxyType.HttpProxy, QNetworkProxy.ProxyType.HttpCachingProxy)


def proxy_environment(warn: Callable[[str], None]) -> dict[str, str]:
    """Return the environment variables that give a program the proxy of QGIS's options; empty for none.

    Read it in the main thread: a stored login may have to be unlocked.

    Parameters
    ----------
    warn : callable
        Called with a message when QGIS has a kind of proxy that pip cannot use.
    """
    manager = QgsNetworkAccessManager.instance()
    proxy = manager.fallbackProxy()
    if proxy.type() == QNetworkProxy.ProxyType.Socks5Proxy:
        warn(
            "QGIS uses a SOCKS proxy, which pip cannot use. Set an HTTP proxy, or install from a folder of wheels."
        )
        return {}
    if proxy.type() not in _HTTP or not proxy.hostName():
        # No proxy, or the system's own, which pip finds by itself.
        return {}
    login = quote(proxy.user(), safe="")
    if login and proxy.password():
        login += f":{quote(proxy.password(), safe='')}"
    address = f"http://{login + '@' if login else ''}{proxy.hostName()}:{proxy.port()}"
    made = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), address)
    direct = [_host(entry) for entry in [*manager.excludeList(), *manager.noProxyList()]]
    if any(direct):
        made["no_proxy"] = made["NO_PROXY"] = ",".join(host for host in direct if host)
    return made


def _host(address: str) -> str:
    """Return the host of an address that QGIS does not send through the proxy."""
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
