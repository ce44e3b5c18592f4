"""Models that several test files run."""

import pytest


@pytest.fixture(name="nearest", scope="session")
def _nearest(tmp_path_factory):
    """The card of a model that repeats every pixel: its output is known exactly."""
    from tests.onnx_models import card_for, nearest_model

    return card_for(nearest_model(tmp_path_factory.mktemp("models") / "nearest.onnx"), halo=1)


@pytest.fixture(name="conv", scope="session")
def _conv(tmp_path_factory):
    """The card of a small network of convolutions."""
    from tests.onnx_models import card_for, conv_model

    return card_for(conv_model(tmp_path_factory.mktemp("models") / "conv.onnx", radius=4), halo=4)
