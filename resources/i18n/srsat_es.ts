<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es_ES" sourcelanguage="en">
 <context>
  <name>BatchFolder</name>
  <message>
   <source>Scenes (folder, pattern, list or raster)</source>
   <translation>Escenas (carpeta, patrón, lista o ráster)</translation>
  </message>
  <message>
   <source>A folder of rasters or of products of Sentinel-2 or Landsat, or one raster or product. Also a pattern such as scenes/2024*/*.tif, a text file with a path a line, or a STAC item or item collection. Several are separated by semicolons.</source>
   <translation>Una carpeta de rásteres o de productos Sentinel-2 o Landsat, o un solo ráster o producto. También un patrón como scenes/2024*/*.tif, un archivo de texto con una ruta por línea, o un ítem o una colección de ítems STAC. Varios se separan con puntos y comas.</translation>
  </message>
  <message>
   <source>Algorithm</source>
   <translation>Algoritmo</translation>
  </message>
  <message>
   <source>superresolve: rasters, with the model below. sentinel2: Sentinel-2 products, all bands at 10 m. sharpenthermal: rasters of temperatures. harmonise: Landsat 8 and 9 products at 10 m.</source>
   <translation>superresolve: rásteres, con el modelo de abajo. sentinel2: productos Sentinel-2, todas las bandas a 10 m. sharpenthermal: rásteres de temperaturas. harmonise: productos Landsat 8 y 9 a 10 m.</translation>
  </message>
  <message>
   <source>Model (superresolve only)</source>
   <translation>Modelo (solo superresolve)</translation>
  </message>
  <message>
   <source>A shipped model or one in your models folder. In scripts, give its id.</source>
   <translation>Un modelo incluido o uno de su carpeta de modelos. En los scripts, indique su id.</translation>
  </message>
  <message>
   <source>More parameters of the algorithm (JSON)</source>
   <translation>Más parámetros del algoritmo (JSON)</translation>
  </message>
  <message>
   <source>Parameters of the toolbox's algorithm by name, such as {"CONSISTENCY": "area", "BANDS": [1, 2, 3]}. GUIDES, REFERENCE and the like are paths from each scene's folder on, in which {name} stands for the scene's name: {"GUIDES": ["guides/{name}_ndvi.tif"], "MODEL": "lst-x4-guided"}.</source>
   <translation>Parámetros del algoritmo de la caja de herramientas por su nombre, como {"CONSISTENCY": "area", "BANDS": [1, 2, 3]}. GUIDES, REFERENCE y similares son rutas a partir de la carpeta de cada escena, en las que {name} representa el nombre de la escena: {"GUIDES": ["guides/{name}_ndvi.tif"], "MODEL": "lst-x4-guided"}.</translation>
  </message>
  <message>
   <source>Size of a unit (output pixels)</source>
   <translation>Tamaño de una unidad (píxeles de salida)</translation>
  </message>
  <message>
   <source>Rasters that are larger are cut into units of about this side. Empty: 4096 for one raster alone; several rasters are not cut.</source>
   <translation>Los rásteres mayores se cortan en unidades de aproximadamente este lado. Vacío: 4096 para un solo ráster; varios rásteres no se cortan.</translation>
  </message>
  <message>
   <source>Processes</source>
   <translation>Procesos</translation>
  </message>
  <message>
   <source>Empty: as many as the computer has processors and memory for; one where the device is cuda.</source>
   <translation>Vacío: tantos como permitan los procesadores y la memoria del equipo; uno si el dispositivo es cuda.</translation>
  </message>
  <message>
   <source>Address of a Dask scheduler</source>
   <translation>Dirección de un planificador de Dask</translation>
  </message>
  <message>
   <source>Such as tcp://host:8786. Its workers do the units instead of this computer, and must reach input and output by the same paths. Needs the package distributed in the Python of QGIS. Empty: this computer.</source>
   <translation>Por ejemplo tcp://host:8786. Sus workers procesan las unidades en lugar de este equipo, y deben acceder a la entrada y la salida por las mismas rutas. Necesita el paquete distributed en el Python de QGIS. Vacío: este equipo.</translation>
  </message>
  <message>
   <source>Folder of the plan and its results</source>
   <translation>Carpeta del plan y de sus resultados</translation>
  </message>
  <message>
   <source>Holds the plan, the models, one result and one record for each unit, and a report.</source>
   <translation>Contiene el plan, los modelos, un resultado y un registro por unidad, y un informe.</translation>
  </message>
  <message>
   <source>Summary</source>
   <translation>Resumen</translation>
  </message>
  <message>
   <source>A table with a row for each unit: state, verdict, seconds, blur, difference to the input, reason.</source>
   <translation>Una tabla con una fila por unidad: estado, veredicto, segundos, desenfoque, diferencia con la entrada, motivo.</translation>
  </message>
  <message>
   <source>Mosaic of one raster</source>
   <translation>Mosaico de un solo ráster</translation>
  </message>
  <message>
   <source>Only for a single raster: a virtual raster (.vrt) that shows the results where they are, or one cloud-optimised GeoTIFF (.tif) with overviews.</source>
   <translation>Solo para un único ráster: un ráster virtual (.vrt) que muestra los resultados donde están, o un GeoTIFF optimizado para la nube (.tif) con vistas generales.</translation>
  </message>
  <message>
   <source>Number of units</source>
   <translation>Número de unidades</translation>
  </message>
  <message>
   <source>Units that are done</source>
   <translation>Unidades terminadas</translation>
  </message>
  <message>
   <source>Units that have failed</source>
   <translation>Unidades fallidas</translation>
  </message>
  <message>
   <source>Page over all units (HTML)</source>
   <translation>Página de todas las unidades (HTML)</translation>
  </message>
  <message>
   <source>Super-resolve scenes of a folder or a huge mosaic</source>
   <translation>Superresolución de las escenas de una carpeta o de un mosaico enorme</translation>
  </message>
  <message>
   <source>Super-resolves all scenes of a folder, or cuts one raster of any size into units, with several processes or a Dask cluster, and goes on where an earlier run stopped.</source>
   <translation>Aplica la superresolución a todas las escenas de una carpeta, o corta un ráster de cualquier tamaño en unidades, con varios procesos o un clúster Dask, y continúa donde se detuvo una ejecución anterior.</translation>
  </message>
  <message>
   <source>Super-resolves all scenes that the input names, each into a cloud-optimised GeoTIFF. One large raster alone is cut into units of about 4096 x 4096 output pixels. Put together, they have the pixels of a run in one go: what is measured of the whole raster is measured before, and each unit reads its own surroundings.

The run may be cancelled, or its processes may die, at any time. Run it again with the same settings and the same output folder, and it goes on. A broken scene fails alone; the summary tells why.

The output folder is a plan that other machines can work on: python -m srsat_qgis.cluster run FOLDER. The help says how, on clusters with SSH, Slurm or Kubernetes too.</source>
   <translation>Aplica la superresolución a todas las escenas que indica la entrada, cada una en un GeoTIFF optimizado para la nube. Un solo ráster grande se corta en unidades de unos 4096 x 4096 píxeles de salida. Juntas tienen los píxeles de una ejecución de una sola vez: lo que se mide en todo el ráster se mide antes, y cada unidad lee su propio entorno.

La ejecución puede cancelarse, o sus procesos terminar, en cualquier momento. Ejecútela de nuevo con los mismos ajustes y la misma carpeta de salida, y continúa. Una escena dañada falla ella sola; el resumen dice por qué.

La carpeta de salida es un plan en el que pueden trabajar otras máquinas: python -m srsat_qgis.cluster run FOLDER. La ayuda dice cómo, también en clústeres con SSH, Slurm o Kubernetes.</translation>
  </message>
  <message>
   <source>batch</source>
   <translation>procesamiento por lotes</translation>
  </message>
  <message>
   <source>many scenes</source>
   <translation>muchas escenas</translation>
  </message>
  <message>
   <source>folder</source>
   <translation>carpeta</translation>
  </message>
  <message>
   <source>mosaic</source>
   <translation>mosaico</translation>
  </message>
  <message>
   <source>cluster</source>
   <translation>clúster</translation>
  </message>
  <message>
   <source>dask</source>
   <translation>dask</translation>
  </message>
  <message>
   <source>slurm</source>
   <translation>slurm</translation>
  </message>
  <message>
   <source>parallel</source>
   <translation>paralelo</translation>
  </message>
  <message>
   <source>stac</source>
   <translation>stac</translation>
  </message>
  <message>
   <source>vrt</source>
   <translation>vrt</translation>
  </message>
 </context>
 <context>
  <name>Compare</name>
  <message>
   <source>Super-resolved rasters</source>
   <translation>Rásteres superresueltos</translation>
  </message>
  <message>
   <source>The rasters to compare, each on the grid of the reference.</source>
   <translation>Los rásteres que comparar, cada uno en la cuadrícula de la referencia.</translation>
  </message>
  <message>
   <source>Models to run</source>
   <translation>Modelos que ejecutar</translation>
  </message>
  <message>
   <source>The results of these models are compared too.</source>
   <translation>También se comparan los resultados de estos modelos.</translation>
  </message>
  <message>
   <source>The raster that the others were made from. The models run on it, and its bicubic upsampling is measured for comparison.</source>
   <translation>El ráster del que se hicieron los demás. Los modelos se ejecutan sobre él, y su ampliación bicúbica se mide como comparación.</translation>
  </message>
  <message>
   <source>Device for the models</source>
   <translation>Dispositivo para los modelos</translation>
  </message>
  <message>
   <source>auto: an NVIDIA graphics card if it works, else the processor. cuda: the graphics card. cpu: the processor.</source>
   <translation>auto: una tarjeta gráfica NVIDIA si funciona, si no el procesador. cuda: la tarjeta gráfica. cpu: el procesador.</translation>
  </message>
  <message>
   <source>Comparison report (HTML)</source>
   <translation>Informe comparativo (HTML)</translation>
  </message>
  <message>
   <source>One HTML file with all numbers, maps and details. It needs no network.</source>
   <translation>Un archivo HTML con todos los números, mapas y detalles. No necesita red.</translation>
  </message>
  <message>
   <source>Best in most measures (several in case of a tie)</source>
   <translation>El mejor en la mayoría de las medidas (varios en caso de empate)</translation>
  </message>
  <message>
   <source>Number of rasters compared</source>
   <translation>Número de rásteres comparados</translation>
  </message>
  <message>
   <source>Compare rasters or models</source>
   <translation>Comparar rásteres o modelos</translation>
  </message>
  <message>
   <source>Ranks several rasters, or several models on one raster, by comparison with one reference.</source>
   <translation>Ordena varios rásteres, o varios modelos sobre un ráster, comparándolos con una misma referencia.</translation>
  </message>
  <message>
   <source>Measures several super-resolved rasters of the same area against one reference, on the same pixels. The report has one table, one sheet that shows all of them side by side, and marks the best for each measure.

You can also choose models: each is run on the low-resolution input with its default settings. Their results are measured and then deleted; use Super-resolve raster to keep one.

All rasters must be on the grid of the reference.</source>
   <translation>Mide varios rásteres superresueltos de la misma zona frente a una referencia, en los mismos píxeles. El informe tiene una tabla y una lámina que los muestra todos uno al lado del otro, y señala los mejores en cada medida.

También pueden elegirse modelos: cada uno se ejecuta sobre la entrada de baja resolución con sus ajustes predeterminados. Sus resultados se miden y después se borran; para conservar uno, use 'Superresolución de un ráster'.

Todos los rásteres deben estar en la cuadrícula de la referencia.</translation>
  </message>
  <message>
   <source>rank</source>
   <translation>clasificación</translation>
  </message>
  <message>
   <source>best model</source>
   <translation>mejor modelo</translation>
  </message>
 </context>
 <context>
  <name>Coregister</name>
  <message>
   <source>Raster to shift</source>
   <translation>Ráster que desplazar</translation>
  </message>
  <message>
   <source>Any raster that GDAL can open.</source>
   <translation>Cualquier ráster que GDAL pueda abrir.</translation>
  </message>
  <message>
   <source>Reference raster</source>
   <translation>Ráster de referencia</translation>
  </message>
  <message>
   <source>A raster whose position is correct. Its pixel size and CRS may differ.</source>
   <translation>Un ráster cuya posición es correcta. Su tamaño de píxel y su SRC pueden ser distintos.</translation>
  </message>
  <message>
   <source>Band to compare</source>
   <translation>Banda que comparar</translation>
  </message>
  <message>
   <source>The band of the raster that is most similar to the reference. Default: the first. All bands are shifted.</source>
   <translation>La banda del ráster más parecida a la referencia. Predeterminada: la primera. Se desplazan todas las bandas.</translation>
  </message>
  <message>
   <source>Reference band to compare</source>
   <translation>Banda de la referencia que comparar</translation>
  </message>
  <message>
   <source>The band of the reference that is compared. Default: the first.</source>
   <translation>La banda de la referencia que se compara. Predeterminada: la primera.</translation>
  </message>
  <message>
   <source>What to compare</source>
   <translation>Qué se compara</translation>
  </message>
  <message>
   <source>intensity: the values, for bands that look alike or inverted. gradient: the direction of edges, for bands that look different. auto: intensity, and gradient if the confidence of that is too low; bright and dark parts of both rasters are asked too, so that clouds that have moved give no shift.</source>
   <translation>intensity: los valores, para bandas de aspecto parecido o invertido. gradient: la dirección de los bordes, para bandas de aspecto distinto. auto: intensity, y gradient si su confianza es demasiado baja; también se consultan las partes claras y oscuras de ambos rásteres, para que las nubes que se han movido no den un desplazamiento.</translation>
  </message>
  <message>
   <source>Largest shift (input pixels)</source>
   <translation>Desplazamiento máximo (píxeles de entrada)</translation>
  </message>
  <message>
   <source>Shifts up to this length are searched, in all directions. A smaller limit gives a more certain result.</source>
   <translation>Se buscan desplazamientos de hasta esta longitud, en todas las direcciones. Un límite menor da un resultado más seguro.</translation>
  </message>
  <message>
   <source>Extent to compare (empty: whole raster)</source>
   <translation>Extensión que comparar (vacía: todo)</translation>
  </message>
  <message>
   <source>The part that is compared, in any CRS. The whole raster is shifted.</source>
   <translation>La parte que se compara, en cualquier SRC. Se desplaza todo el ráster.</translation>
  </message>
  <message>
   <source>Resampling</source>
   <translation>Remuestreo</translation>
  </message>
  <message>
   <source>none: only the georeference changes; the pixels and their values stay. All others compute new pixels on the grid below (GRID).</source>
   <translation>none: solo cambia la georreferencia; los píxeles y sus valores se mantienen. Todos los demás calculan píxeles nuevos en la cuadrícula de abajo (GRID).</translation>
  </message>
  <message>
   <source>Grid of the resampled output</source>
   <translation>Cuadrícula de la salida remuestreada</translation>
  </message>
  <message>
   <source>input: extent and pixels of the raster before the shift. reference: extent, pixels and CRS of the reference, so that the two can be stacked.</source>
   <translation>input: extensión y píxeles del ráster antes del desplazamiento. reference: extensión, píxeles y SRC de la referencia, de modo que ambos puedan apilarse.</translation>
  </message>
  <message>
   <source>Shifted raster</source>
   <translation>Ráster desplazado</translation>
  </message>
  <message>
   <source>Empty: the shift is only measured.</source>
   <translation>Vacío: el desplazamiento solo se mide.</translation>
  </message>
  <message>
   <source>Shift to add to x (map units)</source>
   <translation>Desplazamiento que sumar a x (unidades del mapa)</translation>
  </message>
  <message>
   <source>Shift to add to y (map units)</source>
   <translation>Desplazamiento que sumar a y (unidades del mapa)</translation>
  </message>
  <message>
   <source>Shift along the columns (input pixels)</source>
   <translation>Desplazamiento a lo largo de las columnas (píxeles de entrada)</translation>
  </message>
  <message>
   <source>Shift along the rows (input pixels)</source>
   <translation>Desplazamiento a lo largo de las filas (píxeles de entrada)</translation>
  </message>
  <message>
   <source>Confidence (0 to 1)</source>
   <translation>Confianza (0 a 1)</translation>
  </message>
  <message>
   <source>Correlation of fine detail before the shift</source>
   <translation>Correlación del detalle fino antes del desplazamiento</translation>
  </message>
  <message>
   <source>Correlation of fine detail after the shift</source>
   <translation>Correlación del detalle fino después del desplazamiento</translation>
  </message>
  <message>
   <source>Status (measured or undetermined)</source>
   <translation>Estado (measured o undetermined)</translation>
  </message>
  <message>
   <source>Co-register raster</source>
   <translation>Corregistrar ráster</translation>
  </message>
  <message>
   <source>Measures the shift between a raster and a reference to a fraction of a pixel, and corrects it.</source>
   <translation>Mide el desplazamiento entre un ráster y una referencia con precisión de fracciones de píxel, y lo corrige.</translation>
  </message>
  <message>
   <source>Measures the shift between a raster and a reference to a fraction of a pixel. If you name an output, it writes the shifted raster. The two rasters may come from different sensors and may differ in pixel size, grid, CRS and content: for example a red band and a panchromatic one, or a vegetation index and surface temperature. One shift is measured for the whole raster; rotation and distortion are not corrected.

The shift (DX, DY) must be added to the coordinates of the raster to align it with the reference. It is in map units of the raster's CRS, positive to the east and north. DX_PIXELS and DY_PIXELS are the same shift along the raster's columns and rows, in its pixels, positive to the right and downwards.

The confidence (CONFIDENCE) is 1 minus a ratio: the best correlation at other shifts, or the one expected by chance, divided by the correlation at the measured shift. If it is below 0.3, as for flat or unrelated rasters, the status (STATUS) is 'undetermined': there is no shift, nothing is moved, and asking for an output is an error. So it is where bright and dark parts show shifts that are more than 1.5 pixels apart, as clouds do that have moved: mask them, or choose what to compare (MODE), which leaves this question out. The correlations before and after the shift (CORRELATION_BEFORE, CORRELATION_AFTER) compare the fine detail of the two rasters; they are negative if dark and bright are inverted.</source>
   <translation>Mide el desplazamiento entre un ráster y una referencia con precisión de fracciones de píxel. Si se indica una salida, escribe el ráster desplazado. Los dos rásteres pueden proceder de sensores distintos y diferir en tamaño de píxel, cuadrícula, SRC y contenido: por ejemplo una banda roja y una pancromática, o un índice de vegetación y la temperatura de superficie. Se mide un solo desplazamiento para todo el ráster; la rotación y la distorsión no se corrigen.

El desplazamiento (DX, DY) debe sumarse a las coordenadas del ráster para alinearlo con la referencia. Está en unidades del SRC del ráster, positivo hacia el este y el norte. DX_PIXELS y DY_PIXELS son el mismo desplazamiento a lo largo de las columnas y filas del ráster, en sus píxeles, positivo hacia la derecha y hacia abajo.

La confianza (CONFIDENCE) es 1 menos un cociente: la mejor correlación con otros desplazamientos, o la que se espera por azar, dividida por la correlación en el desplazamiento medido. Si es menor que 0,3, como con rásteres uniformes o sin relación, el estado (STATUS) es 'undetermined': no hay desplazamiento, no se mueve nada, y pedir una salida es un error. Lo mismo ocurre donde las partes claras y oscuras muestran desplazamientos separados por más de 1,5 píxeles, como hacen las nubes que se han movido: enmascárelas, o elija qué se compara (MODE), lo que omite esta pregunta. Las correlaciones antes y después del desplazamiento (CORRELATION_BEFORE, CORRELATION_AFTER) comparan el detalle fino de los dos rásteres; son negativas si lo claro y lo oscuro están invertidos.</translation>
  </message>
  <message>
   <source>coregister</source>
   <translation>corregistrar</translation>
  </message>
  <message>
   <source>co-registration</source>
   <translation>corregistro</translation>
  </message>
  <message>
   <source>registration</source>
   <translation>registro de imágenes</translation>
  </message>
  <message>
   <source>shift</source>
   <translation>desplazamiento</translation>
  </message>
  <message>
   <source>align</source>
   <translation>alinear</translation>
  </message>
  <message>
   <source>offset</source>
   <translation>desfase</translation>
  </message>
  <message>
   <source>sub-pixel</source>
   <translation>subpíxel</translation>
  </message>
  <message>
   <source>match</source>
   <translation>emparejar</translation>
  </message>
  <message>
   <source>intensity: the values, for bands that look alike or inverted. gradient: the direction of edges, for bands that look different. auto: intensity, and gradient if the confidence of that is too low.</source>
   <translation type="vanished">intensity: los valores, para bandas de aspecto parecido o invertido. gradient: la dirección de los bordes, para bandas de aspecto distinto. auto: intensity, y gradient si su confianza es demasiado baja.</translation>
  </message>
  <message>
   <source>Measures the shift between a raster and a reference to a fraction of a pixel. If you name an output, it writes the shifted raster. The two rasters may come from different sensors and may differ in pixel size, grid, CRS and content: for example a red band and a panchromatic one, or a vegetation index and surface temperature. One shift is measured for the whole raster; rotation and distortion are not corrected.

The shift (DX, DY) must be added to the coordinates of the raster to align it with the reference. It is in map units of the raster's CRS, positive to the east and north. DX_PIXELS and DY_PIXELS are the same shift along the raster's columns and rows, in its pixels, positive to the right and downwards.

The confidence (CONFIDENCE) is 1 minus a ratio: the best correlation at other shifts, or the one expected by chance, divided by the correlation at the measured shift. If it is below 0.3, as for flat or unrelated rasters, the status (STATUS) is 'undetermined': there is no shift, nothing is moved, and asking for an output is an error. The correlations before and after the shift (CORRELATION_BEFORE, CORRELATION_AFTER) compare the fine detail of the two rasters; they are negative if dark and bright are inverted.</source>
   <translation type="vanished">Mide el desplazamiento entre un ráster y una referencia con precisión de fracciones de píxel. Si se indica una salida, escribe el ráster desplazado. Los dos rásteres pueden proceder de sensores distintos y diferir en tamaño de píxel, cuadrícula, SRC y contenido: por ejemplo una banda roja y una pancromática, o un índice de vegetación y la temperatura de superficie. Se mide un solo desplazamiento para todo el ráster; la rotación y la distorsión no se corrigen.

El desplazamiento (DX, DY) debe sumarse a las coordenadas del ráster para alinearlo con la referencia. Está en unidades del SRC del ráster, positivo hacia el este y el norte. DX_PIXELS y DY_PIXELS son el mismo desplazamiento a lo largo de las columnas y filas del ráster, en sus píxeles, positivo hacia la derecha y hacia abajo.

La confianza (CONFIDENCE) es 1 menos un cociente: la mejor correlación con otros desplazamientos, o la que se espera por azar, dividida por la correlación en el desplazamiento medido. Si es menor que 0,3, como con rásteres uniformes o sin relación, el estado (STATUS) es 'undetermined': no hay desplazamiento, no se mueve nada, y pedir una salida es un error. Las correlaciones antes y después del desplazamiento (CORRELATION_BEFORE, CORRELATION_AFTER) comparan el detalle fino de los dos rásteres; son negativas si lo claro y lo oscuro están invertidos.</translation>
  </message>
 </context>
 <context>
  <name>Degrade</name>
  <message>
   <source>Scale factor (input pixels per output pixel)</source>
   <translation>Factor de escala (entrada/salida)</translation>
  </message>
  <message>
   <source>Along one axis: 2 makes pixels twice as large.</source>
   <translation>A lo largo de un eje: 2 hace píxeles el doble de grandes.</translation>
  </message>
  <message>
   <source>mtf: a Gaussian blur with the sensor's MTF (modulation transfer function) at the output's Nyquist frequency, sampled at the centre of each output pixel. gaussian-area: a Gaussian blur, then the mean over each output pixel; with a blur of 0.5 (SIGMA), this is one of the degradations with which the shipped models were tested. area: the mean only.</source>
   <translation>mtf: un desenfoque gaussiano con la MTF (función de transferencia de modulación) del sensor en la frecuencia de Nyquist de la salida, muestreado en el centro de cada píxel de salida. gaussian-area: un desenfoque gaussiano, después la media de cada píxel de salida; con un desenfoque de 0,5 (SIGMA), es una de las degradaciones con las que se probaron los modelos incluidos. area: solo la media.</translation>
  </message>
  <message>
   <source>Sensor (method mtf)</source>
   <translation>Sensor (método mtf)</translation>
  </message>
  <message>
   <source>A sensor with known MTF values, found by band name (B4, B04, B8A), or custom. The Sentinel-2 values, 0.22 to 0.38, are published; 0.3 for Landsat 8 and 9 is an estimate.</source>
   <translation>Un sensor con valores de MTF conocidos, que se buscan por el nombre de la banda (B4, B04, B8A), o custom. Los valores de Sentinel-2, de 0,22 a 0,38, están publicados; 0,3 para Landsat 8 y 9 es una estimación.</translation>
  </message>
  <message>
   <source>MTF at the Nyquist frequency (sensor custom)</source>
   <translation>MTF en la frecuencia de Nyquist (sensor custom)</translation>
  </message>
  <message>
   <source>Above 0 and below 1: one number for all bands, or one per band, separated by commas.</source>
   <translation>Mayor que 0 y menor que 1: un número para todas las bandas, o uno por banda, separados por comas.</translation>
  </message>
  <message>
   <source>Blur (method gaussian-area; output pixels)</source>
   <translation>Desenfoque (método gaussian-area; píxeles de salida)</translation>
  </message>
  <message>
   <source>Standard deviation of the Gaussian.</source>
   <translation>Desviación típica de la gaussiana.</translation>
  </message>
  <message>
   <source>Read noise (standard deviation, digital numbers)</source>
   <translation>Ruido de lectura (desviación típica, números digitales)</translation>
  </message>
  <message>
   <source>Gaussian noise that does not depend on the signal.</source>
   <translation>Ruido gaussiano que no depende de la señal.</translation>
  </message>
  <message>
   <source>Shot noise (variance per digital number of signal)</source>
   <translation>Ruido de disparo (varianza por número digital)</translation>
  </message>
  <message>
   <source>Photon noise, which grows with the signal. It is added to the read noise.</source>
   <translation>Ruido de fotones, que crece con la señal. Se suma al ruido de lectura.</translation>
  </message>
  <message>
   <source>JPEG quality (empty: no JPEG)</source>
   <translation>Calidad JPEG (vacía: sin JPEG)</translation>
  </message>
  <message>
   <source>Compresses the output as JPEG with this quality and decompresses it again. Only for 8 bits.</source>
   <translation>Comprime la salida como JPEG con esta calidad y la descomprime de nuevo. Solo para 8 bits.</translation>
  </message>
  <message>
   <source>Random seed of the noise</source>
   <translation>Semilla aleatoria del ruido</translation>
  </message>
  <message>
   <source>The same seed gives the same noise.</source>
   <translation>La misma semilla da el mismo ruido.</translation>
  </message>
  <message>
   <source>Bands to degrade, in this order. Empty: all.</source>
   <translation>Bandas que degradar, en este orden. Vacío: todas.</translation>
  </message>
  <message>
   <source>Part of the raster to degrade, in any CRS, enlarged to whole pixels. Blocks are counted from its upper left pixel.</source>
   <translation>Parte del ráster que degradar, en cualquier SRC, ampliada a píxeles enteros. Los bloques se cuentan desde su píxel superior izquierdo.</translation>
  </message>
  <message>
   <source>Degraded raster</source>
   <translation>Ráster degradado</translation>
  </message>
  <message>
   <source>Degradation that was applied</source>
   <translation>Degradación aplicada</translation>
  </message>
  <message>
   <source>Degrade raster</source>
   <translation>Degradar ráster</translation>
  </message>
  <message>
   <source>Writes the raster that a sensor with larger pixels would have recorded.</source>
   <translation>Escribe el ráster que habría registrado un sensor con píxeles más grandes.</translation>
  </message>
  <message>
   <source>Writes the raster that a sensor with larger pixels would have recorded: blurred by its optics and detector, sampled on exact blocks of pixels, with noise and JPEG compression if you want them. Use it to make training pairs, or to test a model by Wald's protocol: degrade, super-resolve, and compare the result with the original raster.

