"""From a map layer to something that core can read, in the main thread and without touching the project."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProviderRegistry,
    QgsRasterLayer,
)

from srsat_qgis.core.errors import InvalidSetting, UnsupportedRaster
from srsat_qgis.core.raster.gdal_calls import with_open_options
from srsat_qgis.processing.sources.remote import REMOTE_PROVIDERS, RemoteLayer, fetch
from srsat_qgis.processing.sources.remote_readers import COLOURS, GDAL_NAMES

if TYPE_CHECKING:
    from srsat_qgis.processing.base import SrsatAlgorithm


Extent = tuple[float, float, float, float]


@dataclass(frozen=True)
class LayerSource:
    """What a run needs of a raster layer; holds no reference to the layer itself."""

    name: str
    path: str | None
    """What GDAL opens; None for a remote layer."""
    open_options: tuple[str, ...] = ()
    nodata: float | None = None
    """The additional no data value that the user set in the layer's properties."""
    unused_nodata: str = ""
    """Such values that cannot be taken over, in words."""
    remote: RemoteLayer | None = None
    data_type: str | None = None
    """GDAL's name of the first band's type; None where QGIS knows no such type."""

    @contextlib.contextmanager
    def opened(
        self, *, extent: Extent | None, resolution: float | None, feedback: QgsProcessingFeedback
    ) -> Iterator[str]:
        """Give the path that core reads; what had to be written for it is removed afterwards.

        Parameters
        ----------
        extent : tuple of float, optional
            xmin, ymin, xmax, ymax in the layer's CRS; a remote layer must have one.
        resolution : float, optional
            Map units per pixel in which a remote layer is fetched.

        Raises
        ------
        InvalidSetting
            If the extent or resolution is missing or too large for a remote layer, or the resolution is given
            for one that is not.
        RasterNotReadable
            If the remote layer cannot be fetched.
        """
        if self.remote is None and resolution is not None:
            raise InvalidSetting(
                f"RESOLUTION {resolution:g}: only for remote layers; {self.name} is read in its own pixels"
            )
        if self.remote is None and not self.open_options:
            yield str(self.path)
            return
        with tempfile.TemporaryDirectory(prefix="srsat-", dir=QgsProcessingUtils.tempFolder()) as folder:
            if self.remote is None:
                yield with_open_options(str(self.path), self.open_options, folder)
            else:
                # Named after the layer: the name is what stands in the output's provenance.
                target = Path(folder) / f"{re.sub(r'[^A-Za-z0-9]+', '_', self.name) or 'remote'}.tif"
                yield fetch(self.remote, target, extent=extent, resolution=resolution, feedback=feedback)


def addressed(
    algorithm: QgsProcessingAlgorithm, parameters: Mapping[str, Any], name: str, context: QgsProcessingContext
) -> dict[str, Any]:
    """Return ``parameters`` with the raster ``name`` as a layer, where Processing makes none of its text.

    Processing looks for text among layers and files only; /vsizip/ paths, subdatasets and other addresses are
    known to GDAL alone. Keep what is returned for as long as the layer is needed.
    """
    value = parameters.get(name)
    if (
        isinstance(value, str)
        and value
        and algorithm.parameterAsRasterLayer(parameters, name, context) is None
    ):
        layer = QgsRasterLayer(value, Path(value).stem, "gdal")
        if layer.isValid():
            return {**parameters, name: layer}
    return dict(parameters)


def source_of(layer: QgsRasterLayer) -> LayerSource:
    """Return what core needs to read ``layer``.

    Raises
    ------
    UnsupportedRaster
        If the layer is invalid, or its kind is neither read by GDAL nor a known remote one.
    """
    provider = layer.dataProvider()
    if provider is None or not layer.isValid():
        raise UnsupportedRaster(
            f"{layer.name() or layer.source()}: the layer cannot be read; is its source still there?"
        )
    kind = layer.providerType()
    first = provider.sourceDataType(1)  # dataType would be that after scale and offset
    data_type = "Byte" if first in COLOURS else GDAL_NAMES.get(first)
    if kind in REMOTE_PROVIDERS:
        return LayerSource(name=layer.name(), path=None, remote=RemoteLayer.of(layer), data_type=data_type)
    if kind != "gdal":
        raise UnsupportedRaster(
            f"{layer.name()}: expected a raster that GDAL reads or a web map, found a layer of the kind "
            f"'{kind}'. Save it as a GeoTIFF (right click, Export, Save As) and use that."
        )
    # Expanded: stored log-ins (authcfg) become part of the address, which GDAL alone could not do.
    uri = provider.dataSourceUri(True)
    parts = QgsProviderRegistry.instance().decodeUri("gdal", uri)
    path = uri.split("|option:")[0].split("|credential:")[0]
    nodata, unused = _user_nodata(layer)
    return LayerSource(
        name=layer.name() or Path(path).stem,
        path=path,
        open_options=tuple(parts.get("openOptions") or ()),
        nodata=nodata,
        unused_nodata=unused,
        data_type=data_type,
    )


def sources_of(
    algorithm: SrsatAlgorithm, parameters: Mapping[str, Any], name: str, context: QgsProcessingContext
) -> list[LayerSource]:
    """Return what core needs of a list of rasters; none where the list is empty.

    Raises
    ------
    InvalidSetting
        If one of them cannot be opened.
    UnsupportedRaster
        See ``source_of``.
    """
    layers = (
        algorithm.parameterAsLayerList(parameters, name, context) if algorithm.given(parameters, name) else []
    )
    given = parameters.get(name)
    if isinstance(given, (list, tuple)) and len(given) != len(layers):
        raise InvalidSetting(f"{name}: {len(given)} rasters given, only {len(layers)} of them can be opened")
    return [source_of(layer) for layer in layers]


def own_pixels(source: LayerSource) -> LayerSource:
    """Return the source if it has pixels of its own.

    Raises
    ------
    InvalidSetting
        If it is a web map.
    """
    if source.remote is not None:
        raise InvalidSetting(f"{source.name}: expected a raster, found a web map; save it as one first")
    return source


def _user_nodata(layer: QgsRasterLayer) -> tuple[float | None, str]:
    """Return the one additional no data value that holds for all bands, or None and what there is instead."""
    provider = layer.dataProvider()
    ranges = {
        (value.min(), value.max())
        for band in range(1, layer.bandCount() + 1)
        for value in provider.userNoDataValues(band)
    }
    if not ranges:
        return None, ""
    on_all = all(provider.userNoDataValues(band) for band in range(1, layer.bandCount() + 1))
    low, high = next(iter(ranges))
    if len(ranges) == 1 and low == high and on_all:
        return low, ""
    return None, ", ".join(
        f"{low:g}" if low == high else f"{low:g} to {high:g}" for low, high in sorted(ranges)
    )
