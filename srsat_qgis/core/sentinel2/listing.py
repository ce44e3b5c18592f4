"""The files of a product, on a disk or inside a zip, with forward slashes on every system."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from srsat_qgis.core.errors import ProductNotReadable

# A product has some 200; a whole archive chosen by mistake has more than a user waits for.
_MOST_FILES = 20_000


def root_of(path: str) -> str:
    """Return the folder to search, with forward slashes: that of a metadata file, or ``/vsizip/`` of an archive.

    Raises
    ------
    ProductNotReadable
        If nothing is there.
    """
    plain = Path(path)
    if path.startswith("/vsizip/"):
        return path.rstrip("/")
    if not plain.exists():
        raise ProductNotReadable(f"{path}: expected a Sentinel-2 product, found nothing there")
    if plain.is_dir():
        return plain.as_posix()
    if plain.suffix.lower() == ".zip":
        return f"/vsizip/{plain.as_posix()}"
    if plain.suffix.lower() == ".xml":
        return plain.parent.as_posix()
    raise ProductNotReadable(
        f"{path}: expected a .SAFE folder, its zip, or its metadata file (MTD_MSIL1C.xml, MTD_MSIL2A.xml)"
    )


def files_below(root: str) -> list[str]:
    """Return the paths of all files below ``root``, sorted.

    Raises
    ------
    ProductNotReadable
        If the archive is damaged, or so many files lie there that it is no product.
    """
    files = _in_archive(root) if root.startswith("/vsizip/") else _in_folder(root)
    return sorted(files)


def files_in(folder: str) -> list[str]:
    """Return the paths of the files that lie in a folder itself, sorted; none where it cannot be listed."""
    if folder.startswith("/vsizip/"):
        return [file for file in files_below(folder) if "/" not in file[len(folder) + 1 :]]
    try:
        return sorted(f"{folder}/{entry.name}" for entry in os.scandir(folder) if entry.is_file())
    except OSError:
        return []


def read_text(path: str) -> str:
    """Return the text of a file on a disk or in an archive.

    Raises
    ------
    ProductNotReadable
        If it cannot be read.
    """
    try:
        if not path.startswith("/vsizip/"):
            return Path(path).read_text(encoding="utf-8", errors="replace")
        archive, inner = _split(path)
        with zipfile.ZipFile(archive) as opened:
            return opened.read(inner).decode("utf-8", errors="replace")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ProductNotReadable(f"{path}: cannot be read ({error})") from error


def _in_folder(root: str) -> list[str]:
    found: list[str] = []
    for folder, _, names in os.walk(root):
        found.extend(f"{Path(folder).as_posix()}/{name}" for name in names)
        if len(found) > _MOST_FILES:
            raise ProductNotReadable(
                f"{root}: holds more than {_MOST_FILES} files; expected one Sentinel-2 product"
            )
    return found


def _in_archive(root: str) -> list[str]:
    archive, inner = _split(root)
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [name for name in opened.namelist() if not name.endswith("/")]
    except (OSError, zipfile.BadZipFile) as error:
        raise ProductNotReadable(f"{archive}: is no readable zip ({error})") from error
    return [f"/vsizip/{archive}/{name}" for name in names if name.startswith(inner)]


def _split(path: str) -> tuple[str, str]:
    """Return the archive and the path inside it of a ``/vsizip/`` path."""
    plain = path[len("/vsizip/") :]
    end = plain.lower().find(".zip")
    if end < 0:
        raise ProductNotReadable(f"{path}: expected /vsizip/ and the path of a .zip file")
    return plain[: end + 4], plain[end + 5 :]
