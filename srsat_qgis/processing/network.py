"""QGIS's network options, for programs that know nothing of QGIS."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlsplit

from qgis.core import QgsNetworkAccessManager
from qgis.PyQt.QtNetwork import QNetworkProxy

_HTTP = (QNetworkProxy.ProxyType.HttpProxy, QNetworkProxy.ProxyType.HttpCachingProxy)


def proxy_environment(warn: Callable[[str], None]) -> dict[str, str]:
    """Return the environment variables that give a program the proxy of QGIS's options; empty for none.

    Read it in the main thread: a stored login may have to be unlocked.

    Parameters
    ----------
    warn : callable
        Is told when QGIS has a proxy of a kind that these variables cannot name for pip.
    """
    manager = QgsNetworkAccessManager.instance()
    proxy = manager.fallbackProxy()
    if proxy.type() == QNetworkProxy.ProxyType.Socks5Proxy:
        warn(
            "QGIS uses a SOCKS proxy, which pip cannot use: set an HTTP proxy, or install from a folder of wheels."
        )
        return {}
    if proxy.type() not in _HTTP or not proxy.hostName():
        return {}  # none, or the system's own, which pip finds by itself
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
