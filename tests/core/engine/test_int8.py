"""What a processor makes of 8-bit convolutions: exact or cut off, faster or not."""

import numpy as np
import pytest

from srsat_qgis.core.engine import int8
from srsat_qgis.core.engine.int8 import Int8Facts, int8_facts
from srsat_qgis.core.engine.session import Engine


@pytest.fixture(autouse=True)
def _forgotten():
    int8_facts.cache_clear()
    yield
    int8_facts.cache_clear()


class CutsOff(Engine):
    """What processors without exact instructions do, be it in one kernel alone: pairs of products end at 16 bits."""

    def run(self, feeds):
        sums = super().run(feeds).copy()
        sums[:, 16:32] = np.minimum(sums[:, 16:32], 32767.0 * 9 * 48 / 2)
        return sums


def test_the_sums_that_are_looked_at_are_the_largest_ones():
    engine = Engine(int8._graph(integers=False), device="cpu")
    image = np.full((1, 48, 96, 96), 255, np.float32)
    sums = engine.run({"image": image})[0, :, 1:-1, 1:-1]
    np.testing.assert_allclose(sums, 255 * 127 * 9 * 48, rtol=1e-6)


def test_this_processor_is_told_apart_from_one_that_cuts_off(monkeypatch):
    honest = int8_facts()
    int8_facts.cache_clear()
    monkeypatch.setattr(int8, "Engine", CutsOff)
    cut = int8_facts()
    assert not cut.exact
    assert not cut.pays
    assert "lacks exact instructions" in cut.reason()
    assert honest.speedup > 0


@pytest.mark.parametrize(
    ("facts", "pays"),
    [
        (Int8Facts(True, 3.0), True),
        (Int8Facts(True, 1.5), True),
        (Int8Facts(True, 1.4), False),
        (Int8Facts(False, 3.0), False),
    ],
)
def test_integers_are_taken_where_they_are_exact_and_clearly_faster(facts, pays):
    assert facts.pays == pays
    assert ("1/3.0" in facts.reason()) == (facts.exact and facts.speedup == 3.0)


def test_one_of_both_graphs_computes_in_integers():
    assert b"QLinearConv" in int8._graph(integers=True)
    assert b"QLinearConv" not in int8._graph(integers=False)


def test_it_is_tried_once_a_process_on_one_thread_of_the_cpu(monkeypatch):
    tried = []

    class Counted(Engine):
        def __init__(self, *arguments, device, threads):
            tried.append((device, threads))
            super().__init__(*arguments, device=device, threads=threads)

    monkeypatch.setattr(int8, "Engine", Counted)
    assert int8_facts() is int8_facts()
    assert tried == [("cpu", 1), ("cpu", 1)]
