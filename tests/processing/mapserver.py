"""A WMS and a WCS in a few lines, whose pictures and values are known; for the tests of remote layers."""

from __future__ import annotations

import contextlib
import http.server
import threading
import urllib.parse
import uuid
from collections.abc import Iterator

import numpy as np
from osgeo import gdal, osr

EPSG = 32633
WEST, NORTH, PIXEL = 500000.0, 5000000.0, 100.0
WMS_EXTENT = (500000, 4990000, 510000, 5000000)
NODATA = -9999.0

_WMS = f"""<?xml version="1.0" encoding="UTF-8"?>
<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms" xmlns:xlink="http://www.w3.org/1999/xlink">
<Service><Name>WMS</Name><Title>test</Title><OnlineResource xlink:href="{{url}}"/></Service>
<Capability><Request>
<GetCapabilities><Format>text/xml</Format><DCPType><HTTP><Get><OnlineResource xlink:href="{{url}}?"/></Get></HTTP>
</DCPType></GetCapabilities>
<GetMap><Format>image/png</Format><DCPType><HTTP><Get><OnlineResource xlink:href="{{url}}?"/></Get></HTTP></DCPType>
</GetMap></Request><Exception><Format>XML</Format></Exception>
<Layer queryable="0"><Name>ramp</Name><Title>ramp</Title><CRS>EPSG:{EPSG}</CRS>
<EX_GeographicBoundingBox><westBoundLongitude>14</westBoundLongitude><eastBoundLongitude>16</eastBoundLongitude>
<southBoundLatitude>44</southBoundLatitude><northBoundLatitude>46</northBoundLatitude></EX_GeographicBoundingBox>
<BoundingBox CRS="EPSG:{EPSG}" minx="{WMS_EXTENT[0]}" miny="{WMS_EXTENT[1]}" maxx="{WMS_EXTENT[2]}"
 maxy="{WMS_EXTENT[3]}"/></Layer></Capability></WMS_Capabilities>"""

_WMS_EXCEPTION = """<?xml version="1.0"?><ServiceExceptionReport version="1.3.0"
 xmlns="http://www.opengis.net/ogc"><ServiceException>too large for me</ServiceException></ServiceExceptionReport>"""

_ENVELOPE = """<lonLatEnvelope srsName="urn:ogc:def:crs:OGC:1.3:CRS84"><gml:pos>15.0 45.0</gml:pos>
<gml:pos>15.1 45.1</gml:pos></lonLatEnvelope>"""

_WCS = f"""<?xml version="1.0" encoding="UTF-8"?>
<WCS_Capabilities version="1.0.0" xmlns="http://www.opengis.net/wcs" xmlns:gml="http://www.opengis.net/gml"
 xmlns:xlink="http://www.w3.org/1999/xlink"><Service><name>WCS</name><label>test</label></Service>
<Capability><Request>
<GetCapabilities><DCPType><HTTP><Get><OnlineResource xlink:href="{{url}}?"/></Get></HTTP></DCPType></GetCapabilities>
<DescribeCoverage><DCPType><HTTP><Get><OnlineResource xlink:href="{{url}}?"/></Get></HTTP></DCPType>
</DescribeCoverage>
<GetCoverage><DCPType><HTTP><Get><OnlineResource xlink:href="{{url}}?"/></Get></HTTP></DCPType></GetCoverage>
</Request><Exception><Format>application/vnd.ogc.se_xml</Format></Exception></Capability>
<ContentMetadata><CoverageOfferingBrief><name>height</name><label>height</label>{_ENVELOPE}
</CoverageOfferingBrief></ContentMetadata></WCS_Capabilities>"""

_WCS_DESCRIPTION = f"""<?xml version="1.0" encoding="UTF-8"?>
<CoverageDescription version="1.0.0" xmlns="http://www.opengis.net/wcs" xmlns:gml="http://www.opengis.net/gml">
<CoverageOffering><name>height</name><label>height</label>{_ENVELOPE}
<domainSet><spatialDomain><gml:Envelope srsName="EPSG:{EPSG}"><gml:pos>{{west}} {{south}}</gml:pos>
<gml:pos>{{east}} {{north}}</gml:pos></gml:Envelope>
<gml:RectifiedGrid dimension="2"><gml:limits><gml:GridEnvelope><gml:low>0 0</gml:low>
<gml:high>{{last_col}} {{last_row}}</gml:high></gml:GridEnvelope></gml:limits><gml:axisName>x</gml:axisName>
<gml:axisName>y</gml:axisName><gml:origin><gml:pos>{{west}} {{north}}</gml:pos></gml:origin>
<gml:offsetVector>{PIXEL} 0</gml:offsetVector><gml:offsetVector>0 -{PIXEL}</gml:offsetVector></gml:RectifiedGrid>
</spatialDomain></domainSet><rangeSet><RangeSet><name>r</name><label>r</label></RangeSet></rangeSet>
<supportedCRSs><requestResponseCRSs>EPSG:{EPSG}</requestResponseCRSs><nativeCRSs>EPSG:{EPSG}</nativeCRSs>
</supportedCRSs><supportedFormats nativeFormat="GeoTIFF"><formats>GeoTIFF</formats></supportedFormats>
<supportedInterpolations default="nearest neighbor"><interpolationMethod>nearest neighbor</interpolationMethod>
</supportedInterpolations></CoverageOffering></CoverageDescription>"""


