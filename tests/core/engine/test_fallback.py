"""The fallback when memory runs out: same result on every step, in the order batch, tile, CPU."""

import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from srsat_qgis.core.engine.fallback import TileRunner
from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.errors import OutOfMemory
from tests.onnx_models import conv_model, guided_model


class Recorder:
    """A progress that keeps its warnings."""

    cancelled = False

    def __init__(self):
        self.warnings = []

    def update(self, fraction):
        pass

    def info(self, message):
        pass

    def warn(self, message):
        self.warnings.append(message)


class Limited:
    """A real engine that claims a device and runs out of memory beyond a number of input values per call."""

    def __init__(self, path, device, limit):
        self._engine, self.device, self._limit = Engine(path, device="cpu"), device, limit
        self.cpu_nodes = ()

    def run(self, feeds):
        if self._limit and sum(array.size for array in feeds.values()) > self._limit:
            raise OutOfMemory(f"{self.device} ran out of memory")
        return self._engine.run(feeds)


def _runner(path, limits, progress, **changes):
    arguments = {
        "device": "cuda",
        "ratios": {"image": 2},
        "halo": 3,
        "batch": 4,
        "progress": progress,
        **changes,
    }
    return TileRunner(lambda device, _lanes: Limited(path, device, limits[device]), **arguments)


@pytest.fixture(name="samples")
def _samples():
    random = np.random.RandomState(1)
    return [{"image": random.uniform(0, 1000, (1, 140, 132)).astype(np.float32)} for _ in range(4)]


