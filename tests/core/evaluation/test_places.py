"""The places that a report shows: the worst ones, apart from each other, with their surroundings."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.evaluation.evaluate import Options, evaluate
from tests.rasters import NORTH_UP, texture, write_raster

SIDE = 64
ERRORS = {(0, 0): 50, (0, 1): 49, (1, 1): 48, (2, 3): 40, (2, 6): 30, (5, 0): 20, (5, 3): 10, (5, 6): 5}


@pytest.fixture(scope="module", name="found")
def _found(tmp_path_factory):
    """The evaluation of a raster of 6 x 7 places: some with an error, one that is hardly valid with a large one."""
    folder = tmp_path_factory.mktemp("places")
    truth = np.rint(texture(2, 6 * SIDE, 7 * SIDE)).astype(np.uint16)
    test = truth.copy()
    for (row, col), error in ERRORS.items():
        test[:, row * SIDE : (row + 1) * SIDE, col * SIDE : (col + 1) * SIDE] += error
    test[:, 4 * SIDE : 5 * SIDE, 5 * SIDE : 6 * SIDE] += 900
    test[:, 4 * SIDE : 4 * SIDE + 40, 5 * SIDE : 6 * SIDE] = 0
    # Of a place exactly half is known: that is enough.
    test[:, 2 * SIDE : 2 * SIDE + 32, 6 * SIDE : 7 * SIDE] = 0
    paths = [
        write_raster(folder / f"{name}.tif", image, nodata=0)
        for name, image in (("truth", truth), ("test", test))
    ]
    return evaluate(paths[1], reference=paths[0], options=Options(metrics=("rmse",), data_range=10000.0))


def test_five_places_are_shown_worst_first_and_no_neighbours(found):
    places = [(place.window.row // SIDE, place.window.col // SIDE) for place in found.pictures.places]
    assert places == [(0, 0), (2, 3), (2, 6), (5, 0), (5, 3)]
    assert [place.rmse for place in found.pictures.places] == pytest.approx([50, 40, 30, 20, 10])
    assert all(place.window[2:] == (SIDE, SIDE) for place in found.pictures.places)


def test_a_place_is_shown_with_its_surroundings_as_far_as_the_raster_goes(found):
    first, second, third, *_ = found.pictures.places
    for place in (first, second, third):
        assert {name: image.shape for name, image in place.details.items()} == {
            "test": (1, 96, 96),
            "reference": (1, 96, 96),
            "error": (1, 96, 96),
        }
    # The place lies in the corner, in the middle, and at the right edge of its picture.
    assert first.details["error"][0, :64, :64] == pytest.approx(50)
    assert second.details["error"][0, 16:80, 16:80] == pytest.approx(40)
    assert third.details["error"][0, 48:80, 32:] == pytest.approx(30)
    assert np.count_nonzero(second.details["error"] == 40) == SIDE**2


def test_a_place_knows_its_ground(found):
    x0, y0 = NORTH_UP[0] + 10 * 3 * SIDE, NORTH_UP[3] - 10 * 2 * SIDE
    assert found.pictures.places[1].extent == (x0, y0 - 640, x0 + 640, y0)
    facts = found.facts["worst_places"][1]
    assert facts["centre"] == [x0 + 320, y0 - 320]
    assert facts["extent_text"] == f"{x0:.0f},{x0 + 640:.0f},{y0 - 640:.0f},{y0:.0f} [EPSG:32633]"
    assert facts["bicubic_rmse"] is None
