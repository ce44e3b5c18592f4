"""From a map layer to something that core can read, in the main thread and without touching the project."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from qgis.core import (
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsVectorLayer,
)

from srsat_qgis.core.errors import InvalidSetting, UnsupportedRaster
from srsat_qgis.core.patches.store import MANIFEST
from srsat_qgis.core.raster.gdal_calls import with_open_options
from srsat_qgis.processing.sources.remote import REMOTE_PROVIDERS, RemoteLayer, fetch
from srsat_qgis.processing.sources.remote_readers import COLOURS, GDAL_NAMES

Extent = tuple[float, float, float, float]
_SENTINEL2 = re.compile(r"\.SAFE/?$|(^|[/\\])(MTD_MSI[^/\\]*\.xml|S2[A-D]_[^/\\]*\.zip)$", re.IGNORECASE)
_EXPORT = "Save it as a GeoTIFF (right click, Export, Save As) and use that."


@dataclass(frozen=True)
class LayerSource:
    """What a run needs of a raster layer; holds no reference to the layer itself."""

    name: str
    path: str | None
    """What GDAL opens; None for a remote layer."""
    open_options: tuple[str, ...] = ()
    nodata: float | None = None
    """The additional nodata value that the user set in the layer's properties."""
    unused_nodata: str = ""
    """Additional nodata values that cannot be used, as text."""
    remote: RemoteLayer | None = None
    data_type: str | None = None
    """GDAL's name of the first band's type; None where QGIS knows no such type."""

    @contextlib.contextmanager
    def opened(
        self,
        *,
        extent: Extent | None = None,
        resolution: float | None = None,
        feedback: QgsProcessingFeedback,
    ) -> Iterator[str]:
        """Yield the path that core reads; what had to be written for it is removed afterwards.

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
                f"RESOLUTION {resolution:g}: only for web maps; {self.name} is read in its own pixels"
            )
        if self.remote is None and not self.open_options:
            yield str(self.path)
            return
        with tempfile.TemporaryDirectory(prefix="srsat-", dir=QgsProcessingUtils.tempFolder()) as folder:
            if self.remote is None:
                yield with_open_options(str(self.path), self.open_options, folder)
            else:
                # Named after the layer, since the output's provenance names the file.
                target = Path(folder) / f"{re.sub(r'[^A-Za-z0-9]+', '_', self.name) or 'remote'}.tif"
                yield fetch(self.remote, target, extent=extent, resolution=resolution, feedback=feedback)


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
            f"{layer.name() or layer.source()}: the layer cannot be read; does its source still exist?"
        )
    kind = layer.providerType()
    # Not dataType, which is the type after scale and offset.
    first = provider.sourceDataType(1)
    data_type = "Byte" if first in COLOURS else GDAL_NAMES.get(first)
    if kind in REMOTE_PROVIDERS:
        return LayerSource(name=layer.name(), path=None, remote=RemoteLayer.of(layer), data_type=data_type)
    if kind != "gdal":
        raise UnsupportedRaster(
            f"{layer.name()}: expected a raster that GDAL reads or a web map, found a layer of the provider "
            f"'{kind}'. {_EXPORT}"
        )
    # Expanded: stored log-ins (authcfg) become part of the address, since GDAL cannot read them.
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


def no_raster(address: str) -> str:
    """Return what an address is that no raster can be read from, and which algorithm takes it."""
    path = Path(address)
    if not path.exists():
        return f"{address}: no such file or layer; expected a raster"
    if _SENTINEL2.search(address):
        return f"{address} is a Sentinel-2 product: Sentinel-2 at 10 m (srsat:sentinel2) takes it"
    if path.is_dir():
        if (path / MANIFEST).is_file():
            return f"{address} is a folder of training data: Train model (srsat:trainmodel) takes it as DATA"
        return f"{address} is a folder; expected a raster file"
    if path.suffix.lower() == ".onnx":
        return f"{address} is a model; expected a raster. Give the model as MODEL_FILE"
    return f"{address} is {_kind(path)}; expected a raster that GDAL can open"


def _kind(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        return f"a file that cannot be read ({error.strerror})"
    if not start:
        return "an empty file"
    if b"\0" not in start and start.decode("utf-8", "ignore").encode() == start:
        return "a text file"
    if QgsVectorLayer(str(path), "", "ogr").isValid():
        return "a vector file"
    return "a file of another kind, or damaged"


def with_own_pixels(source: LayerSource, name: str) -> LayerSource:
    """Return the source of the parameter ``name`` if it has pixels of its own.

    Raises
    ------
    UnsupportedRaster
        If it is a web map.
    """
    if source.remote is not None:
        raise UnsupportedRaster(
            f"{name}: {source.name} is a web map, which is resampled for every request; expected a raster with its "
            f"own pixels. {_EXPORT}"
        )
    return source


def opened(
    sources: Mapping[str, LayerSource | None],
    stack: contextlib.ExitStack,
    feedback: QgsProcessingFeedback,
) -> dict[str, str]:
    """Return the paths that core reads, by parameter; what had to be written for them lasts as long as ``stack``."""
    return {
        name: stack.enter_context(source.opened(feedback=feedback))
        for name, source in sources.items()
        if source is not None
    }


def _user_nodata(layer: QgsRasterLayer) -> tuple[float | None, str]:
    """Return the one additional nodata value that holds for all bands, or None and what there is instead."""
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