def ramp(xmin: float, ymax: float, resolution: float, rows: int, cols: int) -> np.ndarray:
    """Return the WMS's picture, (3, rows, cols): red grows eastwards, green southwards, one every 40 m."""
    east = xmin + (np.arange(cols) + 0.5) * resolution - WMS_EXTENT[0]
    south = WMS_EXTENT[3] - (ymax - (np.arange(rows) + 0.5) * resolution)
    red, green = np.meshgrid((east / 40).astype(np.uint8), (south / 40).astype(np.uint8))
    return np.stack([red, green, np.full_like(red, 7)])


class _Server(http.server.ThreadingHTTPServer):
    """Holds what the services serve."""

    def __init__(self, heights: np.ndarray) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        # A folder of its own: a port can be one of an earlier server, whose answers QGIS keeps by address.
        self.address = f"http://127.0.0.1:{self.server_port}/{uuid.uuid4().hex}/"
        self.refuse_west_of: float | None = None
        """GetMap answers with a service exception where the picture starts west of this."""
        rows, cols = heights.shape
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(EPSG)
        self.heights = gdal.GetDriverByName("MEM").Create("", cols, rows, 1, gdal.GDT_Float32)
        self.heights.SetProjection(reference.ExportToWkt())
        self.heights.SetGeoTransform((WEST, PIXEL, 0, NORTH, 0, -PIXEL))
        self.heights.GetRasterBand(1).SetNoDataValue(NODATA)
        self.heights.GetRasterBand(1).WriteArray(heights)
        self.lock = threading.Lock()  # GDAL datasets serve one thread at a time


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        query = urllib.parse.parse_qsl(urllib.parse.urlparse(self.path).query)
        asked = {key.upper(): value for key, value in query}
        with self.server.lock:
            kind, body = self._answer(asked)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _answer(self, asked: dict[str, str]) -> tuple[str, bytes]:
        request = asked.get("REQUEST")
        if request == "GetCapabilities":
            template = _WCS if asked.get("SERVICE") == "WCS" else _WMS
            return "text/xml", template.format(url=self.server.address.rstrip("/")).encode()
        if request == "DescribeCoverage":
            return "text/xml", self._description().encode()
        xmin, ymin, xmax, ymax = (float(value) for value in asked["BBOX"].split(","))
        cols, rows = int(asked["WIDTH"]), int(asked["HEIGHT"])
        if request == "GetCoverage":
            bounds = (xmin, ymin, xmax, ymax)
            return "image/tiff", _encoded(
                lambda path: gdal.Warp(
                    path, self.server.heights, outputBounds=bounds, width=cols, height=rows
                )
            )
        if self.server.refuse_west_of is not None and xmin < self.server.refuse_west_of:
            return "text/xml", _WMS_EXCEPTION.encode()
        picture = gdal.GetDriverByName("MEM").Create("", cols, rows, 3, gdal.GDT_Byte)
        picture.WriteArray(ramp(xmin, ymax, (xmax - xmin) / cols, rows, cols))
        return "image/png", _encoded(lambda path: gdal.GetDriverByName("PNG").CreateCopy(path, picture))

    def _description(self) -> str:
        cols, rows = self.server.heights.RasterXSize, self.server.heights.RasterYSize
        return _WCS_DESCRIPTION.format(
            west=WEST,
            north=NORTH,
            east=WEST + cols * PIXEL,
            south=NORTH - rows * PIXEL,
            last_col=cols - 1,
            last_row=rows - 1,
        )


def _encoded(write) -> bytes:
    """Return the bytes of the file that ``write`` makes at the path it is given."""
    path = f"/vsimem/mapserver-{threading.get_ident()}"
    dataset = write(path)
    dataset.FlushCache()
    del dataset
    file = gdal.VSIFOpenL(path, "rb")
    content = bytes(gdal.VSIFReadL(1, gdal.VSIStatL(path).size, file))
    gdal.VSIFCloseL(file)
    gdal.Unlink(path)
    return content


@contextlib.contextmanager
def running(heights: np.ndarray) -> Iterator[_Server]:
    """Serve a WMS layer ``ramp`` and ``heights`` (rows, cols) as the WCS coverage ``height``."""
    with _Server(heights) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
