"""From a listed source to what is cut: finds the files of each scene, opens its layers, and checks that they nest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import GridMismatch, InvalidSetting, NoValidPixels, RasterNotReadable
from srsat_qgis.core.patches.planes import PatchLayer, PatchSource, SourcePlane, StackedPlane
from srsat_qgis.core.patches.split import TRAIN, VALIDATION, file_windows
from srsat_qgis.core.patches.store import Cut, StoreBand, StoreLayer, checksum, side_step, write_layers
from srsat_qgis.core.raster.grid import crs_name
from srsat_qgis.core.raster.nesting import check_nesting
from srsat_qgis.core.types import Progress


def find_files(root: Path, source: PatchSource) -> list[tuple[Path, str]]:
    """Return the files (or folders of scenes) of a source, sorted, each with its split.

    Raises
    ------
    RasterNotReadable
        If none is found.
    """
    held = {path for pattern in source.validation for path in root.glob(pattern)}
    found = sorted({path for pattern in source.files for path in root.glob(pattern)})
    if not found:
        raise RasterNotReadable(
            f"source {source.name}: no file below {root} matches {', '.join(source.files)}"
        )
    return [(path, VALIDATION if path in held else TRAIN) for path in found]


def origin(source: PatchSource) -> dict[str, Any]:
    """Return what the manifest says of where a source comes from."""
    return {
        "name": source.name,
        "group": source.group or source.name,
        "sensor": source.sensor,
        "place": source.place,
        "licence": source.licence,
        "gsd_m": source.gsd_m,
    }


def file_entries(root: Path, files: Iterable[tuple[Path, str]]) -> list[dict[str, str]]:
    """Return what the manifest says of files below ``root``, each given with its split."""
    return [
        {"path": path.relative_to(root).as_posix(), "split": split, "sha256": checksum(path)}
        for path, split in files
    ]


@dataclass(frozen=True)
class _Scene:
    """The layers of one place and time."""

    path: Path
    split: str
    planes: dict[str, StackedPlane]
    files: tuple[Path, ...]
    rows: int
    cols: int


def write_listed(
    root: Path, folder: Path, source: PatchSource, *, size: int, least: int, progress: Progress
) -> dict[str, Any]:
    """Cut a listed source into a store of layers and return its entry in the manifest.

    Parameters
    ----------
    root : Path
        Folder that the source's patterns start from.
    folder : Path
        Where the files go.
    source : PatchSource
    size : int
        Largest side of a patch, in pixels of the finest layer.
    least : int
        Scenes with a shorter side are left out.
    progress : Progress

    Raises
    ------
    RasterNotReadable, InputError, GridMismatch, NoValidPixels
        If a file is missing or unreadable, the layers of a scene do not nest, or every scene is too small.
    """
    layers = source.each_layer()
    step = side_step(layer.ratio for layer in layers)
    scenes = list(_scenes(root, source, layers))
    fitting = [side for scene in scenes if (side := min(scene.rows, scene.cols)) >= max(least, step)]
    if not fitting:
        raise NoValidPixels(f"source {source.name}: every scene is smaller than {max(least, step)} pixels")
    size = min([size, *fitting]) // step * step
    cuts = [
        Cut(split, window, scene.planes)
        for scene in scenes
        for split, window in file_windows(
            scene.rows, scene.cols, size, split=scene.split, share=source.validation_share, step=step
        )
    ]
    about = {
        **origin(source),
        "crs": _common_crs(scenes),
        "files": file_entries(root, ((path, scene.split) for scene in scenes for path in scene.files)),
    }
    described = [_described(layer, source, scenes[0].planes[layer.name]) for layer in layers]
    return write_layers(folder, about, described, cuts, size=size, progress=progress)


def _scenes(root: Path, source: PatchSource, layers: Sequence[PatchLayer]) -> Iterator[_Scene]:
    finest = next(layer for layer in layers if layer.ratio == 1)
    for path, split in find_files(root, source):
        files = {layer.name: _files_of(path, source, layer) for layer in layers}
        planes = {
            layer.name: StackedPlane([SourcePlane(file, layer) for file in files[layer.name]])
            for layer in layers
        }
        fine = planes[finest.name]
        for layer in layers:
            _check_nests(planes[layer.name], fine, layer.ratio, georeference=source.georeference)
        named = tuple(dict.fromkeys(file for layer in layers for file in files[layer.name]))
        yield _Scene(path, split, planes, named, fine.rows, fine.cols)


def _files_of(scene: Path, source: PatchSource, layer: PatchLayer) -> list[Path]:
    if not layer.files:
        return [scene]
    files = []
    for pattern in layer.files:
        found = sorted(scene.glob(pattern))
        if len(found) != 1:
            raise RasterNotReadable(
                f"source {source.name}, layer {layer.name}: {len(found)} files in {scene} match {pattern}, expected 1"
            )
        files.append(found[0])
    return files


def _check_nests(coarse: StackedPlane, fine: StackedPlane, ratio: int, *, georeference: bool) -> None:
    if georeference and coarse.grid is not None and fine.grid is not None and coarse is not fine:
        check_nesting(coarse.grid, fine.grid, ratio, names=(str(coarse.path), str(fine.path)))
    if (coarse.rows * ratio, coarse.cols * ratio) != (fine.rows, fine.cols):
        raise GridMismatch(
            f"{fine.path} does not nest in {coarse.path}: expected {coarse.cols * ratio} x {coarse.rows * ratio} "
            f"pixels ({ratio} times finer), found {fine.cols} x {fine.rows}"
        )


def _common_crs(scenes: Sequence[_Scene]) -> str | None:
    """Return the CRS of all scenes, None where they have none or several."""
    names = {
        crs_name(plane.grid.crs_wkt) for scene in scenes for plane in scene.planes.values() if plane.grid
    }
    return names.pop() or None if len(names) == 1 else None


def _described(layer: PatchLayer, source: PatchSource, plane: StackedPlane) -> StoreLayer:
    infos = plane.infos
    count = len(infos)
    for key, given in (("names", layer.names), ("wavelengths_nm", layer.wavelengths_nm)):
        if given and len(given) != count:
            raise InvalidSetting(
                f"source {source.name}, layer {layer.name}: {len(given)} {key} for {count} bands"
            )
    names = layer.names or tuple(info.name or str(info.number) for info in infos)
    lengths: tuple[float | None, ...] = layer.wavelengths_nm or tuple(info.wavelength_nm for info in infos)
    if len(set(names)) != count:  # as of one-band files without descriptions
        names = tuple(str(number) for number in range(1, count + 1))
    return StoreLayer(
        name=layer.name,
        ratio=layer.ratio,
        bands=tuple(StoreBand(name, length) for name, length in zip(names, lengths)),
        gsd_m=source.gsd_m * layer.ratio if source.gsd_m is not None else None,
        quantum=layer.quantum,
        saturation=layer.saturation,
    )
