"""The trainer's lines: events are told from all else, and what an event lacks is left out of the log."""

from __future__ import annotations

import pytest

from srsat_qgis.core.trainer.running import Watch, describe, number, parse_event
from tests.core.install.test_onnxruntime import Log


def test_an_event_is_a_json_object_with_an_event():
    assert parse_event('{"event": "train", "step": 50, "loss": 0.5}') == {
        "event": "train",
        "step": 50,
        "loss": 0.5,
    }


@pytest.mark.parametrize(
    "line",
    [
        "UserWarning: something about a kernel",
        "{not json",
        '{"step": 1}',
        '{"event": 3}',
        '["event"]',
        "3",
        "null",
        "",
        '{"event": "train"',
    ],
)
def test_all_else_is_no_event(line):
    assert parse_event(line) is None


def test_a_number_that_is_missing_or_none_is_none():
    event = {"event": "x", "a": 2, "b": "2", "c": True, "d": float("nan"), "e": None}
    assert [number(event, name) for name in "abcdef"] == [2.0, None, None, None, None, None]


def test_validation_stands_beside_bicubic():
    event = {"event": "validation", "step": 1000, "psnr": 38.123, "bicubic_psnr": 34.0, "gain_db": 4.123}
    assert describe(event) == "Step 1000: PSNR 38.12 dB, bicubic 34.00 dB, mean gain +4.12 dB"


def test_a_training_line_tells_loss_speed_and_time_left():
    event = {"event": "train", "step": 50, "loss": 0.51234, "images_per_s": 123.4, "left_s": 3900}
    assert describe(event) == "Step 50: loss 0.5123, 123 images a second, 65 min left"


@pytest.mark.parametrize(
    ("event", "line"),
    [
        ({"event": "train", "step": 50, "loss": 0.5}, "Step 50: loss 0.5"),
        (
            {"event": "validation", "step": 7, "gain_db": -0.2, "lowest_db": -1},
            "Step 7: mean gain -0.20 dB, lowest image -1.00 dB",
        ),
        ({"event": "checkpoint", "step": 7}, ""),
        ({"event": "rate", "rate": 0.0021, "why": "steepest fall"}, "Learning rate 0.0021 (steepest fall)"),
        (
            {"event": "early_stop", "step": 9, "why": "no gain in 5 validations"},
            "Step 9: training ends early: no gain in 5 validations",
        ),
        (
            {"event": "start", "network": "compact", "parameters": 30000, "device": "cpu"},
            "Training the network compact, 30,000 parameters, on cpu",
        ),
        ({"event": "int8", "made": True, "text": "Form in 8-bit integers: so"}, "Form in 8-bit integers: so"),
        ({"event": "something new"}, ""),
    ],
)
def test_what_an_event_lacks_is_left_out(event, line):
    assert describe(event) == line


def test_a_line_that_was_just_said_is_not_said_again():
    log = Log()
    watch = Watch(log)
    for gain in (0.5, 0.5, 0.7, 0.5):
        watch({"event": "validation", "step": 7, "gain_db": gain})
    assert log.lines == [f"Step 7: mean gain +{gain:.2f} dB" for gain in (0.5, 0.7, 0.5)]
