"""The demo: super-resolve a raster through QGIS and show it before and after.

``make demo`` runs the toolbox's algorithm by ``qgis_process``, on the bundled sample or on any raster that QGIS opens.
Parameters go in as ``-- KEY=VALUE`` and results come back as text: JSON on standard input is not known before QGIS
3.24, and with JSON there is no progress.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from preview import write_preview

from srsat_qgis.core.errors import SrsatError
from srsat_qgis.core.paths import resources_dir

ALGORITHM = "srsat:superresolve"
_PROGRESS = re.compile(r"[0-9.]+(?: - done\.)?")
_VALUE = re.compile(r"([A-Z][A-Z0-9_]*):\t(.*)")


def say(text: str) -> None:
    """Print at once."""
    print(text, end="", flush=True)


def output_paths(source: str, model: str, folder: Path) -> tuple[Path, Path]:
    """Return where the raster and the picture go: ``<name>_<model>.tif`` and ``<name>_<model>_before_after.png``."""
    name, model = (re.sub(r"[^\w.-]+", "_", Path(text).stem).strip("_.") for text in (source, model))
    base = f"{name or 'raster'}_{model}"
    return folder / f"{base}.tif", folder / f"{base}_before_after.png"


def run_algorithm(command: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """Run the algorithm, show its progress and messages as they come, and return its results as text.

    Raises
    ------
    SrsatError
        If the algorithm does not exist or fails; the message is its own.
    """
    with tempfile.TemporaryDirectory(prefix="srsat-demo-") as folder, tempfile.TemporaryFile() as errors:
        # The Python inside QGIS is found through the PATH: a virtual environment's would be the wrong one.
        path = os.pathsep.join([str(Path(command).parent), "/usr/bin", os.environ.get("PATH", "")])
        environment = {**os.environ, "PATH": path, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": folder}
        environment.pop("PYTHONHOME", None)
        version = subprocess.run([command, "--version"], env=environment, capture_output=True, check=False)
        found = re.search(r"QGIS\s+\d[^\s'\"]*", version.stdout.decode("utf-8", "replace"))
        say(f"{found.group() if found else 'QGIS'} ({command}) runs {ALGORITHM}\n")
        process = subprocess.Popen(
            [command, "run", ALGORITHM, "--", *(f"{key}={value}" for key, value in parameters.items())],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            errors="replace",
        )
        with process:
            try:
                results = _follow(process)
            except BaseException:
                # An interrupt must not leave QGIS running.
                process.kill()
                raise
        errors.seek(0)
        if process.returncode != 0 or not results:
            raise SrsatError(_reason(errors.read().decode("utf-8", "replace"), process.returncode))
    return results


def _follow(process: subprocess.Popen) -> dict[str, str]:
    """Show what comes, but for the lists of inputs and results, and return the results."""
    results, block, line, shown = {}, "", "", False
    # Progress comes without an end of line. Reading by characters waits for no more than there is.
    for character in iter(lambda: process.stdout.read(1), ""):
        line += character
        if shown or _PROGRESS.fullmatch(line.strip()):
            say(character)
            shown = True
        if character != "\n":
            continue
        value = _VALUE.match(line)
        if value and block == "Results":
            results[value.group(1)] = value.group(2).rstrip()
        elif line.strip() in ("Inputs", "Results"):
            block = line.strip()
        elif line.strip() and not value and not shown and not line.startswith("-----"):
            say(line)
        line, shown = "", False
    return results


def _reason(said: str, code: int) -> str:
    """Return what went wrong from all that stood on standard error."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if any(line.startswith("Algorithm ") and "not found!" in line for line in lines):
        cause = next((f" ({line})" for line in reversed(lines) if "Error:" in line), "")
        hint = ": run `make setup` once, which puts the plugin into your QGIS profile"
        return f"QGIS does not have the plugin srsat_qgis{cause or hint}"
    marked = [index for index, line in enumerate(lines) if line.startswith("ERROR:")]
    if marked:
        lines = [line[6:].strip() if line.startswith("ERROR:") else line for line in lines[marked[0] :]]
        lines = [line for line in lines if "error was encountered while" not in line] or lines
    else:
        lines = [line for line in lines if "Warning" not in line][-3:]
    # An error is told as it arises and again at the end.
    return " ".join(dict.fromkeys(lines)) or f"qgis_process ended with exit code {code} and said nothing"


def run(command: str, source: str, model: str, folder: Path) -> None:
    """Super-resolve ``source`` into ``folder``, draw it before and after, and say what was done.

    Parameters
    ----------
    command : str
        The qgis_process to run.
    source : str
        Path of a raster, or anything else that QGIS opens as one.
    model : str
        Id of a model, or the path of an ONNX file.
    folder : Path
        Made where missing.

    Raises
    ------
    SrsatError, OSError
        The message is meant for the user.
    """
    program = shutil.which(command)
    if program is None:
        raise SrsatError(f"there is no {command}: install QGIS first (make setup)")
    if Path(source).exists():
        source = str(Path(source).resolve())
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    target, picture = output_paths(source, model, folder)
    is_file = model.lower().endswith(".onnx")
    chosen = {"MODEL_FILE": str(Path(model).resolve())} if is_file else {"MODEL": model}
    say(f"Input: {source}\nModel: {model}\n")
    made = run_algorithm(program, {"INPUT": source, **chosen, "OUTPUT": str(target)})
    say(f"\nDone in {float(made['SECONDS']):.1f} s on {made['DEVICE_USED']}\n")
    size = f"{made['WIDTH']} x {made['HEIGHT']} pixels, x{made['SCALE']}"
    say(f"Super-resolved: {os.path.relpath(target)} ({size}, {_size(target)})\n")
    write_preview(source, target, picture, labels=("Input", Path(model).stem))
    say(f"Before/after:   {os.path.relpath(picture)} ({_size(picture)})\n")


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB"


def main(arguments: list[str] | None = None) -> int:
    """Run the demo from the command line; return 0, or 1 after an error in one line, or 130 after an interrupt."""
    # GDAL 3.7 and newer warn that no error mode was chosen; this project reads errors in either.
    warnings.filterwarnings("ignore", category=FutureWarning, module="osgeo")
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument(
        "--input", default=str(resources_dir() / "sample.tif"), help="raster to super-resolve"
    )
    parser.add_argument("--model", default="any-x2", help="id of a model, or an ONNX file")
    parser.add_argument("--output-dir", type=Path, default=Path("build/demo"))
    parser.add_argument("--qgis-process", default="qgis_process", help="QGIS's command line")
    options = parser.parse_args(arguments)
    try:
        run(options.qgis_process, options.input, options.model, options.output_dir)
    except (SrsatError, OSError) as error:
        sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
