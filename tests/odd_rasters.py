"""Rasters of every type, layout, georeference and flaw, made by GDAL alone and looked at by GDAL alone."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from osgeo import gdal, osr

from tests.fuzz.case import Case
from tests.rasters import texture

_KINDS = (
    "Byte=uint8 Int8=int8 UInt16=uint16 Int16=int16 UInt32=uint32 Int32=int32 UInt64=uint64 Int64=int64 "
    "Float16=float16 Float32=float32 Float64=float64 CFloat32=complex64"
)
KINDS = dict(pair.split("=") for pair in _KINDS.split() if gdal.GetDataTypeByName(pair.split("=")[0]))
"""GDAL's names of the pixel types that there are, and numpy's."""
_DEGENERATE = "0 nan inf -inf 1e300 -1e300 1e-300 5e-324"
DEGENERATE = tuple(map(float, _DEGENERATE.split()))
_NODATA = "0 1 -1 -9999 255 65535 0.5 1e40 9223372036854775808 -3.4028234663852886e38 nan inf -inf"
NODATA = tuple(map(float, _NODATA.split()))
_TRANSFORMS = (
    *((399960.0, 10.0, 0.0, 5300040.0, 0.0, -10.0), (399960.3, 0.1, 0.0, 5300040.7, 0.0, -0.3)),
    *((13.1, 1 / 3600, 0.0, 52.7, 0.0, -1 / 3600), (-1e7 / 3, 1 / 3, 0.0, 7.7, 0.0, 1 / 7)),
    *((399960.0, 8.0, 6.0, 5300040.0, 6.0, -8.0), (0.0, 1.0, 0.0, 0.0, 0.0, 1.0)),
)
_LAYOUTS = (
    ";TILED=YES BLOCKXSIZE=16 BLOCKYSIZE=48;INTERLEAVE=BAND BLOCKYSIZE=3;COMPRESS=LZW PREDICTOR=2;SPARSE_OK=TRUE;"
    "NBITS=1;NBITS=7;NBITS=12"
)
_DRIVERS = "HFA img;ENVI bil;COG tif;PNG png;JP2OpenJPEG jp2 REVERSIBLE=YES QUALITY=100"
# What the text of a virtual raster may say and no driver would write.
_ODD_TAGS = {
    b"SRS": b'garbage;PROJCS["x"];EPSG:99999999999',
    b"NoDataValue": b"nan;1e999;abc;-9999;9223372036854775808;0.1",
    b"GeoTransform": b"nan,1,0,0,0,-1;0,1,0,0,0,0;1e300,1e300,0,0,0,-1e300;0,1;0,-2,0,0,0,2",
    b"Description": b"\xb0\xff;" + b"a" * 300,
    b"ColorInterp": b"Alpha;Undefined;Red",
    b"SourceBand": b"1;2;mask,1",
}
_BAND_MASK = (
    b'<MaskBand><VRTRasterBand dataType="Byte"><SimpleSource><SourceFilename relativeToVRT="1">%s.masks'
    b"</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></MaskBand></VRTRasterBand>"
)


class Band(NamedTuple):
    kind: str
    is_alpha: bool
    nodata: float | None
    values: np.ndarray
    valid: np.ndarray


class Seen(NamedTuple):
    bands: list[Band]
    transform: tuple[float, ...] | None
    wkt: str
    gcps: tuple[tuple[float, float, float, float], ...]
    """Ground control points: column and row, x and y."""


def raise_errors(raising: bool) -> None:
    """Have GDAL's bindings raise errors, or only tell of them; they insist on the reverse order to stop."""
    for module in (gdal, osr) if raising else (osr, gdal):
        (module.UseExceptions if raising else module.DontUseExceptions)()


