"""A finished model is a start: its graph gives back the network's weights, and the result names it."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch

onnx = pytest.importorskip("onnx", reason="weights are read from ONNX files")
pytest.importorskip("onnxruntime", reason="export checks itself with onnxruntime")

from srsat_qgis.core.errors import InvalidCheckpoint, InvalidRecipe, ModelNotFound  # noqa: E402
from srsat_qgis.core.models.card import BandSpec, InputSpec  # noqa: E402
from srsat_qgis.training import networks  # noqa: E402
from srsat_qgis.training.__main__ import main  # noqa: E402
from srsat_qgis.training.export.finetune import graph_weights, read_base, take_weights, with_base  # noqa: E402
from srsat_qgis.training.export.to_onnx import to_onnx  # noqa: E402

FUSION = {"ratios": (2, 1), "bands": (3, 2), "out_bands": 3}
SINGLE = {"ratios": (2,), "bands": (1,), "out_bands": 1}


@pytest.mark.parametrize(
    ("name", "options", "geometry"),
    [
        ("compact", {"channels": 8, "depth": 2, "expand": 16}, SINGLE),
        ("edsr", {"channels": 8, "blocks": 1}, SINGLE),
        ("span", {"channels": 8, "blocks": 1}, SINGLE),
        ("dsen2", {"channels": 8, "blocks": 1}, FUSION),
    ],
)
def test_a_network_comes_back_from_its_graph(tmp_path, name, options, geometry):
    torch.manual_seed(3)
    network = networks.build_for(name, options, **geometry)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.requires_grad:
                parameter.add_(0.02 * torch.randn_like(parameter))
    assert_it_comes_back(network, tmp_path, name, options, geometry)


@pytest.mark.parametrize("bias", [0.0, 0.3])
def test_biases_that_the_graph_leaves_out_or_merges_come_back(tmp_path, bias):
    options = {"channels": 8, "blocks": 2}
    network = networks.build_for("edsr", options, **SINGLE)
    with torch.no_grad():
        for key, parameter in network.named_parameters():
            if key.endswith("bias"):
                parameter.fill_(bias)
    assert_it_comes_back(network, tmp_path, "edsr", options, SINGLE)


def assert_it_comes_back(network, folder, name, options, geometry):
    """Check that another network computes the same once it has the weights of this one's graph."""
    fused = network.fused()
    inputs = [
        InputSpec(f"in{n}", ratio, tuple(BandSpec(str(band)) for band in range(bands)))
        for n, (ratio, bands) in enumerate(zip(geometry["ratios"], geometry["bands"]))
    ]
    onnx.save(to_onnx(fused, inputs), folder / "model.onnx")
    torch.manual_seed(4)
    other = networks.build_for(name, options, **geometry)
    with torch.no_grad():
        for parameter in other.parameters():
            if parameter.requires_grad:
                parameter.add_(0.02 * torch.randn_like(parameter))
    other.load_plain(graph_weights(folder / "model.onnx", other.fused()))
    images = [
        torch.rand(1, bands, 24 * 2 // ratio, 16 * 2 // ratio)
        for bands, ratio in zip(geometry["bands"], geometry["ratios"])
    ]
    with torch.no_grad():
        torch.testing.assert_close(other(*images), fused(*images), rtol=0, atol=1e-5)


def test_a_shipped_model_is_found_by_its_id_and_starts_where_it_ended(repository):
    base = read_base("any-x2-fast")
    card = json.loads((repository / "models" / "any-x2-fast" / "card.json").read_text())
    assert base.facts() == {"id": "any-x2-fast", "version": card["version"], "sha256": card["sha256"]}
    own = base.recipe["network"]
    network = networks.build_for(own["name"], own["options"], **SINGLE)
    take_weights(network, base)
    session = pytest.importorskip("onnxruntime").InferenceSession(str(base.folder / "model.onnx"))
    image = np.random.default_rng(0).normal(0, 1, (1, 1, 32, 32)).astype(np.float32)
    told = {"blur": np.array([[0.6]], np.float32), "noise": np.array([[0.1]], np.float32)}
    with torch.no_grad():
        got = network(*map(torch.from_numpy, (image, *told.values()))).numpy()
    np.testing.assert_allclose(got, session.run(None, {"image": image, **told})[0], atol=2e-4)


def test_a_folder_without_a_recipe_is_no_base(tmp_path, repository):
    folder = shutil.copytree(repository / "models" / "any-x2-fast", tmp_path / "bare")
    (folder / "recipe.toml").unlink()
    with pytest.raises(ModelNotFound, match=r"recipe\.toml is missing"):
        read_base(str(folder))


def test_another_scale_than_the_base_s_is_refused():
    base = read_base("any-x2-fast")
    with pytest.raises(InvalidRecipe, match=r"scale is 4.*any-x2-fast, has 2"):
        with_base({"id": "mine", "scale": 4}, base)


def test_what_a_recipe_leaves_open_is_the_base_s_and_its_rate_a_low_one():
    base = read_base("any-x2-fast")
    done = with_base({"id": "mine", "schedule": {"steps": 5}}, base)
    assert done["schedule"] == {"rate": 2e-4, "steps": 5}
    assert with_base({"id": "mine", "schedule": {"rate": 1e-3}}, base)["schedule"] == {"rate": 1e-3}
    assert with_base({"id": "mine", "schedule": "short"}, base)["schedule"] == "short"  # refused when read
    assert {name: done[name] for name in ("network", "scale", "loss")} == {
        name: base.recipe[name] for name in ("network", "scale", "loss")
    }
    assert with_base({"id": "mine", "loss": {"l1": 1.0}}, base)["loss"] == {"l1": 1.0}


TOLD = (torch.tensor([[0.5]]), torch.tensor([[2.0]]))


@pytest.mark.parametrize("name", ["informed", "luma"])
def test_a_model_of_one_band_is_a_start_for_colours(name):
    """Every colour gets the detail that the model sees in their mean, or in their luma."""
    base = read_base("any-x2-fast")
    options = base.recipe["network"]["options"]
    alone = networks.build_for("informed", options, **SINGLE)
    joint = networks.build(name, {"scale": 2, "bands": 3, **options})
    for network in (alone, joint):
        take_weights(network, base)
    image = 50 + 10 * torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(2))
    weights = torch.tensor([1 / 3] * 3 if name == "informed" else [0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    grey = (weights * image).sum(dim=1, keepdim=True)
    # Of the luma of three bands with independent noise, less noise is left.
    level = float(weights.square().sum().sqrt()) if name == "luma" else 1.0
    with torch.no_grad():
        got = joint(image, *(told.expand(-1, 3) for told in TOLD))
        fine = alone(grey, TOLD[0], level * TOLD[1])
        change = fine - alone.base(grey)
        kept = alone.base(image.transpose(0, 1)).transpose(0, 1) if name == "informed" else None
    inner = (..., slice(24, -24), slice(24, -24))
    if kept is not None:
        torch.testing.assert_close(got[inner], (kept + change)[inner], rtol=0, atol=2e-3)
    else:
        torch.testing.assert_close(
            (weights * got).sum(dim=1, keepdim=True)[inner], fine[inner], rtol=0, atol=2e-3
        )
    assert change[inner].std() > 0.1


def test_a_recipe_may_give_a_base_s_weights_to_a_network_that_takes_them():
    base = read_base("any-x2-fast")
    own = base.recipe["network"]
    for network in ({**own, "joint": True}, {**own, "name": "luma", "joint": True}):
        assert with_base({"id": "mine", "network": network}, base)["network"] == network
    for network in ({**own, "name": "compact"}, {**own, "options": {}}, {"name": "nonsense"}):
        with pytest.raises(InvalidRecipe, match="network is"):
            with_base({"id": "mine", "network": network}, base)


def test_weights_of_another_network_are_refused():
    base = read_base("any-x2-fast")
    network = networks.build_for("compact", {"channels": 8, "depth": 1}, **SINGLE)
    with pytest.raises(InvalidCheckpoint, match=r"body\.0|first|last"):
        take_weights(network, base)


def test_the_command_adapts_a_model_and_the_card_names_it(store_folder, tmp_path, capsys):
    first = "scale = 2\nnetwork = { name = 'compact', options = { channels = 4, depth = 1, expand = 8 } }\n"
    data = "data = { crop = 48, batch = 4, small_crop = 24, border = 2 }\n"
    (tmp_path / "first.toml").write_text("id = 'first'\n" + first + data + "schedule = { steps = 40 }\n")
    (tmp_path / "next.toml").write_text(data + "schedule = { steps = 4, rate = 'auto' }\n")
    common = ["--store", str(store_folder), "--threads", "1", "--device", "cpu"]
    assert main([str(tmp_path / "first.toml"), "--out", str(tmp_path / "first"), *common]) == 0
    model = tmp_path / "first" / "model"
    out = tmp_path / "next"
    arguments = [str(tmp_path / "next.toml"), "--out", str(out), "--base", str(model), "--id", "adapted"]
    assert main([*arguments, *common]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [event["rate"] for event in events if event["event"] == "rate"] == [2e-4]
    own = [event["step"] for event in events if event["event"] == "validation"]
    assert 0 in own  # what the base does comes first, so that the gain can be seen
    base = json.loads((model / "card.json").read_text())
    card = json.loads((out / "model" / "card.json").read_text())
    assert card["id"] == "adapted"
    assert card["training"]["base"] == {"id": "first", "version": "1.0.0", "sha256": base["sha256"]}
    (over,) = [event for event in events if event["event"] == "over_base"]
    scored = [event for event in events if event["event"] == "validation"]
    (before,) = [event["gain_db"] for event in scored if event["step"] == 0]
    assert over["gain_db"] == pytest.approx(scored[-1]["gain_db"] - before, abs=1e-4)
    assert over["text"].startswith("Against the model you started from, first 1.0.0: ")
    assert card["training"]["over_base"]["patches"] == over["patches"]
    assert "Against the model you started from (first 1.0.0)" in (out / "report.html").read_text()
    again = read_base(
        str(out / "model")
    )  # the recipe beside the result is whole, so that it can be a base too
    assert again.recipe["network"]["options"]["channels"] == 4
    assert again.recipe["base"]["model"] == "first"


def test_a_recipe_without_a_degradation_has_its_base_s_and_its_margin():
    base = read_base("any-x2-fast")
    done = with_base({"id": "mine", "schedule": {"steps": 1}, "card": {"name": "Mine"}}, base)
    assert done["degradation"] == base.recipe["degradation"]
    assert done["validation"] == base.recipe["validation"]
    assert done["card"] == {"noise_margin": 0.5, "name": "Mine"}
    own = {"sigma": [0.4, 0.5]}
    assert with_base({"id": "mine", "degradation": own}, base)["degradation"] == own
