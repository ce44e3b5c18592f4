"""The registry of models: one folder a model, the shipped ones first, then the user's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from srsat_qgis.core.card_schema import CARD_FILE, MODEL_FILE, load_card
from srsat_qgis.core.cards import ModelCard
from srsat_qgis.core.errors import DuplicateModel, ModelError, ModelNotFound
from srsat_qgis.core.paths import models_dir, user_models_dir


class Registry(Mapping[str, ModelCard]):
    """Models by id, in the order of their folders.

    A broken model is no reason to lose the others: it is left out, and ``problems`` says why.

    Parameters
    ----------
    folders : sequence of Path
        Searched one level deep for folders with a model or a card; earlier ones win.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._cards: dict[str, ModelCard] = {}
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

    def __getitem__(self, model_id: str) -> ModelCard:
        """Return the card of a model.

        Raises
        ------
        ModelNotFound
            If there is none of this id; the message lists those there are.
        """
        try:
            return self._cards[model_id]
        except KeyError:
            known = ", ".join(self._cards) or "none"
            raise ModelNotFound(f"no model is called {model_id!r}; there are: {known}") from None

    def __contains__(self, model_id: object) -> bool:
        """Return True when a model has this id."""
        return model_id in self._cards

    def __iter__(self) -> Iterator[str]:
        """Yield the ids in order."""
        return iter(self._cards)

    def __len__(self) -> int:
        """Return the number of models."""
        return len(self._cards)

    def _add(self, card: ModelCard) -> None:
        if card.id in self._cards:
            raise DuplicateModel(
                f"{card.path}: the id {card.id!r} is already that of {self._cards[card.id].path}; rename one"
            )
        self._cards[card.id] = card


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
