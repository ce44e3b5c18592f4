"""Cut training patches out of rasters: a folder of numpy arrays and one manifest.

The trainer reads numpy only, so rasters are opened here, where GDAL is. A *store* is a folder with
``manifest.json`` and, for each source, split and layer, ``<source>.<split>.<layer>.npy``: patches
``(n, bands, side, side)`` in the type of the raster, and ``<source>.<split>.<layer>.stats.npy``: float32
``(n, bands, 2)``, mean and standard deviation of every plane. Patch k of every layer covers the same ground and has
``size / ratio`` pixels a side; a source that lists no layers has one, ``target``.

The manifest names each source with its files and their checksums, licence, layers, bands, ground sampling distance,
value range, quantisation step, split and the number of patches, and why patches were left out.

A patch is kept when every pixel of it is valid and not more than 1 % are saturated. Training and validation
never share ground: either whole files are held out, or the lower strip of every raster, and then a guard
band of one patch between the two belongs to neither.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from srsat_qgis.core.patches.listed import build_store, read_sources


def main(arguments: Sequence[str] | None = None) -> None:
    """Build a store from a list of sources: ``python -m srsat_qgis.core.patches LIST ROOT OUTPUT``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("sources", type=Path, help="JSON file that lists the sources")
    parser.add_argument("root", type=Path, help="folder that the files of the sources are below")
    parser.add_argument("output", type=Path, help="folder of the store")
    parser.add_argument("--size", type=int, default=128, help="side of a patch in pixels")
    options = parser.parse_args(arguments)
    build_store(read_sources(options.sources), options.root, options.output, size=options.size)


if __name__ == "__main__":
    main()
