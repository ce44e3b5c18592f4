"""Stores of synthetic patches with known content, written with numpy alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch, which only the training environment has")


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny tensors are no work for several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def scene(rows: int, cols: int, seed: int) -> np.ndarray:
    """Return 12-bit digital numbers: fields with sharp edges, roads and a little noise, blurred by an optics."""
    random = np.random.default_rng(seed)
    fields = random.uniform(800, 2600, (rows // 12 + 2, cols // 12 + 2))
    turned = np.kron(fields, np.ones((12, 12)))[5 : rows + 5, 7 : cols + 7]
    for road in random.integers(4, min(rows, cols) - 4, 6):
        turned[road : road + 2, :] = 3000
        turned[:, cols - road - 2 : cols - road] = 600
    blurred = turned.copy()
    for axis in (0, 1):
        blurred = 0.5 * blurred + 0.25 * (np.roll(blurred, 1, axis) + np.roll(blurred, -1, axis))
    return np.rint(blurred + random.normal(0, 3, (rows, cols))).astype(np.uint16)


def write_patches(path: Path, values: np.ndarray) -> None:
    """Write patches (n, bands, rows, cols) and the mean and standard deviation of every plane."""
    np.save(path, values)
    planes = values.astype(np.float64).reshape(*values.shape[:2], -1)
    stats = np.stack([planes.mean(axis=2), planes.std(axis=2)], axis=2).astype(np.float32)
    np.save(path.with_suffix(".stats.npy"), stats)


def write_source(folder: Path, name: str, group: str, patches: dict[str, np.ndarray], quantum: float) -> dict:
    for split, values in patches.items():
        write_patches(folder / f"{name}.{split}.target.npy", values)
    some = next(iter(patches.values()))
    layer = {
        "name": "target",
        "ratio": 1,
        "bands": [{"name": str(number + 1)} for number in range(some.shape[1])],
        "quantum": quantum,
        "range": [
            float(min(v.min() for v in patches.values())),
            float(max(v.max() for v in patches.values())),
        ],
        "gsd_m": 10.0,
    }
    return {
        "name": name,
        "group": group,
        "sensor": f"sensor of {name}",
        "place": "nowhere",
        "licence": "CC0",
        "gsd_m": 10.0,
        "size": some.shape[2],
        "patches": {split: len(patches.get(split, ())) for split in ("train", "validation")},
        "files": [],
        "layers": [layer],
    }


@pytest.fixture(scope="session", name="scene")
def scene_fixture() -> Callable[[int, int, int], np.ndarray]:
    """The function that paints scenes."""
    return scene


@pytest.fixture(scope="session")
def store_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a large integer source, a small continuous one, and a held-out scene."""
    folder = tmp_path_factory.mktemp("store")
    optical = np.stack([[scene(64, 64, 10 * n), scene(64, 64, 10 * n + 1)] for n in range(12)])
    held = np.stack([[scene(64, 64, 500 + 2 * n), scene(64, 64, 501 + 2 * n)] for n in range(3)])
    thermal = np.stack([[280 + scene(32, 32, 900 + n) / 100.0] for n in range(6)]).astype(np.float32)
    sources = [
        write_source(folder, "optical", "optical", {"train": optical, "validation": held}, 1.0),
        write_source(folder, "thermal", "thermal", {"train": thermal}, 0.0),
    ]
    (folder / "manifest.json").write_text(json.dumps({"store_version": 2, "sources": sources}))
    return folder


def write_layers(folder: Path, name: str, layers: dict[str, tuple], count: dict[str, int], seed: int) -> dict:
    """Write a source of several layers; ``layers`` gives name: (ratio, band names), all of one scene."""
    size = 48
    told = []
    for layer, (ratio, bands) in layers.items():
        for split, many in count.items():
            fine = np.stack(
                [
                    [
                        scene(size, size, seed + 100 * n + (0 if split == "train" else 5000)) * (1 + 0.3 * b)
                        for b in range(len(bands))
                    ]
                    for n in range(many)
                ]
            )
            means = fine.reshape(many, len(bands), size // ratio, ratio, size // ratio, ratio).mean(
                axis=(3, 5)
            )
            write_patches(folder / f"{name}.{split}.{layer}.npy", np.rint(means).astype(np.uint16))
        told.append(
            {
                "name": layer,
                "ratio": ratio,
                "bands": [{"name": band, "wavelength_nm": 500.0 + 10 * n} for n, band in enumerate(bands)],
                "dtype": "uint16",
                "quantum": 1.0,
                "range": [0, 10000],
                "gsd_m": 10.0 * ratio,
            }
        )
    return {
        "name": name,
        "group": name,
        "sensor": "sensor",
        "place": "nowhere",
        "licence": "CC0",
        "gsd_m": 10.0,
        "crs": None,
        "size": size,
        "quantum": 1.0,
        "patches": dict(count),
        "files": [],
        "layers": told,
    }


@pytest.fixture(scope="session")
def layered_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 10, 20 and 60 m bands of the same ground, from two places."""
    folder = tmp_path_factory.mktemp("layered")
    layers = {"b10": (1, ("B2", "B4")), "b20": (2, ("B5", "B6", "B11")), "b60": (6, ("B1",))}
    count = {"train": 10, "validation": 3}
    sources = [write_layers(folder, name, layers, count, seed) for name, seed in (("one", 1), ("two", 9))]
    (folder / "manifest.json").write_text(json.dumps({"store_version": 2, "sources": sources}))
    return folder


@pytest.fixture
def recipe_values() -> dict:
    """A tiny but complete recipe."""
    return {
        "id": "tiny",
        "scale": 2,
        "seed": 7,
        "network": {"name": "compact", "options": {"channels": 8, "depth": 2, "expand": 16}},
        "loss": {"relative-mse": 1.0},
        "data": {"crop": 48, "batch": 8, "small_crop": 24, "border": 2},
        "schedule": {
            "steps": 20,
            "rate": 4e-3,
            "warm_up_steps": 5,
            "average": 0.9,
            "bfloat16": False,
            "validate_steps": 1000,
            "checkpoint_steps": 10,
        },
    }
