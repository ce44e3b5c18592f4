"""The files of a product, on a disk or inside a zip, with forward slashes on every system."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from srsat_qgis.core.errors import ProductNotReadable

# A product has some 200; a whole archive chosen by mistake has more than a user waits for.
_MOST_FILES = 20_000
# No file system of a user's takes longer names of one file.
_LONGEST_NAME = 255
MOST_BYTES = 50_000_000
"""Of a text that is read: metadata and masks have less than a tenth of it, and zips pack gigabytes into nothing."""


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
        f"{path}: expected a .SAFE or MUSCATE folder, its zip, or its metadata file (MTD_MSIL1C.xml, MTD_MSIL2A.xml, "
        "*_MTD_ALL.xml)"
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


def names_in(root: str) -> list[str]:
    """Return the names of files and folders that lie in ``root`` itself, sorted; none where it cannot be listed.

    Raises
    ------
    ProductNotReadable
        If the archive is damaged.
    """
    if root.startswith("/vsizip/"):
        return sorted({file[len(root) + 1 :].split("/")[0] for file in files_below(root)})
    try:
        return sorted(os.listdir(root))
    except OSError:
        return []


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
        If it cannot be read, or holds more than ``MOST_BYTES``.
    """
    try:
        if path.startswith("/vsizip/"):
            archive, inner = _split(path)
            with zipfile.ZipFile(archive) as opened:
                _check_size(path, opened.getinfo(inner).file_size)
                with opened.open(inner) as member:
                    data = member.read(MOST_BYTES + 1)
        else:
            plain = Path(path)
            if not plain.is_file():
                raise ProductNotReadable(f"{path}: cannot be read (it is no file)")
            _check_size(path, plain.stat().st_size)
            with plain.open("rb") as opened_file:
                data = opened_file.read(MOST_BYTES + 1)
    except ProductNotReadable:
        raise
    # What zipfile raises of archives that are damaged, encrypted or packed in ways that Python does not know is no
    # closed list: each method has errors of its own.
    except Exception as error:
        raise ProductNotReadable(f"{path}: cannot be read ({error})") from error
    _check_size(path, len(data))
    return data.decode("utf-8", errors="replace")


def _check_size(path: str, count: int) -> None:
    if count > MOST_BYTES:
        raise ProductNotReadable(
            f"{path}: expected a text of at most {MOST_BYTES // 1_000_000} MB, found {count} bytes or more"
        )


def _in_folder(root: str) -> list[str]:
    found: list[str] = []
    for folder, _, names in os.walk(root):
        found.extend(f"{Path(folder).as_posix()}/{name}" for name in names)
        _check_count(root, len(found))
    return found


def _check_count(root: str, count: int) -> None:
    if count > _MOST_FILES:
        raise ProductNotReadable(
            f"{root}: holds more than {_MOST_FILES} files; expected one Sentinel-2 product"
        )


def _in_archive(root: str) -> list[str]:
    archive, inner = _split(root)
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [name for name in opened.namelist() if not name.endswith("/")]
    # As above.
    except Exception as error:
        raise ProductNotReadable(f"{archive}: is no readable zip ({error})") from error
    _check_count(archive, len(names))
    # Also what keeps the patterns for names quick.
    long = next((name for name in names if max(map(len, name.split("/"))) > _LONGEST_NAME), None)
    if long is not None:
        raise ProductNotReadable(
            f"{archive}: expected names of at most {_LONGEST_NAME} letters, found {long[:60]!r}..."
        )
    return [f"/vsizip/{archive}/{name}" for name in names if name.startswith(inner)]


def _split(path: str) -> tuple[str, str]:
    """Return the archive and the path inside it of a ``/vsizip/`` path."""
    plain = path[len("/vsizip/") :]
    end = plain.lower().find(".zip")
    if end < 0:
        raise ProductNotReadable(f"{path}: expected /vsizip/ and the path of a .zip file")
    return plain[: end + 4], plain[end + 5 :]
