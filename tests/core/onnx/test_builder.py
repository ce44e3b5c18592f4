"""Generated ONNX models against the onnx package's checker and onnxruntime."""

import numpy as np
import pytest

from srsat_qgis.core.engine.session import onnxruntime
from srsat_qgis.core.onnx.builder import Node, ValueInfo, serialize_model

KERNEL = np.random.RandomState(0).normal(size=(4, 1, 3, 3)).astype(np.float32)


def _model(**changes):
    return serialize_model(
        [
            Node("Conv", ["x", "k"], ["phases"], {"pads": [1, 1, 1, 1], "strides": [1, 1]}),
            Node("LeakyRelu", ["phases"], ["bent"], {"alpha": 0.25}),
            Node("DepthToSpace", ["bent"], ["y"], {"blocksize": 2, "mode": "CRD"}),
        ],
        {"k": KERNEL},
        [ValueInfo("x", ("n", 1, "h", "w"))],
        [ValueInfo("y", ("n", 1, "sh", "sw"))],
        **changes,
    )


def test_the_checker_accepts_the_model_and_finds_what_was_written():
    onnx = pytest.importorskip("onnx", reason="the onnx package is the oracle here")
    model = onnx.load_model_from_string(_model(opset=15, ir_version=7, metadata={"srsat": "{}"}))
    onnx.checker.check_model(model, full_check=True)
    assert model.opset_import[0].version == 15
    assert model.ir_version == 7
    assert {entry.key: entry.value for entry in model.metadata_props} == {"srsat": "{}"}
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(model.graph.initializer[0]), KERNEL)
    assert [node.op_type for node in model.graph.node] == ["Conv", "LeakyRelu", "DepthToSpace"]
    assert model.graph.node[1].attribute[0].f == 0.25


def test_onnxruntime_computes_what_the_nodes_say():
    session = onnxruntime().InferenceSession(_model(), providers=["CPUExecutionProvider"])
    image = np.random.RandomState(1).normal(size=(2, 1, 5, 6)).astype(np.float32)
    result = session.run(None, {"x": image})[0]
    padded = np.pad(image[:, 0], ((0, 0), (1, 1), (1, 1)))
    for a in (0, 1):
        for b in (0, 1):
            kernel = KERNEL[2 * a + b, 0]
            phase = sum(kernel[r, c] * padded[:, r : r + 5, c : c + 6] for r in range(3) for c in range(3))
            np.testing.assert_allclose(
                result[:, 0, a::2, b::2], np.where(phase > 0, phase, 0.25 * phase), atol=1e-5
            )
