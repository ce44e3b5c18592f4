"""Turn a trained network into a model folder: ONNX graph, proofs that it does the same, card."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import torch
from onnxscript import optimizer
from torch import nn

from srsat_qgis.core.errors import ExportFailed
from srsat_qgis.training.data import PatchStore
from srsat_qgis.training.modelfile import cleaned, write_model_folder
from srsat_qgis.training.recipe import Recipe
from srsat_qgis.training.validation import SIGMAS, Scores

if TYPE_CHECKING:
    from srsat_qgis.training.trainer import Trainer

INPUT, OUTPUT = "image", "super_resolved"
OPSET = 18
LARGEST = 16384
TOLERANCE = 1e-4  # of the value range
SHAPES = ((1, 40, 56), (3, 67, 45), (2, 128, 96))  # (N, H, W): odd, even, batched


def to_onnx(network: nn.Module) -> onnx.ModelProto:
    """Return the graph of a fused single-band network, dynamic in batch, height and width."""
    network = network.eval().to(memory_format=torch.contiguous_format)
    least = 2
    shapes = {
        0: torch.export.Dim("batch", min=1, max=4096),
        2: torch.export.Dim("height", min=least, max=LARGEST),
        3: torch.export.Dim("width", min=least, max=LARGEST),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        torch.onnx.export(
            network,
            (torch.zeros(2, 1, 32, 48),),  # a batch of 2 and unlike sides keep the axes apart
            str(path),
            input_names=[INPUT],
            output_names=[OUTPUT],
            opset_version=OPSET,
            dynamic_shapes=(shapes,),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        # PyTorch before 2.7 spells the absent biases out; folded, its graph is the same as a later one's.
        return cleaned(optimizer.optimize(onnx.load(path)))


class Session:
    """The exported graph in onnxruntime, on the CPU."""

    def __init__(self, model: onnx.ModelProto) -> None:
        import onnxruntime  # here: the networks and the trainer do without it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Return the output for ``(N, 1, H, W)``."""
        return self._session.run([OUTPUT], {INPUT: np.ascontiguousarray(image, np.float32)})[0]


