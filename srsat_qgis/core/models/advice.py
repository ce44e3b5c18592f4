"""Which algorithm and model suit which data, and what to expect: one table for README, help and pages."""

from __future__ import annotations

from typing import NamedTuple


class Advice(NamedTuple):
    """A row of the table."""

    data: str
    """What the user has."""
    algorithm: str
    """Public id, without the provider's."""
    model: str
    """Ids of the models, separated by commas; '' where there is nothing to choose."""
    settings: str
    """Values of parameters that differ from the defaults; '' for none."""
    expect: str
    """What was measured, as README and BENCHMARKS.md say it, or what the result is."""


ADVICE = (
    Advice(
        "Satellite or aerial raster, any bands, 8 to 16 bits or floats",
        "superresolve",
        "any-x2",
        "",
        "Pixels half as large; 3.5 to 5.0 dB more PSNR than bicubic without noise, 2.6 dB with 1 % of noise",
    ),
    Advice(
        "A large mosaic, no graphics card",
        "superresolve",
        "any-x2-fast",
        "",
        "Pixels half as large; 3.2 to 4.6 dB more than bicubic for a sixth of the arithmetic",
    ),
    Advice(
        "An image to look at in more detail",
        "superresolve",
        "any-x4",
        "",
        "Pixels a quarter as large; 1.8 to 2.3 dB more than bicubic: likely detail, not for measuring",
    ),
    Advice(
        "Orthophoto, drone image or basemap in red, green and blue",
        "superresolve",
        "rgb-x2, rgb-x4",
        "",
        "Pixels half or a quarter as large; 6.1 and 2.8 dB more than bicubic on unseen orthophotos",
    ),
    Advice(
        "The same, only to look at or to print",
        "superresolve",
        "rgb-x2-gan, rgb-x4-gan, rgb-x4-unet",
        "",
        "Crisper and farther from the truth; the texture is invented",
    ),
    Advice(
        "Temperatures, indices and other means, without a finer image",
        "superresolve",
        "any-x2",
        "CONSISTENCY=area",
        "The mean over each input pixel is kept to 0.04 % of the range",
    ),
    Advice(
        "A web map (XYZ, WMS, WCS)",
        "superresolve",
        "any-x2",
        "EXTENT",
        "A GeoTIFF of the extent with pixels half as large",
    ),
    Advice(
        "Sentinel-2, L1C or L2A: product or bands",
        "sentinel2",
        "s2-20m, s2-60m",
        "",
        "All bands at 10 m; 0.32 of bicubic's error at reduced scale (40 to 20 m)",
    ),
    Advice(
        "Landsat 8 or 9 for one time series with Sentinel-2",
        "harmonise",
        "landsat-x3",
        "REFERENCE_PRODUCT",
        "Sentinel-2's bands, values and 10 m pixels; on a real pair 0.93 of the error of cubic convolution",
    ),
    Advice(
        "Many dates of Landsat and Sentinel-2",
        "timeseries",
        "landsat-x3",
        "",
        "One raster a date on one 10 m grid, dated layers, and a table of how neighbouring dates agree",
    ),
    Advice(
        "Coarse land-surface temperatures and a finer image",
        "sharpenthermal",
        "lst-x4, lst-x8",
        "GUIDES",
        "Pixels a quarter or an eighth as large, means kept; the detail is likely, not measured",
    ),
    Advice(
        "Multispectral and panchromatic band",
        "pansharpen",
        "",
        "PAN",
        "All bands on the grid of the panchromatic band, consistent with the multispectral raster",
    ),
    Advice(
        "Tiles of a web map: folder, MBTiles, layer",
        "superresolvetiles",
        "rgb-luma-x2",
        "",
        "One more zoom level (two with rgb-x4), or @2x tiles",
    ),
    Advice(
        "A folder of scenes, or one huge mosaic",
        "batchfolder",
        "any-x2",
        "",
        "One result a scene, with a table; what fails is named and does not stop the others",
    ),
    Advice(
        "Any raster, and no idea which model to take",
        "preview",
        "",
        "MODELS",
        "What the map shows, through each model in seconds, side by side",
    ),
    Advice(
        "Your own sensor, and a shipped model that disappoints",
        "trainmodel",
        "",
        "DATA, BASE_MODEL",
        "A model trained on your rasters; its page compares it with the one it started from",
    ),
)


def advised_model(algorithm: str) -> str:
    """Return the first model that the table names for an algorithm; '' where it names none."""
    return next((row.model.split(",")[0] for row in ADVICE if row.algorithm == algorithm and row.model), "")
