"""Networks with a guide leave through the exporter as their cards will use them, with parity on three shapes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

pytest.importorskip("onnx", reason="export needs onnx")
pytest.importorskip("onnxruntime", reason="the graph is run with onnxruntime")

from srsat_qgis.core.errors import ExportFailed
from srsat_qgis.core.models.card import BandSpec, InputSpec
from srsat_qgis.training import networks
from srsat_qgis.training.data.scaling import BandScale, Scaled
from srsat_qgis.training.export.finetune import graph_weights
from srsat_qgis.training.export.to_onnx import proven, to_onnx
from srsat_qgis.training.networks.dctnet import PUBLISHED

CASES = {
    "dctnet": {"channels": 8, "layers": 1},
    "dctnet as published": {**PUBLISHED, "channels": 8, "layers": 1},
    "dct_rrdb": {"channels": 8, "growth": 4, "blocks": 1},
    "jiif": {"channels": 8, "blocks": 1, "hidden": (12, 8)},
    "mrunet": {"widths": (8, 8, 12)},
}


def kelvins(bands: int, offset: float, gain: float) -> BandScale:
    return BandScale(torch.full((1, bands, 1, 1), offset), torch.full((1, bands, 1, 1), gain))


def inputs(scale: int) -> list[InputSpec]:
    guides = tuple(BandSpec(name) for name in ("red", "nir"))
    return [InputSpec("lst", scale, (BandSpec("LST"),)), InputSpec("guide", 1, guides)]


@pytest.mark.parametrize(("case", "scale"), [*((case, 4) for case in CASES), ("dctnet", 8), ("jiif", 8)])
def test_graph_and_network_agree_and_the_halo_is_told(case, scale):
    """Values as the exporter draws them, 0 to 4000, become those of a network that knows standardised ones."""
    torch.manual_seed(6)
    options = {"ratios": (scale, 1), "bands": (1, 2), **CASES[case]}
    network = networks.build(case.split()[0], options).fused().eval()
    scaled = Scaled(network, [kelvins(1, 2000, 600), kelvins(2, 2000, 600)], kelvins(1, 2000, 600))
    if "published" in case and torch.__version__ < "2.7":
        # Its exporter cannot stretch an image to a size that is not known yet, and says so.
        with pytest.raises(ExportFailed, match=r"PyTorch 2\.6.* cannot export this network"):
            proven(scaled, inputs(scale))
        return
    _, facts = proven(scaled, inputs(scale))
    assert facts["parity"] <= 1e-4
    if network.local:
        assert 0 < facts["measured_halo"] <= network.radius
        assert "beyond_halo" not in facts
    else:
        assert "measured_halo" not in facts
        # The published attention is stretched to the image, so that a tile's other size moves it.
        assert 0 < facts["beyond_halo"] < (1e-1 if "published" in case else 2e-3)


def test_a_network_that_claims_to_be_local_and_is_not_is_refused():
    network = networks.build("dctnet", {"ratios": (4, 1), "bands": (1, 2), **CASES["dctnet"]}).fused().eval()
    network.local = True
    with pytest.raises(ExportFailed, match=r"sees \d+ cells far, the network says 18"):
        proven(network, inputs(4))


@pytest.mark.parametrize("case", ["dctnet", "dct_rrdb", "jiif", "mrunet"])
def test_a_network_comes_back_from_its_graph(case, tmp_path):
    import onnx

    torch.manual_seed(7)
    options = {"ratios": (4, 1), "bands": (1, 2), **CASES[case]}
    network = networks.build(case, options)
    model = to_onnx(network.fused().eval(), inputs(4))
    onnx.save(model, tmp_path / "model.onnx")
    other = networks.build(case, options)
    other.load_plain(graph_weights(tmp_path / "model.onnx", other.fused()))
    with torch.no_grad():
        given = (torch.randn(1, 1, 12, 12), torch.randn(1, 2, 48, 48))
        np.testing.assert_allclose(other(*given), network(*given), rtol=1e-4, atol=1e-4)
