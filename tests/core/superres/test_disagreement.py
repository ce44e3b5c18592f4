"""The eight orientations of an image, and how much a model's answers to them differ."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import ShapeMismatch
from srsat_qgis.core.superres.disagreement import PASSES, eight_passes, turned, turned_back

IMAGE = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)


def doubled(images) -> np.ndarray:
    return images["image"].repeat(2, axis=1).repeat(2, axis=2)


def test_the_eight_orientations_differ_and_the_first_is_the_image_itself():
    assert len({turned(IMAGE, *way).tobytes() for way in PASSES}) == 8
    np.testing.assert_array_equal(turned(IMAGE, *PASSES[0]), IMAGE)


@pytest.mark.parametrize("way", PASSES)
def test_turning_back_undoes_turning(way):
    np.testing.assert_array_equal(turned_back(turned(IMAGE, *way), *way), IMAGE)
    assert turned(IMAGE, *way).shape == ((2, 3, 4) if way[0] % 2 == 0 else (2, 4, 3))


def test_a_model_that_treats_all_directions_alike_agrees_with_itself():
    mean, spread = eight_passes(doubled, {"image": IMAGE})
    np.testing.assert_array_equal(mean, doubled({"image": IMAGE}))
    assert not spread.any()


def test_mean_and_disagreement_are_those_of_the_passes():
    """A model that adds a ramp along its rows: seen from all sides, each pixel gets one of eight additions."""

    def sloped(images) -> np.ndarray:
        rows, cols = images["image"].shape[1:]
        return images["image"] + np.arange(cols)[None, None] ** 2 + 7 * np.arange(rows)[None, :, None]

    mean, spread = eight_passes(sloped, {"image": IMAGE})
    answers = np.stack([turned_back(sloped({"image": turned(IMAGE, *way)}), *way) for way in PASSES])
    np.testing.assert_allclose(mean, answers.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(spread, answers.std(axis=0), rtol=1e-5)
    assert spread.std() > 0.1


def test_small_differences_of_large_values_are_found():
    def jittered(images) -> np.ndarray:
        return images["image"] + (0.25 if images["image"].shape[1] == 3 else -0.25)

    _, spread = eight_passes(jittered, {"image": IMAGE + np.float32(100000)})
    np.testing.assert_allclose(spread, 0.25, rtol=1e-3)


def test_all_inputs_are_turned_alike_and_given_contiguous():
    def joined(images) -> np.ndarray:
        assert all(image.flags.c_contiguous for image in images.values())
        return doubled({"image": images["coarse"]}) - images["fine"]

    fine = doubled({"image": IMAGE}) + 1
    mean, spread = eight_passes(joined, {"coarse": IMAGE, "fine": fine})
    np.testing.assert_array_equal(mean, -np.ones_like(fine))
    assert not spread.any()


def test_a_runner_may_use_its_memory_again():
    buffer = np.empty((2, 12), np.float32)

    def reusing(images) -> np.ndarray:
        buffer[:] = images["image"].reshape(2, 12)
        return buffer.reshape(images["image"].shape)

    mean, spread = eight_passes(reusing, {"image": IMAGE})
    np.testing.assert_array_equal(mean, IMAGE)
    assert not spread.any()


def test_answers_of_other_sizes_are_refused():
    with pytest.raises(
        ShapeMismatch, match=r"turned by 1 quarters, the model gives \(2, 4, 3\), expected \(2, 3, 4\)"
    ):
        eight_passes(lambda images: np.zeros((2, 3, 4)), {"image": IMAGE})
