"""Open options of a GDAL driver, which a path cannot carry, put into a virtual raster, which is a path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from osgeo import gdal

from srsat_qgis.core.errors import RasterNotReadable
from srsat_qgis.core.gdalcalls import GdalFailure, call


def with_open_options(path: str, options: Sequence[str], folder: str | Path) -> str:
    """Return the path of a virtual raster that opens ``path`` with its driver's open options.

    Parameters
    ----------
    path : str
        Anything that GDAL opens.
    options : sequence of str
        ``KEY=VALUE``, as the driver knows them.
    folder : str or Path
        Where the virtual raster is written; it must outlive the reading.

    Raises
    ------
    RasterNotReadable
        If GDAL cannot open the raster with these options.
    """
    target = Path(folder) / f"{Path(path).stem or 'raster'}.vrt"
    try:
        source = call(gdal.OpenEx, path, gdal.OF_RASTER, open_options=list(options))
        if source is None:
            raise GdalFailure("not a raster")
        virtual = call(gdal.Translate, str(target), source, format="VRT")
        call(virtual.FlushCache)
    except GdalFailure as error:
        shown = ", ".join(options)
        raise RasterNotReadable(f"{path}: GDAL cannot open it with the options {shown}: {error}") from error
    return str(target)