def look(path: Path, nodata: float | None = None) -> Seen | None:
    """Return a raster as GDAL shows it, valid by nodata, NaN, masks and alpha; None where not all can be read."""
    raise_errors(True)
    found = []
    with contextlib.suppress(RuntimeError, AttributeError, ValueError):
        dataset = gdal.OpenEx(str(path), gdal.OF_RASTER)
        bands = [dataset.GetRasterBand(number + 1) for number in range(dataset.RasterCount)]
        alphas = [band.GetColorInterpretation() == gdal.GCI_AlphaBand for band in bands]
        for band, is_alpha in zip(bands, alphas):
            values, flags = band.ReadAsArray(), band.GetMaskFlags()
            declared, valid = band.GetNoDataValue() if nodata is None else nodata, np.isfinite(values)
            if declared is not None and not math.isnan(declared):
                valid &= values != (values.dtype.type(declared) if values.dtype.kind == "f" else declared)
            if any(alphas):
                valid &= bands[alphas.index(True)].ReadAsArray() > 0
            elif flags & gdal.GMF_PER_DATASET:
                valid &= bands[0].GetMaskBand().ReadAsArray() > 0
            if not flags:
                valid &= band.GetMaskBand().ReadAsArray() > 0
            found.append(Band(gdal.GetDataTypeName(band.DataType), is_alpha, declared, values, valid))
        wkt = dataset.GetProjection() or dataset.GetGCPProjection() or ""
        gcps = tuple((gcp.GCPPixel, gcp.GCPLine, gcp.GCPX, gcp.GCPY) for gcp in dataset.GetGCPs())
        return Seen(found, dataset.GetGeoTransform(can_return_null=True), wkt, gcps)
    return None


def make(case: Case, name: str) -> Path:
    """Write a raster, perhaps damaged, perhaps under a virtual one, and return its path."""
    raise_errors(True)
    kind = case.mostly(case.one_of(*KINDS), "Byte", "UInt16", "Float32")
    rows, cols = (
        case.mostly(case.random.randint(5, 140), 1, 2, case.random.randint(140, 420)) for _ in range(2)
    )
    image = _values(case, np.dtype(KINDS[kind]), (case.one_of(1, 1, 2, 3, 4, 9), rows, cols))
    memory = gdal.GetDriverByName("MEM").Create("", cols, rows, len(image), gdal.GetDataTypeByName(kind))
    nodata = case.mostly(0, *NODATA) if case.chance(0.5) else None
    for number, plane in enumerate(image, start=1):
        memory.GetRasterBand(number).WriteArray(plane)
        _describe_band(
            case, memory.GetRasterBand(number), case.mostly(nodata, *NODATA, float(plane[0, 0].real))
        )
    _describe(case, memory)
    driver, end, *options = case.mostly(
        f"GTiff tif {case.one_of(*_LAYOUTS.split(';'))}", *_DRIVERS.split(";")
    ).split()
    path = case.folder / f"{name}{case.one_of('', ' x', '[1]', '%d', 'ö')}.{end}"
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", case.one_of("YES", "NO"))
    try:
        gdal.GetDriverByName(driver).CreateCopy(str(path), memory, 0, options)
    except RuntimeError:
        for left in case.folder.glob(f"{name}*"):
            left.unlink()
        path = path.with_suffix(".tif")
        gdal.GetDriverByName("GTiff").Create(str(path), cols, rows, 1).WriteArray(np.eye(rows, cols))
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", None)
    # Texts that are no UTF-8.
    path.write_bytes(path.read_bytes().replace(b"~", b"\xb0"))
    if case.chance(0.1):
        case.damage(path)
    return _virtual(case, path) if case.chance(0.3) else path


def _values(case: Case, dtype: np.dtype, shape: tuple[int, int, int]) -> np.ndarray:
    random, ends = case.random, np.iinfo(dtype) if dtype.kind in "iu" else None
    odd = (ends.min, ends.max, 0, 1) if ends else (0, 1, math.nan, math.inf, -math.inf, 3e38, -3.4e38, 1e-40)
    odd = np.asarray(odd, object).astype(dtype)
    how = case.one_of("texture", "texture", "noise", "constant", "odd")
    if how in ("constant", "odd"):
        return (
            odd[random.randint(len(odd), size=shape)] if how == "odd" else np.full(shape, case.one_of(*odd))
        )
    low, high = (ends.min / 2, ends.max / 2) if ends else (-1e4, 1e4)
    image = random.uniform(low, high, shape) if how == "noise" else texture(*shape, high=min(high, 3500))
    image = image.astype(dtype)
    image[random.random_sample(shape) < case.one_of(0, 0.001, 0.1)] = case.one_of(*odd)
    return image


