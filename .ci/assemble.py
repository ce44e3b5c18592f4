"""Put the plugin folder together, as links for development or as the archive for plugins.qgis.org.

QGIS wants ``metadata.txt``, ``LICENSE``, ``models/`` and ``resources/`` inside the plugin's folder, where the
repository keeps them beside the package. The help is Markdown in the repository and HTML in the archive.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import pages

ROOT = Path(__file__).resolve().parent.parent
NAME = "srsat_qgis"
BESIDE = ("metadata.txt", "LICENSE", "models", "resources")

# A file of any other kind is an error: it was forgotten here, or does not belong into the plugin.
KINDS = {
    "",
    ".py",
    ".txt",
    ".md",
    ".json",
    ".toml",
    ".npz",
    ".onnx",
    ".svg",
    ".png",
    ".qml",
    ".html",
    ".css",
    ".tif",
    ".model3",
    ".qm",
    ".qgs",
}
# What belongs to the repository only: how the sample is made, the README's pictures, translations before compiling,
# and what the help is made of. Its pages, and the pictures that they show, are added to what is found.
LEFT_OUT = ("resources/*.py", "resources/*.png", "resources/*.svg", "resources/i18n/*.ts")
HELP_SOURCES = {".md", ".html", ".png"}


def plugin_files() -> Iterator[tuple[Path, str]]:
    """Yield each file of the plugin and its path inside the plugin folder, sorted; raise ValueError on a stray one."""
    package = [(path, path.relative_to(ROOT / NAME)) for path in (ROOT / NAME).rglob("*")]
    beside = [
        (path, path.relative_to(ROOT)) for name in BESIDE for path in (ROOT / name, *(ROOT / name).rglob("*"))
    ]
    for path, inside in sorted([*package, *beside], key=lambda pair: pair[1].as_posix()):
        hidden = any(part.startswith(".") or part == "__pycache__" for part in inside.parts)
        left_out = any(inside.match(pattern) for pattern in (*LEFT_OUT, "*.aux.xml"))
        source = inside.as_posix().startswith(f"{pages.HELP}/") and path.suffix in HELP_SOURCES
        if hidden or left_out or source or path.is_dir():
            continue
        if not path.is_file():
            raise ValueError(f"{path} is missing")
        if path.suffix not in KINDS or (not path.suffix and path.name != "LICENSE"):
            raise ValueError(f"{inside}: files of kind {path.suffix!r} do not belong into the plugin")
        yield path, inside.as_posix()


def link(folder: Path) -> None:
    """Make ``folder`` a plugin folder of links to this checkout, so that an edit needs no new assembly."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {path.name: path for path in (ROOT / NAME).iterdir() if path.name != "__pycache__"}
    wanted.update({name: ROOT / name for name in BESIDE if (ROOT / name).exists()})
    for old in folder.iterdir():
        if not old.is_symlink():
            raise ValueError(f"{old} is no link: remove {folder} and try again")
        old.unlink()
    for name, path in wanted.items():
        (folder / name).symlink_to(path)


def write_pages() -> None:
    """Write the help's pages into the checkout, beside what they are made of."""
    pages.write({inside for _, inside in plugin_files()})


def pack(archive: Path) -> None:
    """Write the archive: the same bytes for the same files, whenever and wherever it is made.

    Raises
    ------
    ValueError
        If a file is missing or does not belong into the plugin, or a link of the help leads nowhere.
    """
    files = {inside: path.read_bytes() for path, inside in plugin_files()}
    files.update(pages.build(set(files)))
    archive.parent.mkdir(parents=True, exist_ok=True)
    unfinished = archive.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for inside in sorted(files):
            entry = zipfile.ZipInfo(f"{NAME}/{inside}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            target.writestr(entry, files[inside])
    unfinished.replace(archive)


def main(arguments: list[str]) -> int:
    """Do what the command line asks for."""
    actions = {"link": link, "zip": pack}
    asked = arguments[0] if arguments else ""
    if (asked, len(arguments)) not in {("link", 2), ("zip", 2), ("pages", 1)}:
        sys.stderr.write("usage: assemble.py link FOLDER | assemble.py zip ARCHIVE | assemble.py pages\n")
        return 2
    try:
        if asked == "pages":
            write_pages()
        else:
            actions[asked](Path(arguments[1]))
    except ValueError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
