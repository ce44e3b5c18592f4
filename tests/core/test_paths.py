"""Files: what identifies one, and a reading of it that can be cancelled."""

from __future__ import annotations

import hashlib

import pytest

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.paths import file_sha256
from srsat_qgis.core.types import SilentProgress


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "long"
    path.write_bytes(bytes(range(256)) * 10_000)
    return path


def test_the_digest_is_that_of_all_bytes(file):
    assert file_sha256(file) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_file_that_is_not_there_is_pythons_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        file_sha256(tmp_path / "none")


def test_a_cancel_ends_the_reading(file):
    progress = SilentProgress()
    progress.cancelled = True
    with pytest.raises(Cancelled, match="long"):
        file_sha256(file, progress)
