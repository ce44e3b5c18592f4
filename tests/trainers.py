"""A stand-in for the trainer: the same command line and events, no torch, and a model that the test gives it."""

from __future__ import annotations

import json
from pathlib import Path

_SOURCE = {"name": "s", "size": 64, "bands": 1, "patches": {"train": 9, "validation": 3}}
# Obeys `behaviour`, a file in the run's folder: how it shall end.
_TRAINER = """
import json, pathlib, shutil, signal, sys, time

def say(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)

arguments = sys.argv[1:]
out = pathlib.Path(arguments[arguments.index("--out") + 1])
behaviour = pathlib.Path(MODEL).parent.joinpath("behaviour")
behaviour = behaviour.read_text() if behaviour.exists() else ""
resumed = "--resume" in arguments
(out / "arguments.json").write_text(json.dumps(arguments))
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
print("a library says hello")
say("start", network="compact", parameters=1234, device="cpu", steps=100, images=10)
if behaviour == "error":
    say("error", kind="TrainingDiverged", message="loss is nan at step 7")
    sys.exit(1)
if behaviour == "crash":
    raise RuntimeError("the roof fell in")
words = behaviour.split()
if words[:1] == ["from"]:
    say("validation", step=0, seconds=0.1, gain_db=float(words[1]))
say("rate", rate=0.002, why="steepest fall")
say("train", step=50, seconds=1.0, loss=0.25, images_per_s=100.0, left_s=1.0)
say("warning", message="only 10 patches")
if len(words) > 2:
    say("validation", step=50, seconds=float(words[3]), gain_db=float(words[2]))
for _ in range(400 if words[-1:] == ["wait"] and not resumed else 0):
    if asked:
        break
    time.sleep(0.05)
(out / "checkpoint.json").write_text("{}")
say("checkpoint", step=60, seconds=1.2)
if asked:
    say("stopped", step=60)
    sys.exit(0)
say("validation", step=100, seconds=2.0, psnr=34.5, bicubic_psnr=31.25, gain_db=3.25, lowest_db=0.5)
shutil.copytree(MODEL, out / "model", dirs_exist_ok=True)
(out / "report.html").write_text("<p>how it went</p>")
(out / "curves.png").write_bytes(b"png")
say("page", path=str(out / "report.html"))
say("exported", model=str(out / "model" / "model.onnx"), parity=1e-6)
say("finished")
"""

# Modules that work on a finished model, and what they tell.
_AFTERWARDS = {
    "calibrate": {
        "event": "doubt",
        "measured": False,
        "text": "Its map of doubt is not calibrated: a stand-in",
    },
    "sibling": {"event": "int8", "made": False, "text": "No form in 8-bit integers: it is a stand-in"},
}
_AFTER = """
import json, pathlib, sys

with (pathlib.Path(sys.argv[1]).parent / "afterwards.txt").open("a") as asked:
    print(json.dumps([NAME, *sys.argv[1:]]), file=asked)
print(json.dumps(EVENT))
"""


def write_manifest(folder: Path) -> Path:
    """Write what is looked at of a patch store before the trainer starts, and return its folder."""
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"store_version": 1, "sources": [_SOURCE]}), "utf-8")
    return folder


def write_trainer(plugin: Path, model: Path, *, behaviour: str = "") -> Path:
    """Write the stand-in as the trainer of a plugin folder, and return the folder of its package.

    Parameters
    ----------
    plugin : Path
        The folder that would hold the plugin.
    model : Path
        Folder of the model that it will have trained.
    behaviour : str
        error, crash, wait (until it is asked to stop), or ``from 2.5`` (dB, of the model to start from; it ends with
        3.25), ``from 2.5 2.6 60`` (2.6 after 60 seconds), ``from 2.5 2.6 60 wait`` (until it is asked to stop); else
        all goes well.
    """
    package = plugin / "srsat_qgis"
    (package / "training").mkdir(parents=True)
    for folder in (package, package / "training"):
        (folder / "__init__.py").touch()
    for name in ("__main__.py", "export.py"):
        (package / "training" / name).write_text(f"MODEL = {str(model)!r}\n{_TRAINER}", "utf-8")
    for name, event in _AFTERWARDS.items():
        text = f"NAME, EVENT = {name!r}, {event!r}\n{_AFTER}"
        (package / "training" / f"{name}.py").write_text(text, "utf-8")
    (model.parent / "behaviour").write_text(behaviour, "utf-8")
    return package
