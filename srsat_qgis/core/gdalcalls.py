"""Calls into GDAL that fail loudly, whichever error mode the rest of the process has set.

GDAL's exceptions are switched on and off for the whole process, and QGIS and its plugins count on their own
setting. So this project changes nothing and reads the error state of each call instead.
"""

from __future__ import annotations

from typing import Any, Callable

from osgeo import gdal


class GdalFailure(Exception):
    """A GDAL call failed; the text is GDAL's own."""


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what a GDAL call returns.

    Raises
    ------
    GdalFailure
        If the call raised, or left an error of class failure or worse.
    """
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    gdal.ErrorReset()
    try:
        result = function(*args, **kwargs)
        failed = gdal.GetLastErrorType() >= gdal.CE_Failure
        message = gdal.GetLastErrorMsg()
    except RuntimeError as error:
        raise GdalFailure(str(error)) from error
    finally:
        gdal.PopErrorHandler()
    if failed:
        raise GdalFailure(message or "unknown reason")
    return result
