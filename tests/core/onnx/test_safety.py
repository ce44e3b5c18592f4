"""Reading of ONNX headers: what stands in them is found, and what is no safe model is refused with its reason."""

import os
import random
import sys
import zipfile

import numpy as np
import pytest

from srsat_qgis.core.errors import ModelNotFound, UnsafeModel, UnsupportedModel
from srsat_qgis.core.onnx.builder import Node, ValueInfo, serialize_model
from srsat_qgis.core.onnx.header import parse_header
from srsat_qgis.core.onnx.safety import check_safe, read_header
from tests.onnx_models import conv_model, guided_model

onnx = pytest.importorskip("onnx", reason="the tests' models are built with the onnx package")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402


def _value(name, dims=("n", 1, "h", "w"), kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, list(dims))


def _save(path, nodes, *, initializers=(), inputs=None, functions=(), opsets=None, metadata=None):
    """Write a model from ``image`` to ``out`` without asking the checker."""
    graph = helper.make_graph(
        nodes, "test", inputs or [_value("image")], [_value("out")], initializer=list(initializers)
    )
    imports = [helper.make_opsetid(domain, version) for domain, version in (opsets or {"": 17}).items()]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8, functions=list(functions))
    if metadata:
        helper.set_model_props(model, metadata)
    path.write_bytes(model.SerializeToString())
    return path


def _identity(domain="", operator="Identity", **attributes):
    return helper.make_node(operator, ["image"], ["out"], domain=domain, **attributes)


def _external(location, *, name="weight", dims=(1, 1, 1, 1), **entries):
    """Return a float32 tensor whose numbers stand in another file."""
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=dims)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **entries}.items():
        if value is not None:
            tensor.external_data.add(key=key, value=str(value))
    return tensor


def with_external(path, location, **entries):
    node = helper.make_node("Conv", ["image", "weight"], ["out"])
    return _save(path, [node], initializers=[_external(location, **entries)])


# What is found


def test_names_types_and_dimensions_are_read(tmp_path):
    header = read_header(conv_model(tmp_path / "model.onnx", channels=3))
    (image,), (out,) = header.inputs, header.outputs
    assert (image.name, image.dtype, image.dims) == ("image", "float32", ("n", 3, "h", "w"))
    assert (out.name, out.dims) == ("out", ("n", 3, "sh", "sw"))
    assert header.opsets == {"": 17}
    assert header.operators == {("", "Conv"), ("", "Relu"), ("", "Add"), ("", "DepthToSpace")}
    assert header.external == ()


def test_all_inputs_are_read_in_the_order_of_the_graph(tmp_path):
    header = read_header(guided_model(tmp_path / "model.onnx"))
    assert [info.name for info in header.inputs] == ["coarse", "guide"]


def test_initializers_that_stand_among_the_inputs_are_no_inputs(tmp_path):
    weight = numpy_helper.from_array(np.ones((1, 1, 1, 1), np.float32), "weight")
    path = _save(
        tmp_path / "model.onnx",
        [helper.make_node("Conv", ["image", "weight"], ["out"])],
        initializers=[weight],
        inputs=[_value("image"), _value("weight", (1, 1, 1, 1))],
    )
    assert [info.name for info in read_header(path).inputs] == ["image"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [(TensorProto.FLOAT, "float32"), (TensorProto.FLOAT16, "float16"), (TensorProto.UINT8, "uint8")],
)
def test_element_types_are_called_as_numpy_calls_them(tmp_path, kind, name):
    path = _save(tmp_path / "model.onnx", [_identity()], inputs=[_value("image", kind=kind)])
    assert read_header(path).inputs[0].dtype == name


def test_unknown_sizes_and_ranks_are_none(tmp_path):
    path = _save(tmp_path / "model.onnx", [_identity()], inputs=[_value("image", (None, 3, -1, 0))])
    assert read_header(path).inputs[0].dims == (None, 3, None, None)
    unranked = helper.make_tensor_value_info("image", TensorProto.FLOAT, None)
    path = _save(tmp_path / "unranked.onnx", [_identity()], inputs=[unranked])
    assert read_header(path).inputs[0].dims is None


