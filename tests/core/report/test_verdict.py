"""The first line follows from the numbers by one rule."""

from __future__ import annotations

import pytest

from srsat_qgis.core.report.similarity_page import judge


def row(
    key: str,
    value: float,
    other: float | None = None,
    verdict: str | None = None,
    needs=("reference",),
    unit="",
) -> dict:
    baseline = None if other is None else {"value": other, "text": str(other)}
    return {
        "key": key,
        "label": key.upper(),
        "unit": unit,
        "value": value,
        "text": str(value),
        "baseline": baseline,
        "verdict": verdict,
        "needs": list(needs),
    }


def facts(*measures: dict, reference: bool = True, warnings=(), places=()) -> dict:
    return {
        "measures": list(measures),
        "reference": {"name": "r"} if reference else None,
        "data_range": {"value": 10000.0},
        "warnings": list(warnings),
        "area": {"crs": "EPSG:32633"},
        "worst_places": list(places),
    }


def test_mostly_better_is_better():
    found = judge(
        facts(
            row("psnr", 40, 38, "better", unit="dB"),
            row("ssim", 0.9, 0.8, "better"),
            row("sam", 1, 2, "better", unit="°"),
        )
    )
    assert found.tone == "good"
    assert found.line == (
        "2.00 dB closer to the reference than bicubic: better in 3 of 3 measures, PSNR 40.00 dB (+2.00 dB), "
        "SSIM 0.9000 (+0.100), SAM 1.000° (-1.00°)."
    )
    without = judge(facts(row("ssim", 0.9, 0.8, "better")))
    assert without.line.startswith("Closer to the reference than bicubic: better in 1 of 1 measures")


def test_mostly_worse_is_worse():
    found = judge(facts(row("psnr", 30, 38, "worse"), row("ssim", 0.7, 0.8, "worse")))
    assert found.tone == "bad"
    assert found.line.startswith(
        "8.00 dB farther from the reference than bicubic: better in only 0 of 2 measures"
    )


def test_neither_is_no_clear_gain():
    found = judge(facts(row("psnr", 40, 38, "better"), row("ssim", 0.7, 0.8, "worse")))
    assert (found.tone, found.line[:27]) == ("mixed", "No clear gain over bicubic:")


def test_no_error_at_all_is_identity():
    assert (
        judge(facts(row("rmse", 0.0, 3.0, "better"))).line
        == "Identical to the reference in every pixel scored."
    )


def test_without_a_baseline_it_says_so():
    found = judge(facts(row("psnr", 40)))
    assert found.line == "Against the reference: PSNR 40.00. Bicubic was not measured."


def test_three_other_numbers_stand_in_for_the_usual_ones():
    others = [row(key, value) for key, value in (("rmse", 5), ("mae", 4), ("cc", 0.5), ("uiq", 0.6))]
    found = judge(facts(*others))
    assert found.line == "Against the reference: RMSE 5.000, MAE 4.000, CC 0.5000. Bicubic was not measured."


def test_without_a_reference_it_judges_no_detail():
    found = judge(facts(row("lr_consistency", 12.0, 30.0, "better", needs=("lowres",)), reference=False))
    assert found.line == (
        "Consistent with its input: degraded to its grid, it differs from it by 12.0 DN on average, 0.120 % of the "
        "data range."
    )
    assert found.tone == "plain"
    assert found.remarks == ("Whether its detail is right, only a reference can tell.",)


def test_an_input_that_nothing_could_be_measured_of_is_not_denied():
    unknown = {**row("lr_consistency", 0.0, needs=("lowres",)), "value": None}
    found = judge(facts(unknown, reference=False))
    assert found.line == (
        "There is no reference, and neither consistency with the input nor grain could be measured."
    )
    assert found.tone == "plain"


@pytest.mark.parametrize(
    ("size", "said", "tone"),
    [
        (0.62, "0.62 times as much as in a bicubic enlargement: noise was taken away", "plain"),
        (1.0, "1.0 times as much as in a bicubic enlargement: little or no grain was added", "plain"),
        (1.8, "1.8 times as much as in a bicubic enlargement: grain was added", "mixed"),
    ],
)
def test_grain_on_flat_ground_is_told(size, said, tone):
    found = judge(facts(row("grain", size, 1.0, needs=("lowres",)), reference=False))
    assert found.line == f"Flat ground varies {said}."
    assert found.tone == tone


def test_the_first_place_to_look_at_is_named():
    place = {"centre": [500120.0, 5699000.5], "rmse": 12.3456}
    found = judge(facts(row("psnr", 40), places=[place, {"centre": [0.0, 0.0], "rmse": 1.0}]))
    assert found.remarks == (
        "Look first at 500120, 5699000.5 (EPSG:32633), where it differs most from the reference: RMSE 12.3 DN.",
    )


def test_shifts_seams_inconsistency_and_warnings_are_remarked():
    found = judge(
        facts(
            row("shift_x", 0.4),
            row("shift_y", 0.0),
            row("seams", 1.3, needs=()),
            row("lr_consistency", 300.0, needs=("lowres",)),
            warnings=["the reference was warped"],
        )
    )
    shift, seams, warning = found.remarks
    assert "to match the reference it must move by 0.400 pixels to the right and 0 down" in shift
    assert "1.30 times" in seams
    assert "Not consistent with its input" in found.line
    assert "3.00 %" in found.line
    assert warning == "The reference was warped."


@pytest.mark.parametrize(("zero", "told"), [(11, True), (10, False), (0, False)])
def test_more_than_a_hundredth_of_zeros_is_remarked(zero, told):
    angle = {**row("sam", 2.0), "facts": {"zero_pixels": zero, "pixels": 1000 - zero}}
    remarks = judge(facts(angle)).remarks
    assert [text.startswith("1.10 % of the pixels scored are 0 in all bands") for text in remarks] == [
        True
    ] * told


@pytest.mark.parametrize(
    ("key", "below", "above"),
    [("shift_x", 0.25, 0.26), ("seams", 1.05, 1.06)],
)
def test_a_remark_begins_beyond_a_limit(key, below, above):
    others = [row("shift_y", 0.0)] if key == "shift_x" else []
    counts = [len(judge(facts(row(key, value), *others)).remarks) for value in (below, above)]
    assert counts == [0, 1]


@pytest.mark.parametrize(("residual", "tone"), [(100.0, "plain"), (101.0, "mixed")])
def test_a_raster_that_is_not_consistent_with_its_input_is_no_plain_one(residual, tone):
    assert judge(facts(row("lr_consistency", residual, needs=("lowres",)), reference=False)).tone == tone


def test_small_ones_are_not():
    assert judge(facts(row("shift_x", 0.1), row("shift_y", 0.1), row("seams", 1.01, needs=()))).remarks == ()
