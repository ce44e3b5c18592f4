"""Sentinel-2 products of all layouts, with files that are missing, damaged, doubled or misnamed, also in zips."""

from __future__ import annotations

import functools
import shutil
import tempfile
import zipfile
from pathlib import Path

from osgeo import gdal

from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.superres.job import Source
from tests.core.sentinel2 import products
from tests.fuzz.case import Case
from tests.odd_rasters import raise_errors

_METADATA = '<BOA_ADD_OFFSET band_id="{}">{}</BOA_ADD_OFFSET><PROCESSING_BASELINE>{}</PROCESSING_BASELINE>'
_ODD = "-1000 0 99 1e9 - ² ٣ 05.11 99.99 <!-- &x; " + "9" * 5000
_NAMES = (
    "MTD_MSIL2A.xml MTD_TL.xml x.jp2 T33UUU_20221005T102031_B02_10m.jp2 T31TCJ_20200101T000000_B03.jp2 B99.tif B8A.tif "
    "MSK_CLOUDS_B00.gml MSK_CLASSI_B00.jp2 SCL_20m.tif ö\udcff.xml"
)


@functools.lru_cache(maxsize=1)
def _templates() -> list[Path]:
    """Return one product of each layout."""
    folder = Path(tempfile.mkdtemp(prefix="products-"))
    makers = (products.new_l1c, products.new_l2a, products.old_l1c, products.old_sen2cor)
    return [maker(folder / maker.__name__) for maker in makers]


def run(case: Case) -> None:
    """Damage one product, and open it as a folder or a zip."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    template = case.one_of(*_templates())
    safe = case.folder / template.name
    shutil.copytree(template, safe)
    for _ in range(case.one_of(0, 1, 2, 5)):
        _damage(case, safe)
    path = _zipped(case, safe) if case.chance(0.5) else safe
    path = case.mostly(path, case.one_of(*sorted(safe.rglob("*"))), safe / "nothing", case.folder)
    rasters = {case.one_of(10, 20, 60): [Source(str(case.one_of(*sorted(safe.rglob("*")))))]}
    given, level = case.mostly(None, rasters), case.mostly("auto", "L1C", "L2A", "L3")
    raise_errors(case.chance(0.5))
    scene = case.attempt("open", lambda: open_scene(str(path), rasters=given, level=level))
    if scene is not None and not scene.layers:
        case.find("open", "a scene without bands")
    gdal.PopErrorHandler()


def _damage(case: Case, safe: Path) -> None:
    file = case.one_of(*sorted(one for one in safe.rglob("*") if one.is_file()))
    text = _METADATA.format(*(case.one_of(*_ODD.split()) for _ in range(3))) * case.one_of(1, 1, 2000)
    other, metadata = (
        file.with_name(case.one_of(*_NAMES.split())),
        safe / case.one_of("MTD_MSIL2A.xml", "MTD_MSIL1C.xml"),
    )
    case.one_of(
        file.unlink,
        lambda: case.damage(file),
        lambda: file.write_bytes(b""),
        lambda: file.replace(other),
        lambda: other == file or shutil.copyfile(file, other),
        lambda: metadata.write_text(text, "utf-8"),
    )()


def _zipped(case: Case, safe: Path) -> Path:
    """Put a product into a zip, and perhaps damage that."""
    archive = safe.with_suffix(case.one_of(".zip", ".SAFE.zip", ".ZIP"))
    kind = case.one_of(zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    with zipfile.ZipFile(archive, "w", kind) as opened:
        for file in sorted(one for one in safe.rglob("*") if one.is_file()):
            inside = file.relative_to(safe.parent).as_posix().encode("utf-8", "replace").decode("utf-8")
            opened.writestr(case.mostly(inside, f"../{inside}", f"/{inside}", "x" * 300), file.read_bytes())
    if case.chance(0.3):
        case.damage(archive)
    elif case.chance(0.4):
        # Flags, methods and versions in the headers: encrypted, or packed by what nobody knows.
        content = bytearray(archive.read_bytes())
        signature, offset = case.one_of((b"PK\3\4", 4), (b"PK\1\2", 6))
        at = content.find(signature, case.random.randint(len(content)))
        content[at + offset + case.random.randint(8)] = case.random.randint(256)
        archive.write_bytes(content)
    return archive
