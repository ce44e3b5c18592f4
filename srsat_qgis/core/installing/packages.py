"""What is installed in a search path, and whether onnxruntime works from there in a fresh process."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InstallationFailed
from srsat_qgis.core.installing.pip_command import Python, environment
from srsat_qgis.core.installing.process import run_lines
from srsat_qgis.core.modelfiles.onnxwrite import Node, ValueInfo, serialize_model
from srsat_qgis.core.types import Progress

# Its first argument is the search path, its second a model that doubles its input.
_TRY_RUNTIME = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
import numpy, onnxruntime
session = onnxruntime.InferenceSession(bytes.fromhex(sys.argv[2]), providers=["CPUExecutionProvider"])
answer = session.run(None, {"x": numpy.full((1, 1), 2, numpy.float32)})[0]
print("\\n" + json.dumps({
    "version": onnxruntime.__version__, "providers": onnxruntime.get_available_providers(),
    "file": onnxruntime.__file__, "numpy": numpy.__file__, "answer": float(answer[0, 0]),
}))
"""


def installed_packages(search_path: Sequence[str]) -> dict[str, str]:
    """Return the packages in a search path, normalised name to version; of two, the first is the one in force."""
    found: dict[str, str] = {}
    for distribution in importlib.metadata.distributions(path=list(search_path)):
        fields = distribution.metadata
        if fields and "Name" in fields and "Version" in fields:  # a folder half removed has neither
            found.setdefault(normalised(fields["Name"]), fields["Version"])
    return found


def try_runtime(python: Python, folder: Path | None, progress: Progress) -> dict[str, Any]:
    """Import onnxruntime in a fresh process as QGIS will find it, and run a model of one node.

    Parameters
    ----------
    python : Python
        With QGIS's search path.
    folder : Path, optional
        The folder of installed packages, which is searched last; None: only what QGIS has by itself.
    progress : Progress

    Returns
    -------
    dict
        ``version``, ``providers``, ``file`` (of onnxruntime) and ``numpy`` (its file).

    Raises
    ------
    InstallationFailed
        If it does not import or compute, comes from elsewhere, or brings a numpy of its own.
    Cancelled
        If the user cancelled.
    """
    model = serialize_model(
        [Node("Add", ["x", "x"], ["y"])], {}, [ValueInfo("x", [1, 1])], [ValueInfo("y", [1, 1])]
    )
    command = python.command(_TRY_RUNTIME, model.hex(), also=[] if folder is None else [str(folder)])
    outcome = run_lines(command, environment=environment({}), progress=progress, on_line=lambda line: None)
    facts = None
    with contextlib.suppress(IndexError, ValueError):
        facts = json.loads(outcome.tail[-1])
    if outcome.code != 0 or not isinstance(facts, dict) or facts.get("answer") != 4.0:
        said = outcome.tail[-1] if outcome.tail else f"exit status {outcome.code}"
        raise InstallationFailed(f"onnxruntime does not work in a fresh process of {python.program}: {said}")
    if folder is not None:
        if not lies_in(facts["file"], folder):
            raise InstallationFailed(f"onnxruntime was found in {facts['file']}, expected it in {folder}")
        if lies_in(facts["numpy"], folder):
            raise InstallationFailed(f"numpy was found in {facts['numpy']}, expected QGIS's own")
    return facts


def lies_in(file: str, folder: Path) -> bool:
    """Return True when ``file`` is in ``folder`` or below it."""
    return folder.resolve() in Path(file).resolve().parents


def normalised(name: str) -> str:
    """Return a package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
