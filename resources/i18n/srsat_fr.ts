<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr_FR" sourcelanguage="en">
 <context>
  <name>BatchFolder</name>
  <message>
   <source>Scenes (folder, pattern, list or raster)</source>
   <translation>Scènes (dossier, motif, liste ou raster)</translation>
  </message>
  <message>
   <source>A folder of rasters or of products of Sentinel-2 or Landsat, or one raster or product. Also a pattern such as scenes/2024*/*.tif, a text file with a path a line, or a STAC item or item collection. Several are separated by semicolons.</source>
   <translation>Un dossier de rasters ou de produits Sentinel-2 ou Landsat, ou un seul raster ou produit. Aussi un motif comme scenes/2024*/*.tif, un fichier texte avec un chemin par ligne, ou un item ou une collection d'items STAC. En séparer plusieurs par des points-virgules.</translation>
  </message>
  <message>
   <source>Algorithm</source>
   <translation>Algorithme</translation>
  </message>
  <message>
   <source>superresolve: rasters, with the model below. sentinel2: Sentinel-2 products, all bands at 10 m. sharpenthermal: rasters of temperatures. harmonise: Landsat 8 and 9 products at 10 m.</source>
   <translation>superresolve : rasters, avec le modèle ci-dessous. sentinel2 : produits Sentinel-2, toutes les bandes à 10 m. sharpenthermal : rasters de températures. harmonise : produits Landsat 8 et 9 à 10 m.</translation>
  </message>
  <message>
   <source>Model (superresolve only)</source>
   <translation>Modèle (superresolve seulement)</translation>
  </message>
  <message>
   <source>A shipped model or one in your models folder. In scripts, give its id.</source>
   <translation>Un modèle fourni ou un modèle de son propre dossier de modèles. Dans les scripts, indiquer son identifiant.</translation>
  </message>
  <message>
   <source>More parameters of the algorithm (JSON)</source>
   <translation>Autres paramètres de l'algorithme (JSON)</translation>
  </message>
  <message>
   <source>Parameters of the toolbox's algorithm by name, such as {"CONSISTENCY": "area", "BANDS": [1, 2, 3]}. GUIDES, REFERENCE and the like are paths from each scene's folder on, in which {name} stands for the scene's name: {"GUIDES": ["guides/{name}_ndvi.tif"], "MODEL": "lst-x4-guided"}.</source>
   <translation>Paramètres de l'algorithme de la boîte à outils par leur nom, comme {"CONSISTENCY": "area", "BANDS": [1, 2, 3]}. GUIDES, REFERENCE et autres sont des chemins à partir du dossier de chaque scène, où {name} représente le nom de la scène : {"GUIDES": ["guides/{name}_ndvi.tif"], "MODEL": "lst-x4-guided"}.</translation>
  </message>
  <message>
   <source>Size of a unit (output pixels)</source>
   <translation>Taille d'une unité (pixels de sortie)</translation>
  </message>
  <message>
   <source>Rasters that are larger are cut into units of about this side. Empty: 4096 for one raster alone; several rasters are not cut.</source>
   <translation>Les rasters plus grands sont découpés en unités d'environ ce côté. Vide : 4096 pour un seul raster ; plusieurs rasters ne sont pas découpés.</translation>
  </message>
  <message>
   <source>Processes</source>
   <translation>Processus</translation>
  </message>
  <message>
   <source>Empty: as many as the computer has processors and memory for; one where the device is cuda.</source>
   <translation>Vide : autant que les processeurs et la mémoire de l'ordinateur le permettent ; un seul si le périphérique est cuda.</translation>
  </message>
  <message>
   <source>Address of a Dask scheduler</source>
   <translation>Adresse d'un ordonnanceur Dask</translation>
  </message>
  <message>
   <source>Such as tcp://host:8786. Its workers do the units instead of this computer, and must reach input and output by the same paths. Needs the package distributed in the Python of QGIS. Empty: this computer.</source>
   <translation>Par exemple tcp://host:8786. Ses workers traitent les unités à la place de cet ordinateur, et doivent accéder à l'entrée et à la sortie par les mêmes chemins. Demande le paquet distributed dans le Python de QGIS. Vide : cet ordinateur.</translation>
  </message>
  <message>
   <source>Folder of the plan and its results</source>
   <translation>Dossier du plan et de ses résultats</translation>
  </message>
  <message>
   <source>Holds the plan, the models, one result and one record for each unit, and a report.</source>
   <translation>Contient le plan, les modèles, un résultat et un compte rendu par unité, et un rapport.</translation>
  </message>
  <message>
   <source>Summary</source>
   <translation>Résumé</translation>
  </message>
  <message>
   <source>A table with a row for each unit: state, verdict, seconds, blur, difference to the input, reason.</source>
   <translation>Une table avec une ligne par unité : état, verdict, secondes, flou, différence avec l'entrée, raison.</translation>
  </message>
  <message>
   <source>Mosaic of one raster</source>
   <translation>Mosaïque d'un seul raster</translation>
  </message>
  <message>
   <source>Only for a single raster: a virtual raster (.vrt) that shows the results where they are, or one cloud-optimised GeoTIFF (.tif) with overviews.</source>
   <translation>Seulement pour un seul raster : un raster virtuel (.vrt) qui montre les résultats là où ils sont, ou un GeoTIFF optimisé pour le cloud (.tif) avec aperçus.</translation>
  </message>
  <message>
   <source>Number of units</source>
   <translation>Nombre d'unités</translation>
  </message>
  <message>
   <source>Units that are done</source>
   <translation>Unités terminées</translation>
  </message>
  <message>
   <source>Units that have failed</source>
   <translation>Unités en échec</translation>
  </message>
  <message>
   <source>Page over all units (HTML)</source>
   <translation>Page sur toutes les unités (HTML)</translation>
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

The output folder is a plan that other machines can work on: python -m srsat_qgis.cluster run FOLDER. The help says how, on clusters with SSH, Slurm or Kubernetes too.</source>
   <translation>Applique la super-résolution à toutes les scènes que l'entrée désigne, chacune dans un GeoTIFF optimisé pour le cloud. Un seul grand raster est découpé en unités d'environ 4096 x 4096 pixels de sortie. Assemblées, elles ont les pixels d'une exécution d'un seul tenant : ce qui se mesure sur le raster entier est mesuré avant, et chaque unité lit son propre voisinage.

L'exécution peut être annulée, ou ses processus s'arrêter, à tout moment. La relancer avec les mêmes paramètres et le même dossier de sortie la fait continuer. Une scène défectueuse échoue seule ; le résumé dit pourquoi.