def test_metadata_are_read_as_text(tmp_path):
    metadata = {"srsat": '{"id": "x"}', "model_type": '"Superresolution"', "note": "Größe ×2"}
    path = _save(tmp_path / "model.onnx", [_identity()], metadata=metadata)
    assert read_header(path).metadata == metadata


def test_what_the_projects_own_writer_makes_is_read(tmp_path):
    path = tmp_path / "model.onnx"
    node = Node("Conv", ["x", "w"], ["y"], {"pads": [1, 1, 1, 1]})
    weights = {"w": np.zeros((1, 1, 3, 3), np.float32)}
    dims = ["n", 1, "h", 64]
    path.write_bytes(
        serialize_model([node], weights, [ValueInfo("x", dims)], [ValueInfo("y", dims)], metadata={"a": "b"})
    )
    header = check_safe(path)
    assert header.inputs[0].dims == ("n", 1, "h", 64)
    assert header.metadata == {"a": "b"}


def test_the_shipped_models_are_safe(repository):
    models = sorted(repository.glob("models/*/model.onnx"))
    assert models
    for path in models:
        assert check_safe(path).inputs[0].dtype == "float32"


class _Watched:
    """Bytes that count how many of them are looked at."""

    def __init__(self, content):
        self.content, self.seen = content, 0

    def __len__(self):
        return len(self.content)

    def __getitem__(self, key):
        self.seen += len(range(*key.indices(len(self)))) if isinstance(key, slice) else 1
        return self.content[key]


def test_the_numbers_of_tensors_are_skipped_not_read():
    weights = {"w": np.zeros((1, 1, 1000, 1000), np.float32)}
    info = [ValueInfo("x", ["n", 1, "h", "w"])], [ValueInfo("y", ["n", 1, "h", "w"])]
    buffer = _Watched(serialize_model([Node("Conv", ["x", "w"], ["y"])], weights, *info))
    assert parse_header(buffer).inputs[0].name == "x"
    assert len(buffer) > 4_000_000
    assert buffer.seen < 1000


# What is no model


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"Just some words about a model.\n", "text file"),
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", "HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "Git LFS pointer"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "PNG"),
        (b"II*\x00" + bytes(64), "TIFF"),
        (b"\x80\x02}q\x00" + bytes(64), "pickle"),
        (b"\x89HDF\r\n\x1a\n" + bytes(64), "HDF5"),
        (bytes(1000), "ONNX model"),
        (b"\xff" * 1000, "ONNX model"),
        (bytes(random.Random(1).randrange(256) for _ in range(5000)), "ONNX model"),
    ],
    ids=["empty", "text", "html", "lfs", "png", "tiff", "pickle", "hdf5", "zeros", "ones", "random"],
)
def test_other_files_are_refused_by_what_they_are(tmp_path, content, reason):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(UnsupportedModel, match=reason) as refused:
        read_header(path)
    assert str(path) in str(refused.value)


def test_a_zip_archive_is_refused_as_one(tmp_path):
    path = tmp_path / "model.onnx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", b"x")
    with pytest.raises(UnsupportedModel, match="ZIP"):
        read_header(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(ModelNotFound, match="no such file; expected an ONNX model"):
        read_header(tmp_path / "none.onnx")
    with pytest.raises(UnsupportedModel, match="cannot be read"):
        read_header(tmp_path)


def test_a_truncated_model_is_refused_as_cut_off(tmp_path):
    whole = conv_model(tmp_path / "whole.onnx").read_bytes()
    path = tmp_path / "cut.onnx"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnsupportedModel, match="cut off"):
        read_header(path)


def test_a_lone_tensor_is_no_model(tmp_path):
    path = tmp_path / "tensor.pb"
    path.write_bytes(numpy_helper.from_array(np.zeros((2, 2), np.float32), "w").SerializeToString())
    with pytest.raises(UnsupportedModel, match="ONNX model"):
        read_header(path)


# What is no safe model


@pytest.mark.parametrize(
    "domain", ["custom", "ai.onnx.contrib", "org.pytorch.aten", "com.microsoft.experimental"]
)
def test_a_custom_operator_is_refused_by_name_and_domain(tmp_path, domain):
    path = _save(tmp_path / "model.onnx", [_identity(domain, "Sharpen")], opsets={"": 17, domain: 1})
    with pytest.raises(UnsafeModel, match=f"'Sharpen' of domain '{domain}'"):
        check_safe(path)