Each output pixel covers a square of input pixels, counted from the upper left pixel. Remaining pixels at the right and bottom edges are left out. Nothing is shifted. An output pixel is nodata if one of its input pixels is. Data type, band names, wavelengths, scale and offset are kept. The metadata item SRSAT_DEGRADATION says what was done.</source>
   <translation>Escribe el ráster que habría registrado un sensor con píxeles más grandes: desenfocado por su óptica y su detector, muestreado en bloques exactos de píxeles, con ruido y compresión JPEG si se desea. Sirve para crear pares de entrenamiento, o para probar un modelo según el protocolo de Wald: degradar, superresolver y comparar el resultado con el ráster original.

Cada píxel de salida cubre un cuadrado de píxeles de entrada, contado desde el píxel superior izquierdo. Los píxeles sobrantes en los bordes derecho e inferior se omiten. Nada se desplaza. Un píxel de salida es nodata si lo es uno de sus píxeles de entrada. Se conservan el tipo de datos, los nombres de las bandas, las longitudes de onda, la escala y el desplazamiento de los valores. El elemento de metadatos SRSAT_DEGRADATION dice qué se hizo.</translation>
  </message>
  <message>
   <source>degrade</source>
   <translation>degradar</translation>
  </message>
  <message>
   <source>downscale</source>
   <translation>reducir la resolución</translation>
  </message>
  <message>
   <source>coarsen</source>
   <translation>hacer más grueso</translation>
  </message>
  <message>
   <source>jpeg</source>
   <translation>JPEG</translation>
  </message>
  <message>
   <source>wald</source>
   <translation>protocolo de Wald</translation>
  </message>
 </context>
 <context>
  <name>DeviceInfo</name>
  <message>
   <source>Model for the speed test</source>
   <translation>Modelo para la prueba de velocidad</translation>
  </message>
  <message>
   <source>The measured speed is that of this model.</source>
   <translation>La velocidad medida es la de este modelo.</translation>
  </message>
  <message>
   <source>Speed test on each device (seconds)</source>
   <translation>Prueba de velocidad por dispositivo (s)</translation>
  </message>
  <message>
   <source>0: no speed test.</source>
   <translation>0: sin prueba de velocidad.</translation>
  </message>
  <message>
   <source>Device that a run uses by default</source>
   <translation>Dispositivo que usa una ejecución de forma predeterminada</translation>
  </message>
  <message>
   <source>Why CUDA is used or not</source>
   <translation>Por qué se usa CUDA o no</translation>
  </message>
  <message>
   <source>Package of onnxruntime</source>
   <translation>Paquete de onnxruntime</translation>
  </message>
  <message>
   <source>CUDA version found</source>
   <translation>Versión de CUDA encontrada</translation>
  </message>
  <message>
   <source>cuDNN version found</source>
   <translation>Versión de cuDNN encontrada</translation>
  </message>
  <message>
   <source>Graphics card</source>
   <translation>Tarjeta gráfica</translation>
  </message>
  <message>
   <source>Speed on the processor (output megapixels of one band per second)</source>
   <translation>Velocidad en el procesador (megapíxeles de salida de una banda por segundo)</translation>
  </message>
  <message>
   <source>Speed on the processor in 8-bit integers (likewise)</source>
   <translation>Velocidad en el procesador con enteros de 8 bits (igualmente)</translation>
  </message>
  <message>
   <source>Speed on the graphics card (output megapixels of one band per second)</source>
   <translation>Velocidad en la tarjeta gráfica (megapíxeles de salida de una banda por segundo)</translation>
  </message>
  <message>
   <source>Device information</source>
   <translation>Información de dispositivos</translation>
  </message>
  <message>
   <source>Says which device runs the models, why an NVIDIA graphics card is not used, and how fast each one is.</source>
   <translation>Dice qué dispositivo ejecuta los modelos, por qué no se usa una tarjeta gráfica NVIDIA y qué velocidad tiene cada uno.</translation>
  </message>
  <message>
   <source>Tests the graphics card. If it is not used, the report says why: onnxruntime is installed for the processor only, there is no driver, the driver or the card is too old for the CUDA version, or a library is missing (with its name). Then the speed of a model is measured on each device, tile by tile as in a real run.</source>
   <translation>Prueba la tarjeta gráfica. Si no se usa, el informe dice por qué: onnxruntime está instalado solo para el procesador, no hay controlador, el controlador o la tarjeta es demasiado antiguo para la versión de CUDA, o falta una biblioteca (con su nombre). Después se mide la velocidad de un modelo en cada dispositivo, tesela a tesela como en una ejecución real.</translation>
  </message>
  <message>
   <source>cudnn</source>
   <translation>cudnn</translation>
  </message>
  <message>
   <source>nvidia</source>
   <translation>nvidia</translation>
  </message>
  <message>
   <source>graphics card</source>
   <translation>tarjeta gráfica</translation>
  </message>
  <message>
   <source>speed</source>
   <translation>velocidad</translation>
  </message>
  <message>
   <source>diagnose</source>
   <translation>diagnóstico</translation>
  </message>
 </context>
 <context>
  <name>ExportModel</name>
  <message>
   <source>Folder of a training run</source>
   <translation>Carpeta de un entrenamiento</translation>
  </message>
  <message>
   <source>The output folder of Train model, with a checkpoint in it.</source>
   <translation>La carpeta de salida de Entrenar modelo, con un punto de control dentro.</translation>
  </message>
  <message>
   <source>Or a weights file</source>
   <translation>O un archivo de pesos</translation>
  </message>
  <message>
   <source>The weights of one of the networks below: safetensors, or a state_dict saved by PyTorch.</source>
   <translation>Los pesos de una de las redes de abajo: safetensors, o un state_dict guardado por PyTorch.</translation>
  </message>
  <message>
   <source>Network (weights file only)</source>
   <translation>Red (solo archivo de pesos)</translation>
  </message>
  <message>
   <source>The folder of a training run already contains this.</source>
   <translation>La carpeta de un entrenamiento ya contiene esto.</translation>
  </message>
  <message>
   <source>Network options as JSON (weights file only)</source>
   <translation>Opciones de la red como JSON (solo archivo de pesos)</translation>
  </message>
  <message>
   <source>A JSON object, for example {"channels": 48, "depth": 8}.</source>
   <translation>Un objeto JSON, por ejemplo {"channels": 48, "depth": 8}.</translation>
  </message>
  <message>
   <source>Scale factor (weights file only)</source>
   <translation>Factor de escala (solo archivo de pesos)</translation>
  </message>
  <message>
   <source>Output pixels per input pixel.</source>
   <translation>Píxeles de salida por píxel de entrada.</translation>
  </message>
  <message>
   <source>Band names (weights file only)</source>
   <translation>Nombres de las bandas (solo archivo de pesos)</translation>
  </message>
  <message>
   <source>For a network that takes several bands together: their names in order, separated by commas. Empty: the network is applied to each band separately.</source>
   <translation>Para una red que toma varias bandas juntas: sus nombres en orden, separados por comas. Vacío: la red se aplica a cada banda por separado.</translation>
  </message>
  <message>
   <source>Training data folder, for a form in 8-bit integers (training run only)</source>
   <translation>Carpeta de los datos de entrenamiento, para una forma en enteros de 8 bits (solo de un entrenamiento)</translation>
  </message>
  <message>
   <source>The patch store that the run has learned from. The form is made and measured by it, as at the end of a training; the log says what it loses, or why there is none. Its held-out patches calibrate the map of doubt too.</source>
   <translation>Los recortes con los que aprendió el entrenamiento. Con ellos se hace y se mide la forma, como al final de un entrenamiento; el registro dice lo que pierde o por qué no la hay. Los recortes reservados calibran también el mapa de duda.</translation>
  </message>
  <message>
   <source>Or an installed model, to share</source>
   <translation>O un modelo instalado, para compartir</translation>
  </message>
  <message>
   <source>Nothing is exported: the model is only written as an archive. It needs no PyTorch.</source>
   <translation>No se exporta nada: el modelo solo se escribe como archivo comprimido. No necesita PyTorch.</translation>
  </message>
  <message>
   <source>Archive to share (zip)</source>
   <translation>Archivo zip para compartir</translation>
  </message>
  <message>
   <source>Model, card, STAC item (MLM), a page to read and checksums in one file, for 'Install model'.</source>
   <translation>Modelo, ficha, ítem STAC (MLM), una página para leer y sumas de verificación en un archivo, para 'Instalar modelo'.</translation>
  </message>
  <message>
   <source>Working folder</source>
   <translation>Carpeta de trabajo</translation>
  </message>
  <message>
   <source>The model is built here, with a log, and then copied to your models folder. Not needed to share an installed model (SHARED_MODEL).</source>
   <translation>El modelo se construye aquí, con un registro, y después se copia en su carpeta de modelos. No hace falta para compartir un modelo instalado (SHARED_MODEL).</translation>
  </message>
  <message>
   <source>Largest difference to the network (share of the value range)</source>
   <translation>Mayor diferencia con la red (proporción del rango de valores)</translation>
  </message>
  <message>
   <source>Export model</source>
   <translation>Exportar modelo</translation>
  </message>
  <message>
   <source>Makes a model for the toolbox from a training checkpoint or a weights file.</source>
   <translation>Hace de un punto de control de entrenamiento o de un archivo de pesos un modelo para la caja de herramientas.</translation>
  </message>
  <message>
   <source>Makes a model for the toolbox (ONNX with a card) from the checkpoint of a training, for example one that was cancelled. Or from a weights file for one of the trainer's networks that was trained elsewhere.

The model is compared with the original network on images of three shapes, and refused if they differ by more than 1e-4 of the value range. Its receptive field is measured. It is in every list of models at once.

To share a model, name an archive: a zip file with model, card, STAC item, a page and checksums, which 'Install model' takes. A model that is installed already can be shared too (SHARED_MODEL).

Weights files are read as data: a file that contains code is refused.</source>
   <translation>Hace un modelo para la caja de herramientas (ONNX con una ficha) a partir del punto de control de un entrenamiento, por ejemplo de uno cancelado. O de un archivo de pesos de una de las redes del entrenador que se entrenó en otro lugar.

El modelo se compara con la red original en imágenes de tres formas, y se rechaza si difieren en más de 1e-4 del rango de valores. Se mide su campo receptivo. Está enseguida en todas las listas de modelos.

Para compartir un modelo, indique un archivo comprimido: un zip con modelo, ficha, ítem STAC, una página y sumas de verificación, que acepta 'Instalar modelo'. También puede compartirse un modelo ya instalado (SHARED_MODEL).

Los archivos de pesos se leen como datos: un archivo que contiene código se rechaza.</translation>
  </message>
  <message>
   <source>export</source>
   <translation>exportar</translation>
  </message>
  <message>
   <source>checkpoint</source>
   <translation>punto de control</translation>
  </message>
  <message>
   <source>safetensors</source>
   <translation>safetensors</translation>
  </message>
  <message>
   <source>state dict</source>
   <translation>state dict</translation>
  </message>
  <message>
   <source>weights</source>
   <translation>pesos</translation>
  </message>
  <message>
   <source>convert</source>
   <translation>convertir</translation>
  </message>
 </context>
 <context>
  <name>Harmonise</name>
  <message>
   <source>Landsat product</source>
   <translation>Producto Landsat</translation>
  </message>
  <message>
   <source>The product's metadata file (*_MTL.txt), its tar, or its folder; or a raster with several bands, as below. Empty: the rasters below.</source>
   <translation>El archivo de metadatos del producto (*_MTL.txt), su tar o su carpeta; o un ráster con varias bandas, como abajo. Vacío: los rásteres de abajo.</translation>
  </message>
  <message>
   <source>Landsat bands (if no product)</source>
   <translation>Bandas Landsat (si no hay producto)</translation>
  </message>
  <message>
   <source>A stack, or one raster per band. Bands are found by description (such as B4), wavelength or file name, else by BAND_NAMES. Level and scale follow from the name of a level 2 product, else give LEVEL, SCALE and OFFSET.</source>
   <translation>Una pila, o un ráster por banda. Las bandas se encuentran por descripción (como B4), longitud de onda o nombre de archivo; si no, por BAND_NAMES. El nivel y la escala se deducen del nombre de un producto de nivel 2; si no, indique LEVEL, SCALE y OFFSET.</translation>
  </message>
  <message>
   <source>Sentinel-2 reference: product</source>
   <translation>Referencia Sentinel-2: producto</translation>
  </message>
  <message>
   <source>Its metadata file, zip or .SAFE folder: a Sentinel-2 scene of the same place and season, of the same level. Its scene classification (SCL) masks its clouds.</source>
   <translation>Su archivo de metadatos, su zip o su carpeta .SAFE: una escena Sentinel-2 del mismo lugar y la misma estación, del mismo nivel. Su clasificación de escena (SCL) enmascara sus nubes.</translation>
  </message>
  <message>
   <source>Reference: rasters (if no product)</source>
   <translation>Referencia: rásteres (si no hay producto)</translation>
  </message>
  <message>
   <source>A stack with band names, or one raster per band, of one scene.</source>
   <translation>Una pila con nombres de bandas, o un ráster por banda, de una misma escena.</translation>
  </message>
  <message>
   <source>Target grid</source>
   <translation>Cuadrícula de destino</translation>
  </message>
  <message>
   <source>reference: grid and extent of the reference. utm: multiples of 10 m in Landsat's zone, over its extent. auto: the reference's, where there is one.</source>
   <translation>reference: cuadrícula y extensión de la referencia. utm: múltiplos de 10 m en la zona de Landsat, sobre su extensión. auto: la de la referencia, si la hay.</translation>
  </message>
  <message>
   <source>QA_PIXEL (only for rasters)</source>
   <translation>QA_PIXEL (solo para rásteres)</translation>
  </message>
  <message>
   <source>Quality band of Collection 2; a product has its own.</source>
   <translation>Banda de calidad de la Colección 2; un producto tiene la suya.</translation>
  </message>
  <message>
   <source>Panchromatic band (level 1, band 8)</source>
   <translation>Banda pancromática (nivel 1, banda 8)</translation>
  </message>
  <message>
   <source>The bands are pan-sharpened to 15 m first. Bands that the pan does not cover, the infrared, follow it only where they are related to it. With subpixel, red, green and blue are pan-sharpened, brought to 5 m by the network and averaged; the others come from their own pixels. Strong edges may get rims, which STRENGTH softens.</source>
   <translation>Las bandas se refinan primero a 15 m con la banda pancromática. Las que esta no cubre (infrarrojo) la siguen solo donde guardan relación con ella. Con subpixel, el rojo, el verde y el azul se refinan, la red los lleva a 5 m y se promedian; las demás proceden de sus propios píxeles. Los bordes fuertes pueden recibir franjas, que STRENGTH suaviza.</translation>
  </message>
  <message>
   <source>Names of the stack's bands</source>
   <translation>Nombres de las bandas de la pila</translation>
  </message>
  <message>
   <source>Empty: as it says. Landsat's names of the bands of a single raster in their order, separated by commas, for example B2,B3,B4,B5,B6,B7,-; a dash is a band of no interest, such as quality.</source>
   <translation>Vacío: como él lo dice. Los nombres de Landsat de las bandas de un solo ráster en su orden, separados por comas, por ejemplo B2,B3,B4,B5,B6,B7,-; un guion es una banda sin interés, como la de calidad.</translation>
  </message>
  <message>
   <source>Level of the rasters</source>
   <translation>Nivel de los rásteres</translation>
  </message>
  <message>
   <source>surface or top-of-atmosphere (toa) reflectance. auto: as the file names tell.</source>
   <translation>Reflectancia de superficie (surface) o en el techo de la atmósfera (toa). auto: según los nombres de los archivos.</translation>
  </message>
  <message>
   <source>Scale of the rasters' numbers</source>
   <translation>Escala de los valores de los rásteres</translation>
  </message>
  <message>
   <source>reflectance = scale * number + offset. Empty: as the raster or its name says.</source>
   <translation>reflectancia = scale * valor + offset. Vacío: como dice el ráster o su nombre.</translation>
  </message>
  <message>
   <source>Offset of the rasters' numbers</source>
   <translation>Desplazamiento de los valores de los rásteres</translation>
  </message>
  <message>
   <source>Harmonised scene</source>
   <translation>Escena armonizada</translation>
  </message>
  <message>
   <source>16-bit digital numbers of reflectance times 10000, with the reference's offset; 0 is nodata.</source>
   <translation>Números digitales de 16 bits de la reflectancia por 10000, con el desplazamiento de la referencia; 0 es nodata.</translation>
  </message>
  <message>
   <source>Bias, error, slope, NDVI, detail and shift against the reference, before and after, on unchanged ground.</source>
   <translation>Sesgo, error, pendiente, NDVI, detalle y desplazamiento respecto a la referencia, antes y después, en suelo sin cambios.</translation>
  </message>
  <message>
   <source>Pixels masked by QA_PIXEL (percent)</source>
   <translation>Píxeles enmascarados por QA_PIXEL (por ciento)</translation>
  </message>
  <message>
   <source>Pixels without the reference's detail (percent; only highpass)</source>
   <translation>Píxeles sin el detalle de la referencia (por ciento; solo highpass)</translation>
  </message>
  <message>
   <source>Shift found, to the east (map units of the scene)</source>
   <translation>Desplazamiento hallado, hacia el este (unidades de la escena)</translation>
  </message>
  <message>
   <source>Shift found, to the north (map units of the scene)</source>
   <translation>Desplazamiento hallado, hacia el norte (unidades de la escena)</translation>
  </message>
  <message>
   <source>Radiometry of each band (JSON)</source>
   <translation>Radiometría de cada banda (JSON)</translation>
  </message>
  <message>
   <source>Measures before and after (JSON; only with a report)</source>
   <translation>Medidas antes y después (JSON; solo con informe)</translation>
  </message>
  <message>
   <source>Harmonise Landsat at 10 m</source>
   <translation>Armonizar Landsat a 10 m</translation>
  </message>
  <message>
   <source>Makes Landsat 8 and 9 look and measure like the 10 m scenes of Copernicus.</source>
   <translation>Da a Landsat 8 y 9 el aspecto y los valores de las escenas de 10 m de Copernicus.</translation>
  </message>
  <message>
   <source>Landsat 8 and 9 (Collection 2, level 1 or 2) become 16-bit rasters with the bands, the scaling and the 10 m pixels of Sentinel-2. Clouds and whatever else QA_PIXEL flags become nodata.

Give a product (its folder, its tar or its *_MTL.txt) or rasters of the bands; and, where you have one, a Sentinel-2 scene of the place as reference: the result then lies on its grid, is moved onto it, and is compared with it in the report. Choose a reference of the same season.

Methods: resample is cubic convolution. subpixel is a network that was trained on simulated Landsat bands. highpass takes the detail from the reference, but where the ground has changed; a land cover that changes within its 30 m pixels keeps the reference's old edges. deblur, style and combined are networks that learned beside a discriminator and invent texture: deblur sharpens the resampled bands, style gives them the fine texture of Sentinel-2, combined gives it to the result of subpixel. Measure no detail in their results.

Radiometry: hls-s2a, hls-s2b and hls-s2c are the published lines of NASA's HLS for surface reflectance (level 2), chastain-toa those for top of atmosphere (level 1). fitted is a robust regression on the pixels that did not change, histogram matches percentiles; both need a reference. B8 and B8A differ by about 10 % where there is vegetation: NIR says which one the result has.</source>
   <translation>Landsat 8 y 9 (Colección 2, nivel 1 o 2) se convierten en rásteres de 16 bits con las bandas, la escala y los píxeles de 10 m de Sentinel-2. Las nubes y todo lo demás que señala QA_PIXEL pasan a nodata.

Indique un producto (su carpeta, su tar o su *_MTL.txt) o rásteres de las bandas; y, si la hay, una escena Sentinel-2 del lugar como referencia: el resultado queda entonces en su cuadrícula, se mueve sobre ella y se compara con ella en el informe. Elija una referencia de la misma estación del año.

Métodos: resample es convolución cúbica. subpixel es una red entrenada con bandas Landsat simuladas. highpass toma el detalle de la referencia, salvo donde el suelo ha cambiado; una cobertura del suelo que cambia dentro de sus píxeles de 30 m conserva los bordes antiguos de la referencia. deblur, style y combined son redes que aprendieron frente a un discriminador e inventan textura: deblur enfoca las bandas remuestreadas, style les da la textura fina de Sentinel-2, combined se la da al resultado de subpixel. No mida detalles en sus resultados.

Radiometría: hls-s2a, hls-s2b y hls-s2c son las rectas publicadas de HLS de la NASA para la reflectancia de superficie (nivel 2), chastain-toa las del techo de la atmósfera (nivel 1). fitted es una regresión robusta sobre los píxeles que no cambiaron, histogram ajusta percentiles; ambas necesitan una referencia. B8 y B8A difieren en torno a un 10 % donde hay vegetación: NIR dice cuál tiene el resultado.</translation>
  </message>
  <message>
   <source>landsat-8</source>
   <translation>landsat-8</translation>
  </message>
  <message>
   <source>landsat-9</source>
   <translation>landsat-9</translation>
  </message>
  <message>
   <source>oli</source>
   <translation>oli</translation>
  </message>
  <message>
   <source>harmonization</source>
   <translation>armonización</translation>
  </message>
  <message>
   <source>radiometric normalisation</source>
   <translation>normalización radiométrica</translation>
  </message>
  <message>
   <source>brdf</source>
   <translation>brdf</translation>
  </message>
  <message>
   <source>Landsat 8 and 9 (Collection 2, level 1 or 2) become 16-bit rasters with the bands, the scaling and the 10 m pixels of Sentinel-2. Clouds and whatever else QA_PIXEL flags become nodata.

Give a product (its folder, its tar or its *_MTL.txt) or rasters of the bands; and, where you have one, a Sentinel-2 scene of the place as reference: the result then lies on its grid, is moved onto it, and is compared with it in the report. Choose a reference of the same season.

Methods: resample is cubic convolution. subpixel is a network that was trained on simulated Landsat bands. highpass takes the detail from the reference, but where the ground has changed; a land cover that changes within its 30 m pixels keeps the reference's old edges.

Radiometry: hls-s2a, hls-s2b and hls-s2c are the published lines of NASA's HLS for surface reflectance (level 2), chastain-toa those for top of atmosphere (level 1). fitted is a robust regression on the pixels that did not change, histogram matches percentiles; both need a reference. B8 and B8A differ by about 10 % where there is vegetation: NIR says which one the result has.</source>
   <translation type="vanished">Landsat 8 y 9 (Colección 2, nivel 1 o 2) se convierten en rásteres de 16 bits con las bandas, la escala y los píxeles de 10 m de Sentinel-2. Las nubes y todo lo demás que señala QA_PIXEL pasan a nodata.

Indique un producto (su carpeta, su tar o su *_MTL.txt) o rásteres de las bandas; y, si la hay, una escena Sentinel-2 del lugar como referencia: el resultado queda entonces en su cuadrícula, se mueve sobre ella y se compara con ella en el informe. Elija una referencia de la misma estación del año.

Métodos: resample es convolución cúbica. subpixel es una red entrenada con bandas Landsat simuladas. highpass toma el detalle de la referencia, salvo donde el suelo ha cambiado; una cobertura del suelo que cambia dentro de sus píxeles de 30 m conserva los bordes antiguos de la referencia.

Radiometría: hls-s2a, hls-s2b y hls-s2c son las rectas publicadas de HLS de la NASA para la reflectancia de superficie (nivel 2), chastain-toa las del techo de la atmósfera (nivel 1). fitted es una regresión robusta sobre los píxeles que no cambiaron, histogram ajusta percentiles; ambas necesitan una referencia. B8 y B8A difieren en torno a un 10 % donde hay vegetación: NIR dice cuál tiene el resultado.</translation>
  </message>
  <message>
   <source>Landsat 8 and 9 (Collection 2, level 1 or 2) become 16-bit rasters with the bands, the scaling and the 10 m pixels of Sentinel-2. Clouds and whatever else QA_PIXEL flags become nodata.

Give a product (its folder, its tar or its *_MTL.txt) or rasters of the bands; and, where you have one, a Sentinel-2 scene of the place as reference: the result then lies on its grid, is moved onto it, and is compared with it in the report. Choose a reference of the same season.

Methods: resample is cubic convolution. subpixel is a network that was trained on simulated Landsat bands. highpass takes the detail from the reference, but where the ground has changed; a land cover that changes within its 30 m pixels keeps the reference's old edges. deblur, style and combined are networks that learned beside a discriminator and invent texture: deblur sharpens the resampled bands, style gives them the fine texture of Sentinel-2 (no model of it is shipped), combined gives it to the result of subpixel. Measure no detail in their results.

