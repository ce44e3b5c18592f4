"""Which onnxruntime suits a computer, by what NVIDIA's driver says."""

from __future__ import annotations

import sys

import pytest

from srsat_qgis.core.engine.cuda import Driver, Gpu
from srsat_qgis.core.install.onnxruntime import CPU_PACKAGE, GPU_PACKAGE, suggested

NEW, OLD = Gpu("New card", (8, 6), 24576), Gpu("Old card", (6, 1), 8192)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no CUDA")
@pytest.mark.parametrize(
    ("driver", "package", "version", "why"),
    [
        (Driver("no NVIDIA driver is installed"), CPU_PACKAGE, "", "no NVIDIA driver"),
        (Driver("the NVIDIA driver finds no card", (13, 0)), CPU_PACKAGE, "", "finds no card"),
        (Driver("", (13, 0), (NEW,)), GPU_PACKAGE, "", "New card"),
        (Driver("", (12, 8), (NEW,)), GPU_PACKAGE, "<1.27", "New card"),
        (Driver("", (13, 0), (OLD,)), GPU_PACKAGE, "<1.27", "Old card"),
        (Driver("", (11, 8), (NEW,)), CPU_PACKAGE, "", "too old"),
    ],
)
def test_the_package_follows_driver_and_card(driver, package, version, why):
    found = suggested(driver)
    assert (found.package, found.version) == (package, version)
    assert why in found.why


def test_macos_gets_the_package_for_the_processor(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert suggested(Driver("", (13, 0), (NEW,))).package == CPU_PACKAGE
