"""SRSat: super-resolution of satellite rasters as a QGIS Processing provider."""


def classFactory(iface):
    """Return the plugin; QGIS calls this once, with None under ``qgis_process``."""
    # Imported here: the core of this package also runs where there is no QGIS.
    from srsat_qgis.plugin import SrsatPlugin

    return SrsatPlugin(iface)