def _describe_band(case: Case, band: Any, nodata: float | None) -> None:
    with contextlib.suppress(RuntimeError, TypeError, ValueError, OverflowError, SystemError):
        if case.chance(0.4):
            band.SetDescription(case.one_of("B4", "red", "Band 1", "t~ C", "a" * 300, "x\ny", "<b>&"))
            band.SetUnitType(case.one_of("", "~C", "µm"))
            band.SetMetadataItem("wavelength", case.one_of("665", "-1", "nan", "~", "1e400", "0.8"))
            band.SetScale(case.one_of(0.0001, *DEGENERATE))
        if nodata is not None:
            band.SetNoDataValue(int(nodata) if math.isfinite(nodata) and nodata == int(nodata) else nodata)


def _describe(case: Case, memory: Any) -> None:
    """Give a dataset in memory a georeference, a mask or alpha, and what runs of ours record."""
    size, last = (memory.RasterXSize, memory.RasterYSize), memory.GetRasterBand(memory.RasterCount)
    transform, reference = list(case.one_of(*_TRANSFORMS)), osr.SpatialReference()
    if case.chance(0.15):
        transform[case.random.randint(6)] = case.one_of(*DEGENERATE)
    reference.SetFromUserInput(case.mostly("EPSG:32633", "EPSG:4326", "EPSG:4978", 'LOCAL_CS["here"]'))
    far, place = case.mostly(0.0, math.nan, 1e300), case.mostly("transform", "none", "gcps")
    corners = [(col * size[0], row * size[1]) for col in (0, 0.5, 1) for row in (0, 1)]
    odd = {
        "AREA_OR_POINT": ("Point",),
        "SRSAT_SCALE": ("2", "0", "²", "9" * 5000),
        "SRSAT_DEGRADATION": ("x",),
    }
    for item in {"AREA_OR_POINT": "Area", **case.some(odd)}.items():
        memory.SetMetadataItem(*item)
    with contextlib.suppress(RuntimeError, TypeError, ValueError, OverflowError):
        if place == "gcps":
            gcps = [gdal.GCP(4e5 + 10 * col + far, 5e6 - 10 * row, 0, col, row) for col, row in corners]
            memory.SetGCPs(gcps, reference.ExportToWkt())
        elif case.chance(0.8):
            memory.SetSpatialRef(reference)
        if place == "transform":
            memory.SetGeoTransform(transform)
    if case.chance(0.2):
        last.SetColorInterpretation(gdal.GCI_AlphaBand)
    elif case.chance(0.25):
        memory.CreateMaskBand(gdal.GMF_PER_DATASET)
        shown = case.random.random_sample(size[::-1]) < case.one_of(0.0, 0.5, 0.95, 1.0)
        last.GetMaskBand().WriteArray(shown * np.uint8(case.one_of(1, 255)))
    if case.chance(0.03):
        last.SetColorTable(gdal.ColorTable())


def _virtual(case: Case, path: Path) -> Path:
    """Put a virtual raster on top, with odd texts, and with masks of single bands."""
    virtual = path.with_name(f"{path.stem}.vrt")
    try:
        gdal.Translate(str(virtual), str(path), format="VRT")
    except RuntimeError:
        return path
    text = virtual.read_bytes()
    for tag in [case.one_of(*_ODD_TAGS) for _ in range(case.one_of(0, 0, 1, 2))]:
        start = text.find(b"<" + tag)
        end = text.find(b"</" + tag, start)
        if 0 <= start < end:
            text = text[: text.index(b">", start) + 1] + case.one_of(*_ODD_TAGS[tag].split(b";")) + text[end:]
    if case.chance(0.3):
        cols, rows = (
            int(text.partition(name)[2].split(b'"')[1]) for name in (b"rasterXSize", b"rasterYSize")
        )
        masks = gdal.GetDriverByName("GTiff").Create(f"{path}.masks", cols, rows)
        masks.WriteArray(((np.indices((rows, cols)).sum(axis=0) % 5) > 1) * np.uint8(255))
        first, *others = text.split(b"</VRTRasterBand>")
        mask = _BAND_MASK % path.name.encode()
        ends = [mask if case.chance(0.6) else b"</VRTRasterBand>" for _ in others]
        text = b"".join([first, *(end + one for end, one in zip(ends, others))])
    virtual.write_bytes(text)
    return virtual