Radiometry: hls-s2a, hls-s2b and hls-s2c are the published lines of NASA's HLS for surface reflectance (level 2), chastain-toa those for top of atmosphere (level 1). fitted is a robust regression on the pixels that did not change, histogram matches percentiles; both need a reference. B8 and B8A differ by about 10 % where there is vegetation: NIR says which one the result has.</source>
   <translation type="vanished">Landsat 8 y 9 (Colección 2, nivel 1 o 2) se convierten en rásteres de 16 bits con las bandas, la escala y los píxeles de 10 m de Sentinel-2. Las nubes y todo lo demás que señala QA_PIXEL pasan a nodata.

Indique un producto (su carpeta, su tar o su *_MTL.txt) o rásteres de las bandas; y, si la hay, una escena Sentinel-2 del lugar como referencia: el resultado queda entonces en su cuadrícula, se mueve sobre ella y se compara con ella en el informe. Elija una referencia de la misma estación del año.

Métodos: resample es convolución cúbica. subpixel es una red entrenada con bandas Landsat simuladas. highpass toma el detalle de la referencia, salvo donde el suelo ha cambiado; una cobertura del suelo que cambia dentro de sus píxeles de 30 m conserva los bordes antiguos de la referencia. deblur, style y combined son redes que aprendieron frente a un discriminador e inventan textura: deblur enfoca las bandas remuestreadas, style les da la textura fina de Sentinel-2 (no se incluye ningún modelo), combined se la da al resultado de subpixel. No mida detalles en sus resultados.

Radiometría: hls-s2a, hls-s2b y hls-s2c son las rectas publicadas de HLS de la NASA para la reflectancia de superficie (nivel 2), chastain-toa las del techo de la atmósfera (nivel 1). fitted es una regresión robusta sobre los píxeles que no cambiaron, histogram ajusta percentiles; ambas necesitan una referencia. B8 y B8A difieren en torno a un 10 % donde hay vegetación: NIR dice cuál tiene el resultado.</translation>
  </message>
 </context>
 <context>
  <name>InstallDependencies</name>
  <message>
   <source>Package</source>
   <translation>Paquete</translation>
  </message>
  <message>
   <source>auto: onnxruntime-gpu if there is an NVIDIA card whose driver runs it, else onnxruntime; the log says which and why. onnxruntime: for the processor, on all systems. onnxruntime-gpu: for NVIDIA graphics cards on Windows and Linux; it also runs on the processor.</source>
   <translation>auto: onnxruntime-gpu si hay una tarjeta gráfica NVIDIA cuyo controlador lo ejecuta, si no onnxruntime; el registro dice cuál y por qué. onnxruntime: para el procesador, en todos los sistemas. onnxruntime-gpu: para tarjetas gráficas NVIDIA en Windows y Linux; también funciona en el procesador.</translation>
  </message>
  <message>
   <source>Folder of wheels (offline)</source>
   <translation>Carpeta de wheels (sin conexión)</translation>
  </message>
  <message>
   <source>Packages as files (*.whl) for this system and Python version. The network is not used.</source>
   <translation>Paquetes como archivos (*.whl) para este sistema y esta versión de Python. No se usa la red.</translation>
  </message>
  <message>
   <source>Package index (URL)</source>
   <translation>Índice de paquetes (URL)</translation>
  </message>
  <message>
   <source>For example your organisation's mirror of PyPI. Empty: the index in pip's configuration, usually PyPI.</source>
   <translation>Por ejemplo el espejo de PyPI de su organización. Vacío: el índice de la configuración de pip, normalmente PyPI.</translation>
  </message>
  <message>
   <source>A version or a range, for example 1.26.0 or &lt;1.27 (the last versions for CUDA 12). Empty: the newest version that works with QGIS's numpy.</source>
   <translation>Una versión o un rango, por ejemplo 1.26.0 o &lt;1.27 (las últimas versiones para CUDA 12). Vacío: la versión más reciente que funciona con el numpy de QGIS.</translation>
  </message>
  <message>
   <source>Include NVIDIA's libraries (onnxruntime-gpu only)</source>
   <translation>Bibliotecas de NVIDIA (solo onnxruntime-gpu)</translation>
  </message>
  <message>
   <source>Also installs CUDA and cuDNN, a download of more than 1 GB. Not needed if both are already installed in the versions that onnxruntime-gpu needs.</source>
   <translation>Instala también CUDA y cuDNN, una descarga de más de 1 GB. No hace falta si ambos ya están instalados en las versiones que necesita onnxruntime-gpu.</translation>
  </message>
  <message>
   <source>Replace a working installation</source>
   <translation>Reemplazar una instalación que funciona</translation>
  </message>
  <message>
   <source>Installs the newest version even if an installation already works.</source>
   <translation>Instala la versión más reciente aunque ya funcione una instalación.</translation>
  </message>
  <message>
   <source>Also install the trainer (PyTorch)</source>
   <translation>Instalar también el entrenador (PyTorch)</translation>
  </message>
  <message>
   <source>Needed once for Train model and Export model: about 1 GB for the processor, about 8 GB with CUDA.</source>
   <translation>Necesario una vez para Entrenar modelo y Exportar modelo: aproximadamente 1 GB para el procesador, 8 GB con CUDA.</translation>
  </message>
  <message>
   <source>PyTorch build</source>
   <translation>Variante de PyTorch</translation>
  </message>
  <message>
   <source>cpu: for the processor. cuda: for NVIDIA graphics cards on Windows and Linux, and the processor. index: the build that the package index offers.</source>
   <translation>cpu: para el procesador. cuda: para tarjetas gráficas NVIDIA en Windows y Linux, y el procesador. index: la variante que ofrece el índice de paquetes.</translation>
  </message>
  <message>
   <source>Version of PyTorch</source>
   <translation>Versión de PyTorch</translation>
  </message>
  <message>
   <source>A version or a range, for example 2.6.0 or &lt;2.9. Empty: the newest version that the trainer supports.</source>
   <translation>Una versión o un rango, por ejemplo 2.6.0 o &lt;2.9. Vacío: la versión más reciente que admite el entrenador.</translation>
  </message>
  <message>
   <source>Package index for PyTorch (URL)</source>
   <translation>Índice de paquetes para PyTorch (URL)</translation>
  </message>
  <message>
   <source>Only if PyTorch comes from a different index than the other packages. Empty: the index above (INDEX_URL). If that is empty too: PyTorch's own index where the usual one does not have the build.</source>
   <translation>Solo si PyTorch viene de un índice distinto del de los demás paquetes. Vacío: el índice de arriba (INDEX_URL). Si también está vacío: el índice propio de PyTorch, donde el habitual no tiene la variante.</translation>
  </message>
  <message>
   <source>Folder of the installed packages</source>
   <translation>Carpeta de los paquetes instalados</translation>
  </message>
  <message>
   <source>Installed packages (comma-separated)</source>
   <translation>Paquetes instalados (separados por comas)</translation>
  </message>
  <message>
   <source>Python program used for the installation</source>
   <translation>Programa Python usado para la instalación</translation>
  </message>
  <message>
   <source>Python program that runs the trainer</source>
   <translation>Programa Python que ejecuta el entrenador</translation>
  </message>
  <message>
   <source>QGIS must be restarted</source>
   <translation>Hay que reiniciar QGIS</translation>
  </message>
  <message>
   <source>Install dependencies</source>
   <translation>Instalar dependencias</translation>
  </message>
  <message>
   <source>Installs onnxruntime, which runs the models, into your QGIS profile.</source>
   <translation>Instala onnxruntime, que ejecuta los modelos, en el perfil de QGIS.</translation>
  </message>
  <message>
   <source>Installs onnxruntime, which runs the models, into a folder of your QGIS profile:
{folder}

QGIS's own packages, such as numpy and GDAL, are not changed. The new packages are tested in a separate process first. If the test fails or you cancel, the previous installation stays as it was. Nothing else is changed: delete the folder to remove everything. What pip said is in pip.log beside it.

Without a network, give a folder of wheels. Fill it on another machine with the same system and Python version by
python -m pip download --only-binary=:all: onnxruntime

With an NVIDIA graphics card, onnxruntime-gpu is chosen. Afterwards, Device information says whether the card is used. Each of the two packages replaces the other.

To train your own models, tick 'Also install the trainer' (TRAINING) once: PyTorch and its other packages are installed into a separate environment, {training}, which QGIS itself never loads. Delete that folder to remove it.</source>
   <translation>Instala onnxruntime, que ejecuta los modelos, en una carpeta del perfil de QGIS:
{folder}

Los paquetes propios de QGIS, como numpy y GDAL, no cambian. Los paquetes nuevos se prueban antes en un proceso aparte. Si la prueba falla o se cancela, la instalación anterior queda como estaba. No se cambia nada más: borrar la carpeta lo quita todo. Lo que dijo pip está al lado, en pip.log.

Sin red, indique una carpeta de wheels. Se llena en otra máquina con el mismo sistema y la misma versión de Python mediante
python -m pip download --only-binary=:all: onnxruntime

Con una tarjeta gráfica NVIDIA se elige onnxruntime-gpu. Después, Información de dispositivos dice si se usa la tarjeta. Cada uno de los dos paquetes reemplaza al otro.

Para entrenar modelos propios, marque una vez 'Instalar también el entrenador' (TRAINING): PyTorch y sus demás paquetes se instalan en un entorno aparte, {training}, que QGIS nunca carga. Borrar esa carpeta lo quita.</translation>
  </message>
  <message>
   <source>onnxruntime</source>
   <translation>onnxruntime</translation>
  </message>
  <message>
   <source>pip</source>
   <translation>pip</translation>
  </message>
  <message>
   <source>offline</source>
   <translation>sin conexión</translation>
  </message>
  <message>
   <source>wheels</source>
   <translation>wheels</translation>
  </message>
  <message>
   <source>dependencies</source>
   <translation>dependencias</translation>
  </message>
 </context>
 <context>
  <name>InstallModel</name>
  <message>
   <source>Model archive</source>
   <translation>Archivo zip del modelo</translation>
  </message>
  <message>
   <source>The zip archive. A path of a folder is taken too.</source>
   <translation>El archivo zip. También se acepta la ruta de una carpeta.</translation>
  </message>
  <message>
   <source>Or the folder of a model</source>
   <translation>O la carpeta de un modelo</translation>
  </message>
  <message>
   <source>A folder with model.onnx and card.json.</source>
   <translation>Una carpeta con model.onnx y card.json.</translation>
  </message>
  <message>
   <source>Install model</source>
   <translation>Instalar modelo</translation>
  </message>
  <message>
   <source>Installs a model that somebody has shared, as a zip archive or unpacked.</source>
   <translation>Instala un modelo que alguien ha compartido, como archivo zip o descomprimido.</translation>
  </message>
  <message>
   <source>Installs a model that somebody has shared: the zip archive that 'Export model' writes, or a folder with model.onnx and card.json. It is in every list of models at once.

Nothing in it is run. The checksums of all files are verified. An archive that holds anything but the files of a model, or a file outside its folder, is refused; so is a model that refers to files elsewhere, needs operators of its own, or does not fit its card. Pickled weights (.pth, .pt) are no models of the toolbox: 'Export model' makes one of them.

A model of yours that is replaced stays until the new one is whole. Shipped models are never replaced.</source>
   <translation>Instala un modelo que alguien ha compartido: el archivo zip que escribe 'Exportar modelo', o una carpeta con model.onnx y card.json. Está enseguida en todas las listas de modelos.

Nada de su contenido se ejecuta. Se verifican las sumas de todos los archivos. Un archivo comprimido que contenga algo distinto de los archivos de un modelo, o un archivo fuera de su carpeta, se rechaza; también un modelo que remita a archivos de otro lugar, necesite operadores propios o no corresponda a su ficha. Los pesos en pickle (.pth, .pt) no son modelos de la caja de herramientas: 'Exportar modelo' hace uno con ellos.

Un modelo propio que se reemplaza se mantiene hasta que el nuevo está completo. Los modelos incluidos nunca se reemplazan.</translation>
  </message>
  <message>
   <source>import</source>
   <translation>importar</translation>
  </message>
  <message>
   <source>download</source>
   <translation>descargar</translation>
  </message>
  <message>
   <source>model zoo</source>
   <translation>catálogo de modelos</translation>
  </message>
 </context>
 <context>
  <name>ModelInfo</name>
  <message>
   <source>A shipped model or one in your models folder. In scripts and on the command line, give its id.</source>
   <translation>Un modelo incluido o uno de su carpeta de modelos. En scripts y en la línea de órdenes, indique su id.</translation>
  </message>
  <message>
   <source>Model card (HTML)</source>
   <translation>Ficha del modelo (HTML)</translation>
  </message>
  <message>
   <source>The card as an HTML page.</source>
   <translation>La ficha como página HTML.</translation>
  </message>
  <message>
   <source>Id</source>
   <translation>Id</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Nombre</translation>
  </message>
  <message>
   <source>Family</source>
   <translation>Familia</translation>
  </message>
  <message>
   <source>Names of the inputs (comma-separated)</source>
   <translation>Nombres de las entradas (separados por comas)</translation>
  </message>
  <message>
   <source>Bands of the input (comma-separated; each: every band separately)</source>
   <translation>Bandas de la entrada (separadas por comas; each: cada banda por separado)</translation>
  </message>
  <message>
   <source>Licence</source>
   <translation>Licencia</translation>
  </message>
  <message>
   <source>What had to be assumed of a file without a card</source>
   <translation>Lo que hubo que suponer de un archivo sin ficha</translation>
  </message>
  <message>
   <source>Measured quality (JSON)</source>
   <translation>Calidad medida (JSON)</translation>
  </message>
  <message>
   <source>The whole card (JSON)</source>
   <translation>La ficha completa (JSON)</translation>
  </message>
  <message>
   <source>All models (JSON)</source>
   <translation>Todos los modelos (JSON)</translation>
  </message>
  <message>
   <source>Number of network parameters</source>
   <translation>Número de parámetros de la red</translation>
  </message>
  <message>
   <source>Model information</source>
   <translation>Información del modelo</translation>
  </message>
  <message>
   <source>Shows the inputs and outputs of a model, its measured quality, and its data and licences.</source>
   <translation>Muestra las entradas y salidas de un modelo, su calidad medida, sus datos y licencias.</translation>
  </message>
  <message>
   <source>Shows a model's card as a report and as outputs: inputs and bands, scale, tiling, measured quality, training data with licences, checksum.

An ONNX file without a card is run to find its scale, bands, sizes and halo. The report says what was measured and what had to be assumed.

The report also lists all models, with a table that says which one suits which data:</source>
   <translation>Muestra la ficha de un modelo como informe y como salidas: entradas y bandas, escala, teselado, calidad medida, datos de entrenamiento con licencias, suma de verificación.

Un archivo ONNX sin ficha se ejecuta para hallar su escala, bandas, tamaños y margen. El informe dice qué se midió y qué hubo que suponer.

El informe enumera también todos los modelos, con una tabla que dice cuál conviene a qué datos:</translation>
  </message>
  <message>
   <source>model card</source>
   <translation>ficha de modelo</translation>
  </message>
  <message>
   <source>licence</source>
   <translation>licencia</translation>
  </message>
  <message>
   <source>metadata</source>
   <translation>metadatos</translation>
  </message>
 </context>
 <context>
  <name>Pansharpen</name>
  <message>
   <source>Multispectral raster</source>
   <translation>Ráster multiespectral</translation>
  </message>
  <message>
   <source>The bands to sharpen, in one raster: stack single files by a virtual raster.</source>
   <translation>Las bandas que afinar, en un solo ráster: apile los archivos sueltos con un ráster virtual.</translation>
  </message>
  <message>
   <source>Panchromatic raster</source>
   <translation>Ráster pancromático</translation>
  </message>
  <message>
   <source>The raster with the smaller pixels.</source>
   <translation>El ráster con los píxeles más pequeños.</translation>
  </message>
  <message>
   <source>Bands to sharpen, in this order. Empty: all.</source>
   <translation>Bandas que afinar, en este orden. Vacío: todas.</translation>
  </message>
  <message>
   <source>MTF of the multispectral sensor at the Nyquist frequency</source>
   <translation>MTF del sensor multiespectral en la frecuencia de Nyquist</translation>
  </message>
  <message>
   <source>Above 0 and below 1. The smaller, the more detail is taken from the panchromatic band. Published values lie between 0.2 and 0.4.</source>
   <translation>Mayor que 0 y menor que 1. Cuanto menor, más detalle se toma de la banda pancromática. Los valores publicados están entre 0,2 y 0,4.</translation>
  </message>
  <message>
   <source>Pan-sharpened raster</source>
   <translation>Ráster afinado con el pancromático</translation>
  </message>
  <message>
   <source>On the grid of the panchromatic raster: a GeoTIFF, or another format that GDAL can write, chosen by the file extension.</source>
   <translation>En la cuadrícula del ráster pancromático: un GeoTIFF, u otro formato que GDAL pueda escribir, según la extensión del archivo.</translation>
  </message>
  <message>
   <source>Pan-sharpen raster</source>
   <translation>Afinado pancromático (pansharpening)</translation>
  </message>
  <message>
   <source>Brings a multispectral raster to the smaller pixels of its panchromatic band.</source>
   <translation>Lleva un ráster multiespectral a los píxeles más pequeños de su banda pancromática.</translation>
  </message>
  <message>
   <source>Brings a multispectral raster to the smaller pixels of its panchromatic band, for any sensor: Landsat, Pleiades, WorldView, SPOT. The two rasters share a CRS; pixel sizes need no whole ratio (1.2 to 16) and the grids no common corner, such as Landsat's, which are half a pan pixel apart.

The detail that the multispectral sensor's blur took from the panchromatic band is added to each band by a local regression, and the result, degraded again, returns the input. Bands that the panchromatic band does not cover, such as the infrared, follow it only where they are related to it. Pixels are nodata where one of the two rasters is. Data type, band names, wavelengths, scale and offset are kept.</source>
   <translation>Lleva un ráster multiespectral a los píxeles más pequeños de su banda pancromática, para cualquier sensor: Landsat, Pléiades, WorldView, SPOT. Los dos rásteres comparten el SRC; los tamaños de píxel no necesitan una razón entera (1,2 a 16) ni las cuadrículas una esquina común, como las de Landsat, separadas medio píxel pancromático.

El detalle que el desenfoque del sensor multiespectral quitó frente a la banda pancromática se añade a cada banda mediante una regresión local, y el resultado, degradado de nuevo, devuelve la entrada. Las bandas que la pancromática no cubre, como el infrarrojo, la siguen solo donde guardan relación con ella. Los píxeles son nodata donde lo es uno de los dos rásteres. Se conservan el tipo de datos, los nombres de las bandas, las longitudes de onda, la escala y el desplazamiento de los valores.</translation>
  </message>
  <message>
   <source>pansharpen</source>
   <translation>afinado pancromático</translation>
  </message>
  <message>
   <source>pan-sharpening</source>
   <translation>fusión pancromática</translation>
  </message>
  <message>
   <source>panchromatic</source>
   <translation>pancromático</translation>
  </message>
  <message>
   <source>pleiades</source>
   <translation>pleiades</translation>
  </message>
  <message>
   <source>worldview</source>
   <translation>worldview</translation>
  </message>
 </context>
 <context>
  <name>PrepareTrainingData</name>
  <message>
   <source>High-resolution rasters (HR)</source>
   <translation>Rásteres de alta resolución (HR)</translation>
  </message>
  <message>
   <source>What the model must produce. All with the same CRS, bands and pixel size.</source>
   <translation>Lo que el modelo debe producir. Todos con el mismo SRC, las mismas bandas y el mismo tamaño de píxel.</translation>
  </message>
  <message>
   <source>Low-resolution rasters (LR)</source>
   <translation>Rásteres de baja resolución (LR)</translation>
  </message>
  <message>
   <source>One per HR raster, with pixels larger by the scale factor (SCALE) and the same bands (found by name or wavelength) in the same unit. Empty: training degrades HR.</source>
   <translation>Uno por ráster HR, con píxeles mayores según el factor de escala (SCALE) y las mismas bandas (encontradas por nombre o longitud de onda) en la misma unidad. Vacío: el entrenamiento degrada HR.</translation>
  </message>
  <message>
   <source>Guide rasters</source>
   <translation>Rásteres guía</translation>
  </message>
  <message>
   <source>One per HR raster, or several: first all first guides, then all second ones. Their pixels must be a whole number of times smaller or larger, where they are not made into channels (GUIDE_BANDS).</source>
   <translation>Uno por ráster HR, o varios: primero todas las primeras guías, después todas las segundas. Sus píxeles deben ser un número entero de veces menores o mayores, donde no se convierten en canales (GUIDE_BANDS).</translation>
  </message>
  <message>
   <source>Mask rasters</source>
   <translation>Rásteres de máscara</translation>
  </message>
  <message>
   <source>Areas to leave out, such as clouds: one raster for all, or one per HR raster, with any pixel size. The first band is used. Areas outside the mask raster are left out too.</source>
   <translation>Zonas que excluir, como las nubes: un ráster para todos, o uno por ráster HR, con cualquier tamaño de píxel. Se usa la primera banda. También se excluyen las zonas fuera del ráster de máscara.</translation>
  </message>
  <message>
   <source>Bands of the guides</source>
   <translation>Bandas de las guías</translation>
  </message>
  <message>
   <source>channels: all guides of an HR raster become three standardised channels on its pixels, as 'Sharpen temperatures' gives them to networks; the guides may then have any bands, pixels and CRS. bands: as they are. auto: channels where HR has one band, else bands.</source>
   <translation>channels: todas las guías de un ráster HR se convierten en tres canales estandarizados en sus píxeles, como 'Afinar temperaturas' los da a las redes; las guías pueden tener entonces cualesquiera bandas, píxeles y SRC. bands: tal como son. auto: channels donde HR tiene una banda, si no bands.</translation>
  </message>
  <message>
   <source>Scale factor (HR pixels per LR pixel)</source>
   <translation>Factor de escala (píxeles HR por píxel LR)</translation>
  </message>
  <message>
   <source>Along one axis.</source>
   <translation>A lo largo de un eje.</translation>
  </message>
  <message>
   <source>Mask values to leave out</source>
   <translation>Valores de la máscara que excluir</translation>
  </message>
  <message>
   <source>Values of the mask rasters (MASK), separated by commas, for example 3,8,9,10 for clouds and shadows in Sentinel-2's SCL. Empty: all values except 0.</source>
   <translation>Valores de los rásteres de máscara (MASK), separados por comas, por ejemplo 3,8,9,10 para nubes y sombras en la SCL de Sentinel-2. Vacío: todos los valores salvo 0.</translation>
  </message>
  <message>
   <source>Nodata value of HR and LR</source>
   <translation>Valor nodata de HR y LR</translation>
  </message>
  <message>
   <source>Pixels with this value are nodata. It replaces the nodata value that a raster declares. Use 0 for Sentinel-2's JPEG 2000 files, which declare none.</source>
   <translation>Los píxeles con este valor son nodata. Reemplaza el valor nodata que declara un ráster. Use 0 para los archivos JPEG 2000 de Sentinel-2, que no declaran ninguno.</translation>
  </message>
  <message>
   <source>Patch size (HR pixels)</source>
   <translation>Tamaño de los recortes (píxeles HR)</translation>
  </message>
  <message>
   <source>Side length. It is reduced, with a line in the log, if the rasters are too small.</source>
   <translation>Longitud del lado. Se reduce, con una línea en el registro, si los rásteres son demasiado pequeños.</translation>
  </message>
  <message>
   <source>Overlap of training patches (HR pixels)</source>
   <translation>Superposición de recortes (píxeles HR)</translation>
  </message>
  <message>
   <source>Validation patches never overlap.</source>
   <translation>Los recortes de validación nunca se superponen.</translation>
  </message>
  <message>
   <source>Largest share of invalid pixels per patch (0 to 1)</source>
   <translation>Proporción máxima de píxeles no válidos (0 a 1)</translation>
  </message>
  <message>
   <source>Patches with a larger share of nodata or masked pixels are left out. In patches that are kept, nodata is filled from its neighbours; masked pixels keep their values.</source>
   <translation>Los recortes con una proporción mayor de píxeles nodata o enmascarados se excluyen. En los que se conservan, nodata se rellena a partir de sus vecinos; los píxeles enmascarados conservan sus valores.</translation>
  </message>
  <message>
   <source>Share of the area for validation (0 to 1)</source>
   <translation>Proporción de la superficie para la validación (0 a 1)</translation>
  </message>
  <message>
   <source>Approximate, because whole blocks are used. 0: no validation.</source>
   <translation>Aproximada, porque se usan bloques enteros. 0: sin validación.</translation>
  </message>
  <message>
   <source>Random seed of the split</source>
   <translation>Semilla aleatoria del reparto</translation>
  </message>
  <message>
   <source>Chooses the validation blocks. The same seed gives the same training data.</source>
   <translation>Elige los bloques de validación. La misma semilla da los mismos datos de entrenamiento.</translation>
  </message>
  <message>
   <source>Radiometry of pairs</source>
   <translation>Radiometría de los pares</translation>
  </message>
  <message>
   <source>report: gain and offset between HR and LR are only reported, and the model learns them. linear: each band of HR is matched to LR by a gain and an offset, so that the model learns only detail.</source>
   <translation>report: la ganancia y el desplazamiento entre HR y LR solo se comunican, y el modelo los aprende. linear: cada banda de HR se ajusta a LR con una ganancia y un desplazamiento, de modo que el modelo solo aprende el detalle.</translation>
  </message>
  <message>
   <source>Name of the data</source>
   <translation>Nombre de los datos</translation>
  </message>
  <message>
   <source>Letters, digits, - and _. Empty: the name of the first HR raster.</source>
   <translation>Letras, cifras, - y _. Vacío: el nombre del primer ráster HR.</translation>
  </message>
  <message>
   <source>Sensor</source>
   <translation>Sensor</translation>
  </message>
  <message>
   <source>Goes into the card of models trained on this data.</source>
   <translation>Figura en la ficha de los modelos entrenados con estos datos.</translation>
  </message>
  <message>
   <source>Place</source>
   <translation>Lugar</translation>
  </message>
  <message>
   <source>Licence of the rasters</source>
   <translation>Licencia de los rásteres</translation>
  </message>
  <message>
   <source>Goes into the card of models trained on this data. Empty: not stated.</source>
   <translation>Figura en la ficha de los modelos entrenados con estos datos. Vacío: no se indica.</translation>
  </message>
  <message>
   <source>A new or empty folder, or one with earlier training data, which is replaced.</source>
   <translation>Una carpeta nueva o vacía, o una con datos de entrenamiento anteriores, que se reemplaza.</translation>
  </message>
  <message>
   <source>Number of training patches</source>
   <translation>Número de recortes de entrenamiento</translation>
  </message>
  <message>
   <source>Number of validation patches</source>
   <translation>Número de recortes de validación</translation>
  </message>
  <message>
   <source>Picture of some patches (PNG)</source>
   <translation>Imagen de algunos recortes (PNG)</translation>
  </message>
  <message>
   <source>Prepare training data</source>
   <translation>Preparar datos de entrenamiento</translation>
  </message>
  <message>
   <source>Cuts rasters into patches for training a model, split by place into training and validation.</source>
   <translation>Corta rásteres en recortes para entrenar un modelo, repartidos por lugar entre entrenamiento y validación.</translation>
  </message>
  <message>
   <source>Cuts rasters into patches for training a model. The result is a folder that 'Train model' reads.

