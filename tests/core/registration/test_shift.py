"""The shift between two arrays: known to hundredths of a pixel, or said to be unknown, never guessed."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.registration.correlation import CrossSpectrum, coarse_shift
from srsat_qgis.core.registration.images import ArrayPixels
from srsat_qgis.core.registration.measure import MIN_CONFIDENCE, estimate_shift, measure_shift
from tests.shifted_scenes import FineScene, fractal

SIDE = 140


@pytest.fixture(scope="module")
def scene() -> FineScene:
    return FineScene(SIDE, margin=13)


def errors(scene, tenths, *, noise=0.0, mode="intensity"):
    """Return how far off the measured shifts of pictures taken so many tenths of a pixel away are, in pixels."""
    random = np.random.default_rng(3)

    def noisy(image):
        return image + noise * random.normal(size=image.shape)

    found = []
    for rows, cols in tenths:
        shift = estimate_shift(
            noisy(scene.picture()), noisy(scene.picture(rows, cols)), max_shift_px=18, mode=mode
        )
        assert shift.determined, shift.reason
        found.append(np.hypot(shift.rows_px - rows / 10, shift.cols_px - cols / 10))
    return np.array(found)


STEPS = [(step, (37 * step) % 121) for step in range(0, 121, 8)]


def test_clean_shifts_up_to_12_px_are_found_to_thousandths_of_a_pixel(scene):
    found = errors(scene, STEPS)
    assert np.median(found) <= 0.002
    assert found.max() <= 0.005


def test_noisy_shifts_are_found_to_hundredths_of_a_pixel(scene):
    """The noise is as strong as the detail that is compared."""
    found = errors(scene, STEPS, noise=40.0)
    assert np.median(found) <= 0.03


def test_the_gradient_finds_them_too(scene):
    assert np.median(errors(scene, STEPS[::3], mode="gradient")) <= 0.03


def test_the_shift_is_what_must_be_added_to_the_coordinates_of_the_test_image():
    reference = fractal(96, 96, seed=5)
    test = np.roll(reference, (-2, 3), axis=(0, 1))  # what was at row 10 is at row 8
    shift = estimate_shift(reference, test, max_shift_px=6)
    assert (shift.rows_px, shift.cols_px) == (pytest.approx(2, abs=0.02), pytest.approx(-3, abs=0.02))


def test_a_shift_longer_than_a_window_can_show_is_found_in_thinned_images():
    wide = fractal(700, 700, seed=2)
    reference, test = wide[:500, :500], wide[150:650, 90:590]
    shift = estimate_shift(reference, test, max_shift_px=200)
    assert (shift.rows_px, shift.cols_px) == (pytest.approx(150, abs=0.02), pytest.approx(90, abs=0.02))


@pytest.mark.parametrize("mode", ["intensity", "auto"])
def test_a_long_shift_is_found_where_dark_and_bright_change_places(mode):
    wide = fractal(700, 700, seed=2)
    shift = estimate_shift(wide[:500, :500], -wide[150:650, 90:590], max_shift_px=200, mode=mode)
    assert (shift.rows_px, shift.cols_px) == (pytest.approx(150, abs=0.02), pytest.approx(90, abs=0.02))
    assert shift.mode == "intensity"


@pytest.mark.parametrize("sign", [1, -1])
def test_thinned_images_tell_a_long_shift_to_a_pixel_or_two_whatever_is_dark_and_bright(sign):
    wide = fractal(700, 700, seed=2)
    pair = ArrayPixels(wide[:500, :500], None), ArrayPixels(sign * wide[150:650, 90:590], None)
    assert coarse_shift(*pair, 200, "intensity", (0.0, 0.0)) == pytest.approx((150, 90), abs=2)


def test_the_smallest_windows_have_no_room_for_a_rival():
    image = fractal(16, 16, seed=1)
    spectrum = CrossSpectrum(16)
    for _ in range(2):
        spectrum.update(image, image)
    assert spectrum.peak(max_shift_px=1).confidence > 0.5


@pytest.mark.parametrize("moved", [(5, 0), (0, -6), (0, 0)])
def test_windows_are_compared_again_where_the_first_comparison_says_that_they_lie(moved):
    class Noted(ArrayPixels):
        def read(self, window, step):
            places.append((window.row, window.col))
            return super().read(window, step)

    places: list[tuple[int, int]] = []
    image = fractal(200, 200, seed=3)
    test = np.roll(image, (-moved[0], -moved[1]), axis=(0, 1))
    measure_shift(Noted(image, None), Noted(test, None), max_shift_px=10, mode="intensity")
    apart = {(a[0] - b[0], a[1] - b[1]) for a, b in zip(places[::2], places[1::2])}
    assert apart == {(0, 0), moved}


def test_clean_pictures_leave_little_doubt(scene):
    """Measured are 0.88 to 0.90; the rest is what unlike pictures would have in common."""
    assert estimate_shift(scene.picture(), scene.picture(23, 7), max_shift_px=5).confidence > 0.85


def test_images_without_a_shift_give_zero_and_full_correlation(scene):
    shift = estimate_shift(scene.picture(), scene.picture(), max_shift_px=5)
    assert (shift.rows_px, shift.cols_px) == (pytest.approx(0, abs=1e-6), pytest.approx(0, abs=1e-6))
    assert shift.correlation_before == pytest.approx(1)


def test_the_correlation_rises_with_the_shift(scene):
    shift = estimate_shift(scene.picture(), scene.picture(23, 7), max_shift_px=5)
    assert shift.correlation_before < 0.7
    assert shift.correlation_after > 0.98


def test_where_dark_and_bright_change_places_the_shift_is_the_same(scene):
    shift = estimate_shift(scene.picture(), 4000 - 2 * scene.picture(14, 31), max_shift_px=5)
    assert (shift.rows_px, shift.cols_px) == (pytest.approx(1.4, abs=0.03), pytest.approx(3.1, abs=0.03))
    assert shift.correlation_after < -0.98


def test_auto_falls_back_on_the_gradient_where_the_contrast_turns_from_field_to_field():
    fields = np.where((np.add.outer(np.arange(200) // 40, np.arange(200) // 40)) % 2, 1.0, -1.0)
    reference = np.abs(fractal(206, 206, seed=8, slope=1.6))
    test = (reference[3:203, 2:202] - reference.mean()) * fields
    assert not estimate_shift(reference[:200, :200], test, max_shift_px=6, mode="intensity").determined
    shift = estimate_shift(reference[:200, :200], test, max_shift_px=6, mode="auto")
    assert (shift.mode, shift.determined) == ("gradient", True)
    assert (shift.rows_px, shift.cols_px) == (pytest.approx(3, abs=0.1), pytest.approx(2, abs=0.1))


def test_windows_with_holes_are_left_out(scene):
    reference, test = scene.picture(), scene.picture(15, 8)
    random = np.random.default_rng(0)
    valid = np.ones(reference.shape, bool)
    valid[:, :60] = False
    test = test.copy()
    test[~valid] = random.normal(5000, 3000, np.count_nonzero(~valid))
    reference = reference.copy()
    reference[100:, 100:] = np.nan
    shift = estimate_shift(reference, test, valid=valid, max_shift_px=5)
    assert (shift.rows_px, shift.cols_px) == (pytest.approx(1.5, abs=0.05), pytest.approx(0.8, abs=0.05))


@pytest.mark.parametrize("mode", ["intensity", "gradient", "auto"])
@pytest.mark.parametrize(
    ("image", "why"),
    [
        (np.full((96, 96), 0.1, np.float32), "flat"),
        (np.add.outer(3.0 * np.arange(96), 0.7 * np.arange(96)), "flat"),
        (np.full((96, 96), np.nan), "valid pixels in common"),
    ],
    ids=["constant", "plane", "empty"],
)
def test_images_without_detail_are_undetermined_and_not_zero(mode, image, why):
    for pair in ((image, image), (fractal(96, 96), image), (image, fractal(96, 96))):
        shift = estimate_shift(*pair, max_shift_px=5, mode=mode)
        assert (shift.determined, shift.rows_px, shift.cols_px) == (False, None, None)
        assert why in shift.reason
        assert shift.confidence == 0


def test_tiny_images_are_undetermined():
    image = fractal(20, 20)
    shift = estimate_shift(image, image, max_shift_px=2)
    assert not shift.determined
    assert "32 x 32" in shift.reason


@pytest.mark.parametrize("mode", ["intensity", "gradient"])
def test_unlike_images_are_undetermined(mode):
    determined = [
        estimate_shift(
            fractal(128, 128, seed=seed), fractal(128, 128, seed=seed + 500), max_shift_px=10, mode=mode
        )
        for seed in range(30)
    ]
    assert sum(shift.determined for shift in determined) <= 1


def test_a_pattern_that_repeats_is_undetermined():
    y, x = np.mgrid[:128, :128]
    waves = np.sin(2 * np.pi * x / 12) + np.sin(2 * np.pi * y / 12)
    shift = estimate_shift(waves, np.roll(waves, 2, axis=0), max_shift_px=10)
    assert not shift.determined
    assert shift.confidence < MIN_CONFIDENCE


@pytest.mark.parametrize(("noise", "determined"), [(900, True), (930, False), (1000, False)])
def test_a_shift_that_little_speaks_for_is_undetermined(scene, noise, determined):
    """The confidences are 0.33, 0.28 and 0.17: the least is 0.3."""
    random = np.random.default_rng(3)
    pair = [
        image + noise * random.normal(size=image.shape) for image in (scene.picture(), scene.picture(23, 7))
    ]
    shift = estimate_shift(*pair, max_shift_px=5)
    assert shift.determined == determined
    assert 0.1 < shift.confidence < 0.4


@pytest.mark.parametrize("tenths", [50, 60, 70, 120])
def test_a_shift_beyond_the_largest_one_is_not_reported(scene, tenths):
    shift = estimate_shift(scene.picture(), scene.picture(tenths, 0), max_shift_px=4)
    assert not shift.determined
    assert tenths == 120 or shift.reason == "the best fit is a shift of more than 4 px"


def test_sums_of_parts_merge_into_the_sum_of_the_whole():
    image = fractal(256, 256, seed=4)
    test = np.roll(image, (1, -2), axis=(0, 1))
    whole, left, right = (CrossSpectrum(64) for _ in range(3))
    for row in range(0, 193, 32):
        for col in range(0, 193, 32):
            part = np.s_[row : row + 64, col : col + 64]
            whole.update(image[part], test[part])
            (left if col < 96 else right).update(image[part], test[part])
    left.merge(right)
    ours, theirs = left.peak(max_shift_px=8), whole.peak(max_shift_px=8)
    assert left.windows == whole.windows
    assert (ours.rows_px, ours.cols_px) == pytest.approx((theirs.rows_px, theirs.cols_px), abs=1e-9)
    assert (theirs.rows_px, theirs.cols_px) == pytest.approx((-1, 2), abs=0.01)
    assert ours.confidence == pytest.approx(theirs.confidence)


def test_wrong_arguments_are_refused():
    image = fractal(64, 64)
    with pytest.raises(ShapeMismatch, match=r"\(64, 64\).*\(64, 60\)"):
        estimate_shift(image, image[:, :60], max_shift_px=3)
    with pytest.raises(ShapeMismatch, match="valid"):
        estimate_shift(image, image, valid=np.ones((3, 3), bool), max_shift_px=3)
    with pytest.raises(InvalidSetting, match="largest shift of 0"):
        estimate_shift(image, image, max_shift_px=0)
    with pytest.raises(InvalidSetting, match="'phase'"):
        estimate_shift(image, image, max_shift_px=3, mode="phase")
    for reference, test in ((image[:32], image), (image, image[:32]), (image[:32], image[:32])):
        with pytest.raises(ShapeMismatch, match="64 x 64"):
            CrossSpectrum(64).update(reference, test)
    with pytest.raises(InvalidSetting, match="cannot merge"):
        CrossSpectrum(64).merge(CrossSpectrum(32))