def test_each_step_gives_what_an_unlimited_device_gives(tmp_path, samples):
    path = conv_model(tmp_path / "m.onnx")
    expected = _runner(path, {"cuda": None}, Recorder()).run(samples)
    one = samples[0]["image"].size
    for limit, batch, parts, device in [
        (2 * one, 2, 1, "cuda"),
        (one, 1, 1, "cuda"),
        (one // 2, 1, 2, "cuda"),
        (one // 8, 1, 4, "cuda"),
        (100, 4, 1, "cpu"),
    ]:
        progress = Recorder()
        runner = _runner(path, {"cuda": limit, "cpu": None}, progress)
        for result, wanted in zip(runner.run(samples), expected):
            np.testing.assert_allclose(result, wanted, rtol=1e-6, atol=1e-3)
        assert (runner.batch, runner.parts, runner.engine.device) == (batch, parts, device)
        assert progress.warnings


def test_several_inputs_are_cut_on_the_same_ground(tmp_path):
    path = guided_model(tmp_path / "g.onnx")
    random = np.random.RandomState(2)
    sample = {
        "coarse": random.uniform(280, 310, (1, 70, 66)).astype(np.float32),
        "guide": random.uniform(0, 1, (2, 280, 264)).astype(np.float32),
    }
    ratios = {"coarse": 4, "guide": 1}
    whole = _runner(path, {"cuda": None}, Recorder(), ratios=ratios, halo=1).run([sample])[0]
    limit = sum(array.size for array in sample.values()) // 2
    runner = _runner(path, {"cuda": limit, "cpu": None}, Recorder(), ratios=ratios, halo=1)
    np.testing.assert_allclose(runner.run([sample])[0], whole, rtol=1e-6, atol=1e-4)
    assert runner.parts == 2


def test_parts_keep_the_models_size_multiple(tmp_path, samples):
    seen = []

    class Sized(Limited):
        def run(self, feeds):
            seen.append(feeds["image"].shape[2:])
            return super().run(feeds)

    path = conv_model(tmp_path / "m.onnx")
    image = samples[0]["image"][:, :136, :128]
    limit = image.size // 2
    runner = TileRunner(
        lambda device, _lanes: Sized(path, device, limit if device == "cuda" else None),
        device="cuda",
        ratios={"image": 2},
        halo=3,
        multiple=8,
        batch=1,
        progress=Recorder(),
    )
    runner.run([{"image": image}])
    assert all(rows % 8 == 0 == cols % 8 for rows, cols in seen)


def test_the_last_step_is_an_error(tmp_path, samples):
    path = conv_model(tmp_path / "m.onnx")
    with pytest.raises(OutOfMemory):
        _runner(path, {"cuda": 1, "cpu": 1}, Recorder()).run(samples)


def test_global_models_skip_the_halving_of_tiles(tmp_path, samples):
    limits = {"cuda": samples[0]["image"].size // 2, "cpu": None}
    runner = _runner(conv_model(tmp_path / "m.onnx"), limits, Recorder(), splittable=False)
    runner.run(samples)
    assert (runner.parts, runner.engine.device) == (1, "cpu")


def test_a_graph_of_fixed_batch_gets_just_that(tmp_path, samples):
    sizes = []

    class Sized(Limited):
        def run(self, feeds):
            sizes.append(len(feeds["image"]))
            return super().run(feeds)

    path = conv_model(tmp_path / "m.onnx")
    runner = TileRunner(
        lambda device, _lanes: Sized(path, device, None),
        device="cpu",
        ratios={"image": 2},
        halo=3,
        fixed_batch=3,
        progress=Recorder(),
    )
    assert len(runner.run(samples)) == 4
    assert sizes == [3, 3]


@pytest.mark.parametrize("splittable", [True, False])
def test_a_graph_of_fixed_batch_gets_just_that_when_memory_runs_out_too(tmp_path, samples, splittable):
    path = conv_model(tmp_path / "m.onnx")
    expected = _runner(path, {"cuda": None}, Recorder()).run(samples)
    calls = []

    class Counted(Limited):
        def run(self, feeds):
            calls.append((self.device, len(feeds["image"])))
            return super().run(feeds)

    limits = {"cuda": samples[0]["image"].size, "cpu": None}
    runner = TileRunner(
        lambda device, _lanes: Counted(path, device, limits[device]),
        device="cuda",
        ratios={"image": 2},
        halo=3,
        fixed_batch=3,
        splittable=splittable,
        progress=Recorder(),
    )
    for result, wanted in zip(runner.run(samples), expected):
        np.testing.assert_allclose(result, wanted, rtol=1e-6, atol=1e-3)
    assert {size for _, size in calls} == {3}
    assert (runner.parts, runner.engine.device) == ((2, "cuda") if splittable else (1, "cpu"))
    # Smaller batches would be filled up to the same size again.
    assert runner.batch == 3


def test_the_cpu_starts_with_the_first_batch_and_whole_tiles(tmp_path, samples):
    progress = Recorder()
    runner = _runner(conv_model(tmp_path / "m.onnx"), {"cuda": 100, "cpu": None}, progress)
    runner.run(samples)
    assert [line.partition("; ")[2] for line in progress.warnings] == [
        "the batch size is halved to 2",
        "the batch size is halved to 1",
        "tiles are run in 2 x 2 parts",
        "tiles are run in 4 x 4 parts",
        "the CPU takes over",
    ]
    assert (runner.batch, runner.parts) == (4, 1)


class Shared(Limited):
    """An engine whose memory all calls at a time share; it counts how many there are."""

    def __init__(self, path, device, limit, lanes):
        super().__init__(path, device, None)
        self.lanes, self._room = lanes, limit
        self._lock, self.now, self.most = threading.Lock(), 0, 0

    def run(self, feeds):
        size = sum(array.size for array in feeds.values())
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
            lacking = self._room and self.now * size > self._room
        try:
            # Long enough for others to begin.
            time.sleep(0.02)
            if lacking:
                raise OutOfMemory(f"{self.device} ran out of memory")
            return self._engine.run(feeds)
        finally:
            with self._lock:
                self.now -= 1


def _shared_runner(path, engines, limit, progress, **changes):
    def build(device, lanes):
        engines.append(Shared(path, device, limit, lanes))
        return engines[-1]

    arguments = {"device": "cpu", "lanes": 3, "ratios": {"image": 2}, "halo": 3, **changes}
    return TileRunner(build, progress=progress, **arguments)


def test_several_threads_call_at_a_time_up_to_the_lanes(tmp_path, samples):
    path, engines = conv_model(tmp_path / "m.onnx"), []
    expected = _runner(path, {"cuda": None}, Recorder()).run(samples)
    runner = _shared_runner(path, engines, None, Recorder())
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda one: runner.run([one])[0], samples * 4))
    assert [engine.most for engine in engines] == [3]
    for result, wanted in zip(results, expected * 4):
        np.testing.assert_allclose(result, wanted, rtol=1e-6, atol=1e-3)


@pytest.mark.parametrize(("room", "parts"), [(1, 1), (0.5, 2)])
def test_where_memory_is_short_there_is_one_call_at_a_time_before_tiles_get_smaller(
    tmp_path, samples, room, parts
):
    path, engines, progress = conv_model(tmp_path / "m.onnx"), [], Recorder()
    expected = _runner(path, {"cuda": None}, Recorder()).run(samples)
    runner = _shared_runner(path, engines, room * samples[0]["image"].size, progress)
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda one: runner.run([one])[0], samples * 4))
    for result, wanted in zip(results, expected * 4):
        np.testing.assert_allclose(result, wanted, rtol=1e-6, atol=1e-3)
    assert [engine.lanes for engine in engines] == [3, 1, 1][: parts + 1]
    assert (runner.lanes, runner.parts, engines[-1].most) == (1, parts, 1)
    # Calls that fail together take the step together.
    assert [text.rpartition("; ")[2] for text in progress.warnings] == [
        "tiles are run one at a time",
        "tiles are run in 2 x 2 parts",
    ][:parts]


def test_an_engine_that_ran_out_of_memory_is_gone_at_once(tmp_path, samples):
    """Not when Python looks for circles: what it holds is what the next one lacks."""
    made = []

    def build(device, lanes):
        engine = Shared(conv_model(tmp_path / "m.onnx"), device, samples[0]["image"].size, lanes)
        made.append(weakref.ref(engine))
        return engine

    runner = TileRunner(
        build, device="cpu", lanes=1, ratios={"image": 2}, halo=3, batch=2, progress=Recorder()
    )
    gc.collect()
    gc.disable()
    try:
        runner.run(samples)
        assert [engine() is None for engine in made] == [True, False]
    finally:
        gc.enable()


def test_an_error_in_one_call_does_not_hold_up_the_others(tmp_path, samples):
    path, engines = conv_model(tmp_path / "m.onnx"), []
    runner = _shared_runner(path, engines, 1, Recorder())
    with ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(runner.run, [one]) for one in samples]
        assert all(isinstance(call.exception(timeout=60), OutOfMemory) for call in calls)


def test_a_graphics_card_takes_one_call_at_a_time(tmp_path):
    runner = _shared_runner(conv_model(tmp_path / "m.onnx"), [], None, Recorder(), device="cuda")
    assert runner.lanes == 1
    runner.restart("cpu")
    assert runner.lanes == 3