def _scene(count: int, rows: int, cols: int, seed: int = 0) -> np.ndarray:
    """Return digital numbers like a 12-bit sensor's: smooth, edged and noisy parts."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :cols]
    waves = np.sin(y / 3.1) * np.cos(x / 4.7) + (x + y > (rows + cols) / 2)
    return (1500 + 400 * waves + 60 * random.standard_normal((count, 1, rows, cols))).astype(np.float32)


def check_parity(network: nn.Module, session: Session) -> float:
    """Return the largest difference to torch as a share of the range; refuse more than 1e-4.

    Raises
    ------
    ExportFailed
        If the graph and the network differ, on any of three shapes.
    """
    worst = 0.0
    for count, rows, cols in SHAPES:
        image = _scene(count, rows, cols)
        with torch.no_grad():
            expected = network(torch.from_numpy(image)).numpy()
        got = session(image)
        if got.shape != expected.shape:
            raise ExportFailed(f"ONNX output is {got.shape} for {image.shape}, expected {expected.shape}")
        worst = max(worst, float(np.abs(got - expected).max() / np.ptp(image)))
    if worst > TOLERANCE:
        raise ExportFailed(f"ONNX and torch differ by {worst:.2e} of the range, expected at most {TOLERANCE}")
    return worst


def measured_halo(session: Session, scale: int, side: int = 96) -> int:
    """Return how many input pixels the influence of one half of an image reaches into the other.

    Rows, then columns, beyond the middle are replaced; the halo is the distance from there to the farthest
    output whose bits change.
    """
    image, other = _scene(1, side, side, 1), _scene(1, side, side, 2)
    middle = side // 2
    before = session(image)
    halo = 0
    for axis in (2, 3):
        changed = image.copy()
        index = [slice(None)] * 4
        index[axis] = slice(middle, None)
        changed[tuple(index)] = 3 * other[tuple(index)]
        differs = (session(changed) != before).any(axis=tuple({0, 1, 2, 3} - {axis}))
        first = int(np.argmax(differs))
        halo = max(halo, -(-(middle * scale - first) // scale))
    return halo


def check_equivariance(session: Session, scale: int, halo: int) -> float:
    """Return the largest deviation from f(a x + b) = a f(x) + b, as a share of the range, inside the halo.

    Raises
    ------
    ExportFailed
        If it is more than 1e-4.
    """
    image = _scene(2, 80, 72)
    inner = (..., slice(halo * scale, -halo * scale), slice(halo * scale, -halo * scale))
    expected = session(image)[inner].astype(np.float64)
    worst = 0.0
    for gain, offset in ((0.01, 270.0), (3.7, -900.0), (1e-4, 0.0)):
        got = session(gain * image + offset)[inner].astype(np.float64)
        worst = max(worst, float(np.abs(got - gain * expected - offset).max() / (gain * np.ptp(image))))
    if worst > TOLERANCE:
        raise ExportFailed(
            f"f(a x + b) and a f(x) + b differ by {worst:.2e} of the range, expected {TOLERANCE}"
        )
    return worst


def _training_data(manifest: Mapping[str, Any]) -> list[dict[str, str]]:
    rows = []
    for entry in manifest["sources"]:
        if entry["patches"]["train"]:
            row = {"source": f"{entry['sensor']}, {entry['place']}", "licence": entry["licence"]}
            if row not in rows:
                rows.append(row)
    return rows


def _quality(scores: Scores) -> list[dict[str, Any]]:
    measure = "PSNR gain over bicubic, dB"
    return [
        {"dataset": f"validation: {group}", "measure": measure, "sigma": sigma, "value": round(gain, 2)}
        for group, gains in scores.by_group.items()
        for sigma, gain in zip(SIGMAS, gains)
    ]


def make_card(
    recipe: Recipe,
    manifest: Mapping[str, Any],
    halo: int,
    quality: Sequence[Mapping[str, Any]],
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the card of a band-wise single-image model as JSON values."""
    told = dict(recipe.card)
    trained = [entry for entry in manifest["sources"] if entry["patches"]["train"] and entry["gsd_m"]]
    coarse = [entry["gsd_m"] * recipe.scale for entry in trained]
    sigma = told.pop("consistency_sigma", 0.5)
    return {
        "schema_version": 1,
        "id": recipe.id,
        "name": told.pop("name", recipe.id),
        "version": told.pop("version", "1.0.0"),
        "family": "single-image",
        "description": told.pop("description", ""),
        "licence": told.pop("licence", ""),
        "inputs": [{"name": INPUT, "ratio": recipe.scale, "bands": "each"}],
        "output": {"name": OUTPUT, "bands": "as-input"},
        "tile": {"halo": halo, "default": told.pop("tile", 512)},
        "value_range": None,
        "equivariant": True,
        "nodata": "any",
        "degradation": {
            "kind": "gaussian-area",
            "sigma": sigma,
            "sigma_range": list(recipe.degradation.sigma),
        },
        "gsd_m": [min(coarse), max(coarse)] if coarse else None,
        "training": {
            "data": _training_data(manifest),
            "recipe": "recipe.toml",
            "seed": recipe.seed,
            "store": f"sha256:{manifest.get('sha256', '')}",  # a bare digest looks like a secret to scanners
            **facts,
        },
        "quality": list(quality),
    }


def export_run(trainer: Trainer, store: PatchStore, recipe_file: Path) -> Path:
    """Export the averaged weights of a run into ``<output>/model`` and prove that the graph is right.

    Returns
    -------
    Path
        The ONNX file; ``card.json`` and a copy of the recipe lie beside it.

    Raises
    ------
    ExportFailed
        If the graph differs from the network, is not equivariant, or sees farther than the network claims.
    """
    recipe = trainer.recipe
    scores = trainer.validate()
    network = trainer.average.fused()
    model = to_onnx(network)
    session = Session(model)
    parity = check_parity(network, session)
    seen = measured_halo(session, recipe.scale)
    if seen > network.radius:
        raise ExportFailed(f"the graph sees {seen} input pixels far, the network says {network.radius}")
    equivariance = check_equivariance(session, recipe.scale, network.radius)
    facts = {
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "steps": trainer.progress.step,
        "minutes": round(trainer.progress.seconds / 60, 1),
        "torch": torch.__version__,
        "measured_halo": seen,
        "parity": float(f"{parity:.1e}"),
        "equivariance": float(f"{equivariance:.1e}"),
    }
    folder = trainer.output / "model"
    card = make_card(recipe, store.manifest, network.radius, _quality(scores), facts)
    path = write_model_folder(model, card, folder)
    (folder / "recipe.toml").write_bytes(recipe_file.read_bytes())
    return path