Give high-resolution rasters alone (HR): training then degrades them to make the low-resolution images. Or give pairs of a high-resolution and a low-resolution raster of the same area (HR and LR), for example from two sensors. Guides are additional higher-resolution rasters that help, such as NDVI for temperature. The rasters of a pair may have different extents, but their pixels must nest exactly. If they do not, use 'Co-register raster' or warp them first.

If there are several rasters, the low-resolution, guide and mask rasters (LR, GUIDES, MASK) are matched to the high-resolution ones (HR) by file name if the names are the same, else by order.

Patches with nodata or masked areas are left out. Validation uses whole blocks of the area, separated from training by a guard band of one patch, never random patches: so the quality measured on it is valid for new places. Where rasters overlap, a place is used for validation in all of them or in none.

Pairs are checked. The log gives the shift between them (more than 0.25 LR pixels is a warning) and the gain, offset and correlation of each band. The picture sheet.png in the folder shows some patches: look at it before you train.</source>
   <translation>Corta rásteres en recortes para entrenar un modelo. El resultado es una carpeta que lee 'Entrenar modelo'.

Indique solo rásteres de alta resolución (HR): el entrenamiento los degrada entonces para hacer las imágenes de baja resolución. O indique pares de un ráster de alta y otro de baja resolución de la misma zona (HR y LR), por ejemplo de dos sensores. Las guías son rásteres adicionales de mayor resolución que ayudan, como el NDVI para la temperatura. Los rásteres de un par pueden tener extensiones distintas, pero sus píxeles deben encajar exactamente. Si no, use antes 'Corregistrar ráster' o reproyéctelos.

Si hay varios rásteres, los de baja resolución, las guías y las máscaras (LR, GUIDES, MASK) se asocian a los de alta resolución (HR) por el nombre del archivo si los nombres son iguales, si no por el orden.

Los recortes con nodata o zonas enmascaradas se excluyen. La validación usa bloques enteros de la zona, separados del entrenamiento por una franja de guarda de un recorte, nunca recortes al azar: así, la calidad medida en ella vale para lugares nuevos. Donde los rásteres se superponen, un lugar se usa para la validación en todos o en ninguno.