def test_a_custom_operator_inside_a_subgraph_is_found(tmp_path):
    inner = helper.make_graph([_identity("custom", "Sharpen")], "branch", [], [_value("out")])
    node = helper.make_node("If", ["condition"], ["out"], then_branch=inner, else_branch=inner)
    deeper = helper.make_graph([node], "outer", [], [_value("out")])
    outer = helper.make_node("If", ["condition"], ["out"], then_branch=deeper, else_branch=deeper)
    with pytest.raises(UnsafeModel, match="'Sharpen'"):
        check_safe(_save(tmp_path / "model.onnx", [outer]))


def test_functions_that_the_file_defines_are_no_custom_code(tmp_path):
    def function(body_domain):
        imports = [helper.make_opsetid("", 17), helper.make_opsetid("custom", 1)]
        body = [helper.make_node("Relu", ["a"], ["b"], domain=body_domain)]
        return helper.make_function("local", "Sharpen", ["a"], ["b"], body, imports)

    opsets = {"": 17, "local": 1}
    nodes = [_identity("local", "Sharpen")]
    check_safe(_save(tmp_path / "good.onnx", nodes, functions=[function("")], opsets=opsets))
    with pytest.raises(UnsafeModel, match="'Relu' of domain 'custom'"):
        check_safe(_save(tmp_path / "bad.onnx", nodes, functions=[function("custom")], opsets=opsets))


def test_an_operator_that_runs_other_code_is_refused(tmp_path):
    opsets = {"": 17, "com.microsoft": 1}
    nodes = [_identity("com.microsoft", "EPContext")]
    with pytest.raises(UnsafeModel, match="EPContext"):
        check_safe(_save(tmp_path / "model.onnx", nodes, opsets=opsets))


def test_weights_in_a_file_beside_the_model_are_allowed(tmp_path):
    (tmp_path / "weights.data").write_bytes(bytes(64))
    header = check_safe(with_external(tmp_path / "model.onnx", "weights.data", offset=60, length=4))
    (data,) = header.external
    assert (data.tensor, data.location, data.offset, data.length) == ("weight", "weights.data", 60, 4)


@pytest.mark.parametrize(
    "location",
    [
        "../weights.data",
        "sub/weights.data",
        "..\\weights.data",
        "/etc/passwd",
        "C:\\weights.data",
        "C:weights.data",
        "..",
        ".",
        "",
        "weights\x00.data",
        "https://example.com/weights.data",
    ],
)
def test_weights_elsewhere_are_refused(tmp_path, location):
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    for place in (tmp_path, folder, folder / "sub"):
        (place / "weights.data").write_bytes(bytes(64))
    with pytest.raises(UnsafeModel, match="weight"):
        check_safe(with_external(folder / "model.onnx", location, length=4))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "weights.data").write_bytes(bytes(64))
    os.symlink(tmp_path / "weights.data", folder / "weights.data")
    with pytest.raises(UnsafeModel, match="leads out"):
        check_safe(with_external(folder / "model.onnx", "weights.data", length=4))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_to_itself_is_refused(tmp_path):
    os.symlink("weights.data", tmp_path / "weights.data")
    with pytest.raises(UnsupportedModel, match="cannot be read beside it"):
        check_safe(with_external(tmp_path / "model.onnx", "weights.data", length=4))


def test_a_folder_in_place_of_weights_is_refused(tmp_path):
    (tmp_path / "weights.data").mkdir()
    with pytest.raises(UnsafeModel, match="not a regular file"):
        check_safe(with_external(tmp_path / "model.onnx", "weights.data", length=4))


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(UnsupportedModel, match=r"'weights\.data', which cannot be read"):
        check_safe(with_external(tmp_path / "model.onnx", "weights.data"))


