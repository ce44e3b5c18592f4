<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr_FR" sourcelanguage="en">
 <context>
  <name>BatchFolder</name>
  <message>
   <source>Scenes (folder, pattern, list or raster)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A folder of rasters or of Sentinel-2 products, or one raster or product. Also a pattern such as scenes/2024*/*.tif, a text file with a path a line, or a STAC item or item collection. Several are separated by semicolons.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Algorithm</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>superresolve: rasters, with the model below. sentinel2: Sentinel-2 products, all bands at 10 m.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model (superresolve only)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A shipped model or one in your models folder. In scripts, give its id.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>More parameters of the algorithm (JSON)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Parameters of the toolbox's algorithm by name, such as {"CONSISTENCY": "area", "BANDS": [1, 2, 3]}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Size of a unit (output pixels)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rasters that are larger are cut into units of about this side. Empty: 4096 for one raster alone; several rasters are not cut.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Processes</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty: as many as the computer has processors and memory for; one where the device is cuda.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Address of a Dask scheduler</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Such as tcp://host:8786. Its workers do the units instead of this computer, and must reach input and output by the same paths. Needs the package distributed in the Python of QGIS. Empty: this computer.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder of the plan and its results</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Holds the plan, the models, one result and one record for each unit, and a report.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Summary</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A table with a row for each unit: state, verdict, seconds, blur, difference to the input, reason.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mosaic of one raster</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Only for a single raster: a virtual raster (.vrt) that shows the results where they are, or one cloud-optimised GeoTIFF (.tif) with overviews.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Number of units</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Units that are done</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Units that have failed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Page over all units (HTML)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Super-resolve scenes of a folder or a huge mosaic</source>
   <translation>Super-résolution des scènes d'un dossier ou d'une immense mosaïque</translation>
  </message>
  <message>
   <source>Super-resolves all scenes of a folder, or cuts one raster of any size into units, with several processes or a Dask cluster, and goes on where an earlier run stopped.</source>
   <translation>Applique la super-résolution à toutes les scènes d'un dossier, ou découpe un raster de taille quelconque en unités, avec plusieurs processus ou un cluster Dask, et reprend là où une exécution précédente s'est arrêtée.</translation>
  </message>
  <message>
   <source>Super-resolves all scenes that the input names, each into a cloud-optimised GeoTIFF. One large raster alone is cut into units of about 4096 x 4096 output pixels. Put together, they have the pixels of a run in one go: what is measured of the whole raster is measured before, and each unit reads its own surroundings.

The run may be cancelled, or its processes may die, at any time. Run it again with the same settings and the same output folder, and it goes on. A broken scene fails alone; the summary tells why.

The output folder is a plan that other machines can work on: python -m srsat_qgis.cluster run FOLDER. The README says how, on clusters with SSH, Slurm or Kubernetes too.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>batch</source>
   <translation>traitement par lot</translation>
  </message>
  <message>
   <source>many scenes</source>
   <translation>nombreuses scènes</translation>
  </message>
  <message>
   <source>folder</source>
   <translation>dossier</translation>
  </message>
  <message>
   <source>mosaic</source>
   <translation>mosaïque</translation>
  </message>
  <message>
   <source>cluster</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>dask</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>slurm</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>parallel</source>
   <translation>parallèle</translation>
  </message>
  <message>
   <source>stac</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>vrt</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Compare</name>
  <message>
   <source>Super-resolved rasters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The rasters to compare, each on the grid of the reference.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models to run</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The results of these models are compared too.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The raster that the others were made from. The models run on it, and its bicubic upsampling is measured for comparison.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Device for the models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>auto: an NVIDIA graphics card if it works, else the processor. cuda: the graphics card. cpu: the processor.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Comparison report (HTML)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One HTML file with all numbers, maps and details. It needs no network.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Best in most measures (several in case of a tie)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Number of rasters compared</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Compare rasters or models</source>
   <translation>Comparer des rasters ou des modèles</translation>
  </message>
  <message>
   <source>Ranks several rasters, or several models on one raster, by comparison with one reference.</source>
   <translation>Classe plusieurs rasters, ou plusieurs modèles sur un raster, par comparaison avec une même référence.</translation>
  </message>
  <message>
   <source>Measures several super-resolved rasters of the same area against one reference, on the same pixels. The report has one table, one sheet that shows all of them side by side, and marks the best for each measure.

You can also choose models: each is run on the low-resolution input with its default settings. Their results are measured and then deleted; use Super-resolve raster to keep one.

All rasters must be on the grid of the reference.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>rank</source>
   <translation>classement</translation>
  </message>
  <message>
   <source>best model</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Coregister</name>
  <message>
   <source>Raster to shift</source>
   <translation>Raster à décaler</translation>
  </message>
  <message>
   <source>Any raster that GDAL can open.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reference raster</source>
   <translation>Raster de référence</translation>
  </message>
  <message>
   <source>A raster whose position is correct. Its pixel size and CRS may differ.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Band to compare</source>
   <translation>Bande à comparer</translation>
  </message>
  <message>
   <source>The band of the raster that is most similar to the reference. Default: the first. All bands are shifted.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reference band to compare</source>
   <translation>Bande de la référence à comparer</translation>
  </message>
  <message>
   <source>The band of the reference that is compared. Default: the first.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What to compare</source>
   <translation>Ce qui est comparé</translation>
  </message>
  <message>
   <source>intensity: the values, for bands that look alike or inverted. gradient: the direction of edges, for bands that look different. auto: intensity, and gradient if the confidence of that is too low.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Largest shift (input pixels)</source>
   <translation>Décalage maximal (pixels d'entrée)</translation>
  </message>
  <message>
   <source>Shifts up to this length are searched, in all directions. A smaller limit gives a more certain result.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Extent to compare (empty: whole raster)</source>
   <translation>Emprise à comparer (vide : raster entier)</translation>
  </message>
  <message>
   <source>The part that is compared, in any CRS. The whole raster is shifted.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resampling</source>
   <translation>Rééchantillonnage</translation>
  </message>
  <message>
   <source>none: only the georeference changes; the pixels and their values stay. All others compute new pixels on the grid below (GRID).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Grid of the resampled output</source>
   <translation>Grille de la sortie rééchantillonnée</translation>
  </message>
  <message>
   <source>input: extent and pixels of the raster before the shift. reference: extent, pixels and CRS of the reference, so that the two can be stacked.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Shifted raster</source>
   <translation>Raster décalé</translation>
  </message>
  <message>
   <source>Empty: the shift is only measured.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Shift to add to x (map units)</source>
   <translation>Décalage à ajouter à x (unités de la carte)</translation>
  </message>
  <message>
   <source>Shift to add to y (map units)</source>
   <translation>Décalage à ajouter à y (unités de la carte)</translation>
  </message>
  <message>
   <source>Shift along the columns (input pixels)</source>
   <translation>Décalage le long des colonnes (pixels d'entrée)</translation>
  </message>
  <message>
   <source>Shift along the rows (input pixels)</source>
   <translation>Décalage le long des lignes (pixels d'entrée)</translation>
  </message>
  <message>
   <source>Confidence (0 to 1)</source>
   <translation>Confiance (0 à 1)</translation>
  </message>
  <message>
   <source>Correlation of fine detail before the shift</source>
   <translation>Corrélation des détails fins avant le décalage</translation>
  </message>
  <message>
   <source>Correlation of fine detail after the shift</source>
   <translation>Corrélation des détails fins après le décalage</translation>
  </message>
  <message>
   <source>Status (measured or undetermined)</source>
   <translation>Statut (measured ou undetermined)</translation>
  </message>
  <message>
   <source>Co-register raster</source>
   <translation>Recaler un raster</translation>
  </message>
  <message>
   <source>Measures the shift between a raster and a reference to a fraction of a pixel, and corrects it.</source>
   <translation>Mesure le décalage entre un raster et une référence à une fraction de pixel près, et le corrige.</translation>
  </message>
  <message>
   <source>Measures the shift between a raster and a reference to a fraction of a pixel. If you name an output, it writes the shifted raster. The two rasters may come from different sensors and may differ in pixel size, grid, CRS and content: for example a red band and a panchromatic one, or a vegetation index and surface temperature. One shift is measured for the whole raster; rotation and distortion are not corrected.

The shift (DX, DY) must be added to the coordinates of the raster to align it with the reference. It is in map units of the raster's CRS, positive to the east and north. DX_PIXELS and DY_PIXELS are the same shift along the raster's columns and rows, in its pixels, positive to the right and downwards.

The confidence (CONFIDENCE) is 1 minus a ratio: the best correlation at other shifts, or the one expected by chance, divided by the correlation at the measured shift. If it is below 0.3, as for flat or unrelated rasters, the status (STATUS) is 'undetermined': there is no shift, nothing is moved, and asking for an output is an error. The correlations before and after the shift (CORRELATION_BEFORE, CORRELATION_AFTER) compare the fine detail of the two rasters; they are negative if dark and bright are inverted.</source>
   <translation>Mesure le décalage entre un raster et une référence à une fraction de pixel près. Si une sortie est indiquée, le raster décalé est écrit. Les deux rasters peuvent provenir de capteurs différents et différer par la taille de pixel, la grille, le SCR et le contenu : par exemple une bande rouge et une bande panchromatique, ou un indice de végétation et une température de surface. Un seul décalage est mesuré pour tout le raster ; rotation et distorsion ne sont pas corrigées.

Le décalage (DX, DY) doit être ajouté aux coordonnées du raster pour l'aligner sur la référence. Il est en unités du SCR du raster, positif vers l'est et le nord. DX_PIXELS et DY_PIXELS sont le même décalage le long des colonnes et des lignes du raster, dans ses pixels, positif vers la droite et vers le bas.

La confiance (CONFIDENCE) vaut 1 moins un rapport : la meilleure corrélation pour d'autres décalages, ou celle que donnerait le hasard, divisée par la corrélation au décalage mesuré. Si elle est inférieure à 0,3, comme pour des rasters uniformes ou sans rapport, le statut (STATUS) est 'undetermined' : il n'y a pas de décalage, rien n'est déplacé, et demander une sortie est une erreur. Les corrélations avant et après le décalage (CORRELATION_BEFORE, CORRELATION_AFTER) comparent les détails fins des deux rasters ; elles sont négatives si clair et sombre sont inversés.</translation>
  </message>
  <message>
   <source>coregister</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>co-registration</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>registration</source>
   <translation>recalage</translation>
  </message>
  <message>
   <source>shift</source>
   <translation>décalage</translation>
  </message>
  <message>
   <source>align</source>
   <translation>aligner</translation>
  </message>
  <message>
   <source>offset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>sub-pixel</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>match</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Degrade</name>
  <message>
   <source>Scale factor (input pixels per output pixel)</source>
   <translation>Facteur d'échelle (pixels entrée/sortie)</translation>
  </message>
  <message>
   <source>Along one axis: 2 makes pixels twice as large.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>mtf: a Gaussian blur with the sensor's MTF (modulation transfer function) at the output's Nyquist frequency, sampled at the centre of each output pixel. gaussian-area: a Gaussian blur, then the mean over each output pixel; with a blur of 0.5 (SIGMA), this is one of the degradations with which the shipped models were tested. area: the mean only.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sensor (method mtf)</source>
   <translation>Capteur (méthode mtf)</translation>
  </message>
  <message>
   <source>A sensor with known MTF values, found by band name (B4, B04, B8A), or custom. The Sentinel-2 values, 0.22 to 0.38, are published; 0.3 for Landsat 8 and 9 is an estimate.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>MTF at the Nyquist frequency (sensor custom)</source>
   <translation>FTM à la fréquence de Nyquist (capteur custom)</translation>
  </message>
  <message>
   <source>Above 0 and below 1: one number for all bands, or one per band, separated by commas.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Blur (method gaussian-area; output pixels)</source>
   <translation>Flou (méthode gaussian-area ; pixels de sortie)</translation>
  </message>
  <message>
   <source>Standard deviation of the Gaussian.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Read noise (standard deviation, digital numbers)</source>
   <translation>Bruit de lecture (écart-type, comptes numériques)</translation>
  </message>
  <message>
   <source>Gaussian noise that does not depend on the signal.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Shot noise (variance per digital number of signal)</source>
   <translation>Bruit de grenaille (variance par compte numérique du signal)</translation>
  </message>
  <message>
   <source>Photon noise, which grows with the signal. It is added to the read noise.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>JPEG quality (empty: no JPEG)</source>
   <translation>Qualité JPEG (vide : pas de JPEG)</translation>
  </message>
  <message>
   <source>Compresses the output as JPEG with this quality and decompresses it again. Only for 8 bits.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Random seed of the noise</source>
   <translation>Graine aléatoire du bruit</translation>
  </message>
  <message>
   <source>The same seed gives the same noise.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bands to degrade, in this order. Empty: all.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Part of the raster to degrade, in any CRS, enlarged to whole pixels. Blocks are counted from its upper left pixel.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Degraded raster</source>
   <translation>Raster dégradé</translation>
  </message>
  <message>
   <source>Degradation that was applied</source>
   <translation>Dégradation appliquée</translation>
  </message>
  <message>
   <source>Degrade raster</source>
   <translation>Dégrader un raster</translation>
  </message>
  <message>
   <source>Writes the raster that a sensor with larger pixels would have recorded.</source>
   <translation>Écrit le raster qu'un capteur à pixels plus grands aurait enregistré.</translation>
  </message>
  <message>
   <source>Writes the raster that a sensor with larger pixels would have recorded: blurred by its optics and detector, sampled on exact blocks of pixels, with noise and JPEG compression if you want them. Use it to make training pairs, or to test a model by Wald's protocol: degrade, super-resolve, and compare the result with the original raster.

Each output pixel covers a square of input pixels, counted from the upper left pixel. Remaining pixels at the right and bottom edges are left out. Nothing is shifted. An output pixel is nodata if one of its input pixels is. Data type, band names, wavelengths, scale and offset are kept. The metadata item SRSAT_DEGRADATION says what was done.</source>
   <translation>Écrit le raster qu'un capteur à pixels plus grands aurait enregistré : rendu flou par son optique et son détecteur, échantillonné sur des blocs exacts de pixels, avec du bruit et une compression JPEG si on le souhaite. Il sert à préparer des paires d'entraînement, ou à tester un modèle selon le protocole de Wald : dégrader, super-résoudre, et comparer le résultat avec le raster d'origine.

Chaque pixel de sortie couvre un carré de pixels d'entrée, compté depuis le pixel supérieur gauche. Les pixels restants aux bords droit et inférieur sont omis. Rien n'est décalé. Un pixel de sortie est nodata si l'un de ses pixels d'entrée l'est. Type de données, noms des bandes, longueurs d'onde, échelle et décalage des valeurs sont conservés. L'élément de métadonnées SRSAT_DEGRADATION dit ce qui a été fait.</translation>
  </message>
  <message>
   <source>degrade</source>
   <translation>dégrader</translation>
  </message>
  <message>
   <source>downscale</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>coarsen</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>jpeg</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>wald</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>DeviceInfo</name>
  <message>
   <source>Model for the speed test</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The measured speed is that of this model.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Speed test on each device (seconds)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>0: no speed test.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Device that a run uses by default</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Why CUDA is used or not</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Package of onnxruntime</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>CUDA version found</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>cuDNN version found</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Graphics card</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Speed on the processor (output megapixels of one band per second)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Speed on the graphics card (output megapixels of one band per second)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Device information</source>
   <translation>Informations sur les périphériques de calcul</translation>
  </message>
  <message>
   <source>Says which device runs the models, why an NVIDIA graphics card is not used, and how fast each one is.</source>
   <translation>Dit quel périphérique exécute les modèles, pourquoi une carte graphique NVIDIA n'est pas utilisée, et la vitesse de chacun.</translation>
  </message>
  <message>
   <source>Tests the graphics card. If it is not used, the report says why: onnxruntime is installed for the processor only, there is no driver, the driver or the card is too old for the CUDA version, or a library is missing (with its name). Then the speed of a model is measured on each device, tile by tile as in a real run.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>cudnn</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>nvidia</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>graphics card</source>
   <translation>carte graphique</translation>
  </message>
  <message>
   <source>speed</source>
   <translation>vitesse</translation>
  </message>
  <message>
   <source>diagnose</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ExportModel</name>
  <message>
   <source>Folder of a training run</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The output folder of Train model, with a checkpoint in it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Or a weights file</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The weights of one of the networks below: safetensors, or a state_dict saved by PyTorch.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Network (weights file only)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The folder of a training run already contains this.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Network options as JSON (weights file only)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A JSON object, for example {"channels": 48, "depth": 8}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Scale factor (weights file only)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Output pixels per input pixel.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Band names (weights file only)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For a network that takes several bands together: their names in order, separated by commas. Empty: the network is applied to each band separately.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Or an installed model, to share</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing is exported: the model is only written as an archive. It needs no PyTorch.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Archive to share (zip)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model, card, STAC item (MLM), a page to read and checksums in one file, for 'Install model'.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Working folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The model is built here, with a log, and then copied to your models folder.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Largest difference to the network (share of the value range)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export model</source>
   <translation>Exporter un modèle</translation>
  </message>
  <message>
   <source>Makes a model for the toolbox from a training checkpoint or a weights file.</source>
   <translation>Fait d'un point de reprise d'entraînement ou d'un fichier de poids un modèle pour la boîte à outils.</translation>
  </message>
  <message>
   <source>Makes a model for the toolbox (ONNX with a card) from the checkpoint of a training, for example one that was cancelled. Or from a weights file for one of the trainer's networks that was trained elsewhere.

The model is compared with the original network on images of three shapes, and refused if they differ by more than 1e-4 of the value range. Its receptive field is measured. It is in every list of models at once.

To share a model, name an archive: a zip file with model, card, STAC item, a page and checksums, which 'Install model' takes. A model that is installed already can be shared too (SHARED_MODEL).

Weights files are read as data: a file that contains code is refused.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>export</source>
   <translation>exporter</translation>
  </message>
  <message>
   <source>checkpoint</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>safetensors</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>state dict</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>weights</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>convert</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Harmonise</name>
  <message>
   <source>Landsat product</source>
   <translation>Produit Landsat</translation>
  </message>
  <message>
   <source>The product's metadata file (*_MTL.txt), its tar, or its folder; or a raster with several bands, as below. Empty: the rasters below.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Landsat bands (if no product)</source>
   <translation>Bandes Landsat (à défaut de produit)</translation>
  </message>
  <message>
   <source>A stack, or one raster per band. Bands are found by description (such as B4), wavelength or file name, else by BAND_NAMES. Level and scale follow from the name of a level 2 product, else give LEVEL, SCALE and OFFSET.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sentinel-2 reference: product</source>
   <translation>Référence Sentinel-2 (produit)</translation>
  </message>
  <message>
   <source>Its metadata file, zip or .SAFE folder: a Sentinel-2 scene of the same place and season, of the same level. Its scene classification (SCL) masks its clouds.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reference: rasters (if no product)</source>
   <translation>Référence : rasters (à défaut de produit)</translation>
  </message>
  <message>
   <source>A stack with band names, or one raster per band, of one scene.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How the bands come to 10 m; see above. highpass needs a reference.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Radiometry</source>
   <translation>Radiométrie</translation>
  </message>
  <message>
   <source>How reflectance becomes Sentinel-2's. Coefficients of one level are refused on the other.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Which band of Sentinel-2 Landsat's band 5 becomes. hls-* have coefficients for B8A, chastain-toa for B8.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model of the method subpixel</source>
   <translation>Modèle de la méthode subpixel</translation>
  </message>
  <message>
   <source>auto: the first installed model of the family landsat.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bands</source>
   <translation>Bandes</translation>
  </message>
  <message>
   <source>Bands of the result, by Sentinel-2's names; NIR is the one chosen above. None selected: all.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Target grid</source>
   <translation>Grille cible</translation>
  </message>
  <message>
   <source>reference: grid and extent of the reference. utm: multiples of 10 m in Landsat's zone, over its extent. auto: the reference's, where there is one.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Misregistration of the scene</source>
   <translation>Décalage de la scène</translation>
  </message>
  <message>
   <source>correct: measured against the reference, and the scene is moved. measure: only told. off: not measured. Up to four Landsat pixels are looked for.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What QA_PIXEL masks</source>
   <translation>Ce que QA_PIXEL masque</translation>
  </message>
  <message>
   <source>These pixels become nodata. none: only fill does.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>QA_PIXEL (only for rasters)</source>
   <translation>QA_PIXEL (seulement pour des rasters)</translation>
  </message>
  <message>
   <source>Quality band of Collection 2; a product has its own.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>BRDF</source>
   <translation>BRDF</translation>
  </message>
  <message>
   <source>c-factor: reflectance as seen from nadir under the year's mean sun of the latitude (Roy et al. 2016), from the height of the sun in the product's metadata. Give Sentinel-2 scenes the same treatment.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Panchromatic band (level 1, band 8)</source>
   <translation>Bande panchromatique (niveau 1, bande 8)</translation>
  </message>
  <message>
   <source>The bands are pan-sharpened to 15 m first. Bands that the pan does not cover, the infrared, follow it only where they are related to it. Not with subpixel.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Names of the stack's bands</source>
   <translation>Noms des bandes de la pile</translation>
  </message>
  <message>
   <source>Empty: as it says. Landsat's names of the bands of a single raster in their order, separated by commas, for example B2,B3,B4,B5,B6,B7,-; a dash is a band of no interest, such as quality.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Level of the rasters</source>
   <translation>Niveau des rasters</translation>
  </message>
  <message>
   <source>surface or top-of-atmosphere (toa) reflectance. auto: as the file names tell.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Scale of the rasters' numbers</source>
   <translation>Échelle des valeurs des rasters</translation>
  </message>
  <message>
   <source>reflectance = scale * number + offset. Empty: as the raster or its name says.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Offset of the rasters' numbers</source>
   <translation>Décalage des valeurs des rasters</translation>
  </message>
  <message>
   <source>Tile size (Landsat pixels; only subpixel)</source>
   <translation>Taille des tuiles (pixels Landsat ; seulement subpixel)</translation>
  </message>
  <message>
   <source>Harmonised scene</source>
   <translation>Scène harmonisée</translation>
  </message>
  <message>
   <source>16-bit digital numbers of reflectance times 10000, with the reference's offset; 0 is nodata.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bias, error, slope, NDVI, detail and shift against the reference, before and after, on unchanged ground.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pixels masked by QA_PIXEL (percent)</source>
   <translation>Pixels masqués par QA_PIXEL (pour cent)</translation>
  </message>
  <message>
   <source>Pixels without the reference's detail (percent; only highpass)</source>
   <translation>Pixels sans le détail de la référence (pour cent ; seulement highpass)</translation>
  </message>
  <message>
   <source>Shift found, to the east (map units of the scene)</source>
   <translation>Décalage trouvé, vers l'est (unités de la scène)</translation>
  </message>
  <message>
   <source>Shift found, to the north (map units of the scene)</source>
   <translation>Décalage trouvé, vers le nord (unités de la scène)</translation>
  </message>
  <message>
   <source>Radiometry of each band (JSON)</source>
   <translation>Radiométrie de chaque bande (JSON)</translation>
  </message>
  <message>
   <source>Measures before and after (JSON; only with a report)</source>
   <translation>Mesures avant et après (JSON ; seulement avec un rapport)</translation>
  </message>
  <message>
   <source>Harmonise Landsat at 10 m</source>
   <translation>Harmoniser Landsat à 10 m</translation>
  </message>
  <message>
   <source>Makes Landsat 8 and 9 look and measure like the 10 m scenes of Copernicus, for one dense time series.</source>
   <translation>Fait ressembler et mesurer Landsat 8 et 9 comme les scènes à 10 m de Copernicus, pour une série temporelle dense.</translation>
  </message>
  <message>
   <source>Landsat 8 and 9 (Collection 2, level 1 or 2) become 16-bit rasters with the bands, the scaling and the 10 m pixels of Sentinel-2. Clouds and whatever else QA_PIXEL flags become nodata.

Give a product (its folder, its tar or its *_MTL.txt) or rasters of the bands; and, where you have one, a Sentinel-2 scene of the place as reference: the result then lies on its grid, is moved onto it, and is compared with it in the report. Choose a reference of the same season.

Methods: resample is cubic convolution. subpixel is a network that was trained on simulated Landsat bands. highpass takes the detail from the reference, but where the ground has changed; a land cover that changes within its 30 m pixels keeps the reference's old edges.

Radiometry: hls-s2a, hls-s2b and hls-s2c are the published lines of NASA's HLS for surface reflectance (level 2), chastain-toa those for top of atmosphere (level 1). fitted is a robust regression on the pixels that did not change, histogram matches percentiles; both need a reference. B8 and B8A differ by about 10 % where there is vegetation: NIR says which one the result has.</source>
   <translation>Landsat 8 et 9 (Collection 2, niveau 1 ou 2) deviennent des rasters de 16 bits avec les bandes, l'échelle et les pixels de 10 m de Sentinel-2. Les nuages et tout ce que QA_PIXEL signale deviennent nodata.

Indiquer un produit (son dossier, son tar ou son *_MTL.txt) ou des rasters des bandes ; et, si possible, une scène Sentinel-2 du lieu comme référence : le résultat est alors sur sa grille, recalé sur elle, et comparé avec elle dans le rapport. Choisir une référence de la même saison.

Méthodes : resample est une convolution cubique. subpixel est un réseau entraîné sur des bandes Landsat simulées. highpass prend le détail de la référence, sauf là où le sol a changé ; une occupation du sol qui change à l'intérieur de ses pixels de 30 m garde les anciens contours de la référence.

Radiométrie : hls-s2a, hls-s2b et hls-s2c sont les droites publiées par HLS de la NASA pour la réflectance de surface (niveau 2), chastain-toa celles du sommet de l'atmosphère (niveau 1). fitted est une régression robuste sur les pixels qui n'ont pas changé, histogram ajuste les percentiles ; toutes deux demandent une référence. B8 et B8A diffèrent d'environ 10 % sur la végétation : NIR dit laquelle le résultat contient.</translation>
  </message>
  <message>
   <source>landsat-8</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>landsat-9</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>oli</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>harmonisation</source>
   <translation>harmonisation</translation>
  </message>
  <message>
   <source>harmonization</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>hls</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>radiometric normalisation</source>
   <translation>normalisation radiométrique</translation>
  </message>
  <message>
   <source>brdf</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>time series</source>
   <translation>série temporelle</translation>
  </message>
 </context>
 <context>
  <name>InstallDependencies</name>
  <message>
   <source>Package</source>
   <translation>Paquet</translation>
  </message>
  <message>
   <source>auto: onnxruntime-gpu if there is an NVIDIA card whose driver runs it, else onnxruntime; the log says which and why. onnxruntime: for the processor, on all systems. onnxruntime-gpu: for NVIDIA graphics cards on Windows and Linux; it also runs on the processor.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder of wheels (offline)</source>
   <translation>Dossier de wheels (sans réseau)</translation>
  </message>
  <message>
   <source>Packages as files (*.whl) for this system and Python version. The network is not used.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Package index (URL)</source>
   <translation>Index de paquets (URL)</translation>
  </message>
  <message>
   <source>For example your organisation's mirror of PyPI. Empty: the index in pip's configuration, usually PyPI.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A version or a range, for example 1.26.0 or &lt;1.27 (the last versions for CUDA 12). Empty: the newest version that works with QGIS's numpy.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Include NVIDIA's libraries (onnxruntime-gpu only)</source>
   <translation>Inclure les bibliothèques de NVIDIA (onnxruntime-gpu seulement)</translation>
  </message>
  <message>
   <source>Also installs CUDA and cuDNN, a download of more than 1 GB. Not needed if both are already installed in the versions that onnxruntime-gpu needs.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Replace a working installation</source>
   <translation>Remplacer une installation qui fonctionne</translation>
  </message>
  <message>
   <source>Installs the newest version even if an installation already works.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Also install the trainer (PyTorch)</source>
   <translation>Installer aussi l'entraîneur (PyTorch)</translation>
  </message>
  <message>
   <source>Needed once for Train model and Export model: about 1 GB for the processor, about 8 GB with CUDA.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>PyTorch build</source>
   <translation>Variante de PyTorch</translation>
  </message>
  <message>
   <source>cpu: for the processor. cuda: for NVIDIA graphics cards on Windows and Linux, and the processor. index: the build that the package index offers.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Version of PyTorch</source>
   <translation>Version de PyTorch</translation>
  </message>
  <message>
   <source>A version or a range, for example 2.6.0 or &lt;2.9. Empty: the newest version that the trainer supports.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Package index for PyTorch (URL)</source>
   <translation>Index de paquets pour PyTorch (URL)</translation>
  </message>
  <message>
   <source>Only if PyTorch comes from a different index than the other packages. Empty: the index above (INDEX_URL). If that is empty too: PyTorch's own index where the usual one does not have the build.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder of the installed packages</source>
   <translation>Dossier des paquets installés</translation>
  </message>
  <message>
   <source>Installed packages (comma-separated)</source>
   <translation>Paquets installés (séparés par des virgules)</translation>
  </message>
  <message>
   <source>Python program used for the installation</source>
   <translation>Programme Python utilisé pour l'installation</translation>
  </message>
  <message>
   <source>Python program that runs the trainer</source>
   <translation>Programme Python qui exécute l'entraîneur</translation>
  </message>
  <message>
   <source>QGIS must be restarted</source>
   <translation>QGIS doit être redémarré</translation>
  </message>
  <message>
   <source>Install dependencies</source>
   <translation>Installer les dépendances</translation>
  </message>
  <message>
   <source>Installs onnxruntime, which runs the models, into your QGIS profile.</source>
   <translation>Installe onnxruntime, qui exécute les modèles, dans le profil QGIS.</translation>
  </message>
  <message>
   <source>Installs onnxruntime, which runs the models, into a folder of your QGIS profile:
{folder}

QGIS's own packages, such as numpy and GDAL, are not changed. The new packages are tested in a separate process first. If the test fails or you cancel, the previous installation stays as it was. Nothing else is changed: delete the folder to remove everything. What pip said is in pip.log beside it.

Without a network, give a folder of wheels. Fill it on another machine with the same system and Python version by
python -m pip download --only-binary=:all: onnxruntime

With an NVIDIA graphics card, onnxruntime-gpu is chosen. Afterwards, Device information says whether the card is used. Each of the two packages replaces the other.

To train your own models, tick 'Also install the trainer' (TRAINING) once: PyTorch and its other packages are installed into a separate environment, {training}, which QGIS itself never loads. Delete that folder to remove it.</source>
   <translation>Installe onnxruntime, qui exécute les modèles, dans un dossier du profil QGIS :
{folder}

Les paquets propres à QGIS, comme numpy et GDAL, ne changent pas. Les nouveaux paquets sont d'abord testés dans un processus séparé. Si le test échoue ou en cas d'annulation, l'installation précédente reste telle quelle. Rien d'autre n'est modifié : supprimer le dossier enlève tout. Ce que pip a dit se trouve à côté, dans pip.log.

Sans réseau, indiquer un dossier de wheels. On le remplit sur une autre machine ayant le même système et la même version de Python par
python -m pip download --only-binary=:all: onnxruntime

Avec une carte graphique NVIDIA, onnxruntime-gpu est choisi. Ensuite, Informations sur les périphériques de calcul dit si la carte est utilisée. Chacun des deux paquets remplace l'autre.

Pour entraîner ses propres modèles, cocher une fois 'Installer aussi l'entraîneur' (TRAINING) : PyTorch et ses autres paquets sont installés dans un environnement séparé, {training}, que QGIS lui-même ne charge jamais. Supprimer ce dossier l'enlève.</translation>
  </message>
  <message>
   <source>onnxruntime</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>pip</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>offline</source>
   <translation>hors ligne</translation>
  </message>
  <message>
   <source>wheels</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>dependencies</source>
   <translation>dépendances</translation>
  </message>
 </context>
 <context>
  <name>InstallModel</name>
  <message>
   <source>Model archive</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The zip archive. A path of a folder is taken too.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Or the folder of a model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A folder with model.onnx and card.json.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Install model</source>
   <translation>Installer un modèle</translation>
  </message>
  <message>
   <source>Installs a model that somebody has shared, as a zip archive or unpacked.</source>
   <translation>Installe un modèle que quelqu'un a partagé, sous forme d'archive zip ou décompressé.</translation>
  </message>
  <message>
   <source>Installs a model that somebody has shared: the zip archive that 'Export model' writes, or a folder with model.onnx and card.json. It is in every list of models at once.

Nothing in it is run. The checksums of all files are verified. An archive that holds anything but the files of a model, or a file outside its folder, is refused; so is a model that refers to files elsewhere, needs operators of its own, or does not fit its card. Pickled weights (.pth, .pt) are no models of the toolbox: 'Export model' makes one of them.

A model of yours that is replaced stays until the new one is whole. Shipped models are never replaced.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>import</source>
   <translation>importer</translation>
  </message>
  <message>
   <source>download</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>model zoo</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ModelInfo</name>
  <message>
   <source>A shipped model or one in your models folder. In scripts and on the command line, give its id.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model card (HTML)</source>
   <translation>Fiche du modèle (HTML)</translation>
  </message>
  <message>
   <source>The card as an HTML page.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Id</source>
   <translation>Id</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Nom</translation>
  </message>
  <message>
   <source>Family</source>
   <translation>Famille</translation>
  </message>
  <message>
   <source>Names of the inputs (comma-separated)</source>
   <translation>Noms des entrées (séparés par des virgules)</translation>
  </message>
  <message>
   <source>Bands of the input (comma-separated; each: every band separately)</source>
   <translation>Bandes de l'entrée (séparées par des virgules ; each : chaque bande séparément)</translation>
  </message>
  <message>
   <source>Licence</source>
   <translation>Licence</translation>
  </message>
  <message>
   <source>What had to be assumed of a file without a card</source>
   <translation>Ce qu'il a fallu supposer d'un fichier sans fiche</translation>
  </message>
  <message>
   <source>Measured quality (JSON)</source>
   <translation>Qualité mesurée (JSON)</translation>
  </message>
  <message>
   <source>The whole card (JSON)</source>
   <translation>La fiche entière (JSON)</translation>
  </message>
  <message>
   <source>All models (JSON)</source>
   <translation>Tous les modèles (JSON)</translation>
  </message>
  <message>
   <source>Number of network parameters</source>
   <translation>Nombre de paramètres du réseau</translation>
  </message>
  <message>
   <source>Model information</source>
   <translation>Informations sur le modèle</translation>
  </message>
  <message>
   <source>Shows the inputs and outputs of a model, its measured quality, and its data and licences.</source>
   <translation>Montre les entrées et sorties d'un modèle, sa qualité mesurée, ses données et ses licences.</translation>
  </message>
  <message>
   <source>Shows a model's card as a report and as outputs: inputs and bands, scale, tiling, measured quality, training data with licences, checksum.

An ONNX file without a card is run to find its scale, bands, sizes and halo. The report says what was measured and what had to be assumed.

The report also lists all models, with a table that says which one suits which data:</source>
   <translation>Montre la fiche d'un modèle comme rapport et comme sorties : entrées et bandes, échelle, tuilage, qualité mesurée, données d'entraînement avec leurs licences, somme de contrôle.

Un fichier ONNX sans fiche est exécuté pour trouver son échelle, ses bandes, ses tailles et sa marge. Le rapport dit ce qui a été mesuré et ce qu'il a fallu supposer.

Le rapport liste aussi tous les modèles, avec un tableau qui dit lequel convient à quelles données :</translation>
  </message>
  <message>
   <source>model card</source>
   <translation>fiche du modèle</translation>
  </message>
  <message>
   <source>licence</source>
   <translation>licence</translation>
  </message>
  <message>
   <source>metadata</source>
   <translation>métadonnées</translation>
  </message>
 </context>
 <context>
  <name>Pansharpen</name>
  <message>
   <source>Multispectral raster</source>
   <translation>Raster multispectral</translation>
  </message>
  <message>
   <source>The bands to sharpen, in one raster: stack single files by a virtual raster.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Panchromatic raster</source>
   <translation>Raster panchromatique</translation>
  </message>
  <message>
   <source>The raster with the smaller pixels.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bands to sharpen, in this order. Empty: all.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>MTF of the multispectral sensor at the Nyquist frequency</source>
   <translation>FTM du capteur multispectral à la fréquence de Nyquist</translation>
  </message>
  <message>
   <source>Above 0 and below 1. The smaller, the more detail is taken from the panchromatic band. Published values lie between 0.2 and 0.4.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pan-sharpened raster</source>
   <translation>Raster affiné par le panchromatique</translation>
  </message>
  <message>
   <source>On the grid of the panchromatic raster: a GeoTIFF, or another format that GDAL can write, chosen by the file extension.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pan-sharpen raster</source>
   <translation>Affinage panchromatique (pansharpening)</translation>
  </message>
  <message>
   <source>Brings a multispectral raster to the smaller pixels of its panchromatic band.</source>
   <translation>Amène un raster multispectral aux pixels plus petits de sa bande panchromatique.</translation>
  </message>
  <message>
   <source>Brings a multispectral raster to the smaller pixels of its panchromatic band, for any sensor: Landsat, Pleiades, WorldView, SPOT. The two rasters share a CRS; pixel sizes need no whole ratio (1.2 to 16) and the grids no common corner, such as Landsat's, which are half a pan pixel apart.

The detail that the multispectral sensor's blur took from the panchromatic band is added to each band by a local regression, and the result, degraded again, returns the input. Bands that the panchromatic band does not cover, such as the infrared, follow it only where they are related to it. Pixels are nodata where one of the two rasters is. Data type, band names, wavelengths, scale and offset are kept.</source>
   <translation>Amène un raster multispectral aux pixels plus petits de sa bande panchromatique, pour tout capteur : Landsat, Pléiades, WorldView, SPOT. Les deux rasters ont le même SCR ; les tailles de pixel n'ont pas besoin d'un rapport entier (1,2 à 16) ni les grilles d'un coin commun, comme celles de Landsat, distantes d'un demi-pixel panchromatique.

Le détail que le flou du capteur multispectral a ôté par rapport à la bande panchromatique est ajouté à chaque bande par une régression locale, et le résultat, dégradé de nouveau, redonne l'entrée. Les bandes que la bande panchromatique ne couvre pas, comme l'infrarouge, ne la suivent que là où elles lui sont liées. Les pixels sont nodata là où l'un des deux rasters l'est. Type de données, noms des bandes, longueurs d'onde, échelle et décalage des valeurs sont conservés.</translation>
  </message>
  <message>
   <source>pansharpen</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>pan-sharpening</source>
   <translation>affinage panchromatique</translation>
  </message>
  <message>
   <source>panchromatic</source>
   <translation>panchromatique</translation>
  </message>
  <message>
   <source>pleiades</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>worldview</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>PrepareTrainingData</name>
  <message>
   <source>High-resolution rasters (HR)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What the model must produce. All with the same CRS, bands and pixel size.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Low-resolution rasters (LR)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One per HR raster, with pixels larger by the scale factor (SCALE) and the same bands (found by name or wavelength) in the same unit. Empty: training degrades HR.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Guide rasters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One per HR raster, or several: first all first guides, then all second ones. Their pixels must be a whole number of times smaller or larger.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mask rasters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Areas to leave out, such as clouds: one raster for all, or one per HR raster, with any pixel size. The first band is used. Areas outside the mask raster are left out too.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Scale factor (HR pixels per LR pixel)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Along one axis.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mask values to leave out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Values of the mask rasters (MASK), separated by commas, for example 3,8,9,10 for clouds and shadows in Sentinel-2's SCL. Empty: all values except 0.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nodata value of HR and LR</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pixels with this value are nodata. It replaces the nodata value that a raster declares. Use 0 for Sentinel-2's JPEG 2000 files, which declare none.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Patch size (HR pixels)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Side length. It is reduced, with a line in the log, if the rasters are too small.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Overlap of training patches (HR pixels)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Validation patches never overlap.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Largest share of invalid pixels per patch (0 to 1)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Patches with a larger share of nodata or masked pixels are left out. In patches that are kept, nodata is filled from its neighbours; masked pixels keep their values.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Share of the area for validation (0 to 1)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Approximate, because whole blocks are used. 0: no validation.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Random seed of the split</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Chooses the validation blocks. The same seed gives the same training data.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Radiometry of pairs</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>report: gain and offset between HR and LR are only reported, and the model learns them. linear: each band of HR is matched to LR by a gain and an offset, so that the model learns only detail.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name of the data</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Letters, digits, - and _. Empty: the name of the first HR raster.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sensor</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Goes into the card of models trained on this data.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Place</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Licence of the rasters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Goes into the card of models trained on this data. Empty: not stated.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A new or empty folder, or one with earlier training data, which is replaced.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Number of training patches</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Number of validation patches</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Picture of some patches (PNG)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Prepare training data</source>
   <translation>Préparer des données d'entraînement</translation>
  </message>
  <message>
   <source>Cuts rasters into patches for training a model, split by place into training and validation.</source>
   <translation>Découpe des rasters en imagettes pour entraîner un modèle, réparties par lieu entre entraînement et validation.</translation>
  </message>
  <message>
   <source>Cuts rasters into patches for training a model. The result is a folder that 'Train model' reads.

Give high-resolution rasters alone (HR): training then degrades them to make the low-resolution images. Or give pairs of a high-resolution and a low-resolution raster of the same area (HR and LR), for example from two sensors. Guides are additional higher-resolution rasters that help, such as NDVI for temperature. The rasters of a pair may have different extents, but their pixels must nest exactly. If they do not, use 'Co-register raster' or warp them first.

If there are several rasters, the low-resolution, guide and mask rasters (LR, GUIDES, MASK) are matched to the high-resolution ones (HR) by file name if the names are the same, else by order.

Patches with nodata or masked areas are left out. Validation uses whole blocks of the area, separated from training by a guard band of one patch, never random patches: so the quality measured on it is valid for new places. Where rasters overlap, a place is used for validation in all of them or in none.

Pairs are checked. The log gives the shift between them (more than 0.25 LR pixels is a warning) and the gain, offset and correlation of each band. The picture sheet.png in the folder shows some patches: look at it before you train.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>training</source>
   <translation>entraînement</translation>
  </message>
  <message>
   <source>patches</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>chips</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>data set</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>pairs</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>split</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>validation</source>
   <translation>validation</translation>
  </message>
  <message>
   <source>cloud mask</source>
   <translation>masque de nuages</translation>
  </message>
 </context>
 <context>
  <name>PreviewModels</name>
  <message>
   <source>The models to try; each must fit the bands of the raster.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Extent (empty: the map's)</source>
   <translation>Emprise (vide : la carte)</translation>
  </message>
  <message>
   <source>The part to try, in any CRS; of a larger one its middle. Empty: what the map shows of the raster, or the middle of the raster.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Largest side (pixels)</source>
   <translation>Plus grand côté (pixels)</translation>
  </message>
  <message>
   <source>The part is at most so many pixels of the input wide and high.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder for the results</source>
   <translation>Dossier des résultats</translation>
  </message>
  <message>
   <source>One GeoTIFF for each model.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Preview page (HTML)</source>
   <translation>Page d'aperçu (HTML)</translation>
  </message>
  <message>
   <source>One HTML file with all pictures.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Results</source>
   <translation>Résultats</translation>
  </message>
  <message>
   <source>Preview models on a part of a raster</source>
   <translation>Essayer des modèles sur une partie d'un raster</translation>
  </message>
  <message>
   <source>Runs one or more models on a small part of a raster, and shows the results beside bicubic.</source>
   <translation>Exécute un ou plusieurs modèles sur une petite partie d'un raster, et montre les résultats à côté de l'agrandissement bicubique.</translation>
  </message>
  <message>
   <source>To choose a model before a long run: the part of the raster in the middle of the map, or of the extent that you give, goes through each of the models that you choose, in seconds. The results are layers that lie on the input, and a page shows them side by side with the input and its bicubic enlargement, all in one stretch, and says how long the whole raster would take.

Blur and noise are measured in the part alone, so that a run of the whole raster may come out a little crisper or softer.</source>
   <translation>Pour choisir un modèle avant une longue exécution : la partie du raster au milieu de la carte, ou de l'emprise indiquée, passe en quelques secondes par chacun des modèles choisis. Les résultats sont des couches superposées à l'entrée, et une page les montre côte à côte avec l'entrée et son agrandissement bicubique, tous avec le même étirement de contraste, et dit combien de temps prendrait le raster entier.

Le flou et le bruit ne sont mesurés que dans cette partie, de sorte que l'exécution sur le raster entier peut être un peu plus nette ou plus douce.</translation>
  </message>
  <message>
   <source>try</source>
   <translation>essayer</translation>
  </message>
  <message>
   <source>choose</source>
   <translation>choisir</translation>
  </message>
  <message>
   <source>side by side</source>
   <translation>côte à côte</translation>
  </message>
  <message>
   <source>quick look</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>RasterInfo</name>
  <message>
   <source>Blur (median over the bands, pixels)</source>
   <translation>Flou (médiane des bandes, pixels)</translation>
  </message>
  <message>
   <source>Uncertainty of the blur (pixels)</source>
   <translation>Incertitude du flou (pixels)</translation>
  </message>
  <message>
   <source>Noise (median over the bands, digital numbers)</source>
   <translation>Bruit (médiane des bandes, comptes numériques)</translation>
  </message>
  <message>
   <source>Uncertainty of the noise (digital numbers)</source>
   <translation>Incertitude du bruit (comptes numériques)</translation>
  </message>
  <message>
   <source>Pixel size (metres)</source>
   <translation>Taille de pixel (mètres)</translation>
  </message>
  <message>
   <source>Number of bands</source>
   <translation>Nombre de bandes</translation>
  </message>
  <message>
   <source>What was found, and what it means</source>
   <translation>Ce qui a été trouvé, et ce que cela signifie</translation>
  </message>
  <message>
   <source>Blur and noise of each band (JSON)</source>
   <translation>Flou et bruit de chaque bande (JSON)</translation>
  </message>
  <message>
   <source>Raster information</source>
   <translation>Informations sur le raster</translation>
  </message>
  <message>
   <source>Measures how blurred and how noisy a raster is, band by band, and says what that means for models.</source>
   <translation>Mesure, bande par bande, à quel point un raster est flou et bruité, et dit ce que cela signifie pour les modèles.</translation>
  </message>
  <message>
   <source>Measures blur and noise of every band from the pixels alone: at most 16 windows of 128 x 128 pixels of a band are read, whatever the raster's size.

Blur is the standard deviation, in pixels, of the Gaussian that followed by the mean over each pixel made the raster; sensors have about 0.35 to 0.6. Noise is the standard deviation of what varies from pixel to pixel without belonging to the ground, in the raster's unit; the rounding of values is part of it. Each comes with its own uncertainty, one standard deviation.

A value that the pixels do not tell is undetermined: its output is then missing, never 0, and the log says so. This happens with few valid pixels, without contrast, and with values that are cut off. A model that uses a missing output stops there.</source>
   <translation>Mesure le flou et le bruit de chaque bande à partir des seuls pixels : au plus 16 fenêtres de 128 x 128 pixels d'une bande sont lues, quelle que soit la taille du raster.

Le flou est l'écart-type, en pixels, de la gaussienne qui, suivie de la moyenne sur chaque pixel, a produit le raster ; les capteurs ont environ 0,35 à 0,6. Le bruit est l'écart-type de ce qui varie d'un pixel à l'autre sans appartenir au sol, dans l'unité du raster ; l'arrondi des valeurs en fait partie. Chacun est donné avec sa propre incertitude, un écart-type.

Une valeur que les pixels ne révèlent pas est indéterminée : sa sortie manque alors, elle n'est jamais 0, et le journal le dit. Cela arrive avec peu de pixels valides, sans contraste, et avec des valeurs tronquées. Un modèle QGIS qui utilise une sortie manquante s'arrête là.</translation>
  </message>
  <message>
   <source>sharpness</source>
   <translation>netteté</translation>
  </message>
  <message>
   <source>sigma</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>estimate</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>resolution</source>
   <translation>résolution</translation>
  </message>
 </context>
 <context>
  <name>Sentinel2</name>
  <message>
   <source>Product (zip, .SAFE or metadata)</source>
   <translation>Produit (zip, .SAFE, métadonnées)</translation>
  </message>
  <message>
   <source>The product's metadata file (MTD_MSIL1C.xml or MTD_MSIL2A.xml), its zip, its .SAFE folder, or any folder with rasters whose file names contain the band names. Empty: the rasters below.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>10 m bands (instead of a product)</source>
   <translation>Bandes à 10 m (au lieu d'un produit)</translation>
  </message>
  <message>
   <source>Rasters with B2, B3, B4 and B8: one raster per band, or a stack. Bands are found by description, wavelength or file name, else by this order.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>20 m bands (instead of a product)</source>
   <translation>Bandes à 20 m (au lieu d'un produit)</translation>
  </message>
  <message>
   <source>Rasters with B5, B6, B7, B8A, B11 and B12, found in the same way.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>60 m bands (instead of a product)</source>
   <translation>Bandes à 60 m (au lieu d'un produit)</translation>
  </message>
  <message>
   <source>Rasters with B1 and B9, found in the same way.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bands to sharpen to 10 m</source>
   <translation>Bandes à affiner à 10 m</translation>
  </message>
  <message>
   <source>all: the 20 m and 60 m bands that the scene has.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Extent (empty: whole scene)</source>
   <translation>Emprise (vide : tout)</translation>
  </message>
  <message>
   <source>Part of the scene, in any CRS, enlarged to whole pixels of the bands with the largest pixels.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mask clouds</source>
   <translation>Masquer les nuages</translation>
  </message>
  <message>
   <source>Sets clouds and cirrus to 0 (nodata) in all bands. The cloud mask is the scene classification (SCL) of Level-2A, which also contains cloud shadows; else MSK_CLASSI (products since 2022), QA60 (Earth Engine) or the polygons of MSK_CLOUDS (older products). For rasters, the mask must be a file in the folder of the first raster.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Adapt the models to the scene: training time (minutes)</source>
   <translation>Adapter les modèles à la scène : durée d'entraînement (minutes)</translation>
  </message>
  <message>
   <source>Trains each model further on this scene before it is used. The bands are degraded, so that the original bands serve as reference. Part of the scene is held out from this training. The adapted model is used only if its error on the held-out area is clearly lower; the log gives the difference. Start with two minutes and expect a few percent. Needs PyTorch: run Install dependencies with 'Also install the trainer' (TRAINING). Empty or 0: the models are used as they are.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Processing level</source>
   <translation>Niveau de traitement</translation>
  </message>
  <message>
   <source>auto: found from the product's file names. The models work for both levels.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Correct band misregistration</source>
   <translation>Corriger le décalage entre bandes</translation>
  </message>
  <message>
   <source>The 20 m and the 60 m bands are each compared with the 10 m bands in the middle of the scene. If their shift is larger than a tenth of their pixel size, they are resampled (Lanczos, up to 3 pixels) before they are used. Pixels at the scene's edge that the shift leaves without values become nodata, also in the bands that are sharpened with these bands: one row or column of low-resolution pixels per pixel of shift, rounded. Clouds in the middle can make the measured shift wrong, because the bands see them from slightly different directions. The log gives the shifts, corrected or not.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model for the 20 m bands</source>
   <translation>Modèle pour les bandes à 20 m</translation>
  </message>
  <message>
   <source>A model whose card names 20 m bands as its first input, for example one trained on your scenes.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model for the 60 m bands</source>
   <translation>Modèle pour les bandes à 60 m</translation>
  </message>
  <message>
   <source>A model whose card names 60 m bands as its first input, for example one trained on your scenes.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tile size (pixels of the 20 m or 60 m bands)</source>
   <translation>Taille des tuiles (pixels des bandes à 20 m ou 60 m)</translation>
  </message>
  <message>
   <source>All bands at 10 m</source>
   <translation>Toutes les bandes à 10 m</translation>
  </message>
  <message>
   <source>A GeoTIFF, or another format that GDAL can write, with 16-bit digital numbers as in the product.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How good the result is. The scene is degraded and sharpened again by the same models. The original bands serve as reference for the error, next to bicubic. And the result, degraded to the original resolution, is compared with the original bands. Large scenes are measured in up to nine windows.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Error of the 20 m bands at reduced scale, relative to bicubic (only with a report)</source>
   <translation>Erreur des bandes à 20 m à échelle réduite, relative au bicubique (seulement avec un rapport)</translation>
  </message>
  <message>
   <source>Error of the 60 m bands at reduced scale, relative to bicubic (only with a report)</source>
   <translation>Erreur des bandes à 60 m à échelle réduite, relative au bicubique (seulement avec un rapport)</translation>
  </message>
  <message>
   <source>Largest difference to the original bands (percent of their range; only with a report)</source>
   <translation>Plus grande différence avec les bandes d'origine (pour cent de leur étendue ; seulement avec un rapport)</translation>
  </message>
  <message>
   <source>Error removed by adapting, 20 m bands (percent)</source>
   <translation>Erreur supprimée par l'adaptation, bandes à 20 m (pour cent)</translation>
  </message>
  <message>
   <source>Error removed by adapting, 60 m bands (percent)</source>
   <translation>Erreur supprimée par l'adaptation, bandes à 60 m (pour cent)</translation>
  </message>
  <message>
   <source>Sentinel-2 at 10 m</source>
   <translation>Sentinel-2 à 10 m</translation>
  </message>
  <message>
   <source>Sharpens the 20 m and 60 m bands of a Sentinel-2 scene to 10 m with the detail of its 10 m bands.</source>
   <translation>Affine à 10 m les bandes à 20 m et 60 m d'une scène Sentinel-2 avec le détail de ses bandes à 10 m.</translation>
  </message>
  <message>
   <source>Writes one raster with all bands of a Sentinel-2 scene at 10 m, ordered by wavelength. The 10 m bands are not changed. The 20 m and 60 m bands get detail from the 10 m bands where the scene shows that the two are related, and a trained network adds the rest. If the result is degraded again, it gives back the original bands.

Give a product (its .SAFE folder, its zip or its metadata file) or rasters of the bands. Level-1C and Level-2A work, in old and new layouts. The output covers what the 10 m bands cover. Where other bands do not, they are nodata, and the log says so. B10 of Level-1C is left out. 0 stays nodata, 65535 stays saturated, and the offset of newer products stays in the values.

To work in two steps, for example in a model: first run it with the target '20 m'. Then run it with the target '60 m', with the result as 10 m bands and the original 60 m bands.</source>
   <translation>Écrit un raster avec toutes les bandes d'une scène Sentinel-2 à 10 m, par ordre de longueur d'onde. Les bandes à 10 m ne changent pas. Les bandes à 20 m et 60 m reçoivent le détail des bandes à 10 m là où la scène montre qu'elles sont liées, et un réseau entraîné ajoute le reste. Si le résultat est dégradé de nouveau, il redonne les bandes d'origine.

Indiquer un produit (son dossier .SAFE, son zip ou son fichier de métadonnées) ou des rasters des bandes. Les niveaux 1C et 2A conviennent, dans les anciens et nouveaux formats. La sortie couvre ce que couvrent les bandes à 10 m. Là où d'autres bandes ne le font pas, elles sont nodata, et le journal le dit. B10 du niveau 1C est omise. 0 reste nodata, 65535 reste saturé, et le décalage des valeurs des produits récents y reste.

Pour travailler en deux étapes, par exemple dans un modèle : exécuter d'abord avec la cible '20 m'. Puis avec la cible '60 m', avec le résultat comme bandes à 10 m et les bandes à 60 m d'origine.</translation>
  </message>
  <message>
   <source>safe</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>dsen2</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>red edge</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>swir</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>10 m</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>pansharpening</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>l1c</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>l2a</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>SharpenThermal</name>
  <message>
   <source>Temperatures</source>
   <translation>Températures</translation>
  </message>
  <message>
   <source>A raster of land-surface temperatures in kelvins, degrees Celsius or scaled integers. Scale, offset and unit are taken from the raster, or from its name for MOD11A1 and MYD11A1, Landsat Collection 2 surface temperature and ECOSTRESS L2T.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Guides (finer images)</source>
   <translation>Guides (images plus fines)</translation>
  </message>
  <message>
   <source>One or more rasters with pixels of at most the output's size, any bands and CRS. Not needed for bicubic.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Times finer</source>
   <translation>Combien de fois plus fin</translation>
  </message>
  <message>
   <source>Output pixels per pixel of the temperatures, along one axis.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model or method</source>
   <translation>Modèle ou méthode</translation>
  </message>
  <message>
   <source>auto: lst-x4 or lst-x8, by the scale. Models of other scales are refused.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Band of the temperatures</source>
   <translation>Bande des températures</translation>
  </message>
  <message>
   <source>Of the input, counted from 1.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Misregistration of the guides</source>
   <translation>Décalage des guides</translation>
  </message>
  <message>
   <source>correct: measured against the temperatures, and guides are moved. measure: only told. off: not measured. Up to two pixels of the temperatures are looked for.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Means that are kept</source>
   <translation>Moyennes conservées</translation>
  </message>
  <message>
   <source>area: the mean temperature over each coarse pixel. area-radiance: its mean radiance (fourth power). relaxed: means over boxes of coarse pixels, for guides that are misregistered. off: none. auto: area, or relaxed where guides stay shifted by more than 0.2 coarse pixels.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Side of the boxes of 'relaxed' (coarse pixels, odd)</source>
   <translation>Côté des blocs de 'relaxed' (pixels grossiers, impair)</translation>
  </message>
  <message>
   <source>Means are kept over so many coarse pixels on a side.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Unit of the temperatures</source>
   <translation>Unité des températures</translation>
  </message>
  <message>
   <source>auto: as the raster or its product says, else kelvins.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Scale of the temperatures' numbers</source>
   <translation>Échelle des valeurs de température</translation>
  </message>
  <message>
   <source>temperature = scale * number + offset. Empty: as the raster or its product says.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Offset of the temperatures' numbers</source>
   <translation>Décalage des valeurs de température</translation>
  </message>
  <message>
   <source>Nodata value of the temperatures</source>
   <translation>Valeur nodata des températures</translation>
  </message>
  <message>
   <source>Overrides what the raster declares.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tile size (pixels of the temperatures)</source>
   <translation>Taille des tuiles (pixels des températures)</translation>
  </message>
  <message>
   <source>Sharpened temperatures</source>
   <translation>Températures affinées</translation>
  </message>
  <message>
   <source>On a grid that nests in that of the temperatures, with their numbers, type, nodata and unit.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Quality raster</source>
   <translation>Raster de qualité</translation>
  </message>
  <message>
   <source>A second raster. Its first band is how much the guides count, 0 where they are missing. With a network, the second one is the standard deviation of its eight answers to the flipped and turned image in kelvins, a sign of doubt and no error; it takes eight times as long.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Compares the chosen model with bicubic, tsharp and local-ridge on this scene, one scale coarser, where the raster itself is the truth.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pixels in which the guides count in full (percent)</source>
   <translation>Pixels où les guides comptent pleinement (pour cent)</translation>
  </message>
  <message>
   <source>Largest difference of a coarse pixel's mean (kelvins)</source>
   <translation>Plus grande différence de la moyenne d'un pixel grossier (kelvins)</translation>
  </message>
  <message>
   <source>Error one scale coarser, relative to bicubic (only with a report)</source>
   <translation>Erreur à une échelle plus grossière, relative au bicubique (seulement avec un rapport)</translation>
  </message>
  <message>
   <source>How means were kept</source>
   <translation>Comment les moyennes ont été conservées</translation>
  </message>
  <message>
   <source>Methods on this scene (JSON; only with a report)</source>
   <translation>Méthodes sur cette scène (JSON ; seulement avec un rapport)</translation>
  </message>
  <message>
   <source>Sharpen temperatures</source>
   <translation>Affiner des températures</translation>
  </message>
  <message>
   <source>Sharpens a land-surface temperature raster 4 or 8 times with the detail of finer images.</source>
   <translation>Affine 4 ou 8 fois un raster de température de surface avec le détail d'images plus fines.</translation>
  </message>
  <message>
   <source>Coarse temperatures (MODIS, a weather satellite, Landsat, ECOSTRESS) become 4 or 8 times finer. The detail comes from guides: finer rasters of the same ground, for example NDVI, reflectances or another sensor's thermal band, in any CRS and with any bands. A guide shows where surfaces change, not how warm they are: what is added is likely, not measured. The mean over each coarse pixel is kept.

The guides are compared with the temperatures, and moved where they are shifted. Where a guide is missing or cloudy (nodata), the result fades into that without a guide.

Models: bicubic takes no guide. tsharp is one regression on the guide band that follows the temperatures best. local-ridge fits regressions in windows of 15 pixels. The others are trained networks; auto takes the shipped one of the scale. The report compares them on your scene, one scale coarser.</source>
   <translation>Des températures grossières (MODIS, un satellite météorologique, Landsat, ECOSTRESS) deviennent 4 ou 8 fois plus fines. Le détail vient de guides : des rasters plus fins du même sol, par exemple NDVI, réflectances ou la bande thermique d'un autre capteur, dans tout SCR et avec n'importe quelles bandes. Un guide montre où les surfaces changent, pas leur chaleur : ce qui est ajouté est vraisemblable, pas mesuré. La moyenne sur chaque pixel grossier est conservée.

Les guides sont comparés avec les températures, et déplacés s'ils sont décalés. Là où un guide manque ou est nuageux (nodata), le résultat rejoint progressivement celui sans guide.

Modèles : bicubic ne prend pas de guide. tsharp est une seule régression sur la bande du guide que les températures suivent le mieux. local-ridge ajuste des régressions dans des fenêtres de 15 pixels. Les autres sont des réseaux entraînés ; auto prend celui qui est fourni pour le facteur. Le rapport les compare sur la scène, à une échelle plus grossière.</translation>
  </message>
  <message>
   <source>land surface temperature</source>
   <translation>température de surface</translation>
  </message>
  <message>
   <source>lst</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>thermal</source>
   <translation>thermique</translation>
  </message>
  <message>
   <source>downscaling</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>disaggregation</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>tsharp</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>modis</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>ecostress</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>ndvi</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>heat island</source>
   <translation>îlot de chaleur</translation>
  </message>
 </context>
 <context>
  <name>Similarity</name>
  <message>
   <source>The raster to measure.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The raster that the super-resolved one was made from. Its bicubic upsampling is measured for comparison.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bands to measure. Empty: all except alpha.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bands of the reference</source>
   <translation>Bandes de la référence</translation>
  </message>
  <message>
   <source>In the order of the bands above. Empty: found by name, wavelength or order.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bands of the low-resolution input</source>
   <translation>Bandes de l'entrée à basse résolution</translation>
  </message>
  <message>
   <source>Spectral indices to compare</source>
   <translation>Indices spectraux à comparer</translation>
  </message>
  <message>
   <source>Normalised differences (a - b) / (a + b), by band numbers of the raster, for example NDVI=8,4; NDWI=3,8. NDVI is added automatically if band names or wavelengths identify red and near infrared.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One HTML file with all numbers, maps and charts. It needs no network.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Error map</source>
   <translation>Carte d'erreur</translation>
  </message>
  <message>
   <source>Raster minus reference, for each band, in the raster's units.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>SSIM map</source>
   <translation>Carte SSIM</translation>
  </message>
  <message>
   <source>Structural similarity around each pixel, for each band.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Improvement and wrong detail</source>
   <translation>Amélioration et faux détail</translation>
  </message>
  <message>
   <source>Three bands from 0 to 1: how far each pixel was improved over bicubic, lacks detail of the reference, or shows detail that is not in the reference. Needs a reference and the low-resolution input.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>RMSE: root mean square error (DN)</source>
   <translation>RMSE : erreur quadratique moyenne (DN)</translation>
  </message>
  <message>
   <source>PSNR: peak signal-to-noise ratio (dB)</source>
   <translation>PSNR : rapport signal sur bruit de crête (dB)</translation>
  </message>
  <message>
   <source>SSIM: structural similarity</source>
   <translation>SSIM : similarité structurelle</translation>
  </message>
  <message>
   <source>UIQ: universal image quality index</source>
   <translation>UIQ : indice universel de qualité d'image</translation>
  </message>
  <message>
   <source>FSIM (tiled, F=1): feature similarity</source>
   <translation>FSIM (par tuiles, F=1) : similarité de caractéristiques</translation>
  </message>
  <message>
   <source>ISSM (experimental): hybrid of edges, entropy and SSIM</source>
   <translation>ISSM (expérimental) : combinaison de contours, entropie et SSIM</translation>
  </message>
  <message>
   <source>SAM: spectral angle (°)</source>
   <translation>SAM : angle spectral (°)</translation>
  </message>
  <message>
   <source>SRE: signal-to-reconstruction-error ratio (dB)</source>
   <translation>SRE : rapport signal sur erreur de reconstruction (dB)</translation>
  </message>
  <message>
   <source>ERGAS: relative global error</source>
   <translation>ERGAS : erreur globale relative</translation>
  </message>
  <message>
   <source>cPSNR: PSNR at the best shift, without bias (dB)</source>
   <translation>cPSNR : PSNR au meilleur décalage, sans biais (dB)</translation>
  </message>
  <message>
   <source>CC: correlation coefficient</source>
   <translation>CC : coefficient de corrélation</translation>
  </message>
  <message>
   <source>MAE: mean absolute error (DN)</source>
   <translation>MAE : erreur absolue moyenne (DN)</translation>
  </message>
  <message>
   <source>Bias: mean difference (DN)</source>
   <translation>Biais : différence moyenne (DN)</translation>
  </message>
  <message>
   <source>95 % error: error that 95 % of the values do not exceed (DN)</source>
   <translation>Erreur à 95 % : erreur que 95 % des valeurs ne dépassent pas (DN)</translation>
  </message>
  <message>
   <source>Histogram distance: distance of the histograms (DN)</source>
   <translation>Distance d'histogramme : distance des histogrammes (DN)</translation>
  </message>
  <message>
   <source>FRC resolution: resolution by Fourier ring correlation (cycles/px)</source>
   <translation>Résolution FRC : résolution par corrélation d'anneaux de Fourier (cycles/px)</translation>
  </message>
  <message>
   <source>Fine-detail power: power of fine detail (dB)</source>
   <translation>Puissance des détails : puissance du détail fin (dB)</translation>
  </message>
  <message>
   <source>Shift x: shift along the columns (px)</source>
   <translation>Décalage x : décalage le long des colonnes (px)</translation>
  </message>
  <message>
   <source>Shift y: shift along the rows (px)</source>
   <translation>Décalage y : décalage le long des lignes (px)</translation>
  </message>
  <message>
   <source>Local shift: local misregistration (px)</source>
   <translation>Décalage local : défaut de recalage local (px)</translation>
  </message>
  <message>
   <source>Index error: error of spectral indices</source>
   <translation>Erreur d'indice : erreur des indices spectraux</translation>
  </message>
  <message>
   <source>LR consistency: difference to the low-resolution input (DN)</source>
   <translation>Cohérence BR : différence avec l'entrée à basse résolution (DN)</translation>
  </message>
  <message>
   <source>LR spectral angle: spectral angle to the low-resolution input (°)</source>
   <translation>Angle spectral BR : angle spectral avec l'entrée à basse résolution (°)</translation>
  </message>
  <message>
   <source>LR shift: shift against the low-resolution input (LR px)</source>
   <translation>Décalage BR : décalage par rapport à l'entrée à basse résolution (LR px)</translation>
  </message>
  <message>
   <source>Overshoot: values outside the range of nearby input pixels (DN)</source>
   <translation>Dépassement : valeurs hors de l'étendue des pixels d'entrée voisins (DN)</translation>
  </message>
  <message>
   <source>Improvement: share of improved pixels (%)</source>
   <translation>Amélioration : part des pixels améliorés (%)</translation>
  </message>
  <message>
   <source>Omission: share of pixels as in bicubic (%)</source>
   <translation>Omission : part des pixels comme en bicubique (%)</translation>
  </message>
  <message>
   <source>Hallucination: share of pixels with wrong detail (%)</source>
   <translation>Hallucination : part des pixels au faux détail (%)</translation>
  </message>
  <message>
   <source>Clipped: share of clipped values (%)</source>
   <translation>Tronqué : part des valeurs tronquées (%)</translation>
  </message>
  <message>
   <source>Tile seams: visibility of tile borders</source>
   <translation>Coutures de tuiles : visibilité des bords de tuile</translation>
  </message>
  <message>
   <source>Similarity report</source>
   <translation>Rapport de similarité</translation>
  </message>
  <message>
   <source>Measures how accurate a result is, where its errors are, and its gain over bicubic.</source>
   <translation>Mesure l'exactitude d'un résultat, où sont ses erreurs, et son gain sur le bicubique.</translation>
  </message>
  <message>
   <source>Measures how accurate a super-resolved raster is, where its errors are, and what it gains over bicubic upsampling. The result is a report, and numbers for models and batch tables.

Give a reference with the same pixel size (the truth), or the low-resolution raster that the super-resolved one was made from, or both. Without a reference, only the consistency with the input can be measured, not the added detail.

The grids are compared first. Rasters with another CRS, pixel size or origin are refused, or warped if you ask for it. Shifts are measured and reported, never corrected. Rasters of any size are read tile by tile.

A summary is added to the notes of the layer, and the numbers to its custom property srsat/similarity. Both are saved with the project.</source>
   <translation>Mesure l'exactitude d'un raster super-résolu, où sont ses erreurs, et ce qu'il gagne sur un agrandissement bicubique. Le résultat est un rapport, et des nombres pour les modèles et les tableaux de traitement par lot.

Indiquer une référence de même taille de pixel (la vérité), ou le raster à basse résolution dont le super-résolu est issu, ou les deux. Sans référence, seule la cohérence avec l'entrée peut être mesurée, pas le détail ajouté.

Les grilles sont d'abord comparées. Les rasters d'un autre SCR, d'une autre taille de pixel ou d'une autre origine sont refusés, ou reprojetés si on le demande. Les décalages sont mesurés et signalés, jamais corrigés. Les rasters de toute taille sont lus tuile par tuile.

Un résumé est ajouté aux notes de la couche, et les nombres à sa propriété personnalisée srsat/similarity. Les deux sont enregistrés avec le projet.</translation>
  </message>
  <message>
   <source>SAM</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>ERGAS</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>RMSE</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>accuracy</source>
   <translation>exactitude</translation>
  </message>
  <message>
   <source>fidelity</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>SuperResolve</name>
  <message>
   <source>A shipped model or one in your models folder; the description above says what each is for. In scripts and on the command line, give its id, for example any-x2, not its number.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bands to super-resolve, in this order. Empty: all. If a model needs certain bands, they are found by name or wavelength.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Part of the raster to super-resolve, in any CRS, enlarged to whole pixels. Required for web maps.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Batch size (tiles)</source>
   <translation>Taille de lot (tuiles)</translation>
  </message>
  <message>
   <source>Number of tiles that the network computes at a time. Empty: chosen by device. It is halved if memory runs out.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keeps finished tiles next to the output during the run. A later run with the same input, model and settings continues from them. Needs twice the disk space.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pixel size of a web map</source>
   <translation>Taille de pixel d'une carte web</translation>
  </message>
  <message>
   <source>Only for web maps: the map is fetched with pixels of this size, in map units, and then super-resolved. Empty: the finest zoom level with at most 2048 pixels along the longer side of the extent. A coverage (WCS) is fetched in its own pixels.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How good the result is: consistency with its input, seams, clipped values. With a reference, the whole similarity report.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reference raster for the report</source>
   <translation>Raster de référence pour le rapport</translation>
  </message>
  <message>
   <source>A raster on the grid of the result that is taken as the truth, to test a model. Used only for the report.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bicubic enlargement</source>
   <translation>Agrandissement bicubique</translation>
  </message>
  <message>
   <source>The same raster enlarged without a network, on the same grid: lay one over the other and swipe.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Map of doubt</source>
   <translation>Carte de doute</translation>
  </message>
  <message>
   <source>Where the model's eight answers to the flipped and turned image differ: their standard deviation at each pixel, in the unit of the input, before the result is made consistent with the input. It is a sign of doubt, not an error: what all eight answers get wrong does not show, and the true error is usually several times larger. The log and an output (UNCERTAIN_PLACES) name the ten most doubtful places. It takes eight times the time of the run itself.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Number of tiles</source>
   <translation>Nombre de tuiles</translation>
  </message>
  <message>
   <source>Most doubtful places (JSON: x, y, value)</source>
   <translation>Endroits les plus douteux (JSON : x, y, value)</translation>
  </message>
  <message>
   <source>Super-resolve raster</source>
   <translation>Super-résolution d'un raster</translation>
  </message>
  <message>
   <source>Writes a raster of the same extent with smaller pixels and the detail that a trained network adds.</source>
   <translation>Écrit un raster de même emprise, avec des pixels plus petits et le détail qu'un réseau entraîné ajoute.</translation>
  </message>
  <message>
   <source>Writes a raster of exactly the same extent with smaller pixels. A trained network adds the detail. Works for any number of bands, any sensor, and 8, 12 and 16 bits or floats. Data type, nodata, masks, band names, scale and offset are kept. There are no seams between tiles.

Web maps (XYZ, WMS, WCS) work too: give an extent and, if you like, a resolution.

QGIS deletes a temporary output without a warning when it closes: name a file to keep the result.

Which model? If the raster is not one that the model was made for, the log says so, and which would fit.</source>
   <translation>Écrit un raster d'exactement la même emprise avec des pixels plus petits. Un réseau entraîné ajoute le détail. Convient à tout nombre de bandes, tout capteur, 8, 12 et 16 bits ou nombres flottants. Type de données, nodata, masques, noms des bandes, échelle et décalage des valeurs sont conservés. Il n'y a pas de coutures entre les tuiles.

Les cartes web (XYZ, WMS, WCS) conviennent aussi : indiquer une emprise et, au besoin, une résolution.

QGIS supprime sans avertir une sortie temporaire en se fermant : nommer un fichier pour garder le résultat.

Quel modèle ? Si le raster n'est pas de ceux pour lesquels le modèle est fait, le journal le dit, et lequel conviendrait.</translation>
  </message>
  <message>
   <source>superresolution</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>upscale</source>
   <translation>agrandir</translation>
  </message>
  <message>
   <source>upsample</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>upsampling</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>enhance</source>
   <translation>améliorer</translation>
  </message>
  <message>
   <source>enlarge</source>
   <translation>agrandissement</translation>
  </message>
  <message>
   <source>zoom</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>resample</source>
   <translation>rééchantillonner</translation>
  </message>
  <message>
   <source>denoise</source>
   <translation>débruiter</translation>
  </message>
  <message>
   <source>deblur</source>
   <translation>déflouter</translation>
  </message>
  <message>
   <source>aerial</source>
   <translation>photo aérienne</translation>
  </message>
  <message>
   <source>drone</source>
   <translation>drone</translation>
  </message>
  <message>
   <source>neural network</source>
   <translation>réseau de neurones</translation>
  </message>
 </context>
 <context>
  <name>SuperResolveTiles</name>
  <message>
   <source>Tiles (layer or file)</source>
   <translation>Tuiles (couche ou fichier)</translation>
  </message>
  <message>
   <source>A layer of tiles in EPSG:3857 (Web Mercator), or a file of such tiles. In scripts, a folder or a template is taken too. PMTiles needs a GDAL that reads those of pictures.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder or template of tiles (instead of the layer)</source>
   <translation>Dossier ou modèle d'adresse de tuiles (au lieu de la couche)</translation>
  </message>
  <message>
   <source>A folder with {z}/{x}/{y}.png, .jpg or .webp, or a template such as folder/{z}/{x}/{y}@2x.png or https://host/{z}/{x}/{y}.png. {-y} counts rows from the south (TMS).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A model that makes colours finer by a factor of 2 (one zoom level) or 4 (two). In scripts and on the command line, give its id.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Extent (empty: all tiles)</source>
   <translation>Emprise (vide : tout)</translation>
  </message>
  <message>
   <source>Part of the tiles, in any CRS, enlarged to whole tiles. Required for web maps.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>First zoom level of the output</source>
   <translation>Premier niveau de zoom</translation>
  </message>
  <message>
   <source>Empty: the last one (ZOOM_MAX), that is one level. Levels that the source has already are copied.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Last zoom level of the output</source>
   <translation>Dernier niveau de zoom</translation>
  </message>
  <message>
   <source>Empty: the deepest that the model makes of the tiles. Required where only the server knows which levels there are.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Packing</source>
   <translation>Assemblage</translation>
  </message>
  <message>
   <source>next zoom: tiles of the same size, one level deeper (four times the tiles). retina: tiles of twice the pixels (@2x) of the same level.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tile format</source>
   <translation>Format des tuiles</translation>
  </message>
  <message>
   <source>PNG keeps every value, JPG has no transparency (white instead), WEBP is smallest. The numbers 0, 1 and 2 of QGIS's own tools are taken too. A GeoTIFF has its own format.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Quality (JPG and WEBP only)</source>
   <translation>Qualité (JPG et WEBP seulement)</translation>
  </message>
  <message>
   <source>1 (small files) to 100 (best pictures).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Output file</source>
   <translation>Fichier de sortie</translation>
  </message>
  <message>
   <source>An MBTiles file, or a GeoTIFF in EPSG:3857 of one level. A temporary file gives way to a folder (OUTPUT_DIRECTORY).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Output folder</source>
   <translation>Dossier de sortie</translation>
  </message>
  <message>
   <source>A folder for tiles {z}/{x}/{y}; a file tiles.json (TileJSON) describes them. Levels that the folder has already are replaced, other files stay. It can be the folder of the input.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rows of the output folder count from the south (TMS)</source>
   <translation>Les lignes du dossier de sortie sont comptées depuis le sud (TMS)</translation>
  </message>
  <message>
   <source>MBTiles count them so in any case.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rows of the input folder count from the south (TMS)</source>
   <translation>Les lignes du dossier d'entrée sont comptées depuis le sud (TMS)</translation>
  </message>
  <message>
   <source>For folders and templates. A folder with a tilemapresource.xml is known to be one. MBTiles count them so in any case.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keeps finished tiles next to the output during the run. A later run with the same input, model and settings continues from them. Not for a GeoTIFF.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add the tiles to the project</source>
   <translation>Ajouter les tuiles au projet</translation>
  </message>
  <message>
   <source>As a layer, once they are whole.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Attribution (HTML)</source>
   <translation>Mention de la source (HTML)</translation>
  </message>
  <message>
   <source>Whom to attribute the tiles to, kept with them. Empty: that of the input.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Number of tiles made</source>
   <translation>Nombre de tuiles produites</translation>
  </message>
  <message>
   <source>Number of tiles copied</source>
   <translation>Nombre de tuiles copiées</translation>
  </message>
  <message>
   <source>Number of tiles that could not be read</source>
   <translation>Nombre de tuiles illisibles</translation>
  </message>
  <message>
   <source>Super-resolve tiles of a web map</source>
   <translation>Super-résolution des tuiles d'une carte web</translation>
  </message>
  <message>
   <source>Makes the zoom levels that a tiled web map lacks, or tiles of twice the pixels (@2x), without seams.</source>
   <translation>Produit les niveaux de zoom qui manquent à une carte web tuilée, ou des tuiles de deux fois plus de pixels (@2x), sans coutures.</translation>
  </message>
  <message>
   <source>Makes deeper zoom levels of the tiles of a web map: one level with a model of x2, two with a model of x4. Or it makes tiles of twice the pixels (@2x, 512 instead of 256) for screens of high density. The tiles around each tile are used too, so that there are no seams: the result is that of one large raster. Missing tiles stay missing, and transparent pixels stay transparent. Tiles that cannot be read are left out and counted.

The deepest level that has tiles in the extent is made finer. Levels of the output that the source has already are copied (from ZOOM_MIN to ZOOM_MAX).

More than 5000 tiles of openstreetmap.org are refused, as in QGIS's own tools.</source>
   <translation>Produit des niveaux de zoom plus profonds des tuiles d'une carte web : un niveau avec un modèle x2, deux avec un modèle x4. Ou des tuiles de deux fois plus de pixels (@2x, 512 au lieu de 256) pour les écrans à haute densité. Les tuiles autour de chaque tuile servent aussi, pour qu'il n'y ait pas de coutures : le résultat est celui d'un seul grand raster. Les tuiles manquantes restent manquantes, et les pixels transparents restent transparents. Les tuiles illisibles sont omises et comptées.

C'est le niveau le plus profond ayant des tuiles dans l'emprise qui est affiné. Les niveaux de la sortie que la source possède déjà sont copiés (de ZOOM_MIN à ZOOM_MAX).

Plus de 5000 tuiles d'openstreetmap.org sont refusées, comme dans les outils de QGIS.</translation>
  </message>
  <message>
   <source>xyz</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>mbtiles</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>pmtiles</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>tms</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>wmts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>retina</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>zoom level</source>
   <translation>niveau de zoom</translation>
  </message>
  <message>
   <source>tiles</source>
   <translation>tuiles</translation>
  </message>
 </context>
 <context>
  <name>TrainModel</name>
  <message>
   <source>A folder made by Prepare training data (srsat:preparetrainingdata).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The description above says what each is for. If you train a model further, its network is used instead.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Size of the network</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A larger network learns more and takes longer, both for training and later use.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty: that of the image pairs, or 2 if the low-resolution images are made from the high-resolution ones.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Loss</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What the training minimises. The description above says how each affects the result.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Base model to train further</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Starts from this model instead of a new network. This is better if there is little data.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Base model file (used instead of the base model above)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The model.onnx in the folder of a model that this trainer made, with its card next to it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Use all bands together</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The network then takes exactly the bands of the training data, and can use one band for another. Otherwise it is applied to each band separately, and the model works for any bands.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Recipe file (replaces the settings of network and training)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A recipe with all settings of the trainer. It is used as it is: network, size, scale, loss, duration, learning rate and seed in this dialog are ignored.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Training time (minutes)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty, with epochs also empty: 30 minutes.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Training length (epochs; instead of minutes)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Passes over the training patches: the same on any machine.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Learning rate (empty: automatic)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>If empty, the trainer finds one with a short test run.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Early stopping (validations without improvement)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>0: no early stopping. The best weights seen during training are exported in any case.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>auto: an NVIDIA graphics card if PyTorch can use one, else the processor.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Random seed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The same data, settings, seed and machine give the same model if the length is given in epochs.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Continues the run in the folder below (OUTPUT_FOLDER), with the settings that it was started with.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder of the run</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Checkpoints, metrics, curves, the report and the recipe. Name a folder to be able to resume: QGIS deletes a temporary one when it closes. The model itself is copied to your models folder.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>PSNR gain over bicubic on validation patches (dB)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>PSNR on validation patches (dB)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>PSNR of bicubic on the same patches (dB)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Number of training steps</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Training report</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Training curves (PNG)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Train model</source>
   <translation>Entraîner un modèle</translation>
  </message>
  <message>
   <source>Trains a super-resolution model on your own rasters, or trains a shipped model further on them.</source>
   <translation>Entraîne un modèle de super-résolution sur ses propres rasters, ou poursuit sur eux l'entraînement d'un modèle fourni.</translation>
  </message>
  <message>
   <source>Trains a super-resolution model on patches of your own rasters (made by Prepare training data), or trains a shipped model further on them. The finished model is in every list of models at once. Its card says what it was trained on and what quality was measured.

The trainer runs in a separate process with its own PyTorch environment. Install dependencies creates that environment once ('Also install the trainer', TRAINING). The log shows the loss, the PSNR on the validation patches next to bicubic, and the remaining time. Cancel keeps a checkpoint; 'Resume an interrupted run' (RESUME) with the same folder continues from it exactly.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Losses:</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>train</source>
   <translation>entraîner</translation>
  </message>
  <message>
   <source>retrain</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>fine-tune</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>learn</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>network</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>recipe</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>srsat_qgis</name>
  <message>
   <source>Input raster</source>
   <translation>Raster d'entrée</translation>
  </message>
  <message>
   <source>Any raster that QGIS can open, or a web map. Rasters with a colour table are refused.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model</source>
   <translation>Modèle</translation>
  </message>
  <message>
   <source>Model file (used instead of the model above)</source>
   <translation>Fichier du modèle (utilisé au lieu du modèle ci-dessus)</translation>
  </message>
  <message>
   <source>An ONNX file from any folder. If it has no model card and no metadata, its scale, bands and tile sizes are found by running it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Bands (none selected: all)</source>
   <translation>Bandes (aucune : toutes)</translation>
  </message>
  <message>
   <source>Extent (empty: whole raster)</source>
   <translation>Emprise (vide : tout)</translation>
  </message>
  <message>
   <source>Graphics card if it works</source>
   <translation>Carte graphique si elle fonctionne</translation>
  </message>
  <message>
   <source>Graphics card, or an error</source>
   <translation>Carte graphique, ou une erreur</translation>
  </message>
  <message>
   <source>Processor</source>
   <translation>Processeur</translation>
  </message>
  <message>
   <source>Device (processor or graphics card)</source>
   <translation>Périphérique (processeur ou carte graphique)</translation>
  </message>
  <message>
   <source>auto: an NVIDIA graphics card if it works, else the processor; the log says which one and why. cuda: the graphics card, or an error. cpu: the processor.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tile size (input pixels)</source>
   <translation>Taille des tuiles (pixels d'entrée)</translation>
  </message>
  <message>
   <source>Side length of the tiles that are computed at a time. Empty: the model's own. It changes memory use and speed, not the result.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Unchanged</source>
   <translation>Inchangé</translation>
  </message>
  <message>
   <source>8 bits, 0 to 255</source>
   <translation>8 bits, 0 à 255</translation>
  </message>
  <message>
   <source>16 bits, 0 to 65535</source>
   <translation>16 bits, 0 à 65535</translation>
  </message>
  <message>
   <source>16 bits with sign</source>
   <translation>16 bits avec signe</translation>
  </message>
  <message>
   <source>32 bits, from 0</source>
   <translation>32 bits, à partir de 0</translation>
  </message>
  <message>
   <source>32 bits with sign</source>
   <translation>32 bits avec signe</translation>
  </message>
  <message>
   <source>Single precision</source>
   <translation>Simple précision</translation>
  </message>
  <message>
   <source>Double precision</source>
   <translation>Double précision</translation>
  </message>
  <message>
   <source>Output data type</source>
   <translation>Type de données de la sortie</translation>
  </message>
  <message>
   <source>Values are rounded and clipped to this type once, at the end. They are never rescaled.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nodata value of the input</source>
   <translation>Valeur nodata de l'entrée</translation>
  </message>
  <message>
   <source>Pixels with this value are nodata. It replaces the nodata value that the raster declares.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keeps the sensor's blur</source>
   <translation>Garde le flou du capteur</translation>
  </message>
  <message>
   <source>Keeps the mean of each pixel</source>
   <translation>Garde la moyenne de chaque pixel</translation>
  </message>
  <message>
   <source>Not corrected</source>
   <translation>Non corrigé</translation>
  </message>
  <message>
   <source>Consistency with the input</source>
   <translation>Cohérence avec l'entrée</translation>
  </message>
  <message>
   <source>What the output must give back when it is degraded to the resolution of the input. model: the input, if degraded with the blur that is measured in it, as far as its noise does not explain the difference. area: the input, if averaged over each input pixel; use it for temperature, indices and other quantities whose means must not change. off: the output of the network is not corrected.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Blur of the input (pixels; empty: measured)</source>
   <translation>Flou de l'entrée (pixels ; vide : mesuré)</translation>
  </message>
  <message>
   <source>Standard deviation of the blur in pixels of the input, one number or one for each band, separated by commas; usually 0.3 to 0.8. A smaller value makes the result softer. Empty: measured in the raster; the log says what was found. Raster information measures it too.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Noise of the input (empty: measured)</source>
   <translation>Bruit de l'entrée (vide : mesuré)</translation>
  </message>
  <message>
   <source>Standard deviation of the noise in the unit of the input, one number or one for each band, separated by commas. A larger value makes the result cleaner and softer. It has an effect only with models that are told the noise. Empty: measured in the raster.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Strength of the added detail</source>
   <translation>Intensité du détail ajouté</translation>
  </message>
  <message>
   <source>1: all the detail that the model adds. 0: none, which is a bicubic enlargement.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resume an interrupted run</source>
   <translation>Reprendre une exécution interrompue</translation>
  </message>
  <message>
   <source>Overviews if it is large</source>
   <translation>Aperçus s'il est grand</translation>
  </message>
  <message>
   <source>Without overviews</source>
   <translation>Sans aperçus</translation>
  </message>
  <message>
   <source>Cloud-optimised, with overviews</source>
   <translation>Optimisé pour le cloud, avec aperçus</translation>
  </message>
  <message>
   <source>Layout of the output file</source>
   <translation>Organisation du fichier de sortie</translation>
  </message>
  <message>
   <source>Of .tif files. auto: a GeoTIFF, with overviews where a side is longer than 4096 pixels, so that it is shown fast. gtiff: a GeoTIFF without overviews. cog: a cloud-optimised GeoTIFF with overviews, for servers and object storage; the creation options are then those of GDAL's COG driver.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Creation options (GDAL)</source>
   <translation>Options de création (GDAL)</translation>
  </message>
  <message>
   <source>KEY=VALUE options of the output's GDAL driver, separated by |, for example COMPRESS=ZSTD|PREDICTOR=2.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model file without a card: scale factor</source>
   <translation>Fichier de modèle sans fiche : facteur d'échelle</translation>
  </message>
  <message>
   <source>Output pixels per input pixel. It is found by running the model; if you give it, a model of another scale is refused.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>As stored in the raster</source>
   <translation>Comme stocké dans le raster</translation>
  </message>
  <message>
   <source>From 0 to 1</source>
   <translation>De 0 à 1</translation>
  </message>
  <message>
   <source>Model file without a card: input values</source>
   <translation>Fichier de modèle sans fiche : valeurs d'entrée</translation>
  </message>
  <message>
   <source>This cannot be found by running the model. dn: digital numbers as stored in the raster. unit: values from 0 to 1; the parameter below (VALUE_RANGE) says which digital numbers these are.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model file without a card: digital numbers for 0 and 1</source>
   <translation>Fichier de modèle sans fiche : comptes numériques pour 0 et 1</translation>
  </message>
  <message>
   <source>Only for input values 'unit' (VALUE_SCALE): the digital numbers that the model takes as 0 and 1, for example 0 and 10000 for Sentinel-2 reflectance. Empty: the range of the raster's data type (0 and 255 for 8 bits, 0 and 65535 for 16 bits, 0 and 1 for floats).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Super-resolved raster</source>
   <translation>Raster super-résolu</translation>
  </message>
  <message>
   <source>A GeoTIFF, or another format that GDAL can write, chosen by the file extension.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Quality report (HTML)</source>
   <translation>Rapport de qualité (HTML)</translation>
  </message>
  <message>
   <source>Scale factor (output pixels per input pixel)</source>
   <translation>Facteur d'échelle (pixels de sortie par pixel d'entrée)</translation>
  </message>
  <message>
   <source>Width (pixels)</source>
   <translation>Largeur (pixels)</translation>
  </message>
  <message>
   <source>Height (pixels)</source>
   <translation>Hauteur (pixels)</translation>
  </message>
  <message>
   <source>Run time (seconds)</source>
   <translation>Durée d'exécution (secondes)</translation>
  </message>
  <message>
   <source>Device used</source>
   <translation>Périphérique utilisé</translation>
  </message>
  <message>
   <source>Super-resolution</source>
   <translation>Super-résolution</translation>
  </message>
  <message>
   <source>Models:</source>
   <translation>Modèles :</translation>
  </message>
  <message>
   <source>satellite</source>
   <translation>satellite</translation>
  </message>
  <message>
   <source>srsat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>deep learning</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>super-resolution</source>
   <translation>super-résolution</translation>
  </message>
  <message>
   <source>sharpen</source>
   <translation>affiner</translation>
  </message>
  <message>
   <source>sentinel-2</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>landsat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>orthophoto</source>
   <translation>orthophoto</translation>
  </message>
  <message>
   <source>basemap</source>
   <translation>fond de carte</translation>
  </message>
  <message>
   <source>onnx</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One level deeper</source>
   <translation>Un niveau plus profond</translation>
  </message>
  <message>
   <source>Twice the pixels, same level</source>
   <translation>Deux fois plus de pixels, même niveau</translation>
  </message>
  <message>
   <source>Every value kept</source>
   <translation>Chaque valeur conservée</translation>
  </message>
  <message>
   <source>Small, no transparency</source>
   <translation>Petit, sans transparence</translation>
  </message>
  <message>
   <source>Smallest</source>
   <translation>Le plus petit</translation>
  </message>
  <message>
   <source>All</source>
   <translation>Toutes</translation>
  </message>
  <message>
   <source>Those of 20 m</source>
   <translation>Celles de 20 m</translation>
  </message>
  <message>
   <source>Those of 60 m</source>
   <translation>Celles de 60 m</translation>
  </message>
  <message>
   <source>By the file names</source>
   <translation>D'après les noms de fichier</translation>
  </message>
  <message>
   <source>Top of atmosphere</source>
   <translation>Sommet de l'atmosphère</translation>
  </message>
  <message>
   <source>Surface reflectance</source>
   <translation>Réflectance de surface</translation>
  </message>
  <message>
   <source>Names of the bands</source>
   <translation>Noms des bandes</translation>
  </message>
  <message>
   <source>Multispectral</source>
   <translation>Multispectral</translation>
  </message>
  <message>
   <source>fusion</source>
   <translation>fusion</translation>
  </message>
  <message>
   <source>Cubic convolution</source>
   <translation>Convolution cubique</translation>
  </message>
  <message>
   <source>Network</source>
   <translation>Réseau</translation>
  </message>
  <message>
   <source>Detail of the reference</source>
   <translation>Détail de la référence</translation>
  </message>
  <message>
   <source>Method</source>
   <translation>Méthode</translation>
  </message>
  <message>
   <source>As it is</source>
   <translation>Telle quelle</translation>
  </message>
  <message>
   <source>Lines of HLS, Sentinel-2A</source>
   <translation>Droites de HLS, Sentinel-2A</translation>
  </message>
  <message>
   <source>Lines of HLS, Sentinel-2B</source>
   <translation>Droites de HLS, Sentinel-2B</translation>
  </message>
  <message>
   <source>Lines of HLS, Sentinel-2C</source>
   <translation>Droites de HLS, Sentinel-2C</translation>
  </message>
  <message>
   <source>Lines of Chastain</source>
   <translation>Droites de Chastain</translation>
  </message>
  <message>
   <source>Regression on the reference</source>
   <translation>Régression sur la référence</translation>
  </message>
  <message>
   <source>Percentiles of the reference</source>
   <translation>Percentiles de la référence</translation>
  </message>
  <message>
   <source>20 m, narrow</source>
   <translation>20 m, étroite</translation>
  </message>
  <message>
   <source>10 m, wide</source>
   <translation>10 m, large</translation>
  </message>
  <message>
   <source>Near infrared</source>
   <translation>Proche infrarouge</translation>
  </message>
  <message>
   <source>The first of the family</source>
   <translation>Le premier de la famille</translation>
  </message>
  <message>
   <source>Coastal aerosol</source>
   <translation>Aérosols côtiers</translation>
  </message>
  <message>
   <source>Blue</source>
   <translation>Bleu</translation>
  </message>
  <message>
   <source>Green</source>
   <translation>Vert</translation>
  </message>
  <message>
   <source>Red</source>
   <translation>Rouge</translation>
  </message>
  <message>
   <source>Shortwave infrared, 1610 nm</source>
   <translation>Infrarouge à ondes courtes, 1610 nm</translation>
  </message>
  <message>
   <source>Shortwave infrared, 2190 nm</source>
   <translation>Infrarouge à ondes courtes, 2190 nm</translation>
  </message>
  <message>
   <source>The reference's, where there is one</source>
   <translation>Celle de la référence, s'il y en a une</translation>
  </message>
  <message>
   <source>The reference's</source>
   <translation>Celle de la référence</translation>
  </message>
  <message>
   <source>Multiples of 10 m</source>
   <translation>Multiples de 10 m</translation>
  </message>
  <message>
   <source>Measured and corrected</source>
   <translation>Mesuré et corrigé</translation>
  </message>
  <message>
   <source>Measured</source>
   <translation>Mesuré</translation>
  </message>
  <message>
   <source>Not looked for</source>
   <translation>Non recherché</translation>
  </message>
  <message>
   <source>Rims of clouds</source>
   <translation>Bords des nuages</translation>
  </message>
  <message>
   <source>Cirrus</source>
   <translation>Cirrus</translation>
  </message>
  <message>
   <source>Clouds</source>
   <translation>Nuages</translation>
  </message>
  <message>
   <source>Shadows of clouds</source>
   <translation>Ombres des nuages</translation>
  </message>
  <message>
   <source>Snow</source>
   <translation>Neige</translation>
  </message>
  <message>
   <source>Fill only</source>
   <translation>Remplissage seulement</translation>
  </message>
  <message>
   <source>As it was seen</source>
   <translation>Comme observée</translation>
  </message>
  <message>
   <source>As seen from nadir</source>
   <translation>Comme vue du nadir</translation>
  </message>
  <message>
   <source>By their names</source>
   <translation>D'après leurs noms</translation>
  </message>
  <message>
   <source>Surface</source>
   <translation>Surface</translation>
  </message>
  <message>
   <source>See the scale.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Report (HTML)</source>
   <translation>Rapport (HTML)</translation>
  </message>
  <message>
   <source>Networks:</source>
   <translation>Réseaux :</translation>
  </message>
  <message>
   <source>Four times</source>
   <translation>Quatre fois</translation>
  </message>
  <message>
   <source>Eight times</source>
   <translation>Huit fois</translation>
  </message>
  <message>
   <source>The shipped network of the scale</source>
   <translation>Le réseau fourni pour le facteur</translation>
  </message>
  <message>
   <source>Bicubic, without a guide</source>
   <translation>Bicubique, sans guide</translation>
  </message>
  <message>
   <source>One regression</source>
   <translation>Une seule régression</translation>
  </message>
  <message>
   <source>Regressions in windows</source>
   <translation>Régressions par fenêtres</translation>
  </message>
  <message>
   <source>Measured, and guides are moved</source>
   <translation>Mesuré, et les guides sont déplacés</translation>
  </message>
  <message>
   <source>Only measured</source>
   <translation>Seulement mesuré</translation>
  </message>
  <message>
   <source>Not measured</source>
   <translation>Non mesuré</translation>
  </message>
  <message>
   <source>By what the guides' shift allows</source>
   <translation>Selon ce que permet le décalage des guides</translation>
  </message>
  <message>
   <source>None</source>
   <translation>Aucune</translation>
  </message>
  <message>
   <source>Mean of each coarse pixel</source>
   <translation>Moyenne de chaque pixel grossier</translation>
  </message>
  <message>
   <source>Mean radiance of each coarse pixel</source>
   <translation>Radiance moyenne de chaque pixel grossier</translation>
  </message>
  <message>
   <source>Means of boxes</source>
   <translation>Moyennes de blocs</translation>
  </message>
  <message>
   <source>As the raster says</source>
   <translation>Comme le dit le raster</translation>
  </message>
  <message>
   <source>Kelvins</source>
   <translation>Kelvins</translation>
  </message>
  <message>
   <source>Degrees Celsius</source>
   <translation>Degrés Celsius</translation>
  </message>
  <message>
   <source>Land surface temperature</source>
   <translation>Température de surface</translation>
  </message>
  <message>
   <source>Any rasters, by a model</source>
   <translation>Rasters quelconques, avec un modèle</translation>
  </message>
  <message>
   <source>Sentinel-2 products at 10 m</source>
   <translation>Produits Sentinel-2 à 10 m</translation>
  </message>
  <message>
   <source>archive</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models</source>
   <translation>Modèles</translation>
  </message>
  <message>
   <source>compare</source>
   <translation>comparer</translation>
  </message>
  <message>
   <source>which model</source>
   <translation>quel modèle</translation>
  </message>
  <message>
   <source>Reference raster (truth)</source>
   <translation>Raster de référence (vérité)</translation>
  </message>
  <message>
   <source>A raster of the same area with the same pixel size as the super-resolved raster, taken as the truth.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Low-resolution input</source>
   <translation>Entrée à basse résolution</translation>
  </message>
  <message>
   <source>Root mean square error</source>
   <translation>Erreur quadratique moyenne</translation>
  </message>
  <message>
   <source>Peak signal-to-noise ratio</source>
   <translation>Rapport signal sur bruit de crête</translation>
  </message>
  <message>
   <source>Structural similarity</source>
   <translation>Similarité structurelle</translation>
  </message>
  <message>
   <source>Universal image quality index</source>
   <translation>Indice universel de qualité d'image</translation>
  </message>
  <message>
   <source>Feature similarity</source>
   <translation>Similarité de caractéristiques</translation>
  </message>
  <message>
   <source>Hybrid of edges, entropy and SSIM</source>
   <translation>Combinaison de contours, entropie et SSIM</translation>
  </message>
  <message>
   <source>Spectral angle</source>
   <translation>Angle spectral</translation>
  </message>
  <message>
   <source>Signal-to-reconstruction-error ratio</source>
   <translation>Rapport signal sur erreur de reconstruction</translation>
  </message>
  <message>
   <source>Relative global error</source>
   <translation>Erreur globale relative</translation>
  </message>
  <message>
   <source>PSNR at the best shift, without bias</source>
   <translation>PSNR au meilleur décalage, sans biais</translation>
  </message>
  <message>
   <source>Correlation coefficient</source>
   <translation>Coefficient de corrélation</translation>
  </message>
  <message>
   <source>Mean absolute error</source>
   <translation>Erreur absolue moyenne</translation>
  </message>
  <message>
   <source>Mean difference</source>
   <translation>Différence moyenne</translation>
  </message>
  <message>
   <source>Error that 95 % of the values do not exceed</source>
   <translation>Erreur que 95 % des valeurs ne dépassent pas</translation>
  </message>
  <message>
   <source>Distance of the histograms</source>
   <translation>Distance des histogrammes</translation>
  </message>
  <message>
   <source>Resolution by Fourier ring correlation</source>
   <translation>Résolution par corrélation d'anneaux de Fourier</translation>
  </message>
  <message>
   <source>Power of fine detail</source>
   <translation>Puissance du détail fin</translation>
  </message>
  <message>
   <source>Shift along the columns</source>
   <translation>Décalage le long des colonnes</translation>
  </message>
  <message>
   <source>Shift along the rows</source>
   <translation>Décalage le long des lignes</translation>
  </message>
  <message>
   <source>Local misregistration</source>
   <translation>Défaut de recalage local</translation>
  </message>
  <message>
   <source>Error of spectral indices</source>
   <translation>Erreur des indices spectraux</translation>
  </message>
  <message>
   <source>Difference to the low-resolution input</source>
   <translation>Différence avec l'entrée à basse résolution</translation>
  </message>
  <message>
   <source>Spectral angle to the low-resolution input</source>
   <translation>Angle spectral avec l'entrée à basse résolution</translation>
  </message>
  <message>
   <source>Shift against the low-resolution input</source>
   <translation>Décalage par rapport à l'entrée à basse résolution</translation>
  </message>
  <message>
   <source>Values outside the range of nearby input pixels</source>
   <translation>Valeurs hors de l'étendue des pixels d'entrée voisins</translation>
  </message>
  <message>
   <source>Share of improved pixels</source>
   <translation>Part des pixels améliorés</translation>
  </message>
  <message>
   <source>Share of pixels as in bicubic</source>
   <translation>Part des pixels comme en bicubique</translation>
  </message>
  <message>
   <source>Share of pixels with wrong detail</source>
   <translation>Part des pixels au faux détail</translation>
  </message>
  <message>
   <source>Share of clipped values</source>
   <translation>Part des valeurs tronquées</translation>
  </message>
  <message>
   <source>Visibility of tile borders</source>
   <translation>Visibilité des bords de tuile</translation>
  </message>
  <message>
   <source>Measures</source>
   <translation>Mesures</translation>
  </message>
  <message>
   <source>What to compute. The report gives the definition of each measure. Slow and experimental measures are not selected by default. On the command line, separate names by commas: psnr,ssim.
rmse: root mean square error; psnr: peak signal-to-noise ratio; ssim: structural similarity; uiq: universal image quality index; fsim: feature similarity; issm: hybrid of edges, entropy and SSIM; sam: spectral angle; sre: signal-to-reconstruction-error ratio; ergas: relative global error; cpsnr: PSNR at the best shift, without bias; cc: correlation coefficient; mae: mean absolute error; bias: mean difference; error_p95: error that 95 % of the values do not exceed; wasserstein: distance of the histograms; frc: resolution by Fourier ring correlation; spectrum_ratio: power of fine detail; shift_x: shift along the columns; shift_y: shift along the rows; local_shift: local misregistration; index_mae: error of spectral indices; lr_consistency: difference to the low-resolution input; lr_sam: spectral angle to the low-resolution input; lr_shift: shift against the low-resolution input; overshoot: values outside the range of nearby input pixels; improvement: share of improved pixels; omission: share of pixels as in bicubic; hallucination: share of pixels with wrong detail; clipped: share of clipped values; seams: visibility of tile borders</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Data range (largest minus smallest possible value)</source>
   <translation>Étendue des données (plus grande moins plus petite valeur possible)</translation>
  </message>
  <message>
   <source>PSNR, SSIM and FSIM depend on it; the report states it. Empty: 255 for 8 bits. For other types: the range in the model's card, else the number of bits or the scale that the file declares, else 10000 for integers (reflectance), or the range of the data type if many values exceed that, else 1 for floats between about 0 and 1.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>As recorded in the raster</source>
   <translation>Comme noté dans le raster</translation>
  </message>
  <message>
   <source>Mean</source>
   <translation>Moyenne</translation>
  </message>
  <message>
   <source>Gaussian blur, then the mean</source>
   <translation>Flou gaussien, puis moyenne</translation>
  </message>
  <message>
   <source>Blur of a given MTF</source>
   <translation>Flou d'une FTM donnée</translation>
  </message>
  <message>
   <source>Blur of Sentinel-2</source>
   <translation>Flou de Sentinel-2</translation>
  </message>
  <message>
   <source>Blur of Landsat 8 and 9</source>
   <translation>Flou de Landsat 8 et 9</translation>
  </message>
  <message>
   <source>Degradation to low resolution</source>
   <translation>Dégradation vers la basse résolution</translation>
  </message>
  <message>
   <source>How the raster is degraded to the grid of its low-resolution input. auto: as recorded in the raster, else as in the card of its model, else the area mean. area: the mean over each low-resolution pixel. gaussian-area: a Gaussian blur, then the mean. mtf: a blur with the given MTF at the Nyquist frequency. sentinel-2, landsat: the MTF of that sensor's bands, found by band name.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Blur (low-resolution pixels) or MTF of the degradation</source>
   <translation>Flou (pixels à basse résolution) ou FTM de la dégradation</translation>
  </message>
  <message>
   <source>For gaussian-area: the standard deviation in low-resolution pixels. For mtf: the MTF at the Nyquist frequency, below 1.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mask raster</source>
   <translation>Raster de masque</translation>
  </message>
  <message>
   <source>A raster on the same grid. Only pixels where it is neither 0 nor nodata are measured.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Compare with bicubic</source>
   <translation>Comparer avec le bicubique</translation>
  </message>
  <message>
   <source>Also measures bicubic upsampling of the low-resolution input. Without that input, the reference is degraded by the scale in the raster's metadata and upsampled.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop with a message</source>
   <translation>S'arrêter avec un message</translation>
  </message>
  <message>
   <source>Resample the other raster</source>
   <translation>Rééchantillonner l'autre raster</translation>
  </message>
  <message>
   <source>If the grids differ</source>
   <translation>Si les grilles diffèrent</translation>
  </message>
  <message>
   <source>refuse: stop with a message. warp: resample the other raster onto the grid; the report says so.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Numbers as JSON</source>
   <translation>Nombres en JSON</translation>
  </message>
  <message>
   <source>Everything in the report, for programs.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Numbers as CSV</source>
   <translation>Nombres en CSV</translation>
  </message>
  <message>
   <source>A table for spreadsheets.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Verdict (one sentence)</source>
   <translation>Verdict (une phrase)</translation>
  </message>
  <message>
   <source>Quality</source>
   <translation>Qualité</translation>
  </message>
  <message>
   <source>quality</source>
   <translation>qualité</translation>
  </message>
  <message>
   <source>metric</source>
   <translation>mesure</translation>
  </message>
  <message>
   <source>PSNR</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>SSIM</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>report</source>
   <translation>rapport</translation>
  </message>
  <message>
   <source>benchmark</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Any raster that GDAL can open. Rasters with a colour table are refused.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sentinel-2</source>
   <translation>Sentinel-2</translation>
  </message>
  <message>
   <source>Landsat 8 and 9</source>
   <translation>Landsat 8 et 9</translation>
  </message>
  <message>
   <source>As given below</source>
   <translation>Comme indiqué ci-dessous</translation>
  </message>
  <message>
   <source>Preparation</source>
   <translation>Préparation</translation>
  </message>
  <message>
   <source>blur</source>
   <translation>flou</translation>
  </message>
  <message>
   <source>mtf</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>psf</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>noise</source>
   <translation>bruit</translation>
  </message>
  <message>
   <source>Chosen by confidence</source>
   <translation>Choisi d'après la confiance</translation>
  </message>
  <message>
   <source>Values</source>
   <translation>Valeurs</translation>
  </message>
  <message>
   <source>Direction of edges</source>
   <translation>Direction des contours</translation>
  </message>
  <message>
   <source>Only the georeference changes</source>
   <translation>Seul le géoréférencement change</translation>
  </message>
  <message>
   <source>Nearest neighbour</source>
   <translation>Plus proche voisin</translation>
  </message>
  <message>
   <source>Bilinear</source>
   <translation>Bilinéaire</translation>
  </message>
  <message>
   <source>Lanczos</source>
   <translation>Lanczos</translation>
  </message>
  <message>
   <source>Mean of the pixels</source>
   <translation>Moyenne des pixels</translation>
  </message>
  <message>
   <source>As before the shift</source>
   <translation>Comme avant le décalage</translation>
  </message>
  <message>
   <source>As the reference</source>
   <translation>Comme la référence</translation>
  </message>
  <message>
   <source>Only reported</source>
   <translation>Seulement signalé</translation>
  </message>
  <message>
   <source>Matched by gain and offset</source>
   <translation>Ajusté par gain et décalage</translation>
  </message>
  <message>
   <source>Training data folder (patch store)</source>
   <translation>Dossier de données d'entraînement</translation>
  </message>
  <message>
   <source>Convolutions</source>
   <translation>Convolutions</translation>
  </message>
  <message>
   <source>Convolutions, told blur and noise</source>
   <translation>Convolutions informées du flou et du bruit</translation>
  </message>
  <message>
   <source>Three convolutions</source>
   <translation>Trois convolutions</translation>
  </message>
  <message>
   <source>Attention, folded</source>
   <translation>Attention, repliée</translation>
  </message>
  <message>
   <source>Residual blocks</source>
   <translation>Blocs résiduels</translation>
  </message>
  <message>
   <source>U-Net</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Dense blocks</source>
   <translation>Blocs denses</translation>
  </message>
  <message>
   <source>Fusion of bands</source>
   <translation>Fusion de bandes</translation>
  </message>
  <message>
   <source>Fusion by local regression</source>
   <translation>Fusion par régression locale</translation>
  </message>
  <message>
   <source>Guided, least squares</source>
   <translation>Guidé, moindres carrés</translation>
  </message>
  <message>
   <source>Guided, least squares and dense blocks</source>
   <translation>Guidé, moindres carrés et blocs denses</translation>
  </message>
  <message>
   <source>Guided, interpolation</source>
   <translation>Guidé, interpolation</translation>
  </message>
  <message>
   <source>Guided U-Net</source>
   <translation>U-Net guidé</translation>
  </message>
  <message>
   <source>Dense blocks, without guides</source>
   <translation>Blocs denses, sans guides</translation>
  </message>
  <message>
   <source>Small</source>
   <translation>Petit</translation>
  </message>
  <message>
   <source>Medium</source>
   <translation>Moyen</translation>
  </message>
  <message>
   <source>Large</source>
   <translation>Grand</translation>
  </message>
  <message>
   <source>Gain over bicubic</source>
   <translation>Gain sur le bicubique</translation>
  </message>
  <message>
   <source>Smooth absolute error</source>
   <translation>Erreur absolue lissée</translation>
  </message>
  <message>
   <source>Absolute error</source>
   <translation>Erreur absolue</translation>
  </message>
  <message>
   <source>Squared error</source>
   <translation>Erreur quadratique</translation>
  </message>
  <message>
   <source>Structure and edges</source>
   <translation>Structure et contours</translation>
  </message>
  <message>
   <source>Fourier amplitudes</source>
   <translation>Amplitudes de Fourier</translation>
  </message>
  <message>
   <source>Perceptual</source>
   <translation>Perceptuelle</translation>
  </message>
  <message>
   <source>Adversarial</source>
   <translation>Adverse (GAN)</translation>
  </message>
  <message>
   <source>Adversarial, as ESRGAN</source>
   <translation>Adverse, comme ESRGAN</translation>
  </message>
  <message>
   <source>A new network</source>
   <translation>Un nouveau réseau</translation>
  </message>
  <message>
   <source>Id of the new model</source>
   <translation>Id du nouveau modèle</translation>
  </message>
  <message>
   <source>Lower-case letters, digits and hyphens, for example my-sensor-x2. Lists of models show this id. Empty: a free id is chosen.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Display name of the new model</source>
   <translation>Nom affiché du nouveau modèle</translation>
  </message>
  <message>
   <source>A name for people. Empty: the id.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Licence of the new model</source>
   <translation>Licence du nouveau modèle</translation>
  </message>
  <message>
   <source>Goes into the model's card, for example CC-BY-4.0. Consider the licences of the training data.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Replace my existing model with this id</source>
   <translation>Remplacer mon modèle de cet id</translation>
  </message>
  <message>
   <source>If not ticked, an id that is already used is an error. Shipped models are never replaced.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Id of the model</source>
   <translation>Id du modèle</translation>
  </message>
  <message>
   <source>ONNX file of the model</source>
   <translation>Fichier ONNX du modèle</translation>
  </message>
  <message>
   <source>Folder of the model</source>
   <translation>Dossier du modèle</translation>
  </message>
  <message>
   <source>Training</source>
   <translation>Entraînement</translation>
  </message>
  <message>
   <source>pytorch</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>torch</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>gpu</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>cuda</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Halo (pixels of the lowest-resolution input)</source>
   <translation>Marge (pixels de l'entrée à la plus basse résolution)</translation>
  </message>
  <message>
   <source>share</source>
   <translation>partager</translation>
  </message>
  <message>
   <source>zip</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Version</source>
   <translation>Version</translation>
  </message>
  <message>
   <source>SHA-256 checksum of the file</source>
   <translation>Somme de contrôle SHA-256 du fichier</translation>
  </message>
  <message>
   <source>install</source>
   <translation>installer</translation>
  </message>
  <message>
   <source>information</source>
   <translation>informations</translation>
  </message>
  <message>
   <source>The same information as an HTML page.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Devices that onnxruntime supports (comma-separated)</source>
   <translation>Périphériques pris en charge par onnxruntime (séparés par des virgules)</translation>
  </message>
  <message>
   <source>Version of onnxruntime</source>
   <translation>Version d'onnxruntime</translation>
  </message>
  <message>
   <source>Configuration</source>
   <translation>Configuration</translation>
  </message>
  <message>
   <source>By what this computer has</source>
   <translation>D'après ce que possède cet ordinateur</translation>
  </message>
  <message>
   <source>For the processor</source>
   <translation>Pour le processeur</translation>
  </message>
  <message>
   <source>For NVIDIA graphics cards</source>
   <translation>Pour les cartes graphiques NVIDIA</translation>
  </message>
  <message>
   <source>As the index offers</source>
   <translation>Comme le propose l'index</translation>
  </message>
  <message>
   <source>Default device</source>
   <translation>Périphérique par défaut</translation>
  </message>
  <message>
   <source>Processor threads (0: all)</source>
   <translation>Threads du processeur (0 : tous)</translation>
  </message>
  <message>
   <source>Graphics memory limit (MB; 0: no limit)</source>
   <translation>Limite de mémoire graphique (Mo ; 0 : sans limite)</translation>
  </message>
  <message>
   <source>Default tile size (pixels of the lowest-resolution input; 0: the model's own)</source>
   <translation>Taille des tuiles par défaut (pixels de l'entrée à la plus basse résolution ; 0 : celle du modèle)</translation>
  </message>
  <message>
   <source>Default batch size (tiles; 0: chosen by device)</source>
   <translation>Taille de lot par défaut (tuiles ; 0 : selon le périphérique)</translation>
  </message>
  <message>
   <source>Folder of your own models (empty: in the QGIS profile)</source>
   <translation>Dossier de ses propres modèles (vide : dans le profil QGIS)</translation>
  </message>
  <message>
   <source>onnxruntime is being installed</source>
   <translation>onnxruntime est en cours d'installation</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Annuler</translation>
  </message>
  <message>
   <source>Folder of wheels (*.whl)</source>
   <translation>Dossier de wheels (*.whl)</translation>
  </message>
  <message>
   <source>Install</source>
   <translation>Installer</translation>
  </message>
  <message>
   <source>From a folder...</source>
   <translation>Depuis un dossier...</translation>
  </message>
  <message>
   <source>Do not ask again</source>
   <translation>Ne plus demander</translation>
  </message>
  <message>
   <source>onnxruntime, which runs the models, is not installed. {package} ({size}, since {why}) goes into {folder}; QGIS's own packages stay as they are.</source>
   <translation>onnxruntime, qui exécute les modèles, n'est pas installé. {package} ({size}, car {why}) va dans {folder} ; les paquets propres à QGIS restent tels quels.</translation>
  </message>
  <message>
   <source>onnxruntime {version} is installed.</source>
   <translation>onnxruntime {version} est installé.</translation>
  </message>
  <message>
   <source>Restart QGIS to use it.</source>
   <translation>Redémarrer QGIS pour l'utiliser.</translation>
  </message>
  <message>
   <source>unknown reason</source>
   <translation>raison inconnue</translation>
  </message>
  <message>
   <source>[Not selected]</source>
   <translation>[Non sélectionné]</translation>
  </message>
  <message>
   <source>SRSat: satellite super-resolution</source>
   <translation>SRSat : super-résolution d'images satellitaires</translation>
  </message>
  <message>
   <source>Makes Landsat 8 and 9 look and measure like the 10 m scenes of Copernicus.</source>
   <translation type="vanished">Fait ressembler et mesurer Landsat 8 et 9 comme les scènes à 10 m de Copernicus.</translation>
  </message>
  <message>
   <source>Product (zip, folder or metadata)</source>
   <translation type="vanished">Produit (zip, dossier, métadonnées)</translation>
  </message>
  <message>
   <source>Pixel size of the result (metres)</source>
   <translation type="vanished">Taille de pixel du résultat (mètres)</translation>
  </message>
  <message>
   <source>All bands at 10 m or 5 m</source>
   <translation type="vanished">Toutes les bandes à 10 m ou 5 m</translation>
  </message>
  <message>
   <source>Grain: noise on flat ground, bicubic is 1</source>
   <translation type="vanished">Grain : bruit sur sol uniforme, le bicubique vaut 1</translation>
  </message>
  <message>
   <source>Noise on flat ground, bicubic is 1</source>
   <translation type="vanished">Bruit sur sol uniforme, le bicubique vaut 1</translation>
  </message>
  <message>
   <source>Time series at 10 m</source>
   <translation type="vanished">Série temporelle à 10 m</translation>
  </message>
  <message>
   <source>Brings Landsat and Copernicus scenes of many dates onto one 10 m grid and compares neighbouring dates.</source>
   <translation type="vanished">Amène des scènes Landsat et Copernicus de nombreuses dates sur une même grille à 10 m et compare les dates voisines.</translation>
  </message>
  <message>
   <source>The faster one, if it is right</source>
   <translation type="vanished">La plus rapide, si elle est juste</translation>
  </message>
  <message>
   <source>Floats</source>
   <translation type="vanished">Nombres flottants</translation>
  </message>
  <message>
   <source>8-bit integers, or an error</source>
   <translation type="vanished">Entiers de 8 bits, ou une erreur</translation>
  </message>
  <message>
   <source>Arithmetic of the model</source>
   <translation type="vanished">Arithmétique du modèle</translation>
  </message>
  <message>
   <source>10 m, the pixels of the scene's finest bands</source>
   <translation type="vanished">10 m, les pixels des bandes les plus fines de la scène</translation>
  </message>
  <message>
   <source>5 m, all bands also through the model any-x2</source>
   <translation type="vanished">5 m, toutes les bandes passent aussi par le modèle any-x2</translation>
  </message>
  <message>
   <source>Temperatures, by guides</source>
   <translation type="vanished">Températures, avec des guides</translation>
  </message>
  <message>
   <source>Landsat products like Sentinel-2</source>
   <translation type="vanished">Produits Landsat comme Sentinel-2</translation>
  </message>
  <message>
   <source>Channels for temperatures</source>
   <translation type="vanished">Canaux pour les températures</translation>
  </message>
  <message>
   <source>Three standardised channels</source>
   <translation type="vanished">Trois canaux standardisés</translation>
  </message>
  <message>
   <source>As they are</source>
   <translation type="vanished">Tels quels</translation>
  </message>
 </context>
</TS>