Los pares se comprueban. El registro da el desplazamiento entre ellos (más de 0,25 píxeles LR es una advertencia) y la ganancia, el desplazamiento radiométrico y la correlación de cada banda. La imagen sheet.png de la carpeta muestra algunos recortes: mírela antes de entrenar.</translation>
  </message>
  <message>
   <source>training</source>
   <translation>entrenamiento</translation>
  </message>
  <message>
   <source>patches</source>
   <translation>recortes</translation>
  </message>
  <message>
   <source>chips</source>
   <translation>recortes de imagen</translation>
  </message>
  <message>
   <source>data set</source>
   <translation>conjunto de datos</translation>
  </message>
  <message>
   <source>pairs</source>
   <translation>pares</translation>
  </message>
  <message>
   <source>split</source>
   <translation>reparto</translation>
  </message>
  <message>
   <source>validation</source>
   <translation>validación</translation>
  </message>
  <message>
   <source>cloud mask</source>
   <translation>máscara de nubes</translation>
  </message>
 </context>
 <context>
  <name>PreviewModels</name>
  <message>
   <source>The models to try; each must fit the bands of the raster.</source>
   <translation>Los modelos que probar; cada uno debe ajustarse a las bandas del ráster.</translation>
  </message>
  <message>
   <source>Extent (empty: the map's)</source>
   <translation>Extensión (vacía: el mapa)</translation>
  </message>
  <message>
   <source>The part to try, in any CRS; of a larger one its middle. Empty: what the map shows of the raster, or the middle of the raster.</source>
   <translation>La parte que probar, en cualquier SRC; de una mayor, su centro. Vacío: lo que el mapa muestra del ráster, o el centro del ráster.</translation>
  </message>
  <message>
   <source>Largest side (pixels)</source>
   <translation>Lado mayor (píxeles)</translation>
  </message>
  <message>
   <source>The part is at most so many pixels of the input wide and high.</source>
   <translation>La parte tiene como máximo este número de píxeles de la entrada de ancho y de alto.</translation>
  </message>
  <message>
   <source>Folder for the results</source>
   <translation>Carpeta para los resultados</translation>
  </message>
  <message>
   <source>One GeoTIFF for each model.</source>
   <translation>Un GeoTIFF por modelo.</translation>
  </message>
  <message>
   <source>Preview page (HTML)</source>
   <translation>Página de vista previa (HTML)</translation>
  </message>
  <message>
   <source>One HTML file with all pictures.</source>
   <translation>Un archivo HTML con todas las imágenes.</translation>
  </message>
  <message>
   <source>Results</source>
   <translation>Resultados</translation>
  </message>
  <message>
   <source>Preview models on a part of a raster</source>
   <translation>Probar modelos en una parte de un ráster</translation>
  </message>
  <message>
   <source>Runs one or more models on a small part of a raster, and shows the results beside bicubic.</source>
   <translation>Ejecuta uno o varios modelos en una parte pequeña de un ráster y muestra los resultados junto a la ampliación bicúbica.</translation>
  </message>
  <message>
   <source>To choose a model before a long run: the part of the raster in the middle of the map, or of the extent that you give, goes through each of the models that you choose, in seconds. The results are layers that lie on the input, and a page shows them side by side with the input and its bicubic enlargement, all in one stretch, and says how long the whole raster would take.

Blur and noise are measured in the part alone, so that a run of the whole raster may come out a little crisper or softer.</source>
   <translation>Para elegir un modelo antes de una ejecución larga: la parte del ráster en el centro del mapa, o de la extensión indicada, pasa en segundos por cada uno de los modelos elegidos. Los resultados son capas que quedan sobre la entrada, y una página los muestra uno junto a otro con la entrada y su ampliación bicúbica, todos con un mismo realce de contraste, y dice cuánto tardaría el ráster completo.

El desenfoque y el ruido se miden solo en esa parte, de modo que una ejecución del ráster completo puede salir algo más nítida o más suave.</translation>
  </message>
  <message>
   <source>try</source>
   <translation>probar</translation>
  </message>
  <message>
   <source>choose</source>
   <translation>elegir</translation>
  </message>
  <message>
   <source>side by side</source>
   <translation>lado a lado</translation>
  </message>
  <message>
   <source>quick look</source>
   <translation>vista previa</translation>
  </message>
 </context>
 <context>
  <name>RasterInfo</name>
  <message>
   <source>Blur (median over the bands, pixels)</source>
   <translation>Desenfoque (mediana de las bandas, píxeles)</translation>
  </message>
  <message>
   <source>Uncertainty of the blur (pixels)</source>
   <translation>Incertidumbre del desenfoque (píxeles)</translation>
  </message>
  <message>
   <source>Noise (median over the bands, digital numbers)</source>
   <translation>Ruido (mediana de las bandas, números digitales)</translation>
  </message>
  <message>
   <source>Uncertainty of the noise (digital numbers)</source>
   <translation>Incertidumbre del ruido (números digitales)</translation>
  </message>
  <message>
   <source>Pixel size (metres)</source>
   <translation>Tamaño de píxel (metros)</translation>
  </message>
  <message>
   <source>Number of bands</source>
   <translation>Número de bandas</translation>
  </message>
  <message>
   <source>What was found, and what it means</source>
   <translation>Qué se encontró y qué significa</translation>
  </message>
  <message>
   <source>Blur and noise of each band (JSON)</source>
   <translation>Desenfoque y ruido de cada banda (JSON)</translation>
  </message>
  <message>
   <source>Raster information</source>
   <translation>Información del ráster</translation>
  </message>
  <message>
   <source>Measures how blurred and how noisy a raster is, band by band, and says what that means for models.</source>
   <translation>Mide, banda por banda, cuánto desenfoque y ruido tiene un ráster, y dice qué significa para los modelos.</translation>
  </message>
  <message>
   <source>Measures blur and noise of every band from the pixels alone: at most 16 windows of 128 x 128 pixels of a band are read, whatever the raster's size.

Blur is the standard deviation, in pixels, of the Gaussian that followed by the mean over each pixel made the raster; sensors have about 0.35 to 0.6. Noise is the standard deviation of what varies from pixel to pixel without belonging to the ground, in the raster's unit; the rounding of values is part of it. Each comes with its own uncertainty, one standard deviation.

A value that the pixels do not tell is undetermined: its output is then missing, never 0, and the log says so. This happens with few valid pixels, without contrast, and with values that are cut off. A model that uses a missing output stops there.</source>
   <translation>Mide el desenfoque y el ruido de cada banda solo a partir de los píxeles: se leen como máximo 16 ventanas de 128 x 128 píxeles de una banda, sea cual sea el tamaño del ráster.

El desenfoque es la desviación típica, en píxeles, de la gaussiana que, seguida de la media en cada píxel, produjo el ráster; los sensores tienen de 0,35 a 0,6, aproximadamente. El ruido es la desviación típica de lo que varía de píxel a píxel sin pertenecer al suelo, en la unidad del ráster; el redondeo de los valores forma parte de él. Cada uno se da con su propia incertidumbre, una desviación típica.

Un valor que los píxeles no revelan es indeterminado: su salida falta entonces, nunca es 0, y el registro lo dice. Ocurre con pocos píxeles válidos, sin contraste y con valores recortados. Un modelo de QGIS que usa una salida ausente se detiene ahí.</translation>
  </message>
  <message>
   <source>sharpness</source>
   <translation>nitidez</translation>
  </message>
  <message>
   <source>sigma</source>
   <translation>sigma</translation>
  </message>
  <message>
   <source>estimate</source>
   <translation>estimar</translation>
  </message>
  <message>
   <source>resolution</source>
   <translation>resolución</translation>
  </message>
 </context>
 <context>
  <name>Sentinel2</name>
  <message>
   <source>Product (zip, folder or metadata)</source>
   <translation>Producto (zip, carpeta o XML)</translation>
  </message>
  <message>
   <source>The product's metadata file (MTD_MSIL1C.xml, MTD_MSIL2A.xml or *_MTD_ALL.xml), its zip, its .SAFE folder, a MUSCATE folder of Theia (flat reflectance, FRE, is preferred), or any folder with rasters whose file names contain the band names. Empty: the rasters below. For many products, run 'Super-resolve scenes of a folder or a huge mosaic' (srsat:batchfolder).</source>
   <translation>El archivo de metadatos del producto (MTD_MSIL1C.xml, MTD_MSIL2A.xml o *_MTD_ALL.xml), su zip, su carpeta .SAFE, una carpeta MUSCATE de Theia (se prefiere la reflectancia con corrección del relieve, FRE), o cualquier carpeta con rásteres cuyos nombres de archivo contengan los de las bandas. Vacío: los rásteres de abajo. Para muchos productos, use 'Superresolución de las escenas de una carpeta o de un mosaico enorme' (srsat:batchfolder).</translation>
  </message>
  <message>
   <source>10 m bands (instead of a product)</source>
   <translation>Bandas de 10 m (en lugar de un producto)</translation>
  </message>
  <message>
   <source>Rasters with B2, B3, B4 and B8: one raster per band, or a stack. Bands are found by description, wavelength or file name, else by this order.</source>
   <translation>Rásteres con B2, B3, B4 y B8: un ráster por banda, o una pila. Las bandas se encuentran por descripción, longitud de onda o nombre de archivo; si no, por este orden.</translation>
  </message>
  <message>
   <source>20 m bands (instead of a product)</source>
   <translation>Bandas de 20 m (en lugar de un producto)</translation>
  </message>
  <message>
   <source>Rasters with B5, B6, B7, B8A, B11 and B12, found in the same way.</source>
   <translation>Rásteres con B5, B6, B7, B8A, B11 y B12, encontradas del mismo modo.</translation>
  </message>
  <message>
   <source>60 m bands (instead of a product)</source>
   <translation>Bandas de 60 m (en lugar de un producto)</translation>
  </message>
  <message>
   <source>Rasters with B1 and B9, found in the same way.</source>
   <translation>Rásteres con B1 y B9, encontradas del mismo modo.</translation>
  </message>
  <message>
   <source>Pixel size of the result (metres)</source>
   <translation>Tamaño de píxel del resultado (metros)</translation>
  </message>
  <message>
   <source>5: all bands, brought to 10 m, then go through any-x2 in the same run, onto a grid of 5 m that nests in that of the scene. It takes several times as long and four times the space; the detail below 10 m is the network's, not the sensor's.</source>
   <translation>5: todas las bandas, llevadas a 10 m, pasan después por any-x2 en la misma ejecución, a una cuadrícula de 5 m que encaja en la de la escena. Tarda varias veces más y ocupa cuatro veces más; el detalle por debajo de 10 m es de la red, no del sensor.</translation>
  </message>
  <message>
   <source>Bands to sharpen to 10 m</source>
   <translation>Bandas que afinar a 10 m</translation>
  </message>
  <message>
   <source>all: the 20 m and 60 m bands that the scene has.</source>
   <translation>all: las bandas de 20 m y 60 m que tiene la escena.</translation>
  </message>
  <message>
   <source>Extent (empty: whole scene)</source>
   <translation>Extensión (vacía: todo)</translation>
  </message>
  <message>
   <source>Part of the scene, in any CRS, enlarged to whole pixels of the bands with the largest pixels.</source>
   <translation>Parte de la escena, en cualquier SRC, ampliada a píxeles enteros de las bandas con los píxeles más grandes.</translation>
  </message>
  <message>
   <source>Mask clouds</source>
   <translation>Enmascarar nubes</translation>
  </message>
  <message>
   <source>Sets clouds and cirrus to 0 (nodata) in all bands. The cloud mask is the scene classification (SCL) of Level-2A, which also contains cloud shadows; else MSK_CLASSI (products since 2022), CLM (Theia), QA60 (Earth Engine) or the polygons of MSK_CLOUDS (older products). For rasters, the mask must be a file in the folder of the first raster.</source>
   <translation>Pone nubes y cirros a 0 (nodata) en todas las bandas. La máscara de nubes es la clasificación de escena (SCL) de Level-2A, que contiene también las sombras de nubes; si no, MSK_CLASSI (productos desde 2022), CLM (Theia), QA60 (Earth Engine) o los polígonos de MSK_CLOUDS (productos antiguos). Para rásteres, la máscara debe ser un archivo de la carpeta del primer ráster.</translation>
  </message>
  <message>
   <source>Adapt the models to the scene: training time (minutes)</source>
   <translation>Adaptar los modelos a la escena (minutos)</translation>
  </message>
  <message>
   <source>Trains each model further on this scene before it is used. The bands are degraded, so that the original bands serve as reference. Part of the scene is held out from this training. The adapted model is used only if its error on the held-out area is at least 3 % lower; the log gives the difference. If there is hardly any after half of the time, training ends early and the log says so. Start with two minutes and expect a few percent. Needs PyTorch: run Install dependencies with 'Also install the trainer' (TRAINING). Empty or 0: the models are used as they are.</source>
   <translation>Sigue entrenando cada modelo con esta escena antes de usarlo. Las bandas se degradan, de modo que las bandas originales sirven de referencia. Una parte de la escena se reserva fuera de este entrenamiento. El modelo adaptado solo se usa si su error en la zona reservada es al menos un 3 % menor; el registro da la diferencia. Si apenas la hay tras la mitad del tiempo, el entrenamiento termina antes y el registro lo dice. Empiece con dos minutos y espere un pequeño porcentaje. Necesita PyTorch: ejecute Instalar dependencias con 'Instalar también el entrenador' (TRAINING). Vacío o 0: los modelos se usan como están.</translation>
  </message>
  <message>
   <source>Processing level</source>
   <translation>Nivel de procesamiento</translation>
  </message>
  <message>
   <source>auto: found from the product's file names. The models work for both levels.</source>
   <translation>auto: se deduce de los nombres de archivo del producto. Los modelos sirven para ambos niveles.</translation>
  </message>
  <message>
   <source>Correct band misregistration</source>
   <translation>Corregir el desplazamiento entre bandas</translation>
  </message>
  <message>
   <source>The 20 m and the 60 m bands are each compared with the 10 m bands in the middle of the scene. If their shift is larger than a tenth of their pixel size, they are resampled (Lanczos, up to 3 pixels) before they are used. Pixels at the scene's edge that the shift leaves without values become nodata, also in the bands that are sharpened with these bands: one row or column of low-resolution pixels per pixel of shift, rounded. Clouds in the middle can make the measured shift wrong, because the bands see them from slightly different directions. The log gives the shifts, corrected or not.</source>
   <translation>Las bandas de 20 m y las de 60 m se comparan con las de 10 m en el centro de la escena. Si su desplazamiento supera una décima parte de su tamaño de píxel, se remuestrean (Lanczos, hasta 3 píxeles) antes de usarse. Los píxeles del borde de la escena que el desplazamiento deja sin valores pasan a nodata, también en las bandas que se afinan con ellas: una fila o columna de píxeles de baja resolución por píxel de desplazamiento, redondeado. Las nubes en el centro pueden falsear el desplazamiento medido, porque las bandas las ven desde direcciones algo distintas. El registro da los desplazamientos, corregidos o no.</translation>
  </message>
  <message>
   <source>Model for the 20 m bands</source>
   <translation>Modelo para las bandas de 20 m</translation>
  </message>
  <message>
   <source>A model whose card names 20 m bands as its first input, for example one trained on your scenes.</source>
   <translation>Un modelo cuya ficha indique bandas de 20 m como primera entrada, por ejemplo uno entrenado con sus escenas.</translation>
  </message>
  <message>
   <source>Model for the 60 m bands</source>
   <translation>Modelo para las bandas de 60 m</translation>
  </message>
  <message>
   <source>A model whose card names 60 m bands as its first input, for example one trained on your scenes.</source>
   <translation>Un modelo cuya ficha indique bandas de 60 m como primera entrada, por ejemplo uno entrenado con sus escenas.</translation>
  </message>
  <message>
   <source>Tile size (pixels of the 20 m or 60 m bands)</source>
   <translation>Tamaño de tesela (píxeles de las bandas de 20 m o 60 m)</translation>
  </message>
  <message>
   <source>All bands at 10 m or 5 m</source>
   <translation>Todas las bandas a 10 m o 5 m</translation>
  </message>
  <message>
   <source>A GeoTIFF, or another format that GDAL can write, with 16-bit digital numbers as in the product.</source>
   <translation>Un GeoTIFF, u otro formato que GDAL pueda escribir, con números digitales de 16 bits como en el producto.</translation>
  </message>
  <message>
   <source>How good the result is. The scene is degraded and sharpened again by the same models. The original bands serve as reference for the error, next to bicubic. And the result, degraded to the original resolution, is compared with the original bands. Large scenes are measured in up to nine windows.</source>
   <translation>Cuán bueno es el resultado. La escena se degrada y los mismos modelos la afinan de nuevo. Las bandas originales sirven de referencia para el error, junto al bicúbico. Y el resultado, degradado a la resolución original, se compara con las bandas originales. Las escenas grandes se miden en hasta nueve ventanas.</translation>
  </message>
  <message>
   <source>Error of the 20 m bands at reduced scale, relative to bicubic (only with a report)</source>
   <translation>Error de las bandas de 20 m a escala reducida, relativo al bicúbico (solo con informe)</translation>
  </message>
  <message>
   <source>Error of the 60 m bands at reduced scale, relative to bicubic (only with a report)</source>
   <translation>Error de las bandas de 60 m a escala reducida, relativo al bicúbico (solo con informe)</translation>
  </message>
  <message>
   <source>Largest difference to the original bands (percent of their range; only with a report)</source>
   <translation>Mayor diferencia con las bandas originales (por ciento de su rango; solo con informe)</translation>
  </message>
  <message>
   <source>Error removed by adapting, 20 m bands (percent)</source>
   <translation>Error eliminado por la adaptación, bandas de 20 m (por ciento)</translation>
  </message>
  <message>
   <source>Error removed by adapting, 60 m bands (percent)</source>
   <translation>Error eliminado por la adaptación, bandas de 60 m (por ciento)</translation>
  </message>
  <message>
   <source>Sentinel-2 at 10 m</source>
   <translation>Sentinel-2 a 10 m</translation>
  </message>
  <message>
   <source>Sharpens the 20 m and 60 m bands of a Sentinel-2 scene to 10 m with the detail of its 10 m bands.</source>
   <translation>Afina a 10 m las bandas de 20 m y 60 m de una escena Sentinel-2 con el detalle de sus bandas de 10 m.</translation>
  </message>
  <message>
   <source>Writes one raster with all bands of a Sentinel-2 scene at 10 m, ordered by wavelength. The 10 m bands are not changed. The 20 m and 60 m bands get detail from the 10 m bands where the scene shows that the two are related, and a trained network adds the rest. If the result is degraded again, it gives back the original bands.

Give a product (its .SAFE folder, its zip or its metadata file) or rasters of the bands. Level-1C and Level-2A work, in old and new layouts. The output covers what the 10 m bands cover. Where other bands do not, they are nodata, and the log says so. B10 of Level-1C is left out. 0 stays nodata, 65535 stays saturated, and the offset of newer products stays in the values.

To work in two steps, for example in a model: first run it with the target '20 m'. Then run it with the target '60 m', with the result as 10 m bands and the original 60 m bands.</source>
   <translation>Escribe un ráster con todas las bandas de una escena Sentinel-2 a 10 m, ordenadas por longitud de onda. Las bandas de 10 m no cambian. Las de 20 m y 60 m reciben el detalle de las de 10 m donde la escena muestra que guardan relación, y una red entrenada añade el resto. Si el resultado se degrada de nuevo, devuelve las bandas originales.

Indique un producto (su carpeta .SAFE, su zip o su archivo de metadatos) o rásteres de las bandas. Sirven los niveles 1C y 2A, en formatos antiguos y nuevos. La salida cubre lo que cubren las bandas de 10 m. Donde otras bandas no lo hacen, son nodata, y el registro lo dice. B10 del nivel 1C se omite. 0 sigue siendo nodata, 65535 sigue saturado, y el desplazamiento de los valores de los productos nuevos permanece en ellos.

Para trabajar en dos pasos, por ejemplo en un modelo: ejecútelo primero con el objetivo '20 m'. Después con el objetivo '60 m', con el resultado como bandas de 10 m y las bandas de 60 m originales.</translation>
  </message>
  <message>
   <source>safe</source>
   <translation>safe</translation>
  </message>
  <message>
   <source>dsen2</source>
   <translation>dsen2</translation>
  </message>
  <message>
   <source>red edge</source>
   <translation>borde rojo</translation>
  </message>
  <message>
   <source>swir</source>
   <translation>infrarrojo de onda corta</translation>
  </message>
  <message>
   <source>10 m</source>
   <translation>10 m</translation>
  </message>
  <message>
   <source>5 m</source>
   <translation>5 m</translation>
  </message>
  <message>
   <source>pansharpening</source>
   <translation>afinado pancromático</translation>
  </message>
  <message>
   <source>l1c</source>
   <translation>l1c</translation>
  </message>
  <message>
   <source>l2a</source>
   <translation>l2a</translation>
  </message>
 </context>
 <context>
  <name>SharpenThermal</name>
  <message>
   <source>Temperatures</source>
   <translation>Temperaturas</translation>
  </message>
  <message>
   <source>A raster of land-surface temperatures in kelvins, degrees Celsius or scaled integers. Scale, offset and unit are taken from the raster, or from its name for MOD11A1 and MYD11A1, Landsat Collection 2 surface temperature and ECOSTRESS L2T.</source>
   <translation>Un ráster de temperaturas de la superficie terrestre en kelvin, grados Celsius o enteros escalados. Escala, desplazamiento y unidad se toman del ráster, o de su nombre en MOD11A1 y MYD11A1, la temperatura de superficie de Landsat Colección 2 y ECOSTRESS L2T.</translation>
  </message>
  <message>
   <source>Guides (finer images)</source>
   <translation>Guías (imágenes más finas)</translation>
  </message>
  <message>
   <source>One or more rasters with pixels of at most the output's size, any bands and CRS. Not needed for bicubic.</source>
   <translation>Uno o varios rásteres con píxeles como mucho del tamaño de los de la salida, con cualesquiera bandas y SRC. No hace falta para bicubic.</translation>
  </message>
  <message>
   <source>Times finer</source>
   <translation>Cuántas veces más fino</translation>
  </message>
  <message>
   <source>Output pixels per pixel of the temperatures, along one axis.</source>
   <translation>Píxeles de salida por píxel de las temperaturas, a lo largo de un eje.</translation>
  </message>
  <message>
   <source>Model or method</source>
   <translation>Modelo o método</translation>
  </message>
  <message>
   <source>auto: lst-x4 or lst-x8, by the scale. Models of other scales are refused.</source>
   <translation>auto: lst-x4 o lst-x8, según el factor. Los modelos de otros factores se rechazan.</translation>
  </message>
  <message>
   <source>Band of the temperatures</source>
   <translation>Banda de las temperaturas</translation>
  </message>
  <message>
   <source>Of the input, counted from 1.</source>
   <translation>De la entrada, contada desde 1.</translation>
  </message>
  <message>
   <source>Misregistration of the guides</source>
   <translation>Desplazamiento de las guías</translation>
  </message>
  <message>
   <source>correct: measured against the temperatures, and guides are moved. measure: only told. off: not measured. Up to two pixels of the temperatures are looked for.</source>
   <translation>correct: medido respecto a las temperaturas, y las guías se mueven. measure: solo se comunica. off: no se mide. Se busca hasta dos píxeles de las temperaturas.</translation>
  </message>
  <message>
   <source>Means that are kept</source>
   <translation>Medias que se conservan</translation>
  </message>
  <message>
   <source>area: the mean temperature over each coarse pixel. area-radiance: its mean radiance (fourth power). relaxed: means over boxes of coarse pixels, for guides that are misregistered. off: none. auto: area, or relaxed where guides stay shifted by more than 0.2 coarse pixels.</source>
   <translation>area: la temperatura media de cada píxel grueso. area-radiance: su radiancia media (cuarta potencia). relaxed: medias en bloques de píxeles gruesos, para guías desplazadas. off: ninguna. auto: area, o relaxed donde las guías quedan desplazadas más de 0,2 píxeles gruesos.</translation>
  </message>
  <message>
   <source>Side of the boxes of 'relaxed' (coarse pixels, odd)</source>
   <translation>Lado de los bloques de 'relaxed' (píxeles gruesos, impar)</translation>
  </message>
  <message>
   <source>Means are kept over so many coarse pixels on a side.</source>
   <translation>Las medias se conservan en este número de píxeles gruesos por lado.</translation>
  </message>
  <message>
   <source>Unit of the temperatures</source>
   <translation>Unidad de las temperaturas</translation>
  </message>
  <message>
   <source>auto: as the raster or its product says, else kelvins.</source>
   <translation>auto: como dice el ráster o su producto; si no, kelvin.</translation>
  </message>
  <message>
   <source>Scale of the temperatures' numbers</source>
   <translation>Escala de los valores de temperatura</translation>
  </message>
  <message>
   <source>temperature = scale * number + offset. Empty: as the raster or its product says.</source>
   <translation>temperatura = scale * valor + offset. Vacío: como dice el ráster o su producto.</translation>
  </message>
  <message>
   <source>Offset of the temperatures' numbers</source>
   <translation>Desplazamiento de los valores de temperatura</translation>
  </message>
  <message>
   <source>Nodata value of the temperatures</source>
   <translation>Valor nodata de las temperaturas</translation>
  </message>
  <message>
   <source>Overrides what the raster declares.</source>
   <translation>Reemplaza lo que declara el ráster.</translation>
  </message>
  <message>
   <source>Tile size (pixels of the temperatures)</source>
   <translation>Tamaño de tesela (píxeles de las temperaturas)</translation>
  </message>
  <message>
   <source>Sharpened temperatures</source>
   <translation>Temperaturas afinadas</translation>
  </message>
  <message>
   <source>On a grid that nests in that of the temperatures, with their numbers, type, nodata and unit.</source>
   <translation>En una cuadrícula que encaja en la de las temperaturas, con sus valores, tipo, nodata y unidad.</translation>
  </message>
  <message>
   <source>Quality raster</source>
   <translation>Ráster de calidad</translation>
  </message>
  <message>
   <source>A second raster. Its first band is how much the guides count, 0 where they are missing. With a network, the second one is the standard deviation of its eight answers to the flipped and turned image in kelvins, times the factor of the model's card where it has one: a sign of doubt and no error; it takes eight times as long.</source>
   <translation>Un segundo ráster. Su primera banda es cuánto cuentan las guías, 0 donde faltan. Con una red, la segunda es la desviación típica de sus ocho respuestas a la imagen volteada y girada, en kelvin, multiplicada por el factor de la ficha del modelo donde lo tenga: una señal de duda y no un error; tarda ocho veces más.</translation>
  </message>
  <message>
   <source>Compares the chosen model with bicubic, tsharp and local-ridge on this scene, one scale coarser, where the raster itself is the truth.</source>
   <translation>Compara el modelo elegido con bicubic, tsharp y local-ridge en esta escena, a una escala más gruesa, donde el propio ráster es la verdad.</translation>
  </message>
  <message>
   <source>Pixels in which the guides count in full (percent)</source>
   <translation>Píxeles en los que las guías cuentan del todo (por ciento)</translation>
  </message>
  <message>
   <source>Largest difference of a coarse pixel's mean (kelvins)</source>
   <translation>Mayor diferencia de la media de un píxel grueso (kelvin)</translation>
  </message>
  <message>
   <source>Error one scale coarser, relative to bicubic (only with a report)</source>
   <translation>Error una escala más gruesa, relativo al bicúbico (solo con informe)</translation>
  </message>
  <message>
   <source>How means were kept</source>
   <translation>Cómo se conservaron las medias</translation>
  </message>
  <message>
   <source>Methods on this scene (JSON; only with a report)</source>
   <translation>Métodos en esta escena (JSON; solo con informe)</translation>
  </message>
  <message>
   <source>Sharpen temperatures</source>
   <translation>Afinar temperaturas</translation>
  </message>
  <message>
   <source>Sharpens a land-surface temperature raster 4 or 8 times with the detail of finer images.</source>
   <translation>Afina 4 u 8 veces un ráster de temperatura de la superficie terrestre con el detalle de imágenes más finas.</translation>
  </message>
  <message>
   <source>Coarse temperatures (MODIS, a weather satellite, Landsat, ECOSTRESS) become 4 or 8 times finer. The detail comes from guides: finer rasters of the same ground, for example NDVI, reflectances or another sensor's thermal band, in any CRS and with any bands. A guide shows where surfaces change, not how warm they are: what is added is likely, not measured. The mean over each coarse pixel is kept.

The guides are compared with the temperatures, and moved where they are shifted. Where a guide is missing or cloudy (nodata), the result fades into that without a guide.

Models: bicubic takes no guide. tsharp is one regression on the guide band that follows the temperatures best. local-ridge fits regressions in windows of 15 pixels. The others are trained networks; auto takes the shipped one of the scale. The report compares them on your scene, one scale coarser.</source>
   <translation>Las temperaturas gruesas (MODIS, un satélite meteorológico, Landsat, ECOSTRESS) se vuelven 4 u 8 veces más finas. El detalle viene de guías: rásteres más finos del mismo suelo, por ejemplo NDVI, reflectancias o la banda térmica de otro sensor, en cualquier SRC y con cualesquiera bandas. Una guía muestra dónde cambian las superficies, no lo calientes que están: lo que se añade es probable, no medido. Se conserva la media de cada píxel grueso.

Las guías se comparan con las temperaturas y se mueven si están desplazadas. Donde falta una guía o está nublada (nodata), el resultado pasa gradualmente al que no usa guía.

Modelos: bicubic no usa guía. tsharp es una sola regresión sobre la banda guía que mejor siguen las temperaturas. local-ridge ajusta regresiones en ventanas de 15 píxeles. Los demás son redes entrenadas; auto toma la incluida para el factor. El informe los compara en la escena, una escala más gruesa.</translation>
  </message>
  <message>
   <source>land surface temperature</source>
   <translation>temperatura de la superficie terrestre</translation>
  </message>
  <message>
   <source>lst</source>
   <translation>lst</translation>
  </message>
  <message>
   <source>thermal</source>
   <translation>térmico</translation>
  </message>
  <message>
   <source>downscaling</source>
   <translation>reducción de escala</translation>
  </message>
  <message>
   <source>disaggregation</source>
   <translation>desagregación</translation>
  </message>
  <message>
   <source>tsharp</source>
   <translation>tsharp</translation>
  </message>
  <message>
   <source>modis</source>
   <translation>modis</translation>
  </message>
  <message>
   <source>ecostress</source>
   <translation>ecostress</translation>
  </message>
  <message>
   <source>heat island</source>
   <translation>isla de calor</translation>
  </message>
  <message>
   <source>A second raster. Its first band is how much the guides count, 0 where they are missing. With a network, the second one is the standard deviation of its eight answers to the flipped and turned image in kelvins, a sign of doubt and no error; it takes eight times as long.</source>
   <translation type="vanished">Un segundo ráster. Su primera banda es cuánto cuentan las guías, 0 donde faltan. Con una red, la segunda es la desviación típica de sus ocho respuestas a la imagen volteada y girada, en kelvin, una señal de duda y no un error; tarda ocho veces más.</translation>
  </message>
 </context>
 <context>
  <name>Similarity</name>
  <message>
   <source>The raster to measure.</source>
   <translation>El ráster que medir.</translation>
  </message>
  <message>
   <source>The raster that the super-resolved one was made from. Its bicubic upsampling is measured for comparison.</source>
   <translation>El ráster del que se hizo el superresuelto. Su ampliación bicúbica se mide como comparación.</translation>
  </message>
  <message>
   <source>Bands to measure. Empty: all except alpha.</source>
   <translation>Bandas que medir. Vacío: todas salvo alfa.</translation>
  </message>
  <message>
   <source>Bands of the reference</source>
   <translation>Bandas de la referencia</translation>
  </message>
  <message>
   <source>In the order of the bands above. Empty: found by name, wavelength or order.</source>
   <translation>En el orden de las bandas de arriba. Vacío: encontradas por nombre, longitud de onda u orden.</translation>
  </message>
  <message>
   <source>Bands of the low-resolution input</source>
   <translation>Bandas de la entrada de baja resolución</translation>
  </message>
  <message>
   <source>Spectral indices to compare</source>
   <translation>Índices espectrales que comparar</translation>
  </message>
  <message>
   <source>Normalised differences (a - b) / (a + b), by band numbers of the raster, for example NDVI=8,4; NDWI=3,8. NDVI is added automatically if band names or wavelengths identify red and near infrared.</source>
   <translation>Diferencias normalizadas (a - b) / (a + b) por números de banda del ráster, por ejemplo NDVI=8,4; NDWI=3,8. El NDVI se añade automáticamente si los nombres o las longitudes de onda de las bandas identifican el rojo y el infrarrojo cercano.</translation>
  </message>
  <message>
   <source>One HTML file with all numbers, maps and charts. It needs no network.</source>
   <translation>Un archivo HTML con todos los números, mapas y gráficos. No necesita red.</translation>
  </message>
  <message>
   <source>Error map</source>
   <translation>Mapa de error</translation>
  </message>
  <message>
   <source>Raster minus reference, for each band, in the raster's units.</source>
   <translation>Ráster menos referencia, para cada banda, en las unidades del ráster.</translation>
  </message>
  <message>
   <source>SSIM map</source>
   <translation>Mapa de SSIM</translation>
  </message>
  <message>
   <source>Structural similarity around each pixel, for each band.</source>
   <translation>Similitud estructural alrededor de cada píxel, para cada banda.</translation>
  </message>
  <message>
   <source>Improvement and wrong detail</source>
   <translation>Mejora y detalle falso</translation>
  </message>
  <message>
   <source>Three bands from 0 to 1: how far each pixel was improved over bicubic, lacks detail of the reference, or shows detail that is not in the reference. Needs a reference and the low-resolution input.</source>
   <translation>Tres bandas de 0 a 1: hasta qué punto cada píxel mejora respecto al bicúbico, carece de detalle de la referencia, o muestra detalle que no está en la referencia. Necesita una referencia y la entrada de baja resolución.</translation>
  </message>
  <message>
   <source>RMSE: root mean square error (DN)</source>
   <translation>RMSE: raíz del error cuadrático medio (DN)</translation>
  </message>
  <message>
   <source>PSNR: peak signal-to-noise ratio (dB)</source>
   <translation>PSNR: relación señal a ruido de pico (dB)</translation>
  </message>
  <message>
   <source>SSIM: structural similarity</source>
   <translation>SSIM: similitud estructural</translation>
  </message>
  <message>
   <source>UIQ: universal image quality index</source>
   <translation>UIQ: índice universal de calidad de imagen</translation>
  </message>
  <message>
   <source>FSIM (tiled, F=1): feature similarity</source>
   <translation>FSIM (por teselas, F=1): similitud de características</translation>
  </message>
  <message>
   <source>ISSM (experimental): hybrid of edges, entropy and SSIM</source>
   <translation>ISSM (experimental): híbrido de bordes, entropía y SSIM</translation>
  </message>
  <message>
   <source>SAM: spectral angle (°)</source>
   <translation>SAM: ángulo espectral (°)</translation>
  </message>
  <message>
   <source>SRE: signal-to-reconstruction-error ratio (dB)</source>
   <translation>SRE: relación señal a error de reconstrucción (dB)</translation>
  </message>
  <message>
   <source>ERGAS: relative global error</source>
   <translation>ERGAS: error global relativo</translation>
  </message>
  <message>
   <source>cPSNR: PSNR at the best shift, without bias (dB)</source>
   <translation>cPSNR: PSNR en el mejor desplazamiento, sin sesgo (dB)</translation>
  </message>
  <message>
   <source>CC: correlation coefficient</source>
   <translation>CC: coeficiente de correlación</translation>
  </message>
  <message>
   <source>MAE: mean absolute error (DN)</source>
   <translation>MAE: error absoluto medio (DN)</translation>
  </message>
  <message>
   <source>Bias: mean difference (DN)</source>
   <translation>Sesgo: diferencia media (DN)</translation>
  </message>
  <message>
   <source>95 % error: error that 95 % of the values do not exceed (DN)</source>
   <translation>Error del 95 %: error que no supera el 95 % de los valores (DN)</translation>
  </message>
  <message>
   <source>Histogram distance: distance of the histograms (DN)</source>
   <translation>Distancia de histograma: distancia de los histogramas (DN)</translation>
  </message>
  <message>
   <source>FRC resolution: resolution by Fourier ring correlation (cycles/px)</source>
   <translation>Resolución FRC: resolución por correlación de anillos de Fourier (ciclos/px)</translation>
  </message>
  <message>
   <source>Fine-detail power: power of fine detail (dB)</source>
   <translation>Potencia del detalle: potencia del detalle fino (dB)</translation>
  </message>
  <message>
   <source>Shift x: shift along the columns (px)</source>
   <translation>Desplazamiento x: desplazamiento a lo largo de las columnas (px)</translation>
  </message>
  <message>
   <source>Shift y: shift along the rows (px)</source>
   <translation>Desplazamiento y: desplazamiento a lo largo de las filas (px)</translation>
  </message>
  <message>
   <source>Local shift: local misregistration (px)</source>
   <translation>Desplazamiento local: error de registro local (px)</translation>
  </message>
  <message>
   <source>Index error: error of spectral indices</source>
   <translation>Error de índice: error de los índices espectrales</translation>
  </message>
  <message>
   <source>LR consistency: difference to the low-resolution input (DN)</source>
   <translation>Coherencia BR: diferencia con la entrada de baja resolución (DN)</translation>
  </message>
  <message>
   <source>LR spectral angle: spectral angle to the low-resolution input (°)</source>
   <translation>Ángulo espectral BR: ángulo espectral con la entrada de baja resolución (°)</translation>
  </message>
  <message>
   <source>LR shift: shift against the low-resolution input (LR px)</source>
   <translation>Desplazamiento BR: desplazamiento respecto a la entrada de baja resolución (LR px)</translation>
  </message>
  <message>
   <source>Grain: noise on flat ground, bicubic is 1</source>
   <translation>Grano: ruido en zonas uniformes, bicúbico es 1</translation>
  </message>
  <message>
   <source>Overshoot: values outside the range of nearby input pixels (DN)</source>
   <translation>Sobreimpulso: valores fuera del rango de los píxeles de entrada cercanos (DN)</translation>
  </message>
  <message>
   <source>Improvement: share of improved pixels (%)</source>
   <translation>Mejora: proporción de píxeles mejorados (%)</translation>
  </message>
  <message>
   <source>Omission: share of pixels as in bicubic (%)</source>
   <translation>Omisión: proporción de píxeles como en bicúbico (%)</translation>
  </message>
  <message>
   <source>Hallucination: share of pixels with wrong detail (%)</source>
   <translation>Alucinación: proporción de píxeles con detalle falso (%)</translation>
  </message>
  <message>
   <source>Clipped: share of clipped values (%)</source>
   <translation>Recortado: proporción de valores recortados (%)</translation>
  </message>
  <message>
   <source>Tile seams: visibility of tile borders</source>
   <translation>Costuras de teselas: visibilidad de los bordes de tesela</translation>
  </message>
  <message>
   <source>Similarity report</source>
   <translation>Informe de similitud</translation>
  </message>
  <message>
   <source>Measures how accurate a result is, where its errors are, and its gain over bicubic.</source>
   <translation>Mide la exactitud de un resultado, dónde están sus errores y su ganancia sobre el bicúbico.</translation>
  </message>
  <message>
   <source>Measures how accurate a super-resolved raster is, where its errors are, and what it gains over bicubic upsampling. The result is a report, and numbers for models and batch tables.

Give a reference with the same pixel size (the truth), or the low-resolution raster that the super-resolved one was made from, or both. Without a reference, only the consistency with the input can be measured, not the added detail.

The grids are compared first. Rasters with another CRS, pixel size or origin are refused, or warped if you ask for it. Shifts are measured and reported, never corrected. Rasters of any size are read tile by tile.

A summary is added to the notes of the layer, and the numbers to its custom property srsat/similarity. Both are saved with the project.</source>
   <translation>Mide la exactitud de un ráster superresuelto, dónde están sus errores y qué gana sobre la ampliación bicúbica. El resultado es un informe, y números para modelos y tablas de procesamiento por lotes.

Indique una referencia con el mismo tamaño de píxel (la verdad), o el ráster de baja resolución del que se hizo el superresuelto, o ambos. Sin referencia, solo puede medirse la coherencia con la entrada, no el detalle añadido.

Primero se comparan las cuadrículas. Los rásteres con otro SRC, tamaño de píxel u origen se rechazan, o se reproyectan si se pide. Los desplazamientos se miden y se comunican, nunca se corrigen. Los rásteres de cualquier tamaño se leen tesela a tesela.

Se añade un resumen a las notas de la capa, y los números a su propiedad personalizada srsat/similarity. Ambos se guardan con el proyecto.</translation>
  </message>
  <message>
   <source>SAM</source>
   <translation>SAM</translation>
  </message>
  <message>
   <source>ERGAS</source>
   <translation>ERGAS</translation>
  </message>
  <message>
   <source>RMSE</source>
   <translation>RMSE</translation>
  </message>
  <message>
   <source>accuracy</source>
   <translation>exactitud</translation>
  </message>
  <message>
   <source>fidelity</source>
   <translation>fidelidad</translation>
  </message>
 </context>
 <context>
  <name>SuperResolve</name>
  <message>
   <source>A shipped model or one in your models folder; the description above says what each is for. In scripts and on the command line, give its id, for example any-x2, not its number.</source>
   <translation>Un modelo incluido o uno de su carpeta de modelos; la descripción de arriba dice para qué sirve cada uno. En scripts y en la línea de órdenes, indique su id, por ejemplo any-x2, no su número.</translation>
  </message>
  <message>
   <source>Bands to super-resolve, in this order. Empty: all. If a model needs certain bands, they are found by name or wavelength.</source>
   <translation>Bandas que superresolver, en este orden. Vacío: todas. Si un modelo necesita ciertas bandas, se encuentran por nombre o longitud de onda.</translation>
  </message>
  <message>
   <source>Part of the raster to super-resolve, in any CRS, enlarged to whole pixels. Required for web maps.</source>
   <translation>Parte del ráster que superresolver, en cualquier SRC, ampliada a píxeles enteros. Obligatoria para mapas web.</translation>
  </message>
  <message>
   <source>Batch size (tiles)</source>
   <translation>Tamaño de lote (teselas)</translation>
  </message>
  <message>
   <source>Number of tiles that the network computes at a time. Empty: chosen by device. It is halved if memory runs out.</source>
   <translation>Número de teselas que la red calcula a la vez. Vacío: según el dispositivo. Se reduce a la mitad si se agota la memoria.</translation>
  </message>
  <message>
   <source>Keeps finished tiles next to the output during the run. A later run with the same input, model and settings continues from them. Needs twice the disk space.</source>
   <translation>Guarda las teselas terminadas junto a la salida durante la ejecución. Una ejecución posterior con la misma entrada, el mismo modelo y los mismos ajustes continúa desde ellas. Necesita el doble de espacio en disco.</translation>
  </message>
  <message>
   <source>Pixel size of a web map</source>
   <translation>Tamaño de píxel de un mapa web</translation>
  </message>
  <message>
   <source>Only for web maps: the map is fetched with pixels of this size, in map units, and then super-resolved. Empty: the finest zoom level with at most 2048 pixels along the longer side of the extent. A coverage (WCS) is fetched in its own pixels.</source>
   <translation>Solo para mapas web: el mapa se descarga con píxeles de este tamaño, en unidades del mapa, y después se superresuelve. Vacío: el nivel de zum más fino con un máximo de 2048 píxeles en el lado mayor de la extensión. Una cobertura (WCS) se descarga con sus propios píxeles.</translation>
  </message>
  <message>
   <source>How good the result is: consistency with its input, seams, clipped values. With a reference, the whole similarity report.</source>
   <translation>Cuán bueno es el resultado: coherencia con su entrada, costuras, valores recortados. Con una referencia, el informe de similitud completo.</translation>
  </message>
  <message>
   <source>Reference raster for the report</source>
   <translation>Ráster de referencia para el informe</translation>
  </message>
  <message>
   <source>A raster on the grid of the result that is taken as the truth, to test a model. Used only for the report.</source>
   <translation>Un ráster en la cuadrícula del resultado que se toma como verdad, para probar un modelo. Solo se usa para el informe.</translation>
  </message>
  <message>
   <source>Bicubic enlargement</source>
   <translation>Ampliación bicúbica</translation>
  </message>
  <message>
   <source>The same raster enlarged without a network, on the same grid: lay one over the other and swipe.</source>
   <translation>El mismo ráster ampliado sin red, en la misma cuadrícula: para superponerlos y compararlos deslizando.</translation>
  </message>
  <message>
   <source>Map of doubt</source>
   <translation>Mapa de duda</translation>
  </message>
  <message>
   <source>How uncertain each pixel is, in the unit of the input: the standard deviation of the model's eight answers to the flipped and turned image, times a factor in the model's card that was measured where the truth is known. The log and the report say how often the error lay within one and two of these, or that the card has no factor: then the true error is usually several times larger. What all eight answers get wrong does not show. The log and an output (UNCERTAIN_PLACES) name the ten most doubtful places. It takes eight times the time of the run itself.</source>
   <translation>La incertidumbre de cada píxel, en la unidad de la entrada: la desviación típica de las ocho respuestas del modelo a la imagen volteada y girada, por un factor de la ficha del modelo que se midió donde se conoce la verdad. El registro y el informe dicen cuántas veces el error quedó dentro de uno y de dos de estos valores, o que la ficha no tiene factor: entonces el error verdadero suele ser varias veces mayor. Lo que las ocho respuestas tienen mal no se ve. El registro y una salida (UNCERTAIN_PLACES) nombran los diez lugares más dudosos. Tarda ocho veces el tiempo de la propia ejecución.</translation>
  </message>
  <message>
   <source>Number of tiles</source>
   <translation>Número de teselas</translation>
  </message>
  <message>
   <source>Most doubtful places (JSON: x, y, value)</source>
   <translation>Lugares más dudosos (JSON: x, y, value)</translation>
  </message>
  <message>
   <source>Super-resolve raster</source>
   <translation>Superresolución de un ráster</translation>
  </message>
  <message>
   <source>Writes a raster of the same extent with smaller pixels and the detail that a trained network adds.</source>
   <translation>Escribe un ráster de la misma extensión, con píxeles más pequeños y el detalle que añade una red entrenada.</translation>
  </message>
  <message>
   <source>Writes a raster of exactly the same extent with smaller pixels. A trained network adds the detail. Works for any number of bands, any sensor, and 8, 12 and 16 bits or floats. Data type, nodata, masks, band names, scale and offset are kept. There are no seams between tiles.

Web maps (XYZ, WMS, WCS) work too: give an extent and, if you like, a resolution.

QGIS deletes a temporary output without a warning when it closes: name a file to keep the result.

Which model? If the raster is not one that the model was made for, the log says so, and which would fit.</source>
   <translation>Escribe un ráster de exactamente la misma extensión con píxeles más pequeños. Una red entrenada añade el detalle. Sirve para cualquier número de bandas, cualquier sensor, y 8, 12 y 16 bits o números de coma flotante. Se conservan el tipo de datos, nodata, máscaras, nombres de las bandas, escala y desplazamiento de los valores. No hay costuras entre teselas.

También sirven los mapas web (XYZ, WMS, WCS): indique una extensión y, si quiere, una resolución.

QGIS borra sin avisar una salida temporal al cerrarse: nombre un archivo para conservar el resultado.

¿Qué modelo? Si el ráster no es de aquellos para los que se hizo el modelo, el registro lo dice, y cuál convendría.</translation>
  </message>
  <message>
   <source>superresolution</source>
   <translation>super resolución</translation>
  </message>
  <message>
   <source>upscale</source>
   <translation>aumentar la resolución</translation>
  </message>
  <message>
   <source>upsample</source>
   <translation>sobremuestrear</translation>
  </message>
  <message>
   <source>upsampling</source>
   <translation>sobremuestreo</translation>
  </message>
  <message>
   <source>enhance</source>
   <translation>mejorar</translation>
  </message>
  <message>
   <source>enlarge</source>
   <translation>ampliar</translation>
  </message>
  <message>
   <source>zoom</source>
   <translation>zum</translation>
  </message>
  <message>
   <source>resample</source>
   <translation>remuestrear</translation>
  </message>
  <message>
   <source>denoise</source>
   <translation>eliminar ruido</translation>
  </message>
  <message>
   <source>deblur</source>
   <translation>eliminar desenfoque</translation>
  </message>
  <message>
   <source>aerial</source>
   <translation>foto aérea</translation>
  </message>
  <message>
   <source>drone</source>
   <translation>dron</translation>
  </message>
  <message>
   <source>neural network</source>
   <translation>red neuronal</translation>
  </message>
 </context>
 <context>
  <name>SuperResolveTiles</name>
  <message>
   <source>Tiles (layer or file)</source>
   <translation>Teselas (capa o archivo)</translation>
  </message>
  <message>
   <source>A layer of tiles in EPSG:3857 (Web Mercator), or a file of such tiles. In scripts, a folder or a template is taken too. PMTiles of pictures need GDAL 3.14 or newer: convert them to MBTiles for an older one.</source>
   <translation>Una capa de teselas en EPSG:3857 (Web Mercator), o un archivo de tales teselas. En scripts también se acepta una carpeta o una plantilla. Los PMTiles de imágenes necesitan GDAL 3.14 o posterior; con uno anterior, conviértalos a MBTiles.</translation>
  </message>
  <message>
   <source>Folder or template of tiles (instead of the layer)</source>
   <translation>Carpeta o plantilla de teselas (en lugar de la capa)</translation>
  </message>
  <message>
   <source>A folder with {z}/{x}/{y}.png, .jpg or .webp, or a template such as folder/{z}/{x}/{y}@2x.png or https://host/{z}/{x}/{y}.png. {-y} counts rows from the south (TMS).</source>
   <translation>Una carpeta con {z}/{x}/{y}.png, .jpg o .webp, o una plantilla como folder/{z}/{x}/{y}@2x.png o https://host/{z}/{x}/{y}.png. {-y} cuenta las filas desde el sur (TMS).</translation>
  </message>
  <message>
   <source>A model that makes colours finer by a factor of 2 (one zoom level) or 4 (two). In scripts and on the command line, give its id.</source>
   <translation>Un modelo que afina los colores por un factor de 2 (un nivel de zum) o 4 (dos). En scripts y en la línea de órdenes, indique su id.</translation>
  </message>
  <message>
   <source>Extent (empty: all tiles)</source>
   <translation>Extensión (vacía: todo)</translation>
  </message>
  <message>
   <source>Part of the tiles, in any CRS, enlarged to whole tiles. Required for web maps.</source>
   <translation>Parte de las teselas, en cualquier SRC, ampliada a teselas enteras. Obligatoria para mapas web.</translation>
  </message>
  <message>
   <source>First zoom level of the output</source>
   <translation>Primer nivel de zum</translation>
  </message>
  <message>
   <source>Empty: the last one (ZOOM_MAX), that is one level. Levels that the source has already are copied.</source>
   <translation>Vacío: el último (ZOOM_MAX), es decir, un nivel. Los niveles que la fuente ya tiene se copian.</translation>
  </message>
  <message>
   <source>Last zoom level of the output</source>
   <translation>Último nivel de zum</translation>
  </message>
  <message>
   <source>Empty: the deepest that the model makes of the tiles. Required where only the server knows which levels there are.</source>
   <translation>Vacío: el más profundo que el modelo saca de las teselas. Obligatorio donde solo el servidor sabe qué niveles hay.</translation>
  </message>
  <message>
   <source>Packing</source>
   <translation>Empaquetado</translation>
  </message>
  <message>
   <source>next zoom: tiles of the same size, one level deeper (four times the tiles). retina: tiles of twice the pixels (@2x) of the same level.</source>
   <translation>next zoom: teselas del mismo tamaño, un nivel más profundo (cuatro veces más teselas). retina: teselas con el doble de píxeles (@2x) del mismo nivel.</translation>
  </message>
  <message>
   <source>Tile format</source>
   <translation>Formato de las teselas</translation>
  </message>
  <message>
   <source>PNG keeps every value, JPG has no transparency (white instead), WEBP is smallest. The numbers 0, 1 and 2 of QGIS's own tools are taken too. A GeoTIFF has its own format.</source>
   <translation>PNG conserva cada valor, JPG no tiene transparencia (blanco en su lugar), WEBP es el más pequeño. También se aceptan los números 0, 1 y 2 de las herramientas propias de QGIS. Un GeoTIFF tiene su propio formato.</translation>
  </message>
  <message>
   <source>Quality (JPG and WEBP only)</source>
   <translation>Calidad (solo JPG y WEBP)</translation>
  </message>
  <message>
   <source>1 (small files) to 100 (best pictures).</source>
   <translation>1 (archivos pequeños) a 100 (mejores imágenes).</translation>
  </message>
  <message>
   <source>Output file</source>
   <translation>Archivo de salida</translation>
  </message>
  <message>
   <source>An MBTiles file, or a GeoTIFF in EPSG:3857 of one level. A temporary file gives way to a folder (OUTPUT_DIRECTORY).</source>
   <translation>Un archivo MBTiles, o un GeoTIFF en EPSG:3857 de un nivel. Un archivo temporal cede su lugar a una carpeta (OUTPUT_DIRECTORY).</translation>
  </message>
  <message>
   <source>Output folder</source>
   <translation>Carpeta de salida</translation>
  </message>
  <message>
   <source>A folder for tiles {z}/{x}/{y}; a file tiles.json (TileJSON) describes them. Levels that the folder has already are replaced, other files stay. It can be the folder of the input.</source>
   <translation>Una carpeta para teselas {z}/{x}/{y}; un archivo tiles.json (TileJSON) las describe. Los niveles que la carpeta ya tiene se reemplazan, los demás archivos se mantienen. Puede ser la carpeta de la entrada.</translation>
  </message>
  <message>
   <source>Rows of the output folder count from the south (TMS)</source>
   <translation>Filas de la carpeta de salida desde el sur (TMS)</translation>
  </message>
  <message>
   <source>MBTiles count them so in any case.</source>
   <translation>MBTiles las cuenta así en todos los casos.</translation>
  </message>
  <message>
   <source>Rows of the input folder count from the south (TMS)</source>
   <translation>Filas de la carpeta de entrada desde el sur (TMS)</translation>
  </message>
  <message>
   <source>For folders and templates. A folder whose tilemapresource.xml or tiles.json says so is known to be one. MBTiles count them so in any case.</source>
   <translation>Para carpetas y plantillas. Una carpeta cuyo tilemapresource.xml o tiles.json lo indica se reconoce como tal. MBTiles las cuenta así en todos los casos.</translation>
  </message>
  <message>
   <source>Keeps finished tiles next to the output during the run. A later run with the same input, model and settings continues from them. Not for a GeoTIFF.</source>
   <translation>Guarda las teselas terminadas junto a la salida durante la ejecución. Una ejecución posterior con la misma entrada, el mismo modelo y los mismos ajustes continúa desde ellas. No para un GeoTIFF.</translation>
  </message>
  <message>
   <source>Add the tiles to the project</source>
   <translation>Añadir las teselas al proyecto</translation>
  </message>
  <message>
   <source>As a layer, once they are whole.</source>
   <translation>Como capa, cuando están completas.</translation>
  </message>
  <message>
   <source>Attribution (HTML)</source>
   <translation>Atribución (HTML)</translation>
  </message>
  <message>
   <source>Whom to attribute the tiles to, kept with them. Empty: that of the input.</source>
   <translation>A quién atribuir las teselas, guardado con ellas. Vacío: como en la entrada.</translation>
  </message>
  <message>
   <source>Number of tiles made</source>
   <translation>Número de teselas creadas</translation>
  </message>
  <message>
   <source>Number of tiles copied</source>
   <translation>Número de teselas copiadas</translation>
  </message>
  <message>
   <source>Number of tiles that could not be read</source>
   <translation>Número de teselas que no pudieron leerse</translation>
  </message>
  <message>
   <source>Super-resolve tiles of a web map</source>
   <translation>Superresolución de las teselas de un mapa web</translation>
  </message>
  <message>
   <source>Makes the zoom levels that a tiled web map lacks, or tiles of twice the pixels (@2x), without seams.</source>
   <translation>Crea los niveles de zum que le faltan a un mapa web de teselas, o teselas con el doble de píxeles (@2x), sin costuras.</translation>
  </message>
  <message>
   <source>Makes deeper zoom levels of the tiles of a web map: one level with a model of x2, two with a model of x4. Or it makes tiles of twice the pixels (@2x, 512 instead of 256) for screens of high density. The tiles around each tile are used too, so that there are no seams: the result is that of one large raster. Missing tiles stay missing, and transparent pixels stay transparent. Tiles that cannot be read are left out and counted.

The deepest level that has tiles in the extent is made finer. Levels of the output that the source has already are copied (from ZOOM_MIN to ZOOM_MAX).

More than 5000 tiles of openstreetmap.org are refused, as in QGIS's own tools.</source>
   <translation>Crea niveles de zum más profundos de las teselas de un mapa web: un nivel con un modelo x2, dos con un modelo x4. O teselas con el doble de píxeles (@2x, 512 en lugar de 256) para pantallas de alta densidad. También se usan las teselas alrededor de cada tesela, para que no haya costuras: el resultado es el de un solo ráster grande. Las teselas que faltan siguen faltando, y los píxeles transparentes siguen transparentes. Las teselas que no pueden leerse se omiten y se cuentan.

Se afina el nivel más profundo que tiene teselas en la extensión. Los niveles de la salida que la fuente ya tiene se copian (de ZOOM_MIN a ZOOM_MAX).

Se rechazan más de 5000 teselas de openstreetmap.org, como en las herramientas de QGIS.</translation>
  </message>
  <message>
   <source>xyz</source>
   <translation>xyz</translation>
  </message>
  <message>
   <source>mbtiles</source>
   <translation>mbtiles</translation>
  </message>
  <message>
   <source>pmtiles</source>
   <translation>pmtiles</translation>
  </message>
  <message>
   <source>tms</source>
   <translation>tms</translation>
  </message>
  <message>
   <source>wmts</source>
   <translation>wmts</translation>
  </message>
  <message>
   <source>retina</source>
   <translation>retina</translation>
  </message>
  <message>
   <source>zoom level</source>
   <translation>nivel de zum</translation>
  </message>
  <message>
   <source>tiles</source>
   <translation>teselas</translation>
  </message>
  <message>
   <source>A layer of tiles in EPSG:3857 (Web Mercator), or a file of such tiles. In scripts, a folder or a template is taken too. PMTiles needs a GDAL that reads those of pictures.</source>
   <translation type="vanished">Una capa de teselas en EPSG:3857 (Web Mercator), o un archivo de tales teselas. En scripts también se acepta una carpeta o una plantilla. PMTiles necesita un GDAL que lea los de imágenes.</translation>
  </message>
 </context>
 <context>
  <name>TimeSeries</name>
  <message>
   <source>Scenes (folder, list or scene)</source>
   <translation>Escenas (carpeta, lista o escena)</translation>
  </message>
  <message>
   <source>A folder of products (Landsat folders and tars, .SAFE folders and zips) and of rasters with dates and names of bands, at any depth; or a text file with a path a line. Several are separated by semicolons.</source>
   <translation>Una carpeta de productos (carpetas y tars de Landsat, carpetas y zips .SAFE) y de rásteres con fecha y nombres de bandas, a cualquier profundidad; o un archivo de texto con una ruta por línea. Varios se separan con puntos y comas.</translation>
  </message>
  <message>
   <source>Extent (empty: the whole scene)</source>
   <translation>Extensión (vacía: todo)</translation>
  </message>
  <message>
   <source>Of the series, grown to whole pixels. Empty: that of the scene that gives the grid.</source>
   <translation>De la serie, ampliada a píxeles enteros. Vacía: la de la escena que da la cuadrícula.</translation>
  </message>
  <message>
   <source>Sentinel-2 reference</source>
   <translation>Referencia Sentinel-2</translation>
  </message>
  <message>
   <source>A product, or a raster with names of bands. It gives the grid, and all Landsat dates are moved onto and fitted to it. Empty: the first Sentinel-2 date with 10 m pixels gives the grid, else multiples of 10 m in the first scene's zone of UTM.</source>
   <translation>Un producto, o un ráster con nombres de bandas. Da la cuadrícula, y todas las fechas de Landsat se mueven sobre ella y se ajustan a ella. Vacío: la primera fecha de Sentinel-2 con píxeles de 10 m da la cuadrícula; si no, múltiplos de 10 m en la zona UTM de la primera escena.</translation>
  </message>
  <message>
   <source>Most days between dates that are compared</source>
   <translation>Intervalo máximo entre fechas comparadas (días)</translation>
  </message>
  <message>
   <source>Of neighbouring dates of different sensors. What changes in these days is in the numbers.</source>
   <translation>Entre fechas vecinas de sensores distintos. Lo que cambia en esos días está en los números.</translation>
  </message>
  <message>
   <source>Use Landsat's panchromatic band</source>
   <translation>Usar la banda pancromática de Landsat</translation>
  </message>
  <message>
   <source>Dates of level 1, whose folders hold band 8, are pan-sharpened first, as by PAN of Harmonise Landsat at 10 m; the others are made as without.</source>
   <translation>Las fechas de nivel 1, cuyas carpetas contienen la banda 8, se refinan primero con ella, como con PAN de «Armonizar Landsat a 10 m»; las demás se hacen como sin ella.</translation>
  </message>
  <message>
   <source>Load the layers into the project</source>
   <translation>Cargar las capas en el proyecto</translation>
  </message>
  <message>
   <source>As a group, when the algorithm runs in its window. Scripts and qgis_process load nothing.</source>
   <translation>Como grupo, cuando el algoritmo se ejecuta en su ventana. Los scripts y qgis_process no cargan nada.</translation>
  </message>
  <message>
   <source>Folder of the series</source>
   <translation>Carpeta de la serie</translation>
  </message>
  <message>
   <source>Holds a raster for each date, the tables, the report, and the layers as a group (series.qlr).</source>
   <translation>Contiene un ráster por fecha, las tablas, el informe y las capas como grupo (series.qlr).</translation>
  </message>
  <message>
   <source>Number of scenes</source>
   <translation>Número de escenas</translation>
  </message>
  <message>
   <source>Dates that are on the grid</source>
   <translation>Fechas que están en la cuadrícula</translation>
  </message>
  <message>
   <source>Dates that have failed</source>
   <translation>Fechas fallidas</translation>
  </message>
  <message>
   <source>Pairs of dates that were compared</source>
   <translation>Pares de fechas comparados</translation>
  </message>
  <message>
   <source>Table of agreement (CSV)</source>
   <translation>Tabla de concordancia (CSV)</translation>
  </message>
  <message>
   <source>Table of dates (CSV)</source>
   <translation>Tabla de fechas (CSV)</translation>
  </message>
  <message>
   <source>Layers (QGIS layer definition)</source>
   <translation>Capas (definición de capa de QGIS)</translation>
  </message>
  <message>
   <source>Time series at 10 m</source>
   <translation>Serie temporal a 10 m</translation>
  </message>
  <message>
   <source>Brings Landsat and Copernicus scenes of many dates onto one 10 m grid and compares neighbouring dates.</source>
   <translation>Lleva escenas de Landsat y Copernicus de muchas fechas a una misma cuadrícula de 10 m y compara las fechas vecinas.</translation>
  </message>
  <message>
   <source>Landsat 8 and 9 (Collection 2) and Sentinel-2 scenes of one place and many dates become one raster a date, all on the same 10 m grid, with the same bands and the same numbers: reflectance times 10000, 0 for nodata. Clouds are nodata. Landsat's dates are harmonised as by 'Harmonise Landsat at 10 m', whose parameters these are. Sentinel-2's dates are read, and warped where they lie on another grid; their 20 m bands are interpolated ('Sentinel-2 at 10 m' sharpens them; give its results as rasters then).

Each Landsat date is moved onto, and where the radiometry asks for it fitted to, the Sentinel-2 date nearest to it, or the reference that you give.

The output folder gets a raster a date, named by day and sensor, dates.csv, agreement.csv and report.html: how neighbouring dates of the two sensors agree, band by band and as NDVI; and series.qlr, the dated layers as a group, which QGIS's temporal controller plays. Drag it into a project, or let this window load them.

Run it again with the same folder when there are new scenes: dates that are there are not made again. A broken scene fails alone; dates.csv says why.</source>
   <translation>Escenas de Landsat 8 y 9 (Colección 2) y Sentinel-2 de un mismo lugar y muchas fechas se convierten en un ráster por fecha, todos en la misma cuadrícula de 10 m, con las mismas bandas y los mismos valores: reflectancia por 10000, 0 para nodata. Las nubes son nodata. Las fechas de Landsat se armonizan como con 'Armonizar Landsat a 10 m', cuyos parámetros son estos. Las fechas de Sentinel-2 se leen, y se reproyectan si están en otra cuadrícula; sus bandas de 20 m se interpolan ('Sentinel-2 a 10 m' las afina; indique entonces sus resultados como rásteres).

Cada fecha de Landsat se mueve sobre la fecha de Sentinel-2 más cercana, o sobre la referencia que se indique, y, donde la radiometría lo pide, se ajusta a ella.

La carpeta de salida recibe un ráster por fecha, nombrado por día y sensor, dates.csv, agreement.csv y report.html: cómo concuerdan las fechas vecinas de los dos sensores, banda por banda y como NDVI; y series.qlr, las capas con fecha como grupo, que reproduce el controlador temporal de QGIS. Arrástrelo a un proyecto, o deje que esta ventana las cargue.

Ejecútelo de nuevo con la misma carpeta cuando haya escenas nuevas: las fechas que ya están no se vuelven a hacer. Una escena dañada falla ella sola; dates.csv dice por qué.</translation>
  </message>
  <message>
   <source>time series</source>
   <translation>serie temporal</translation>
  </message>
  <message>
   <source>timeseries</source>
   <translation>series temporales</translation>
  </message>
  <message>
   <source>temporal</source>
   <translation>temporal</translation>
  </message>
  <message>
   <source>stack</source>
   <translation>pila</translation>
  </message>
  <message>
   <source>many dates</source>
   <translation>muchas fechas</translation>
  </message>
  <message>
   <source>data cube</source>
   <translation>cubo de datos</translation>
  </message>
 </context>
 <context>
  <name>TrainModel</name>
  <message>
   <source>A folder made by Prepare training data (srsat:preparetrainingdata).</source>
   <translation>Una carpeta hecha por Preparar datos de entrenamiento (srsat:preparetrainingdata).</translation>
  </message>
  <message>
   <source>The description above says what each is for. If you train a model further, its network is used instead.</source>
   <translation>La descripción de arriba dice para qué sirve cada una. Si se sigue entrenando un modelo, se usa su red en su lugar.</translation>
  </message>
  <message>
   <source>Size of the network</source>
   <translation>Tamaño de la red</translation>
  </message>
  <message>
   <source>A larger network learns more and takes longer, both for training and later use.</source>
   <translation>Una red mayor aprende más y tarda más, tanto al entrenar como en el uso posterior.</translation>
  </message>
  <message>
   <source>Empty: that of the image pairs, or 2 if the low-resolution images are made from the high-resolution ones.</source>
   <translation>Vacío: el de los pares de imágenes, o 2 si las imágenes de baja resolución se hacen a partir de las de alta.</translation>
  </message>
  <message>
   <source>Loss</source>
   <translation>Función de pérdida</translation>
  </message>
  <message>
   <source>What the training minimises. The description above says how each affects the result.</source>
   <translation>Lo que minimiza el entrenamiento. La descripción de arriba dice cómo influye cada una en el resultado.</translation>
  </message>
  <message>
   <source>Base model to train further</source>
   <translation>Modelo base que seguir entrenando</translation>
  </message>
  <message>
   <source>Starts from this model instead of a new network. This is better if there is little data.</source>
   <translation>Parte de este modelo en lugar de una red nueva. Es mejor si hay pocos datos.</translation>
  </message>
  <message>
   <source>Base model file (used instead of the base model above)</source>
   <translation>Archivo del modelo base (en lugar del de arriba)</translation>
  </message>
  <message>
   <source>The model.onnx in the folder of a model that this trainer made, with its card next to it.</source>
   <translation>El model.onnx de la carpeta de un modelo hecho por este entrenador, con su ficha al lado.</translation>
  </message>
  <message>
   <source>Use all bands together</source>
   <translation>Usar todas las bandas juntas</translation>
  </message>
  <message>
   <source>The network then takes exactly the bands of the training data, and can use one band for another. Otherwise it is applied to each band separately, and the model works for any bands.</source>
   <translation>La red toma entonces exactamente las bandas de los datos de entrenamiento, y puede aprovechar una banda para otra. Si no, se aplica a cada banda por separado, y el modelo sirve para cualquier banda.</translation>
  </message>
  <message>
   <source>Recipe file (replaces the settings of network and training)</source>
   <translation>Archivo de receta (reemplaza los ajustes)</translation>
  </message>
  <message>
   <source>A recipe with all settings of the trainer. It is used as it is: network, size, scale, loss, duration, learning rate and seed in this dialog are ignored.</source>
   <translation>Una receta con todos los ajustes del entrenador. Se usa tal cual: red, tamaño, escala, pérdida, duración, tasa de aprendizaje y semilla de este cuadro de diálogo se ignoran.</translation>
  </message>
  <message>
   <source>Training time (minutes)</source>
   <translation>Duración (minutos)</translation>
  </message>
  <message>
   <source>Empty, with epochs also empty: 30 minutes.</source>
   <translation>Vacío, si las épocas también están vacías: 30 minutos.</translation>
  </message>
  <message>
   <source>Training length (epochs; instead of minutes)</source>
   <translation>Duración (épocas; en lugar de minutos)</translation>
  </message>
  <message>
   <source>Passes over the training patches: the same on any machine.</source>
   <translation>Pasadas por los recortes de entrenamiento: las mismas en cualquier equipo.</translation>
  </message>
  <message>
   <source>Learning rate (empty: automatic)</source>
   <translation>Tasa de aprendizaje (vacía: automática)</translation>
  </message>
  <message>
   <source>If empty, the trainer finds one with a short test run.</source>
   <translation>Si está vacía, el entrenador encuentra una con una breve prueba.</translation>
  </message>
  <message>
   <source>Early stopping (validations without improvement)</source>
   <translation>Parada temprana (validaciones sin mejora)</translation>
  </message>
  <message>
   <source>0: no early stopping. The best weights seen during training are exported in any case; with adversarial losses, the last ones.</source>
   <translation>0: sin parada temprana. En cualquier caso se exportan los mejores pesos vistos durante el entrenamiento; con pérdidas adversarias, los últimos.</translation>
  </message>
  <message>
   <source>auto: an NVIDIA graphics card if PyTorch can use one, else the processor.</source>
   <translation>auto: una tarjeta gráfica NVIDIA si PyTorch puede usar una, si no el procesador.</translation>
  </message>
  <message>
   <source>Random seed</source>
   <translation>Semilla aleatoria</translation>
  </message>
  <message>
   <source>The same data, settings, seed and machine give the same model if the length is given in epochs.</source>
   <translation>Los mismos datos, ajustes, semilla y equipo dan el mismo modelo si la duración se da en épocas.</translation>
  </message>
  <message>
   <source>Continues the run in the folder below (OUTPUT_FOLDER), with the settings that it was started with.</source>
   <translation>Continúa la ejecución de la carpeta de abajo (OUTPUT_FOLDER), con los ajustes con los que se inició.</translation>
  </message>
  <message>
   <source>Folder of the run</source>
   <translation>Carpeta de la ejecución</translation>
  </message>
  <message>
   <source>Checkpoints, metrics, curves, the report and the recipe. Name a folder to be able to resume: QGIS deletes a temporary one when it closes. The model itself is copied to your models folder.</source>
   <translation>Puntos de control, medidas, curvas, el informe y la receta. Indique una carpeta para poder reanudar: QGIS borra una temporal al cerrarse. El modelo en sí se copia en su carpeta de modelos.</translation>
  </message>
  <message>
   <source>PSNR gain over bicubic on validation patches (dB)</source>
   <translation>Ganancia de PSNR sobre el bicúbico en recortes de validación (dB)</translation>
  </message>
  <message>
   <source>PSNR on validation patches (dB)</source>
   <translation>PSNR en recortes de validación (dB)</translation>
  </message>
  <message>
   <source>PSNR of bicubic on the same patches (dB)</source>
   <translation>PSNR del bicúbico en los mismos recortes (dB)</translation>
  </message>
  <message>
   <source>Number of training steps</source>
   <translation>Número de pasos de entrenamiento</translation>
  </message>
  <message>
   <source>Training report</source>
   <translation>Informe de entrenamiento</translation>
  </message>
  <message>
   <source>Training curves (PNG)</source>
   <translation>Curvas de entrenamiento (PNG)</translation>
  </message>
  <message>
   <source>Train model</source>
   <translation>Entrenar modelo</translation>
  </message>
  <message>
   <source>Trains a super-resolution model on your own rasters, or trains a shipped model further on them.</source>
   <translation>Entrena un modelo de superresolución con rásteres propios, o sigue entrenando con ellos un modelo incluido.</translation>
  </message>
  <message>
   <source>Trains a super-resolution model on patches of your own rasters (made by Prepare training data), or trains a shipped model further on them. The finished model is in every list of models at once. Its card says what it was trained on and what quality was measured.

The trainer runs in a separate process with its own PyTorch environment. Install dependencies creates that environment once ('Also install the trainer', TRAINING). The log shows the loss, the PSNR on the validation patches next to bicubic, and the remaining time. Cancel keeps a checkpoint; 'Resume an interrupted run' (RESUME) with the same folder continues from it exactly.</source>
   <translation>Entrena un modelo de superresolución con recortes de rásteres propios (hechos por Preparar datos de entrenamiento), o sigue entrenando con ellos un modelo incluido. El modelo terminado está enseguida en todas las listas de modelos. Su ficha dice con qué se entrenó y qué calidad se midió.

El entrenador se ejecuta en un proceso aparte con su propio entorno de PyTorch. Instalar dependencias crea ese entorno una vez ('Instalar también el entrenador', TRAINING). El registro muestra la pérdida, el PSNR en los recortes de validación junto al del bicúbico, y el tiempo restante. Cancelar guarda un punto de control; 'Reanudar una ejecución interrumpida' (RESUME) con la misma carpeta continúa exactamente desde ahí.</translation>
  </message>
  <message>
   <source>Losses:</source>
   <translation>Funciones de pérdida:</translation>
  </message>
  <message>
   <source>train</source>
   <translation>entrenar</translation>
  </message>
  <message>
   <source>retrain</source>
   <translation>reentrenar</translation>
  </message>
  <message>
   <source>fine-tune</source>
   <translation>ajuste fino</translation>
  </message>
  <message>
   <source>learn</source>
   <translation>aprender</translation>
  </message>
  <message>
   <source>network</source>
   <translation>red</translation>
  </message>
  <message>
   <source>recipe</source>
   <translation>receta</translation>
  </message>
  <message>
   <source>0: no early stopping. The best weights seen during training are exported in any case.</source>
   <translation type="vanished">0: sin parada temprana. En cualquier caso se exportan los mejores pesos vistos durante el entrenamiento.</translation>
  </message>
 </context>
 <context>
  <name>srsat_qgis</name>
  <message>
   <source>Input raster</source>
   <translation>Ráster de entrada</translation>
  </message>
  <message>
   <source>Any raster that QGIS can open, or a web map. Rasters with a colour table are refused.</source>
   <translation>Cualquier ráster que QGIS pueda abrir, o un mapa web. Los rásteres con tabla de colores se rechazan.</translation>
  </message>
  <message>
   <source>Model</source>
   <translation>Modelo</translation>
  </message>
  <message>
   <source>Model file (used instead of the model above)</source>
   <translation>Archivo del modelo (en lugar del modelo de arriba)</translation>
  </message>
  <message>
   <source>An ONNX file from any folder. If it has no model card and no metadata, its scale, bands and tile sizes are found by running it.</source>
   <translation>Un archivo ONNX de cualquier carpeta. Si no tiene ficha de modelo ni metadatos, su escala, bandas y tamaños de tesela se averiguan ejecutándolo.</translation>
  </message>
  <message>
   <source>Bands (none selected: all)</source>
   <translation>Bandas (ninguna elegida: todas)</translation>
  </message>
  <message>
   <source>Extent (empty: whole raster)</source>
   <translation>Extensión (vacía: todo)</translation>
  </message>
  <message>
   <source>Graphics card if it works</source>
   <translation>Tarjeta gráfica si funciona</translation>
  </message>
  <message>
   <source>Graphics card, or an error</source>
   <translation>Tarjeta gráfica, o un error</translation>
  </message>
  <message>
   <source>Processor</source>
   <translation>Procesador</translation>
  </message>
  <message>
   <source>Device (processor or graphics card)</source>
   <translation>Dispositivo (procesador o tarjeta gráfica)</translation>
  </message>
  <message>
   <source>auto: an NVIDIA graphics card if it works, else the processor; the log says which one and why. cuda: the graphics card, or an error. cpu: the processor.</source>
   <translation>auto: una tarjeta gráfica NVIDIA si funciona, si no el procesador; el registro dice cuál y por qué. cuda: la tarjeta gráfica, o un error. cpu: el procesador.</translation>
  </message>
  <message>
   <source>Tile size (input pixels)</source>
   <translation>Tamaño de tesela (píxeles de entrada)</translation>
  </message>
  <message>
   <source>Side length of the tiles that are computed at a time. Empty: the model's own. It changes memory use and speed, not the result.</source>
   <translation>Lado de las teselas que se calculan a la vez. Vacío: el del modelo. Cambia el uso de memoria y la velocidad, no el resultado.</translation>
  </message>
  <message>
   <source>Unchanged</source>
   <translation>Sin cambios</translation>
  </message>
  <message>
   <source>8 bits, 0 to 255</source>
   <translation>8 bits, 0 a 255</translation>
  </message>
  <message>
   <source>16 bits, 0 to 65535</source>
   <translation>16 bits, 0 a 65535</translation>
  </message>
  <message>
   <source>16 bits with sign</source>
   <translation>16 bits con signo</translation>
  </message>
  <message>
   <source>32 bits, from 0</source>
   <translation>32 bits, desde 0</translation>
  </message>
  <message>
   <source>32 bits with sign</source>
   <translation>32 bits con signo</translation>
  </message>
  <message>
   <source>Single precision</source>
   <translation>Precisión simple</translation>
  </message>
  <message>
   <source>Double precision</source>
   <translation>Precisión doble</translation>
  </message>
  <message>
   <source>Output data type</source>
   <translation>Tipo de datos de la salida</translation>
  </message>
  <message>
   <source>Values are rounded and clipped to this type once, at the end. They are never rescaled.</source>
   <translation>Los valores se redondean y recortan a este tipo una sola vez, al final. Nunca se reescalan.</translation>
  </message>
  <message>
   <source>Nodata value of the input</source>
   <translation>Valor nodata de la entrada</translation>
  </message>
  <message>
   <source>Pixels with this value are nodata. It replaces the nodata value that the raster declares.</source>
   <translation>Los píxeles con este valor son nodata. Reemplaza el valor nodata que declara el ráster.</translation>
  </message>
  <message>
   <source>Keeps the sensor's blur</source>
   <translation>Conserva el desenfoque del sensor</translation>
  </message>
  <message>
   <source>Keeps the mean of each pixel</source>
   <translation>Conserva la media de cada píxel</translation>
  </message>
  <message>
   <source>Not corrected</source>
   <translation>Sin corregir</translation>
  </message>
  <message>
   <source>Consistency with the input</source>
   <translation>Coherencia con la entrada</translation>
  </message>
  <message>
   <source>What the output must give back when it is degraded to the resolution of the input. model: the input, if degraded with the blur that is measured in it, as far as its noise does not explain the difference. area: the input, if averaged over each input pixel; use it for temperature, indices and other quantities whose means must not change. off: the output of the network is not corrected.</source>
   <translation>Lo que la salida debe devolver cuando se degrada a la resolución de la entrada. model: la entrada, si se degrada con el desenfoque medido en ella, en la medida en que su ruido no explique la diferencia. area: la entrada, si se promedia sobre cada píxel de entrada; úsela para temperatura, índices y otras magnitudes cuyas medias no deben cambiar. off: la salida de la red no se corrige.</translation>
  </message>
  <message>
   <source>Blur of the input (pixels; empty: measured)</source>
   <translation>Desenfoque de la entrada (píxeles; vacío: medido)</translation>
  </message>
  <message>
   <source>Standard deviation of the blur in pixels of the input, one number or one for each band, separated by commas; usually 0.3 to 0.8. A smaller value makes the result softer. Empty: measured in the raster; the log says what was found. Raster information measures it too.</source>
   <translation>Desviación típica del desenfoque en píxeles de la entrada, un número o uno por banda, separados por comas; normalmente de 0,3 a 0,8. Un valor menor hace el resultado más suave. Vacío: medido en el ráster; el registro dice qué se encontró. Información del ráster también lo mide.</translation>
  </message>
  <message>
   <source>Noise of the input (empty: measured)</source>
   <translation>Ruido de la entrada (vacío: medido)</translation>
  </message>
  <message>
   <source>Standard deviation of the noise in the unit of the input, one number or one for each band, separated by commas. A larger value makes the result cleaner and softer. It has an effect only with models that are told the noise. Empty: measured in the raster.</source>
   <translation>Desviación típica del ruido en la unidad de la entrada, un número o uno por banda, separados por comas. Un valor mayor hace el resultado más limpio y más suave. Solo tiene efecto con los modelos a los que se indica el ruido. Vacío: medido en el ráster.</translation>
  </message>
  <message>
   <source>Strength of the added detail</source>
   <translation>Intensidad del detalle añadido</translation>
  </message>
  <message>
   <source>1: all the detail that the model adds. 0: none, which is a bicubic enlargement.</source>
   <translation>1: todo el detalle que añade el modelo. 0: ninguno, lo que es una ampliación bicúbica.</translation>
  </message>
  <message>
   <source>The faster one, if it is right</source>
   <translation>La más rápida, si es correcta</translation>
  </message>
  <message>
   <source>Floats</source>
   <translation>Números de coma flotante</translation>
  </message>
  <message>
   <source>8-bit integers, or an error</source>
   <translation>Enteros de 8 bits, o un error</translation>
  </message>
  <message>
   <source>Arithmetic of the model</source>
   <translation>Aritmética del modelo</translation>
  </message>
  <message>
   <source>auto: 8-bit integers if the model has that form, the processor is faster with it and the raster holds whole numbers or temperatures; else floats. The log says which one and why. float32: always floats. int8: 8-bit integers, or an error. The card of a model says what the 8-bit form loses.</source>
   <translation>auto: enteros de 8 bits si el modelo tiene esa forma, el procesador es más rápido con ella y el ráster contiene números enteros o temperaturas; si no, coma flotante. El registro dice cuál y por qué. float32: siempre coma flotante. int8: enteros de 8 bits, o un error. La ficha de un modelo dice qué pierde la forma de 8 bits.</translation>
  </message>
  <message>
   <source>Resume an interrupted run</source>
   <translation>Reanudar una ejecución interrumpida</translation>
  </message>
  <message>
   <source>Overviews if it is large</source>
   <translation>Vistas generales si es grande</translation>
  </message>
  <message>
   <source>Without overviews</source>
   <translation>Sin vistas generales</translation>
  </message>
  <message>
   <source>Cloud-optimised, with overviews</source>
   <translation>Optimizado para la nube, con vistas generales</translation>
  </message>
  <message>
   <source>Layout of the output file</source>
   <translation>Organización del archivo de salida</translation>
  </message>
  <message>
   <source>Of .tif files. auto: a GeoTIFF, with overviews where a side is longer than 4096 pixels, so that it is shown fast. gtiff: a GeoTIFF without overviews. cog: a cloud-optimised GeoTIFF with overviews, for servers and object storage; the creation options are then those of GDAL's COG driver.</source>
   <translation>De los archivos .tif. auto: un GeoTIFF, con vistas generales si un lado supera 4096 píxeles, para que se muestre rápido. gtiff: un GeoTIFF sin vistas generales. cog: un GeoTIFF optimizado para la nube con vistas generales, para servidores y almacenamiento de objetos; las opciones de creación son entonces las del controlador COG de GDAL.</translation>
  </message>
  <message>
   <source>Creation options (GDAL)</source>
   <translation>Opciones de creación (GDAL)</translation>
  </message>
  <message>
   <source>KEY=VALUE options of the output's GDAL driver, separated by |, for example COMPRESS=ZSTD|PREDICTOR=2.</source>
   <translation>Opciones KEY=VALUE del controlador GDAL de la salida, separadas por |, por ejemplo COMPRESS=ZSTD|PREDICTOR=2.</translation>
  </message>
  <message>
   <source>Model file without a card: scale factor</source>
   <translation>Archivo de modelo sin ficha: factor de escala</translation>
  </message>
  <message>
   <source>Output pixels per input pixel. It is found by running the model; if you give it, a model of another scale is refused.</source>
   <translation>Píxeles de salida por píxel de entrada. Se averigua ejecutando el modelo; si lo indica, se rechaza un modelo de otra escala.</translation>
  </message>
  <message>
   <source>As stored in the raster</source>
   <translation>Como está guardado en el ráster</translation>
  </message>
  <message>
   <source>From 0 to 1</source>
   <translation>De 0 a 1</translation>
  </message>
  <message>
   <source>Model file without a card: input values</source>
   <translation>Archivo de modelo sin ficha: valores de entrada</translation>
  </message>
  <message>
   <source>This cannot be found by running the model. dn: digital numbers as stored in the raster. unit: values from 0 to 1; the parameter below (VALUE_RANGE) says which digital numbers these are.</source>
   <translation>Esto no puede averiguarse ejecutando el modelo. dn: números digitales como están guardados en el ráster. unit: valores de 0 a 1; el parámetro de abajo (VALUE_RANGE) dice a qué números digitales corresponden.</translation>
  </message>
  <message>
   <source>Model file without a card: digital numbers for 0 and 1</source>
   <translation>Archivo de modelo sin ficha: números digitales para 0 y 1</translation>
  </message>
  <message>
   <source>Only for input values 'unit' (VALUE_SCALE): the digital numbers that the model takes as 0 and 1, for example 0 and 10000 for Sentinel-2 reflectance. Empty: the range of the raster's data type (0 and 255 for 8 bits, 0 and 65535 for 16 bits, 0 and 1 for floats).</source>
   <translation>Solo para valores de entrada 'unit' (VALUE_SCALE): los números digitales que el modelo toma como 0 y 1, por ejemplo 0 y 10000 para la reflectancia de Sentinel-2. Vacío: el rango del tipo de datos del ráster (0 y 255 para 8 bits, 0 y 65535 para 16 bits, 0 y 1 para coma flotante).</translation>
  </message>
  <message>
   <source>Super-resolved raster</source>
   <translation>Ráster superresuelto</translation>
  </message>
  <message>
   <source>A GeoTIFF, or another format that GDAL can write, chosen by the file extension.</source>
   <translation>Un GeoTIFF, u otro formato que GDAL pueda escribir, según la extensión del archivo.</translation>
  </message>
  <message>
   <source>Quality report (HTML)</source>
   <translation>Informe de calidad (HTML)</translation>
  </message>
  <message>
   <source>Scale factor (output pixels per input pixel)</source>
   <translation>Factor de escala (píxeles de salida por píxel de entrada)</translation>
  </message>
  <message>
   <source>Width (pixels)</source>
   <translation>Anchura (píxeles)</translation>
  </message>
  <message>
   <source>Height (pixels)</source>
   <translation>Altura (píxeles)</translation>
  </message>
  <message>
   <source>Run time (seconds)</source>
   <translation>Tiempo de ejecución (segundos)</translation>
  </message>
  <message>
   <source>Device used</source>
   <translation>Dispositivo usado</translation>
  </message>
  <message>
   <source>Super-resolution</source>
   <translation>Superresolución</translation>
  </message>
  <message>
   <source>Models:</source>
   <translation>Modelos:</translation>
  </message>
  <message>
   <source>satellite</source>
   <translation>satélite</translation>
  </message>
  <message>
   <source>srsat</source>
   <translation>srsat</translation>
  </message>
  <message>
   <source>deep learning</source>
   <translation>aprendizaje profundo</translation>
  </message>
  <message>
   <source>super-resolution</source>
   <translation>superresolución</translation>
  </message>
  <message>
   <source>sharpen</source>
   <translation>afinar</translation>
  </message>
  <message>
   <source>sentinel-2</source>
   <translation>sentinel-2</translation>
  </message>
  <message>
   <source>landsat</source>
   <translation>landsat</translation>
  </message>
  <message>
   <source>orthophoto</source>
   <translation>ortofoto</translation>
  </message>
  <message>
   <source>basemap</source>
   <translation>mapa base</translation>
  </message>
  <message>
   <source>onnx</source>
   <translation>onnx</translation>
  </message>
  <message>
   <source>One level deeper</source>
   <translation>Un nivel más profundo</translation>
  </message>
  <message>
   <source>Twice the pixels, same level</source>
   <translation>El doble de píxeles, mismo nivel</translation>
  </message>
  <message>
   <source>Every value kept</source>
   <translation>Se conserva cada valor</translation>
  </message>
  <message>
   <source>Small, no transparency</source>
   <translation>Pequeño, sin transparencia</translation>
  </message>
  <message>
   <source>Smallest</source>
   <translation>El más pequeño</translation>
  </message>
  <message>
   <source>10 m, the pixels of the scene's finest bands</source>
   <translation>10 m, los píxeles de las bandas más finas de la escena</translation>
  </message>
  <message>
   <source>5 m, all bands also through the model any-x2</source>
   <translation>5 m, todas las bandas también por el modelo any-x2</translation>
  </message>
  <message>
   <source>All</source>
   <translation>Todas</translation>
  </message>
  <message>
   <source>Those of 20 m</source>
   <translation>Las de 20 m</translation>
  </message>
  <message>
   <source>Those of 60 m</source>
   <translation>Las de 60 m</translation>
  </message>
  <message>
   <source>By the file names</source>
   <translation>Según los nombres de archivo</translation>
  </message>
  <message>
   <source>Top of atmosphere</source>
   <translation>Techo de la atmósfera</translation>
  </message>
  <message>
   <source>Surface reflectance</source>
   <translation>Reflectancia de superficie</translation>
  </message>
  <message>
   <source>Names of the bands</source>
   <translation>Nombres de las bandas</translation>
  </message>
  <message>
   <source>Multispectral</source>
   <translation>Multiespectral</translation>
  </message>
  <message>
   <source>fusion</source>
   <translation>fusión</translation>
  </message>
  <message>
   <source>Cubic convolution</source>
   <translation>Convolución cúbica</translation>
  </message>
  <message>
   <source>Network</source>
   <translation>Red</translation>
  </message>
  <message>
   <source>Detail of the reference</source>
   <translation>Detalle de la referencia</translation>
  </message>
  <message>
   <source>Network that sharpens (GAN)</source>
   <translation>Red que enfoca (GAN)</translation>
  </message>
  <message>
   <source>Texture of Sentinel-2 (GAN)</source>
   <translation>Textura de Sentinel-2 (GAN)</translation>
  </message>
  <message>
   <source>Network and texture (GAN)</source>
   <translation>Red y textura (GAN)</translation>
  </message>
  <message>
   <source>Method</source>
   <translation>Método</translation>
  </message>
  <message>
   <source>How the bands come to 10 m; see above. highpass needs a reference.</source>
   <translation>Cómo llegan las bandas a 10 m; véase arriba. highpass necesita una referencia.</translation>
  </message>
  <message>
   <source>As it is</source>
   <translation>Tal cual</translation>
  </message>
  <message>
   <source>Lines of HLS, Sentinel-2A</source>
   <translation>Rectas de HLS, Sentinel-2A</translation>
  </message>
  <message>
   <source>Lines of HLS, Sentinel-2B</source>
   <translation>Rectas de HLS, Sentinel-2B</translation>
  </message>
  <message>
   <source>Lines of HLS, Sentinel-2C</source>
   <translation>Rectas de HLS, Sentinel-2C</translation>
  </message>
  <message>
   <source>Lines of Chastain</source>
   <translation>Rectas de Chastain</translation>
  </message>
  <message>
   <source>Regression on the reference</source>
   <translation>Regresión sobre la referencia</translation>
  </message>
  <message>
   <source>Percentiles of the reference</source>
   <translation>Percentiles de la referencia</translation>
  </message>
  <message>
   <source>Radiometry</source>
   <translation>Radiometría</translation>
  </message>
  <message>
   <source>How reflectance becomes Sentinel-2's. Coefficients of one level are refused on the other.</source>
   <translation>Cómo la reflectancia pasa a ser la de Sentinel-2. Los coeficientes de un nivel se rechazan en el otro.</translation>
  </message>
  <message>
   <source>20 m, narrow</source>
   <translation>20 m, estrecha</translation>
  </message>
  <message>
   <source>10 m, wide</source>
   <translation>10 m, ancha</translation>
  </message>
  <message>
   <source>Near infrared</source>
   <translation>Infrarrojo cercano</translation>
  </message>
  <message>
   <source>Which band of Sentinel-2 Landsat's band 5 becomes. hls-* have coefficients for B8A, chastain-toa for B8.</source>
   <translation>En qué banda de Sentinel-2 se convierte la banda 5 de Landsat. hls-* tienen coeficientes para B8A, chastain-toa para B8.</translation>
  </message>
  <message>
   <source>The reference's, where there is one</source>
   <translation>La de la referencia, si la hay</translation>
  </message>
  <message>
   <source>The reference's</source>
   <translation>La de la referencia</translation>
  </message>
  <message>
   <source>Multiples of 10 m</source>
   <translation>Múltiplos de 10 m</translation>
  </message>
  <message>
   <source>The first of the family</source>
   <translation>El primero de la familia</translation>
  </message>
  <message>
   <source>Model of the method</source>
   <translation>Modelo del método</translation>
  </message>
  <message>
   <source>auto: the first installed model of the method's family: landsat for subpixel, landsat-deblur, landsat-style and landsat-combined for the others.</source>
   <translation>auto: el primer modelo instalado de la familia del método: landsat para subpixel, landsat-deblur, landsat-style y landsat-combined para los demás.</translation>
  </message>
  <message>
   <source>Coastal aerosol</source>
   <translation>Aerosol costero</translation>
  </message>
  <message>
   <source>Blue</source>
   <translation>Azul</translation>
  </message>
  <message>
   <source>Green</source>
   <translation>Verde</translation>
  </message>
  <message>
   <source>Red</source>
   <translation>Rojo</translation>
  </message>
  <message>
   <source>Shortwave infrared, 1610 nm</source>
   <translation>Infrarrojo de onda corta, 1610 nm</translation>
  </message>
  <message>
   <source>Shortwave infrared, 2190 nm</source>
   <translation>Infrarrojo de onda corta, 2190 nm</translation>
  </message>
  <message>
   <source>Bands</source>
   <translation>Bandas</translation>
  </message>
  <message>
   <source>Bands of the result, by Sentinel-2's names; NIR is the one chosen above. None selected: all.</source>
   <translation>Bandas del resultado, con los nombres de Sentinel-2; NIR es la elegida arriba. Ninguna elegida: todas.</translation>
  </message>
  <message>
   <source>Measured and corrected</source>
   <translation>Medido y corregido</translation>
  </message>
  <message>
   <source>Measured</source>
   <translation>Medido</translation>
  </message>
  <message>
   <source>Not looked for</source>
   <translation>No se busca</translation>
  </message>
  <message>
   <source>Misregistration of the scene</source>
   <translation>Desplazamiento de la escena</translation>
  </message>
  <message>
   <source>correct: measured against the reference, and the scene is moved. measure: only told. off: not measured. Up to four Landsat pixels are looked for.</source>
   <translation>correct: medido respecto a la referencia, y la escena se mueve. measure: solo se comunica. off: no se mide. Se busca hasta cuatro píxeles de Landsat.</translation>
  </message>
  <message>
   <source>Rims of clouds</source>
   <translation>Bordes de las nubes</translation>
  </message>
  <message>
   <source>Cirrus</source>
   <translation>Cirros</translation>
  </message>
  <message>
   <source>Clouds</source>
   <translation>Nubes</translation>
  </message>
  <message>
   <source>Shadows of clouds</source>
   <translation>Sombras de las nubes</translation>
  </message>
  <message>
   <source>Snow</source>
   <translation>Nieve</translation>
  </message>
  <message>
   <source>Fill only</source>
   <translation>Solo relleno</translation>
  </message>
  <message>
   <source>What QA_PIXEL masks</source>
   <translation>Qué enmascara QA_PIXEL</translation>
  </message>
  <message>
   <source>These pixels become nodata. none: only fill does.</source>
   <translation>Estos píxeles pasan a nodata. none: solo el relleno.</translation>
  </message>
  <message>
   <source>As it was seen</source>
   <translation>Como se observó</translation>
  </message>
  <message>
   <source>As seen from nadir</source>
   <translation>Como vista desde el nadir</translation>
  </message>
  <message>
   <source>BRDF</source>
   <translation>BRDF</translation>
  </message>
  <message>
   <source>c-factor: reflectance as seen from nadir under the year's mean sun of the latitude (Roy et al. 2016): by the angles of each pixel where *_SZA, *_SAA, *_VZA and *_VAA lie beside the metadata, else from the height of the sun there. Give Sentinel-2 scenes the same treatment.</source>
   <translation>c-factor: reflectancia como vista desde el nadir con el sol medio del año en esa latitud (Roy et al. 2016): según los ángulos de cada píxel si *_SZA, *_SAA, *_VZA y *_VAA están junto a los metadatos; si no, según la altura del sol que allí figura. Dé a las escenas Sentinel-2 el mismo tratamiento.</translation>
  </message>
  <message>
   <source>By their names</source>
   <translation>Según sus nombres</translation>
  </message>
  <message>
   <source>Surface</source>
   <translation>Superficie</translation>
  </message>
  <message>
   <source>See the scale.</source>
   <translation>Véase la escala.</translation>
  </message>
  <message>
   <source>Tile size (Landsat pixels; only networks)</source>
   <translation>Tamaño de tesela (píxeles Landsat; solo redes)</translation>
  </message>
  <message>
   <source>Report (HTML)</source>
   <translation>Informe (HTML)</translation>
  </message>
  <message>
   <source>Networks:</source>
   <translation>Redes:</translation>
  </message>
  <message>
   <source>harmonisation</source>
   <translation>armonización</translation>
  </message>
  <message>
   <source>hls</source>
   <translation>hls</translation>
  </message>
  <message>
   <source>ndvi</source>
   <translation>ndvi</translation>
  </message>
  <message>
   <source>Four times</source>
   <translation>Cuatro veces</translation>
  </message>
  <message>
   <source>Eight times</source>
   <translation>Ocho veces</translation>
  </message>
  <message>
   <source>The shipped network of the scale</source>
   <translation>La red incluida para el factor</translation>
  </message>
  <message>
   <source>Bicubic, without a guide</source>
   <translation>Bicúbico, sin guía</translation>
  </message>
  <message>
   <source>One regression</source>
   <translation>Una sola regresión</translation>
  </message>
  <message>
   <source>Regressions in windows</source>
   <translation>Regresiones por ventanas</translation>
  </message>
  <message>
   <source>Measured, and guides are moved</source>
   <translation>Medido, y las guías se mueven</translation>
  </message>
  <message>
   <source>Only measured</source>
   <translation>Solo medido</translation>
  </message>
  <message>
   <source>Not measured</source>
   <translation>Sin medir</translation>
  </message>
  <message>
   <source>By what the guides' shift allows</source>
   <translation>Según lo que permita el desplazamiento de las guías</translation>
  </message>
  <message>
   <source>None</source>
   <translation>Ninguna</translation>
  </message>
  <message>
   <source>Mean of each coarse pixel</source>
   <translation>Media de cada píxel grueso</translation>
  </message>
  <message>
   <source>Mean radiance of each coarse pixel</source>
   <translation>Radiancia media de cada píxel grueso</translation>
  </message>
  <message>
   <source>Means of boxes</source>
   <translation>Medias de bloques</translation>
  </message>
  <message>
   <source>As the raster says</source>
   <translation>Como dice el ráster</translation>
  </message>
  <message>
   <source>Kelvins</source>
   <translation>Kelvin</translation>
  </message>
  <message>
   <source>Degrees Celsius</source>
   <translation>Grados Celsius</translation>
  </message>
  <message>
   <source>Land surface temperature</source>
   <translation>Temperatura de la superficie terrestre</translation>
  </message>
  <message>
   <source>Any rasters, by a model</source>
   <translation>Cualquier ráster, con un modelo</translation>
  </message>
  <message>
   <source>Sentinel-2 products at 10 m</source>
   <translation>Productos Sentinel-2 a 10 m</translation>
  </message>
  <message>
   <source>Temperatures, by guides</source>
   <translation>Temperaturas, con guías</translation>
  </message>
  <message>
   <source>Landsat products like Sentinel-2</source>
   <translation>Productos Landsat como Sentinel-2</translation>
  </message>
  <message>
   <source>archive</source>
   <translation>archivo comprimido</translation>
  </message>
  <message>
   <source>Models</source>
   <translation>Modelos</translation>
  </message>
  <message>
   <source>compare</source>
   <translation>comparar</translation>
  </message>
  <message>
   <source>which model</source>
   <translation>qué modelo</translation>
  </message>
  <message>
   <source>Reference raster (truth)</source>
   <translation>Ráster de referencia (verdad)</translation>
  </message>
  <message>
   <source>A raster of the same area with the same pixel size as the super-resolved raster, taken as the truth.</source>
   <translation>Un ráster de la misma zona con el mismo tamaño de píxel que el ráster superresuelto, tomado como verdad.</translation>
  </message>
  <message>
   <source>Low-resolution input</source>
   <translation>Entrada de baja resolución</translation>
  </message>
  <message>
   <source>Root mean square error</source>
   <translation>Raíz del error cuadrático medio</translation>
  </message>
  <message>
   <source>Peak signal-to-noise ratio</source>
   <translation>Relación señal a ruido de pico</translation>
  </message>
  <message>
   <source>Structural similarity</source>
   <translation>Similitud estructural</translation>
  </message>
  <message>
   <source>Universal image quality index</source>
   <translation>Índice universal de calidad de imagen</translation>
  </message>
  <message>
   <source>Feature similarity</source>
   <translation>Similitud de características</translation>
  </message>
  <message>
   <source>Hybrid of edges, entropy and SSIM</source>
   <translation>Híbrido de bordes, entropía y SSIM</translation>
  </message>
  <message>
   <source>Spectral angle</source>
   <translation>Ángulo espectral</translation>
  </message>
  <message>
   <source>Signal-to-reconstruction-error ratio</source>
   <translation>Relación señal a error de reconstrucción</translation>
  </message>
  <message>
   <source>Relative global error</source>
   <translation>Error global relativo</translation>
  </message>
  <message>
   <source>PSNR at the best shift, without bias</source>
   <translation>PSNR en el mejor desplazamiento, sin sesgo</translation>
  </message>
  <message>
   <source>Correlation coefficient</source>
   <translation>Coeficiente de correlación</translation>
  </message>
  <message>
   <source>Mean absolute error</source>
   <translation>Error absoluto medio</translation>
  </message>
  <message>
   <source>Mean difference</source>
   <translation>Diferencia media</translation>
  </message>
  <message>
   <source>Error that 95 % of the values do not exceed</source>
   <translation>Error que no supera el 95 % de los valores</translation>
  </message>
  <message>
   <source>Distance of the histograms</source>
   <translation>Distancia de los histogramas</translation>
  </message>
  <message>
   <source>Resolution by Fourier ring correlation</source>
   <translation>Resolución por correlación de anillos de Fourier</translation>
  </message>
  <message>
   <source>Power of fine detail</source>
   <translation>Potencia del detalle fino</translation>
  </message>
  <message>
   <source>Shift along the columns</source>
   <translation>Desplazamiento a lo largo de las columnas</translation>
  </message>
  <message>
   <source>Shift along the rows</source>
   <translation>Desplazamiento a lo largo de las filas</translation>
  </message>
  <message>
   <source>Local misregistration</source>
   <translation>Error de registro local</translation>
  </message>
  <message>
   <source>Error of spectral indices</source>
   <translation>Error de los índices espectrales</translation>
  </message>
  <message>
   <source>Difference to the low-resolution input</source>
   <translation>Diferencia con la entrada de baja resolución</translation>
  </message>
  <message>
   <source>Spectral angle to the low-resolution input</source>
   <translation>Ángulo espectral con la entrada de baja resolución</translation>
  </message>
  <message>
   <source>Shift against the low-resolution input</source>
   <translation>Desplazamiento respecto a la entrada de baja resolución</translation>
  </message>
  <message>
   <source>Noise on flat ground, bicubic is 1</source>
   <translation>Ruido en zonas uniformes, bicúbico es 1</translation>
  </message>
  <message>
   <source>Values outside the range of nearby input pixels</source>
   <translation>Valores fuera del rango de los píxeles de entrada cercanos</translation>
  </message>
  <message>
   <source>Share of improved pixels</source>
   <translation>Proporción de píxeles mejorados</translation>
  </message>
  <message>
   <source>Share of pixels as in bicubic</source>
   <translation>Proporción de píxeles como en bicúbico</translation>
  </message>
  <message>
   <source>Share of pixels with wrong detail</source>
   <translation>Proporción de píxeles con detalle falso</translation>
  </message>
  <message>
   <source>Share of clipped values</source>
   <translation>Proporción de valores recortados</translation>
  </message>
  <message>
   <source>Visibility of tile borders</source>
   <translation>Visibilidad de los bordes de tesela</translation>
  </message>
  <message>
   <source>Measures</source>
   <translation>Medidas</translation>
  </message>
  <message>
   <source>What to compute. The report gives the definition of each measure. Slow and experimental measures are not selected by default. On the command line, separate names by commas: psnr,ssim.
rmse: root mean square error; psnr: peak signal-to-noise ratio; ssim: structural similarity; uiq: universal image quality index; fsim: feature similarity; issm: hybrid of edges, entropy and SSIM; sam: spectral angle; sre: signal-to-reconstruction-error ratio; ergas: relative global error; cpsnr: PSNR at the best shift, without bias; cc: correlation coefficient; mae: mean absolute error; bias: mean difference; error_p95: error that 95 % of the values do not exceed; wasserstein: distance of the histograms; frc: resolution by Fourier ring correlation; spectrum_ratio: power of fine detail; shift_x: shift along the columns; shift_y: shift along the rows; local_shift: local misregistration; index_mae: error of spectral indices; lr_consistency: difference to the low-resolution input; lr_sam: spectral angle to the low-resolution input; lr_shift: shift against the low-resolution input; grain: noise on flat ground, bicubic is 1; overshoot: values outside the range of nearby input pixels; improvement: share of improved pixels; omission: share of pixels as in bicubic; hallucination: share of pixels with wrong detail; clipped: share of clipped values; seams: visibility of tile borders</source>
   <translation>Qué se calcula. El informe da la definición de cada medida. Las medidas lentas y experimentales no están seleccionadas de forma predeterminada. En la línea de órdenes, separe los nombres con comas: psnr,ssim.
rmse: raíz del error cuadrático medio; psnr: relación señal a ruido de pico; ssim: similitud estructural; uiq: índice universal de calidad de imagen; fsim: similitud de características; issm: híbrido de bordes, entropía y SSIM; sam: ángulo espectral; sre: relación señal a error de reconstrucción; ergas: error global relativo; cpsnr: PSNR en el mejor desplazamiento, sin sesgo; cc: coeficiente de correlación; mae: error absoluto medio; bias: diferencia media; error_p95: error que no supera el 95 % de los valores; wasserstein: distancia de los histogramas; frc: resolución por correlación de anillos de Fourier; spectrum_ratio: potencia del detalle fino; shift_x: desplazamiento a lo largo de las columnas; shift_y: desplazamiento a lo largo de las filas; local_shift: error de registro local; index_mae: error de los índices espectrales; lr_consistency: diferencia con la entrada de baja resolución; lr_sam: ángulo espectral con la entrada de baja resolución; lr_shift: desplazamiento respecto a la entrada de baja resolución; grain: ruido en zonas uniformes, bicúbico es 1; overshoot: valores fuera del rango de los píxeles de entrada cercanos; improvement: proporción de píxeles mejorados; omission: proporción de píxeles como en bicúbico; hallucination: proporción de píxeles con detalle falso; clipped: proporción de valores recortados; seams: visibilidad de los bordes de tesela</translation>
  </message>
  <message>
   <source>Data range (largest minus smallest possible value)</source>
   <translation>Rango de datos (mayor menos menor valor posible)</translation>
  </message>
  <message>
   <source>PSNR, SSIM and FSIM depend on it; the report states it. Empty: 255 for 8 bits. For other types: the range in the model's card, else the number of bits or the scale that the file declares, else 10000 for integers (reflectance), or the range of the data type if many values exceed that, else 1 for floats between about 0 and 1.</source>
   <translation>PSNR, SSIM y FSIM dependen de él; el informe lo indica. Vacío: 255 para 8 bits. Para otros tipos: el rango de la ficha del modelo; si no, el número de bits o la escala que declara el archivo; si no, 10000 para enteros (reflectancia), o el rango del tipo de datos si muchos valores lo superan; si no, 1 para coma flotante entre aproximadamente 0 y 1.</translation>
  </message>
  <message>
   <source>As recorded in the raster</source>
   <translation>Como consta en el ráster</translation>
  </message>
  <message>
   <source>Mean</source>
   <translation>Media</translation>
  </message>
  <message>
   <source>Gaussian blur, then the mean</source>
   <translation>Desenfoque gaussiano, después la media</translation>
  </message>
  <message>
   <source>Blur of a given MTF</source>
   <translation>Desenfoque de una MTF dada</translation>
  </message>
  <message>
   <source>Blur of Sentinel-2</source>
   <translation>Desenfoque de Sentinel-2</translation>
  </message>
  <message>
   <source>Blur of Landsat 8 and 9</source>
   <translation>Desenfoque de Landsat 8 y 9</translation>
  </message>
  <message>
   <source>Degradation to low resolution</source>
   <translation>Degradación a baja resolución</translation>
  </message>
  <message>
   <source>How the raster is degraded to the grid of its low-resolution input. auto: as recorded in the raster, else as in the card of its model, else the area mean. area: the mean over each low-resolution pixel. gaussian-area: a Gaussian blur, then the mean. mtf: a blur with the given MTF at the Nyquist frequency. sentinel-2, landsat: the MTF of that sensor's bands, found by band name.</source>
   <translation>Cómo se degrada el ráster a la cuadrícula de su entrada de baja resolución. auto: como consta en el ráster; si no, como en la ficha de su modelo; si no, la media por superficie. area: la media de cada píxel de baja resolución. gaussian-area: un desenfoque gaussiano, después la media. mtf: un desenfoque con la MTF dada en la frecuencia de Nyquist. sentinel-2, landsat: la MTF de las bandas de ese sensor, según el nombre de la banda.</translation>
  </message>
  <message>
   <source>Blur (low-resolution pixels) or MTF of the degradation</source>
   <translation>Desenfoque (píxeles gruesos) o MTF de la degradación</translation>
  </message>
  <message>
   <source>For gaussian-area: the standard deviation in low-resolution pixels. For mtf: the MTF at the Nyquist frequency, below 1.</source>
   <translation>Para gaussian-area: la desviación típica en píxeles de baja resolución. Para mtf: la MTF en la frecuencia de Nyquist, menor que 1.</translation>
  </message>
  <message>
   <source>Mask raster</source>
   <translation>Ráster de máscara</translation>
  </message>
  <message>
   <source>A raster on the same grid. Only pixels where it is neither 0 nor nodata are measured.</source>
   <translation>Un ráster en la misma cuadrícula. Solo se miden los píxeles donde no es 0 ni nodata.</translation>
  </message>
  <message>
   <source>Compare with bicubic</source>
   <translation>Comparar con el bicúbico</translation>
  </message>
  <message>
   <source>Also measures bicubic upsampling of the low-resolution input. Without that input, the reference is degraded by the scale in the raster's metadata and upsampled.</source>
   <translation>Mide también la ampliación bicúbica de la entrada de baja resolución. Sin esa entrada, la referencia se degrada según la escala de los metadatos del ráster y se amplía.</translation>
  </message>
  <message>
   <source>Stop with a message</source>
   <translation>Detenerse con un mensaje</translation>
  </message>
  <message>
   <source>Resample the other raster</source>
   <translation>Remuestrear el otro ráster</translation>
  </message>
  <message>
   <source>If the grids differ</source>
   <translation>Si las cuadrículas difieren</translation>
  </message>
  <message>
   <source>refuse: stop with a message. warp: resample the other raster onto the grid; the report says so.</source>
   <translation>refuse: detenerse con un mensaje. warp: remuestrear el otro ráster a la cuadrícula; el informe lo dice.</translation>
  </message>
  <message>
   <source>Numbers as JSON</source>
   <translation>Números como JSON</translation>
  </message>
  <message>
   <source>Everything in the report, for programs.</source>
   <translation>Todo el contenido del informe, para programas.</translation>
  </message>
  <message>
   <source>Numbers as CSV</source>
   <translation>Números como CSV</translation>
  </message>
  <message>
   <source>A table for spreadsheets.</source>
   <translation>Una tabla para hojas de cálculo.</translation>
  </message>
  <message>
   <source>Verdict (one sentence)</source>
   <translation>Veredicto (una frase)</translation>
  </message>
  <message>
   <source>Quality</source>
   <translation>Calidad</translation>
  </message>
  <message>
   <source>quality</source>
   <translation>calidad</translation>
  </message>
  <message>
   <source>metric</source>
   <translation>medida</translation>
  </message>
  <message>
   <source>PSNR</source>
   <translation>PSNR</translation>
  </message>
  <message>
   <source>SSIM</source>
   <translation>SSIM</translation>
  </message>
  <message>
   <source>report</source>
   <translation>informe</translation>
  </message>
  <message>
   <source>benchmark</source>
   <translation>prueba comparativa</translation>
  </message>
  <message>
   <source>Any raster that GDAL can open. Rasters with a colour table are refused.</source>
   <translation>Cualquier ráster que GDAL pueda abrir. Los rásteres con tabla de colores se rechazan.</translation>
  </message>
  <message>
   <source>Sentinel-2</source>
   <translation>Sentinel-2</translation>
  </message>
  <message>
   <source>Landsat 8 and 9</source>
   <translation>Landsat 8 y 9</translation>
  </message>
  <message>
   <source>As given below</source>
   <translation>Como se indica abajo</translation>
  </message>
  <message>
   <source>Preparation</source>
   <translation>Preparación</translation>
  </message>
  <message>
   <source>blur</source>
   <translation>desenfoque</translation>
  </message>
  <message>
   <source>mtf</source>
   <translation>mtf</translation>
  </message>
  <message>
   <source>psf</source>
   <translation>psf</translation>
  </message>
  <message>
   <source>noise</source>
   <translation>ruido</translation>
  </message>
  <message>
   <source>Chosen by confidence</source>
   <translation>Elegido por la confianza</translation>
  </message>
  <message>
   <source>Values</source>
   <translation>Valores</translation>
  </message>
  <message>
   <source>Direction of edges</source>
   <translation>Dirección de los bordes</translation>
  </message>
  <message>
   <source>Only the georeference changes</source>
   <translation>Solo cambia la georreferencia</translation>
  </message>
  <message>
   <source>Nearest neighbour</source>
   <translation>Vecino más próximo</translation>
  </message>
  <message>
   <source>Bilinear</source>
   <translation>Bilineal</translation>
  </message>
  <message>
   <source>Lanczos</source>
   <translation>Lanczos</translation>
  </message>
  <message>
   <source>Mean of the pixels</source>
   <translation>Media de los píxeles</translation>
  </message>
  <message>
   <source>As before the shift</source>
   <translation>Como antes del desplazamiento</translation>
  </message>
  <message>
   <source>As the reference</source>
   <translation>Como la referencia</translation>
  </message>
  <message>
   <source>Channels for temperatures</source>
   <translation>Canales para temperaturas</translation>
  </message>
  <message>
   <source>Three standardised channels</source>
   <translation>Tres canales estandarizados</translation>
  </message>
  <message>
   <source>As they are</source>
   <translation>Tal como son</translation>
  </message>
  <message>
   <source>Only reported</source>
   <translation>Solo se comunica</translation>
  </message>
  <message>
   <source>Matched by gain and offset</source>
   <translation>Ajustado por ganancia y desplazamiento</translation>
  </message>
  <message>
   <source>Training data folder (patch store)</source>
   <translation>Carpeta de datos de entrenamiento</translation>
  </message>
  <message>
   <source>Convolutions</source>
   <translation>Convoluciones</translation>
  </message>
  <message>
   <source>Convolutions, told blur and noise</source>
   <translation>Convoluciones, informadas del desenfoque y el ruido</translation>
  </message>
  <message>
   <source>Three convolutions</source>
   <translation>Tres convoluciones</translation>
  </message>
  <message>
   <source>Attention, folded</source>
   <translation>Atención, plegada</translation>
  </message>
  <message>
   <source>Residual blocks</source>
   <translation>Bloques residuales</translation>
  </message>
  <message>
   <source>U-Net</source>
   <translation>U-Net</translation>
  </message>
  <message>
   <source>Dense blocks</source>
   <translation>Bloques densos</translation>
  </message>
  <message>
   <source>Fusion of bands</source>
   <translation>Fusión de bandas</translation>
  </message>
  <message>
   <source>Fusion by local regression</source>
   <translation>Fusión por regresión local</translation>
  </message>
  <message>
   <source>Guided, least squares</source>
   <translation>Guiada, mínimos cuadrados</translation>
  </message>
  <message>
   <source>Guided, least squares and dense blocks</source>
   <translation>Guiada, mínimos cuadrados y bloques densos</translation>
  </message>
  <message>
   <source>Guided, interpolation</source>
   <translation>Guiada, interpolación</translation>
  </message>
  <message>
   <source>Guided U-Net</source>
   <translation>U-Net guiada</translation>
  </message>
  <message>
   <source>Dense blocks, without guides</source>
   <translation>Bloques densos, sin guías</translation>
  </message>
  <message>
   <source>Small</source>
   <translation>Pequeña</translation>
  </message>
  <message>
   <source>Medium</source>
   <translation>Mediana</translation>
  </message>
  <message>
   <source>Large</source>
   <translation>Grande</translation>
  </message>
  <message>
   <source>Gain over bicubic</source>
   <translation>Ganancia sobre el bicúbico</translation>
  </message>
  <message>
   <source>Smooth absolute error</source>
   <translation>Error absoluto suavizado</translation>
  </message>
  <message>
   <source>Absolute error</source>
   <translation>Error absoluto</translation>
  </message>
  <message>
   <source>Squared error</source>
   <translation>Error cuadrático</translation>
  </message>
  <message>
   <source>Structure and edges</source>
   <translation>Estructura y bordes</translation>
  </message>
  <message>
   <source>Fourier amplitudes</source>
   <translation>Amplitudes de Fourier</translation>
  </message>
  <message>
   <source>Perceptual</source>
   <translation>Perceptual</translation>
  </message>
  <message>
   <source>Adversarial</source>
   <translation>Adversaria</translation>
  </message>
  <message>
   <source>Adversarial, as ESRGAN</source>
   <translation>Adversaria, como ESRGAN</translation>
  </message>
  <message>
   <source>A new network</source>
   <translation>Una red nueva</translation>
  </message>
  <message>
   <source>Id of the new model</source>
   <translation>Id del modelo nuevo</translation>
  </message>
  <message>
   <source>Lower-case letters, digits and hyphens, for example my-sensor-x2. Lists of models show this id. Empty: a free id is chosen.</source>
   <translation>Minúsculas, cifras y guiones, por ejemplo my-sensor-x2. Las listas de modelos muestran este id. Vacío: se elige un id libre.</translation>
  </message>
  <message>
   <source>Display name of the new model</source>
   <translation>Nombre visible del modelo nuevo</translation>
  </message>
  <message>
   <source>A name for people. Empty: the id.</source>
   <translation>Un nombre para las personas. Vacío: el id.</translation>
  </message>
  <message>
   <source>Licence of the new model</source>
   <translation>Licencia del modelo nuevo</translation>
  </message>
  <message>
   <source>Goes into the model's card, for example CC-BY-4.0. Consider the licences of the training data.</source>
   <translation>Figura en la ficha del modelo, por ejemplo CC-BY-4.0. Tenga en cuenta las licencias de los datos de entrenamiento.</translation>
  </message>
  <message>
   <source>Replace my existing model with this id</source>
   <translation>Reemplazar mi modelo con este id</translation>
  </message>
  <message>
   <source>If not ticked, an id that is already used is an error. Shipped models are never replaced.</source>
   <translation>Si no está marcado, un id ya usado es un error. Los modelos incluidos nunca se reemplazan.</translation>
  </message>
  <message>
   <source>Id of the model</source>
   <translation>Id del modelo</translation>
  </message>
  <message>
   <source>ONNX file of the model</source>
   <translation>Archivo ONNX del modelo</translation>
  </message>
  <message>
   <source>Folder of the model</source>
   <translation>Carpeta del modelo</translation>
  </message>
  <message>
   <source>Training</source>
   <translation>Entrenamiento</translation>
  </message>
  <message>
   <source>pytorch</source>
   <translation>pytorch</translation>
  </message>
  <message>
   <source>torch</source>
   <translation>torch</translation>
  </message>
  <message>
   <source>gpu</source>
   <translation>procesador gráfico</translation>
  </message>
  <message>
   <source>cuda</source>
   <translation>cuda</translation>
  </message>
  <message>
   <source>Halo (pixels of the lowest-resolution input)</source>
   <translation>Margen (píxeles de la entrada de menor resolución)</translation>
  </message>
  <message>
   <source>share</source>
   <translation>compartir</translation>
  </message>
  <message>
   <source>zip</source>
   <translation>zip</translation>
  </message>
  <message>
   <source>Version</source>
   <translation>Versión</translation>
  </message>
  <message>
   <source>SHA-256 checksum of the file</source>
   <translation>Suma de verificación SHA-256 del archivo</translation>
  </message>
  <message>
   <source>install</source>
   <translation>instalar</translation>
  </message>
  <message>
   <source>information</source>
   <translation>información</translation>
  </message>
  <message>
   <source>The same information as an HTML page.</source>
   <translation>La misma información como página HTML.</translation>
  </message>
  <message>
   <source>Devices that onnxruntime supports (comma-separated)</source>
   <translation>Dispositivos que admite onnxruntime (separados por comas)</translation>
  </message>
  <message>
   <source>Version of onnxruntime</source>
   <translation>Versión de onnxruntime</translation>
  </message>
  <message>
   <source>Configuration</source>
   <translation>Configuración</translation>
  </message>
  <message>
   <source>By what this computer has</source>
   <translation>Según lo que tenga este equipo</translation>
  </message>
  <message>
   <source>For the processor</source>
   <translation>Para el procesador</translation>
  </message>
  <message>
   <source>For NVIDIA graphics cards</source>
   <translation>Para tarjetas gráficas NVIDIA</translation>
  </message>
  <message>
   <source>As the index offers</source>
   <translation>Como lo ofrece el índice</translation>
  </message>
  <message>
   <source>Default device</source>
   <translation>Dispositivo predeterminado</translation>
  </message>
  <message>
   <source>Processor threads (0: all)</source>
   <translation>Hilos del procesador (0: todos)</translation>
  </message>
  <message>
   <source>Graphics memory limit (MB; 0: no limit)</source>
   <translation>Límite de memoria gráfica (MB; 0: sin límite)</translation>
  </message>
  <message>
   <source>Default tile size (pixels of the lowest-resolution input; 0: the model's own)</source>
   <translation>Tamaño de tesela predeterminado (píxeles de la entrada de menor resolución; 0: el del modelo)</translation>
  </message>
  <message>
   <source>Default batch size (tiles; 0: chosen by device)</source>
   <translation>Tamaño de lote predeterminado (teselas; 0: según el dispositivo)</translation>
  </message>
  <message>
   <source>Folder of your own models (empty: in the QGIS profile)</source>
   <translation>Carpeta de los modelos propios (vacía: en el perfil de QGIS)</translation>
  </message>
  <message>
   <source>{package} ({size}), which runs the models, is not installed.</source>
   <translation>Falta {package} ({size}), que ejecuta los modelos.</translation>
  </message>
  <message>
   <source>{package} is chosen since {why}. It goes into {folder}; QGIS's own packages stay as they are.</source>
   <translation>Se elige {package} porque {why}. Va a {folder}; los paquetes propios de QGIS quedan como están.</translation>
  </message>
  <message>
   <source>onnxruntime is being installed</source>
   <translation>Se está instalando onnxruntime</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Cancelar</translation>
  </message>
  <message>
   <source>Folder of wheels (*.whl)</source>
   <translation>Carpeta de wheels (*.whl)</translation>
  </message>
  <message>
   <source>Install</source>
   <translation>Instalar</translation>
  </message>
  <message>
   <source>From a folder...</source>
   <translation>Desde una carpeta...</translation>
  </message>
  <message>
   <source>Do not ask again</source>
   <translation>No volver a preguntar</translation>
  </message>
  <message>
   <source>onnxruntime {version} is installed.</source>
   <translation>onnxruntime {version} está instalado.</translation>
  </message>
  <message>
   <source>Restart QGIS to use it.</source>
   <translation>Reinicie QGIS para usarlo.</translation>
  </message>
  <message>
   <source>unknown reason</source>
   <translation>motivo desconocido</translation>
  </message>
  <message>
   <source>[Not selected]</source>
   <translation>[Sin seleccionar]</translation>
  </message>
  <message>
   <source>SRSat: satellite super-resolution</source>
   <translation>SRSat: superresolución de imágenes de satélite</translation>
  </message>
  <message>
   <source>Model of the method subpixel</source>
   <translation type="vanished">Modelo del método subpixel</translation>
  </message>
  <message>
   <source>auto: the first installed model of the family landsat.</source>
   <translation type="vanished">auto: el primer modelo instalado de la familia landsat.</translation>
  </message>
  <message>
   <source>Tile size (Landsat pixels; only subpixel)</source>
   <translation type="vanished">Tamaño de tesela (píxeles Landsat; solo subpixel)</translation>
  </message>
  <message>
   <source>Texture of Sentinel-2 (GAN, none shipped)</source>
   <translation type="vanished">Textura de Sentinel-2 (GAN, ninguno incluido)</translation>
  </message>
  <message>
   <source>c-factor: reflectance as seen from nadir under the year's mean sun of the latitude (Roy et al. 2016), from the height of the sun in the product's metadata. Give Sentinel-2 scenes the same treatment.</source>
   <translation type="vanished">c-factor: reflectancia como vista desde el nadir con el sol medio del año en esa latitud (Roy et al. 2016), a partir de la altura del sol en los metadatos del producto. Dé a las escenas Sentinel-2 el mismo tratamiento.</translation>
  </message>
  <message>
   <source>auto: 8-bit integers if the model has that form, the processor is faster with it and the raster holds whole numbers; else floats. The log says which one and why. float32: always floats. int8: 8-bit integers, or an error. The card of a model says what the 8-bit form loses.</source>
   <translation type="vanished">auto: enteros de 8 bits si el modelo tiene esa forma, el procesador es más rápido con ella y el ráster contiene números enteros; si no, coma flotante. El registro dice cuál y por qué. float32: siempre coma flotante. int8: enteros de 8 bits, o un error. La ficha de un modelo dice qué pierde la forma de 8 bits.</translation>
  </message>
 </context>
</TS>
