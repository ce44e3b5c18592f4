"""From choices to a model in the user's folder, with the real trainer as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from srsat_qgis.core import paths
from srsat_qgis.core.errors import SrsatError
from srsat_qgis.core.models import registry
from srsat_qgis.core.trainer.recipes import Choices
from srsat_qgis.core.trainer.retraining import CURVES, REPORT, ExportRequest, TrainRequest, export, train
from srsat_qgis.training import networks

PYTHON = Path(sys.executable)


class Log:
    """A progress that keeps what it is told."""

    cancelled = False

    def __init__(self) -> None:
        self.lines: list[str] = []

    def update(self, fraction: float) -> None:
        self.done = fraction

    def info(self, message: str) -> None:
        self.lines.append(message)

    warn = info


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A user's folder of this test's own."""
    monkeypatch.setenv("SRSAT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(paths, "_models", None)
    monkeypatch.setattr(registry, "_cached", None)
    return tmp_path / "home"


def test_a_shipped_model_is_trained_further_and_is_in_the_list(store_folder, tmp_path, home):
    base = registry.registry()["any-x2-fast"]
    choices = Choices("tuned", model_name="Tuned", base=str(base.path.parent), base_scale=2, epochs=2)
    log = Log()
    trained = train(
        TrainRequest(store_folder, tmp_path / "run", choices, threads=1), python=PYTHON, progress=log
    )
    assert trained.card == registry.registry()["tuned"]
    assert trained.card.path == home / "models" / "tuned" / "model.onnx"
    assert (trained.card.name, trained.card.scale) == ("Tuned", 2)
    assert trained.card.training["parameters"] == base.training["parameters"]
    assert trained.measured("gain_db") is not None
    assert any("mean gain" in line for line in log.lines)
    assert log.done == 1.0
    assert trained.page(REPORT)
    assert trained.page(CURVES)


def test_weights_saved_by_torch_become_a_model(tmp_path):
    torch.manual_seed(3)
    network = networks.build("compact", {"scale": 2, "channels": 8, "depth": 2, "expand": 16})
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    request = ExportRequest(
        tmp_path / "work",
        "foreign",
        licence="CC0-1.0",
        state=tmp_path / "weights.pth",
        network="compact",
        options='{"channels": 8, "depth": 2, "expand": 16}',
        scale=2,
    )
    exported = export(request, python=PYTHON, progress=Log())
    assert exported.card == registry.registry()["foreign"]
    assert exported.card.licence == "CC0-1.0"
    assert exported.parity is not None
    assert exported.parity <= 1e-4


def test_weights_of_another_network_are_one_clear_line_and_install_nothing(tmp_path, home):
    torch.save({"some.weight": torch.zeros(3)}, tmp_path / "weights.pth")
    request = ExportRequest(
        tmp_path / "work", "foreign", state=tmp_path / "weights.pth", network="compact", scale=2
    )
    with pytest.raises(SrsatError) as error:
        export(request, python=PYTHON, progress=Log())
    assert "\n" not in str(error.value)
    assert not (home / "models").exists()