Le dossier de sortie est un plan sur lequel d'autres machines peuvent travailler : python -m srsat_qgis.cluster run FOLDER. L'aide dit comment, aussi sur des clusters avec SSH, Slurm ou Kubernetes.</translation>
  </message>
  <message>
   <source>batch</source>
   <translation>traitement par lots</translation>
  </message>
  <message>
   <source>many scenes</source>
   <translation>plusieurs scènes</translation>
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
   <translation>grappe de calcul</translation>
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
   <translation>parallèle</translation>
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
   <translation>Rasters super-résolus</translation>
  </message>
  <message>
   <source>The rasters to compare, each on the grid of the reference.</source>
   <translation>Les rasters à comparer, chacun sur la grille de la référence.</translation>
  </message>
  <message>
   <source>Models to run</source>
   <translation>Modèles à exécuter</translation>
  </message>
  <message>
   <source>The results of these models are compared too.</source>
   <translation>Les résultats de ces modèles sont comparés aussi.</translation>
  </message>
  <message>
   <source>The raster that the others were made from. The models run on it, and its bicubic upsampling is measured for comparison.</source>
   <translation>Le raster dont les autres sont issus. Les modèles s'exécutent sur lui, et son agrandissement bicubique est mesuré pour comparaison.</translation>
  </message>
  <message>
   <source>Device for the models</source>
   <translation>Périphérique pour les modèles</translation>
  </message>
  <message>
   <source>auto: an NVIDIA graphics card if it works, else the processor. cuda: the graphics card. cpu: the processor.</source>
   <translation>auto : une carte graphique NVIDIA si elle fonctionne, sinon le processeur. cuda : la carte graphique. cpu : le processeur.</translation>
  </message>
  <message>
   <source>Comparison report (HTML)</source>
   <translation>Rapport comparatif (HTML)</translation>
  </message>
  <message>
   <source>One HTML file with all numbers, maps and details. It needs no network.</source>
   <translation>Un fichier HTML avec tous les nombres, les cartes et les détails. Il ne demande pas de réseau.</translation>
  </message>
  <message>
   <source>Best in most measures (several in case of a tie)</source>
   <translation>Meilleur pour la plupart des mesures (plusieurs en cas d'égalité)</translation>
  </message>
  <message>
   <source>Number of rasters compared</source>
   <translation>Nombre de rasters comparés</translation>
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
   <translation>Mesure plusieurs rasters super-résolus d'une même zone par rapport à une référence, sur les mêmes pixels. Le rapport contient un tableau et une planche qui les montre tous côte à côte, et signale les meilleurs pour chaque mesure.

On peut aussi choisir des modèles : chacun s'exécute sur l'entrée à basse résolution avec ses paramètres par défaut. Leurs résultats sont mesurés puis supprimés ; 'Super-résolution d'un raster' permet d'en garder un.

Tous les rasters doivent être sur la grille de la référence.</translation>
  </message>
  <message>
   <source>rank</source>
   <translation>classement</translation>
  </message>
  <message>
   <source>best model</source>
   <translation>meilleur modèle</translation>
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
   <translation>Tout raster que GDAL sait ouvrir.</translation>
  </message>
  <message>
   <source>Reference raster</source>
   <translation>Raster de référence</translation>
  </message>
  <message>
   <source>A raster whose position is correct. Its pixel size and CRS may differ.</source>
   <translation>Un raster dont la position est juste. Sa taille de pixel et son SCR peuvent différer.</translation>
  </message>
  <message>
   <source>Band to compare</source>
   <translation>Bande à comparer</translation>
  </message>
  <message>
   <source>The band of the raster that is most similar to the reference. Default: the first. All bands are shifted.</source>
   <translation>La bande du raster qui ressemble le plus à la référence. Par défaut : la première. Toutes les bandes sont décalées.</translation>
  </message>
  <message>
   <source>Reference band to compare</source>
   <translation>Bande de la référence à comparer</translation>
  </message>
  <message>
   <source>The band of the reference that is compared. Default: the first.</source>
   <translation>La bande de la référence qui est comparée. Par défaut : la première.</translation>
  </message>
  <message>
   <source>What to compare</source>
   <translation>Ce qui est comparé</translation>
  </message>
  <message>
   <source>intensity: the values, for bands that look alike or inverted. gradient: the direction of edges, for bands that look different. auto: intensity, and gradient if the confidence of that is too low; bright and dark parts of both rasters are asked too, so that clouds that have moved give no shift.</source>
   <translation>intensity : les valeurs, pour des bandes d'aspect semblable ou inversé. gradient : la direction des contours, pour des bandes d'aspect différent. auto : intensity, puis gradient si sa confiance est trop faible ; les parties claires et sombres des deux rasters sont aussi interrogées, afin que des nuages qui se sont déplacés ne donnent pas de décalage.</translation>
  </message>
  <message>
   <source>Largest shift (input pixels)</source>
   <translation>Décalage maximal (pixels d'entrée)</translation>
  </message>
  <message>
   <source>Shifts up to this length are searched, in all directions. A smaller limit gives a more certain result.</source>
   <translation>Les décalages sont cherchés jusqu'à cette longueur, dans toutes les directions. Une limite plus petite donne un résultat plus sûr.</translation>
  </message>
  <message>
   <source>Extent to compare (empty: whole raster)</source>
   <translation>Emprise à comparer (vide : raster entier)</translation>
  </message>
  <message>
   <source>The part that is compared, in any CRS. The whole raster is shifted.</source>
   <translation>La partie comparée, dans un SCR quelconque. Le raster entier est décalé.</translation>
  </message>
  <message>
   <source>Resampling</source>
   <translation>Rééchantillonnage</translation>
  </message>
  <message>
   <source>none: only the georeference changes; the pixels and their values stay. All others compute new pixels on the grid below (GRID).</source>
   <translation>none : seul le géoréférencement change ; les pixels et leurs valeurs restent. Toutes les autres calculent de nouveaux pixels sur la grille ci-dessous (GRID).</translation>
  </message>
  <message>
   <source>Grid of the resampled output</source>
   <translation>Grille de la sortie rééchantillonnée</translation>
  </message>
  <message>
   <source>input: extent and pixels of the raster before the shift. reference: extent, pixels and CRS of the reference, so that the two can be stacked.</source>
   <translation>input : emprise et pixels du raster avant le décalage. reference : emprise, pixels et SCR de la référence, pour que les deux puissent être empilés.</translation>
  </message>
  <message>
   <source>Shifted raster</source>
   <translation>Raster décalé</translation>
  </message>
  <message>
   <source>Empty: the shift is only measured.</source>
   <translation>Vide : le décalage est seulement mesuré.</translation>
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

The confidence (CONFIDENCE) is 1 minus a ratio: the best correlation at other shifts, or the one expected by chance, divided by the correlation at the measured shift. If it is below 0.3, as for flat or unrelated rasters, the status (STATUS) is 'undetermined': there is no shift, nothing is moved, and asking for an output is an error. So it is where bright and dark parts show shifts that are more than 1.5 pixels apart, as clouds do that have moved: mask them, or choose what to compare (MODE), which leaves this question out. The correlations before and after the shift (CORRELATION_BEFORE, CORRELATION_AFTER) compare the fine detail of the two rasters; they are negative if dark and bright are inverted.</source>
   <translation>Mesure le décalage entre un raster et une référence à une fraction de pixel près. Si une sortie est indiquée, le raster décalé est écrit. Les deux rasters peuvent provenir de capteurs différents et différer par la taille de pixel, la grille, le SCR et le contenu : par exemple une bande rouge et une bande panchromatique, ou un indice de végétation et une température de surface. Un seul décalage est mesuré pour tout le raster ; rotation et distorsion ne sont pas corrigées.

Le décalage (DX, DY) doit être ajouté aux coordonnées du raster pour l'aligner sur la référence. Il est en unités du SCR du raster, positif vers l'est et le nord. DX_PIXELS et DY_PIXELS sont le même décalage le long des colonnes et des lignes du raster, dans ses pixels, positif vers la droite et vers le bas.

La confiance (CONFIDENCE) vaut 1 moins un rapport : la meilleure corrélation pour d'autres décalages, ou celle que donnerait le hasard, divisée par la corrélation au décalage mesuré. Si elle est inférieure à 0,3, comme pour des rasters uniformes ou sans rapport, le statut (STATUS) est 'undetermined' : il n'y a pas de décalage, rien n'est déplacé, et demander une sortie est une erreur. Il en est de même si les parties claires et sombres montrent des décalages distants de plus de 1,5 pixel, comme le font des nuages qui se sont déplacés : masquez-les, ou choisissez ce qui est comparé (MODE), ce qui supprime cette question. Les corrélations avant et après le décalage (CORRELATION_BEFORE, CORRELATION_AFTER) comparent les détails fins des deux rasters ; elles sont négatives si clair et sombre sont inversés.</translation>
  </message>
  <message>
   <source>coregister</source>
   <translation>recaler</translation>
  </message>
  <message>
   <source>co-registration</source>
   <translation>recalage</translation>
  </message>
  <message>
   <source>registration</source>
   <translation>enregistrement d'images</translation>
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
   <translation>translation</translation>
  </message>
  <message>
   <source>sub-pixel</source>
   <translation>subpixel</translation>
  </message>
  <message>
   <source>match</source>
   <translation>faire correspondre</translation>
  </message>
  <message>
   <source>intensity: the values, for bands that look alike or inverted. gradient: the direction of edges, for bands that look different. auto: intensity, and gradient if the confidence of that is too low.</source>
   <translation type="vanished">intensity : les valeurs, pour des bandes d'aspect semblable ou inversé. gradient : la direction des contours, pour des bandes d'aspect différent. auto : intensity, puis gradient si sa confiance est trop faible.</translation>
  </message>
  <message>
   <source>Measures the shift between a raster and a reference to a fraction of a pixel. If you name an output, it writes the shifted raster. The two rasters may come from different sensors and may differ in pixel size, grid, CRS and content: for example a red band and a panchromatic one, or a vegetation index and surface temperature. One shift is measured for the whole raster; rotation and distortion are not corrected.

The shift (DX, DY) must be added to the coordinates of the raster to align it with the reference. It is in map units of the raster's CRS, positive to the east and north. DX_PIXELS and DY_PIXELS are the same shift along the raster's columns and rows, in its pixels, positive to the right and downwards.

The confidence (CONFIDENCE) is 1 minus a ratio: the best correlation at other shifts, or the one expected by chance, divided by the correlation at the measured shift. If it is below 0.3, as for flat or unrelated rasters, the status (STATUS) is 'undetermined': there is no shift, nothing is moved, and asking for an output is an error. The correlations before and after the shift (CORRELATION_BEFORE, CORRELATION_AFTER) compare the fine detail of the two rasters; they are negative if dark and bright are inverted.</source>
   <translation type="vanished">Mesure le décalage entre un raster et une référence à une fraction de pixel près. Si une sortie est indiquée, le raster décalé est écrit. Les deux rasters peuvent provenir de capteurs différents et différer par la taille de pixel, la grille, le SCR et le contenu : par exemple une bande rouge et une bande panchromatique, ou un indice de végétation et une température de surface. Un seul décalage est mesuré pour tout le raster ; rotation et distorsion ne sont pas corrigées.

Le décalage (DX, DY) doit être ajouté aux coordonnées du raster pour l'aligner sur la référence. Il est en unités du SCR du raster, positif vers l'est et le nord. DX_PIXELS et DY_PIXELS sont le même décalage le long des colonnes et des lignes du raster, dans ses pixels, positif vers la droite et vers le bas.

La confiance (CONFIDENCE) vaut 1 moins un rapport : la meilleure corrélation pour d'autres décalages, ou celle que donnerait le hasard, divisée par la corrélation au décalage mesuré. Si elle est inférieure à 0,3, comme pour des rasters uniformes ou sans rapport, le statut (STATUS) est 'undetermined' : il n'y a pas de décalage, rien n'est déplacé, et demander une sortie est une erreur. Les corrélations avant et après le décalage (CORRELATION_BEFORE, CORRELATION_AFTER) comparent les détails fins des deux rasters ; elles sont négatives si clair et sombre sont inversés.</translation>
  </message>
 </context>
 <context>
  <name>Degrade</name>
  <message>
   <source>Scale factor (input pixels per output pixel)</source>
   <translation>Facteur d'échelle (entrée/sortie)</translation>
  </message>
  <message>
   <source>Along one axis: 2 makes pixels twice as large.</source>
   <translation>Le long d'un axe : 2 donne des pixels deux fois plus grands.</translation>
  </message>
  <message>
   <source>mtf: a Gaussian blur with the sensor's MTF (modulation transfer function) at the output's Nyquist frequency, sampled at the centre of each output pixel. gaussian-area: a Gaussian blur, then the mean over each output pixel; with a blur of 0.5 (SIGMA), this is one of the degradations with which the shipped models were tested. area: the mean only.</source>
   <translation>mtf : un flou gaussien ayant la FTM (fonction de transfert de modulation) du capteur à la fréquence de Nyquist de la sortie, échantillonné au centre de chaque pixel de sortie. gaussian-area : un flou gaussien, puis la moyenne sur chaque pixel de sortie ; avec un flou de 0,5 (SIGMA), c'est l'une des dégradations avec lesquelles les modèles fournis ont été testés. area : la moyenne seule.</translation>
  </message>
  <message>
   <source>Sensor (method mtf)</source>
   <translation>Capteur (méthode mtf)</translation>
  </message>
  <message>
   <source>A sensor with known MTF values, found by band name (B4, B04, B8A), or custom. The Sentinel-2 values, 0.22 to 0.38, are published; 0.3 for Landsat 8 and 9 is an estimate.</source>
   <translation>Un capteur dont les valeurs de FTM sont connues, trouvées d'après le nom de la bande (B4, B04, B8A), ou custom. Les valeurs de Sentinel-2, de 0,22 à 0,38, sont publiées ; 0,3 pour Landsat 8 et 9 est une estimation.</translation>
  </message>
  <message>
   <source>MTF at the Nyquist frequency (sensor custom)</source>
   <translation>FTM à la fréquence de Nyquist (capteur custom)</translation>
  </message>
  <message>
   <source>Above 0 and below 1: one number for all bands, or one per band, separated by commas.</source>
   <translation>Au-dessus de 0 et au-dessous de 1 : un nombre pour toutes les bandes, ou un par bande, séparés par des virgules.</translation>
  </message>
  <message>
   <source>Blur (method gaussian-area; output pixels)</source>
   <translation>Flou (méthode gaussian-area ; pixels de sortie)</translation>
  </message>
  <message>
   <source>Standard deviation of the Gaussian.</source>
   <translation>Écart-type de la gaussienne.</translation>
  </message>
  <message>
   <source>Read noise (standard deviation, digital numbers)</source>
   <translation>Bruit de lecture (écart-type, comptes numériques)</translation>
  </message>
  <message>
   <source>Gaussian noise that does not depend on the signal.</source>
   <translation>Bruit gaussien qui ne dépend pas du signal.</translation>
  </message>
  <message>
   <source>Shot noise (variance per digital number of signal)</source>
   <translation>Bruit de grenaille (variance par compte numérique)</translation>
  </message>
  <message>
   <source>Photon noise, which grows with the signal. It is added to the read noise.</source>
   <translation>Bruit de photons, qui croît avec le signal. Il s'ajoute au bruit de lecture.</translation>
  </message>
  <message>
   <source>JPEG quality (empty: no JPEG)</source>
   <translation>Qualité JPEG (vide : pas de JPEG)</translation>
  </message>
  <message>
   <source>Compresses the output as JPEG with this quality and decompresses it again. Only for 8 bits.</source>
   <translation>Compresse la sortie en JPEG de cette qualité puis la décompresse. Seulement pour 8 bits.</translation>
  </message>
  <message>
   <source>Random seed of the noise</source>
   <translation>Graine aléatoire du bruit</translation>
  </message>
  <message>
   <source>The same seed gives the same noise.</source>
   <translation>La même graine donne le même bruit.</translation>
  </message>
  <message>
   <source>Bands to degrade, in this order. Empty: all.</source>
   <translation>Bandes à dégrader, dans cet ordre. Vide : toutes.</translation>
  </message>
  <message>
   <source>Part of the raster to degrade, in any CRS, enlarged to whole pixels. Blocks are counted from its upper left pixel.</source>
   <translation>Partie du raster à dégrader, dans un SCR quelconque, agrandie aux pixels entiers. Les blocs sont comptés à partir de son pixel supérieur gauche.</translation>
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
   <translation>réduire la résolution</translation>
  </message>
  <message>
   <source>coarsen</source>
   <translation>rendre plus grossier</translation>
  </message>
  <message>
   <source>jpeg</source>
   <translation>JPEG</translation>
  </message>
  <message>
   <source>wald</source>
   <translation>protocole de Wald</translation>
  </message>
 </context>
 <context>
  <name>DeviceInfo</name>
  <message>
   <source>Model for the speed test</source>
   <translation>Modèle pour le test de vitesse</translation>
  </message>
  <message>
   <source>The measured speed is that of this model.</source>
   <translation>La vitesse mesurée est celle de ce modèle.</translation>
  </message>
  <message>
   <source>Speed test on each device (seconds)</source>
   <translation>Test de vitesse par périphérique (s)</translation>
  </message>
  <message>
   <source>0: no speed test.</source>
   <translation>0 : pas de test de vitesse.</translation>
  </message>
  <message>
   <source>Device that a run uses by default</source>
   <translation>Périphérique qu'une exécution utilise par défaut</translation>
  </message>
  <message>
   <source>Why CUDA is used or not</source>
   <translation>Pourquoi CUDA est utilisé ou non</translation>
  </message>
  <message>
   <source>Package of onnxruntime</source>
   <translation>Paquet d'onnxruntime</translation>
  </message>
  <message>
   <source>CUDA version found</source>
   <translation>Version de CUDA trouvée</translation>
  </message>
  <message>
   <source>cuDNN version found</source>
   <translation>Version de cuDNN trouvée</translation>
  </message>
  <message>
   <source>Graphics card</source>
   <translation>Carte graphique</translation>
  </message>
  <message>
   <source>Speed on the processor (output megapixels of one band per second)</source>
   <translation>Vitesse sur le processeur (mégapixels de sortie d'une bande par seconde)</translation>
  </message>
  <message>
   <source>Speed on the processor in 8-bit integers (likewise)</source>
   <translation>Vitesse sur le processeur en entiers de 8 bits (de même)</translation>
  </message>
  <message>
   <source>Speed on the graphics card (output megapixels of one band per second)</source>
   <translation>Vitesse sur la carte graphique (mégapixels de sortie d'une bande par seconde)</translation>
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
   <translation>Teste la carte graphique. Si elle n'est pas utilisée, le rapport dit pourquoi : onnxruntime n'est installé que pour le processeur, il n'y a pas de pilote, le pilote ou la carte est trop ancien pour la version de CUDA, ou une bibliothèque manque (avec son nom). Ensuite, la vitesse d'un modèle est mesurée sur chaque périphérique, tuile par tuile comme dans une exécution réelle.</translation>
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
   <translation>carte graphique</translation>
  </message>
  <message>
   <source>speed</source>
   <translation>vitesse</translation>
  </message>
  <message>
   <source>diagnose</source>
   <translation>diagnostic</translation>
  </message>
 </context>
 <context>
  <name>ExportModel</name>
  <message>
   <source>Folder of a training run</source>
   <translation>Dossier d'un entraînement</translation>
  </message>
  <message>
   <source>The output folder of Train model, with a checkpoint in it.</source>
   <translation>Le dossier de sortie d'Entraîner un modèle, avec un point de reprise dedans.</translation>
  </message>
  <message>
   <source>Or a weights file</source>
   <translation>Ou un fichier de poids</translation>
  </message>
  <message>
   <source>The weights of one of the networks below: safetensors, or a state_dict saved by PyTorch.</source>
   <translation>Les poids de l'un des réseaux ci-dessous : safetensors, ou un state_dict enregistré par PyTorch.</translation>
  </message>
  <message>
   <source>Network (weights file only)</source>
   <translation>Réseau (fichier de poids seulement)</translation>
  </message>
  <message>
   <source>The folder of a training run already contains this.</source>
   <translation>Le dossier d'un entraînement contient déjà cela.</translation>
  </message>
  <message>
   <source>Network options as JSON (weights file only)</source>
   <translation>Options du réseau en JSON (fichier de poids seulement)</translation>
  </message>
  <message>
   <source>A JSON object, for example {"channels": 48, "depth": 8}.</source>
   <translation>Un objet JSON, par exemple {"channels": 48, "depth": 8}.</translation>
  </message>
  <message>
   <source>Scale factor (weights file only)</source>
   <translation>Facteur d'échelle (fichier de poids seulement)</translation>
  </message>
  <message>
   <source>Output pixels per input pixel.</source>
   <translation>Pixels de sortie par pixel d'entrée.</translation>
  </message>
  <message>
   <source>Band names (weights file only)</source>
   <translation>Noms des bandes (fichier de poids seulement)</translation>
  </message>
  <message>
   <source>For a network that takes several bands together: their names in order, separated by commas. Empty: the network is applied to each band separately.</source>
   <translation>Pour un réseau qui prend plusieurs bandes ensemble : leurs noms dans l'ordre, séparés par des virgules. Vide : le réseau est appliqué à chaque bande séparément.</translation>
  </message>
  <message>
   <source>Training data folder, for a form in 8-bit integers (training run only)</source>
   <translation>Dossier des données d'entraînement, pour une forme en entiers de 8 bits (entraînement seulement)</translation>
  </message>
  <message>
   <source>The patch store that the run has learned from. The form is made and measured by it, as at the end of a training; the log says what it loses, or why there is none. Its held-out patches calibrate the map of doubt too.</source>
   <translation>Les imagettes sur lesquelles l'entraînement a appris. La forme est faite et mesurée avec elles, comme à la fin d'un entraînement ; le journal dit ce qu'elle perd, ou pourquoi il n'y en a pas. Les imagettes tenues à l'écart étalonnent aussi la carte de doute.</translation>
  </message>
  <message>
   <source>Or an installed model, to share</source>
   <translation>Ou un modèle installé, à partager</translation>
  </message>
  <message>
   <source>Nothing is exported: the model is only written as an archive. It needs no PyTorch.</source>
   <translation>Rien n'est exporté : le modèle est seulement écrit comme archive. Cela ne demande pas PyTorch.</translation>
  </message>
  <message>
   <source>Archive to share (zip)</source>
   <translation>Archive à partager (zip)</translation>
  </message>
  <message>
   <source>Model, card, STAC item (MLM), a page to read and checksums in one file, for 'Install model'.</source>
   <translation>Modèle, fiche, item STAC (MLM), une page à lire et des sommes de contrôle dans un fichier, pour 'Installer un modèle'.</translation>
  </message>
  <message>
   <source>Working folder</source>
   <translation>Dossier de travail</translation>
  </message>
  <message>
   <source>The model is built here, with a log, and then copied to your models folder. Not needed to share an installed model (SHARED_MODEL).</source>
   <translation>Le modèle est construit ici, avec un journal, puis copié dans le dossier de ses propres modèles. Inutile pour partager un modèle installé (SHARED_MODEL).</translation>
  </message>
  <message>
   <source>Largest difference to the network (share of the value range)</source>
   <translation>Plus grande différence avec le réseau (part de l'étendue des valeurs)</translation>
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
   <translation>Fait un modèle pour la boîte à outils (ONNX avec une fiche) à partir du point de reprise d'un entraînement, par exemple d'un entraînement annulé. Ou à partir d'un fichier de poids de l'un des réseaux de l'entraîneur, entraîné ailleurs.

Le modèle est comparé au réseau d'origine sur des images de trois formes, et refusé s'ils diffèrent de plus de 1e-4 de l'étendue des valeurs. Son champ récepteur est mesuré. Il est aussitôt dans toutes les listes de modèles.

Pour partager un modèle, indiquer une archive : un fichier zip avec modèle, fiche, item STAC, une page et des sommes de contrôle, que 'Installer un modèle' accepte. Un modèle déjà installé peut aussi être partagé (SHARED_MODEL).

Les fichiers de poids sont lus comme des données : un fichier qui contient du code est refusé.</translation>
  </message>
  <message>
   <source>export</source>
   <translation>exporter</translation>
  </message>
  <message>
   <source>checkpoint</source>
   <translation>point de reprise</translation>
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
   <translation>poids</translation>
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
   <translation>Produit Landsat</translation>
  </message>
  <message>
   <source>The product's metadata file (*_MTL.txt), its tar, or its folder; or a raster with several bands, as below. Empty: the rasters below.</source>
   <translation>Le fichier de métadonnées du produit (*_MTL.txt), son tar ou son dossier ; ou un raster à plusieurs bandes, comme ci-dessous. Vide : les rasters ci-dessous.</translation>
  </message>
  <message>
   <source>Landsat bands (if no product)</source>
   <translation>Bandes Landsat (à défaut de produit)</translation>
  </message>
  <message>
   <source>A stack, or one raster per band. Bands are found by description (such as B4), wavelength or file name, else by BAND_NAMES. Level and scale follow from the name of a level 2 product, else give LEVEL, SCALE and OFFSET.</source>
   <translation>Une pile, ou un raster par bande. Les bandes sont trouvées par description (comme B4), longueur d'onde ou nom de fichier, sinon par BAND_NAMES. Niveau et échelle se déduisent du nom d'un produit de niveau 2, sinon indiquer LEVEL, SCALE et OFFSET.</translation>
  </message>
  <message>
   <source>Sentinel-2 reference: product</source>
   <translation>Référence Sentinel-2 : produit</translation>
  </message>
  <message>
   <source>Its metadata file, zip or .SAFE folder: a Sentinel-2 scene of the same place and season, of the same level. Its scene classification (SCL) masks its clouds.</source>
   <translation>Son fichier de métadonnées, son zip ou son dossier .SAFE : une scène Sentinel-2 du même lieu et de la même saison, du même niveau. Sa classification de scène (SCL) masque ses nuages.</translation>
  </message>
  <message>
   <source>Reference: rasters (if no product)</source>
   <translation>Référence : rasters (à défaut de produit)</translation>
  </message>
  <message>
   <source>A stack with band names, or one raster per band, of one scene.</source>
   <translation>Une pile avec noms de bandes, ou un raster par bande, d'une même scène.</translation>
  </message>
  <message>
   <source>Target grid</source>
   <translation>Grille cible</translation>
  </message>
  <message>
   <source>reference: grid and extent of the reference. utm: multiples of 10 m in Landsat's zone, over its extent. auto: the reference's, where there is one.</source>
   <translation>reference : grille et emprise de la référence. utm : multiples de 10 m dans la zone de Landsat, sur son emprise. auto : celle de la référence, s'il y en a une.</translation>
  </message>
  <message>
   <source>QA_PIXEL (only for rasters)</source>
   <translation>QA_PIXEL (seulement pour des rasters)</translation>
  </message>
  <message>
   <source>Quality band of Collection 2; a product has its own.</source>
   <translation>Bande de qualité de la Collection 2 ; un produit a la sienne.</translation>
  </message>
  <message>
   <source>Panchromatic band (level 1, band 8)</source>
   <translation>Bande panchromatique (niveau 1, bande 8)</translation>
  </message>
  <message>
   <source>The bands are pan-sharpened to 15 m first. Bands that the pan does not cover, the infrared, follow it only where they are related to it. With subpixel, red, green and blue are pan-sharpened, brought to 5 m by the network and averaged; the others come from their own pixels. Strong edges may get rims, which STRENGTH softens.</source>
   <translation>Les bandes sont d’abord affinées à 15 m par la bande panchromatique. Les bandes qu’elle ne couvre pas (infrarouge) ne la suivent que là où elles lui sont liées. Avec subpixel, le rouge, le vert et le bleu sont affinés, portés à 5 m par le réseau, puis moyennés ; les autres viennent de leurs propres pixels. Les contours marqués peuvent recevoir des liserés, que STRENGTH atténue.</translation>
  </message>
  <message>
   <source>Names of the stack's bands</source>
   <translation>Noms des bandes de la pile</translation>
  </message>
  <message>
   <source>Empty: as it says. Landsat's names of the bands of a single raster in their order, separated by commas, for example B2,B3,B4,B5,B6,B7,-; a dash is a band of no interest, such as quality.</source>
   <translation>Vide : comme il le dit. Les noms Landsat des bandes d'un seul raster dans leur ordre, séparés par des virgules, par exemple B2,B3,B4,B5,B6,B7,- ; un tiret est une bande sans intérêt, comme la qualité.</translation>
  </message>
  <message>
   <source>Level of the rasters</source>
   <translation>Niveau des rasters</translation>
  </message>
  <message>
   <source>surface or top-of-atmosphere (toa) reflectance. auto: as the file names tell.</source>
   <translation>Réflectance de surface (surface) ou au sommet de l'atmosphère (toa). auto : comme le disent les noms de fichiers.</translation>
  </message>
  <message>
   <source>Scale of the rasters' numbers</source>
   <translation>Échelle des valeurs des rasters</translation>
  </message>
  <message>
   <source>reflectance = scale * number + offset. Empty: as the raster or its name says.</source>
   <translation>réflectance = scale * valeur + offset. Vide : comme le dit le raster ou son nom.</translation>
  </message>
  <message>
   <source>Offset of the rasters' numbers</source>
   <translation>Décalage des valeurs des rasters</translation>
  </message>
  <message>
   <source>Harmonised scene</source>
   <translation>Scène harmonisée</translation>
  </message>
  <message>
   <source>16-bit digital numbers of reflectance times 10000, with the reference's offset; 0 is nodata.</source>
   <translation>Comptes numériques de 16 bits de la réflectance fois 10000, avec le décalage de la référence ; 0 est nodata.</translation>
  </message>
  <message>
   <source>Bias, error, slope, NDVI, detail and shift against the reference, before and after, on unchanged ground.</source>
   <translation>Biais, erreur, pente, NDVI, détail et décalage par rapport à la référence, avant et après, sur un sol inchangé.</translation>
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
   <source>Makes Landsat 8 and 9 look and measure like the 10 m scenes of Copernicus.</source>
   <translation>Donne à Landsat 8 et 9 l'aspect et les valeurs des scènes à 10 m de Copernicus.</translation>
  </message>
  <message>
   <source>Landsat 8 and 9 (Collection 2, level 1 or 2) become 16-bit rasters with the bands, the scaling and the 10 m pixels of Sentinel-2. Clouds and whatever else QA_PIXEL flags become nodata.

Give a product (its folder, its tar or its *_MTL.txt) or rasters of the bands; and, where you have one, a Sentinel-2 scene of the place as reference: the result then lies on its grid, is moved onto it, and is compared with it in the report. Choose a reference of the same season.

Methods: resample is cubic convolution. subpixel is a network that was trained on simulated Landsat bands. highpass takes the detail from the reference, but where the ground has changed; a land cover that changes within its 30 m pixels keeps the reference's old edges. deblur, style and combined are networks that learned beside a discriminator and invent texture: deblur sharpens the resampled bands, style gives them the fine texture of Sentinel-2, combined gives it to the result of subpixel. Measure no detail in their results.

Radiometry: hls-s2a, hls-s2b and hls-s2c are the published lines of NASA's HLS for surface reflectance (level 2), chastain-toa those for top of atmosphere (level 1). fitted is a robust regression on the pixels that did not change, histogram matches percentiles; both need a reference. B8 and B8A differ by about 10 % where there is vegetation: NIR says which one the result has.</source>
   <translation>Landsat 8 et 9 (Collection 2, niveau 1 ou 2) deviennent des rasters de 16 bits avec les bandes, l'échelle et les pixels de 10 m de Sentinel-2. Les nuages et tout ce que QA_PIXEL signale deviennent nodata.

Indiquer un produit (son dossier, son tar ou son *_MTL.txt) ou des rasters des bandes ; et, si possible, une scène Sentinel-2 du lieu comme référence : le résultat est alors sur sa grille, recalé sur elle, et comparé avec elle dans le rapport. Choisir une référence de la même saison.

Méthodes : resample est une convolution cubique. subpixel est un réseau entraîné sur des bandes Landsat simulées. highpass prend le détail de la référence, sauf là où le sol a changé ; une occupation du sol qui change à l'intérieur de ses pixels de 30 m garde les anciens contours de la référence. deblur, style et combined sont des réseaux qui ont appris face à un discriminateur et inventent de la texture : deblur affine les bandes rééchantillonnées, style leur donne la texture fine de Sentinel-2, combined la donne au résultat de subpixel. Ne pas mesurer de détails dans leurs résultats.

Radiométrie : hls-s2a, hls-s2b et hls-s2c sont les droites publiées par HLS de la NASA pour la réflectance de surface (niveau 2), chastain-toa celles du sommet de l'atmosphère (niveau 1). fitted est une régression robuste sur les pixels qui n'ont pas changé, histogram ajuste les percentiles ; toutes deux demandent une référence. B8 et B8A diffèrent d'environ 10 % sur la végétation : NIR dit laquelle le résultat contient.</translation>
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
   <translation>harmonisation</translation>
  </message>
  <message>
   <source>radiometric normalisation</source>
   <translation>normalisation radiométrique</translation>
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
   <translation type="vanished">Landsat 8 et 9 (Collection 2, niveau 1 ou 2) deviennent des rasters de 16 bits avec les bandes, l'échelle et les pixels de 10 m de Sentinel-2. Les nuages et tout ce que QA_PIXEL signale deviennent nodata.

Indiquer un produit (son dossier, son tar ou son *_MTL.txt) ou des rasters des bandes ; et, si possible, une scène Sentinel-2 du lieu comme référence : le résultat est alors sur sa grille, recalé sur elle, et comparé avec elle dans le rapport. Choisir une référence de la même saison.

Méthodes : resample est une convolution cubique. subpixel est un réseau entraîné sur des bandes Landsat simulées. highpass prend le détail de la référence, sauf là où le sol a changé ; une occupation du sol qui change à l'intérieur de ses pixels de 30 m garde les anciens contours de la référence.

Radiométrie : hls-s2a, hls-s2b et hls-s2c sont les droites publiées par HLS de la NASA pour la réflectance de surface (niveau 2), chastain-toa celles du sommet de l'atmosphère (niveau 1). fitted est une régression robuste sur les pixels qui n'ont pas changé, histogram ajuste les percentiles ; toutes deux demandent une référence. B8 et B8A diffèrent d'environ 10 % sur la végétation : NIR dit laquelle le résultat contient.</translation>
  </message>
  <message>
   <source>Landsat 8 and 9 (Collection 2, level 1 or 2) become 16-bit rasters with the bands, the scaling and the 10 m pixels of Sentinel-2. Clouds and whatever else QA_PIXEL flags become nodata.

Give a product (its folder, its tar or its *_MTL.txt) or rasters of the bands; and, where you have one, a Sentinel-2 scene of the place as reference: the result then lies on its grid, is moved onto it, and is compared with it in the report. Choose a reference of the same season.

Methods: resample is cubic convolution. subpixel is a network that was trained on simulated Landsat bands. highpass takes the detail from the reference, but where the ground has changed; a land cover that changes within its 30 m pixels keeps the reference's old edges. deblur, style and combined are networks that learned beside a discriminator and invent texture: deblur sharpens the resampled bands, style gives them the fine texture of Sentinel-2 (no model of it is shipped), combined gives it to the result of subpixel. Measure no detail in their results.

Radiometry: hls-s2a, hls-s2b and hls-s2c are the published lines of NASA's HLS for surface reflectance (level 2), chastain-toa those for top of atmosphere (level 1). fitted is a robust regression on the pixels that did not change, histogram matches percentiles; both need a reference. B8 and B8A differ by about 10 % where there is vegetation: NIR says which one the result has.</source>
   <translation type="vanished">Landsat 8 et 9 (Collection 2, niveau 1 ou 2) deviennent des rasters de 16 bits avec les bandes, l'échelle et les pixels de 10 m de Sentinel-2. Les nuages et tout ce que QA_PIXEL signale deviennent nodata.

Indiquer un produit (son dossier, son tar ou son *_MTL.txt) ou des rasters des bandes ; et, si possible, une scène Sentinel-2 du lieu comme référence : le résultat est alors sur sa grille, recalé sur elle, et comparé avec elle dans le rapport. Choisir une référence de la même saison.

Méthodes : resample est une convolution cubique. subpixel est un réseau entraîné sur des bandes Landsat simulées. highpass prend le détail de la référence, sauf là où le sol a changé ; une occupation du sol qui change à l'intérieur de ses pixels de 30 m garde les anciens contours de la référence. deblur, style et combined sont des réseaux qui ont appris face à un discriminateur et inventent de la texture : deblur affine les bandes rééchantillonnées, style leur donne la texture fine de Sentinel-2 (aucun modèle n'en est livré), combined la donne au résultat de subpixel. Ne pas mesurer de détails dans leurs résultats.

Radiométrie : hls-s2a, hls-s2b et hls-s2c sont les droites publiées par HLS de la NASA pour la réflectance de surface (niveau 2), chastain-toa celles du sommet de l'atmosphère (niveau 1). fitted est une régression robuste sur les pixels qui n'ont pas changé, histogram ajuste les percentiles ; toutes deux demandent une référence. B8 et B8A diffèrent d'environ 10 % sur la végétation : NIR dit laquelle le résultat contient.</translation>
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
   <translation>auto : onnxruntime-gpu s'il y a une carte graphique NVIDIA dont le pilote l'exécute, sinon onnxruntime ; le journal dit lequel et pourquoi. onnxruntime : pour le processeur, sur tous les systèmes. onnxruntime-gpu : pour les cartes graphiques NVIDIA sous Windows et Linux ; il fonctionne aussi sur le processeur.</translation>
  </message>
  <message>
   <source>Folder of wheels (offline)</source>
   <translation>Dossier de wheels (hors ligne)</translation>
  </message>
  <message>
   <source>Packages as files (*.whl) for this system and Python version. The network is not used.</source>
   <translation>Paquets sous forme de fichiers (*.whl) pour ce système et cette version de Python. Le réseau n'est pas utilisé.</translation>
  </message>
  <message>
   <source>Package index (URL)</source>
   <translation>Index de paquets (URL)</translation>
  </message>
  <message>
   <source>For example your organisation's mirror of PyPI. Empty: the index in pip's configuration, usually PyPI.</source>
   <translation>Par exemple le miroir PyPI de son organisation. Vide : l'index de la configuration de pip, en général PyPI.</translation>
  </message>
  <message>
   <source>A version or a range, for example 1.26.0 or &lt;1.27 (the last versions for CUDA 12). Empty: the newest version that works with QGIS's numpy.</source>
   <translation>Une version ou un intervalle, par exemple 1.26.0 ou &lt;1.27 (les dernières versions pour CUDA 12). Vide : la version la plus récente qui fonctionne avec le numpy de QGIS.</translation>
  </message>
  <message>
   <source>Include NVIDIA's libraries (onnxruntime-gpu only)</source>
   <translation>Bibliothèques de NVIDIA (onnxruntime-gpu seulement)</translation>
  </message>
  <message>
   <source>Also installs CUDA and cuDNN, a download of more than 1 GB. Not needed if both are already installed in the versions that onnxruntime-gpu needs.</source>
   <translation>Installe aussi CUDA et cuDNN, un téléchargement de plus de 1 Go. Inutile si les deux sont déjà installés dans les versions que demande onnxruntime-gpu.</translation>
  </message>
  <message>
   <source>Replace a working installation</source>
   <translation>Remplacer une installation qui fonctionne</translation>
  </message>
  <message>
   <source>Installs the newest version even if an installation already works.</source>
   <translation>Installe la version la plus récente même si une installation fonctionne déjà.</translation>
  </message>
  <message>
   <source>Also install the trainer (PyTorch)</source>
   <translation>Installer aussi l'entraîneur (PyTorch)</translation>
  </message>
  <message>
   <source>Needed once for Train model and Export model: about 1 GB for the processor, about 8 GB with CUDA.</source>
   <translation>Nécessaire une fois pour Entraîner un modèle et Exporter un modèle : environ 1 Go pour le processeur, environ 8 Go avec CUDA.</translation>
  </message>
  <message>
   <source>PyTorch build</source>
   <translation>Variante de PyTorch</translation>
  </message>
  <message>
   <source>cpu: for the processor. cuda: for NVIDIA graphics cards on Windows and Linux, and the processor. index: the build that the package index offers.</source>
   <translation>cpu : pour le processeur. cuda : pour les cartes graphiques NVIDIA sous Windows et Linux, et le processeur. index : la variante que propose l'index de paquets.</translation>
  </message>
  <message>
   <source>Version of PyTorch</source>
   <translation>Version de PyTorch</translation>
  </message>
  <message>
   <source>A version or a range, for example 2.6.0 or &lt;2.9. Empty: the newest version that the trainer supports.</source>
   <translation>Une version ou un intervalle, par exemple 2.6.0 ou &lt;2.9. Vide : la version la plus récente que l'entraîneur prend en charge.</translation>
  </message>
  <message>
   <source>Package index for PyTorch (URL)</source>
   <translation>Index de paquets pour PyTorch (URL)</translation>
  </message>
  <message>
   <source>Only if PyTorch comes from a different index than the other packages. Empty: the index above (INDEX_URL). If that is empty too: PyTorch's own index where the usual one does not have the build.</source>
   <translation>Seulement si PyTorch vient d'un autre index que les autres paquets. Vide : l'index ci-dessus (INDEX_URL). S'il est vide aussi : l'index propre à PyTorch, là où l'index habituel n'a pas la variante.</translation>
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
   <translation>onnxruntime</translation>
  </message>
  <message>
   <source>pip</source>
   <translation>pip</translation>
  </message>
  <message>
   <source>offline</source>
   <translation>hors ligne</translation>
  </message>
  <message>
   <source>wheels</source>
   <translation>wheels</translation>
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
   <translation>Archive de modèle</translation>
  </message>
  <message>
   <source>The zip archive. A path of a folder is taken too.</source>
   <translation>L'archive zip. Le chemin d'un dossier est accepté aussi.</translation>
  </message>
  <message>
   <source>Or the folder of a model</source>
   <translation>Ou le dossier d'un modèle</translation>
  </message>
  <message>
   <source>A folder with model.onnx and card.json.</source>
   <translation>Un dossier avec model.onnx et card.json.</translation>
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
   <translation>Installe un modèle que quelqu'un a partagé : l'archive zip qu'écrit 'Exporter un modèle', ou un dossier avec model.onnx et card.json. Il est aussitôt dans toutes les listes de modèles.

Rien n'y est exécuté. Les sommes de contrôle de tous les fichiers sont vérifiées. Une archive qui contient autre chose que les fichiers d'un modèle, ou un fichier hors de son dossier, est refusée ; de même un modèle qui renvoie à des fichiers situés ailleurs, demande des opérateurs particuliers, ou ne correspond pas à sa fiche. Des poids en pickle (.pth, .pt) ne sont pas des modèles de la boîte à outils : 'Exporter un modèle' en fait un.

Un modèle personnel qui est remplacé reste jusqu'à ce que le nouveau soit complet. Les modèles fournis ne sont jamais remplacés.</translation>
  </message>
  <message>
   <source>import</source>
   <translation>importer</translation>
  </message>
  <message>
   <source>download</source>
   <translation>télécharger</translation>
  </message>
  <message>
   <source>model zoo</source>
   <translation>catalogue de modèles</translation>
  </message>
 </context>
 <context>
  <name>ModelInfo</name>
  <message>
   <source>A shipped model or one in your models folder. In scripts and on the command line, give its id.</source>
   <translation>Un modèle fourni ou un modèle de son propre dossier de modèles. Dans les scripts et en ligne de commande, indiquer son identifiant.</translation>
  </message>
  <message>
   <source>Model card (HTML)</source>
   <translation>Fiche du modèle (HTML)</translation>
  </message>
  <message>
   <source>The card as an HTML page.</source>
   <translation>La fiche sous forme de page HTML.</translation>
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
   <translation>fiche de modèle</translation>
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
   <translation>Les bandes à affiner, dans un seul raster : empiler des fichiers séparés par un raster virtuel.</translation>
  </message>
  <message>
   <source>Panchromatic raster</source>
   <translation>Raster panchromatique</translation>
  </message>
  <message>
   <source>The raster with the smaller pixels.</source>
   <translation>Le raster aux pixels plus petits.</translation>
  </message>
  <message>
   <source>Bands to sharpen, in this order. Empty: all.</source>
   <translation>Bandes à affiner, dans cet ordre. Vide : toutes.</translation>
  </message>
  <message>
   <source>MTF of the multispectral sensor at the Nyquist frequency</source>
   <translation>FTM du capteur multispectral à la fréquence de Nyquist</translation>
  </message>
  <message>
   <source>Above 0 and below 1. The smaller, the more detail is taken from the panchromatic band. Published values lie between 0.2 and 0.4.</source>
   <translation>Au-dessus de 0 et au-dessous de 1. Plus la valeur est petite, plus le détail est pris dans la bande panchromatique. Les valeurs publiées sont entre 0,2 et 0,4.</translation>
  </message>
  <message>
   <source>Pan-sharpened raster</source>
   <translation>Raster affiné par le panchromatique</translation>
  </message>
  <message>
   <source>On the grid of the panchromatic raster: a GeoTIFF, or another format that GDAL can write, chosen by the file extension.</source>
   <translation>Sur la grille du raster panchromatique : un GeoTIFF, ou un autre format que GDAL sait écrire, choisi par l'extension du fichier.</translation>
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
   <translation>affinage panchromatique</translation>
  </message>
  <message>
   <source>pan-sharpening</source>
   <translation>fusion panchromatique</translation>
  </message>
  <message>
   <source>panchromatic</source>
   <translation>panchromatique</translation>
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
   <translation>Rasters à haute résolution (HR)</translation>
  </message>
  <message>
   <source>What the model must produce. All with the same CRS, bands and pixel size.</source>
   <translation>Ce que le modèle doit produire. Tous avec le même SCR, les mêmes bandes et la même taille de pixel.</translation>
  </message>
  <message>
   <source>Low-resolution rasters (LR)</source>
   <translation>Rasters à basse résolution (LR)</translation>
  </message>
  <message>
   <source>One per HR raster, with pixels larger by the scale factor (SCALE) and the same bands (found by name or wavelength) in the same unit. Empty: training degrades HR.</source>
   <translation>Un par raster HR, aux pixels plus grands du facteur d'échelle (SCALE) et avec les mêmes bandes (trouvées par nom ou longueur d'onde) dans la même unité. Vide : l'entraînement dégrade HR.</translation>
  </message>
  <message>
   <source>Guide rasters</source>
   <translation>Rasters guides</translation>
  </message>
  <message>
   <source>One per HR raster, or several: first all first guides, then all second ones. Their pixels must be a whole number of times smaller or larger, where they are not made into channels (GUIDE_BANDS).</source>
   <translation>Un par raster HR, ou plusieurs : d'abord tous les premiers guides, puis tous les deuxièmes. Leurs pixels doivent être un nombre entier de fois plus petits ou plus grands, là où ils ne sont pas transformés en canaux (GUIDE_BANDS).</translation>
  </message>
  <message>
   <source>Mask rasters</source>
   <translation>Rasters de masque</translation>
  </message>
  <message>
   <source>Areas to leave out, such as clouds: one raster for all, or one per HR raster, with any pixel size. The first band is used. Areas outside the mask raster are left out too.</source>
   <translation>Zones à exclure, comme les nuages : un raster pour tous, ou un par raster HR, de taille de pixel quelconque. La première bande est utilisée. Les zones hors du raster de masque sont exclues aussi.</translation>
  </message>
  <message>
   <source>Bands of the guides</source>
   <translation>Bandes des guides</translation>
  </message>
  <message>
   <source>channels: all guides of an HR raster become three standardised channels on its pixels, as 'Sharpen temperatures' gives them to networks; the guides may then have any bands, pixels and CRS. bands: as they are. auto: channels where HR has one band, else bands.</source>
   <translation>channels : tous les guides d'un raster HR deviennent trois canaux standardisés sur ses pixels, comme 'Affiner des températures' les donne aux réseaux ; les guides peuvent alors avoir des bandes, des pixels et un SCR quelconques. bands : tels quels. auto : channels si HR a une seule bande, sinon bands.</translation>
  </message>
  <message>
   <source>Scale factor (HR pixels per LR pixel)</source>
   <translation>Facteur d'échelle (pixels HR par pixel LR)</translation>
  </message>
  <message>
   <source>Along one axis.</source>
   <translation>Le long d'un axe.</translation>
  </message>
  <message>
   <source>Mask values to leave out</source>
   <translation>Valeurs du masque à exclure</translation>
  </message>
  <message>
   <source>Values of the mask rasters (MASK), separated by commas, for example 3,8,9,10 for clouds and shadows in Sentinel-2's SCL. Empty: all values except 0.</source>
   <translation>Valeurs des rasters de masque (MASK), séparées par des virgules, par exemple 3,8,9,10 pour les nuages et les ombres de la SCL de Sentinel-2. Vide : toutes les valeurs sauf 0.</translation>
  </message>
  <message>
   <source>Nodata value of HR and LR</source>
   <translation>Valeur nodata de HR et LR</translation>
  </message>
  <message>
   <source>Pixels with this value are nodata. It replaces the nodata value that a raster declares. Use 0 for Sentinel-2's JPEG 2000 files, which declare none.</source>
   <translation>Les pixels ayant cette valeur sont nodata. Elle remplace la valeur nodata qu'un raster déclare. Prendre 0 pour les fichiers JPEG 2000 de Sentinel-2, qui n'en déclarent pas.</translation>
  </message>
  <message>
   <source>Patch size (HR pixels)</source>
   <translation>Taille des imagettes (pixels HR)</translation>
  </message>
  <message>
   <source>Side length. It is reduced, with a line in the log, if the rasters are too small.</source>
   <translation>Longueur du côté. Elle est réduite, avec une ligne dans le journal, si les rasters sont trop petits.</translation>
  </message>
  <message>
   <source>Overlap of training patches (HR pixels)</source>
   <translation>Recouvrement des imagettes (pixels HR)</translation>
  </message>
  <message>
   <source>Validation patches never overlap.</source>
   <translation>Les imagettes de validation ne se recouvrent jamais.</translation>
  </message>
  <message>
   <source>Largest share of invalid pixels per patch (0 to 1)</source>
   <translation>Part maximale de pixels non valides (0 à 1)</translation>
  </message>
  <message>
   <source>Patches with a larger share of nodata or masked pixels are left out. In patches that are kept, nodata is filled from its neighbours; masked pixels keep their values.</source>
   <translation>Les imagettes ayant une plus grande part de pixels nodata ou masqués sont exclues. Dans celles qui sont gardées, nodata est rempli d'après les voisins ; les pixels masqués gardent leurs valeurs.</translation>
  </message>
  <message>
   <source>Share of the area for validation (0 to 1)</source>
   <translation>Part de la surface pour la validation (0 à 1)</translation>
  </message>
  <message>
   <source>Approximate, because whole blocks are used. 0: no validation.</source>
   <translation>Approximative, car des blocs entiers sont utilisés. 0 : pas de validation.</translation>
  </message>
  <message>
   <source>Random seed of the split</source>
   <translation>Graine aléatoire de la répartition</translation>
  </message>
  <message>
   <source>Chooses the validation blocks. The same seed gives the same training data.</source>
   <translation>Choisit les blocs de validation. La même graine donne les mêmes données d'entraînement.</translation>
  </message>
  <message>
   <source>Radiometry of pairs</source>
   <translation>Radiométrie des paires</translation>
  </message>
  <message>
   <source>report: gain and offset between HR and LR are only reported, and the model learns them. linear: each band of HR is matched to LR by a gain and an offset, so that the model learns only detail.</source>
   <translation>report : le gain et le décalage entre HR et LR sont seulement signalés, et le modèle les apprend. linear : chaque bande de HR est ajustée à LR par un gain et un décalage, pour que le modèle n'apprenne que le détail.</translation>
  </message>
  <message>
   <source>Name of the data</source>
   <translation>Nom des données</translation>
  </message>
  <message>
   <source>Letters, digits, - and _. Empty: the name of the first HR raster.</source>
   <translation>Lettres, chiffres, - et _. Vide : le nom du premier raster HR.</translation>
  </message>
  <message>
   <source>Sensor</source>
   <translation>Capteur</translation>
  </message>
  <message>
   <source>Goes into the card of models trained on this data.</source>
   <translation>Figure dans la fiche des modèles entraînés sur ces données.</translation>
  </message>
  <message>
   <source>Place</source>
   <translation>Lieu</translation>
  </message>
  <message>
   <source>Licence of the rasters</source>
   <translation>Licence des rasters</translation>
  </message>
  <message>
   <source>Goes into the card of models trained on this data. Empty: not stated.</source>
   <translation>Figure dans la fiche des modèles entraînés sur ces données. Vide : non indiquée.</translation>
  </message>
  <message>
   <source>A new or empty folder, or one with earlier training data, which is replaced.</source>
   <translation>Un dossier nouveau ou vide, ou un dossier d'anciennes données d'entraînement, qui est remplacé.</translation>
  </message>
  <message>
   <source>Number of training patches</source>
   <translation>Nombre d'imagettes d'entraînement</translation>
  </message>
  <message>
   <source>Number of validation patches</source>
   <translation>Nombre d'imagettes de validation</translation>
  </message>
  <message>
   <source>Picture of some patches (PNG)</source>
   <translation>Image de quelques imagettes (PNG)</translation>
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
   <translation>Découpe des rasters en imagettes pour entraîner un modèle. Le résultat est un dossier que lit 'Entraîner un modèle'.

Indiquer seulement des rasters à haute résolution (HR) : l'entraînement les dégrade alors pour faire les images à basse résolution. Ou indiquer des paires d'un raster à haute et d'un raster à basse résolution d'une même zone (HR et LR), par exemple de deux capteurs. Les guides sont des rasters supplémentaires, mieux résolus, qui aident, comme le NDVI pour la température. Les rasters d'une paire peuvent avoir des emprises différentes, mais leurs pixels doivent s'emboîter exactement. Sinon, utiliser d'abord 'Recaler un raster', ou les reprojeter.

S'il y a plusieurs rasters, ceux à basse résolution, les guides et les masques (LR, GUIDES, MASK) sont associés à ceux à haute résolution (HR) par nom de fichier si les noms sont les mêmes, sinon par ordre.

Les imagettes avec nodata ou des zones masquées sont exclues. La validation utilise des blocs entiers de la zone, séparés de l'entraînement par une bande de garde d'une imagette, jamais des imagettes au hasard : la qualité mesurée vaut donc pour de nouveaux lieux. Là où des rasters se recouvrent, un lieu sert à la validation dans tous ou dans aucun.

Les paires sont vérifiées. Le journal donne le décalage entre elles (plus de 0,25 pixel LR est un avertissement) et le gain, le décalage radiométrique et la corrélation de chaque bande. L'image sheet.png du dossier montre quelques imagettes : la regarder avant l'entraînement.</translation>
  </message>
  <message>
   <source>training</source>
   <translation>entraînement</translation>
  </message>
  <message>
   <source>patches</source>
   <translation>imagettes</translation>
  </message>
  <message>
   <source>chips</source>
   <translation>vignettes</translation>
  </message>
  <message>
   <source>data set</source>
   <translation>jeu de données</translation>
  </message>
  <message>
   <source>pairs</source>
   <translation>paires</translation>
  </message>
  <message>
   <source>split</source>
   <translation>répartition</translation>
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
   <translation>Les modèles à essayer ; chacun doit convenir aux bandes du raster.</translation>
  </message>
  <message>
   <source>Extent (empty: the map's)</source>
   <translation>Emprise (vide : la carte)</translation>
  </message>
  <message>
   <source>The part to try, in any CRS; of a larger one its middle. Empty: what the map shows of the raster, or the middle of the raster.</source>
   <translation>La partie à essayer, dans un SCR quelconque ; si elle est trop grande, son milieu. Vide : ce que la carte montre du raster, ou le milieu du raster.</translation>
  </message>
  <message>
   <source>Largest side (pixels)</source>
   <translation>Plus grand côté (pixels)</translation>
  </message>
  <message>
   <source>The part is at most so many pixels of the input wide and high.</source>
   <translation>La partie a au plus ce nombre de pixels de l'entrée en largeur et en hauteur.</translation>
  </message>
  <message>
   <source>Folder for the results</source>
   <translation>Dossier des résultats</translation>
  </message>
  <message>
   <source>One GeoTIFF for each model.</source>
   <translation>Un GeoTIFF pour chaque modèle.</translation>
  </message>
  <message>
   <source>Preview page (HTML)</source>
   <translation>Page d'aperçu (HTML)</translation>
  </message>
  <message>
   <source>One HTML file with all pictures.</source>
   <translation>Un fichier HTML avec toutes les images.</translation>
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
   <translation>aperçu</translation>
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
   <translation>sigma</translation>
  </message>
  <message>
   <source>estimate</source>
   <translation>estimer</translation>
  </message>
  <message>
   <source>resolution</source>
   <translation>résolution</translation>
  </message>
 </context>
 <context>
  <name>Sentinel2</name>
  <message>
   <source>Product (zip, folder or metadata)</source>
   <translation>Produit (zip, dossier ou XML)</translation>
  </message>
  <message>
   <source>The product's metadata file (MTD_MSIL1C.xml, MTD_MSIL2A.xml or *_MTD_ALL.xml), its zip, its .SAFE folder, a MUSCATE folder of Theia (flat reflectance, FRE, is preferred), or any folder with rasters whose file names contain the band names. Empty: the rasters below. For many products, run 'Super-resolve scenes of a folder or a huge mosaic' (srsat:batchfolder).</source>
   <translation>Le fichier de métadonnées du produit (MTD_MSIL1C.xml, MTD_MSIL2A.xml ou *_MTD_ALL.xml), son zip, son dossier .SAFE, un dossier MUSCATE de Theia (la réflectance corrigée des pentes, FRE, est préférée), ou tout dossier de rasters dont les noms de fichiers contiennent les noms des bandes. Vide : les rasters ci-dessous. Pour de nombreux produits, utiliser 'Super-résolution des scènes d'un dossier ou d'une immense mosaïque' (srsat:batchfolder).</translation>
  </message>
  <message>
   <source>10 m bands (instead of a product)</source>
   <translation>Bandes à 10 m (au lieu d'un produit)</translation>
  </message>
  <message>
   <source>Rasters with B2, B3, B4 and B8: one raster per band, or a stack. Bands are found by description, wavelength or file name, else by this order.</source>
   <translation>Rasters avec B2, B3, B4 et B8 : un raster par bande, ou une pile. Les bandes sont trouvées par description, longueur d'onde ou nom de fichier, sinon par cet ordre.</translation>
  </message>
  <message>
   <source>20 m bands (instead of a product)</source>
   <translation>Bandes à 20 m (au lieu d'un produit)</translation>
  </message>
  <message>
   <source>Rasters with B5, B6, B7, B8A, B11 and B12, found in the same way.</source>
   <translation>Rasters avec B5, B6, B7, B8A, B11 et B12, trouvées de la même façon.</translation>
  </message>
  <message>
   <source>60 m bands (instead of a product)</source>
   <translation>Bandes à 60 m (au lieu d'un produit)</translation>
  </message>
  <message>
   <source>Rasters with B1 and B9, found in the same way.</source>
   <translation>Rasters avec B1 et B9, trouvées de la même façon.</translation>
  </message>
  <message>
   <source>Pixel size of the result (metres)</source>
   <translation>Taille de pixel du résultat (mètres)</translation>
  </message>
  <message>
   <source>5: all bands, brought to 10 m, then go through any-x2 in the same run, onto a grid of 5 m that nests in that of the scene. It takes several times as long and four times the space; the detail below 10 m is the network's, not the sensor's.</source>
   <translation>5 : toutes les bandes, amenées à 10 m, passent ensuite par any-x2 dans la même exécution, sur une grille de 5 m qui s'emboîte dans celle de la scène. Cela prend plusieurs fois plus de temps et quatre fois plus de place ; le détail au-dessous de 10 m est celui du réseau, non du capteur.</translation>
  </message>
  <message>
   <source>Bands to sharpen to 10 m</source>
   <translation>Bandes à affiner à 10 m</translation>
  </message>
  <message>
   <source>all: the 20 m and 60 m bands that the scene has.</source>
   <translation>all : les bandes à 20 m et 60 m que contient la scène.</translation>
  </message>
  <message>
   <source>Extent (empty: whole scene)</source>
   <translation>Emprise (vide : scène entière)</translation>
  </message>
  <message>
   <source>Part of the scene, in any CRS, enlarged to whole pixels of the bands with the largest pixels.</source>
   <translation>Partie de la scène, dans un SCR quelconque, agrandie aux pixels entiers des bandes aux plus grands pixels.</translation>
  </message>
  <message>
   <source>Mask clouds</source>
   <translation>Masquer les nuages</translation>
  </message>
  <message>
   <source>Sets clouds and cirrus to 0 (nodata) in all bands. The cloud mask is the scene classification (SCL) of Level-2A, which also contains cloud shadows; else MSK_CLASSI (products since 2022), CLM (Theia), QA60 (Earth Engine) or the polygons of MSK_CLOUDS (older products). For rasters, the mask must be a file in the folder of the first raster.</source>
   <translation>Met les nuages et les cirrus à 0 (nodata) dans toutes les bandes. Le masque de nuages est la classification de scène (SCL) du Level-2A, qui contient aussi les ombres des nuages ; sinon MSK_CLASSI (produits depuis 2022), CLM (Theia), QA60 (Earth Engine) ou les polygones de MSK_CLOUDS (anciens produits). Pour des rasters, le masque doit être un fichier du dossier du premier raster.</translation>
  </message>
  <message>
   <source>Adapt the models to the scene: training time (minutes)</source>
   <translation>Adapter les modèles à la scène (minutes)</translation>
  </message>
  <message>
   <source>Trains each model further on this scene before it is used. The bands are degraded, so that the original bands serve as reference. Part of the scene is held out from this training. The adapted model is used only if its error on the held-out area is at least 3 % lower; the log gives the difference. If there is hardly any after half of the time, training ends early and the log says so. Start with two minutes and expect a few percent. Needs PyTorch: run Install dependencies with 'Also install the trainer' (TRAINING). Empty or 0: the models are used as they are.</source>
   <translation>Poursuit l'entraînement de chaque modèle sur cette scène avant de l'utiliser. Les bandes sont dégradées, pour que les bandes d'origine servent de référence. Une partie de la scène est tenue à l'écart de cet entraînement. Le modèle adapté n'est utilisé que si son erreur sur cette partie est plus faible d'au moins 3 % ; le journal donne la différence. S'il n'y en a guère après la moitié du temps, l'entraînement s'arrête avant la fin et le journal le dit. Commencer par deux minutes, et attendre quelques pour cent. Demande PyTorch : exécuter Installer les dépendances avec 'Installer aussi l'entraîneur' (TRAINING). Vide ou 0 : les modèles sont utilisés tels quels.</translation>
  </message>
  <message>
   <source>Processing level</source>
   <translation>Niveau de traitement</translation>
  </message>
  <message>
   <source>auto: found from the product's file names. The models work for both levels.</source>
   <translation>auto : trouvé d'après les noms de fichiers du produit. Les modèles conviennent aux deux niveaux.</translation>
  </message>
  <message>
   <source>Correct band misregistration</source>
   <translation>Corriger le décalage entre bandes</translation>
  </message>
  <message>
   <source>The 20 m and the 60 m bands are each compared with the 10 m bands in the middle of the scene. If their shift is larger than a tenth of their pixel size, they are resampled (Lanczos, up to 3 pixels) before they are used. Pixels at the scene's edge that the shift leaves without values become nodata, also in the bands that are sharpened with these bands: one row or column of low-resolution pixels per pixel of shift, rounded. Clouds in the middle can make the measured shift wrong, because the bands see them from slightly different directions. The log gives the shifts, corrected or not.</source>
   <translation>Les bandes à 20 m et celles à 60 m sont comparées aux bandes à 10 m au milieu de la scène. Si leur décalage dépasse un dixième de leur taille de pixel, elles sont rééchantillonnées (Lanczos, jusqu'à 3 pixels) avant d'être utilisées. Les pixels du bord de la scène que le décalage laisse sans valeur deviennent nodata, aussi dans les bandes affinées avec elles : une ligne ou colonne de pixels à basse résolution par pixel de décalage, arrondi. Des nuages au milieu peuvent fausser le décalage mesuré, car les bandes les voient sous des directions un peu différentes. Le journal donne les décalages, corrigés ou non.</translation>
  </message>
  <message>
   <source>Model for the 20 m bands</source>
   <translation>Modèle pour les bandes à 20 m</translation>
  </message>
  <message>
   <source>A model whose card names 20 m bands as its first input, for example one trained on your scenes.</source>
   <translation>Un modèle dont la fiche indique des bandes à 20 m comme première entrée, par exemple un modèle entraîné sur ses propres scènes.</translation>
  </message>
  <message>
   <source>Model for the 60 m bands</source>
   <translation>Modèle pour les bandes à 60 m</translation>
  </message>
  <message>
   <source>A model whose card names 60 m bands as its first input, for example one trained on your scenes.</source>
   <translation>Un modèle dont la fiche indique des bandes à 60 m comme première entrée, par exemple un modèle entraîné sur ses propres scènes.</translation>
  </message>
  <message>
   <source>Tile size (pixels of the 20 m or 60 m bands)</source>
   <translation>Taille des tuiles (pixels des bandes à 20 m ou 60 m)</translation>
  </message>
  <message>
   <source>All bands at 10 m or 5 m</source>
   <translation>Toutes les bandes à 10 m ou 5 m</translation>
  </message>
  <message>
   <source>A GeoTIFF, or another format that GDAL can write, with 16-bit digital numbers as in the product.</source>
   <translation>Un GeoTIFF, ou un autre format que GDAL sait écrire, avec des comptes numériques de 16 bits comme dans le produit.</translation>
  </message>
  <message>
   <source>How good the result is. The scene is degraded and sharpened again by the same models. The original bands serve as reference for the error, next to bicubic. And the result, degraded to the original resolution, is compared with the original bands. Large scenes are measured in up to nine windows.</source>
   <translation>Ce que vaut le résultat. La scène est dégradée puis affinée de nouveau par les mêmes modèles. Les bandes d'origine servent de référence pour l'erreur, à côté du bicubique. Et le résultat, dégradé à la résolution d'origine, est comparé aux bandes d'origine. Les grandes scènes sont mesurées dans neuf fenêtres au plus.</translation>
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
   <translation>safe</translation>
  </message>
  <message>
   <source>dsen2</source>
   <translation>dsen2</translation>
  </message>
  <message>
   <source>red edge</source>
   <translation>red edge</translation>
  </message>
  <message>
   <source>swir</source>
   <translation>infrarouge à ondes courtes</translation>
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
   <translation>affinage panchromatique</translation>
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
   <translation>Températures</translation>
  </message>
  <message>
   <source>A raster of land-surface temperatures in kelvins, degrees Celsius or scaled integers. Scale, offset and unit are taken from the raster, or from its name for MOD11A1 and MYD11A1, Landsat Collection 2 surface temperature and ECOSTRESS L2T.</source>
   <translation>Un raster de températures de surface en kelvins, en degrés Celsius ou en entiers mis à l'échelle. Échelle, décalage et unité viennent du raster, ou de son nom pour MOD11A1 et MYD11A1, la température de surface de Landsat Collection 2 et ECOSTRESS L2T.</translation>
  </message>
  <message>
   <source>Guides (finer images)</source>
   <translation>Guides (images plus fines)</translation>
  </message>
  <message>
   <source>One or more rasters with pixels of at most the output's size, any bands and CRS. Not needed for bicubic.</source>
   <translation>Un ou plusieurs rasters aux pixels au plus de la taille de ceux de la sortie, de bandes et de SCR quelconques. Inutile pour bicubic.</translation>
  </message>
  <message>
   <source>Times finer</source>
   <translation>Combien de fois plus fin</translation>
  </message>
  <message>
   <source>Output pixels per pixel of the temperatures, along one axis.</source>
   <translation>Pixels de sortie par pixel des températures, le long d'un axe.</translation>
  </message>
  <message>
   <source>Model or method</source>
   <translation>Modèle ou méthode</translation>
  </message>
  <message>
   <source>auto: lst-x4 or lst-x8, by the scale. Models of other scales are refused.</source>
   <translation>auto : lst-x4 ou lst-x8, selon le facteur. Les modèles d'autres facteurs sont refusés.</translation>
  </message>
  <message>
   <source>Band of the temperatures</source>
   <translation>Bande des températures</translation>
  </message>
  <message>
   <source>Of the input, counted from 1.</source>
   <translation>De l'entrée, comptée à partir de 1.</translation>
  </message>
  <message>
   <source>Misregistration of the guides</source>
   <translation>Décalage des guides</translation>
  </message>
  <message>
   <source>correct: measured against the temperatures, and guides are moved. measure: only told. off: not measured. Up to two pixels of the temperatures are looked for.</source>
   <translation>correct : mesuré par rapport aux températures, et les guides sont déplacés. measure : seulement signalé. off : non mesuré. Il est cherché jusqu'à deux pixels des températures.</translation>
  </message>
  <message>
   <source>Means that are kept</source>
   <translation>Moyennes conservées</translation>
  </message>
  <message>
   <source>area: the mean temperature over each coarse pixel. area-radiance: its mean radiance (fourth power). relaxed: means over boxes of coarse pixels, for guides that are misregistered. off: none. auto: area, or relaxed where guides stay shifted by more than 0.2 coarse pixels.</source>
   <translation>area : la température moyenne sur chaque pixel grossier. area-radiance : sa radiance moyenne (puissance quatre). relaxed : moyennes sur des blocs de pixels grossiers, pour des guides décalés. off : aucune. auto : area, ou relaxed si les guides restent décalés de plus de 0,2 pixel grossier.</translation>
  </message>
  <message>
   <source>Side of the boxes of 'relaxed' (coarse pixels, odd)</source>
   <translation>Côté des blocs de 'relaxed' (pixels grossiers, impair)</translation>
  </message>
  <message>
   <source>Means are kept over so many coarse pixels on a side.</source>
   <translation>Les moyennes sont conservées sur ce nombre de pixels grossiers de côté.</translation>
  </message>
  <message>
   <source>Unit of the temperatures</source>
   <translation>Unité des températures</translation>
  </message>
  <message>
   <source>auto: as the raster or its product says, else kelvins.</source>
   <translation>auto : comme le dit le raster ou son produit, sinon kelvins.</translation>
  </message>
  <message>
   <source>Scale of the temperatures' numbers</source>
   <translation>Échelle des valeurs de température</translation>
  </message>
  <message>
   <source>temperature = scale * number + offset. Empty: as the raster or its product says.</source>
   <translation>température = scale * valeur + offset. Vide : comme le dit le raster ou son produit.</translation>
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
   <translation>Remplace ce que déclare le raster.</translation>
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
   <translation>Sur une grille qui s'emboîte dans celle des températures, avec leurs valeurs, type, nodata et unité.</translation>
  </message>
  <message>
   <source>Quality raster</source>
   <translation>Raster de qualité</translation>
  </message>
  <message>
   <source>A second raster. Its first band is how much the guides count, 0 where they are missing. With a network, the second one is the standard deviation of its eight answers to the flipped and turned image in kelvins, times the factor of the model's card where it has one: a sign of doubt and no error; it takes eight times as long.</source>
   <translation>Un deuxième raster. Sa première bande est le poids des guides, 0 là où ils manquent. Avec un réseau, la deuxième est l'écart-type de ses huit réponses à l'image retournée et tournée, en kelvins, multiplié par le facteur de la fiche du modèle si elle en a un : un signe de doute et non une erreur ; cela prend huit fois plus de temps.</translation>
  </message>
  <message>
   <source>Compares the chosen model with bicubic, tsharp and local-ridge on this scene, one scale coarser, where the raster itself is the truth.</source>
   <translation>Compare le modèle choisi avec bicubic, tsharp et local-ridge sur cette scène, à une échelle plus grossière, où le raster lui-même est la vérité.</translation>
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
   <translation>lst</translation>
  </message>
  <message>
   <source>thermal</source>
   <translation>thermique</translation>
  </message>
  <message>
   <source>downscaling</source>
   <translation>descente d'échelle</translation>
  </message>
  <message>
   <source>disaggregation</source>
   <translation>désagrégation</translation>
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
   <translation>îlot de chaleur</translation>
  </message>
  <message>
   <source>A second raster. Its first band is how much the guides count, 0 where they are missing. With a network, the second one is the standard deviation of its eight answers to the flipped and turned image in kelvins, a sign of doubt and no error; it takes eight times as long.</source>
   <translation type="vanished">Un deuxième raster. Sa première bande est le poids des guides, 0 là où ils manquent. Avec un réseau, la deuxième est l'écart-type de ses huit réponses à l'image retournée et tournée, en kelvins, un signe de doute et non une erreur ; cela prend huit fois plus de temps.</translation>
  </message>
 </context>
 <context>
  <name>Similarity</name>
  <message>
   <source>The raster to measure.</source>
   <translation>Le raster à mesurer.</translation>
  </message>
  <message>
   <source>The raster that the super-resolved one was made from. Its bicubic upsampling is measured for comparison.</source>
   <translation>Le raster dont le raster super-résolu est issu. Son agrandissement bicubique est mesuré pour comparaison.</translation>
  </message>
  <message>
   <source>Bands to measure. Empty: all except alpha.</source>
   <translation>Bandes à mesurer. Vide : toutes sauf alpha.</translation>
  </message>
  <message>
   <source>Bands of the reference</source>
   <translation>Bandes de la référence</translation>
  </message>
  <message>
   <source>In the order of the bands above. Empty: found by name, wavelength or order.</source>
   <translation>Dans l'ordre des bandes ci-dessus. Vide : trouvées par nom, longueur d'onde ou ordre.</translation>
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
   <translation>Différences normalisées (a - b) / (a + b) par numéros de bandes du raster, par exemple NDVI=8,4; NDWI=3,8. NDVI est ajouté automatiquement si les noms ou longueurs d'onde des bandes désignent le rouge et le proche infrarouge.</translation>
  </message>
  <message>
   <source>One HTML file with all numbers, maps and charts. It needs no network.</source>
   <translation>Un fichier HTML avec tous les nombres, cartes et graphiques. Il ne demande pas de réseau.</translation>
  </message>
  <message>
   <source>Error map</source>
   <translation>Carte d'erreur</translation>
  </message>
  <message>
   <source>Raster minus reference, for each band, in the raster's units.</source>
   <translation>Raster moins référence, pour chaque bande, dans les unités du raster.</translation>
  </message>
  <message>
   <source>SSIM map</source>
   <translation>Carte SSIM</translation>
  </message>
  <message>
   <source>Structural similarity around each pixel, for each band.</source>
   <translation>Similarité structurelle autour de chaque pixel, pour chaque bande.</translation>
  </message>
  <message>
   <source>Improvement and wrong detail</source>
   <translation>Amélioration et faux détail</translation>
  </message>
  <message>
   <source>Three bands from 0 to 1: how far each pixel was improved over bicubic, lacks detail of the reference, or shows detail that is not in the reference. Needs a reference and the low-resolution input.</source>
   <translation>Trois bandes de 0 à 1 : à quel point chaque pixel est amélioré par rapport au bicubique, manque du détail de la référence, ou montre du détail absent de la référence. Demande une référence et l'entrée à basse résolution.</translation>
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
   <source>Grain: noise on flat ground, bicubic is 1</source>
   <translation>Grain : bruit sur les surfaces unies, bicubique vaut 1</translation>
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
   <translation>exactitude</translation>
  </message>
  <message>
   <source>fidelity</source>
   <translation>fidélité</translation>
  </message>
 </context>
 <context>
  <name>SuperResolve</name>
  <message>
   <source>A shipped model or one in your models folder; the description above says what each is for. In scripts and on the command line, give its id, for example any-x2, not its number.</source>
   <translation>Un modèle fourni ou un modèle de son propre dossier de modèles ; la description ci-dessus dit à quoi chacun sert. Dans les scripts et en ligne de commande, indiquer son identifiant, par exemple any-x2, non son numéro.</translation>
  </message>
  <message>
   <source>Bands to super-resolve, in this order. Empty: all. If a model needs certain bands, they are found by name or wavelength.</source>
   <translation>Bandes à super-résoudre, dans cet ordre. Vide : toutes. Si un modèle demande certaines bandes, elles sont trouvées par nom ou longueur d'onde.</translation>
  </message>
  <message>
   <source>Part of the raster to super-resolve, in any CRS, enlarged to whole pixels. Required for web maps.</source>
   <translation>Partie du raster à super-résoudre, dans un SCR quelconque, agrandie aux pixels entiers. Obligatoire pour les cartes web.</translation>
  </message>
  <message>
   <source>Batch size (tiles)</source>
   <translation>Taille de lot (tuiles)</translation>
  </message>
  <message>
   <source>Number of tiles that the network computes at a time. Empty: chosen by device. It is halved if memory runs out.</source>
   <translation>Nombre de tuiles que le réseau calcule à la fois. Vide : choisi selon le périphérique. Il est divisé par deux si la mémoire vient à manquer.</translation>
  </message>
  <message>
   <source>Keeps finished tiles next to the output during the run. A later run with the same input, model and settings continues from them. Needs twice the disk space.</source>
   <translation>Garde les tuiles terminées à côté de la sortie pendant l'exécution. Une exécution ultérieure avec la même entrée, le même modèle et les mêmes paramètres les reprend. Demande deux fois plus d'espace disque.</translation>
  </message>
  <message>
   <source>Pixel size of a web map</source>
   <translation>Taille de pixel d'une carte web</translation>
  </message>
  <message>
   <source>Only for web maps: the map is fetched with pixels of this size, in map units, and then super-resolved. Empty: the finest zoom level with at most 2048 pixels along the longer side of the extent. A coverage (WCS) is fetched in its own pixels.</source>
   <translation>Seulement pour les cartes web : la carte est téléchargée avec des pixels de cette taille, en unités de carte, puis super-résolue. Vide : le niveau de zoom le plus fin qui a au plus 2048 pixels le long du plus grand côté de l'emprise. Une couverture (WCS) est téléchargée avec ses propres pixels.</translation>
  </message>
  <message>
   <source>How good the result is: consistency with its input, seams, clipped values. With a reference, the whole similarity report.</source>
   <translation>Ce que vaut le résultat : cohérence avec son entrée, coutures, valeurs tronquées. Avec une référence, le rapport de similarité entier.</translation>
  </message>
  <message>
   <source>Reference raster for the report</source>
   <translation>Raster de référence pour le rapport</translation>
  </message>
  <message>
   <source>A raster on the grid of the result that is taken as the truth, to test a model. Used only for the report.</source>
   <translation>Un raster sur la grille du résultat, pris comme vérité pour tester un modèle. Utilisé seulement pour le rapport.</translation>
  </message>
  <message>
   <source>Bicubic enlargement</source>
   <translation>Agrandissement bicubique</translation>
  </message>
  <message>
   <source>The same raster enlarged without a network, on the same grid: lay one over the other and swipe.</source>
   <translation>Le même raster agrandi sans réseau, sur la même grille : à superposer et à comparer par balayage.</translation>
  </message>
  <message>
   <source>Map of doubt</source>
   <translation>Carte de doute</translation>
  </message>
  <message>
   <source>How uncertain each pixel is, in the unit of the input: the standard deviation of the model's eight answers to the flipped and turned image, times a factor in the model's card that was measured where the truth is known. The log and the report say how often the error lay within one and two of these, or that the card has no factor: then the true error is usually several times larger. What all eight answers get wrong does not show. The log and an output (UNCERTAIN_PLACES) name the ten most doubtful places. It takes eight times the time of the run itself.</source>
   <translation>L'incertitude de chaque pixel, dans l'unité de l'entrée : l'écart-type des huit réponses du modèle à l'image retournée et tournée, multiplié par un facteur de la fiche du modèle, mesuré là où la vérité est connue. Le journal et le rapport disent combien de fois l'erreur était inférieure à une et à deux de ces valeurs, ou que la fiche n'a pas de facteur : la vraie erreur est alors en général plusieurs fois plus grande. Ce que les huit réponses ont de faux ne se voit pas. Le journal et une sortie (UNCERTAIN_PLACES) nomment les dix endroits les plus douteux. Cela prend huit fois le temps de l'exécution elle-même.</translation>
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
   <translation>superrésolution</translation>
  </message>
  <message>
   <source>upscale</source>
   <translation>augmenter la résolution</translation>
  </message>
  <message>
   <source>upsample</source>
   <translation>suréchantillonner</translation>
  </message>
  <message>
   <source>upsampling</source>
   <translation>suréchantillonnage</translation>
  </message>
  <message>
   <source>enhance</source>
   <translation>améliorer</translation>
  </message>
  <message>
   <source>enlarge</source>
   <translation>agrandir</translation>
  </message>
  <message>
   <source>zoom</source>
   <translation>zoom</translation>
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
   <translation>défloutage</translation>
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
   <source>A layer of tiles in EPSG:3857 (Web Mercator), or a file of such tiles. In scripts, a folder or a template is taken too. PMTiles of pictures need GDAL 3.14 or newer: convert them to MBTiles for an older one.</source>
   <translation>Une couche de tuiles en EPSG:3857 (Web Mercator), ou un fichier de telles tuiles. Dans les scripts, un dossier ou un modèle d'adresse est accepté aussi. Les PMTiles d'images demandent GDAL 3.14 ou plus récent ; avec un plus ancien, convertissez-les en MBTiles.</translation>
  </message>
  <message>
   <source>Folder or template of tiles (instead of the layer)</source>
   <translation>Dossier ou modèle d'adresse de tuiles (au lieu de la couche)</translation>
  </message>
  <message>
   <source>A folder with {z}/{x}/{y}.png, .jpg or .webp, or a template such as folder/{z}/{x}/{y}@2x.png or https://host/{z}/{x}/{y}.png. {-y} counts rows from the south (TMS).</source>
   <translation>Un dossier avec {z}/{x}/{y}.png, .jpg ou .webp, ou un modèle comme folder/{z}/{x}/{y}@2x.png ou https://host/{z}/{x}/{y}.png. {-y} compte les lignes depuis le sud (TMS).</translation>
  </message>
  <message>
   <source>A model that makes colours finer by a factor of 2 (one zoom level) or 4 (two). In scripts and on the command line, give its id.</source>
   <translation>Un modèle qui affine les couleurs d'un facteur 2 (un niveau de zoom) ou 4 (deux). Dans les scripts et en ligne de commande, indiquer son identifiant.</translation>
  </message>
  <message>
   <source>Extent (empty: all tiles)</source>
   <translation>Emprise (vide : tout)</translation>
  </message>
  <message>
   <source>Part of the tiles, in any CRS, enlarged to whole tiles. Required for web maps.</source>
   <translation>Partie des tuiles, dans un SCR quelconque, agrandie aux tuiles entières. Obligatoire pour les cartes web.</translation>
  </message>
  <message>
   <source>First zoom level of the output</source>
   <translation>Premier niveau de zoom</translation>
  </message>
  <message>
   <source>Empty: the last one (ZOOM_MAX), that is one level. Levels that the source has already are copied.</source>
   <translation>Vide : le dernier (ZOOM_MAX), donc un seul niveau. Les niveaux que la source a déjà sont copiés.</translation>
  </message>
  <message>
   <source>Last zoom level of the output</source>
   <translation>Dernier niveau de zoom</translation>
  </message>
  <message>
   <source>Empty: the deepest that the model makes of the tiles. Required where only the server knows which levels there are.</source>
   <translation>Vide : le plus profond que le modèle tire des tuiles. Obligatoire là où seul le serveur sait quels niveaux existent.</translation>
  </message>
  <message>
   <source>Packing</source>
   <translation>Assemblage</translation>
  </message>
  <message>
   <source>next zoom: tiles of the same size, one level deeper (four times the tiles). retina: tiles of twice the pixels (@2x) of the same level.</source>
   <translation>next zoom : tuiles de même taille, un niveau plus profond (quatre fois plus de tuiles). retina : tuiles de deux fois plus de pixels (@2x) du même niveau.</translation>
  </message>
  <message>
   <source>Tile format</source>
   <translation>Format des tuiles</translation>
  </message>
  <message>
   <source>PNG keeps every value, JPG has no transparency (white instead), WEBP is smallest. The numbers 0, 1 and 2 of QGIS's own tools are taken too. A GeoTIFF has its own format.</source>
   <translation>PNG garde chaque valeur, JPG n'a pas de transparence (du blanc à la place), WEBP est le plus petit. Les nombres 0, 1 et 2 des outils propres à QGIS sont acceptés aussi. Un GeoTIFF a son propre format.</translation>
  </message>
  <message>
   <source>Quality (JPG and WEBP only)</source>
   <translation>Qualité (JPG et WEBP seulement)</translation>
  </message>
  <message>
   <source>1 (small files) to 100 (best pictures).</source>
   <translation>1 (petits fichiers) à 100 (meilleures images).</translation>
  </message>
  <message>
   <source>Output file</source>
   <translation>Fichier de sortie</translation>
  </message>
  <message>
   <source>An MBTiles file, or a GeoTIFF in EPSG:3857 of one level. A temporary file gives way to a folder (OUTPUT_DIRECTORY).</source>
   <translation>Un fichier MBTiles, ou un GeoTIFF en EPSG:3857 d'un seul niveau. Un fichier temporaire cède la place à un dossier (OUTPUT_DIRECTORY).</translation>
  </message>
  <message>
   <source>Output folder</source>
   <translation>Dossier de sortie</translation>
  </message>
  <message>
   <source>A folder for tiles {z}/{x}/{y}; a file tiles.json (TileJSON) describes them. Levels that the folder has already are replaced, other files stay. It can be the folder of the input.</source>
   <translation>Un dossier pour des tuiles {z}/{x}/{y} ; un fichier tiles.json (TileJSON) les décrit. Les niveaux que le dossier a déjà sont remplacés, les autres fichiers restent. Ce peut être le dossier de l'entrée.</translation>
  </message>
  <message>
   <source>Rows of the output folder count from the south (TMS)</source>
   <translation>Lignes du dossier de sortie depuis le sud (TMS)</translation>
  </message>
  <message>
   <source>MBTiles count them so in any case.</source>
   <translation>MBTiles les compte ainsi dans tous les cas.</translation>
  </message>
  <message>
   <source>Rows of the input folder count from the south (TMS)</source>
   <translation>Lignes du dossier d'entrée depuis le sud (TMS)</translation>
  </message>
  <message>
   <source>For folders and templates. A folder whose tilemapresource.xml or tiles.json says so is known to be one. MBTiles count them so in any case.</source>
   <translation>Pour les dossiers et les modèles d'adresse. Un dossier dont le tilemapresource.xml ou le tiles.json l'indique est reconnu comme tel. MBTiles les compte ainsi dans tous les cas.</translation>
  </message>
  <message>
   <source>Keeps finished tiles next to the output during the run. A later run with the same input, model and settings continues from them. Not for a GeoTIFF.</source>
   <translation>Garde les tuiles terminées à côté de la sortie pendant l'exécution. Une exécution ultérieure avec la même entrée, le même modèle et les mêmes paramètres les reprend. Pas pour un GeoTIFF.</translation>
  </message>
  <message>
   <source>Add the tiles to the project</source>
   <translation>Ajouter les tuiles au projet</translation>
  </message>
  <message>
   <source>As a layer, once they are whole.</source>
   <translation>Comme couche, une fois complètes.</translation>
  </message>
  <message>
   <source>Attribution (HTML)</source>
   <translation>Mention de la source (HTML)</translation>
  </message>
  <message>
   <source>Whom to attribute the tiles to, kept with them. Empty: that of the input.</source>
   <translation>À qui attribuer les tuiles, conservé avec elles. Vide : comme pour l'entrée.</translation>
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
   <translation>niveau de zoom</translation>
  </message>
  <message>
   <source>tiles</source>
   <translation>tuiles</translation>
  </message>
  <message>
   <source>A layer of tiles in EPSG:3857 (Web Mercator), or a file of such tiles. In scripts, a folder or a template is taken too. PMTiles needs a GDAL that reads those of pictures.</source>
   <translation type="vanished">Une couche de tuiles en EPSG:3857 (Web Mercator), ou un fichier de telles tuiles. Dans les scripts, un dossier ou un modèle d'adresse est accepté aussi. PMTiles demande un GDAL qui lit ceux d'images.</translation>
  </message>
 </context>
 <context>
  <name>TimeSeries</name>
  <message>
   <source>Scenes (folder, list or scene)</source>
   <translation>Scènes (dossier, liste ou scène)</translation>
  </message>
  <message>
   <source>A folder of products (Landsat folders and tars, .SAFE folders and zips) and of rasters with dates and names of bands, at any depth; or a text file with a path a line. Several are separated by semicolons.</source>
   <translation>Un dossier de produits (dossiers et tars Landsat, dossiers et zips .SAFE) et de rasters ayant une date et des noms de bandes, à toute profondeur ; ou un fichier texte avec un chemin par ligne. En séparer plusieurs par des points-virgules.</translation>
  </message>
  <message>
   <source>Extent (empty: the whole scene)</source>
   <translation>Emprise (vide : scène entière)</translation>
  </message>
  <message>
   <source>Of the series, grown to whole pixels. Empty: that of the scene that gives the grid.</source>
   <translation>De la série, agrandie aux pixels entiers. Vide : celle de la scène qui donne la grille.</translation>
  </message>
  <message>
   <source>Sentinel-2 reference</source>
   <translation>Référence Sentinel-2</translation>
  </message>
  <message>
   <source>A product, or a raster with names of bands. It gives the grid, and all Landsat dates are moved onto and fitted to it. Empty: the first Sentinel-2 date with 10 m pixels gives the grid, else multiples of 10 m in the first scene's zone of UTM.</source>
   <translation>Un produit, ou un raster avec noms de bandes. Elle donne la grille, et toutes les dates Landsat sont recalées et ajustées sur elle. Vide : la première date Sentinel-2 à pixels de 10 m donne la grille, sinon des multiples de 10 m dans la zone UTM de la première scène.</translation>
  </message>
  <message>
   <source>Most days between dates that are compared</source>
   <translation>Écart maximal entre dates comparées (jours)</translation>
  </message>
  <message>
   <source>Of neighbouring dates of different sensors. What changes in these days is in the numbers.</source>
   <translation>Entre dates voisines de capteurs différents. Ce qui change pendant ces jours est dans les nombres.</translation>
  </message>
  <message>
   <source>Use Landsat's panchromatic band</source>
   <translation>Utiliser la bande panchromatique de Landsat</translation>
  </message>
  <message>
   <source>Dates of level 1, whose folders hold band 8, are pan-sharpened first, as by PAN of Harmonise Landsat at 10 m; the others are made as without.</source>
   <translation>Les dates de niveau 1, dont les dossiers contiennent la bande 8, sont d’abord affinées par celle-ci, comme avec PAN d’« Harmoniser Landsat à 10 m » ; les autres sont faites comme sans.</translation>
  </message>
  <message>
   <source>Load the layers into the project</source>
   <translation>Charger les couches dans le projet</translation>
  </message>
  <message>
   <source>As a group, when the algorithm runs in its window. Scripts and qgis_process load nothing.</source>
   <translation>Comme groupe, quand l'algorithme s'exécute dans sa fenêtre. Les scripts et qgis_process ne chargent rien.</translation>
  </message>
  <message>
   <source>Folder of the series</source>
   <translation>Dossier de la série</translation>
  </message>
  <message>
   <source>Holds a raster for each date, the tables, the report, and the layers as a group (series.qlr).</source>
   <translation>Contient un raster par date, les tables, le rapport et les couches comme groupe (series.qlr).</translation>
  </message>
  <message>
   <source>Number of scenes</source>
   <translation>Nombre de scènes</translation>
  </message>
  <message>
   <source>Dates that are on the grid</source>
   <translation>Dates qui sont sur la grille</translation>
  </message>
  <message>
   <source>Dates that have failed</source>
   <translation>Dates en échec</translation>
  </message>
  <message>
   <source>Pairs of dates that were compared</source>
   <translation>Paires de dates comparées</translation>
  </message>
  <message>
   <source>Table of agreement (CSV)</source>
   <translation>Table de concordance (CSV)</translation>
  </message>
  <message>
   <source>Table of dates (CSV)</source>
   <translation>Table des dates (CSV)</translation>
  </message>
  <message>
   <source>Layers (QGIS layer definition)</source>
   <translation>Couches (définition de couche QGIS)</translation>
  </message>
  <message>
   <source>Time series at 10 m</source>
   <translation>Série temporelle à 10 m</translation>
  </message>
  <message>
   <source>Brings Landsat and Copernicus scenes of many dates onto one 10 m grid and compares neighbouring dates.</source>
   <translation>Amène des scènes Landsat et Copernicus de nombreuses dates sur une même grille de 10 m et compare les dates voisines.</translation>
  </message>
  <message>
   <source>Landsat 8 and 9 (Collection 2) and Sentinel-2 scenes of one place and many dates become one raster a date, all on the same 10 m grid, with the same bands and the same numbers: reflectance times 10000, 0 for nodata. Clouds are nodata. Landsat's dates are harmonised as by 'Harmonise Landsat at 10 m', whose parameters these are. Sentinel-2's dates are read, and warped where they lie on another grid; their 20 m bands are interpolated ('Sentinel-2 at 10 m' sharpens them; give its results as rasters then).

Each Landsat date is moved onto, and where the radiometry asks for it fitted to, the Sentinel-2 date nearest to it, or the reference that you give.

The output folder gets a raster a date, named by day and sensor, dates.csv, agreement.csv and report.html: how neighbouring dates of the two sensors agree, band by band and as NDVI; and series.qlr, the dated layers as a group, which QGIS's temporal controller plays. Drag it into a project, or let this window load them.

Run it again with the same folder when there are new scenes: dates that are there are not made again. A broken scene fails alone; dates.csv says why.</source>
   <translation>Des scènes Landsat 8 et 9 (Collection 2) et Sentinel-2 d'un même lieu et de nombreuses dates deviennent un raster par date, tous sur la même grille de 10 m, avec les mêmes bandes et les mêmes valeurs : réflectance fois 10000, 0 pour nodata. Les nuages sont nodata. Les dates Landsat sont harmonisées comme par 'Harmoniser Landsat à 10 m', dont ce sont les paramètres. Les dates Sentinel-2 sont lues, et reprojetées si elles sont sur une autre grille ; leurs bandes à 20 m sont interpolées ('Sentinel-2 à 10 m' les affine ; indiquer alors ses résultats comme rasters).

Chaque date Landsat est recalée sur la date Sentinel-2 la plus proche, ou sur la référence indiquée, et, là où la radiométrie le demande, ajustée à elle.

Le dossier de sortie reçoit un raster par date, nommé d'après le jour et le capteur, dates.csv, agreement.csv et report.html : comment concordent les dates voisines des deux capteurs, bande par bande et en NDVI ; et series.qlr, les couches datées comme groupe, que joue le contrôleur temporel de QGIS. Le glisser dans un projet, ou laisser cette fenêtre charger les couches.

Relancer l'algorithme avec le même dossier quand il y a de nouvelles scènes : les dates déjà présentes ne sont pas refaites. Une scène défectueuse échoue seule ; dates.csv dit pourquoi.</translation>
  </message>
  <message>
   <source>time series</source>
   <translation>série temporelle</translation>
  </message>
  <message>
   <source>timeseries</source>
   <translation>séries temporelles</translation>
  </message>
  <message>
   <source>temporal</source>
   <translation>temporel</translation>
  </message>
  <message>
   <source>stack</source>
   <translation>pile</translation>
  </message>
  <message>
   <source>many dates</source>
   <translation>plusieurs dates</translation>
  </message>
  <message>
   <source>data cube</source>
   <translation>cube de données</translation>
  </message>
 </context>
 <context>
  <name>TrainModel</name>
  <message>
   <source>A folder made by Prepare training data (srsat:preparetrainingdata).</source>
   <translation>Un dossier fait par Préparer des données d'entraînement (srsat:preparetrainingdata).</translation>
  </message>
  <message>
   <source>The description above says what each is for. If you train a model further, its network is used instead.</source>
   <translation>La description ci-dessus dit à quoi chacun sert. Si on poursuit l'entraînement d'un modèle, c'est son réseau qui est utilisé.</translation>
  </message>
  <message>
   <source>Size of the network</source>
   <translation>Taille du réseau</translation>
  </message>
  <message>
   <source>A larger network learns more and takes longer, both for training and later use.</source>
   <translation>Un réseau plus grand apprend plus et prend plus de temps, à l'entraînement comme à l'usage.</translation>
  </message>
  <message>
   <source>Empty: that of the image pairs, or 2 if the low-resolution images are made from the high-resolution ones.</source>
   <translation>Vide : celui des paires d'images, ou 2 si les images à basse résolution sont faites à partir de celles à haute résolution.</translation>
  </message>
  <message>
   <source>Loss</source>
   <translation>Fonction de perte</translation>
  </message>
  <message>
   <source>What the training minimises. The description above says how each affects the result.</source>
   <translation>Ce que l'entraînement minimise. La description ci-dessus dit comment chacune influe sur le résultat.</translation>
  </message>
  <message>
   <source>Base model to train further</source>
   <translation>Modèle de base à poursuivre</translation>
  </message>
  <message>
   <source>Starts from this model instead of a new network. This is better if there is little data.</source>
   <translation>Part de ce modèle au lieu d'un nouveau réseau. C'est mieux s'il y a peu de données.</translation>
  </message>
  <message>
   <source>Base model file (used instead of the base model above)</source>
   <translation>Fichier du modèle de base (au lieu du modèle ci-dessus)</translation>
  </message>
  <message>
   <source>The model.onnx in the folder of a model that this trainer made, with its card next to it.</source>
   <translation>Le model.onnx du dossier d'un modèle fait par cet entraîneur, avec sa fiche à côté.</translation>
  </message>
  <message>
   <source>Use all bands together</source>
   <translation>Utiliser toutes les bandes ensemble</translation>
  </message>
  <message>
   <source>The network then takes exactly the bands of the training data, and can use one band for another. Otherwise it is applied to each band separately, and the model works for any bands.</source>
   <translation>Le réseau prend alors exactement les bandes des données d'entraînement, et peut se servir d'une bande pour une autre. Sinon il est appliqué à chaque bande séparément, et le modèle convient à toutes les bandes.</translation>
  </message>
  <message>
   <source>Recipe file (replaces the settings of network and training)</source>
   <translation>Fichier de recette (remplace les paramètres)</translation>
  </message>
  <message>
   <source>A recipe with all settings of the trainer. It is used as it is: network, size, scale, loss, duration, learning rate and seed in this dialog are ignored.</source>
   <translation>Une recette avec tous les paramètres de l'entraîneur. Elle est utilisée telle quelle : réseau, taille, échelle, perte, durée, taux d'apprentissage et graine de cette fenêtre sont ignorés.</translation>
  </message>
  <message>
   <source>Training time (minutes)</source>
   <translation>Durée (minutes)</translation>
  </message>
  <message>
   <source>Empty, with epochs also empty: 30 minutes.</source>
   <translation>Vide, si les époques sont vides aussi : 30 minutes.</translation>
  </message>
  <message>
   <source>Training length (epochs; instead of minutes)</source>
   <translation>Durée (époques ; au lieu de minutes)</translation>
  </message>
  <message>
   <source>Passes over the training patches: the same on any machine.</source>
   <translation>Passages sur les imagettes d'entraînement : les mêmes sur toute machine.</translation>
  </message>
  <message>
   <source>Learning rate (empty: automatic)</source>
   <translation>Taux d'apprentissage (vide : automatique)</translation>
  </message>
  <message>
   <source>If empty, the trainer finds one with a short test run.</source>
   <translation>S'il est vide, l'entraîneur en trouve un par un court essai.</translation>
  </message>
  <message>
   <source>Early stopping (validations without improvement)</source>
   <translation>Arrêt anticipé (validations sans amélioration)</translation>
  </message>
  <message>
   <source>0: no early stopping. The best weights seen during training are exported in any case; with adversarial losses, the last ones.</source>
   <translation>0 : pas d'arrêt anticipé. Les meilleurs poids rencontrés pendant l'entraînement sont exportés dans tous les cas ; avec des pertes antagonistes, les derniers.</translation>
  </message>
  <message>
   <source>auto: an NVIDIA graphics card if PyTorch can use one, else the processor.</source>
   <translation>auto : une carte graphique NVIDIA si PyTorch peut en utiliser une, sinon le processeur.</translation>
  </message>
  <message>
   <source>Random seed</source>
   <translation>Graine aléatoire</translation>
  </message>
  <message>
   <source>The same data, settings, seed and machine give the same model if the length is given in epochs.</source>
   <translation>Les mêmes données, paramètres, graine et machine donnent le même modèle si la durée est donnée en époques.</translation>
  </message>
  <message>
   <source>Continues the run in the folder below (OUTPUT_FOLDER), with the settings that it was started with.</source>
   <translation>Poursuit l'exécution du dossier ci-dessous (OUTPUT_FOLDER), avec les paramètres avec lesquels elle a été lancée.</translation>
  </message>
  <message>
   <source>Folder of the run</source>
   <translation>Dossier de l'exécution</translation>
  </message>
  <message>
   <source>Checkpoints, metrics, curves, the report and the recipe. Name a folder to be able to resume: QGIS deletes a temporary one when it closes. The model itself is copied to your models folder.</source>
   <translation>Points de reprise, mesures, courbes, le rapport et la recette. Nommer un dossier pour pouvoir reprendre : QGIS supprime un dossier temporaire à sa fermeture. Le modèle lui-même est copié dans le dossier de ses propres modèles.</translation>
  </message>
  <message>
   <source>PSNR gain over bicubic on validation patches (dB)</source>
   <translation>Gain de PSNR sur le bicubique, imagettes de validation (dB)</translation>
  </message>
  <message>
   <source>PSNR on validation patches (dB)</source>
   <translation>PSNR sur les imagettes de validation (dB)</translation>
  </message>
  <message>
   <source>PSNR of bicubic on the same patches (dB)</source>
   <translation>PSNR du bicubique sur les mêmes imagettes (dB)</translation>
  </message>
  <message>
   <source>Number of training steps</source>
   <translation>Nombre de pas d'entraînement</translation>
  </message>
  <message>
   <source>Training report</source>
   <translation>Rapport d'entraînement</translation>
  </message>
  <message>
   <source>Training curves (PNG)</source>
   <translation>Courbes d'entraînement (PNG)</translation>
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
   <translation>Entraîne un modèle de super-résolution sur des imagettes de ses propres rasters (faites par Préparer des données d'entraînement), ou poursuit sur elles l'entraînement d'un modèle fourni. Le modèle fini est aussitôt dans toutes les listes de modèles. Sa fiche dit sur quoi il a été entraîné et quelle qualité a été mesurée.

L'entraîneur s'exécute dans un processus séparé avec son propre environnement PyTorch. Installer les dépendances crée cet environnement une fois ('Installer aussi l'entraîneur', TRAINING). Le journal montre la perte, le PSNR sur les imagettes de validation à côté du bicubique, et le temps restant. Annuler garde un point de reprise ; 'Reprendre une exécution interrompue' (RESUME) avec le même dossier continue exactement de là.</translation>
  </message>
  <message>
   <source>Losses:</source>
   <translation>Fonctions de perte :</translation>
  </message>
  <message>
   <source>train</source>
   <translation>entraîner</translation>
  </message>
  <message>
   <source>retrain</source>
   <translation>réentraîner</translation>
  </message>
  <message>
   <source>fine-tune</source>
   <translation>affinage d'un modèle</translation>
  </message>
  <message>
   <source>learn</source>
   <translation>apprendre</translation>
  </message>
  <message>
   <source>network</source>
   <translation>réseau</translation>
  </message>
  <message>
   <source>recipe</source>
   <translation>recette</translation>
  </message>
  <message>
   <source>0: no early stopping. The best weights seen during training are exported in any case.</source>
   <translation type="vanished">0 : pas d'arrêt anticipé. Les meilleurs poids rencontrés pendant l'entraînement sont exportés dans tous les cas.</translation>
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
   <translation>Tout raster que QGIS sait ouvrir, ou une carte web. Les rasters à table de couleurs sont refusés.</translation>
  </message>
  <message>
   <source>Model</source>
   <translation>Modèle</translation>
  </message>
  <message>
   <source>Model file (used instead of the model above)</source>
   <translation>Fichier du modèle (au lieu du modèle ci-dessus)</translation>
  </message>
  <message>
   <source>An ONNX file from any folder. If it has no model card and no metadata, its scale, bands and tile sizes are found by running it.</source>
   <translation>Un fichier ONNX d'un dossier quelconque. S'il n'a ni fiche de modèle ni métadonnées, son échelle, ses bandes et ses tailles de tuile sont trouvées en l'exécutant.</translation>
  </message>
  <message>
   <source>Bands (none selected: all)</source>
   <translation>Bandes (aucune : toutes)</translation>
  </message>
  <message>
   <source>Extent (empty: whole raster)</source>
   <translation>Emprise (vide : raster entier)</translation>
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
   <translation>auto : une carte graphique NVIDIA si elle fonctionne, sinon le processeur ; le journal dit lequel et pourquoi. cuda : la carte graphique, ou une erreur. cpu : le processeur.</translation>
  </message>
  <message>
   <source>Tile size (input pixels)</source>
   <translation>Taille des tuiles (pixels d'entrée)</translation>
  </message>
  <message>
   <source>Side length of the tiles that are computed at a time. Empty: the model's own. It changes memory use and speed, not the result.</source>
   <translation>Côté des tuiles calculées à la fois. Vide : celui du modèle. Il change l'usage de mémoire et la vitesse, non le résultat.</translation>
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
   <translation>Les valeurs sont arrondies et tronquées à ce type une seule fois, à la fin. Elles ne sont jamais remises à l'échelle.</translation>
  </message>
  <message>
   <source>Nodata value of the input</source>
   <translation>Valeur nodata de l'entrée</translation>
  </message>
  <message>
   <source>Pixels with this value are nodata. It replaces the nodata value that the raster declares.</source>
   <translation>Les pixels ayant cette valeur sont nodata. Elle remplace la valeur nodata que déclare le raster.</translation>
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
   <translation>Ce que la sortie doit redonner quand elle est dégradée à la résolution de l'entrée. model : l'entrée, si elle est dégradée avec le flou mesuré dans celle-ci, pour autant que son bruit n'explique pas la différence. area : l'entrée, si la sortie est moyennée sur chaque pixel d'entrée ; à utiliser pour la température, les indices et d'autres grandeurs dont les moyennes ne doivent pas changer. off : la sortie du réseau n'est pas corrigée.</translation>
  </message>
  <message>
   <source>Blur of the input (pixels; empty: measured)</source>
   <translation>Flou de l'entrée (pixels ; vide : mesuré)</translation>
  </message>
  <message>
   <source>Standard deviation of the blur in pixels of the input, one number or one for each band, separated by commas; usually 0.3 to 0.8. A smaller value makes the result softer. Empty: measured in the raster; the log says what was found. Raster information measures it too.</source>
   <translation>Écart-type du flou en pixels de l'entrée, un nombre ou un par bande, séparés par des virgules ; en général de 0,3 à 0,8. Une valeur plus petite rend le résultat plus doux. Vide : mesuré dans le raster ; le journal dit ce qui a été trouvé. Informations sur le raster le mesure aussi.</translation>
  </message>
  <message>
   <source>Noise of the input (empty: measured)</source>
   <translation>Bruit de l'entrée (vide : mesuré)</translation>
  </message>
  <message>
   <source>Standard deviation of the noise in the unit of the input, one number or one for each band, separated by commas. A larger value makes the result cleaner and softer. It has an effect only with models that are told the noise. Empty: measured in the raster.</source>
   <translation>Écart-type du bruit dans l'unité de l'entrée, un nombre ou un par bande, séparés par des virgules. Une valeur plus grande rend le résultat plus propre et plus doux. N'agit que pour les modèles qui reçoivent le bruit. Vide : mesuré dans le raster.</translation>
  </message>
  <message>
   <source>Strength of the added detail</source>
   <translation>Intensité du détail ajouté</translation>
  </message>
  <message>
   <source>1: all the detail that the model adds. 0: none, which is a bicubic enlargement.</source>
   <translation>1 : tout le détail que le modèle ajoute. 0 : aucun, c'est un agrandissement bicubique.</translation>
  </message>
  <message>
   <source>The faster one, if it is right</source>
   <translation>La plus rapide, si elle est juste</translation>
  </message>
  <message>
   <source>Floats</source>
   <translation>Nombres à virgule flottante</translation>
  </message>
  <message>
   <source>8-bit integers, or an error</source>
   <translation>Entiers de 8 bits, ou une erreur</translation>
  </message>
  <message>
   <source>Arithmetic of the model</source>
   <translation>Arithmétique du modèle</translation>
  </message>
  <message>
   <source>auto: 8-bit integers if the model has that form, the processor is faster with it and the raster holds whole numbers or temperatures; else floats. The log says which one and why. float32: always floats. int8: 8-bit integers, or an error. The card of a model says what the 8-bit form loses.</source>
   <translation>auto : entiers de 8 bits si le modèle a cette forme, si le processeur est plus rapide avec elle et si le raster contient des nombres entiers ou des températures ; sinon nombres à virgule flottante. Le journal dit lesquels et pourquoi. float32 : toujours en virgule flottante. int8 : entiers de 8 bits, ou une erreur. La fiche d'un modèle dit ce que perd la forme à 8 bits.</translation>
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
   <translation>Des fichiers .tif. auto : un GeoTIFF, avec aperçus si un côté dépasse 4096 pixels, pour un affichage rapide. gtiff : un GeoTIFF sans aperçus. cog : un GeoTIFF optimisé pour le cloud avec aperçus, pour les serveurs et le stockage d'objets ; les options de création sont alors celles du pilote COG de GDAL.</translation>
  </message>
  <message>
   <source>Creation options (GDAL)</source>
   <translation>Options de création (GDAL)</translation>
  </message>
  <message>
   <source>KEY=VALUE options of the output's GDAL driver, separated by |, for example COMPRESS=ZSTD|PREDICTOR=2.</source>
   <translation>Options KEY=VALUE du pilote GDAL de la sortie, séparées par |, par exemple COMPRESS=ZSTD|PREDICTOR=2.</translation>
  </message>
  <message>
   <source>Model file without a card: scale factor</source>
   <translation>Fichier de modèle sans fiche : facteur d'échelle</translation>
  </message>
  <message>
   <source>Output pixels per input pixel. It is found by running the model; if you give it, a model of another scale is refused.</source>
   <translation>Pixels de sortie par pixel d'entrée. Trouvé en exécutant le modèle ; s'il est indiqué, un modèle d'un autre facteur est refusé.</translation>
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
   <translation>Cela ne peut pas être trouvé en exécutant le modèle. dn : comptes numériques tels que stockés dans le raster. unit : valeurs de 0 à 1 ; le paramètre ci-dessous (VALUE_RANGE) dit à quels comptes numériques elles correspondent.</translation>
  </message>
  <message>
   <source>Model file without a card: digital numbers for 0 and 1</source>
   <translation>Fichier de modèle sans fiche : comptes numériques pour 0 et 1</translation>
  </message>
  <message>
   <source>Only for input values 'unit' (VALUE_SCALE): the digital numbers that the model takes as 0 and 1, for example 0 and 10000 for Sentinel-2 reflectance. Empty: the range of the raster's data type (0 and 255 for 8 bits, 0 and 65535 for 16 bits, 0 and 1 for floats).</source>
   <translation>Seulement pour les valeurs d'entrée 'unit' (VALUE_SCALE) : les comptes numériques que le modèle prend pour 0 et 1, par exemple 0 et 10000 pour la réflectance Sentinel-2. Vide : l'étendue du type de données du raster (0 et 255 pour 8 bits, 0 et 65535 pour 16 bits, 0 et 1 pour la virgule flottante).</translation>
  </message>
  <message>
   <source>Super-resolved raster</source>
   <translation>Raster super-résolu</translation>
  </message>
  <message>
   <source>A GeoTIFF, or another format that GDAL can write, chosen by the file extension.</source>
   <translation>Un GeoTIFF, ou un autre format que GDAL sait écrire, choisi par l'extension du fichier.</translation>
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
   <translation>srsat</translation>
  </message>
  <message>
   <source>deep learning</source>
   <translation>apprentissage profond</translation>
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
   <translation>sentinel-2</translation>
  </message>
  <message>
   <source>landsat</source>
   <translation>landsat</translation>
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
   <translation>onnx</translation>
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
   <source>10 m, the pixels of the scene's finest bands</source>
   <translation>10 m, les pixels des bandes les plus fines de la scène</translation>
  </message>
  <message>
   <source>5 m, all bands also through the model any-x2</source>
   <translation>5 m, toutes les bandes aussi par le modèle any-x2</translation>
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
   <source>Network that sharpens (GAN)</source>
   <translation>Réseau qui affine (GAN)</translation>
  </message>
  <message>
   <source>Texture of Sentinel-2 (GAN)</source>
   <translation>Texture de Sentinel-2 (GAN)</translation>
  </message>
  <message>
   <source>Network and texture (GAN)</source>
   <translation>Réseau et texture (GAN)</translation>
  </message>
  <message>
   <source>Method</source>
   <translation>Méthode</translation>
  </message>
  <message>
   <source>How the bands come to 10 m; see above. highpass needs a reference.</source>
   <translation>Comment les bandes passent à 10 m ; voir ci-dessus. highpass demande une référence.</translation>
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
   <source>Radiometry</source>
   <translation>Radiométrie</translation>
  </message>
  <message>
   <source>How reflectance becomes Sentinel-2's. Coefficients of one level are refused on the other.</source>
   <translation>Comment la réflectance devient celle de Sentinel-2. Les coefficients d'un niveau sont refusés pour l'autre.</translation>
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
   <source>Which band of Sentinel-2 Landsat's band 5 becomes. hls-* have coefficients for B8A, chastain-toa for B8.</source>
   <translation>Quelle bande de Sentinel-2 devient la bande 5 de Landsat. hls-* ont des coefficients pour B8A, chastain-toa pour B8.</translation>
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
   <source>The first of the family</source>
   <translation>Le premier de la famille</translation>
  </message>
  <message>
   <source>Model of the method</source>
   <translation>Modèle de la méthode</translation>
  </message>
  <message>
   <source>auto: the first installed model of the method's family: landsat for subpixel, landsat-deblur, landsat-style and landsat-combined for the others.</source>
   <translation>auto : le premier modèle installé de la famille de la méthode : landsat pour subpixel, landsat-deblur, landsat-style et landsat-combined pour les autres.</translation>
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
   <source>Bands</source>
   <translation>Bandes</translation>
  </message>
  <message>
   <source>Bands of the result, by Sentinel-2's names; NIR is the one chosen above. None selected: all.</source>
   <translation>Bandes du résultat, par leurs noms Sentinel-2 ; NIR est celle choisie ci-dessus. Aucune sélection : toutes.</translation>
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
   <source>Misregistration of the scene</source>
   <translation>Décalage de la scène</translation>
  </message>
  <message>
   <source>correct: measured against the reference, and the scene is moved. measure: only told. off: not measured. Up to four Landsat pixels are looked for.</source>
   <translation>correct : mesuré par rapport à la référence, et la scène est déplacée. measure : seulement signalé. off : non mesuré. Il est cherché jusqu'à quatre pixels Landsat.</translation>
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
   <source>What QA_PIXEL masks</source>
   <translation>Ce que QA_PIXEL masque</translation>
  </message>
  <message>
   <source>These pixels become nodata. none: only fill does.</source>
   <translation>Ces pixels deviennent nodata. none : seulement le remplissage.</translation>
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
   <source>BRDF</source>
   <translation>BRDF</translation>
  </message>
  <message>
   <source>c-factor: reflectance as seen from nadir under the year's mean sun of the latitude (Roy et al. 2016): by the angles of each pixel where *_SZA, *_SAA, *_VZA and *_VAA lie beside the metadata, else from the height of the sun there. Give Sentinel-2 scenes the same treatment.</source>
   <translation>c-factor : réflectance comme vue du nadir sous le soleil moyen de l'année à cette latitude (Roy et al. 2016) : d'après les angles de chaque pixel là où *_SZA, *_SAA, *_VZA et *_VAA se trouvent à côté des métadonnées, sinon d'après la hauteur du soleil qui y figure. Appliquer le même traitement aux scènes Sentinel-2.</translation>
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
   <translation>Voir l'échelle.</translation>
  </message>
  <message>
   <source>Tile size (Landsat pixels; only networks)</source>
   <translation>Taille des tuiles (pixels Landsat ; seulement réseaux)</translation>
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
   <source>harmonisation</source>
   <translation>harmonisation</translation>
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
   <source>Temperatures, by guides</source>
   <translation>Températures, par des guides</translation>
  </message>
  <message>
   <source>Landsat products like Sentinel-2</source>
   <translation>Produits Landsat comme Sentinel-2</translation>
  </message>
  <message>
   <source>archive</source>
   <translation>archive</translation>
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
   <translation>Un raster de la même zone, de même taille de pixel que le raster super-résolu, pris comme vérité.</translation>
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
   <source>Noise on flat ground, bicubic is 1</source>
   <translation>Bruit sur les surfaces unies, bicubique vaut 1</translation>
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
rmse: root mean square error; psnr: peak signal-to-noise ratio; ssim: structural similarity; uiq: universal image quality index; fsim: feature similarity; issm: hybrid of edges, entropy and SSIM; sam: spectral angle; sre: signal-to-reconstruction-error ratio; ergas: relative global error; cpsnr: PSNR at the best shift, without bias; cc: correlation coefficient; mae: mean absolute error; bias: mean difference; error_p95: error that 95 % of the values do not exceed; wasserstein: distance of the histograms; frc: resolution by Fourier ring correlation; spectrum_ratio: power of fine detail; shift_x: shift along the columns; shift_y: shift along the rows; local_shift: local misregistration; index_mae: error of spectral indices; lr_consistency: difference to the low-resolution input; lr_sam: spectral angle to the low-resolution input; lr_shift: shift against the low-resolution input; grain: noise on flat ground, bicubic is 1; overshoot: values outside the range of nearby input pixels; improvement: share of improved pixels; omission: share of pixels as in bicubic; hallucination: share of pixels with wrong detail; clipped: share of clipped values; seams: visibility of tile borders</source>
   <translation>Ce qui est calculé. Le rapport donne la définition de chaque mesure. Les mesures lentes ou expérimentales ne sont pas sélectionnées par défaut. En ligne de commande, séparer les noms par des virgules : psnr,ssim.
rmse : erreur quadratique moyenne ; psnr : rapport signal sur bruit de crête ; ssim : similarité structurelle ; uiq : indice universel de qualité d'image ; fsim : similarité de caractéristiques ; issm : combinaison de contours, entropie et SSIM ; sam : angle spectral ; sre : rapport signal sur erreur de reconstruction ; ergas : erreur globale relative ; cpsnr : PSNR au meilleur décalage, sans biais ; cc : coefficient de corrélation ; mae : erreur absolue moyenne ; bias : différence moyenne ; error_p95 : erreur que 95 % des valeurs ne dépassent pas ; wasserstein : distance des histogrammes ; frc : résolution par corrélation d'anneaux de Fourier ; spectrum_ratio : puissance du détail fin ; shift_x : décalage le long des colonnes ; shift_y : décalage le long des lignes ; local_shift : défaut de recalage local ; index_mae : erreur des indices spectraux ; lr_consistency : différence avec l'entrée à basse résolution ; lr_sam : angle spectral avec l'entrée à basse résolution ; lr_shift : décalage par rapport à l'entrée à basse résolution ; grain : bruit sur les surfaces unies, bicubique vaut 1 ; overshoot : valeurs hors de l'étendue des pixels d'entrée voisins ; improvement : part des pixels améliorés ; omission : part des pixels comme en bicubique ; hallucination : part des pixels au faux détail ; clipped : part des valeurs tronquées ; seams : visibilité des bords de tuile</translation>
  </message>
  <message>
   <source>Data range (largest minus smallest possible value)</source>
   <translation>Étendue des données (maximum moins minimum)</translation>
  </message>
  <message>
   <source>PSNR, SSIM and FSIM depend on it; the report states it. Empty: 255 for 8 bits. For other types: the range in the model's card, else the number of bits or the scale that the file declares, else 10000 for integers (reflectance), or the range of the data type if many values exceed that, else 1 for floats between about 0 and 1.</source>
   <translation>PSNR, SSIM et FSIM en dépendent ; le rapport l'indique. Vide : 255 pour 8 bits. Pour les autres types : l'étendue de la fiche du modèle, sinon le nombre de bits ou l'échelle que déclare le fichier, sinon 10000 pour des entiers (réflectance), ou l'étendue du type de données si beaucoup de valeurs la dépassent, sinon 1 pour la virgule flottante entre environ 0 et 1.</translation>
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
   <translation>Comment le raster est dégradé à la grille de son entrée à basse résolution. auto : comme noté dans le raster, sinon comme dans la fiche de son modèle, sinon la moyenne par surface. area : la moyenne sur chaque pixel à basse résolution. gaussian-area : un flou gaussien, puis la moyenne. mtf : un flou ayant la FTM donnée à la fréquence de Nyquist. sentinel-2, landsat : la FTM des bandes de ce capteur, trouvée d'après le nom de la bande.</translation>
  </message>
  <message>
   <source>Blur (low-resolution pixels) or MTF of the degradation</source>
   <translation>Flou (pixels grossiers) ou FTM de la dégradation</translation>
  </message>
  <message>
   <source>For gaussian-area: the standard deviation in low-resolution pixels. For mtf: the MTF at the Nyquist frequency, below 1.</source>
   <translation>Pour gaussian-area : l'écart-type en pixels à basse résolution. Pour mtf : la FTM à la fréquence de Nyquist, au-dessous de 1.</translation>
  </message>
  <message>
   <source>Mask raster</source>
   <translation>Raster de masque</translation>
  </message>
  <message>
   <source>A raster on the same grid. Only pixels where it is neither 0 nor nodata are measured.</source>
   <translation>Un raster sur la même grille. Seuls sont mesurés les pixels où il n'est ni 0 ni nodata.</translation>
  </message>
  <message>
   <source>Compare with bicubic</source>
   <translation>Comparer avec le bicubique</translation>
  </message>
  <message>
   <source>Also measures bicubic upsampling of the low-resolution input. Without that input, the reference is degraded by the scale in the raster's metadata and upsampled.</source>
   <translation>Mesure aussi l'agrandissement bicubique de l'entrée à basse résolution. Sans cette entrée, la référence est dégradée du facteur noté dans les métadonnées du raster, puis agrandie.</translation>
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
   <translation>refuse : s'arrêter avec un message. warp : rééchantillonner l'autre raster sur la grille ; le rapport le dit.</translation>
  </message>
  <message>
   <source>Numbers as JSON</source>
   <translation>Nombres en JSON</translation>
  </message>
  <message>
   <source>Everything in the report, for programs.</source>
   <translation>Tout le contenu du rapport, pour des programmes.</translation>
  </message>
  <message>
   <source>Numbers as CSV</source>
   <translation>Nombres en CSV</translation>
  </message>
  <message>
   <source>A table for spreadsheets.</source>
   <translation>Une table pour tableurs.</translation>
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
   <translation>PSNR</translation>
  </message>
  <message>
   <source>SSIM</source>
   <translation>SSIM</translation>
  </message>
  <message>
   <source>report</source>
   <translation>rapport</translation>
  </message>
  <message>
   <source>benchmark</source>
   <translation>banc d'essai</translation>
  </message>
  <message>
   <source>Any raster that GDAL can open. Rasters with a colour table are refused.</source>
   <translation>Tout raster que GDAL sait ouvrir. Les rasters à table de couleurs sont refusés.</translation>
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
   <translation>mtf</translation>
  </message>
  <message>
   <source>psf</source>
   <translation>psf</translation>
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
   <source>Channels for temperatures</source>
   <translation>Canaux pour les températures</translation>
  </message>
  <message>
   <source>Three standardised channels</source>
   <translation>Trois canaux standardisés</translation>
  </message>
  <message>
   <source>As they are</source>
   <translation>Telles quelles</translation>
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
   <translation>Dossier des données d'entraînement</translation>
  </message>
  <message>
   <source>Convolutions</source>
   <translation>Convolutions</translation>
  </message>
  <message>
   <source>Convolutions, told blur and noise</source>
   <translation>Convolutions, informées du flou et du bruit</translation>
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
   <translation>U-Net</translation>
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
   <translation>Antagoniste</translation>
  </message>
  <message>
   <source>Adversarial, as ESRGAN</source>
   <translation>Antagoniste, comme ESRGAN</translation>
  </message>
  <message>
   <source>A new network</source>
   <translation>Un nouveau réseau</translation>
  </message>
  <message>
   <source>Id of the new model</source>
   <translation>Identifiant du nouveau modèle</translation>
  </message>
  <message>
   <source>Lower-case letters, digits and hyphens, for example my-sensor-x2. Lists of models show this id. Empty: a free id is chosen.</source>
   <translation>Minuscules, chiffres et traits d'union, par exemple my-sensor-x2. Les listes de modèles montrent cet identifiant. Vide : un identifiant libre est choisi.</translation>
  </message>
  <message>
   <source>Display name of the new model</source>
   <translation>Nom affiché du nouveau modèle</translation>
  </message>
  <message>
   <source>A name for people. Empty: the id.</source>
   <translation>Un nom pour les humains. Vide : l'identifiant.</translation>
  </message>
  <message>
   <source>Licence of the new model</source>
   <translation>Licence du nouveau modèle</translation>
  </message>
  <message>
   <source>Goes into the model's card, for example CC-BY-4.0. Consider the licences of the training data.</source>
   <translation>Figure dans la fiche du modèle, par exemple CC-BY-4.0. Tenir compte des licences des données d'entraînement.</translation>
  </message>
  <message>
   <source>Replace my existing model with this id</source>
   <translation>Remplacer mon modèle existant</translation>
  </message>
  <message>
   <source>If not ticked, an id that is already used is an error. Shipped models are never replaced.</source>
   <translation>Si la case n'est pas cochée, un identifiant déjà utilisé est une erreur. Les modèles fournis ne sont jamais remplacés.</translation>
  </message>
  <message>
   <source>Id of the model</source>
   <translation>Identifiant du modèle</translation>
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
   <translation>pytorch</translation>
  </message>
  <message>
   <source>torch</source>
   <translation>torch</translation>
  </message>
  <message>
   <source>gpu</source>
   <translation>processeur graphique</translation>
  </message>
  <message>
   <source>cuda</source>
   <translation>cuda</translation>
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
   <translation>zip</translation>
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
   <translation>Les mêmes informations sous forme de page HTML.</translation>
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
   <source>{package} ({size}), which runs the models, is not installed.</source>
   <translation>Il manque {package} ({size}), qui exécute les modèles.</translation>
  </message>
  <message>
   <source>{package} is chosen since {why}. It goes into {folder}; QGIS's own packages stay as they are.</source>
   <translation>{package} est choisi, car {why}. Il va dans {folder} ; les paquets propres à QGIS restent tels quels.</translation>
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
   <source>Model of the method subpixel</source>
   <translation type="vanished">Modèle de la méthode subpixel</translation>
  </message>
  <message>
   <source>auto: the first installed model of the family landsat.</source>
   <translation type="vanished">auto : le premier modèle installé de la famille landsat.</translation>
  </message>
  <message>
   <source>Tile size (Landsat pixels; only subpixel)</source>
   <translation type="vanished">Taille des tuiles (pixels Landsat ; seulement subpixel)</translation>
  </message>
  <message>
   <source>Texture of Sentinel-2 (GAN, none shipped)</source>
   <translation type="vanished">Texture de Sentinel-2 (GAN, aucun livré)</translation>
  </message>
  <message>
   <source>c-factor: reflectance as seen from nadir under the year's mean sun of the latitude (Roy et al. 2016), from the height of the sun in the product's metadata. Give Sentinel-2 scenes the same treatment.</source>
   <translation type="vanished">c-factor : réflectance comme vue du nadir sous le soleil moyen de l'année à cette latitude (Roy et al. 2016), d'après la hauteur du soleil dans les métadonnées du produit. Appliquer le même traitement aux scènes Sentinel-2.</translation>
  </message>
  <message>
   <source>auto: 8-bit integers if the model has that form, the processor is faster with it and the raster holds whole numbers; else floats. The log says which one and why. float32: always floats. int8: 8-bit integers, or an error. The card of a model says what the 8-bit form loses.</source>
   <translation type="vanished">auto : entiers de 8 bits si le modèle a cette forme, si le processeur est plus rapide avec elle et si le raster contient des nombres entiers ; sinon nombres à virgule flottante. Le journal dit lesquels et pourquoi. float32 : toujours en virgule flottante. int8 : entiers de 8 bits, ou une erreur. La fiche d'un modèle dit ce que perd la forme à 8 bits.</translation>
  </message>
 </context>
</TS>
