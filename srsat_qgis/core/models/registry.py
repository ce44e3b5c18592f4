"""The registry of models: one folder a model, the shipped ones first, then the user's, where finished models go."""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from srsat_qgis.core.errors import (
    CardMismatch,
    DuplicateModel,
    InvalidCard,
    InvalidSetting,
    ModelError,
    ModelNotFound,
    OutputNotWritable,
)
from srsat_qgis.core.models.binding import int8_of, load_card
from srsat_qgis.core.models.card import (
    CARD_FILE,
    INT8_FILE,
    MODEL_FILE,
    PICTURE_FILE,
    RECIPE_FILE,
    ModelCard,
)
from srsat_qgis.core.paths import models_dir, user_models_dir


class Registry(dict[str, ModelCard]):
    """Models by id, in the order of their folders.

    A broken model is no reason to lose the others: it is left out, and ``problems`` says why.

    Parameters
    ----------
    folders : sequence of Path
        Searched one level deep for folders with a model or a card; earlier ones win.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__()
        problems = []
        for folder in folders:
            for path in _model_folders(folder):
                try:
                    self._add(load_card(path))
                except ModelError as error:
                    problems.append(str(error))
            problems += [
                f"{path}: expected a folder a model, with {MODEL_FILE} and {CARD_FILE}; this file is not read"
                for path in sorted(folder.glob("*.onnx"))
            ]
        self.problems: tuple[str, ...] = tuple(problems)

    def __missing__(self, model_id: str) -> ModelCard:
        """Raise ModelNotFound for an id that no model has; the message lists those there are."""
        raise ModelNotFound(f"no model is called {model_id!r}; there are: {', '.join(self) or 'none'}")

    def _add(self, card: ModelCard) -> None:
        if card.id in self:
            raise DuplicateModel(
                f"{card.path}: the id {card.id!r} is already that of {self[card.id].path}; rename one"
            )
        self[card.id] = card


_cached: tuple[object, Registry] | None = None


def registry() -> Registry:
    """Return the shipped models and the user's, read again when a model's files have changed."""
    global _cached
    folders = (models_dir(), user_models_dir())
    stamps = (folders, tuple(_stamp(path) for folder in folders for path in _files(folder)))
    if _cached is None or _cached[0] != stamps:
        _cached = stamps, Registry(folders)
    return _cached[1]


def _files(folder: Path) -> list[Path]:
    return sorted(
        path for pattern in (f"*/{MODEL_FILE}", f"*/{CARD_FILE}", "*.onnx") for path in folder.glob(pattern)
    )


def _model_folders(folder: Path) -> list[Path]:
    return sorted({path.parent for path in _files(folder)} - {folder})


def _stamp(path: Path) -> tuple[Path, int, int]:
    try:
        status = path.stat()
    except OSError:  # gone since it was listed, or not to be seen
        return path, 0, 0
    return path, status.st_mtime_ns, status.st_size


FILES = (MODEL_FILE, CARD_FILE, INT8_FILE, RECIPE_FILE, PICTURE_FILE)
"""What is taken over of a model's folder; all but the first two may be missing."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
# Names that Windows gives no file.
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")


def check_model_id(model_id: str, *, replace: bool = False) -> None:
    """Refuse an id that a new model of the user cannot have.

    Parameters
    ----------
    model_id : str
    replace : bool
        True where a model of the user's that has the id shall be replaced.

    Raises
    ------
    InvalidSetting
        If it is no id.
    DuplicateModel
        If a shipped model has it, or one of the user's and ``replace`` is False.
    """
    if not _ID.fullmatch(model_id) or _RESERVED.fullmatch(model_id):
        raise InvalidSetting(
            f"MODEL_ID {model_id!r}: expected 1 to 64 lower-case letters, digits and hyphens, such as my-sensor-x2"
        )
    target = user_models_dir() / model_id
    place = registry()[model_id].path if model_id in registry() else None
    if place is not None and place.parent != target:
        raise DuplicateModel(
            f"MODEL_ID {model_id!r}: {place.parent} has it already; expected an id that no model has"
        )
    if target.exists() and not replace:
        raise DuplicateModel(
            f"MODEL_ID {model_id!r}: {target} is there already; expected another id, or leave to replace that model"
        )


def free_model_id(wanted: str) -> str:
    """Return ``wanted`` as a valid id, with a number where it is taken."""
    stem = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:56].rstrip("-") or "model"
    taken = {*registry(), *(path.name for path in user_models_dir().glob("*"))}
    numbered = (f"{stem}-{number}" for number in itertools.count(2))
    free = (
        one for one in itertools.chain([stem], numbered) if one not in taken and not _RESERVED.fullmatch(one)
    )
    return next(free)


def install_model(source: Path, model_id: str, *, replace: bool = False) -> ModelCard:
    """Copy a model's folder into the user's models folder and return the model as it is registered there.

    The copy is whole or absent at any moment; a model that is replaced stays until the new one stands.

    Parameters
    ----------
    source : Path
        A folder with ``model.onnx`` and ``card.json``.
    model_id : str
        What its card must say.
    replace : bool
        True to replace a model of the user's that has the id.

    Raises
    ------
    ModelError
        If the folder holds no sound model, or another 8-bit file than its card names, or its card another id.
    InvalidSetting, DuplicateModel
        As ``check_model_id``.
    OutputNotWritable
        If the models folder cannot be written; what was there before stands.
    """
    card = load_card(source)
    if card.id != model_id:
        raise CardMismatch(f"{source / CARD_FILE}: the id is {card.id!r}, expected {model_id!r}")
    if card.int8 is not None:
        # Else each run of the model that takes it would say what is wrong.
        int8_of(card)
    check_model_id(model_id, replace=replace)
    target = user_models_dir() / model_id
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Two levels deep: the registry looks into the folders of the models folder, not below them.
        staging = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    except OSError as error:
        raise OutputNotWritable(f"{target}: the model cannot be written there: {error}") from error
    try:
        fresh = staging / "model"
        fresh.mkdir()
        for name in FILES:
            if (source / name).is_file():
                shutil.copyfile(source / name, fresh / name)
        _put(fresh, target, staging / "old")
    except OSError as error:
        raise OutputNotWritable(f"{target}: the model cannot be written there: {error}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    problems = [problem for problem in registry().problems if str(target) in problem]
    if problems:
        raise InvalidCard(f"{target}: the model was written but cannot be used: {'; '.join(problems)}")
    return registry()[model_id]


def _put(fresh: Path, target: Path, old: Path) -> None:
    """Move the new folder into place; where that fails, the old one is back."""
    if target.exists():
        target.replace(old)
    try:
        fresh.replace(target)
    except OSError:
        if old.exists():
            old.replace(target)
        raise
