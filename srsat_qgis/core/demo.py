"""The demo: super-resolve a raster through QGIS and show it before and after.

``python -m srsat_qgis.core.demo [--input RASTER] [--model any-x2] [--output-dir build/demo]`` runs the algorithm of the
toolbox, by ``qgis_process``, on the bundled sample or on any raster that QGIS opens.
"""

from __future__ import annotations

import argparse
import re
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from srsat_qgis.core.errors import OutputNotWritable, SrsatError
from srsat_qgis.core.paths import resources_dir
from srsat_qgis.core.qgis_process import find_qgis_process, run_algorithm

ALGORITHM = "srsat:superresolve"


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def output_paths(source: str, model: str, folder: Path) -> tuple[Path, Path]:
    """Return where the raster and the picture go: ``<name>_<model>.tif`` and ``<name>_<model>_before_after.png``."""
    name, model = (re.sub(r"[^\w.-]+", "_", Path(text).stem).strip("_.") for text in (source, model))
    base = f"{name or 'raster'}_{model}"
    return folder / f"{base}.tif", folder / f"{base}_before_after.png"


def _shown_path(path: Path) -> str:
    """Return the path from the current folder where it lies in it, else the whole one."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _size(path: Path) -> str:
    megabytes = path.stat().st_size / 1e6
    return f"{megabytes:.1f} MB" if megabytes >= 0.1 else f"{megabytes * 1000:.0f} kB"


def run(source: str, model: str, folder: Path) -> tuple[Path, Path]:
    """Super-resolve ``source`` into ``folder``, draw it before and after, and say what was done.

    Parameters
    ----------
    source : str
        Path of a raster, or anything else that QGIS opens as one.
    model : str
        Id of a model, or the path of an ONNX file.
    folder : Path
        Made where missing.

    Returns
    -------
    tuple of Path
        The raster and the picture.

    Raises
    ------
    SrsatError
        Of any kind; its message is meant for the user.
    """
    if Path(source).exists():
        source = str(Path(source).resolve())
    folder = folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputNotWritable(f"{folder}: the folder cannot be made ({error.strerror})") from error
    target, picture = output_paths(source, model, folder)
    chosen = (
        {"MODEL_FILE": str(Path(model).resolve())} if model.lower().endswith(".onnx") else {"MODEL": model}
    )

    qgis = find_qgis_process()
    _say(f"{qgis.version} ({qgis.command}) runs {ALGORITHM}\nInput: {source}\nModel: {model}\n")
    results = run_algorithm(qgis, ALGORITHM, {"INPUT": source, **chosen, "OUTPUT": str(target)}, show=_say)
    factor, wide, high = (results.get(key, "?") for key in ("SCALE", "WIDTH", "HEIGHT"))
    try:
        seconds = f"{float(results['SECONDS']):.1f}"
    except (KeyError, ValueError):
        seconds = "?"
    _say(f"\nDone in {seconds} s on {results.get('DEVICE_USED', '?')}\n")
    _say(f"Super-resolved: {_shown_path(target)} ({wide} x {high} pixels, x{factor}, {_size(target)})\n")
    _draw(source, target, picture, Path(model).stem)
    _say(f"Before/after:   {_shown_path(picture)} ({_size(picture)})\n")
    return target, picture


def _draw(source: str, target: Path, picture: Path, model: str) -> None:
    try:
        from srsat_qgis.core.pictures.preview import (
            write_preview,  # here: the messages above need neither numpy nor GDAL
        )
    except ImportError as error:
        raise SrsatError(
            f"the picture needs numpy and GDAL in {sys.executable} ({error}); on Debian: python3-gdal"
        ) from error
    write_preview(source, target, picture, labels=("Input", model))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo from the command line; return 0, or 1 after an error in one line, or 130 after an interrupt."""
    # GDAL 3.7 and newer warn that no error mode was chosen; this project reads errors in either.
    warnings.filterwarnings("ignore", category=FutureWarning, module="osgeo")
    parser = argparse.ArgumentParser(
        prog="python -m srsat_qgis.core.demo", description=__doc__.splitlines()[0]
    )
    sample = resources_dir() / "sample.tif"
    parser.add_argument(
        "--input", default=str(sample), help="raster to super-resolve (default: the bundled sample)"
    )
    parser.add_argument(
        "--model", default="any-x2", help="id of a model, or an ONNX file (default: %(default)s)"
    )
    parser.add_argument("--output-dir", type=Path, default=Path("build/demo"), help="default: %(default)s")
    options = parser.parse_args(arguments)
    try:
        run(options.input, options.model, options.output_dir)
    except SrsatError as error:
        sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
