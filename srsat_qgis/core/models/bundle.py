"""Models to share: one zip archive with model, card, a STAC item, a page to read and checksums, and back into a folder.

What comes in is not trusted: only the files that belong to a model are taken, by their names, with the sizes that the
archive states, and none of them is run. Whoever takes the folder then checks the model as any other.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import (
    CardMismatch,
    ModelNotFound,
    OutputNotWritable,
    UnsafeModel,
    UnsupportedModel,
)
from srsat_qgis.core.models.card import CARD_FILE, MODEL_FILE, BandSpec, ModelCard, card_to_json
from srsat_qgis.core.models.registry import FILES
from srsat_qgis.core.temporary import remove_all, temporary_beside, unwritable

ITEM_FILE, README_FILE, SUMS_FILE = "item.json", "README.md", "SHA256SUMS"
ARCHIVED = (*FILES, ITEM_FILE, README_FILE, SUMS_FILE, "LICENSE")
"""Names that an archive may hold, in one folder or none."""
LARGEST_BYTES = 2 << 30
"""Of all files of an archive together."""
MLM = "https://stac-extensions.github.io/mlm/v1.5.0/schema.json"
_FILE = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
# Archives of one model have the same bytes: the oldest time that a zip can state.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SUM = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")
_PART = 1 << 20
# In STAC, a model of no time in particular.
_ALWAYS = {"datetime": None, "start_datetime": "1900-01-01T00:00:00Z", "end_datetime": "9999-12-31T23:59:59Z"}
# All that zipfile raises for archives that are damaged, encrypted, or compressed in another way.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError)


def write_bundle(card: ModelCard, target: Path) -> None:
    """Write a model with all that belongs to it as a zip archive, which appears when it is whole.

    The same model gives the same bytes.

    Parameters
    ----------
    card : ModelCard
        Of a model's folder.
    target : Path

    Raises
    ------
    ModelNotFound
        If the card is not that of a folder.
    OutputNotWritable, DiskFull
        If the archive cannot be written; what stood there before stands.
    """
    if card.path is None or card.path.name != MODEL_FILE:
        raise ModelNotFound(f"model {card.id}: expected one of a folder with {MODEL_FILE}, found {card.path}")
    folder = card.path.parent
    temporary = temporary_beside(target.absolute(), ".zip")
    try:
        contents = {name: (folder / name).read_bytes() for name in FILES if (folder / name).is_file()}
        # As it is embedded where there is none beside the file, and always with the checksum.
        contents[CARD_FILE] = _json(card_to_json(card))
        contents[ITEM_FILE] = _json(stac_item(card, len(contents[MODEL_FILE])))
        contents[README_FILE] = _readme(card, contents).encode()
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        contents[SUMS_FILE] = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode()
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(contents.items()):
                entry = zipfile.ZipInfo(f"{card.id}/{name}", _EPOCH)
                entry.external_attr = (stat.S_IFREG | 0o644) << 16
                archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        raise unwritable(error, f"{target}: the archive cannot be written") from error
    finally:
        remove_all(temporary)


@contextlib.contextmanager
def opened_bundle(source: Path) -> Iterator[Path]:
    """Give the folder of a model that was shared, for a while, once its checksums are found right.

    Parameters
    ----------
    source : Path
        A zip archive, or a folder with a model.

    Raises
    ------
    ModelNotFound
        If there is no such file or folder, or no model in it.
    UnsupportedModel
        If the file is no zip archive, or damaged.
    UnsafeModel
        If it holds anything but the files of a model, or a file outside its folder, or is too large.
    CardMismatch
        If a file is missing, or not the one that the checksums are of.
    """
    if source.is_dir():
        _check_sums(source, {path.name for path in source.iterdir() if path.is_file()}, must=False)
        yield source
        return
    if not source.is_file():
        raise ModelNotFound(f"{source}: expected a zip archive or a folder of a model, found no such file")
    with tempfile.TemporaryDirectory(prefix="srsat-") as place:
        folder = Path(place) / "model"
        folder.mkdir()
        try:
            names = _extract(source, folder)
        except _DAMAGED as error:
            raise UnsupportedModel(
                f"{source}: expected a zip archive as srsat:exportmodel writes it; this one is damaged, encrypted or "
                f"something else ({error})"
            ) from error
        except OSError as error:
            raise OutputNotWritable(f"{place}: the archive {source} cannot be unpacked: {error}") from error
        _check_sums(folder, names, must=True, shown=source)
        yield folder


def _extract(source: Path, folder: Path) -> set[str]:
    """Write the files of an archive into a folder and return their names."""
    names: set[str] = set()
    with zipfile.ZipFile(source) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if sum(entry.file_size for entry in entries) > LARGEST_BYTES:
            raise UnsafeModel(f"{source}: unpacked, it is larger than {LARGEST_BYTES >> 30} GiB")
        roots = {entry.filename.rpartition("/")[0] for entry in entries}
        for entry in entries:
            root, _, name = entry.filename.rpartition("/")
            inside = len(roots) == 1 and "/" not in root and root not in (".", "..")
            plain = stat.S_IFMT(entry.external_attr >> 16) in (0, stat.S_IFREG)
            # Names are compared, never joined as they come: none leads out of the folder.
            if not inside or not plain or name not in ARCHIVED:
                raise UnsafeModel(
                    f"{source}: holds {entry.filename!r}; expected one folder with only {', '.join(ARCHIVED)}"
                )
            if name in names:
                raise UnsafeModel(f"{source}: holds {entry.filename!r} twice")
            names.add(name)
            left = entry.file_size
            with archive.open(entry) as packed, open(folder / name, "wb") as file:
                while part := packed.read(_PART):
                    left -= len(part)
                    if left < 0:
                        raise UnsafeModel(f"{source}: {entry.filename!r} is larger than the archive says")
                    file.write(part)
    return names


def _check_sums(folder: Path, names: set[str], *, must: bool, shown: Path | None = None) -> None:
    """Hold the files of a folder to its list of checksums."""
    shown = shown or folder
    if SUMS_FILE not in names:
        if must:
            raise CardMismatch(f"{shown}: {SUMS_FILE} is missing: whether the files are whole cannot be told")
        return
    sums = dict(_listed(folder / SUMS_FILE, shown))
    # Of a folder, what does not belong to a model is not taken.
    for name in sorted(names & {*FILES, ITEM_FILE, README_FILE, "LICENSE"}):
        if name not in sums:
            raise CardMismatch(f"{shown}: {SUMS_FILE} does not name {name}")
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if found != sums[name]:
            raise CardMismatch(f"{shown}: the SHA-256 of {name} is {found}, {SUMS_FILE} says {sums[name]}")
    missing = sorted(set(sums) - names)
    if missing:
        raise CardMismatch(f"{shown}: {SUMS_FILE} names {', '.join(missing)}, which is missing")


def _listed(path: Path, shown: Path) -> Iterator[tuple[str, str]]:
    """Yield name and digest of each line of a list of checksums."""
    for line in path.read_text("utf-8", errors="replace").splitlines():
        found = _SUM.fullmatch(line)
        if not found:
            raise CardMismatch(
                f"{shown}: {SUMS_FILE}: expected a SHA-256 and a name in each line, found {line[:80]!r}"
            )
        yield found.group(2), found.group(1).lower()


def stac_item(card: ModelCard, size: int) -> dict[str, Any]:
    """Return a STAC 1.1 item with the extension MLM 1.5 that describes a model.

    Parameters
    ----------
    card : ModelCard
        With its checksum.
    size : int
        Bytes of the ONNX file.
    """
    tasks = ["super-resolution", *(["downscaling"] if card.family == "thermal" else [])]
    bands = {band.name: band for spec in card.inputs for band in spec.bands or ()}
    bands.update((band.name, band) for band in card.output.bands or ())
    parameters = card.training.get("parameters")
    properties = {
        **_ALWAYS,
        "title": card.name,
        "description": card.description or card.name,
        "license": card.licence or "other",
        "mlm:name": card.id if re.match(r"[a-z].+", card.id) else f"model-{card.id}",
        "mlm:architecture": str(card.training.get("network") or card.family),
        "mlm:tasks": tasks,
        "mlm:framework": "ONNX",
        **({"mlm:total_parameters": parameters} if isinstance(parameters, int) else {}),
        "mlm:input": [*_inputs(card)],
        "mlm:output": [
            {
                "name": card.output.name,
                "tasks": tasks,
                "result": _structure(card.channels_out, "float32"),
                "description": f"{card.scale} x {card.scale} pixels for each pixel of the first input",
            }
        ],
        "srsat:scale": card.scale,
        "srsat:version": card.version,
        "srsat:gsd_m": card.gsd_m,
        "srsat:value_range": card.value_range,
    }
    asset = {
        "href": f"./{MODEL_FILE}",
        "type": "application/octet-stream; application=onnx",
        "title": card.name,
        "roles": ["mlm:model"],
        "mlm:artifact_type": "onnx",
        # A multihash: 0x12 is SHA-256, of 0x20 bytes.
        "file:checksum": f"1220{card.sha256}",
        "file:size": size,
        **({"bands": [_band(band) for band in bands.values()]} if bands else {}),
    }
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [MLM, _FILE],
        "id": f"{card.id}-{card.version}",
        "geometry": None,
        "properties": {
            key: value for key, value in properties.items() if value is not None or key == "datetime"
        },
        "links": [],
        "assets": {
            "model": asset,
            "card": {"href": f"./{CARD_FILE}", "type": "application/json", "roles": ["metadata"]},
        },
    }


def _inputs(card: ModelCard) -> Iterator[dict[str, Any]]:
    for spec in card.inputs:
        yield {
            "name": spec.name,
            "bands": [band.name for band in spec.bands or ()],
            "input": _structure(spec.channels, spec.dtype),
            "description": f"{spec.ratio} x {spec.ratio} output pixels for each of its pixels"
            + (", every band alone" if spec.bands is None else ""),
        }
    for condition in card.conditions:
        yield {
            "name": condition.name,
            "bands": [],
            "input": {
                "shape": [-1, card.inputs[0].channels],
                "dim_order": ["batch", "channel"],
                "data_type": "float32",
            },
            "description": f"{condition.measure} of each band of the first input",
        }


def _structure(channels: int, data_type: str) -> dict[str, Any]:
    return {
        "shape": [-1, channels, -1, -1],
        "dim_order": ["batch", "channel", "height", "width"],
        "data_type": data_type,
    }


def _band(band: BandSpec) -> dict[str, Any]:
    wavelength = band.wavelength_nm
    return {"name": band.name, **({} if wavelength is None else {"eo:center_wavelength": wavelength / 1000})}


def _json(data: Any) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()


def _readme(card: ModelCard, contents: Mapping[str, bytes]) -> str:
    """Return what a reader wants to know of a model, as Markdown."""
    gsd, values = card.gsd_m, card.value_range
    rows = [
        ("id", f"`{card.id}`"),
        ("version", card.version),
        ("scale", f"x{card.scale}"),
        ("family", card.family),
        ("licence", card.licence or "not stated"),
        ("pixel sizes", "any" if gsd is None else f"{gsd[0]:g} to {gsd[1]:g} m"),
        ("values", "any" if values is None else f"{values[0]:g} to {values[1]:g}"),
        ("inputs", "; ".join(f"{spec.name}: {_named(spec.bands)}" for spec in card.inputs)),
        ("SHA-256 of model.onnx", f"`{card.sha256}`"),
    ]
    lines = [f"# {card.name}", "", card.description, "", "| | |", "|---|---|"]
    lines += [f"| {name} | {_cell(value)} |" for name, value in rows]
    if "preview.png" in contents:
        lines += ["", "![Before and after](preview.png)"]
    lines += [
        "",
        "Install it in QGIS by *SRSat > Install model* (`srsat:installmodel`), which checks it against `SHA256SUMS`. "
        "`card.json` holds all facts, training data and measured quality; `item.json` is a STAC item (MLM).",
        "",
    ]
    return "\n".join(lines)


def _named(bands: tuple[BandSpec, ...] | None) -> str:
    return "every band alone" if bands is None else ", ".join(band.name for band in bands)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
