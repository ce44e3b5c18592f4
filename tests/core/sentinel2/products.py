"""Tiny Sentinel-2 products in the layouts of ESA and Sen2Cor, with pixels of our own."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from osgeo import gdal

from srsat_qgis.core.superres.job import Source
from tests.rasters import texture, write_raster

ORIGIN = (399960.0, 5300040.0)
GSD = {
    **dict.fromkeys(("B02", "B03", "B04", "B08"), 10),
    **dict.fromkeys(("B05", "B06", "B07", "B8A", "B11", "B12"), 20),
    **dict.fromkeys(("B01", "B09"), 60),
}
SIDE_M = 720


def image(
    path: Path, gsd: int, *, value: float | np.ndarray = 500, origin=ORIGIN, side_m: int = SIDE_M
) -> str:
    """Write one band of ``side_m`` metres, uint16 without a declared nodata value, as products have it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    side = side_m // gsd
    pixels = np.broadcast_to(np.asarray(value, np.uint16), (1, side, side)).copy()
    return write_raster(path, pixels, transform=(origin[0], float(gsd), 0.0, origin[1], 0.0, -float(gsd)))


def stack(path, bands: int, gsd: float, *, rows=36, cols=36, origin=ORIGIN, **known) -> Source:
    """Write a stack of so many bands and return it as a source."""
    image = np.full((bands, rows, cols), 500, np.uint16)
    transform = (origin[0], gsd, 0.0, origin[1], 0.0, -gsd)
    return Source(write_raster(path, image, transform=transform, **known))


def new_l1c(folder: Path, *, baseline: str = "0205", tile: str = "33UUU") -> Path:
    """Write an L1C product with the short names of December 2016 and later."""
    safe = folder / f"S2A_MSIL1C_20170527T102031_N{baseline}_R065_T{tile}_20170527T102301.SAFE"
    granule = safe / "GRANULE" / f"L1C_T{tile}_A010073_20170527T102301"
    for band, gsd in {**GSD, "B10": 60}.items():
        image(granule / "IMG_DATA" / f"T{tile}_20170527T102031_{band}.jp2", gsd)
    image(granule / "IMG_DATA" / f"T{tile}_20170527T102031_TCI.jp2", 10)
    image(granule / "QI_DATA" / f"T{tile}_20170527T102031_PVI_B02.jp2", 60)
    (safe / "MTD_MSIL1C.xml").write_text("<PROCESSING_BASELINE>02.05</PROCESSING_BASELINE>", "utf-8")
    return safe


def new_l2a(folder: Path, *, baseline: str = "0400", metadata: str = "") -> Path:
    """Write an L2A product: 10 m bands also at 20 m and 60 m, 20 m bands also at 60 m, and the classification."""
    safe = folder / f"S2B_MSIL2A_20221005T102031_N{baseline}_R065_T33UUU_20221005T164454.SAFE"
    images = safe / "GRANULE" / "L2A_T33UUU_A038058_20221005T102301" / "IMG_DATA"
    for band, native in GSD.items():
        for gsd in (10, 20, 60):
            if gsd >= native and not (band == "B08" and gsd > 10):
                image(images / f"R{gsd}m" / f"T33UUU_20221005T102031_{band}_{gsd}m.jp2", gsd, value=gsd)
    for gsd in (20, 60):
        image(images / f"R{gsd}m" / f"T33UUU_20221005T102031_SCL_{gsd}m.jp2", gsd, value=4)
    if metadata:
        (safe / "MTD_MSIL2A.xml").write_text(metadata, "utf-8")
    return safe


def old_l1c(folder: Path, *, tiles=("32TQM",)) -> Path:
    """Write an L1C product with the long names of before December 2016, several tiles in one product."""
    safe = folder / "S2A_OPER_PRD_MSIL1C_PDMC_20160101T000000_R065_V20160101T101000_20160101T101000.SAFE"
    for tile in tiles:
        granule = safe / "GRANULE" / f"S2A_OPER_MSI_L1C_TL_EPA__20160101T010049_A002448_T{tile}_N02.01"
        for band, gsd in GSD.items():
            name = f"S2A_OPER_MSI_L1C_TL_EPA__20160101T010049_A002448_T{tile}_{band}.jp2"
            image(granule / "IMG_DATA" / name, gsd)
    return safe


def old_sen2cor(folder: Path) -> Path:
    """Write an L2A product as Sen2Cor before 2.5 named it."""
    safe = folder / "S2A_USER_PRD_MSIL2A_PDMC_20160101T000000_R065_V20160101T101000_20160101T101000.SAFE"
    images = safe / "GRANULE" / "L2A_T32TQM_A002448_20160101T101000" / "IMG_DATA"
    for band, gsd in GSD.items():
        image(images / f"R{gsd}m" / f"L2A_T32TQM_20160101T101000_{band}_{gsd}m.jp2", gsd)
    return safe


def muscate(
    folder: Path, *, tile: str = "31TCJ", time: str = "20220417-104906-443", kinds=("FRE", "SRE")
) -> Path:
    """Write a Level-2A product as CNES and Theia deliver it: signed, without 60 m bands, with MAJA's cloud mask."""
    name = f"SENTINEL2A_{time}_L2A_T{tile}_C_V3-0"
    product = folder / name
    for number, kind in enumerate(kinds):
        for band, gsd in GSD.items():
            if gsd < 60:
                plain = band.replace("B0", "B")
                pixels = np.rint(texture(1, SIDE_M // gsd, SIDE_M // gsd, seed=10 * number + gsd)).astype(
                    np.int16
                )
                signed(product / f"{name}_{kind}_{plain}.tif", gsd, pixels)
    for gsd, size in ((10, "R1"), (20, "R2")):
        side = SIDE_M // gsd
        for what in ("CLM", "EDG", "SAT", "MG2"):
            signed(product / "MASKS" / f"{name}_{what}_{size}.tif", gsd, np.zeros((1, side, side), np.uint8))
        signed(product / f"{name}_ATB_{size}.tif", gsd, np.zeros((2, side, side), np.uint8))
    (product / "DATA").mkdir()
    (product / f"{name}_MTD_ALL.xml").write_text("<Muscate_Metadata_Document/>", "utf-8")
    return product


def signed(path: Path, gsd: int, pixels: np.ndarray) -> None:
    """Write a raster of a product on its grid."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_raster(path, pixels, transform=(ORIGIN[0], float(gsd), 0.0, ORIGIN[1], 0.0, -float(gsd)))


def zipped(safe: Path) -> Path:
    """Put a product into a zip beside it, as it is downloaded."""
    archive = safe.parent / f"{safe.name.removesuffix('.SAFE')}.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for file in sorted(safe.rglob("*")):
            if file.is_file():
                opened.write(file, file.relative_to(safe.parent).as_posix())
    return archive


def textured(safe: Path) -> Path:
    """Give the bands of a product texture, each one of its own, and return the product."""
    for number, path in enumerate(sorted(safe.rglob("*_B*.jp2"))):
        dataset = gdal.Open(str(path), gdal.GA_Update)
        side = dataset.RasterXSize
        dataset.WriteArray(np.rint(texture(1, side, side, seed=number))[0].astype(np.uint16))
        del dataset
    return safe
