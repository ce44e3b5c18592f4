"""The exported graph is plain, clean, and does what the trained network does."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch

onnx = pytest.importorskip("onnx", reason="export needs onnx")
pytest.importorskip("onnxruntime", reason="export checks itself with onnxruntime")

from srsat_qgis.core.errors import DiskFull, ExportFailed  # noqa: E402
from srsat_qgis.core.models.card import InputSpec  # noqa: E402
from srsat_qgis.core.probing.graph import Tiles  # noqa: E402
from srsat_qgis.training import networks  # noqa: E402
from srsat_qgis.training.export.model_folder import set_quality, write_model_folder  # noqa: E402
from srsat_qgis.training.export.to_onnx import (  # noqa: E402
    Session,
    _with_free_sides,
    check_equivariance,
    check_parity,
    measured_halo,
    proven,
    to_onnx,
)


@pytest.fixture(scope="module", params=(2, 4))
def exported(request):
    """A network with a residual worth measuring, its graph and tiles to run through it."""
    torch.manual_seed(5)
    network = networks.build("compact", {"scale": request.param, "channels": 8, "depth": 2, "expand": 16})
    with torch.no_grad():
        network.last.project.mul_(10)
    fused = network.fused()
    inputs = [InputSpec("image", request.param, None)]
    model = to_onnx(fused, inputs)
    return request.param, fused, model, Tiles(inputs, Session(model))


class Changed:
    """A runner whose outputs are changed."""

    def __init__(self, tiles, change):
        self._tiles, self._change = tiles, change

    def run(self, feeds):
        return self._change(self._tiles._runner.run(feeds))


def changed(tiles, change):
    return Tiles(tiles.inputs, Changed(tiles, change))


def test_a_disk_that_fills_up_leaves_no_part_of_a_model(exported, monkeypatch, tmp_path):
    write_bytes = Path.write_bytes

    def full(path, content):
        write_bytes(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for old in ({}, {"model.onnx": b"old", "card.json": b"{}"}):
        folder = tmp_path / f"m{len(old)}"
        for name, content in old.items():
            folder.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        with monkeypatch.context() as patched:
            patched.setattr(Path, "write_bytes", full)
            with pytest.raises(DiskFull, match=folder.name):
                write_model_folder(exported[2], {"id": "m"}, folder)
        assert sorted(tmp_path.rglob("*")) == sorted([folder] * bool(old) + [folder / name for name in old])
        for name, content in old.items():
            assert (folder / name).read_bytes() == content
            (folder / name).unlink()
        if old:
            folder.rmdir()


def test_an_export_needs_no_temporary_file_that_a_killed_run_would_leave(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    network = networks.build("compact", {"scale": 2, "channels": 8, "depth": 1})
    assert to_onnx(network.fused(), [InputSpec("image", 2, None)]).graph.node


def test_the_graph_equals_the_network_on_other_shapes(exported):
    _, network, _, tiles = exported
    assert check_parity(network, tiles) <= 1e-4


def test_another_network_is_caught(exported):
    scale, _, _, tiles = exported
    torch.manual_seed(6)
    other = networks.build("compact", {"scale": scale, "channels": 8, "depth": 2, "expand": 16}).fused()
    with pytest.raises(ExportFailed, match="differ by"):
        check_parity(other, tiles)


def test_a_graph_that_gives_no_numbers_is_caught(exported):
    _, network, _, tiles = exported
    with pytest.raises(ExportFailed, match="not finite"):
        check_parity(network, changed(tiles, lambda output: output * np.float32("nan")))


def test_the_halo_is_the_receptive_radius(exported):
    _, network, _, tiles = exported
    assert measured_halo(network, tiles) == network.radius == 5


def test_the_graph_is_equivariant(exported):
    _, network, _, tiles = exported
    assert check_equivariance(network, tiles) <= 1e-4


def test_a_graph_that_is_not_equivariant_is_caught(exported):
    _, network, _, tiles = exported
    with pytest.raises(ExportFailed, match="expected"):
        check_equivariance(network, changed(tiles, lambda output: output + 1.0))


def test_first_kernels_in_the_graph_sum_to_zero(exported):
    _, _, model, _ = exported
    tensors = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    of_image = [
        tensors[n.input[1]] for n in model.graph.node if n.op_type == "Conv" and n.input[0] == "image"
    ]
    sums = sorted(float(np.abs(kernels.sum(axis=(1, 2, 3)).mean())) for kernels in of_image)
    assert len(of_image) == 2
    assert sums[0] < 1e-5  # the network
    assert sums[1] == pytest.approx(1, abs=1e-5)  # the bicubic base


def test_the_graph_holds_plain_operators_and_no_trace_of_its_maker(exported):
    _, _, model, _ = exported
    assert {node.op_type for node in model.graph.node} == {"Conv", "LeakyRelu", "Add", "DepthToSpace"}
    shuffle = [node for node in model.graph.node if node.op_type == "DepthToSpace"]
    assert [a.s for a in shuffle[0].attribute if a.name == "mode"] == [b"CRD"]
    assert len(shuffle) == 1
    assert not any(node.metadata_props or node.doc_string for node in model.graph.node)
    data = model.SerializeToString()
    assert b".py" not in data
    assert b"/home/" not in data


def test_batch_height_and_width_are_free(exported):
    _, _, model, _ = exported
    shape = model.graph.input[0].type.tensor_type.shape.dim
    assert [bool(dim.dim_param) for dim in shape] == [True, False, True, True]
    assert shape[1].dim_value == 1


def test_the_card_lies_beside_the_model_and_in_it(exported, tmp_path):
    _, _, model, _ = exported
    path = write_model_folder(model, {"id": "m", "quality": []}, tmp_path / "m")
    beside = json.loads((tmp_path / "m" / "card.json").read_text())
    embedded = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert json.loads(embedded["srsat"]) == {"id": "m", "quality": []}
    assert beside["sha256"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_a_graph_that_onnx_finds_invalid_leaves_the_folder_as_it_was(exported, tmp_path):
    _, _, model, _ = exported
    write_model_folder(model, {"id": "m"}, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(before) == ["card.json", "model.onnx"]
    broken = onnx.ModelProto()
    broken.CopyFrom(model)
    del broken.graph.node[-1]
    with pytest.raises(ExportFailed, match=r"model\.onnx: onnx finds the graph invalid"):
        write_model_folder(broken, {"id": "other"}, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_quality_is_put_into_both_copies_of_the_card(exported, tmp_path):
    _, _, model, _ = exported
    path = write_model_folder(model, {"id": "m", "quality": []}, tmp_path)
    set_quality(tmp_path, [{"dataset": "d", "value": 2.5}])
    beside = json.loads((tmp_path / "card.json").read_text())
    embedded = json.loads(onnx.load(path).metadata_props[0].value)
    assert beside["quality"] == embedded["quality"] == [{"dataset": "d", "value": 2.5}]
    assert beside["sha256"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_a_graph_that_takes_multiples_is_proven_on_multiples():
    torch.manual_seed(1)
    network = networks.build_for("unet", {"widths": [4, 8]}, ratios=(2,), bands=(1,), out_bands=1)
    model, facts = proven(network.fused(), [InputSpec("image", 2, None)])
    assert facts["parity"] <= 1e-4
    assert facts["measured_halo"] <= network.radius
    side = 6 * network.multiple
    image = np.zeros((1, 1, side, 2 * side), np.float32)
    assert Session(model).run({"image": image}).shape == (1, 1, 2 * side, 4 * side)


def test_sides_that_the_exporter_wrote_as_those_of_its_example_are_free(exported):
    """PyTorch 2.6 does so for some networks, and the card then says otherwise."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(exported[2])
    dims = fixed.graph.output[0].type.tensor_type.shape.dim
    for place, value in ((0, 2), (2, 72), (3, 96)):
        dims[place].Clear()
        dims[place].dim_value = value
    freed = _with_free_sides(fixed).graph.output[0].type.tensor_type.shape.dim
    assert [dim.dim_param for dim in (freed[0], freed[2], freed[3])] == [
        "batch",
        "output_height",
        "output_width",
    ]
    assert freed[1].dim_value == 1
    dims = _with_free_sides(exported[2]).graph.output[0].type.tensor_type.shape.dim
    assert all(dims[place].dim_param for place in (0, 2, 3))


def test_what_pytorch_cannot_export_is_told_in_a_line(exported, monkeypatch):
    def refuse(*_arguments, **_options):
        raise RuntimeError("SymIntArrayRef expected\n  to contain only concrete integers")

    monkeypatch.setattr(torch.onnx, "export", refuse)
    with pytest.raises(
        ExportFailed, match=r"cannot export this network .SymIntArrayRef expected to contain only"
    ):
        to_onnx(exported[1], [InputSpec("image", exported[0], None)])
