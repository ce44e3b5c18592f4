"""Makes rasters of every type, layout, georeference and flaw, and looks at rasters with GDAL alone."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
from osgeo import gdal, osr

from tests.fuzz.case import Case
from tests.rasters import texture

KINDS = {
    **{
        "Byte": "uint8",
        "Int8": "int8",
        "UInt16": "uint16",
        "Int16": "int16",
        "UInt32": "uint32",
        "Int32": "int32",
    },
    **{"UInt64": "uint64", "Int64": "int64", "Float32": "float32", "Float64": "float64"},
    **{"Float16": "float16", "CInt16": "complex64", "CFloat32": "complex64"},
}
KINDS = {name: kind for name, kind in KINDS.items() if gdal.GetDataTypeByName(name)}
DEGENERATE = (0.0, math.nan, math.inf, -math.inf, 1e300, -1e300, 1e-300, 5e-324)
NODATA = (
    *(0, 1, -1, -9999, 255, 65535, -32768, 0.5, 1e40, 2**63, -3.4028234663852886e38),
    *(math.nan, math.inf, -math.inf),
)
_TRANSFORMS = (
    *((399960.0, 10.0, 0.0, 5300040.0, 0.0, -10.0), (399960.3, 0.1, 0.0, 5300040.7, 0.0, -0.3)),
    *((13.1, 1 / 3600, 0.0, 52.7, 0.0, -1 / 3600), (-1e7 / 3, 1 / 3, 0.0, 7.7, 0.0, 1 / 7)),
    *((399960.0, 8.0, 6.0, 5300040.0, 6.0, -8.0), (0.0, 1.0, 0.0, 0.0, 0.0, 1.0)),
)
_LAYOUTS = (
    *((), ("TILED=YES",), ("TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=48"), ("INTERLEAVE=BAND",)),
    *(("BLOCKYSIZE=3",), ("COMPRESS=DEFLATE", "PREDICTOR=2"), ("COMPRESS=LZW",), ("SPARSE_OK=TRUE",)),
)
_ODD_TAGS = {
    b"SRS": (b"garbage", b'PROJCS["x"]', b"EPSG:99999999999"),
    b"NoDataValue": (b"nan", b"1e999", b"abc", b"-9999", b"9223372036854775808", b"0.1"),
    b"GeoTransform": (
        b"nan,1,0,0,0,-1",
        b"0,1,0,0,0,0",
        b"1e300,1e300,0,0,0,-1e300",
        b"0,1",
        b"0,-2,0,0,0,2",
    ),
    b"Description": (b"\xb0\xff", b"a" * 300),
    b"ColorInterp": (b"Alpha", b"Undefined", b"Red"),
    b"Scale": (b"nan", b"0"),
    b"SourceBand": (b"1", b"2", b"mask,1"),
}


@dataclasses.dataclass
class Seen:
    """A raster as GDAL alone shows it."""

    alpha: int | None
    """Position from 0."""
    transform: tuple[float, ...] | None
    wkt: str
    gcps: int
    values: list[np.ndarray] = dataclasses.field(default_factory=list)
    valid: list[np.ndarray] = dataclasses.field(default_factory=list)
    """By nodata, NaN, masks and alpha; alpha itself is valid everywhere."""
    nodata: list[float | None] = dataclasses.field(default_factory=list)
    types: list[str] = dataclasses.field(default_factory=list)

    @property
    def others(self) -> list[int]:
        """Positions of the bands besides alpha."""
        return [index for index in range(len(self.values)) if index != self.alpha]


def look(path: Path, nodata: float | None = None) -> Seen | None:
    """Return a raster, None where GDAL cannot read all of it."""
    gdal.UseExceptions()
    try:
        dataset = gdal.OpenEx(str(path), gdal.OF_RASTER)
        bands = [dataset.GetRasterBand(number + 1) for number in range(dataset.RasterCount)]
        found = next(
            (i for i, b in enumerate(bands) if b.GetColorInterpretation() == gdal.GCI_AlphaBand), None
        )
        crs = dataset.GetProjection() or dataset.GetGCPProjection() or ""
        seen = Seen(found, dataset.GetGeoTransform(can_return_null=True), crs, dataset.GetGCPCount())
        for index, band in enumerate(bands):
            values, declared = band.ReadAsArray(), band.GetNoDataValue() if nodata is None else nodata
            valid = np.isfinite(values)
            if declared is not None and not math.isnan(declared):
                valid &= values != (values.dtype.type(declared) if values.dtype.kind == "f" else declared)
            flags = band.GetMaskFlags()
            if found is not None:
                valid &= bands[found].ReadAsArray() > 0
            elif flags & gdal.GMF_PER_DATASET:
                valid &= bands[0].GetMaskBand().ReadAsArray() > 0
            if not flags:
                valid &= band.GetMaskBand().ReadAsArray() > 0
            seen.values.append(values)
            seen.valid.append(np.ones_like(valid) if index == found else valid)
            seen.nodata.append(declared)
            seen.types.append(gdal.GetDataTypeName(band.DataType))
    except (RuntimeError, AttributeError):
        return None
    return seen


def make(case: Case, name: str) -> Path:
    """Write a raster, perhaps damaged, perhaps under a virtual one, and return its path."""
    kind, bands = case.one_of(*KINDS), int(case.one_of(1, 1, 2, 3, 4, case.random.randint(1, 13)))
    kind = case.one_of("Byte", "UInt16", "Float32") if case.chance(0.4) else kind
    image = _values(case, np.dtype(KINDS[kind]), (bands, _side(case), _side(case)))
    driver = gdal.GetDriverByName("MEM")
    dataset = driver.Create("", image.shape[2], image.shape[1], bands, gdal.GetDataTypeByName(kind))
    for number in range(1, bands + 1):
        dataset.GetRasterBand(number).WriteArray(image[number - 1])
        _describe_band(case, dataset.GetRasterBand(number), kind)
    _describe(case, dataset)
    driver, end, options = _format(case, kind, bands)
    path = case.folder / f"{name}{case.one_of('', ' x', '[1]', '%d', 'ö')}.{end}"
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", case.one_of("YES", "NO"))
    try:
        gdal.GetDriverByName(driver).CreateCopy(str(path), dataset, 0, options)
    except RuntimeError:
        for left in case.folder.glob(f"{name}*"):
            left.unlink()
        path = path.with_suffix(".tif")
        plain = gdal.GetDriverByName("GTiff").Create(
            str(path), image.shape[2], image.shape[1], 1, gdal.GDT_Byte
        )
        del plain
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", None)
    if case.chance(0.3):  # texts that are no UTF-8
        path.write_bytes(path.read_bytes().replace(b"~", b"\xb0"))
    if case.chance(0.1):
        case.damage(path)
    return _virtual(case, path) if case.chance(0.3) else path


def _side(case: Case) -> int:
    return case.mostly(case.random.randint(5, 140), 1, 2, case.random.randint(140, 420))


def _values(case: Case, dtype: np.dtype, shape: tuple[int, int, int]) -> np.ndarray:
    random, whole = case.random, dtype.kind in "iu"
    low, high = (np.iinfo(dtype).min, np.iinfo(dtype).max) if whole else (-1e4, 1e4)
    odd = (
        (low, high, 0, 1) if whole else (0, 1, 255, math.nan, math.inf, -math.inf, 3e38, -3.4e38, 1e-40, 1e18)
    )
    odd = np.asarray(odd, object).astype(dtype)
    how = case.one_of("texture", "texture", "noise", "constant", "odd")
    if how == "constant":
        return np.full(shape, case.one_of(*odd))
    if how == "odd":
        return odd[random.randint(len(odd), size=shape)]
    if how == "texture":
        image = texture(*shape, low=max(low, 0), high=min(high, 3500), seed=random.randint(1000)).astype(
            dtype
        )
    else:
        image = random.uniform(low / 2, high / 2, shape).astype(dtype)
    if case.chance(0.4):
        image[random.random_sample(shape) < case.one_of(0.001, 0.1)] = case.one_of(*odd)
    return image


def _describe(case: Case, dataset: Any) -> None:
    """Give a dataset in memory a georeference, a mask or alpha, and what runs of ours record."""
    transform = list(case.one_of(*_TRANSFORMS))
    for _ in range(case.mostly(0, 1, 2)):
        transform[case.random.randint(6)] = case.one_of(*DEGENERATE)
    reference = osr.SpatialReference()
    _quietly(
        reference.SetFromUserInput, case.mostly("EPSG:32633", "EPSG:4326", "EPSG:4978", 'LOCAL_CS["here"]')
    )
    size = dataset.RasterXSize, dataset.RasterYSize
    place = case.mostly("transform", "none", "gcps")
    if place == "transform":
        _quietly(dataset.SetGeoTransform, transform)
    if place == "gcps":
        corners = [(col * size[0], row * size[1]) for col in (0, 0.5, 1) for row in (0, 1)]
        far = case.one_of(0.0, 0.0, math.nan, 1e300)
        gcps = [gdal.GCP(4e5 + 10 * col + far, 5e6 - 10 * row, 0, col, row) for col, row in corners]
        _quietly(dataset.SetGCPs, gcps, reference.ExportToWkt())
    elif case.chance(0.8):
        _quietly(dataset.SetSpatialRef, reference)
    dataset.SetMetadataItem("AREA_OR_POINT", case.one_of("Area", "Area", "Point"))
    if case.chance(0.2):
        dataset.SetMetadataItem("SRSAT_SCALE", case.one_of("2", "0", "²", "-1", "9" * 5000))
        dataset.SetMetadataItem(
            "SRSAT_DEGRADATION", case.one_of("area", "gaussian-area sigma=1e9", "mtf mtf=.2,,")
        )
    if case.chance(0.2):
        dataset.GetRasterBand(dataset.RasterCount).SetColorInterpretation(gdal.GCI_AlphaBand)
    elif case.chance(0.25):
        dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
        shown = case.random.random_sample(size[::-1]) < case.one_of(0.0, 0.5, 0.95, 1.0)
        dataset.GetRasterBand(1).GetMaskBand().WriteArray(shown * np.uint8(case.one_of(1, 255)))
    if case.chance(0.04):
        _quietly(dataset.GetRasterBand(1).SetColorTable, gdal.ColorTable())


def _describe_band(case: Case, band: Any, kind: str) -> None:
    if case.chance(0.4):
        first = float(np.ravel(band.ReadAsArray())[0].real)
        value = case.mostly(case.one_of(0, first), *NODATA)
        _quietly(band.SetNoDataValue, value)
        _quietly(
            band.SetNoDataValue, int(value) if math.isfinite(value) and kind.endswith("Int64") else value
        )
    if case.chance(0.4):
        band.SetDescription(case.one_of("B4", "red", "Band 1", "t~ C", "a" * 300, "x\ny", "<b>&"))
    if case.chance(0.2):
        band.SetUnitType(case.one_of("~C", "m", "µm"))
        _quietly(band.SetScale, case.one_of(0.0001, *DEGENERATE))
        _quietly(band.SetOffset, case.one_of(-0.1, *DEGENERATE))
    if case.chance(0.2):
        key = case.one_of("wavelength", "WAVELENGTH_NM", "STATISTICS_MEAN", "t~")
        band.SetMetadataItem(key, case.one_of("665", "-1", "nan", "~", "1e400", "0.8"))


def _quietly(action: Any, *args: Any) -> None:
    with contextlib.suppress(RuntimeError, TypeError, ValueError, SystemError, OverflowError):
        action(*args)


def _format(case: Case, kind: str, bands: int) -> tuple[str, str, list[str]]:
    """Return a driver, an extension and options; the driver may refuse the type."""
    layout = list(case.one_of(*_LAYOUTS))
    if kind in ("Byte", "UInt16") and case.chance(0.2):
        layout = [f"NBITS={case.random.randint(1, 8 if kind == 'Byte' else 16)}"]
    choices = [("GTiff", "tif", layout)] * 6 + [("HFA", "img", []), ("ENVI", "bil", []), ("COG", "tif", [])]
    if kind in ("Byte", "UInt16") and bands <= 4:
        choices += [("PNG", "png", []), ("JP2OpenJPEG", "jp2", ["REVERSIBLE=YES", "QUALITY=100"])]
    return case.one_of(*choices)


def _virtual(case: Case, path: Path) -> Path:
    """Put a virtual raster on top, whose text says what no driver would write."""
    virtual = path.with_name(f"{path.stem}.vrt")
    try:
        gdal.Translate(str(virtual), str(path), format="VRT")
    except RuntimeError:
        return path
    text = virtual.read_bytes()
    for _ in range(case.one_of(0, 0, 1, 2)):
        tag = case.one_of(*_ODD_TAGS)
        start = text.find(b"<" + tag)
        end = text.find(b"</" + tag, start)
        if 0 <= start < end:
            text = text[: text.index(b">", start) + 1] + case.one_of(*_ODD_TAGS[tag]) + text[end:]
    if case.chance(0.3):
        text = _with_band_masks(case, text)
    virtual.write_bytes(text)
    return virtual


def _with_band_masks(case: Case, text: bytes) -> bytes:
    """Give some bands of a virtual raster a mask of their own."""
    sizes = (text.partition(name)[2].split(b'"')[1] for name in (b"rasterXSize", b"rasterYSize"))
    cols, rows = map(int, sizes)
    masks = gdal.GetDriverByName("GTiff").Create(str(case.folder / "masks.tif"), cols, rows, 1, gdal.GDT_Byte)
    masks.WriteArray(((np.indices((rows, cols)).sum(axis=0) % 5) > 1).astype(np.uint8) * 255)
    del masks
    mask = (
        b'<MaskBand><VRTRasterBand dataType="Byte"><SimpleSource><SourceFilename relativeToVRT="1">masks.tif'
        b"</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></MaskBand></VRTRasterBand>"
    )
    first, *others = text.split(b"</VRTRasterBand>")
    return b"".join([first, *((mask if case.chance(0.6) else b"</VRTRasterBand>") + one for one in others)])