@pytest.mark.parametrize(
    ("entries", "error"),
    [
        ({"offset": 61, "length": 4}, UnsupportedModel),
        ({"length": 65}, UnsupportedModel),
        ({"dims": (1, 1, 5, 5)}, UnsupportedModel),  # no length: what the shape needs
        ({"offset": -4, "length": 4}, UnsafeModel),
        ({"offset": 0, "length": "many"}, UnsafeModel),
        ({"offset": 1 << 63, "length": 4}, UnsupportedModel),
    ],
)
def test_weights_that_are_too_short_or_miscounted_are_refused(tmp_path, entries, error):
    (tmp_path / "weights.data").write_bytes(bytes(64))
    with pytest.raises(error, match="weight"):
        check_safe(with_external(tmp_path / "model.onnx", "weights.data", **entries))


def test_weights_of_a_constant_and_of_a_subgraph_are_found_too(tmp_path):
    constant = helper.make_node("Constant", [], ["k"], value=_external("../constant.data"))
    with pytest.raises(UnsafeModel, match=r"constant\.data"):
        check_safe(_save(tmp_path / "constant.onnx", [constant, _identity()]))
    inner = helper.make_graph([_identity()], "branch", [], [_value("out")], [_external("../inner.data")])
    node = helper.make_node("If", ["condition"], ["out"], then_branch=inner, else_branch=inner)
    with pytest.raises(UnsafeModel, match=r"inner\.data"):
        check_safe(_save(tmp_path / "branch.onnx", [node]))


def test_a_location_without_the_external_flag_counts(tmp_path):
    tensor = _external("../weights.data")
    tensor.data_location = TensorProto.DEFAULT
    node = helper.make_node("Conv", ["image", "weight"], ["out"])
    with pytest.raises(UnsafeModel, match=r"weights\.data"):
        check_safe(_save(tmp_path / "model.onnx", [node], initializers=[tensor]))


def test_the_external_flag_without_a_location_counts(tmp_path):
    tensor = _external("weights.data")
    del tensor.external_data[:]
    node = helper.make_node("Conv", ["image", "weight"], ["out"])
    with pytest.raises(UnsafeModel, match="names none"):
        check_safe(_save(tmp_path / "model.onnx", [node], initializers=[tensor]))


@pytest.mark.parametrize("part", ["initialization", "algorithm"])
def test_weights_of_a_models_training_are_found_too(tmp_path, part):
    path = _save(tmp_path / "model.onnx", [_identity()])
    model = onnx.load_model(path)
    getattr(model.training_info.add(), part).initializer.append(_external("../training.data"))
    path.write_bytes(model.SerializeToString())
    with pytest.raises(UnsafeModel, match=r"training\.data"):
        check_safe(path)


@pytest.mark.parametrize("part", ["values", "indices"])
def test_weights_of_sparse_tensors_are_found_too(tmp_path, part):
    sparse = onnx.SparseTensorProto(dims=[1])
    getattr(sparse, part).CopyFrom(_external("../sparse.data"))
    constant = helper.make_node("Constant", [], ["k"])
    constant.attribute.add(
        name="sparse_value", type=onnx.AttributeProto.SPARSE_TENSOR
    ).sparse_tensor.CopyFrom(sparse)
    several = helper.make_node("Constant", [], ["k"])
    several.attribute.add(name="all", type=onnx.AttributeProto.SPARSE_TENSORS).sparse_tensors.append(sparse)
    initialized = _save(tmp_path / "initializer.onnx", [_identity()])
    model = onnx.load_model(initialized)
    model.graph.sparse_initializer.append(sparse)
    initialized.write_bytes(model.SerializeToString())
    for path in (
        initialized,
        _save(tmp_path / "one.onnx", [constant, _identity()]),
        _save(tmp_path / "several.onnx", [several, _identity()]),
    ):
        with pytest.raises(UnsafeModel, match=r"sparse\.data"):
            check_safe(path)


def test_default_values_of_a_functions_attributes_are_found_too(tmp_path):
    imports = [helper.make_opsetid("", 17)]
    body = [helper.make_node("Relu", ["a"], ["b"])]
    function = helper.make_function("local", "Sharpen", ["a"], ["b"], body, imports)
    function.attribute_proto.add(name="w", type=onnx.AttributeProto.TENSOR).t.CopyFrom(
        _external("../default.data")
    )
    nodes, opsets = [_identity("local", "Sharpen")], {"": 17, "local": 1}
    with pytest.raises(UnsafeModel, match=r"default\.data"):
        check_safe(_save(tmp_path / "model.onnx", nodes, functions=[function], opsets=opsets))
