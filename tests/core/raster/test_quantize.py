"""From floats to the output's type: rounding, clipping, nodata."""

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.raster.quantize import NUMPY_TYPES, check_nodata, quantize, quantize_alpha


def _row(*values):
    return np.array([[values]], np.float32)


def test_values_are_rounded_and_clipped_at_the_end():
    result = quantize(_row(-5, 1233.6, 1234.4, 70000), None, data_type="UInt16", nodata=None)
    assert result.dtype == np.uint16
    assert result.tolist() == [[[0, 1234, 1234, 65535]]]


@pytest.mark.parametrize(
    "data_type", [name for name, kind in NUMPY_TYPES.items() if np.dtype(kind).kind != "f"]
)
def test_extreme_values_reach_the_ends_of_every_integer_type(data_type):
    limits = np.iinfo(NUMPY_TYPES[data_type])
    result = quantize(_row(-1e30, 1e30), None, data_type=data_type, nodata=None)
    assert result.tolist() == [[[limits.min, limits.max]]]


@pytest.mark.parametrize(
    ("nodata", "seen", "written"), [(0, 0.2, 1), (255, 255, 254), (100, 99.6, 99), (100, 100.4, 101)]
)
def test_a_valid_value_never_becomes_nodata(nodata, seen, written):
    valid = np.array([[[True, False]]])
    result = quantize(_row(seen, seen), valid, data_type="Byte", nodata=nodata)
    assert result.tolist() == [[[written, nodata]]]


def test_a_valid_value_of_64_bits_is_moved_off_nodata_by_one():
    result = quantize(np.array([[[2.0**63]]]), None, data_type="UInt64", nodata=2.0**63)
    assert result.tolist() == [[[2**63 + 1]]]


def test_a_valid_float_equal_to_nodata_moves_by_one_step():
    result = quantize(_row(-9999, 3), None, data_type="Float32", nodata=-9999.0)
    assert result[0, 0, 0] == np.nextafter(np.float32(-9999), np.float32(np.inf))
    assert result[0, 0, 1] == 3


def test_invalid_floats_become_nan_where_no_nodata_value_is_named():
    result = quantize(_row(1, 2), np.array([[[True, False]]]), data_type="Float32", nodata=None)
    assert result[0, 0, 0] == 1
    assert np.isnan(result[0, 0, 1])


def test_finite_doubles_stay_finite_in_smaller_floats():
    result = quantize(np.array([[[1e300, -1e300, np.nan]]]), None, data_type="Float32", nodata=None)
    limits = np.finfo(np.float32)
    np.testing.assert_array_equal(result.ravel(), [limits.max, limits.min, np.nan])


@pytest.mark.parametrize("data_type", sorted(NUMPY_TYPES))
@pytest.mark.parametrize("alpha", [[0, 0.4, 1], [0, 256, 65535], [-1, 300, 2**40], [np.nan, 1, 255]])
def test_alpha_is_above_0_in_any_type_where_it_was(data_type, alpha):
    result = quantize_alpha(np.array([alpha]), data_type=data_type)
    assert result.dtype == NUMPY_TYPES[data_type]
    assert (result > 0).tolist() == [[False, True, True]]


def test_centres_are_added_in_double_precision():
    result = quantize(_row(0.25, -0.25), None, data_type="Float64", nodata=None, centres=[5e9])
    assert result.tolist() == [[[5e9 + 0.25, 5e9 - 0.25]]]


@pytest.mark.parametrize(("nodata", "data_type"), [(-9999, "Byte"), (0.5, "UInt16"), (float("nan"), "Int16")])
def test_a_nodata_value_that_the_type_cannot_hold_is_refused(nodata, data_type):
    with pytest.raises(InvalidSetting, match="cannot be written as"):
        check_nodata(nodata, data_type, what="NODATA")
