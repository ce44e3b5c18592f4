<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
 <context>
  <name>BatchFolder</name>
  <message>
   <source>Scenes (folder, pattern, list or raster)</source>
   <translation>Szenen (Ordner, Muster, Liste oder Raster)</translation>
  </message>
  <message>
   <source>A folder of rasters or of products of Sentinel-2 or Landsat, or one raster or product. Also a pattern such as scenes/2024*/*.tif, a text file with a path a line, or a STAC item or item collection. Several are separated by semicolons.</source>
   <translation>Ein Ordner mit Rastern oder mit Produkten von Sentinel-2 oder Landsat, oder ein einzelnes Raster oder Produkt. Auch ein Muster wie scenes/2024*/*.tif, eine Textdatei mit einem Pfad je Zeile, oder ein Item oder eine Item Collection von STAC. Mehrere werden durch Semikolons getrennt.</translation>
  </message>
  <message>
   <source>Algorithm</source>
   <translation>Algorithmus</translation>
  </message>
  <message>
   <source>superresolve: rasters, with the model below. sentinel2: Sentinel-2 products, all bands at 10 m. sharpenthermal: rasters of temperatures. harmonise: Landsat 8 and 9 products at 10 m.</source>
   <translation>superresolve: Raster, mit dem Modell unten. sentinel2: Sentinel-2-Produkte, alle Bänder in 10 m. sharpenthermal: Raster von Temperaturen. harmonise: Produkte von Landsat 8 und 9 in 10 m.</translation>
  </message>
  <message>
   <source>Model (superresolve only)</source>
   <translation>Modell (nur superresolve)</translation>
  </message>
  <message>
   <source>A shipped model or one in your models folder. In scripts, give its id.</source>
   <translation>Ein mitgeliefertes Modell oder eines aus dem eigenen Modellordner. In Skripten ist seine Id anzugeben.</translation>
  </message>
  <message>
   <source>More parameters of the algorithm (JSON)</source>
   <translation>Weitere Parameter des Algorithmus (JSON)</translation>
  </message>
  <message>
   <source>Parameters of the toolbox's algorithm by name, such as {"CONSISTENCY": "area", "BANDS": [1, 2, 3]}. GUIDES, REFERENCE and the like are paths from each scene's folder on, in which {name} stands for the scene's name: {"GUIDES": ["guides/{name}_ndvi.tif"], "MODEL": "lst-x4-guided"}.</source>
   <translation>Parameter des Algorithmus der Werkzeugkiste nach Namen, etwa {"CONSISTENCY": "area", "BANDS": [1, 2, 3]}. GUIDES, REFERENCE und dergleichen sind Pfade ab dem Ordner jeder Szene, in denen {name} für den Namen der Szene steht: {"GUIDES": ["guides/{name}_ndvi.tif"], "MODEL": "lst-x4-guided"}.</translation>
  </message>
  <message>
   <source>Size of a unit (output pixels)</source>
   <translation>Größe einer Einheit (Ausgabepixel)</translation>
  </message>
  <message>
   <source>Rasters that are larger are cut into units of about this side. Empty: 4096 for one raster alone; several rasters are not cut.</source>
   <translation>Größere Raster werden in Einheiten von etwa dieser Seitenlänge zerlegt. Leer: 4096 für ein einzelnes Raster; mehrere Raster werden nicht zerlegt.</translation>
  </message>
  <message>
   <source>Processes</source>
   <translation>Prozesse</translation>
  </message>
  <message>
   <source>Empty: as many as the computer has processors and memory for; one where the device is cuda.</source>
   <translation>Leer: so viele, wie der Rechner Prozessoren und Speicher dafür hat; einer, wenn das Gerät cuda ist.</translation>
  </message>
  <message>
   <source>Address of a Dask scheduler</source>
   <translation>Adresse eines Dask-Schedulers</translation>
  </message>
  <message>
   <source>Such as tcp://host:8786. Its workers do the units instead of this computer, and must reach input and output by the same paths. Needs the package distributed in the Python of QGIS. Empty: this computer.</source>
   <translation>Etwa tcp://host:8786. Seine Worker bearbeiten die Einheiten statt dieses Rechners und müssen Eingabe und Ausgabe unter denselben Pfaden erreichen. Braucht das Paket distributed im Python von QGIS. Leer: dieser Rechner.</translation>
  </message>
  <message>
   <source>Folder of the plan and its results</source>
   <translation>Ordner des Plans und seiner Ergebnisse</translation>
  </message>
  <message>
   <source>Holds the plan, the models, one result and one record for each unit, and a report.</source>
   <translation>Enthält den Plan, die Modelle, ein Ergebnis und ein Protokoll je Einheit, und einen Bericht.</translation>
  </message>
  <message>
   <source>Summary</source>
   <translation>Zusammenfassung</translation>
  </message>
  <message>
   <source>A table with a row for each unit: state, verdict, seconds, blur, difference to the input, reason.</source>
   <translation>Eine Tabelle mit einer Zeile je Einheit: Zustand, Urteil, Sekunden, Unschärfe, Differenz zur Eingabe, Grund.</translation>
  </message>
  <message>
   <source>Mosaic of one raster</source>
   <translation>Mosaik eines einzelnen Rasters</translation>
  </message>
  <message>
   <source>Only for a single raster: a virtual raster (.vrt) that shows the results where they are, or one cloud-optimised GeoTIFF (.tif) with overviews.</source>
   <translation>Nur für ein einzelnes Raster: ein virtuelles Raster (.vrt), das die Ergebnisse zeigt, wo sie liegen, oder ein Cloud-optimiertes GeoTIFF (.tif) mit Pyramiden.</translation>
  </message>
  <message>
   <source>Number of units</source>
   <translation>Anzahl der Einheiten</translation>
  </message>
  <message>
   <source>Units that are done</source>
   <translation>Fertige Einheiten</translation>
  </message>
  <message>
   <source>Units that have failed</source>
   <translation>Fehlgeschlagene Einheiten</translation>
  </message>
  <message>
   <source>Page over all units (HTML)</source>
   <translation>Seite über alle Einheiten (HTML)</translation>
  </message>
  <message>
   <source>Super-resolve scenes of a folder or a huge mosaic</source>
   <translation>Szenen eines Ordners oder ein riesiges Mosaik feiner auflösen</translation>
  </message>
  <message>
   <source>Super-resolves all scenes of a folder, or cuts one raster of any size into units, with several processes or a Dask cluster, and goes on where an earlier run stopped.</source>
   <translation>Löst alle Szenen eines Ordners feiner auf oder zerlegt ein beliebig großes Raster in Einheiten, mit mehreren Prozessen oder einem Dask-Cluster, und macht dort weiter, wo ein früherer Lauf endete.</translation>
  </message>
  <message>
   <source>Super-resolves all scenes that the input names, each into a cloud-optimised GeoTIFF. One large raster alone is cut into units of about 4096 x 4096 output pixels. Put together, they have the pixels of a run in one go: what is measured of the whole raster is measured before, and each unit reads its own surroundings.

The run may be cancelled, or its processes may die, at any time. Run it again with the same settings and the same output folder, and it goes on. A broken scene fails alone; the summary tells why.

The output folder is a plan that other machines can work on: python -m srsat_qgis.cluster run FOLDER. The help says how, on clusters with SSH, Slurm or Kubernetes too.</source>
   <translation>Löst alle Szenen, die die Eingabe nennt, feiner auf, jede in ein Cloud-optimiertes GeoTIFF. Ein einzelnes großes Raster wird in Einheiten von etwa 4096 x 4096 Ausgabepixeln zerlegt. Zusammengesetzt haben sie die Pixel eines Laufs am Stück: Was am ganzen Raster gemessen wird, wird vorher gemessen, und jede Einheit liest ihre eigene Umgebung.

Der Lauf darf jederzeit abgebrochen werden, und seine Prozesse dürfen jederzeit enden. Ein weiterer Lauf mit denselben Einstellungen und demselben Ausgabeordner macht dort weiter. Eine defekte Szene scheitert für sich allein; die Zusammenfassung sagt, warum.

Der Ausgabeordner ist ein Plan, an dem andere Rechner arbeiten können: python -m srsat_qgis.cluster run FOLDER. Die Hilfe sagt, wie, auch auf Clustern mit SSH, Slurm oder Kubernetes.</translation>
  </message>
  <message>
   <source>batch</source>
   <translation>Stapelverarbeitung</translation>
  </message>
  <message>
   <source>many scenes</source>
   <translation>viele Szenen</translation>
  </message>
  <message>
   <source>folder</source>
   <translation>Ordner</translation>
  </message>
  <message>
   <source>mosaic</source>
   <translation>Mosaik</translation>
  </message>
  <message>
   <source>cluster</source>
   <translation>Cluster</translation>
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
   <translation>parallel</translation>
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
   <translation>Feiner aufgelöste Raster</translation>
  </message>
  <message>
   <source>The rasters to compare, each on the grid of the reference.</source>
   <translation>Die zu vergleichenden Raster, jedes auf dem Gitter der Referenz.</translation>
  </message>
  <message>
   <source>Models to run</source>
   <translation>Auszuführende Modelle</translation>
  </message>
  <message>
   <source>The results of these models are compared too.</source>
   <translation>Auch die Ergebnisse dieser Modelle werden verglichen.</translation>
  </message>
  <message>
   <source>The raster that the others were made from. The models run on it, and its bicubic upsampling is measured for comparison.</source>
   <translation>Das Raster, aus dem die anderen gemacht wurden. Die Modelle laufen darauf, und seine bikubische Vergrößerung wird zum Vergleich gemessen.</translation>
  </message>
  <message>
   <source>Device for the models</source>
   <translation>Gerät für die Modelle</translation>
  </message>
  <message>
   <source>auto: an NVIDIA graphics card if it works, else the processor. cuda: the graphics card. cpu: the processor.</source>
   <translation>auto: eine NVIDIA-Grafikkarte, wenn sie funktioniert, sonst der Prozessor. cuda: die Grafikkarte. cpu: der Prozessor.</translation>
  </message>
  <message>
   <source>Comparison report (HTML)</source>
   <translation>Vergleichsbericht (HTML)</translation>
  </message>
  <message>
   <source>One HTML file with all numbers, maps and details. It needs no network.</source>
   <translation>Eine HTML-Datei mit allen Zahlen, Karten und Einzelheiten. Sie braucht kein Netz.</translation>
  </message>
  <message>
   <source>Best in most measures (several in case of a tie)</source>
   <translation>Bestes in den meisten Maßen (mehrere bei Gleichstand)</translation>
  </message>
  <message>
   <source>Number of rasters compared</source>
   <translation>Anzahl der verglichenen Raster</translation>
  </message>
  <message>
   <source>Compare rasters or models</source>
   <translation>Raster oder Modelle vergleichen</translation>
  </message>
  <message>
   <source>Ranks several rasters, or several models on one raster, by comparison with one reference.</source>
   <translation>Ordnet mehrere Raster, oder mehrere Modelle auf einem Raster, nach dem Vergleich mit einer Referenz.</translation>
  </message>
  <message>
   <source>Measures several super-resolved rasters of the same area against one reference, on the same pixels. The report has one table, one sheet that shows all of them side by side, and marks the best for each measure.

You can also choose models: each is run on the low-resolution input with its default settings. Their results are measured and then deleted; use Super-resolve raster to keep one.

All rasters must be on the grid of the reference.</source>
   <translation>Misst mehrere feiner aufgelöste Raster desselben Gebiets gegen eine Referenz, auf denselben Pixeln. Der Bericht hat eine Tabelle und ein Blatt, das alle nebeneinander zeigt, und kennzeichnet die besten jedes Maßes.

Auch Modelle können gewählt werden: Jedes läuft mit seinen Standardeinstellungen auf der niedrig aufgelösten Eingabe. Ihre Ergebnisse werden gemessen und dann gelöscht; 'Raster feiner auflösen' behält eines.

Alle Raster müssen auf dem Gitter der Referenz liegen.</translation>
  </message>
  <message>
   <source>rank</source>
   <translation>Rangfolge</translation>
  </message>
  <message>
   <source>best model</source>
   <translation>bestes Modell</translation>
  </message>
 </context>
 <context>
  <name>Coregister</name>
  <message>
   <source>Raster to shift</source>
   <translation>Zu verschiebendes Raster</translation>
  </message>
  <message>
   <source>Any raster that GDAL can open.</source>
   <translation>Jedes Raster, das GDAL öffnen kann.</translation>
  </message>
  <message>
   <source>Reference raster</source>
   <translation>Referenzraster</translation>
  </message>
  <message>
   <source>A raster whose position is correct. Its pixel size and CRS may differ.</source>
   <translation>Ein Raster, dessen Lage stimmt. Seine Pixelgröße und sein KBS dürfen andere sein.</translation>
  </message>
  <message>
   <source>Band to compare</source>
   <translation>Zu vergleichendes Band</translation>
  </message>
  <message>
   <source>The band of the raster that is most similar to the reference. Default: the first. All bands are shifted.</source>
   <translation>Das Band des Rasters, das der Referenz am ähnlichsten ist. Standard: das erste. Verschoben werden alle Bänder.</translation>
  </message>
  <message>
   <source>Reference band to compare</source>
   <translation>Zu vergleichendes Band der Referenz</translation>
  </message>
  <message>
   <source>The band of the reference that is compared. Default: the first.</source>
   <translation>Das Band der Referenz, mit dem verglichen wird. Standard: das erste.</translation>
  </message>
  <message>
   <source>What to compare</source>
   <translation>Was verglichen wird</translation>
  </message>
  <message>
   <source>intensity: the values, for bands that look alike or inverted. gradient: the direction of edges, for bands that look different. auto: intensity, and gradient if the confidence of that is too low; bright and dark parts of both rasters are asked too, so that clouds that have moved give no shift.</source>
   <translation>intensity: die Werte, für Bänder, die gleich oder invertiert aussehen. gradient: die Richtung der Kanten, für Bänder, die verschieden aussehen. auto: intensity, und gradient, wenn deren Konfidenz zu niedrig ist; auch helle und dunkle Teile beider Raster werden gefragt, damit Wolken, die weitergezogen sind, keinen Versatz ergeben.</translation>
  </message>
  <message>
   <source>Largest shift (input pixels)</source>
   <translation>Größter Versatz (Eingabepixel)</translation>
  </message>
  <message>
   <source>Shifts up to this length are searched, in all directions. A smaller limit gives a more certain result.</source>
   <translation>Gesucht wird nach Versätzen bis zu dieser Länge, in allen Richtungen. Eine kleinere Grenze gibt ein sichereres Ergebnis.</translation>
  </message>
  <message>
   <source>Extent to compare (empty: whole raster)</source>
   <translation>Zu vergleichende Ausdehnung (leer: alles)</translation>
  </message>
  <message>
   <source>The part that is compared, in any CRS. The whole raster is shifted.</source>
   <translation>Der Teil, der verglichen wird, in beliebigem KBS. Verschoben wird das ganze Raster.</translation>
  </message>
  <message>
   <source>Resampling</source>
   <translation>Resampling</translation>
  </message>
  <message>
   <source>none: only the georeference changes; the pixels and their values stay. All others compute new pixels on the grid below (GRID).</source>
   <translation>none: Nur die Georeferenz ändert sich; die Pixel und ihre Werte bleiben. Alle anderen berechnen neue Pixel auf dem Gitter unten (GRID).</translation>
  </message>
  <message>
   <source>Grid of the resampled output</source>
   <translation>Gitter der neu abgetasteten Ausgabe</translation>
  </message>
  <message>
   <source>input: extent and pixels of the raster before the shift. reference: extent, pixels and CRS of the reference, so that the two can be stacked.</source>
   <translation>input: Ausdehnung und Pixel des Rasters vor der Verschiebung. reference: Ausdehnung, Pixel und KBS der Referenz, sodass beide gestapelt werden können.</translation>
  </message>
  <message>
   <source>Shifted raster</source>
   <translation>Verschobenes Raster</translation>
  </message>
  <message>
   <source>Empty: the shift is only measured.</source>
   <translation>Leer: Der Versatz wird nur gemessen.</translation>
  </message>
  <message>
   <source>Shift to add to x (map units)</source>
   <translation>Zu x zu addierender Versatz (Karteneinheiten)</translation>
  </message>
  <message>
   <source>Shift to add to y (map units)</source>
   <translation>Zu y zu addierender Versatz (Karteneinheiten)</translation>
  </message>
  <message>
   <source>Shift along the columns (input pixels)</source>
   <translation>Versatz entlang der Spalten (Eingabepixel)</translation>
  </message>
  <message>
   <source>Shift along the rows (input pixels)</source>
   <translation>Versatz entlang der Zeilen (Eingabepixel)</translation>
  </message>
  <message>
   <source>Confidence (0 to 1)</source>
   <translation>Konfidenz (0 bis 1)</translation>
  </message>
  <message>
   <source>Correlation of fine detail before the shift</source>
   <translation>Korrelation der feinen Details vor der Verschiebung</translation>
  </message>
  <message>
   <source>Correlation of fine detail after the shift</source>
   <translation>Korrelation der feinen Details nach der Verschiebung</translation>
  </message>
  <message>
   <source>Status (measured or undetermined)</source>
   <translation>Status (measured oder undetermined)</translation>
  </message>
  <message>
   <source>Co-register raster</source>
   <translation>Raster koregistrieren</translation>
  </message>
  <message>
   <source>Measures the shift between a raster and a reference to a fraction of a pixel, and corrects it.</source>
   <translation>Misst den Versatz zwischen einem Raster und einer Referenz auf Bruchteile eines Pixels und korrigiert ihn.</translation>
  </message>
  <message>
   <source>Measures the shift between a raster and a reference to a fraction of a pixel. If you name an output, it writes the shifted raster. The two rasters may come from different sensors and may differ in pixel size, grid, CRS and content: for example a red band and a panchromatic one, or a vegetation index and surface temperature. One shift is measured for the whole raster; rotation and distortion are not corrected.

The shift (DX, DY) must be added to the coordinates of the raster to align it with the reference. It is in map units of the raster's CRS, positive to the east and north. DX_PIXELS and DY_PIXELS are the same shift along the raster's columns and rows, in its pixels, positive to the right and downwards.

The confidence (CONFIDENCE) is 1 minus a ratio: the best correlation at other shifts, or the one expected by chance, divided by the correlation at the measured shift. If it is below 0.3, as for flat or unrelated rasters, the status (STATUS) is 'undetermined': there is no shift, nothing is moved, and asking for an output is an error. So it is where bright and dark parts show shifts that are more than 1.5 pixels apart, as clouds do that have moved: mask them, or choose what to compare (MODE), which leaves this question out. The correlations before and after the shift (CORRELATION_BEFORE, CORRELATION_AFTER) compare the fine detail of the two rasters; they are negative if dark and bright are inverted.</source>
   <translation>Misst den Versatz zwischen einem Raster und einer Referenz auf Bruchteile eines Pixels. Wird eine Ausgabe genannt, so wird das verschobene Raster geschrieben. Die beiden Raster dürfen von verschiedenen Sensoren stammen und sich in Pixelgröße, Gitter, KBS und Inhalt unterscheiden: zum Beispiel ein rotes und ein panchromatisches Band, oder ein Vegetationsindex und die Oberflächentemperatur. Für das ganze Raster wird ein einziger Versatz gemessen; Drehung und Verzerrung werden nicht korrigiert.

Der Versatz (DX, DY) muss zu den Koordinaten des Rasters addiert werden, damit es zur Referenz passt. Er steht in Karteneinheiten des KBS des Rasters, positiv nach Osten und Norden. DX_PIXELS und DY_PIXELS sind derselbe Versatz entlang der Spalten und Zeilen des Rasters, in seinen Pixeln, positiv nach rechts und unten.

Die Konfidenz (CONFIDENCE) ist 1 minus ein Verhältnis: die beste Korrelation bei anderen Verschiebungen, oder die durch Zufall zu erwartende, geteilt durch die Korrelation beim gemessenen Versatz. Liegt sie unter 0,3, wie bei gleichförmigen oder nicht verwandten Rastern, dann ist der Status (STATUS) 'undetermined': Es gibt keinen Versatz, nichts wird verschoben, und eine verlangte Ausgabe ist ein Fehler. Ebenso, wo helle und dunkle Teile Versätze zeigen, die mehr als 1,5 Pixel auseinander liegen, wie es Wolken tun, die weitergezogen sind: Maskieren Sie sie, oder wählen Sie selbst, was verglichen wird (MODE), dann entfällt diese Frage. Die Korrelationen vor und nach der Verschiebung (CORRELATION_BEFORE, CORRELATION_AFTER) vergleichen die feinen Details der beiden Raster; sie sind negativ, wenn hell und dunkel vertauscht sind.</translation>
  </message>
  <message>
   <source>coregister</source>
   <translation>koregistrieren</translation>
  </message>
  <message>
   <source>co-registration</source>
   <translation>Koregistrierung</translation>
  </message>
  <message>
   <source>registration</source>
   <translation>Registrierung</translation>
  </message>
  <message>
   <source>shift</source>
   <translation>Versatz</translation>
  </message>
  <message>
   <source>align</source>
   <translation>ausrichten</translation>
  </message>
  <message>
   <source>offset</source>
   <translation>Verschiebung</translation>
  </message>
  <message>
   <source>sub-pixel</source>
   <translation>Subpixel</translation>
  </message>
  <message>
   <source>match</source>
   <translation>angleichen</translation>
  </message>
  <message>
   <source>intensity: the values, for bands that look alike or inverted. gradient: the direction of edges, for bands that look different. auto: intensity, and gradient if the confidence of that is too low.</source>
   <translation type="vanished">intensity: die Werte, für Bänder, die gleich oder invertiert aussehen. gradient: die Richtung der Kanten, für Bänder, die verschieden aussehen. auto: intensity, und gradient, wenn deren Konfidenz zu niedrig ist.</translation>
  </message>
  <message>
   <source>Measures the shift between a raster and a reference to a fraction of a pixel. If you name an output, it writes the shifted raster. The two rasters may come from different sensors and may differ in pixel size, grid, CRS and content: for example a red band and a panchromatic one, or a vegetation index and surface temperature. One shift is measured for the whole raster; rotation and distortion are not corrected.

The shift (DX, DY) must be added to the coordinates of the raster to align it with the reference. It is in map units of the raster's CRS, positive to the east and north. DX_PIXELS and DY_PIXELS are the same shift along the raster's columns and rows, in its pixels, positive to the right and downwards.

The confidence (CONFIDENCE) is 1 minus a ratio: the best correlation at other shifts, or the one expected by chance, divided by the correlation at the measured shift. If it is below 0.3, as for flat or unrelated rasters, the status (STATUS) is 'undetermined': there is no shift, nothing is moved, and asking for an output is an error. The correlations before and after the shift (CORRELATION_BEFORE, CORRELATION_AFTER) compare the fine detail of the two rasters; they are negative if dark and bright are inverted.</source>
   <translation type="vanished">Misst den Versatz zwischen einem Raster und einer Referenz auf Bruchteile eines Pixels. Wird eine Ausgabe genannt, so wird das verschobene Raster geschrieben. Die beiden Raster dürfen von verschiedenen Sensoren stammen und sich in Pixelgröße, Gitter, KBS und Inhalt unterscheiden: zum Beispiel ein rotes und ein panchromatisches Band, oder ein Vegetationsindex und die Oberflächentemperatur. Für das ganze Raster wird ein einziger Versatz gemessen; Drehung und Verzerrung werden nicht korrigiert.

Der Versatz (DX, DY) muss zu den Koordinaten des Rasters addiert werden, damit es zur Referenz passt. Er steht in Karteneinheiten des KBS des Rasters, positiv nach Osten und Norden. DX_PIXELS und DY_PIXELS sind derselbe Versatz entlang der Spalten und Zeilen des Rasters, in seinen Pixeln, positiv nach rechts und unten.

Die Konfidenz (CONFIDENCE) ist 1 minus ein Verhältnis: die beste Korrelation bei anderen Verschiebungen, oder die durch Zufall zu erwartende, geteilt durch die Korrelation beim gemessenen Versatz. Liegt sie unter 0,3, wie bei gleichförmigen oder nicht verwandten Rastern, dann ist der Status (STATUS) 'undetermined': Es gibt keinen Versatz, nichts wird verschoben, und eine verlangte Ausgabe ist ein Fehler. Die Korrelationen vor und nach der Verschiebung (CORRELATION_BEFORE, CORRELATION_AFTER) vergleichen die feinen Details der beiden Raster; sie sind negativ, wenn hell und dunkel vertauscht sind.</translation>
  </message>
 </context>
 <context>
  <name>Degrade</name>
  <message>
   <source>Scale factor (input pixels per output pixel)</source>
   <translation>Skalierungsfaktor (Ein- je Ausgabepixel)</translation>
  </message>
  <message>
   <source>Along one axis: 2 makes pixels twice as large.</source>
   <translation>Entlang einer Achse: 2 macht doppelt so große Pixel.</translation>
  </message>
  <message>
   <source>mtf: a Gaussian blur with the sensor's MTF (modulation transfer function) at the output's Nyquist frequency, sampled at the centre of each output pixel. gaussian-area: a Gaussian blur, then the mean over each output pixel; with a blur of 0.5 (SIGMA), this is one of the degradations with which the shipped models were tested. area: the mean only.</source>
   <translation>mtf: eine Gauß-Unschärfe mit der MTF (Modulationsübertragungsfunktion) des Sensors bei der Nyquist-Frequenz der Ausgabe, abgetastet in der Mitte jedes Ausgabepixels. gaussian-area: eine Gauß-Unschärfe, dann das Mittel über jedes Ausgabepixel; mit einer Unschärfe von 0,5 (SIGMA) ist dies eine der Vergröberungen, mit denen die mitgelieferten Modelle geprüft wurden. area: nur das Mittel.</translation>
  </message>
  <message>
   <source>Sensor (method mtf)</source>
   <translation>Sensor (Methode mtf)</translation>
  </message>
  <message>
   <source>A sensor with known MTF values, found by band name (B4, B04, B8A), or custom. The Sentinel-2 values, 0.22 to 0.38, are published; 0.3 for Landsat 8 and 9 is an estimate.</source>
   <translation>Ein Sensor mit bekannten MTF-Werten, die nach dem Namen des Bandes gefunden werden (B4, B04, B8A), oder custom. Die Werte für Sentinel-2, 0,22 bis 0,38, sind veröffentlicht; 0,3 für Landsat 8 und 9 ist eine Schätzung.</translation>
  </message>
  <message>
   <source>MTF at the Nyquist frequency (sensor custom)</source>
   <translation>MTF bei der Nyquist-Frequenz (Sensor custom)</translation>
  </message>
  <message>
   <source>Above 0 and below 1: one number for all bands, or one per band, separated by commas.</source>
   <translation>Über 0 und unter 1: eine Zahl für alle Bänder, oder eine je Band, durch Kommas getrennt.</translation>
  </message>
  <message>
   <source>Blur (method gaussian-area; output pixels)</source>
   <translation>Unschärfe (Methode gaussian-area; Ausgabepixel)</translation>
  </message>
  <message>
   <source>Standard deviation of the Gaussian.</source>
   <translation>Standardabweichung der Gauß-Funktion.</translation>
  </message>
  <message>
   <source>Read noise (standard deviation, digital numbers)</source>
   <translation>Ausleserauschen (Standardabweichung, Digitalwerte)</translation>
  </message>
  <message>
   <source>Gaussian noise that does not depend on the signal.</source>
   <translation>Gaußsches Rauschen, das nicht vom Signal abhängt.</translation>
  </message>
  <message>
   <source>Shot noise (variance per digital number of signal)</source>
   <translation>Schrotrauschen (Varianz je Digitalwert des Signals)</translation>
  </message>
  <message>
   <source>Photon noise, which grows with the signal. It is added to the read noise.</source>
   <translation>Photonenrauschen, das mit dem Signal wächst. Es kommt zum Ausleserauschen hinzu.</translation>
  </message>
  <message>
   <source>JPEG quality (empty: no JPEG)</source>
   <translation>JPEG-Qualität (leer: kein JPEG)</translation>
  </message>
  <message>
   <source>Compresses the output as JPEG with this quality and decompresses it again. Only for 8 bits.</source>
   <translation>Komprimiert die Ausgabe als JPEG dieser Qualität und dekomprimiert sie wieder. Nur für 8 Bit.</translation>
  </message>
  <message>
   <source>Random seed of the noise</source>
   <translation>Startwert des Zufallsrauschens</translation>
  </message>
  <message>
   <source>The same seed gives the same noise.</source>
   <translation>Derselbe Startwert gibt dasselbe Rauschen.</translation>
  </message>
  <message>
   <source>Bands to degrade, in this order. Empty: all.</source>
   <translation>Zu vergröbernde Bänder, in dieser Reihenfolge. Leer: alle.</translation>
  </message>
  <message>
   <source>Part of the raster to degrade, in any CRS, enlarged to whole pixels. Blocks are counted from its upper left pixel.</source>
   <translation>Zu vergröbernder Teil des Rasters, in beliebigem KBS, auf ganze Pixel vergrößert. Die Blöcke werden von seinem linken oberen Pixel an gezählt.</translation>
  </message>
  <message>
   <source>Degraded raster</source>
   <translation>Vergröbertes Raster</translation>
  </message>
  <message>
   <source>Degradation that was applied</source>
   <translation>Angewandte Vergröberung</translation>
  </message>
  <message>
   <source>Degrade raster</source>
   <translation>Raster vergröbern</translation>
  </message>
  <message>
   <source>Writes the raster that a sensor with larger pixels would have recorded.</source>
   <translation>Schreibt das Raster, das ein Sensor mit größeren Pixeln aufgenommen hätte.</translation>
  </message>
  <message>
   <source>Writes the raster that a sensor with larger pixels would have recorded: blurred by its optics and detector, sampled on exact blocks of pixels, with noise and JPEG compression if you want them. Use it to make training pairs, or to test a model by Wald's protocol: degrade, super-resolve, and compare the result with the original raster.

Each output pixel covers a square of input pixels, counted from the upper left pixel. Remaining pixels at the right and bottom edges are left out. Nothing is shifted. An output pixel is nodata if one of its input pixels is. Data type, band names, wavelengths, scale and offset are kept. The metadata item SRSAT_DEGRADATION says what was done.</source>
   <translation>Schreibt das Raster, das ein Sensor mit größeren Pixeln aufgenommen hätte: unscharf durch Optik und Detektor, abgetastet auf exakten Pixelblöcken, auf Wunsch mit Rauschen und JPEG-Kompression. Damit entstehen Trainingspaare, oder ein Modell wird nach dem Wald-Protokoll geprüft: vergröbern, feiner auflösen und das Ergebnis mit dem ursprünglichen Raster vergleichen.

Jedes Ausgabepixel bedeckt ein Quadrat von Eingabepixeln, gezählt vom oberen linken Pixel. Überzählige Pixel am rechten und unteren Rand entfallen. Nichts wird verschoben. Ein Ausgabepixel ist Nodata, wenn eines seiner Eingabepixel es ist. Datentyp, Bandnamen, Wellenlängen, Skalierung und Offset bleiben erhalten. Der Metadateneintrag SRSAT_DEGRADATION sagt, was getan wurde.</translation>
  </message>
  <message>
   <source>degrade</source>
   <translation>vergröbern</translation>
  </message>
  <message>
   <source>downscale</source>
   <translation>herunterskalieren</translation>
  </message>
  <message>
   <source>coarsen</source>
   <translation>gröber machen</translation>
  </message>
  <message>
   <source>jpeg</source>
   <translation>JPEG</translation>
  </message>
  <message>
   <source>wald</source>
   <translation>Wald-Protokoll</translation>
  </message>
 </context>
 <context>
  <name>DeviceInfo</name>
  <message>
   <source>Model for the speed test</source>
   <translation>Modell für den Geschwindigkeitstest</translation>
  </message>
  <message>
   <source>The measured speed is that of this model.</source>
   <translation>Die gemessene Geschwindigkeit ist die dieses Modells.</translation>
  </message>
  <message>
   <source>Speed test on each device (seconds)</source>
   <translation>Geschwindigkeitstest je Gerät (Sekunden)</translation>
  </message>
  <message>
   <source>0: no speed test.</source>
   <translation>0: kein Geschwindigkeitstest.</translation>
  </message>
  <message>
   <source>Device that a run uses by default</source>
   <translation>Gerät, das ein Lauf standardmäßig benutzt</translation>
  </message>
  <message>
   <source>Why CUDA is used or not</source>
   <translation>Warum CUDA benutzt wird oder nicht</translation>
  </message>
  <message>
   <source>Package of onnxruntime</source>
   <translation>Paket von onnxruntime</translation>
  </message>
  <message>
   <source>CUDA version found</source>
   <translation>Gefundene CUDA-Version</translation>
  </message>
  <message>
   <source>cuDNN version found</source>
   <translation>Gefundene cuDNN-Version</translation>
  </message>
  <message>
   <source>Graphics card</source>
   <translation>Grafikkarte</translation>
  </message>
  <message>
   <source>Speed on the processor (output megapixels of one band per second)</source>
   <translation>Geschwindigkeit auf dem Prozessor (Ausgabe-Megapixel eines Bandes pro Sekunde)</translation>
  </message>
  <message>
   <source>Speed on the processor in 8-bit integers (likewise)</source>
   <translation>Geschwindigkeit auf dem Prozessor mit 8-Bit-Ganzzahlen (ebenso)</translation>
  </message>
  <message>
   <source>Speed on the graphics card (output megapixels of one band per second)</source>
   <translation>Geschwindigkeit auf der Grafikkarte (Ausgabe-Megapixel eines Bandes pro Sekunde)</translation>
  </message>
  <message>
   <source>Device information</source>
   <translation>Geräteinformation</translation>
  </message>
  <message>
   <source>Says which device runs the models, why an NVIDIA graphics card is not used, and how fast each one is.</source>
   <translation>Sagt, welches Gerät die Modelle ausführt, warum eine NVIDIA-Grafikkarte nicht genutzt wird und wie schnell jedes ist.</translation>
  </message>
  <message>
   <source>Tests the graphics card. If it is not used, the report says why: onnxruntime is installed for the processor only, there is no driver, the driver or the card is too old for the CUDA version, or a library is missing (with its name). Then the speed of a model is measured on each device, tile by tile as in a real run.</source>
   <translation>Prüft die Grafikkarte. Wird sie nicht benutzt, sagt der Bericht, warum: onnxruntime ist nur für den Prozessor installiert, es gibt keinen Treiber, der Treiber oder die Karte ist zu alt für die CUDA-Version, oder eine Bibliothek fehlt (mit ihrem Namen). Dann wird die Geschwindigkeit eines Modells auf jedem Gerät gemessen, Kachel für Kachel wie in einem echten Lauf.</translation>
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
   <translation>Grafikkarte</translation>
  </message>
  <message>
   <source>speed</source>
   <translation>Geschwindigkeit</translation>
  </message>
  <message>
   <source>diagnose</source>
   <translation>Diagnose</translation>
  </message>
 </context>
 <context>
  <name>ExportModel</name>
  <message>
   <source>Folder of a training run</source>
   <translation>Ordner eines Trainingslaufs</translation>
  </message>
  <message>
   <source>The output folder of Train model, with a checkpoint in it.</source>
   <translation>Der Ausgabeordner von 'Modell trainieren', mit einem Checkpoint darin.</translation>
  </message>
  <message>
   <source>Or a weights file</source>
   <translation>Oder eine Gewichtsdatei</translation>
  </message>
  <message>
   <source>The weights of one of the networks below: safetensors, or a state_dict saved by PyTorch.</source>
   <translation>Die Gewichte eines der Netze unten: safetensors, oder ein von PyTorch gespeichertes state_dict.</translation>
  </message>
  <message>
   <source>Network (weights file only)</source>
   <translation>Netz (nur Gewichtsdatei)</translation>
  </message>
  <message>
   <source>The folder of a training run already contains this.</source>
   <translation>Der Ordner eines Trainingslaufs enthält dies schon.</translation>
  </message>
  <message>
   <source>Network options as JSON (weights file only)</source>
   <translation>Optionen des Netzes als JSON (nur Gewichtsdatei)</translation>
  </message>
  <message>
   <source>A JSON object, for example {"channels": 48, "depth": 8}.</source>
   <translation>Ein JSON-Objekt, zum Beispiel {"channels": 48, "depth": 8}.</translation>
  </message>
  <message>
   <source>Scale factor (weights file only)</source>
   <translation>Skalierungsfaktor (nur Gewichtsdatei)</translation>
  </message>
  <message>
   <source>Output pixels per input pixel.</source>
   <translation>Ausgabepixel je Eingabepixel.</translation>
  </message>
  <message>
   <source>Band names (weights file only)</source>
   <translation>Namen der Bänder (nur Gewichtsdatei)</translation>
  </message>
  <message>
   <source>For a network that takes several bands together: their names in order, separated by commas. Empty: the network is applied to each band separately.</source>
   <translation>Für ein Netz, das mehrere Bänder zusammen nimmt: ihre Namen in der Reihenfolge, durch Kommas getrennt. Leer: Das Netz wird auf jedes Band einzeln angewandt.</translation>
  </message>
  <message>
   <source>Training data folder, for a form in 8-bit integers (training run only)</source>
   <translation>Ordner der Trainingsdaten, für eine Form in 8-Bit-Ganzzahlen (nur Trainingslauf)</translation>
  </message>
  <message>
   <source>The patch store that the run has learned from. The form is made and measured by it, as at the end of a training; the log says what it loses, or why there is none. Its held-out patches calibrate the map of doubt too.</source>
   <translation>Die gespeicherten Kacheln, mit denen der Lauf gelernt hat. Aus ihnen wird die Form gemacht und an ihnen gemessen, wie am Ende eines Trainings; das Protokoll sagt, was sie verliert, oder warum es keine gibt. Die zurückgehaltenen Kacheln kalibrieren auch die Karte des Zweifels.</translation>
  </message>
  <message>
   <source>Or an installed model, to share</source>
   <translation>Oder ein installiertes Modell, das geteilt wird</translation>
  </message>
  <message>
   <source>Nothing is exported: the model is only written as an archive. It needs no PyTorch.</source>
   <translation>Nichts wird exportiert: Das Modell wird nur als Archiv geschrieben. Dazu braucht es kein PyTorch.</translation>
  </message>
  <message>
   <source>Archive to share (zip)</source>
   <translation>Archiv zum Teilen (zip)</translation>
  </message>
  <message>
   <source>Model, card, STAC item (MLM), a page to read and checksums in one file, for 'Install model'.</source>
   <translation>Modell, Karte, STAC-Item (MLM), eine lesbare Seite und Prüfsummen in einer Datei, für 'Modell installieren'.</translation>
  </message>
  <message>
   <source>Working folder</source>
   <translation>Arbeitsordner</translation>
  </message>
  <message>
   <source>The model is built here, with a log, and then copied to your models folder. Not needed to share an installed model (SHARED_MODEL).</source>
   <translation>Hier wird das Modell gebaut, mit einem Protokoll, und dann in den eigenen Modellordner kopiert. Nicht nötig, um ein installiertes Modell zu teilen (SHARED_MODEL).</translation>
  </message>
  <message>
   <source>Largest difference to the network (share of the value range)</source>
   <translation>Größte Abweichung vom Netz (Anteil des Wertebereichs)</translation>
  </message>
  <message>
   <source>Export model</source>
   <translation>Modell exportieren</translation>
  </message>
  <message>
   <source>Makes a model for the toolbox from a training checkpoint or a weights file.</source>
   <translation>Macht aus einem Trainings-Checkpoint oder einer Gewichtsdatei ein Modell für die Werkzeugkiste.</translation>
  </message>
  <message>
   <source>Makes a model for the toolbox (ONNX with a card) from the checkpoint of a training, for example one that was cancelled. Or from a weights file for one of the trainer's networks that was trained elsewhere.

The model is compared with the original network on images of three shapes, and refused if they differ by more than 1e-4 of the value range. Its receptive field is measured. It is in every list of models at once.

To share a model, name an archive: a zip file with model, card, STAC item, a page and checksums, which 'Install model' takes. A model that is installed already can be shared too (SHARED_MODEL).

Weights files are read as data: a file that contains code is refused.</source>
   <translation>Macht aus dem Checkpoint eines Trainings, zum Beispiel eines abgebrochenen, ein Modell für die Werkzeugkiste (ONNX mit einer Karte). Oder aus einer Gewichtsdatei für eines der Netze des Trainers, das anderswo trainiert wurde.

Das Modell wird auf Bildern dreier Formen mit dem ursprünglichen Netz verglichen und abgelehnt, wenn sie um mehr als 1e-4 des Wertebereichs voneinander abweichen. Sein rezeptives Feld wird gemessen. Es steht sofort in jeder Modellliste.

Um ein Modell zu teilen, ist ein Archiv zu nennen: eine zip-Datei mit Modell, Karte, STAC-Item, einer Seite und Prüfsummen, die 'Modell installieren' annimmt. Auch ein schon installiertes Modell kann geteilt werden (SHARED_MODEL).

Gewichtsdateien werden als Daten gelesen: Eine Datei, die Code enthält, wird abgelehnt.</translation>
  </message>
  <message>
   <source>export</source>
   <translation>exportieren</translation>
  </message>
  <message>
   <source>checkpoint</source>
   <translation>Checkpoint</translation>
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
   <translation>Gewichte</translation>
  </message>
  <message>
   <source>convert</source>
   <translation>konvertieren</translation>
  </message>
 </context>
 <context>
  <name>Harmonise</name>
  <message>
   <source>Landsat product</source>
   <translation>Landsat-Produkt</translation>
  </message>
  <message>
   <source>The product's metadata file (*_MTL.txt), its tar, or its folder; or a raster with several bands, as below. Empty: the rasters below.</source>
   <translation>Die Metadatendatei des Produkts (*_MTL.txt), sein tar oder sein Ordner; oder ein Raster mit mehreren Bändern, wie unten. Leer: die Raster unten.</translation>
  </message>
  <message>
   <source>Landsat bands (if no product)</source>
   <translation>Landsat-Bänder (wenn kein Produkt)</translation>
  </message>
  <message>
   <source>A stack, or one raster per band. Bands are found by description (such as B4), wavelength or file name, else by BAND_NAMES. Level and scale follow from the name of a level 2 product, else give LEVEL, SCALE and OFFSET.</source>
   <translation>Ein Stapel, oder ein Raster je Band. Bänder werden nach Beschreibung (etwa B4), Wellenlänge oder Dateiname gefunden, sonst durch BAND_NAMES. Level und Skalierung folgen aus dem Namen eines Level-2-Produkts; sonst sind LEVEL, SCALE und OFFSET anzugeben.</translation>
  </message>
  <message>
   <source>Sentinel-2 reference: product</source>
   <translation>Sentinel-2-Referenz: Produkt</translation>
  </message>
  <message>
   <source>Its metadata file, zip or .SAFE folder: a Sentinel-2 scene of the same place and season, of the same level. Its scene classification (SCL) masks its clouds.</source>
   <translation>Ihre Metadatendatei, ihr zip oder ihr .SAFE-Ordner: eine Sentinel-2-Szene desselben Ortes und derselben Jahreszeit, desselben Levels. Ihre Szenenklassifikation (SCL) maskiert ihre Wolken.</translation>
  </message>
  <message>
   <source>Reference: rasters (if no product)</source>
   <translation>Referenz: Raster (wenn kein Produkt)</translation>
  </message>
  <message>
   <source>A stack with band names, or one raster per band, of one scene.</source>
   <translation>Ein Stapel mit Namen der Bänder, oder ein Raster je Band, einer Szene.</translation>
  </message>
  <message>
   <source>Target grid</source>
   <translation>Zielgitter</translation>
  </message>
  <message>
   <source>reference: grid and extent of the reference. utm: multiples of 10 m in Landsat's zone, over its extent. auto: the reference's, where there is one.</source>
   <translation>reference: Gitter und Ausdehnung der Referenz. utm: Vielfache von 10 m in der Zone der Landsat-Szene, über deren Ausdehnung. auto: das der Referenz, wo es eine gibt.</translation>
  </message>
  <message>
   <source>QA_PIXEL (only for rasters)</source>
   <translation>QA_PIXEL (nur für Raster)</translation>
  </message>
  <message>
   <source>Quality band of Collection 2; a product has its own.</source>
   <translation>Qualitätsband der Collection 2; ein Produkt hat sein eigenes.</translation>
  </message>
  <message>
   <source>Panchromatic band (level 1, band 8)</source>
   <translation>Panchromatisches Band (Level 1, Band 8)</translation>
  </message>
  <message>
   <source>The bands are pan-sharpened to 15 m first. Bands that the pan does not cover, the infrared, follow it only where they are related to it. With subpixel, red, green and blue are pan-sharpened, brought to 5 m by the network and averaged; the others come from their own pixels. Strong edges may get rims, which STRENGTH softens.</source>
   <translation>Die Bänder werden zuerst auf 15 m pangeschärft. Bänder, die das panchromatische Band nicht abdeckt (Infrarot), folgen ihm nur, wo sie mit ihm zusammenhängen. Mit subpixel werden Rot, Grün und Blau pangeschärft, vom Netz auf 5 m gebracht und gemittelt; die übrigen entstehen aus ihren eigenen Pixeln. Starke Kanten können Säume bekommen, die STRENGTH mildert.</translation>
  </message>
  <message>
   <source>Names of the stack's bands</source>
   <translation>Namen der Bänder im Stapel</translation>
  </message>
  <message>
   <source>Empty: as it says. Landsat's names of the bands of a single raster in their order, separated by commas, for example B2,B3,B4,B5,B6,B7,-; a dash is a band of no interest, such as quality.</source>
   <translation>Leer: wie es sie selbst nennt. Landsats Namen der Bänder eines einzelnen Rasters in ihrer Reihenfolge, durch Kommas getrennt, zum Beispiel B2,B3,B4,B5,B6,B7,-; ein Strich ist ein nicht benötigtes Band, etwa Qualität.</translation>
  </message>
  <message>
   <source>Level of the rasters</source>
   <translation>Level der Raster</translation>
  </message>
  <message>
   <source>surface or top-of-atmosphere (toa) reflectance. auto: as the file names tell.</source>
   <translation>Reflexion der Oberfläche (surface) oder am Oberrand der Atmosphäre (toa). auto: wie die Dateinamen es sagen.</translation>
  </message>
  <message>
   <source>Scale of the rasters' numbers</source>
   <translation>Skalierung der Rasterwerte</translation>
  </message>
  <message>
   <source>reflectance = scale * number + offset. Empty: as the raster or its name says.</source>
   <translation>Reflexion = scale * Wert + offset. Leer: wie es das Raster oder sein Name sagt.</translation>
  </message>
  <message>
   <source>Offset of the rasters' numbers</source>
   <translation>Offset der Rasterwerte</translation>
  </message>
  <message>
   <source>Harmonised scene</source>
   <translation>Harmonisierte Szene</translation>
  </message>
  <message>
   <source>16-bit digital numbers of reflectance times 10000, with the reference's offset; 0 is nodata.</source>
   <translation>16-Bit-Digitalwerte der Reflexion mal 10000, mit dem Offset der Referenz; 0 ist Nodata.</translation>
  </message>
  <message>
   <source>Bias, error, slope, NDVI, detail and shift against the reference, before and after, on unchanged ground.</source>
   <translation>Bias, Fehler, Steigung, NDVI, Details und Versatz gegen die Referenz, vorher und nachher, auf unverändertem Boden.</translation>
  </message>
  <message>
   <source>Pixels masked by QA_PIXEL (percent)</source>
   <translation>Von QA_PIXEL maskierte Pixel (Prozent)</translation>
  </message>
  <message>
   <source>Pixels without the reference's detail (percent; only highpass)</source>
   <translation>Pixel ohne Details der Referenz (Prozent; nur highpass)</translation>
  </message>
  <message>
   <source>Shift found, to the east (map units of the scene)</source>
   <translation>Gefundener Versatz nach Osten (Karteneinheiten der Szene)</translation>
  </message>
  <message>
   <source>Shift found, to the north (map units of the scene)</source>
   <translation>Gefundener Versatz nach Norden (Karteneinheiten der Szene)</translation>
  </message>
  <message>
   <source>Radiometry of each band (JSON)</source>
   <translation>Radiometrie jedes Bandes (JSON)</translation>
  </message>
  <message>
   <source>Measures before and after (JSON; only with a report)</source>
   <translation>Maße vorher und nachher (JSON; nur mit Bericht)</translation>
  </message>
  <message>
   <source>Harmonise Landsat at 10 m</source>
   <translation>Landsat auf 10 m harmonisieren</translation>
  </message>
  <message>
   <source>Makes Landsat 8 and 9 look and measure like the 10 m scenes of Copernicus.</source>
   <translation>Bringt Landsat 8 und 9 in Aussehen und Werten auf die 10-m-Szenen von Copernicus.</translation>
  </message>
  <message>
   <source>Landsat 8 and 9 (Collection 2, level 1 or 2) become 16-bit rasters with the bands, the scaling and the 10 m pixels of Sentinel-2. Clouds and whatever else QA_PIXEL flags become nodata.

Give a product (its folder, its tar or its *_MTL.txt) or rasters of the bands; and, where you have one, a Sentinel-2 scene of the place as reference: the result then lies on its grid, is moved onto it, and is compared with it in the report. Choose a reference of the same season.

Methods: resample is cubic convolution. subpixel is a network that was trained on simulated Landsat bands. highpass takes the detail from the reference, but where the ground has changed; a land cover that changes within its 30 m pixels keeps the reference's old edges. deblur, style and combined are networks that learned beside a discriminator and invent texture: deblur sharpens the resampled bands, style gives them the fine texture of Sentinel-2, combined gives it to the result of subpixel. Measure no detail in their results.

Radiometry: hls-s2a, hls-s2b and hls-s2c are the published lines of NASA's HLS for surface reflectance (level 2), chastain-toa those for top of atmosphere (level 1). fitted is a robust regression on the pixels that did not change, histogram matches percentiles; both need a reference. B8 and B8A differ by about 10 % where there is vegetation: NIR says which one the result has.</source>
   <translation>Aus Landsat 8 und 9 (Collection 2, Level 1 oder 2) werden 16-Bit-Raster mit den Bändern, der Skalierung und den 10-m-Pixeln von Sentinel-2. Wolken und was QA_PIXEL sonst noch kennzeichnet, werden Nodata.

Anzugeben ist ein Produkt (sein Ordner, sein tar oder seine *_MTL.txt) oder Raster der Bänder; und, wo vorhanden, eine Sentinel-2-Szene des Ortes als Referenz: Das Ergebnis liegt dann auf ihrem Gitter, wird auf sie verschoben und im Bericht mit ihr verglichen. Die Referenz sollte aus derselben Jahreszeit sein.

Methoden: resample ist kubische Faltung. subpixel ist ein Netz, das mit simulierten Landsat-Bändern trainiert wurde. highpass nimmt die Details aus der Referenz, außer wo sich der Boden verändert hat; eine Landbedeckung, die sich innerhalb ihrer 30-m-Pixel ändert, behält die alten Kanten der Referenz. deblur, style und combined sind Netze, die neben einem Diskriminator gelernt haben und Textur erfinden: deblur schärft die umgerechneten Bänder, style gibt ihnen die feine Textur von Sentinel-2, combined gibt sie dem Ergebnis von subpixel. In ihren Ergebnissen sollten keine Details gemessen werden.

Radiometrie: hls-s2a, hls-s2b und hls-s2c sind die veröffentlichten Geraden von HLS der NASA für Oberflächenreflexion (Level 2), chastain-toa die für den Oberrand der Atmosphäre (Level 1). fitted ist eine robuste Regression über die Pixel, die sich nicht verändert haben, histogram gleicht Perzentile an; beide brauchen eine Referenz. B8 und B8A unterscheiden sich über Vegetation um etwa 10 %: NIR sagt, welches das Ergebnis hat.</translation>
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
   <translation>Harmonisierung</translation>
  </message>
  <message>
   <source>radiometric normalisation</source>
   <translation>radiometrische Normalisierung</translation>
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
   <translation type="vanished">Aus Landsat 8 und 9 (Collection 2, Level 1 oder 2) werden 16-Bit-Raster mit den Bändern, der Skalierung und den 10-m-Pixeln von Sentinel-2. Wolken und was QA_PIXEL sonst noch kennzeichnet, werden Nodata.

Anzugeben ist ein Produkt (sein Ordner, sein tar oder seine *_MTL.txt) oder Raster der Bänder; und, wo vorhanden, eine Sentinel-2-Szene des Ortes als Referenz: Das Ergebnis liegt dann auf ihrem Gitter, wird auf sie verschoben und im Bericht mit ihr verglichen. Die Referenz sollte aus derselben Jahreszeit sein.

Methoden: resample ist kubische Faltung. subpixel ist ein Netz, das mit simulierten Landsat-Bändern trainiert wurde. highpass nimmt die Details aus der Referenz, außer wo sich der Boden verändert hat; eine Landbedeckung, die sich innerhalb ihrer 30-m-Pixel ändert, behält die alten Kanten der Referenz.

Radiometrie: hls-s2a, hls-s2b und hls-s2c sind die veröffentlichten Geraden von HLS der NASA für Oberflächenreflexion (Level 2), chastain-toa die für den Oberrand der Atmosphäre (Level 1). fitted ist eine robuste Regression über die Pixel, die sich nicht verändert haben, histogram gleicht Perzentile an; beide brauchen eine Referenz. B8 und B8A unterscheiden sich über Vegetation um etwa 10 %: NIR sagt, welches das Ergebnis hat.</translation>
  </message>
  <message>
   <source>Landsat 8 and 9 (Collection 2, level 1 or 2) become 16-bit rasters with the bands, the scaling and the 10 m pixels of Sentinel-2. Clouds and whatever else QA_PIXEL flags become nodata.

Give a product (its folder, its tar or its *_MTL.txt) or rasters of the bands; and, where you have one, a Sentinel-2 scene of the place as reference: the result then lies on its grid, is moved onto it, and is compared with it in the report. Choose a reference of the same season.

Methods: resample is cubic convolution. subpixel is a network that was trained on simulated Landsat bands. highpass takes the detail from the reference, but where the ground has changed; a land cover that changes within its 30 m pixels keeps the reference's old edges. deblur, style and combined are networks that learned beside a discriminator and invent texture: deblur sharpens the resampled bands, style gives them the fine texture of Sentinel-2 (no model of it is shipped), combined gives it to the result of subpixel. Measure no detail in their results.

Radiometry: hls-s2a, hls-s2b and hls-s2c are the published lines of NASA's HLS for surface reflectance (level 2), chastain-toa those for top of atmosphere (level 1). fitted is a robust regression on the pixels that did not change, histogram matches percentiles; both need a reference. B8 and B8A differ by about 10 % where there is vegetation: NIR says which one the result has.</source>
   <translation type="vanished">Aus Landsat 8 und 9 (Collection 2, Level 1 oder 2) werden 16-Bit-Raster mit den Bändern, der Skalierung und den 10-m-Pixeln von Sentinel-2. Wolken und was QA_PIXEL sonst noch kennzeichnet, werden Nodata.

Anzugeben ist ein Produkt (sein Ordner, sein tar oder seine *_MTL.txt) oder Raster der Bänder; und, wo vorhanden, eine Sentinel-2-Szene des Ortes als Referenz: Das Ergebnis liegt dann auf ihrem Gitter, wird auf sie verschoben und im Bericht mit ihr verglichen. Die Referenz sollte aus derselben Jahreszeit sein.

Methoden: resample ist kubische Faltung. subpixel ist ein Netz, das mit simulierten Landsat-Bändern trainiert wurde. highpass nimmt die Details aus der Referenz, außer wo sich der Boden verändert hat; eine Landbedeckung, die sich innerhalb ihrer 30-m-Pixel ändert, behält die alten Kanten der Referenz. deblur, style und combined sind Netze, die neben einem Diskriminator gelernt haben und Textur erfinden: deblur schärft die umgerechneten Bänder, style gibt ihnen die feine Textur von Sentinel-2 (dafür wird kein Modell mitgeliefert), combined gibt sie dem Ergebnis von subpixel. In ihren Ergebnissen sollten keine Details gemessen werden.

Radiometrie: hls-s2a, hls-s2b und hls-s2c sind die veröffentlichten Geraden von HLS der NASA für Oberflächenreflexion (Level 2), chastain-toa die für den Oberrand der Atmosphäre (Level 1). fitted ist eine robuste Regression über die Pixel, die sich nicht verändert haben, histogram gleicht Perzentile an; beide brauchen eine Referenz. B8 und B8A unterscheiden sich über Vegetation um etwa 10 %: NIR sagt, welches das Ergebnis hat.</translation>
  </message>
 </context>
 <context>
  <name>InstallDependencies</name>
  <message>
   <source>Package</source>
   <translation>Paket</translation>
  </message>
  <message>
   <source>auto: onnxruntime-gpu if there is an NVIDIA card whose driver runs it, else onnxruntime; the log says which and why. onnxruntime: for the processor, on all systems. onnxruntime-gpu: for NVIDIA graphics cards on Windows and Linux; it also runs on the processor.</source>
   <translation>auto: onnxruntime-gpu, wenn es eine NVIDIA-Grafikkarte gibt, deren Treiber es ausführt, sonst onnxruntime; das Protokoll sagt, welches und warum. onnxruntime: für den Prozessor, auf allen Systemen. onnxruntime-gpu: für NVIDIA-Grafikkarten unter Windows und Linux; es läuft auch auf dem Prozessor.</translation>
  </message>
  <message>
   <source>Folder of wheels (offline)</source>
   <translation>Ordner mit Wheels (offline)</translation>
  </message>
  <message>
   <source>Packages as files (*.whl) for this system and Python version. The network is not used.</source>
   <translation>Pakete als Dateien (*.whl) für dieses System und diese Python-Version. Das Netz wird nicht benutzt.</translation>
  </message>
  <message>
   <source>Package index (URL)</source>
   <translation>Paketindex (URL)</translation>
  </message>
  <message>
   <source>For example your organisation's mirror of PyPI. Empty: the index in pip's configuration, usually PyPI.</source>
   <translation>Zum Beispiel der PyPI-Spiegel der eigenen Organisation. Leer: der Index aus der Konfiguration von pip, meist PyPI.</translation>
  </message>
  <message>
   <source>A version or a range, for example 1.26.0 or &lt;1.27 (the last versions for CUDA 12). Empty: the newest version that works with QGIS's numpy.</source>
   <translation>Eine Version oder ein Bereich, zum Beispiel 1.26.0 oder &lt;1.27 (die letzten Versionen für CUDA 12). Leer: die neueste Version, die mit dem numpy von QGIS läuft.</translation>
  </message>
  <message>
   <source>Include NVIDIA's libraries (onnxruntime-gpu only)</source>
   <translation>Bibliotheken von NVIDIA (nur onnxruntime-gpu)</translation>
  </message>
  <message>
   <source>Also installs CUDA and cuDNN, a download of more than 1 GB. Not needed if both are already installed in the versions that onnxruntime-gpu needs.</source>
   <translation>Installiert auch CUDA und cuDNN, ein Download von mehr als 1 GB. Nicht nötig, wenn beide schon in den Versionen installiert sind, die onnxruntime-gpu braucht.</translation>
  </message>
  <message>
   <source>Replace a working installation</source>
   <translation>Funktionierende Installation ersetzen</translation>
  </message>
  <message>
   <source>Installs the newest version even if an installation already works.</source>
   <translation>Installiert die neueste Version, auch wenn eine Installation schon funktioniert.</translation>
  </message>
  <message>
   <source>Also install the trainer (PyTorch)</source>
   <translation>Auch den Trainer installieren (PyTorch)</translation>
  </message>
  <message>
   <source>Needed once for Train model and Export model: about 1 GB for the processor, about 8 GB with CUDA.</source>
   <translation>Einmal nötig für 'Modell trainieren' und 'Modell exportieren': etwa 1 GB für den Prozessor, etwa 8 GB mit CUDA.</translation>
  </message>
  <message>
   <source>PyTorch build</source>
   <translation>PyTorch-Variante</translation>
  </message>
  <message>
   <source>cpu: for the processor. cuda: for NVIDIA graphics cards on Windows and Linux, and the processor. index: the build that the package index offers.</source>
   <translation>cpu: für den Prozessor. cuda: für NVIDIA-Grafikkarten unter Windows und Linux, und den Prozessor. index: die Variante, die der Paketindex anbietet.</translation>
  </message>
  <message>
   <source>Version of PyTorch</source>
   <translation>Version von PyTorch</translation>
  </message>
  <message>
   <source>A version or a range, for example 2.6.0 or &lt;2.9. Empty: the newest version that the trainer supports.</source>
   <translation>Eine Version oder ein Bereich, zum Beispiel 2.6.0 oder &lt;2.9. Leer: die neueste Version, die der Trainer unterstützt.</translation>
  </message>
  <message>
   <source>Package index for PyTorch (URL)</source>
   <translation>Paketindex für PyTorch (URL)</translation>
  </message>
  <message>
   <source>Only if PyTorch comes from a different index than the other packages. Empty: the index above (INDEX_URL). If that is empty too: PyTorch's own index where the usual one does not have the build.</source>
   <translation>Nur wenn PyTorch aus einem anderen Index kommt als die übrigen Pakete. Leer: der Index oben (INDEX_URL). Ist auch dieser leer: der eigene Index von PyTorch, wo der übliche die Variante nicht hat.</translation>
  </message>
  <message>
   <source>Folder of the installed packages</source>
   <translation>Ordner der installierten Pakete</translation>
  </message>
  <message>
   <source>Installed packages (comma-separated)</source>
   <translation>Installierte Pakete (durch Kommas getrennt)</translation>
  </message>
  <message>
   <source>Python program used for the installation</source>
   <translation>Für die Installation benutztes Python-Programm</translation>
  </message>
  <message>
   <source>Python program that runs the trainer</source>
   <translation>Python-Programm, das den Trainer ausführt</translation>
  </message>
  <message>
   <source>QGIS must be restarted</source>
   <translation>QGIS muss neu gestartet werden</translation>
  </message>
  <message>
   <source>Install dependencies</source>
   <translation>Abhängigkeiten installieren</translation>
  </message>
  <message>
   <source>Installs onnxruntime, which runs the models, into your QGIS profile.</source>
   <translation>Installiert onnxruntime, das die Modelle ausführt, in das QGIS-Profil.</translation>
  </message>
  <message>
   <source>Installs onnxruntime, which runs the models, into a folder of your QGIS profile:
{folder}

QGIS's own packages, such as numpy and GDAL, are not changed. The new packages are tested in a separate process first. If the test fails or you cancel, the previous installation stays as it was. Nothing else is changed: delete the folder to remove everything. What pip said is in pip.log beside it.

Without a network, give a folder of wheels. Fill it on another machine with the same system and Python version by
python -m pip download --only-binary=:all: onnxruntime

With an NVIDIA graphics card, onnxruntime-gpu is chosen. Afterwards, Device information says whether the card is used. Each of the two packages replaces the other.

To train your own models, tick 'Also install the trainer' (TRAINING) once: PyTorch and its other packages are installed into a separate environment, {training}, which QGIS itself never loads. Delete that folder to remove it.</source>
   <translation>Installiert onnxruntime, das die Modelle ausführt, in einen Ordner des QGIS-Profils:
{folder}

Die eigenen Pakete von QGIS, etwa numpy und GDAL, bleiben unverändert. Die neuen Pakete werden zuerst in einem eigenen Prozess geprüft. Schlägt die Prüfung fehl oder wird abgebrochen, bleibt die bisherige Installation wie sie war. Sonst wird nichts verändert: Wer den Ordner löscht, entfernt alles. Was pip meldete, steht daneben in pip.log.

Ohne Netz ist ein Ordner mit Wheels anzugeben. Er wird auf einem anderen Rechner mit demselben System und derselben Python-Version gefüllt mit
python -m pip download --only-binary=:all: onnxruntime

Mit einer NVIDIA-Grafikkarte wird onnxruntime-gpu gewählt. Danach sagt Geräteinformation, ob die Karte genutzt wird. Jedes der beiden Pakete ersetzt das andere.

Um eigene Modelle zu trainieren, einmal 'Auch den Trainer installieren' (TRAINING) ankreuzen: PyTorch und seine weiteren Pakete kommen in eine getrennte Umgebung, {training}, die QGIS selbst nie lädt. Wer diesen Ordner löscht, entfernt sie.</translation>
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
   <translation>ohne Netz</translation>
  </message>
  <message>
   <source>wheels</source>
   <translation>wheels</translation>
  </message>
  <message>
   <source>dependencies</source>
   <translation>Abhängigkeiten</translation>
  </message>
 </context>
 <context>
  <name>InstallModel</name>
  <message>
   <source>Model archive</source>
   <translation>Modellarchiv</translation>
  </message>
  <message>
   <source>The zip archive. A path of a folder is taken too.</source>
   <translation>Das zip-Archiv. Auch der Pfad eines Ordners wird angenommen.</translation>
  </message>
  <message>
   <source>Or the folder of a model</source>
   <translation>Oder der Ordner eines Modells</translation>
  </message>
  <message>
   <source>A folder with model.onnx and card.json.</source>
   <translation>Ein Ordner mit model.onnx und card.json.</translation>
  </message>
  <message>
   <source>Install model</source>
   <translation>Modell installieren</translation>
  </message>
  <message>
   <source>Installs a model that somebody has shared, as a zip archive or unpacked.</source>
   <translation>Installiert ein Modell, das jemand geteilt hat, als Zip-Archiv oder entpackt.</translation>
  </message>
  <message>
   <source>Installs a model that somebody has shared: the zip archive that 'Export model' writes, or a folder with model.onnx and card.json. It is in every list of models at once.

Nothing in it is run. The checksums of all files are verified. An archive that holds anything but the files of a model, or a file outside its folder, is refused; so is a model that refers to files elsewhere, needs operators of its own, or does not fit its card. Pickled weights (.pth, .pt) are no models of the toolbox: 'Export model' makes one of them.

A model of yours that is replaced stays until the new one is whole. Shipped models are never replaced.</source>
   <translation>Installiert ein Modell, das jemand geteilt hat: das zip-Archiv, das 'Modell exportieren' schreibt, oder einen Ordner mit model.onnx und card.json. Es steht sofort in jeder Modellliste.

Nichts darin wird ausgeführt. Die Prüfsummen aller Dateien werden geprüft. Ein Archiv, das etwas anderes als die Dateien eines Modells enthält, oder eine Datei außerhalb seines Ordners, wird abgelehnt; ebenso ein Modell, das auf Dateien anderswo verweist, eigene Operatoren braucht oder nicht zu seiner Karte passt. Gewichte als Pickle (.pth, .pt) sind keine Modelle der Werkzeugkiste: 'Modell exportieren' macht eines daraus.

Ein eigenes Modell, das ersetzt wird, bleibt, bis das neue vollständig ist. Mitgelieferte Modelle werden nie ersetzt.</translation>
  </message>
  <message>
   <source>import</source>
   <translation>importieren</translation>
  </message>
  <message>
   <source>download</source>
   <translation>herunterladen</translation>
  </message>
  <message>
   <source>model zoo</source>
   <translation>Modellsammlung</translation>
  </message>
 </context>
 <context>
  <name>ModelInfo</name>
  <message>
   <source>A shipped model or one in your models folder. In scripts and on the command line, give its id.</source>
   <translation>Ein mitgeliefertes Modell oder eines aus dem eigenen Modellordner. In Skripten und auf der Kommandozeile ist seine Id anzugeben.</translation>
  </message>
  <message>
   <source>Model card (HTML)</source>
   <translation>Modellkarte (HTML)</translation>
  </message>
  <message>
   <source>The card as an HTML page.</source>
   <translation>Die Karte als HTML-Seite.</translation>
  </message>
  <message>
   <source>Id</source>
   <translation>Id</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Name</translation>
  </message>
  <message>
   <source>Family</source>
   <translation>Familie</translation>
  </message>
  <message>
   <source>Names of the inputs (comma-separated)</source>
   <translation>Namen der Eingaben (durch Kommas getrennt)</translation>
  </message>
  <message>
   <source>Bands of the input (comma-separated; each: every band separately)</source>
   <translation>Bänder der Eingabe (durch Kommas getrennt; each: jedes Band für sich)</translation>
  </message>
  <message>
   <source>Licence</source>
   <translation>Lizenz</translation>
  </message>
  <message>
   <source>What had to be assumed of a file without a card</source>
   <translation>Was bei einer Datei ohne Karte angenommen werden musste</translation>
  </message>
  <message>
   <source>Measured quality (JSON)</source>
   <translation>Gemessene Qualität (JSON)</translation>
  </message>
  <message>
   <source>The whole card (JSON)</source>
   <translation>Die ganze Karte (JSON)</translation>
  </message>
  <message>
   <source>All models (JSON)</source>
   <translation>Alle Modelle (JSON)</translation>
  </message>
  <message>
   <source>Number of network parameters</source>
   <translation>Anzahl der Netzparameter</translation>
  </message>
  <message>
   <source>Model information</source>
   <translation>Modellinformation</translation>
  </message>
  <message>
   <source>Shows the inputs and outputs of a model, its measured quality, and its data and licences.</source>
   <translation>Zeigt Ein- und Ausgaben eines Modells, seine gemessene Qualität, seine Daten und Lizenzen.</translation>
  </message>
  <message>
   <source>Shows a model's card as a report and as outputs: inputs and bands, scale, tiling, measured quality, training data with licences, checksum.

An ONNX file without a card is run to find its scale, bands, sizes and halo. The report says what was measured and what had to be assumed.

The report also lists all models, with a table that says which one suits which data:</source>
   <translation>Zeigt die Karte eines Modells als Bericht und als Ausgaben: Eingaben und Bänder, Skalierung, Kachelung, gemessene Qualität, Trainingsdaten mit Lizenzen, Prüfsumme.

Eine ONNX-Datei ohne Karte wird ausgeführt, um ihre Skalierung, Bänder, Größen und ihren Rand zu finden. Der Bericht sagt, was gemessen wurde und was angenommen werden musste.

Der Bericht führt auch alle Modelle auf, mit einer Tabelle, die sagt, welches zu welchen Daten passt:</translation>
  </message>
  <message>
   <source>model card</source>
   <translation>Modellkarte</translation>
  </message>
  <message>
   <source>licence</source>
   <translation>Lizenz</translation>
  </message>
  <message>
   <source>metadata</source>
   <translation>Metadaten</translation>
  </message>
 </context>
 <context>
  <name>Pansharpen</name>
  <message>
   <source>Multispectral raster</source>
   <translation>Multispektrales Raster</translation>
  </message>
  <message>
   <source>The bands to sharpen, in one raster: stack single files by a virtual raster.</source>
   <translation>Die zu schärfenden Bänder, in einem Raster: Einzeldateien durch ein virtuelles Raster stapeln.</translation>
  </message>
  <message>
   <source>Panchromatic raster</source>
   <translation>Panchromatisches Raster</translation>
  </message>
  <message>
   <source>The raster with the smaller pixels.</source>
   <translation>Das Raster mit den kleineren Pixeln.</translation>
  </message>
  <message>
   <source>Bands to sharpen, in this order. Empty: all.</source>
   <translation>Zu schärfende Bänder, in dieser Reihenfolge. Leer: alle.</translation>
  </message>
  <message>
   <source>MTF of the multispectral sensor at the Nyquist frequency</source>
   <translation>MTF des multispektralen Sensors bei der Nyquist-Frequenz</translation>
  </message>
  <message>
   <source>Above 0 and below 1. The smaller, the more detail is taken from the panchromatic band. Published values lie between 0.2 and 0.4.</source>
   <translation>Über 0 und unter 1. Je kleiner, desto mehr Details kommen aus dem panchromatischen Band. Veröffentlichte Werte liegen zwischen 0,2 und 0,4.</translation>
  </message>
  <message>
   <source>Pan-sharpened raster</source>
   <translation>Pan-geschärftes Raster</translation>
  </message>
  <message>
   <source>On the grid of the panchromatic raster: a GeoTIFF, or another format that GDAL can write, chosen by the file extension.</source>
   <translation>Auf dem Gitter des panchromatischen Rasters: ein GeoTIFF, oder ein anderes Format, das GDAL schreiben kann, nach der Dateiendung.</translation>
  </message>
  <message>
   <source>Pan-sharpen raster</source>
   <translation>Raster pan-schärfen</translation>
  </message>
  <message>
   <source>Brings a multispectral raster to the smaller pixels of its panchromatic band.</source>
   <translation>Bringt ein multispektrales Raster auf die kleineren Pixel seines panchromatischen Bandes.</translation>
  </message>
  <message>
   <source>Brings a multispectral raster to the smaller pixels of its panchromatic band, for any sensor: Landsat, Pleiades, WorldView, SPOT. The two rasters share a CRS; pixel sizes need no whole ratio (1.2 to 16) and the grids no common corner, such as Landsat's, which are half a pan pixel apart.

The detail that the multispectral sensor's blur took from the panchromatic band is added to each band by a local regression, and the result, degraded again, returns the input. Bands that the panchromatic band does not cover, such as the infrared, follow it only where they are related to it. Pixels are nodata where one of the two rasters is. Data type, band names, wavelengths, scale and offset are kept.</source>
   <translation>Bringt ein multispektrales Raster auf die kleineren Pixel seines panchromatischen Bandes, für jeden Sensor: Landsat, Pleiades, WorldView, SPOT. Beide Raster haben dasselbe KBS; die Pixelgrößen brauchen kein ganzzahliges Verhältnis (1,2 bis 16) und die Gitter keine gemeinsame Ecke, so wie die von Landsat, die ein halbes Pan-Pixel auseinanderliegen.

Die Details, die die Unschärfe des multispektralen Sensors gegenüber dem panchromatischen Band genommen hat, werden jedem Band durch eine lokale Regression hinzugefügt, und das Ergebnis ergibt, wieder vergröbert, die Eingabe. Bänder, die das panchromatische nicht abdeckt, etwa das Infrarot, folgen ihm nur dort, wo sie mit ihm zusammenhängen. Pixel sind Nodata, wo eines der beiden Raster es ist. Datentyp, Bandnamen, Wellenlängen, Skalierung und Offset bleiben erhalten.</translation>
  </message>
  <message>
   <source>pansharpen</source>
   <translation>pan-schärfen</translation>
  </message>
  <message>
   <source>pan-sharpening</source>
   <translation>Pansharpening</translation>
  </message>
  <message>
   <source>panchromatic</source>
   <translation>panchromatisch</translation>
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
   <translation>Hochaufgelöste Raster (HR)</translation>
  </message>
  <message>
   <source>What the model must produce. All with the same CRS, bands and pixel size.</source>
   <translation>Was das Modell erzeugen soll. Alle mit demselben KBS, denselben Bändern und derselben Pixelgröße.</translation>
  </message>
  <message>
   <source>Low-resolution rasters (LR)</source>
   <translation>Niedrig aufgelöste Raster (LR)</translation>
  </message>
  <message>
   <source>One per HR raster, with pixels larger by the scale factor (SCALE) and the same bands (found by name or wavelength) in the same unit. Empty: training degrades HR.</source>
   <translation>Eines je HR-Raster, mit um den Skalierungsfaktor (SCALE) größeren Pixeln und denselben Bändern (nach Name oder Wellenlänge gefunden) in derselben Einheit. Leer: Das Training vergröbert HR.</translation>
  </message>
  <message>
   <source>Guide rasters</source>
   <translation>Führungsraster</translation>
  </message>
  <message>
   <source>One per HR raster, or several: first all first guides, then all second ones. Their pixels must be a whole number of times smaller or larger, where they are not made into channels (GUIDE_BANDS).</source>
   <translation>Eines je HR-Raster, oder mehrere: zuerst alle ersten Führungsraster, dann alle zweiten. Ihre Pixel müssen um einen ganzzahligen Faktor kleiner oder größer sein, wo keine Kanäle aus ihnen gemacht werden (GUIDE_BANDS).</translation>
  </message>
  <message>
   <source>Mask rasters</source>
   <translation>Maskenraster</translation>
  </message>
  <message>
   <source>Areas to leave out, such as clouds: one raster for all, or one per HR raster, with any pixel size. The first band is used. Areas outside the mask raster are left out too.</source>
   <translation>Auszulassende Gebiete, etwa Wolken: ein Raster für alle, oder eines je HR-Raster, mit beliebiger Pixelgröße. Benutzt wird das erste Band. Auch Gebiete außerhalb des Maskenrasters werden ausgelassen.</translation>
  </message>
  <message>
   <source>Bands of the guides</source>
   <translation>Bänder der Führungsraster</translation>
  </message>
  <message>
   <source>channels: all guides of an HR raster become three standardised channels on its pixels, as 'Sharpen temperatures' gives them to networks; the guides may then have any bands, pixels and CRS. bands: as they are. auto: channels where HR has one band, else bands.</source>
   <translation>channels: Alle Führungsraster eines HR-Rasters werden zu drei standardisierten Kanälen auf dessen Pixeln, wie 'Temperaturen schärfen' sie den Netzen gibt; die Führungsraster dürfen dann beliebige Bänder, Pixel und KBS haben. bands: wie sie sind. auto: channels, wo HR ein Band hat, sonst bands.</translation>
  </message>
  <message>
   <source>Scale factor (HR pixels per LR pixel)</source>
   <translation>Skalierungsfaktor (HR-Pixel je LR-Pixel)</translation>
  </message>
  <message>
   <source>Along one axis.</source>
   <translation>Entlang einer Achse.</translation>
  </message>
  <message>
   <source>Mask values to leave out</source>
   <translation>Auszulassende Maskenwerte</translation>
  </message>
  <message>
   <source>Values of the mask rasters (MASK), separated by commas, for example 3,8,9,10 for clouds and shadows in Sentinel-2's SCL. Empty: all values except 0.</source>
   <translation>Werte der Maskenraster (MASK), durch Kommas getrennt, zum Beispiel 3,8,9,10 für Wolken und Schatten in der SCL von Sentinel-2. Leer: alle Werte außer 0.</translation>
  </message>
  <message>
   <source>Nodata value of HR and LR</source>
   <translation>Nodata-Wert von HR und LR</translation>
  </message>
  <message>
   <source>Pixels with this value are nodata. It replaces the nodata value that a raster declares. Use 0 for Sentinel-2's JPEG 2000 files, which declare none.</source>
   <translation>Pixel mit diesem Wert sind Nodata. Er ersetzt den Nodata-Wert, den ein Raster angibt. Für die JPEG-2000-Dateien von Sentinel-2, die keinen angeben, 0 nehmen.</translation>
  </message>
  <message>
   <source>Patch size (HR pixels)</source>
   <translation>Größe der Ausschnitte (HR-Pixel)</translation>
  </message>
  <message>
   <source>Side length. It is reduced, with a line in the log, if the rasters are too small.</source>
   <translation>Seitenlänge. Sie wird, mit einer Zeile im Protokoll, verringert, wenn die Raster zu klein sind.</translation>
  </message>
  <message>
   <source>Overlap of training patches (HR pixels)</source>
   <translation>Überlappung der Trainingsausschnitte (HR-Pixel)</translation>
  </message>
  <message>
   <source>Validation patches never overlap.</source>
   <translation>Validierungsausschnitte überlappen einander nie.</translation>
  </message>
  <message>
   <source>Largest share of invalid pixels per patch (0 to 1)</source>
   <translation>Größter Anteil ungültiger Pixel je Ausschnitt (0 bis 1)</translation>
  </message>
  <message>
   <source>Patches with a larger share of nodata or masked pixels are left out. In patches that are kept, nodata is filled from its neighbours; masked pixels keep their values.</source>
   <translation>Ausschnitte mit einem größeren Anteil an Nodata oder maskierten Pixeln werden ausgelassen. In den behaltenen wird Nodata aus den Nachbarn gefüllt; maskierte Pixel behalten ihre Werte.</translation>
  </message>
  <message>
   <source>Share of the area for validation (0 to 1)</source>
   <translation>Anteil der Fläche für die Validierung (0 bis 1)</translation>
  </message>
  <message>
   <source>Approximate, because whole blocks are used. 0: no validation.</source>
   <translation>Ungefähr, da ganze Blöcke benutzt werden. 0: keine Validierung.</translation>
  </message>
  <message>
   <source>Random seed of the split</source>
   <translation>Startwert der zufälligen Aufteilung</translation>
  </message>
  <message>
   <source>Chooses the validation blocks. The same seed gives the same training data.</source>
   <translation>Wählt die Blöcke der Validierung. Derselbe Startwert gibt dieselben Trainingsdaten.</translation>
  </message>
  <message>
   <source>Radiometry of pairs</source>
   <translation>Radiometrie der Paare</translation>
  </message>
  <message>
   <source>report: gain and offset between HR and LR are only reported, and the model learns them. linear: each band of HR is matched to LR by a gain and an offset, so that the model learns only detail.</source>
   <translation>report: Faktor und Offset zwischen HR und LR werden nur berichtet, und das Modell lernt sie. linear: Jedes Band von HR wird durch einen Faktor und einen Offset an LR angeglichen, sodass das Modell nur Details lernt.</translation>
  </message>
  <message>
   <source>Name of the data</source>
   <translation>Name der Daten</translation>
  </message>
  <message>
   <source>Letters, digits, - and _. Empty: the name of the first HR raster.</source>
   <translation>Buchstaben, Ziffern, - und _. Leer: der Name des ersten HR-Rasters.</translation>
  </message>
  <message>
   <source>Sensor</source>
   <translation>Sensor</translation>
  </message>
  <message>
   <source>Goes into the card of models trained on this data.</source>
   <translation>Kommt in die Karte der Modelle, die mit diesen Daten trainiert werden.</translation>
  </message>
  <message>
   <source>Place</source>
   <translation>Ort</translation>
  </message>
  <message>
   <source>Licence of the rasters</source>
   <translation>Lizenz der Raster</translation>
  </message>
  <message>
   <source>Goes into the card of models trained on this data. Empty: not stated.</source>
   <translation>Kommt in die Karte der Modelle, die mit diesen Daten trainiert werden. Leer: nicht angegeben.</translation>
  </message>
  <message>
   <source>A new or empty folder, or one with earlier training data, which is replaced.</source>
   <translation>Ein neuer oder leerer Ordner, oder einer mit früheren Trainingsdaten, der ersetzt wird.</translation>
  </message>
  <message>
   <source>Number of training patches</source>
   <translation>Anzahl der Trainingsausschnitte</translation>
  </message>
  <message>
   <source>Number of validation patches</source>
   <translation>Anzahl der Validierungsausschnitte</translation>
  </message>
  <message>
   <source>Picture of some patches (PNG)</source>
   <translation>Bild einiger Ausschnitte (PNG)</translation>
  </message>
  <message>
   <source>Prepare training data</source>
   <translation>Trainingsdaten vorbereiten</translation>
  </message>
  <message>
   <source>Cuts rasters into patches for training a model, split by place into training and validation.</source>
   <translation>Schneidet Raster in Ausschnitte zum Training eines Modells, nach Orten getrennt in Training und Validierung.</translation>
  </message>
  <message>
   <source>Cuts rasters into patches for training a model. The result is a folder that 'Train model' reads.

Give high-resolution rasters alone (HR): training then degrades them to make the low-resolution images. Or give pairs of a high-resolution and a low-resolution raster of the same area (HR and LR), for example from two sensors. Guides are additional higher-resolution rasters that help, such as NDVI for temperature. The rasters of a pair may have different extents, but their pixels must nest exactly. If they do not, use 'Co-register raster' or warp them first.

If there are several rasters, the low-resolution, guide and mask rasters (LR, GUIDES, MASK) are matched to the high-resolution ones (HR) by file name if the names are the same, else by order.

Patches with nodata or masked areas are left out. Validation uses whole blocks of the area, separated from training by a guard band of one patch, never random patches: so the quality measured on it is valid for new places. Where rasters overlap, a place is used for validation in all of them or in none.

Pairs are checked. The log gives the shift between them (more than 0.25 LR pixels is a warning) and the gain, offset and correlation of each band. The picture sheet.png in the folder shows some patches: look at it before you train.</source>
   <translation>Schneidet Raster in Ausschnitte zum Training eines Modells. Das Ergebnis ist ein Ordner, den 'Modell trainieren' liest.

Anzugeben sind nur hochaufgelöste Raster (HR): Das Training vergröbert sie dann zu den niedrig aufgelösten Bildern. Oder Paare aus einem hoch und einem niedrig aufgelösten Raster desselben Gebiets (HR und LR), zum Beispiel von zwei Sensoren. Führungsraster sind zusätzliche höher aufgelöste Raster, die helfen, etwa der NDVI bei Temperaturen. Die Raster eines Paares dürfen verschiedene Ausdehnungen haben, ihre Pixel müssen aber genau ineinander passen. Wenn nicht, sind sie vorher mit 'Raster koregistrieren' zu verschieben oder zu transformieren.

Bei mehreren Rastern werden die niedrig aufgelösten, die Führungs- und die Maskenraster (LR, GUIDES, MASK) den hochaufgelösten (HR) nach Dateinamen zugeordnet, wenn die Namen gleich sind, sonst nach der Reihenfolge.

Ausschnitte mit Nodata oder maskierten Gebieten werden ausgelassen. Die Validierung benutzt ganze Blöcke der Fläche, durch einen Schutzstreifen von einem Ausschnitt vom Training getrennt, nie zufällige Ausschnitte: So gilt die daran gemessene Qualität auch für neue Orte. Wo Raster einander überlappen, dient ein Ort in allen oder in keinem der Validierung.

Paare werden geprüft. Das Protokoll nennt den Versatz zwischen ihnen (mehr als 0,25 LR-Pixel ist eine Warnung) und Faktor, Offset und Korrelation jedes Bandes. Das Bild sheet.png im Ordner zeigt einige Ausschnitte: Es lohnt sich, es vor dem Training anzusehen.</translation>
  </message>
  <message>
   <source>training</source>
   <translation>Training</translation>
  </message>
  <message>
   <source>patches</source>
   <translation>Ausschnitte</translation>
  </message>
  <message>
   <source>chips</source>
   <translation>Bildausschnitte</translation>
  </message>
  <message>
   <source>data set</source>
   <translation>Datensatz</translation>
  </message>
  <message>
   <source>pairs</source>
   <translation>Paare</translation>
  </message>
  <message>
   <source>split</source>
   <translation>Aufteilung</translation>
  </message>
  <message>
   <source>validation</source>
   <translation>Validierung</translation>
  </message>
  <message>
   <source>cloud mask</source>
   <translation>Wolkenmaske</translation>
  </message>
 </context>
 <context>
  <name>PreviewModels</name>
  <message>
   <source>The models to try; each must fit the bands of the raster.</source>
   <translation>Die Modelle, die ausprobiert werden; jedes muss zu den Bändern des Rasters passen.</translation>
  </message>
  <message>
   <source>Extent (empty: the map's)</source>
   <translation>Ausdehnung (leer: die Karte)</translation>
  </message>
  <message>
   <source>The part to try, in any CRS; of a larger one its middle. Empty: what the map shows of the raster, or the middle of the raster.</source>
   <translation>Der auszuprobierende Teil, in beliebigem KBS; von einem größeren die Mitte. Leer: was die Karte von dem Raster zeigt, oder die Mitte des Rasters.</translation>
  </message>
  <message>
   <source>Largest side (pixels)</source>
   <translation>Längste Seite (Pixel)</translation>
  </message>
  <message>
   <source>The part is at most so many pixels of the input wide and high.</source>
   <translation>Der Teil ist höchstens so viele Pixel der Eingabe breit und hoch.</translation>
  </message>
  <message>
   <source>Folder for the results</source>
   <translation>Ordner für die Ergebnisse</translation>
  </message>
  <message>
   <source>One GeoTIFF for each model.</source>
   <translation>Ein GeoTIFF für jedes Modell.</translation>
  </message>
  <message>
   <source>Preview page (HTML)</source>
   <translation>Vorschauseite (HTML)</translation>
  </message>
  <message>
   <source>One HTML file with all pictures.</source>
   <translation>Eine HTML-Datei mit allen Bildern.</translation>
  </message>
  <message>
   <source>Results</source>
   <translation>Ergebnisse</translation>
  </message>
  <message>
   <source>Preview models on a part of a raster</source>
   <translation>Modelle auf einem Teil eines Rasters ausprobieren</translation>
  </message>
  <message>
   <source>Runs one or more models on a small part of a raster, and shows the results beside bicubic.</source>
   <translation>Führt ein oder mehrere Modelle auf einem kleinen Teil eines Rasters aus und zeigt die Ergebnisse neben der bikubischen Vergrößerung.</translation>
  </message>
  <message>
   <source>To choose a model before a long run: the part of the raster in the middle of the map, or of the extent that you give, goes through each of the models that you choose, in seconds. The results are layers that lie on the input, and a page shows them side by side with the input and its bicubic enlargement, all in one stretch, and says how long the whole raster would take.

Blur and noise are measured in the part alone, so that a run of the whole raster may come out a little crisper or softer.</source>
   <translation>Um vor einem langen Lauf ein Modell zu wählen: Der Teil des Rasters in der Mitte der Karte, oder der angegebenen Ausdehnung, durchläuft in Sekunden jedes der gewählten Modelle. Die Ergebnisse sind Layer, die auf der Eingabe liegen; eine Seite zeigt sie nebeneinander mit der Eingabe und deren bikubischer Vergrößerung, alle in einer Kontraststreckung, und sagt, wie lange das ganze Raster dauern würde.

Unschärfe und Rauschen werden nur in diesem Teil gemessen, sodass ein Lauf über das ganze Raster etwas schärfer oder weicher ausfallen kann.</translation>
  </message>
  <message>
   <source>try</source>
   <translation>ausprobieren</translation>
  </message>
  <message>
   <source>choose</source>
   <translation>wählen</translation>
  </message>
  <message>
   <source>side by side</source>
   <translation>nebeneinander</translation>
  </message>
  <message>
   <source>quick look</source>
   <translation>Vorschau</translation>
  </message>
 </context>
 <context>
  <name>RasterInfo</name>
  <message>
   <source>Blur (median over the bands, pixels)</source>
   <translation>Unschärfe (Median der Bänder, Pixel)</translation>
  </message>
  <message>
   <source>Uncertainty of the blur (pixels)</source>
   <translation>Unsicherheit der Unschärfe (Pixel)</translation>
  </message>
  <message>
   <source>Noise (median over the bands, digital numbers)</source>
   <translation>Rauschen (Median der Bänder, Digitalwerte)</translation>
  </message>
  <message>
   <source>Uncertainty of the noise (digital numbers)</source>
   <translation>Unsicherheit des Rauschens (Digitalwerte)</translation>
  </message>
  <message>
   <source>Pixel size (metres)</source>
   <translation>Pixelgröße (Meter)</translation>
  </message>
  <message>
   <source>Number of bands</source>
   <translation>Anzahl der Bänder</translation>
  </message>
  <message>
   <source>What was found, and what it means</source>
   <translation>Was gefunden wurde und was es bedeutet</translation>
  </message>
  <message>
   <source>Blur and noise of each band (JSON)</source>
   <translation>Unschärfe und Rauschen jedes Bandes (JSON)</translation>
  </message>
  <message>
   <source>Raster information</source>
   <translation>Rasterinformation</translation>
  </message>
  <message>
   <source>Measures how blurred and how noisy a raster is, band by band, and says what that means for models.</source>
   <translation>Misst Band für Band, wie unscharf und wie verrauscht ein Raster ist, und sagt, was das für Modelle bedeutet.</translation>
  </message>
  <message>
   <source>Measures blur and noise of every band from the pixels alone: at most 16 windows of 128 x 128 pixels of a band are read, whatever the raster's size.

Blur is the standard deviation, in pixels, of the Gaussian that followed by the mean over each pixel made the raster; sensors have about 0.35 to 0.6. Noise is the standard deviation of what varies from pixel to pixel without belonging to the ground, in the raster's unit; the rounding of values is part of it. Each comes with its own uncertainty, one standard deviation.

A value that the pixels do not tell is undetermined: its output is then missing, never 0, and the log says so. This happens with few valid pixels, without contrast, and with values that are cut off. A model that uses a missing output stops there.</source>
   <translation>Misst Unschärfe und Rauschen jedes Bandes allein aus den Pixeln: Höchstens 16 Fenster von 128 x 128 Pixeln eines Bandes werden gelesen, wie groß das Raster auch ist.

Die Unschärfe ist die Standardabweichung, in Pixeln, der Gauß-Kurve, die zusammen mit der Mittelung über jedes Pixel das Raster erzeugt hat; Sensoren haben etwa 0,35 bis 0,6. Das Rauschen ist die Standardabweichung dessen, was sich von Pixel zu Pixel ändert, ohne zum Boden zu gehören, in der Einheit des Rasters; die Rundung der Werte ist ein Teil davon. Beide kommen mit ihrer eigenen Unsicherheit, einer Standardabweichung.

Ein Wert, den die Pixel nicht verraten, ist unbestimmt: Seine Ausgabe fehlt dann und ist nie 0, und das Protokoll sagt es. Das geschieht bei wenigen gültigen Pixeln, ohne Kontrast und bei abgeschnittenen Werten. Ein QGIS-Modell, das eine fehlende Ausgabe benutzt, bleibt dort stehen.</translation>
  </message>
  <message>
   <source>sharpness</source>
   <translation>Schärfe</translation>
  </message>
  <message>
   <source>sigma</source>
   <translation>Sigma</translation>
  </message>
  <message>
   <source>estimate</source>
   <translation>schätzen</translation>
  </message>
  <message>
   <source>resolution</source>
   <translation>Auflösung</translation>
  </message>
 </context>
 <context>
  <name>Sentinel2</name>
  <message>
   <source>Product (zip, folder or metadata)</source>
   <translation>Produkt (zip, Ordner oder XML)</translation>
  </message>
  <message>
   <source>The product's metadata file (MTD_MSIL1C.xml, MTD_MSIL2A.xml or *_MTD_ALL.xml), its zip, its .SAFE folder, a MUSCATE folder of Theia (flat reflectance, FRE, is preferred), or any folder with rasters whose file names contain the band names. Empty: the rasters below. For many products, run 'Super-resolve scenes of a folder or a huge mosaic' (srsat:batchfolder).</source>
   <translation>Die Metadatendatei des Produkts (MTD_MSIL1C.xml, MTD_MSIL2A.xml oder *_MTD_ALL.xml), sein zip, sein .SAFE-Ordner, ein MUSCATE-Ordner von Theia (die Reflexion mit Geländekorrektur, FRE, wird bevorzugt), oder ein beliebiger Ordner mit Rastern, deren Dateinamen die Namen der Bänder enthalten. Leer: die Raster unten. Für viele Produkte 'Szenen eines Ordners oder ein riesiges Mosaik feiner auflösen' (srsat:batchfolder) benutzen.</translation>
  </message>
  <message>
   <source>10 m bands (instead of a product)</source>
   <translation>10-m-Bänder (statt eines Produkts)</translation>
  </message>
  <message>
   <source>Rasters with B2, B3, B4 and B8: one raster per band, or a stack. Bands are found by description, wavelength or file name, else by this order.</source>
   <translation>Raster mit B2, B3, B4 und B8: ein Raster je Band, oder ein Stapel. Bänder werden nach Beschreibung, Wellenlänge oder Dateiname gefunden, sonst nach dieser Reihenfolge.</translation>
  </message>
  <message>
   <source>20 m bands (instead of a product)</source>
   <translation>20-m-Bänder (statt eines Produkts)</translation>
  </message>
  <message>
   <source>Rasters with B5, B6, B7, B8A, B11 and B12, found in the same way.</source>
   <translation>Raster mit B5, B6, B7, B8A, B11 und B12, auf dieselbe Weise gefunden.</translation>
  </message>
  <message>
   <source>60 m bands (instead of a product)</source>
   <translation>60-m-Bänder (statt eines Produkts)</translation>
  </message>
  <message>
   <source>Rasters with B1 and B9, found in the same way.</source>
   <translation>Raster mit B1 und B9, auf dieselbe Weise gefunden.</translation>
  </message>
  <message>
   <source>Pixel size of the result (metres)</source>
   <translation>Pixelgröße des Ergebnisses (Meter)</translation>
  </message>
  <message>
   <source>5: all bands, brought to 10 m, then go through any-x2 in the same run, onto a grid of 5 m that nests in that of the scene. It takes several times as long and four times the space; the detail below 10 m is the network's, not the sensor's.</source>
   <translation>5: Alle Bänder, auf 10 m gebracht, gehen im selben Lauf durch any-x2, auf ein Gitter von 5 m, das in das der Szene passt. Das dauert ein Mehrfaches und braucht den vierfachen Platz; die Details unter 10 m sind die des Netzes, nicht die des Sensors.</translation>
  </message>
  <message>
   <source>Bands to sharpen to 10 m</source>
   <translation>Auf 10 m zu schärfende Bänder</translation>
  </message>
  <message>
   <source>all: the 20 m and 60 m bands that the scene has.</source>
   <translation>all: die 20-m- und 60-m-Bänder, die die Szene hat.</translation>
  </message>
  <message>
   <source>Extent (empty: whole scene)</source>
   <translation>Ausdehnung (leer: alles)</translation>
  </message>
  <message>
   <source>Part of the scene, in any CRS, enlarged to whole pixels of the bands with the largest pixels.</source>
   <translation>Teil der Szene, in beliebigem KBS, auf ganze Pixel der Bänder mit den größten Pixeln vergrößert.</translation>
  </message>
  <message>
   <source>Mask clouds</source>
   <translation>Wolken maskieren</translation>
  </message>
  <message>
   <source>Sets clouds and cirrus to 0 (nodata) in all bands. The cloud mask is the scene classification (SCL) of Level-2A, which also contains cloud shadows; else MSK_CLASSI (products since 2022), CLM (Theia), QA60 (Earth Engine) or the polygons of MSK_CLOUDS (older products). For rasters, the mask must be a file in the folder of the first raster.</source>
   <translation>Setzt Wolken und Zirren in allen Bändern auf 0 (Nodata). Die Wolkenmaske ist die Szenenklassifikation (SCL) von Level-2A, die auch Wolkenschatten enthält; sonst MSK_CLASSI (Produkte seit 2022), CLM (Theia), QA60 (Earth Engine) oder die Polygone von MSK_CLOUDS (ältere Produkte). Bei Rastern muss die Maske eine Datei im Ordner des ersten Rasters sein.</translation>
  </message>
  <message>
   <source>Adapt the models to the scene: training time (minutes)</source>
   <translation>Modelle an die Szene anpassen (Minuten)</translation>
  </message>
  <message>
   <source>Trains each model further on this scene before it is used. The bands are degraded, so that the original bands serve as reference. Part of the scene is held out from this training. The adapted model is used only if its error on the held-out area is at least 3 % lower; the log gives the difference. If there is hardly any after half of the time, training ends early and the log says so. Start with two minutes and expect a few percent. Needs PyTorch: run Install dependencies with 'Also install the trainer' (TRAINING). Empty or 0: the models are used as they are.</source>
   <translation>Trainiert jedes Modell an dieser Szene weiter, bevor es benutzt wird. Die Bänder werden vergröbert, sodass die ursprünglichen Bänder als Referenz dienen. Ein Teil der Szene bleibt von diesem Training ausgenommen. Das angepasste Modell wird nur benutzt, wenn sein Fehler auf dem ausgenommenen Teil um mindestens 3 % kleiner ist; das Protokoll nennt den Unterschied. Gibt es nach der halben Zeit kaum einen, so endet das Training vorzeitig, und das Protokoll sagt es. Für den Anfang zwei Minuten; zu erwarten sind einige Prozent. Braucht PyTorch: 'Abhängigkeiten installieren' mit 'Auch den Trainer installieren' (TRAINING) ausführen. Leer oder 0: Die Modelle werden benutzt, wie sie sind.</translation>
  </message>
  <message>
   <source>Processing level</source>
   <translation>Verarbeitungslevel</translation>
  </message>
  <message>
   <source>auto: found from the product's file names. The models work for both levels.</source>
   <translation>auto: aus den Dateinamen des Produkts bestimmt. Die Modelle taugen für beide Level.</translation>
  </message>
  <message>
   <source>Correct band misregistration</source>
   <translation>Versatz der Bänder korrigieren</translation>
  </message>
  <message>
   <source>The 20 m and the 60 m bands are each compared with the 10 m bands in the middle of the scene. If their shift is larger than a tenth of their pixel size, they are resampled (Lanczos, up to 3 pixels) before they are used. Pixels at the scene's edge that the shift leaves without values become nodata, also in the bands that are sharpened with these bands: one row or column of low-resolution pixels per pixel of shift, rounded. Clouds in the middle can make the measured shift wrong, because the bands see them from slightly different directions. The log gives the shifts, corrected or not.</source>
   <translation>Die 20-m- und die 60-m-Bänder werden jeweils in der Mitte der Szene mit den 10-m-Bändern verglichen. Ist ihr Versatz größer als ein Zehntel ihrer Pixelgröße, werden sie vor der Benutzung neu abgetastet (Lanczos, bis zu 3 Pixel). Pixel am Rand der Szene, denen der Versatz keine Werte lässt, werden Nodata, auch in den Bändern, die mit ihnen geschärft werden: eine Zeile oder Spalte niedrig aufgelöster Pixel je Pixel des Versatzes, gerundet. Wolken in der Mitte können den gemessenen Versatz verfälschen, da die Bänder sie aus etwas verschiedenen Richtungen sehen. Das Protokoll nennt die Versätze, korrigiert oder nicht.</translation>
  </message>
  <message>
   <source>Model for the 20 m bands</source>
   <translation>Modell für die 20-m-Bänder</translation>
  </message>
  <message>
   <source>A model whose card names 20 m bands as its first input, for example one trained on your scenes.</source>
   <translation>Ein Modell, dessen Karte 20-m-Bänder als erste Eingabe nennt, zum Beispiel eines, das an eigenen Szenen trainiert wurde.</translation>
  </message>
  <message>
   <source>Model for the 60 m bands</source>
   <translation>Modell für die 60-m-Bänder</translation>
  </message>
  <message>
   <source>A model whose card names 60 m bands as its first input, for example one trained on your scenes.</source>
   <translation>Ein Modell, dessen Karte 60-m-Bänder als erste Eingabe nennt, zum Beispiel eines, das an eigenen Szenen trainiert wurde.</translation>
  </message>
  <message>
   <source>Tile size (pixels of the 20 m or 60 m bands)</source>
   <translation>Kachelgröße (Pixel der 20-m- oder 60-m-Bänder)</translation>
  </message>
  <message>
   <source>All bands at 10 m or 5 m</source>
   <translation>Alle Bänder in 10 m oder 5 m</translation>
  </message>
  <message>
   <source>A GeoTIFF, or another format that GDAL can write, with 16-bit digital numbers as in the product.</source>
   <translation>Ein GeoTIFF, oder ein anderes Format, das GDAL schreiben kann, mit 16-Bit-Digitalwerten wie im Produkt.</translation>
  </message>
  <message>
   <source>How good the result is. The scene is degraded and sharpened again by the same models. The original bands serve as reference for the error, next to bicubic. And the result, degraded to the original resolution, is compared with the original bands. Large scenes are measured in up to nine windows.</source>
   <translation>Wie gut das Ergebnis ist. Die Szene wird vergröbert und von denselben Modellen wieder geschärft. Die ursprünglichen Bänder dienen als Referenz für den Fehler, neben bikubisch. Und das Ergebnis wird, auf die ursprüngliche Auflösung vergröbert, mit den ursprünglichen Bändern verglichen. Große Szenen werden in bis zu neun Fenstern gemessen.</translation>
  </message>
  <message>
   <source>Error of the 20 m bands at reduced scale, relative to bicubic (only with a report)</source>
   <translation>Fehler der 20-m-Bänder in verringertem Maßstab, relativ zu bikubisch (nur mit Bericht)</translation>
  </message>
  <message>
   <source>Error of the 60 m bands at reduced scale, relative to bicubic (only with a report)</source>
   <translation>Fehler der 60-m-Bänder in verringertem Maßstab, relativ zu bikubisch (nur mit Bericht)</translation>
  </message>
  <message>
   <source>Largest difference to the original bands (percent of their range; only with a report)</source>
   <translation>Größte Abweichung von den ursprünglichen Bändern (Prozent ihres Wertebereichs; nur mit Bericht)</translation>
  </message>
  <message>
   <source>Error removed by adapting, 20 m bands (percent)</source>
   <translation>Durch Anpassung beseitigter Fehler, 20-m-Bänder (Prozent)</translation>
  </message>
  <message>
   <source>Error removed by adapting, 60 m bands (percent)</source>
   <translation>Durch Anpassung beseitigter Fehler, 60-m-Bänder (Prozent)</translation>
  </message>
  <message>
   <source>Sentinel-2 at 10 m</source>
   <translation>Sentinel-2 in 10 m</translation>
  </message>
  <message>
   <source>Sharpens the 20 m and 60 m bands of a Sentinel-2 scene to 10 m with the detail of its 10 m bands.</source>
   <translation>Schärft die 20-m- und 60-m-Bänder einer Sentinel-2-Szene auf 10 m, mit den Details ihrer 10-m-Bänder.</translation>
  </message>
  <message>
   <source>Writes one raster with all bands of a Sentinel-2 scene at 10 m, ordered by wavelength. The 10 m bands are not changed. The 20 m and 60 m bands get detail from the 10 m bands where the scene shows that the two are related, and a trained network adds the rest. If the result is degraded again, it gives back the original bands.

Give a product (its .SAFE folder, its zip or its metadata file) or rasters of the bands. Level-1C and Level-2A work, in old and new layouts. The output covers what the 10 m bands cover. Where other bands do not, they are nodata, and the log says so. B10 of Level-1C is left out. 0 stays nodata, 65535 stays saturated, and the offset of newer products stays in the values.

To work in two steps, for example in a model: first run it with the target '20 m'. Then run it with the target '60 m', with the result as 10 m bands and the original 60 m bands.</source>
   <translation>Schreibt ein Raster mit allen Bändern einer Sentinel-2-Szene in 10 m, nach Wellenlänge geordnet. Die 10-m-Bänder bleiben unverändert. Die 20-m- und 60-m-Bänder erhalten Details aus den 10-m-Bändern, wo die Szene zeigt, dass beide zusammenhängen; den Rest fügt ein trainiertes Netz hinzu. Wird das Ergebnis wieder vergröbert, ergibt es die ursprünglichen Bänder.

Anzugeben ist ein Produkt (sein .SAFE-Ordner, sein Zip oder seine Metadatendatei), oder Raster der Bänder. Level-1C und Level-2A gehen, in alten und neuen Formaten. Die Ausgabe bedeckt, was die 10-m-Bänder bedecken. Wo andere Bänder das nicht tun, sind sie Nodata, und das Protokoll sagt es. B10 von Level-1C entfällt. 0 bleibt Nodata, 65535 bleibt gesättigt, und der Offset neuerer Produkte bleibt in den Werten.

Um in zwei Schritten zu arbeiten, zum Beispiel in einem Modell: zuerst mit dem Ziel '20 m' ausführen. Dann mit dem Ziel '60 m', mit dem Ergebnis als 10-m-Bändern und den ursprünglichen 60-m-Bändern.</translation>
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
   <translation>Red Edge</translation>
  </message>
  <message>
   <source>swir</source>
   <translation>kurzwelliges Infrarot</translation>
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
   <translation>Pansharpening</translation>
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
   <translation>Temperaturen</translation>
  </message>
  <message>
   <source>A raster of land-surface temperatures in kelvins, degrees Celsius or scaled integers. Scale, offset and unit are taken from the raster, or from its name for MOD11A1 and MYD11A1, Landsat Collection 2 surface temperature and ECOSTRESS L2T.</source>
   <translation>Ein Raster der Landoberflächentemperatur in Kelvin, Grad Celsius oder skalierten Ganzzahlen. Skalierung, Offset und Einheit kommen aus dem Raster, oder aus seinem Namen bei MOD11A1 und MYD11A1, der Oberflächentemperatur der Landsat Collection 2 und ECOSTRESS L2T.</translation>
  </message>
  <message>
   <source>Guides (finer images)</source>
   <translation>Führungsraster (feinere Bilder)</translation>
  </message>
  <message>
   <source>One or more rasters with pixels of at most the output's size, any bands and CRS. Not needed for bicubic.</source>
   <translation>Ein oder mehrere Raster, deren Pixel höchstens so groß sind wie die der Ausgabe, mit beliebigen Bändern und beliebigem KBS. Nicht nötig für bicubic.</translation>
  </message>
  <message>
   <source>Times finer</source>
   <translation>Um wie viel feiner</translation>
  </message>
  <message>
   <source>Output pixels per pixel of the temperatures, along one axis.</source>
   <translation>Ausgabepixel je Pixel der Temperaturen, entlang einer Achse.</translation>
  </message>
  <message>
   <source>Model or method</source>
   <translation>Modell oder Methode</translation>
  </message>
  <message>
   <source>auto: lst-x4 or lst-x8, by the scale. Models of other scales are refused.</source>
   <translation>auto: lst-x4 oder lst-x8, nach dem Faktor. Modelle anderer Faktoren werden abgelehnt.</translation>
  </message>
  <message>
   <source>Band of the temperatures</source>
   <translation>Band der Temperaturen</translation>
  </message>
  <message>
   <source>Of the input, counted from 1.</source>
   <translation>Der Eingabe, ab 1 gezählt.</translation>
  </message>
  <message>
   <source>Misregistration of the guides</source>
   <translation>Versatz der Führungsraster</translation>
  </message>
  <message>
   <source>correct: measured against the temperatures, and guides are moved. measure: only told. off: not measured. Up to two pixels of the temperatures are looked for.</source>
   <translation>correct: an den Temperaturen gemessen, und die Führungsraster werden verschoben. measure: nur berichtet. off: nicht gemessen. Gesucht wird bis zu zwei Pixel der Temperaturen weit.</translation>
  </message>
  <message>
   <source>Means that are kept</source>
   <translation>Mittelwerte, die erhalten bleiben</translation>
  </message>
  <message>
   <source>area: the mean temperature over each coarse pixel. area-radiance: its mean radiance (fourth power). relaxed: means over boxes of coarse pixels, for guides that are misregistered. off: none. auto: area, or relaxed where guides stay shifted by more than 0.2 coarse pixels.</source>
   <translation>area: die mittlere Temperatur über jedes grobe Pixel. area-radiance: dessen mittlere Strahlung (vierte Potenz). relaxed: Mittel über Felder grober Pixel, für Führungsraster mit Versatz. off: keine. auto: area, oder relaxed, wo die Führungsraster um mehr als 0,2 grobe Pixel versetzt bleiben.</translation>
  </message>
  <message>
   <source>Side of the boxes of 'relaxed' (coarse pixels, odd)</source>
   <translation>Seite der Felder von 'relaxed' (grobe Pixel, ungerade)</translation>
  </message>
  <message>
   <source>Means are kept over so many coarse pixels on a side.</source>
   <translation>Mittelwerte werden über so viele grobe Pixel je Seite erhalten.</translation>
  </message>
  <message>
   <source>Unit of the temperatures</source>
   <translation>Einheit der Temperaturen</translation>
  </message>
  <message>
   <source>auto: as the raster or its product says, else kelvins.</source>
   <translation>auto: wie das Raster oder sein Produkt sagt, sonst Kelvin.</translation>
  </message>
  <message>
   <source>Scale of the temperatures' numbers</source>
   <translation>Skalierung der Temperaturwerte</translation>
  </message>
  <message>
   <source>temperature = scale * number + offset. Empty: as the raster or its product says.</source>
   <translation>Temperatur = scale * Wert + offset. Leer: wie das Raster oder sein Produkt sagt.</translation>
  </message>
  <message>
   <source>Offset of the temperatures' numbers</source>
   <translation>Offset der Temperaturwerte</translation>
  </message>
  <message>
   <source>Nodata value of the temperatures</source>
   <translation>Nodata-Wert der Temperaturen</translation>
  </message>
  <message>
   <source>Overrides what the raster declares.</source>
   <translation>Ersetzt, was das Raster angibt.</translation>
  </message>
  <message>
   <source>Tile size (pixels of the temperatures)</source>
   <translation>Kachelgröße (Pixel der Temperaturen)</translation>
  </message>
  <message>
   <source>Sharpened temperatures</source>
   <translation>Geschärfte Temperaturen</translation>
  </message>
  <message>
   <source>On a grid that nests in that of the temperatures, with their numbers, type, nodata and unit.</source>
   <translation>Auf einem Gitter, das in das der Temperaturen passt, mit deren Werten, Datentyp, Nodata und Einheit.</translation>
  </message>
  <message>
   <source>Quality raster</source>
   <translation>Qualitätsraster</translation>
  </message>
  <message>
   <source>A second raster. Its first band is how much the guides count, 0 where they are missing. With a network, the second one is the standard deviation of its eight answers to the flipped and turned image in kelvins, times the factor of the model's card where it has one: a sign of doubt and no error; it takes eight times as long.</source>
   <translation>Ein zweites Raster. Sein erstes Band ist, wie viel die Führungsraster zählen, 0, wo sie fehlen. Mit einem Netz ist das zweite die Standardabweichung seiner acht Antworten auf das gespiegelte und gedrehte Bild in Kelvin, mal dem Faktor der Modellkarte, wo diese einen hat: ein Zeichen von Zweifel und kein Fehler; das dauert achtmal so lange.</translation>
  </message>
  <message>
   <source>Compares the chosen model with bicubic, tsharp and local-ridge on this scene, one scale coarser, where the raster itself is the truth.</source>
   <translation>Vergleicht das gewählte Modell mit bicubic, tsharp und local-ridge auf dieser Szene, eine Stufe gröber, wo das Raster selbst die Wahrheit ist.</translation>
  </message>
  <message>
   <source>Pixels in which the guides count in full (percent)</source>
   <translation>Pixel, in denen die Führungsraster voll zählen (Prozent)</translation>
  </message>
  <message>
   <source>Largest difference of a coarse pixel's mean (kelvins)</source>
   <translation>Größte Abweichung des Mittels eines groben Pixels (Kelvin)</translation>
  </message>
  <message>
   <source>Error one scale coarser, relative to bicubic (only with a report)</source>
   <translation>Fehler eine Stufe gröber, relativ zu bikubisch (nur mit Bericht)</translation>
  </message>
  <message>
   <source>How means were kept</source>
   <translation>Wie Mittelwerte erhalten wurden</translation>
  </message>
  <message>
   <source>Methods on this scene (JSON; only with a report)</source>
   <translation>Methoden auf dieser Szene (JSON; nur mit Bericht)</translation>
  </message>
  <message>
   <source>Sharpen temperatures</source>
   <translation>Temperaturen schärfen</translation>
  </message>
  <message>
   <source>Sharpens a land-surface temperature raster 4 or 8 times with the detail of finer images.</source>
   <translation>Schärft ein Raster der Landoberflächentemperatur 4- oder 8-fach mit den Details feinerer Bilder.</translation>
  </message>
  <message>
   <source>Coarse temperatures (MODIS, a weather satellite, Landsat, ECOSTRESS) become 4 or 8 times finer. The detail comes from guides: finer rasters of the same ground, for example NDVI, reflectances or another sensor's thermal band, in any CRS and with any bands. A guide shows where surfaces change, not how warm they are: what is added is likely, not measured. The mean over each coarse pixel is kept.

The guides are compared with the temperatures, and moved where they are shifted. Where a guide is missing or cloudy (nodata), the result fades into that without a guide.

Models: bicubic takes no guide. tsharp is one regression on the guide band that follows the temperatures best. local-ridge fits regressions in windows of 15 pixels. The others are trained networks; auto takes the shipped one of the scale. The report compares them on your scene, one scale coarser.</source>
   <translation>Grobe Temperaturen (MODIS, ein Wettersatellit, Landsat, ECOSTRESS) werden 4- oder 8-mal feiner. Die Details kommen aus Führungsrastern: feinere Raster desselben Bodens, zum Beispiel NDVI, Reflexionen oder das Thermalband eines anderen Sensors, in jedem KBS und mit beliebigen Bändern. Ein Führungsraster zeigt, wo sich Oberflächen ändern, nicht wie warm sie sind: Was hinzugefügt wird, ist wahrscheinlich, nicht gemessen. Das Mittel über jedes grobe Pixel bleibt erhalten.

Die Führungsraster werden mit den Temperaturen verglichen und verschoben, wo sie versetzt sind. Wo eines fehlt oder bewölkt ist (Nodata), geht das Ergebnis allmählich in das ohne Führungsraster über.

Modelle: bicubic braucht kein Führungsraster. tsharp ist eine einzige Regression auf das Band, dem die Temperaturen am besten folgen. local-ridge passt Regressionen in Fenstern von 15 Pixeln an. Die anderen sind trainierte Netze; auto nimmt das mitgelieferte des Faktors. Der Bericht vergleicht sie auf der Szene, eine Stufe gröber.</translation>
  </message>
  <message>
   <source>land surface temperature</source>
   <translation>Landoberflächentemperatur</translation>
  </message>
  <message>
   <source>lst</source>
   <translation>lst</translation>
  </message>
  <message>
   <source>thermal</source>
   <translation>thermal</translation>
  </message>
  <message>
   <source>downscaling</source>
   <translation>Herunterskalierung</translation>
  </message>
  <message>
   <source>disaggregation</source>
   <translation>Disaggregierung</translation>
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
   <translation>Wärmeinsel</translation>
  </message>
  <message>
   <source>A second raster. Its first band is how much the guides count, 0 where they are missing. With a network, the second one is the standard deviation of its eight answers to the flipped and turned image in kelvins, a sign of doubt and no error; it takes eight times as long.</source>
   <translation type="vanished">Ein zweites Raster. Sein erstes Band ist, wie viel die Führungsraster zählen, 0, wo sie fehlen. Mit einem Netz ist das zweite die Standardabweichung seiner acht Antworten auf das gespiegelte und gedrehte Bild in Kelvin, ein Zeichen von Zweifel und kein Fehler; das dauert achtmal so lange.</translation>
  </message>
 </context>
 <context>
  <name>Similarity</name>
  <message>
   <source>The raster to measure.</source>
   <translation>Das zu messende Raster.</translation>
  </message>
  <message>
   <source>The raster that the super-resolved one was made from. Its bicubic upsampling is measured for comparison.</source>
   <translation>Das Raster, aus dem das feiner aufgelöste gemacht wurde. Seine bikubische Vergrößerung wird zum Vergleich gemessen.</translation>
  </message>
  <message>
   <source>Bands to measure. Empty: all except alpha.</source>
   <translation>Zu messende Bänder. Leer: alle außer Alpha.</translation>
  </message>
  <message>
   <source>Bands of the reference</source>
   <translation>Bänder der Referenz</translation>
  </message>
  <message>
   <source>In the order of the bands above. Empty: found by name, wavelength or order.</source>
   <translation>In der Reihenfolge der Bänder oben. Leer: nach Name, Wellenlänge oder Reihenfolge gefunden.</translation>
  </message>
  <message>
   <source>Bands of the low-resolution input</source>
   <translation>Bänder der niedrig aufgelösten Eingabe</translation>
  </message>
  <message>
   <source>Spectral indices to compare</source>
   <translation>Zu vergleichende Spektralindizes</translation>
  </message>
  <message>
   <source>Normalised differences (a - b) / (a + b), by band numbers of the raster, for example NDVI=8,4; NDWI=3,8. NDVI is added automatically if band names or wavelengths identify red and near infrared.</source>
   <translation>Normalisierte Differenzen (a - b) / (a + b) nach Bandnummern des Rasters, zum Beispiel NDVI=8,4; NDWI=3,8. NDVI kommt von selbst hinzu, wenn Namen oder Wellenlängen der Bänder Rot und nahes Infrarot erkennen lassen.</translation>
  </message>
  <message>
   <source>One HTML file with all numbers, maps and charts. It needs no network.</source>
   <translation>Eine HTML-Datei mit allen Zahlen, Karten und Diagrammen. Sie braucht kein Netz.</translation>
  </message>
  <message>
   <source>Error map</source>
   <translation>Fehlerkarte</translation>
  </message>
  <message>
   <source>Raster minus reference, for each band, in the raster's units.</source>
   <translation>Raster minus Referenz, für jedes Band, in den Einheiten des Rasters.</translation>
  </message>
  <message>
   <source>SSIM map</source>
   <translation>SSIM-Karte</translation>
  </message>
  <message>
   <source>Structural similarity around each pixel, for each band.</source>
   <translation>Strukturelle Ähnlichkeit um jedes Pixel, für jedes Band.</translation>
  </message>
  <message>
   <source>Improvement and wrong detail</source>
   <translation>Gewinn und falsche Details</translation>
  </message>
  <message>
   <source>Three bands from 0 to 1: how far each pixel was improved over bicubic, lacks detail of the reference, or shows detail that is not in the reference. Needs a reference and the low-resolution input.</source>
   <translation>Drei Bänder von 0 bis 1: wie weit jedes Pixel gegenüber bikubisch verbessert ist, Details der Referenz vermissen lässt, oder Details zeigt, die nicht in der Referenz sind. Braucht eine Referenz und die niedrig aufgelöste Eingabe.</translation>
  </message>
  <message>
   <source>RMSE: root mean square error (DN)</source>
   <translation>RMSE: mittlerer quadratischer Fehler, Wurzel (DN)</translation>
  </message>
  <message>
   <source>PSNR: peak signal-to-noise ratio (dB)</source>
   <translation>PSNR: Spitzen-Signal-Rausch-Verhältnis (dB)</translation>
  </message>
  <message>
   <source>SSIM: structural similarity</source>
   <translation>SSIM: strukturelle Ähnlichkeit</translation>
  </message>
  <message>
   <source>UIQ: universal image quality index</source>
   <translation>UIQ: universeller Bildqualitätsindex</translation>
  </message>
  <message>
   <source>FSIM (tiled, F=1): feature similarity</source>
   <translation>FSIM (gekachelt, F=1): Merkmalsähnlichkeit</translation>
  </message>
  <message>
   <source>ISSM (experimental): hybrid of edges, entropy and SSIM</source>
   <translation>ISSM (experimentell): Mischung aus Kanten, Entropie und SSIM</translation>
  </message>
  <message>
   <source>SAM: spectral angle (°)</source>
   <translation>SAM: Spektralwinkel (°)</translation>
  </message>
  <message>
   <source>SRE: signal-to-reconstruction-error ratio (dB)</source>
   <translation>SRE: Verhältnis von Signal zu Rekonstruktionsfehler (dB)</translation>
  </message>
  <message>
   <source>ERGAS: relative global error</source>
   <translation>ERGAS: relativer globaler Fehler</translation>
  </message>
  <message>
   <source>cPSNR: PSNR at the best shift, without bias (dB)</source>
   <translation>cPSNR: PSNR beim besten Versatz, ohne Bias (dB)</translation>
  </message>
  <message>
   <source>CC: correlation coefficient</source>
   <translation>CC: Korrelationskoeffizient</translation>
  </message>
  <message>
   <source>MAE: mean absolute error (DN)</source>
   <translation>MAE: mittlerer absoluter Fehler (DN)</translation>
  </message>
  <message>
   <source>Bias: mean difference (DN)</source>
   <translation>Bias: mittlere Differenz (DN)</translation>
  </message>
  <message>
   <source>95 % error: error that 95 % of the values do not exceed (DN)</source>
   <translation>95-%-Fehler: Fehler, den 95 % der Werte nicht überschreiten (DN)</translation>
  </message>
  <message>
   <source>Histogram distance: distance of the histograms (DN)</source>
   <translation>Histogrammabstand: Abstand der Histogramme (DN)</translation>
  </message>
  <message>
   <source>FRC resolution: resolution by Fourier ring correlation (cycles/px)</source>
   <translation>FRC-Auflösung: Auflösung nach Fourier-Ring-Korrelation (Zyklen/px)</translation>
  </message>
  <message>
   <source>Fine-detail power: power of fine detail (dB)</source>
   <translation>Detailleistung: Leistung der feinen Details (dB)</translation>
  </message>
  <message>
   <source>Shift x: shift along the columns (px)</source>
   <translation>Versatz x: Versatz entlang der Spalten (px)</translation>
  </message>
  <message>
   <source>Shift y: shift along the rows (px)</source>
   <translation>Versatz y: Versatz entlang der Zeilen (px)</translation>
  </message>
  <message>
   <source>Local shift: local misregistration (px)</source>
   <translation>Lokaler Versatz: örtliche Fehlregistrierung (px)</translation>
  </message>
  <message>
   <source>Index error: error of spectral indices</source>
   <translation>Indexfehler: Fehler der Spektralindizes</translation>
  </message>
  <message>
   <source>LR consistency: difference to the low-resolution input (DN)</source>
   <translation>LR-Konsistenz: Differenz zur niedrig aufgelösten Eingabe (DN)</translation>
  </message>
  <message>
   <source>LR spectral angle: spectral angle to the low-resolution input (°)</source>
   <translation>LR-Spektralwinkel: Spektralwinkel zur niedrig aufgelösten Eingabe (°)</translation>
  </message>
  <message>
   <source>LR shift: shift against the low-resolution input (LR px)</source>
   <translation>LR-Versatz: Versatz gegen die niedrig aufgelöste Eingabe (LR px)</translation>
  </message>
  <message>
   <source>Grain: noise on flat ground, bicubic is 1</source>
   <translation>Körnung: Rauschen auf ebenen Flächen, bikubisch ist 1</translation>
  </message>
  <message>
   <source>Overshoot: values outside the range of nearby input pixels (DN)</source>
   <translation>Überschwingen: Werte außerhalb des Bereichs naher Eingabepixel (DN)</translation>
  </message>
  <message>
   <source>Improvement: share of improved pixels (%)</source>
   <translation>Verbesserung: Anteil verbesserter Pixel (%)</translation>
  </message>
  <message>
   <source>Omission: share of pixels as in bicubic (%)</source>
   <translation>Auslassung: Anteil der Pixel wie bikubisch (%)</translation>
  </message>
  <message>
   <source>Hallucination: share of pixels with wrong detail (%)</source>
   <translation>Halluzination: Anteil der Pixel mit falschen Details (%)</translation>
  </message>
  <message>
   <source>Clipped: share of clipped values (%)</source>
   <translation>Abgeschnitten: Anteil abgeschnittener Werte (%)</translation>
  </message>
  <message>
   <source>Tile seams: visibility of tile borders</source>
   <translation>Kachelnähte: Sichtbarkeit der Kachelränder</translation>
  </message>
  <message>
   <source>Similarity report</source>
   <translation>Ähnlichkeitsbericht</translation>
  </message>
  <message>
   <source>Measures how accurate a result is, where its errors are, and its gain over bicubic.</source>
   <translation>Misst, wie genau ein Ergebnis ist, wo seine Fehler liegen und was es gegenüber bikubisch gewinnt.</translation>
  </message>
  <message>
   <source>Measures how accurate a super-resolved raster is, where its errors are, and what it gains over bicubic upsampling. The result is a report, and numbers for models and batch tables.

Give a reference with the same pixel size (the truth), or the low-resolution raster that the super-resolved one was made from, or both. Without a reference, only the consistency with the input can be measured, not the added detail.

The grids are compared first. Rasters with another CRS, pixel size or origin are refused, or warped if you ask for it. Shifts are measured and reported, never corrected. Rasters of any size are read tile by tile.

A summary is added to the notes of the layer, and the numbers to its custom property srsat/similarity. Both are saved with the project.</source>
   <translation>Misst, wie genau ein feiner aufgelöstes Raster ist, wo seine Fehler liegen und was es gegenüber bikubischer Vergrößerung gewinnt. Das Ergebnis ist ein Bericht, und Zahlen für Modelle und Tabellen der Stapelverarbeitung.

Anzugeben ist eine Referenz mit derselben Pixelgröße (die Wahrheit), oder das niedrig aufgelöste Raster, aus dem das feinere entstand, oder beides. Ohne Referenz lässt sich nur die Konsistenz mit der Eingabe messen, nicht die hinzugefügten Details.

Zuerst werden die Gitter verglichen. Raster mit anderem KBS, anderer Pixelgröße oder anderem Ursprung werden abgelehnt, oder auf Wunsch umprojiziert. Versatz wird gemessen und berichtet, nie korrigiert. Raster jeder Größe werden Kachel für Kachel gelesen.

Eine Zusammenfassung kommt in die Notizen des Layers, die Zahlen in seine benutzerdefinierte Eigenschaft srsat/similarity. Beide werden mit dem Projekt gespeichert.</translation>
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
   <translation>Genauigkeit</translation>
  </message>
  <message>
   <source>fidelity</source>
   <translation>Treue</translation>
  </message>
 </context>
 <context>
  <name>SuperResolve</name>
  <message>
   <source>A shipped model or one in your models folder; the description above says what each is for. In scripts and on the command line, give its id, for example any-x2, not its number.</source>
   <translation>Ein mitgeliefertes Modell oder eines aus dem eigenen Modellordner; die Beschreibung oben sagt, wofür jedes taugt. In Skripten und auf der Kommandozeile ist seine Id anzugeben, zum Beispiel any-x2, nicht seine Nummer.</translation>
  </message>
  <message>
   <source>Bands to super-resolve, in this order. Empty: all. If a model needs certain bands, they are found by name or wavelength.</source>
   <translation>Feiner aufzulösende Bänder, in dieser Reihenfolge. Leer: alle. Braucht ein Modell bestimmte Bänder, werden sie nach Name oder Wellenlänge gefunden.</translation>
  </message>
  <message>
   <source>Part of the raster to super-resolve, in any CRS, enlarged to whole pixels. Required for web maps.</source>
   <translation>Feiner aufzulösender Teil des Rasters, in beliebigem KBS, auf ganze Pixel vergrößert. Bei Webkarten notwendig.</translation>
  </message>
  <message>
   <source>Batch size (tiles)</source>
   <translation>Stapelgröße (Kacheln)</translation>
  </message>
  <message>
   <source>Number of tiles that the network computes at a time. Empty: chosen by device. It is halved if memory runs out.</source>
   <translation>Anzahl der Kacheln, die das Netz auf einmal berechnet. Leer: nach dem Gerät gewählt. Sie wird halbiert, wenn der Speicher nicht reicht.</translation>
  </message>
  <message>
   <source>Keeps finished tiles next to the output during the run. A later run with the same input, model and settings continues from them. Needs twice the disk space.</source>
   <translation>Bewahrt fertige Kacheln während des Laufs neben der Ausgabe auf. Ein späterer Lauf mit derselben Eingabe, demselben Modell und denselben Einstellungen macht damit weiter. Braucht den doppelten Plattenplatz.</translation>
  </message>
  <message>
   <source>Pixel size of a web map</source>
   <translation>Pixelgröße einer Webkarte</translation>
  </message>
  <message>
   <source>Only for web maps: the map is fetched with pixels of this size, in map units, and then super-resolved. Empty: the finest zoom level with at most 2048 pixels along the longer side of the extent. A coverage (WCS) is fetched in its own pixels.</source>
   <translation>Nur für Webkarten: Die Karte wird mit Pixeln dieser Größe, in Karteneinheiten, geholt und dann feiner aufgelöst. Leer: die feinste Zoomstufe mit höchstens 2048 Pixeln entlang der längeren Seite der Ausdehnung. Ein Coverage (WCS) wird mit seinen eigenen Pixeln geholt.</translation>
  </message>
  <message>
   <source>How good the result is: consistency with its input, seams, clipped values. With a reference, the whole similarity report.</source>
   <translation>Wie gut das Ergebnis ist: Konsistenz mit seiner Eingabe, Nähte, abgeschnittene Werte. Mit einer Referenz der ganze Ähnlichkeitsbericht.</translation>
  </message>
  <message>
   <source>Reference raster for the report</source>
   <translation>Referenzraster für den Bericht</translation>
  </message>
  <message>
   <source>A raster on the grid of the result that is taken as the truth, to test a model. Used only for the report.</source>
   <translation>Ein Raster auf dem Gitter des Ergebnisses, das als Wahrheit gilt, um ein Modell zu prüfen. Nur für den Bericht benutzt.</translation>
  </message>
  <message>
   <source>Bicubic enlargement</source>
   <translation>Bikubische Vergrößerung</translation>
  </message>
  <message>
   <source>The same raster enlarged without a network, on the same grid: lay one over the other and swipe.</source>
   <translation>Dasselbe Raster ohne Netz vergrößert, auf demselben Gitter: zum Übereinanderlegen und Vergleichen durch Wischen.</translation>
  </message>
  <message>
   <source>Map of doubt</source>
   <translation>Karte des Zweifels</translation>
  </message>
  <message>
   <source>How uncertain each pixel is, in the unit of the input: the standard deviation of the model's eight answers to the flipped and turned image, times a factor in the model's card that was measured where the truth is known. The log and the report say how often the error lay within one and two of these, or that the card has no factor: then the true error is usually several times larger. What all eight answers get wrong does not show. The log and an output (UNCERTAIN_PLACES) name the ten most doubtful places. It takes eight times the time of the run itself.</source>
   <translation>Wie unsicher jedes Pixel ist, in der Einheit der Eingabe: die Standardabweichung der acht Antworten des Modells auf das gespiegelte und gedrehte Bild, mal einem Faktor aus der Modellkarte, der dort gemessen wurde, wo die Wahrheit bekannt ist. Protokoll und Bericht sagen, wie oft der Fehler innerhalb von einem und von zwei dieser Werte lag, oder dass die Karte keinen Faktor hat: dann ist der wahre Fehler meist um ein Mehrfaches größer. Was alle acht Antworten falsch machen, zeigt sich nicht. Das Protokoll und eine Ausgabe (UNCERTAIN_PLACES) nennen die zehn zweifelhaftesten Stellen. Es dauert achtmal so lange wie der Lauf selbst.</translation>
  </message>
  <message>
   <source>Number of tiles</source>
   <translation>Anzahl der Kacheln</translation>
  </message>
  <message>
   <source>Most doubtful places (JSON: x, y, value)</source>
   <translation>Zweifelhafteste Stellen (JSON: x, y, value)</translation>
  </message>
  <message>
   <source>Super-resolve raster</source>
   <translation>Raster feiner auflösen (Super-Resolution)</translation>
  </message>
  <message>
   <source>Writes a raster of the same extent with smaller pixels and the detail that a trained network adds.</source>
   <translation>Schreibt ein Raster derselben Ausdehnung mit kleineren Pixeln und den Details, die ein trainiertes Netz hinzufügt.</translation>
  </message>
  <message>
   <source>Writes a raster of exactly the same extent with smaller pixels. A trained network adds the detail. Works for any number of bands, any sensor, and 8, 12 and 16 bits or floats. Data type, nodata, masks, band names, scale and offset are kept. There are no seams between tiles.

Web maps (XYZ, WMS, WCS) work too: give an extent and, if you like, a resolution.

QGIS deletes a temporary output without a warning when it closes: name a file to keep the result.

Which model? If the raster is not one that the model was made for, the log says so, and which would fit.</source>
   <translation>Schreibt ein Raster mit genau derselben Ausdehnung und kleineren Pixeln. Die Details fügt ein trainiertes Netz hinzu. Geeignet für jede Anzahl von Bändern, jeden Sensor, 8, 12 und 16 Bit oder Gleitkommazahlen. Datentyp, Nodata, Masken, Bandnamen, Skalierung und Offset bleiben erhalten. Zwischen den Kacheln gibt es keine Nähte.

Auch Webkarten (XYZ, WMS, WCS) gehen: eine Ausdehnung angeben und auf Wunsch eine Auflösung.

QGIS löscht eine temporäre Ausgabe beim Beenden ohne Warnung: Wer das Ergebnis behalten will, gibt eine Datei an.

Welches Modell? Passt das Raster nicht zu dem, wofür das Modell gemacht ist, sagt das Protokoll es, und welches passen würde.</translation>
  </message>
  <message>
   <source>superresolution</source>
   <translation>Superresolution</translation>
  </message>
  <message>
   <source>upscale</source>
   <translation>hochskalieren</translation>
  </message>
  <message>
   <source>upsample</source>
   <translation>höher abtasten</translation>
  </message>
  <message>
   <source>upsampling</source>
   <translation>Hochskalierung</translation>
  </message>
  <message>
   <source>enhance</source>
   <translation>verbessern</translation>
  </message>
  <message>
   <source>enlarge</source>
   <translation>vergrößern</translation>
  </message>
  <message>
   <source>zoom</source>
   <translation>Zoom</translation>
  </message>
  <message>
   <source>resample</source>
   <translation>neu abtasten</translation>
  </message>
  <message>
   <source>denoise</source>
   <translation>entrauschen</translation>
  </message>
  <message>
   <source>deblur</source>
   <translation>Unschärfe entfernen</translation>
  </message>
  <message>
   <source>aerial</source>
   <translation>Luftbild</translation>
  </message>
  <message>
   <source>drone</source>
   <translation>Drohne</translation>
  </message>
  <message>
   <source>neural network</source>
   <translation>neuronales Netz</translation>
  </message>
 </context>
 <context>
  <name>SuperResolveTiles</name>
  <message>
   <source>Tiles (layer or file)</source>
   <translation>Kacheln (Layer oder Datei)</translation>
  </message>
  <message>
   <source>A layer of tiles in EPSG:3857 (Web Mercator), or a file of such tiles. In scripts, a folder or a template is taken too. PMTiles of pictures need GDAL 3.14 or newer: convert them to MBTiles for an older one.</source>
   <translation>Ein Layer aus Kacheln in EPSG:3857 (Web-Mercator), oder eine Datei solcher Kacheln. In Skripten werden auch ein Ordner oder eine Vorlage angenommen. PMTiles mit Bildern brauchen GDAL 3.14 oder neuer; für ein älteres sind sie in MBTiles umzuwandeln.</translation>
  </message>
  <message>
   <source>Folder or template of tiles (instead of the layer)</source>
   <translation>Ordner oder Vorlage von Kacheln (statt des Layers)</translation>
  </message>
  <message>
   <source>A folder with {z}/{x}/{y}.png, .jpg or .webp, or a template such as folder/{z}/{x}/{y}@2x.png or https://host/{z}/{x}/{y}.png. {-y} counts rows from the south (TMS).</source>
   <translation>Ein Ordner mit {z}/{x}/{y}.png, .jpg oder .webp, oder eine Vorlage wie folder/{z}/{x}/{y}@2x.png oder https://host/{z}/{x}/{y}.png. {-y} zählt die Zeilen von Süden (TMS).</translation>
  </message>
  <message>
   <source>A model that makes colours finer by a factor of 2 (one zoom level) or 4 (two). In scripts and on the command line, give its id.</source>
   <translation>Ein Modell, das Farben um den Faktor 2 (eine Zoomstufe) oder 4 (zwei) feiner auflöst. In Skripten und auf der Kommandozeile ist seine Id anzugeben.</translation>
  </message>
  <message>
   <source>Extent (empty: all tiles)</source>
   <translation>Ausdehnung (leer: alles)</translation>
  </message>
  <message>
   <source>Part of the tiles, in any CRS, enlarged to whole tiles. Required for web maps.</source>
   <translation>Teil der Kacheln, in beliebigem KBS, auf ganze Kacheln vergrößert. Bei Webkarten notwendig.</translation>
  </message>
  <message>
   <source>First zoom level of the output</source>
   <translation>Erste Zoomstufe der Ausgabe</translation>
  </message>
  <message>
   <source>Empty: the last one (ZOOM_MAX), that is one level. Levels that the source has already are copied.</source>
   <translation>Leer: die letzte (ZOOM_MAX), also eine Stufe. Stufen, die die Quelle schon hat, werden kopiert.</translation>
  </message>
  <message>
   <source>Last zoom level of the output</source>
   <translation>Letzte Zoomstufe der Ausgabe</translation>
  </message>
  <message>
   <source>Empty: the deepest that the model makes of the tiles. Required where only the server knows which levels there are.</source>
   <translation>Leer: die tiefste, die das Modell aus den Kacheln macht. Notwendig, wo nur der Server weiß, welche Stufen es gibt.</translation>
  </message>
  <message>
   <source>Packing</source>
   <translation>Packung</translation>
  </message>
  <message>
   <source>next zoom: tiles of the same size, one level deeper (four times the tiles). retina: tiles of twice the pixels (@2x) of the same level.</source>
   <translation>next zoom: Kacheln derselben Größe, eine Stufe tiefer (viermal so viele Kacheln). retina: Kacheln mit doppelter Pixelzahl (@2x) auf derselben Stufe.</translation>
  </message>
  <message>
   <source>Tile format</source>
   <translation>Kachelformat</translation>
  </message>
  <message>
   <source>PNG keeps every value, JPG has no transparency (white instead), WEBP is smallest. The numbers 0, 1 and 2 of QGIS's own tools are taken too. A GeoTIFF has its own format.</source>
   <translation>PNG behält jeden Wert, JPG hat keine Transparenz (stattdessen Weiß), WEBP ist am kleinsten. Auch die Zahlen 0, 1 und 2 der Werkzeuge von QGIS werden angenommen. Ein GeoTIFF hat sein eigenes Format.</translation>
  </message>
  <message>
   <source>Quality (JPG and WEBP only)</source>
   <translation>Qualität (nur JPG und WEBP)</translation>
  </message>
  <message>
   <source>1 (small files) to 100 (best pictures).</source>
   <translation>1 (kleine Dateien) bis 100 (beste Bilder).</translation>
  </message>
  <message>
   <source>Output file</source>
   <translation>Ausgabedatei</translation>
  </message>
  <message>
   <source>An MBTiles file, or a GeoTIFF in EPSG:3857 of one level. A temporary file gives way to a folder (OUTPUT_DIRECTORY).</source>
   <translation>Eine MBTiles-Datei, oder ein GeoTIFF in EPSG:3857 mit einer Stufe. Eine temporäre Datei tritt hinter einem Ordner zurück (OUTPUT_DIRECTORY).</translation>
  </message>
  <message>
   <source>Output folder</source>
   <translation>Ausgabeordner</translation>
  </message>
  <message>
   <source>A folder for tiles {z}/{x}/{y}; a file tiles.json (TileJSON) describes them. Levels that the folder has already are replaced, other files stay. It can be the folder of the input.</source>
   <translation>Ein Ordner für Kacheln {z}/{x}/{y}; eine Datei tiles.json (TileJSON) beschreibt sie. Stufen, die der Ordner schon hat, werden ersetzt, andere Dateien bleiben. Es darf der Ordner der Eingabe sein.</translation>
  </message>
  <message>
   <source>Rows of the output folder count from the south (TMS)</source>
   <translation>Zeilen des Ausgabeordners von Süden gezählt (TMS)</translation>
  </message>
  <message>
   <source>MBTiles count them so in any case.</source>
   <translation>MBTiles zählt sie in jedem Fall so.</translation>
  </message>
  <message>
   <source>Rows of the input folder count from the south (TMS)</source>
   <translation>Zeilen des Eingabeordners von Süden gezählt (TMS)</translation>
  </message>
  <message>
   <source>For folders and templates. A folder whose tilemapresource.xml or tiles.json says so is known to be one. MBTiles count them so in any case.</source>
   <translation>Für Ordner und Vorlagen. Ein Ordner, dessen tilemapresource.xml oder tiles.json es sagt, wird als solcher erkannt. MBTiles zählt sie in jedem Fall so.</translation>
  </message>
  <message>
   <source>Keeps finished tiles next to the output during the run. A later run with the same input, model and settings continues from them. Not for a GeoTIFF.</source>
   <translation>Bewahrt fertige Kacheln während des Laufs neben der Ausgabe auf. Ein späterer Lauf mit derselben Eingabe, demselben Modell und denselben Einstellungen macht damit weiter. Nicht bei einem GeoTIFF.</translation>
  </message>
  <message>
   <source>Add the tiles to the project</source>
   <translation>Kacheln dem Projekt hinzufügen</translation>
  </message>
  <message>
   <source>As a layer, once they are whole.</source>
   <translation>Als Layer, sobald sie vollständig sind.</translation>
  </message>
  <message>
   <source>Attribution (HTML)</source>
   <translation>Quellenangabe (HTML)</translation>
  </message>
  <message>
   <source>Whom to attribute the tiles to, kept with them. Empty: that of the input.</source>
   <translation>Wem die Kacheln zuzuschreiben sind, mit ihnen gespeichert. Leer: wie bei der Eingabe.</translation>
  </message>
  <message>
   <source>Number of tiles made</source>
   <translation>Anzahl der erzeugten Kacheln</translation>
  </message>
  <message>
   <source>Number of tiles copied</source>
   <translation>Anzahl der kopierten Kacheln</translation>
  </message>
  <message>
   <source>Number of tiles that could not be read</source>
   <translation>Anzahl der nicht lesbaren Kacheln</translation>
  </message>
  <message>
   <source>Super-resolve tiles of a web map</source>
   <translation>Kacheln einer Webkarte feiner auflösen</translation>
  </message>
  <message>
   <source>Makes the zoom levels that a tiled web map lacks, or tiles of twice the pixels (@2x), without seams.</source>
   <translation>Erzeugt die Zoomstufen, die einer gekachelten Webkarte fehlen, oder Kacheln mit doppelter Pixelzahl (@2x), ohne Nähte.</translation>
  </message>
  <message>
   <source>Makes deeper zoom levels of the tiles of a web map: one level with a model of x2, two with a model of x4. Or it makes tiles of twice the pixels (@2x, 512 instead of 256) for screens of high density. The tiles around each tile are used too, so that there are no seams: the result is that of one large raster. Missing tiles stay missing, and transparent pixels stay transparent. Tiles that cannot be read are left out and counted.

The deepest level that has tiles in the extent is made finer. Levels of the output that the source has already are copied (from ZOOM_MIN to ZOOM_MAX).

More than 5000 tiles of openstreetmap.org are refused, as in QGIS's own tools.</source>
   <translation>Erzeugt tiefere Zoomstufen der Kacheln einer Webkarte: eine Stufe mit einem Modell x2, zwei mit einem Modell x4. Oder Kacheln mit doppelter Pixelzahl (@2x, 512 statt 256) für hochauflösende Bildschirme. Auch die Kacheln rings um jede Kachel werden benutzt, damit es keine Nähte gibt: Das Ergebnis ist das eines einzigen großen Rasters. Fehlende Kacheln bleiben fehlend, durchsichtige Pixel durchsichtig. Nicht lesbare Kacheln werden ausgelassen und gezählt.

Verfeinert wird die tiefste Stufe, die in der Ausdehnung Kacheln hat. Stufen der Ausgabe, die die Quelle schon hat, werden kopiert (von ZOOM_MIN bis ZOOM_MAX).

Mehr als 5000 Kacheln von openstreetmap.org werden abgelehnt, wie in den Werkzeugen von QGIS selbst.</translation>
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
   <translation>Zoomstufe</translation>
  </message>
  <message>
   <source>tiles</source>
   <translation>Kacheln</translation>
  </message>
  <message>
   <source>A layer of tiles in EPSG:3857 (Web Mercator), or a file of such tiles. In scripts, a folder or a template is taken too. PMTiles needs a GDAL that reads those of pictures.</source>
   <translation type="vanished">Ein Layer aus Kacheln in EPSG:3857 (Web-Mercator), oder eine Datei solcher Kacheln. In Skripten werden auch ein Ordner oder eine Vorlage angenommen. PMTiles braucht ein GDAL, das die mit Bildern liest.</translation>
  </message>
 </context>
 <context>
  <name>TimeSeries</name>
  <message>
   <source>Scenes (folder, list or scene)</source>
   <translation>Szenen (Ordner, Liste oder Szene)</translation>
  </message>
  <message>
   <source>A folder of products (Landsat folders and tars, .SAFE folders and zips) and of rasters with dates and names of bands, at any depth; or a text file with a path a line. Several are separated by semicolons.</source>
   <translation>Ein Ordner mit Produkten (Landsat-Ordner und tar, .SAFE-Ordner und zip) und mit Rastern, die Datum und Namen der Bänder haben, in beliebiger Tiefe; oder eine Textdatei mit einem Pfad je Zeile. Mehrere werden durch Semikolons getrennt.</translation>
  </message>
  <message>
   <source>Extent (empty: the whole scene)</source>
   <translation>Ausdehnung (leer: alles)</translation>
  </message>
  <message>
   <source>Of the series, grown to whole pixels. Empty: that of the scene that gives the grid.</source>
   <translation>Der Zeitreihe, auf ganze Pixel vergrößert. Leer: die der Szene, die das Gitter gibt.</translation>
  </message>
  <message>
   <source>Sentinel-2 reference</source>
   <translation>Sentinel-2-Referenz</translation>
  </message>
  <message>
   <source>A product, or a raster with names of bands. It gives the grid, and all Landsat dates are moved onto and fitted to it. Empty: the first Sentinel-2 date with 10 m pixels gives the grid, else multiples of 10 m in the first scene's zone of UTM.</source>
   <translation>Ein Produkt, oder ein Raster mit Namen der Bänder. Sie gibt das Gitter, und alle Landsat-Termine werden auf sie verschoben und an sie angepasst. Leer: Der erste Sentinel-2-Termin mit 10-m-Pixeln gibt das Gitter, sonst Vielfache von 10 m in der UTM-Zone der ersten Szene.</translation>
  </message>
  <message>
   <source>Most days between dates that are compared</source>
   <translation>Größter Abstand verglichener Termine (Tage)</translation>
  </message>
  <message>
   <source>Of neighbouring dates of different sensors. What changes in these days is in the numbers.</source>
   <translation>Benachbarter Termine verschiedener Sensoren. Was sich in diesen Tagen ändert, steckt in den Zahlen.</translation>
  </message>
  <message>
   <source>Use Landsat's panchromatic band</source>
   <translation>Panchromatisches Band von Landsat verwenden</translation>
  </message>
  <message>
   <source>Dates of level 1, whose folders hold band 8, are pan-sharpened first, as by PAN of Harmonise Landsat at 10 m; the others are made as without.</source>
   <translation>Aufnahmen von Level 1, deren Ordner Band 8 enthalten, werden zuerst pangeschärft, wie mit PAN von „Landsat auf 10 m harmonisieren“; die übrigen entstehen wie ohne.</translation>
  </message>
  <message>
   <source>Load the layers into the project</source>
   <translation>Layer in das Projekt laden</translation>
  </message>
  <message>
   <source>As a group, when the algorithm runs in its window. Scripts and qgis_process load nothing.</source>
   <translation>Als Gruppe, wenn der Algorithmus in seinem Fenster läuft. Skripte und qgis_process laden nichts.</translation>
  </message>
  <message>
   <source>Folder of the series</source>
   <translation>Ordner der Zeitreihe</translation>
  </message>
  <message>
   <source>Holds a raster for each date, the tables, the report, and the layers as a group (series.qlr).</source>
   <translation>Enthält ein Raster für jeden Termin, die Tabellen, den Bericht und die Layer als Gruppe (series.qlr).</translation>
  </message>
  <message>
   <source>Number of scenes</source>
   <translation>Anzahl der Szenen</translation>
  </message>
  <message>
   <source>Dates that are on the grid</source>
   <translation>Termine auf dem Gitter</translation>
  </message>
  <message>
   <source>Dates that have failed</source>
   <translation>Fehlgeschlagene Termine</translation>
  </message>
  <message>
   <source>Pairs of dates that were compared</source>
   <translation>Verglichene Paare von Terminen</translation>
  </message>
  <message>
   <source>Table of agreement (CSV)</source>
   <translation>Tabelle der Übereinstimmung (CSV)</translation>
  </message>
  <message>
   <source>Table of dates (CSV)</source>
   <translation>Tabelle der Termine (CSV)</translation>
  </message>
  <message>
   <source>Layers (QGIS layer definition)</source>
   <translation>Layer (QGIS-Layerdefinition)</translation>
  </message>
  <message>
   <source>Time series at 10 m</source>
   <translation>Zeitreihe in 10 m</translation>
  </message>
  <message>
   <source>Brings Landsat and Copernicus scenes of many dates onto one 10 m grid and compares neighbouring dates.</source>
   <translation>Bringt Landsat- und Copernicus-Szenen vieler Termine auf ein 10-m-Gitter und vergleicht benachbarte Termine.</translation>
  </message>
  <message>
   <source>Landsat 8 and 9 (Collection 2) and Sentinel-2 scenes of one place and many dates become one raster a date, all on the same 10 m grid, with the same bands and the same numbers: reflectance times 10000, 0 for nodata. Clouds are nodata. Landsat's dates are harmonised as by 'Harmonise Landsat at 10 m', whose parameters these are. Sentinel-2's dates are read, and warped where they lie on another grid; their 20 m bands are interpolated ('Sentinel-2 at 10 m' sharpens them; give its results as rasters then).

Each Landsat date is moved onto, and where the radiometry asks for it fitted to, the Sentinel-2 date nearest to it, or the reference that you give.

The output folder gets a raster a date, named by day and sensor, dates.csv, agreement.csv and report.html: how neighbouring dates of the two sensors agree, band by band and as NDVI; and series.qlr, the dated layers as a group, which QGIS's temporal controller plays. Drag it into a project, or let this window load them.

Run it again with the same folder when there are new scenes: dates that are there are not made again. A broken scene fails alone; dates.csv says why.</source>
   <translation>Aus Szenen von Landsat 8 und 9 (Collection 2) und Sentinel-2 eines Ortes und vieler Termine wird ein Raster je Termin, alle auf demselben 10-m-Gitter, mit denselben Bändern und derselben Skalierung: Reflexion mal 10000, 0 für Nodata. Wolken sind Nodata. Die Landsat-Termine werden harmonisiert wie von 'Landsat auf 10 m harmonisieren', dessen Parameter diese sind. Die Sentinel-2-Termine werden gelesen und transformiert, wo sie auf einem anderen Gitter liegen; ihre 20-m-Bänder werden interpoliert ('Sentinel-2 in 10 m' schärft sie; dessen Ergebnisse sind dann als Raster anzugeben).

Jeder Landsat-Termin wird auf den zeitlich nächsten Sentinel-2-Termin, oder auf die angegebene Referenz, verschoben und, wo die Radiometrie es verlangt, an ihn angepasst.

In den Ausgabeordner kommen ein Raster je Termin, benannt nach Tag und Sensor, dates.csv, agreement.csv und report.html: wie benachbarte Termine der beiden Sensoren übereinstimmen, Band für Band und als NDVI; und series.qlr, die datierten Layer als Gruppe, die das Steuerungsfenster für zeitliche Daten von QGIS abspielt. Die Datei lässt sich in ein Projekt ziehen, oder dieses Fenster lädt die Layer.

Wenn es neue Szenen gibt, kann der Algorithmus mit demselben Ordner noch einmal laufen: Vorhandene Termine werden nicht neu gemacht. Eine defekte Szene scheitert für sich allein; dates.csv sagt, warum.</translation>
  </message>
  <message>
   <source>time series</source>
   <translation>Zeitreihe</translation>
  </message>
  <message>
   <source>timeseries</source>
   <translation>Zeitreihen</translation>
  </message>
  <message>
   <source>temporal</source>
   <translation>zeitlich</translation>
  </message>
  <message>
   <source>stack</source>
   <translation>Stapel</translation>
  </message>
  <message>
   <source>many dates</source>
   <translation>viele Termine</translation>
  </message>
  <message>
   <source>data cube</source>
   <translation>Datenwürfel</translation>
  </message>
 </context>
 <context>
  <name>TrainModel</name>
  <message>
   <source>A folder made by Prepare training data (srsat:preparetrainingdata).</source>
   <translation>Ein von 'Trainingsdaten vorbereiten' (srsat:preparetrainingdata) gemachter Ordner.</translation>
  </message>
  <message>
   <source>The description above says what each is for. If you train a model further, its network is used instead.</source>
   <translation>Die Beschreibung oben sagt, wofür jedes taugt. Wird ein Modell weitertrainiert, wird stattdessen dessen Netz benutzt.</translation>
  </message>
  <message>
   <source>Size of the network</source>
   <translation>Größe des Netzes</translation>
  </message>
  <message>
   <source>A larger network learns more and takes longer, both for training and later use.</source>
   <translation>Ein größeres Netz lernt mehr und braucht länger, beim Training wie bei der späteren Benutzung.</translation>
  </message>
  <message>
   <source>Empty: that of the image pairs, or 2 if the low-resolution images are made from the high-resolution ones.</source>
   <translation>Leer: der der Bildpaare, oder 2, wenn die niedrig aufgelösten Bilder aus den hochaufgelösten gemacht werden.</translation>
  </message>
  <message>
   <source>Loss</source>
   <translation>Verlustfunktion</translation>
  </message>
  <message>
   <source>What the training minimises. The description above says how each affects the result.</source>
   <translation>Was das Training minimiert. Die Beschreibung oben sagt, wie jede das Ergebnis beeinflusst.</translation>
  </message>
  <message>
   <source>Base model to train further</source>
   <translation>Weiterzutrainierendes Basismodell</translation>
  </message>
  <message>
   <source>Starts from this model instead of a new network. This is better if there is little data.</source>
   <translation>Geht von diesem Modell statt von einem neuen Netz aus. Das ist besser, wenn es wenig Daten gibt.</translation>
  </message>
  <message>
   <source>Base model file (used instead of the base model above)</source>
   <translation>Datei des Basismodells (statt des Basismodells oben)</translation>
  </message>
  <message>
   <source>The model.onnx in the folder of a model that this trainer made, with its card next to it.</source>
   <translation>Die model.onnx im Ordner eines von diesem Trainer gemachten Modells, mit ihrer Karte daneben.</translation>
  </message>
  <message>
   <source>Use all bands together</source>
   <translation>Alle Bänder zusammen benutzen</translation>
  </message>
  <message>
   <source>The network then takes exactly the bands of the training data, and can use one band for another. Otherwise it is applied to each band separately, and the model works for any bands.</source>
   <translation>Das Netz nimmt dann genau die Bänder der Trainingsdaten und kann ein Band für ein anderes nutzen. Sonst wird es auf jedes Band einzeln angewandt, und das Modell taugt für beliebige Bänder.</translation>
  </message>
  <message>
   <source>Recipe file (replaces the settings of network and training)</source>
   <translation>Rezeptdatei (ersetzt die Einstellungen oben und unten)</translation>
  </message>
  <message>
   <source>A recipe with all settings of the trainer. It is used as it is: network, size, scale, loss, duration, learning rate and seed in this dialog are ignored.</source>
   <translation>Ein Rezept mit allen Einstellungen des Trainers. Es wird benutzt, wie es ist: Netz, Größe, Skalierung, Verlustfunktion, Dauer, Lernrate und Startwert dieses Fensters bleiben unbeachtet.</translation>
  </message>
  <message>
   <source>Training time (minutes)</source>
   <translation>Trainingszeit (Minuten)</translation>
  </message>
  <message>
   <source>Empty, with epochs also empty: 30 minutes.</source>
   <translation>Leer, wenn auch Epochen leer ist: 30 Minuten.</translation>
  </message>
  <message>
   <source>Training length (epochs; instead of minutes)</source>
   <translation>Trainingsdauer (Epochen; statt Minuten)</translation>
  </message>
  <message>
   <source>Passes over the training patches: the same on any machine.</source>
   <translation>Durchgänge durch die Trainingsausschnitte: auf jedem Rechner gleich.</translation>
  </message>
  <message>
   <source>Learning rate (empty: automatic)</source>
   <translation>Lernrate (leer: automatisch)</translation>
  </message>
  <message>
   <source>If empty, the trainer finds one with a short test run.</source>
   <translation>Ist sie leer, findet der Trainer sie durch einen kurzen Probelauf.</translation>
  </message>
  <message>
   <source>Early stopping (validations without improvement)</source>
   <translation>Frühes Ende (Validierungen ohne Verbesserung)</translation>
  </message>
  <message>
   <source>0: no early stopping. The best weights seen during training are exported in any case; with adversarial losses, the last ones.</source>
   <translation>0: kein frühes Ende. Exportiert werden in jedem Fall die besten Gewichte, die das Training erreicht hat; mit gegnerischen Verlusten die letzten.</translation>
  </message>
  <message>
   <source>auto: an NVIDIA graphics card if PyTorch can use one, else the processor.</source>
   <translation>auto: eine NVIDIA-Grafikkarte, wenn PyTorch eine benutzen kann, sonst der Prozessor.</translation>
  </message>
  <message>
   <source>Random seed</source>
   <translation>Startwert des Zufalls</translation>
  </message>
  <message>
   <source>The same data, settings, seed and machine give the same model if the length is given in epochs.</source>
   <translation>Dieselben Daten, Einstellungen und Startwerte auf demselben Rechner geben dasselbe Modell, wenn die Dauer in Epochen angegeben ist.</translation>
  </message>
  <message>
   <source>Continues the run in the folder below (OUTPUT_FOLDER), with the settings that it was started with.</source>
   <translation>Setzt den Lauf im Ordner unten (OUTPUT_FOLDER) fort, mit den Einstellungen, mit denen er begonnen wurde.</translation>
  </message>
  <message>
   <source>Folder of the run</source>
   <translation>Ordner des Laufs</translation>
  </message>
  <message>
   <source>Checkpoints, metrics, curves, the report and the recipe. Name a folder to be able to resume: QGIS deletes a temporary one when it closes. The model itself is copied to your models folder.</source>
   <translation>Checkpoints, Maße, Kurven, der Bericht und das Rezept. Um fortsetzen zu können, ist ein Ordner zu nennen: Einen temporären löscht QGIS beim Schließen. Das Modell selbst wird in den eigenen Modellordner kopiert.</translation>
  </message>
  <message>
   <source>PSNR gain over bicubic on validation patches (dB)</source>
   <translation>PSNR-Gewinn gegenüber bikubisch auf Validierungsausschnitten (dB)</translation>
  </message>
  <message>
   <source>PSNR on validation patches (dB)</source>
   <translation>PSNR auf Validierungsausschnitten (dB)</translation>
  </message>
  <message>
   <source>PSNR of bicubic on the same patches (dB)</source>
   <translation>PSNR von bikubisch auf denselben Ausschnitten (dB)</translation>
  </message>
  <message>
   <source>Number of training steps</source>
   <translation>Anzahl der Trainingsschritte</translation>
  </message>
  <message>
   <source>Training report</source>
   <translation>Trainingsbericht</translation>
  </message>
  <message>
   <source>Training curves (PNG)</source>
   <translation>Trainingskurven (PNG)</translation>
  </message>
  <message>
   <source>Train model</source>
   <translation>Modell trainieren</translation>
  </message>
  <message>
   <source>Trains a super-resolution model on your own rasters, or trains a shipped model further on them.</source>
   <translation>Trainiert ein Super-Resolution-Modell auf eigenen Rastern, oder ein mitgeliefertes Modell auf ihnen weiter.</translation>
  </message>
  <message>
   <source>Trains a super-resolution model on patches of your own rasters (made by Prepare training data), or trains a shipped model further on them. The finished model is in every list of models at once. Its card says what it was trained on and what quality was measured.

The trainer runs in a separate process with its own PyTorch environment. Install dependencies creates that environment once ('Also install the trainer', TRAINING). The log shows the loss, the PSNR on the validation patches next to bicubic, and the remaining time. Cancel keeps a checkpoint; 'Resume an interrupted run' (RESUME) with the same folder continues from it exactly.</source>
   <translation>Trainiert ein Super-Resolution-Modell auf Ausschnitten eigener Raster (von 'Trainingsdaten vorbereiten' gemacht), oder ein mitgeliefertes Modell auf ihnen weiter. Das fertige Modell steht sofort in jeder Modellliste. Seine Karte sagt, worauf es trainiert und welche Qualität gemessen wurde.

Der Trainer läuft in einem eigenen Prozess mit einer eigenen PyTorch-Umgebung. 'Abhängigkeiten installieren' legt diese Umgebung einmal an ('Auch den Trainer installieren', TRAINING). Das Protokoll zeigt den Verlust, das PSNR auf den Validierungsausschnitten neben dem von bikubisch, und die verbleibende Zeit. Beim Abbrechen bleibt ein Checkpoint; 'Unterbrochenen Lauf fortsetzen' (RESUME) mit demselben Ordner setzt genau dort fort.</translation>
  </message>
  <message>
   <source>Losses:</source>
   <translation>Verlustfunktionen:</translation>
  </message>
  <message>
   <source>train</source>
   <translation>trainieren</translation>
  </message>
  <message>
   <source>retrain</source>
   <translation>neu trainieren</translation>
  </message>
  <message>
   <source>fine-tune</source>
   <translation>Feinabstimmung</translation>
  </message>
  <message>
   <source>learn</source>
   <translation>lernen</translation>
  </message>
  <message>
   <source>network</source>
   <translation>Netz</translation>
  </message>
  <message>
   <source>recipe</source>
   <translation>Rezept</translation>
  </message>
  <message>
   <source>0: no early stopping. The best weights seen during training are exported in any case.</source>
   <translation type="vanished">0: kein frühes Ende. Exportiert werden in jedem Fall die besten Gewichte, die das Training erreicht hat.</translation>
  </message>
 </context>
 <context>
  <name>srsat_qgis</name>
  <message>
   <source>Input raster</source>
   <translation>Eingaberaster</translation>
  </message>
  <message>
   <source>Any raster that QGIS can open, or a web map. Rasters with a colour table are refused.</source>
   <translation>Jedes Raster, das QGIS öffnen kann, oder eine Webkarte. Raster mit Farbtabelle werden abgelehnt.</translation>
  </message>
  <message>
   <source>Model</source>
   <translation>Modell</translation>
  </message>
  <message>
   <source>Model file (used instead of the model above)</source>
   <translation>Modelldatei (statt des Modells oben)</translation>
  </message>
  <message>
   <source>An ONNX file from any folder. If it has no model card and no metadata, its scale, bands and tile sizes are found by running it.</source>
   <translation>Eine ONNX-Datei aus einem beliebigen Ordner. Hat sie weder Modellkarte noch Metadaten, werden Skalierung, Bänder und Kachelgrößen durch Ausführen ermittelt.</translation>
  </message>
  <message>
   <source>Bands (none selected: all)</source>
   <translation>Bänder (keines gewählt: alle)</translation>
  </message>
  <message>
   <source>Extent (empty: whole raster)</source>
   <translation>Ausdehnung (leer: alles)</translation>
  </message>
  <message>
   <source>Graphics card if it works</source>
   <translation>Grafikkarte, wenn sie funktioniert</translation>
  </message>
  <message>
   <source>Graphics card, or an error</source>
   <translation>Grafikkarte, sonst ein Fehler</translation>
  </message>
  <message>
   <source>Processor</source>
   <translation>Prozessor</translation>
  </message>
  <message>
   <source>Device (processor or graphics card)</source>
   <translation>Gerät (Prozessor oder Grafikkarte)</translation>
  </message>
  <message>
   <source>auto: an NVIDIA graphics card if it works, else the processor; the log says which one and why. cuda: the graphics card, or an error. cpu: the processor.</source>
   <translation>auto: eine NVIDIA-Grafikkarte, wenn sie funktioniert, sonst der Prozessor; das Protokoll sagt, welches Gerät und warum. cuda: die Grafikkarte, sonst ein Fehler. cpu: der Prozessor.</translation>
  </message>
  <message>
   <source>Tile size (input pixels)</source>
   <translation>Kachelgröße (Eingabepixel)</translation>
  </message>
  <message>
   <source>Side length of the tiles that are computed at a time. Empty: the model's own. It changes memory use and speed, not the result.</source>
   <translation>Seitenlänge der Kacheln, die auf einmal berechnet werden. Leer: die des Modells. Sie ändert Speicherbedarf und Geschwindigkeit, nicht das Ergebnis.</translation>
  </message>
  <message>
   <source>Unchanged</source>
   <translation>Unverändert</translation>
  </message>
  <message>
   <source>8 bits, 0 to 255</source>
   <translation>8 Bit, 0 bis 255</translation>
  </message>
  <message>
   <source>16 bits, 0 to 65535</source>
   <translation>16 Bit, 0 bis 65535</translation>
  </message>
  <message>
   <source>16 bits with sign</source>
   <translation>16 Bit mit Vorzeichen</translation>
  </message>
  <message>
   <source>32 bits, from 0</source>
   <translation>32 Bit, ab 0</translation>
  </message>
  <message>
   <source>32 bits with sign</source>
   <translation>32 Bit mit Vorzeichen</translation>
  </message>
  <message>
   <source>Single precision</source>
   <translation>Einfache Genauigkeit</translation>
  </message>
  <message>
   <source>Double precision</source>
   <translation>Doppelte Genauigkeit</translation>
  </message>
  <message>
   <source>Output data type</source>
   <translation>Datentyp der Ausgabe</translation>
  </message>
  <message>
   <source>Values are rounded and clipped to this type once, at the end. They are never rescaled.</source>
   <translation>Die Werte werden am Ende einmal auf diesen Typ gerundet und begrenzt. Sie werden nie umskaliert.</translation>
  </message>
  <message>
   <source>Nodata value of the input</source>
   <translation>Nodata-Wert der Eingabe</translation>
  </message>
  <message>
   <source>Pixels with this value are nodata. It replaces the nodata value that the raster declares.</source>
   <translation>Pixel mit diesem Wert sind Nodata. Er ersetzt den Nodata-Wert, den das Raster angibt.</translation>
  </message>
  <message>
   <source>Keeps the sensor's blur</source>
   <translation>Behält die Unschärfe des Sensors</translation>
  </message>
  <message>
   <source>Keeps the mean of each pixel</source>
   <translation>Behält das Mittel jedes Pixels</translation>
  </message>
  <message>
   <source>Not corrected</source>
   <translation>Nicht korrigiert</translation>
  </message>
  <message>
   <source>Consistency with the input</source>
   <translation>Konsistenz mit der Eingabe</translation>
  </message>
  <message>
   <source>What the output must give back when it is degraded to the resolution of the input. model: the input, if degraded with the blur that is measured in it, as far as its noise does not explain the difference. area: the input, if averaged over each input pixel; use it for temperature, indices and other quantities whose means must not change. off: the output of the network is not corrected.</source>
   <translation>Was die Ausgabe wiedergeben muss, wenn sie auf die Auflösung der Eingabe vergröbert wird. model: die Eingabe, bei Vergröberung mit der in ihr gemessenen Unschärfe, so weit ihr Rauschen den Unterschied nicht erklärt. area: die Eingabe, bei Mittelung über jedes Eingabepixel; für Temperaturen, Indizes und andere Größen, deren Mittel sich nicht ändern dürfen. off: Die Ausgabe des Netzes wird nicht korrigiert.</translation>
  </message>
  <message>
   <source>Blur of the input (pixels; empty: measured)</source>
   <translation>Unschärfe der Eingabe (Pixel; leer: gemessen)</translation>
  </message>
  <message>
   <source>Standard deviation of the blur in pixels of the input, one number or one for each band, separated by commas; usually 0.3 to 0.8. A smaller value makes the result softer. Empty: measured in the raster; the log says what was found. Raster information measures it too.</source>
   <translation>Standardabweichung der Unschärfe in Pixeln der Eingabe, eine Zahl oder eine für jedes Band, durch Kommas getrennt; meist 0,3 bis 0,8. Ein kleinerer Wert macht das Ergebnis weicher. Leer: im Raster gemessen; das Protokoll sagt, was gefunden wurde. Auch Rasterinformation misst sie.</translation>
  </message>
  <message>
   <source>Noise of the input (empty: measured)</source>
   <translation>Rauschen der Eingabe (leer: gemessen)</translation>
  </message>
  <message>
   <source>Standard deviation of the noise in the unit of the input, one number or one for each band, separated by commas. A larger value makes the result cleaner and softer. It has an effect only with models that are told the noise. Empty: measured in the raster.</source>
   <translation>Standardabweichung des Rauschens in der Einheit der Eingabe, eine Zahl oder eine für jedes Band, durch Kommas getrennt. Ein größerer Wert macht das Ergebnis sauberer und weicher. Wirkt nur bei Modellen, denen das Rauschen mitgeteilt wird. Leer: im Raster gemessen.</translation>
  </message>
  <message>
   <source>Strength of the added detail</source>
   <translation>Stärke der hinzugefügten Details</translation>
  </message>
  <message>
   <source>1: all the detail that the model adds. 0: none, which is a bicubic enlargement.</source>
   <translation>1: alle Details, die das Modell hinzufügt. 0: keine, das ist eine bikubische Vergrößerung.</translation>
  </message>
  <message>
   <source>The faster one, if it is right</source>
   <translation>Die schnellere, wenn sie richtig ist</translation>
  </message>
  <message>
   <source>Floats</source>
   <translation>Gleitkommazahlen</translation>
  </message>
  <message>
   <source>8-bit integers, or an error</source>
   <translation>8-Bit-Ganzzahlen, sonst ein Fehler</translation>
  </message>
  <message>
   <source>Arithmetic of the model</source>
   <translation>Arithmetik des Modells</translation>
  </message>
  <message>
   <source>auto: 8-bit integers if the model has that form, the processor is faster with it and the raster holds whole numbers or temperatures; else floats. The log says which one and why. float32: always floats. int8: 8-bit integers, or an error. The card of a model says what the 8-bit form loses.</source>
   <translation>auto: 8-Bit-Ganzzahlen, wenn das Modell diese Form hat, der Prozessor damit schneller ist und das Raster ganze Zahlen oder Temperaturen enthält; sonst Gleitkommazahlen. Das Protokoll sagt, welche und warum. float32: immer Gleitkommazahlen. int8: 8-Bit-Ganzzahlen, sonst ein Fehler. Die Karte eines Modells sagt, was die 8-Bit-Form verliert.</translation>
  </message>
  <message>
   <source>Resume an interrupted run</source>
   <translation>Unterbrochenen Lauf fortsetzen</translation>
  </message>
  <message>
   <source>Overviews if it is large</source>
   <translation>Pyramiden, wenn es groß ist</translation>
  </message>
  <message>
   <source>Without overviews</source>
   <translation>Ohne Pyramiden</translation>
  </message>
  <message>
   <source>Cloud-optimised, with overviews</source>
   <translation>Cloud-optimiert, mit Pyramiden</translation>
  </message>
  <message>
   <source>Layout of the output file</source>
   <translation>Aufbau der Ausgabedatei</translation>
  </message>
  <message>
   <source>Of .tif files. auto: a GeoTIFF, with overviews where a side is longer than 4096 pixels, so that it is shown fast. gtiff: a GeoTIFF without overviews. cog: a cloud-optimised GeoTIFF with overviews, for servers and object storage; the creation options are then those of GDAL's COG driver.</source>
   <translation>Von .tif-Dateien. auto: ein GeoTIFF, mit Pyramiden, wenn eine Seite länger als 4096 Pixel ist, damit es schnell angezeigt wird. gtiff: ein GeoTIFF ohne Pyramiden. cog: ein Cloud-optimiertes GeoTIFF mit Pyramiden, für Server und Objektspeicher; die Erzeugungsoptionen sind dann die des COG-Treibers von GDAL.</translation>
  </message>
  <message>
   <source>Creation options (GDAL)</source>
   <translation>Erzeugungsoptionen (GDAL)</translation>
  </message>
  <message>
   <source>KEY=VALUE options of the output's GDAL driver, separated by |, for example COMPRESS=ZSTD|PREDICTOR=2.</source>
   <translation>KEY=VALUE-Optionen des GDAL-Treibers der Ausgabe, durch | getrennt, zum Beispiel COMPRESS=ZSTD|PREDICTOR=2.</translation>
  </message>
  <message>
   <source>Model file without a card: scale factor</source>
   <translation>Modelldatei ohne Karte: Skalierungsfaktor</translation>
  </message>
  <message>
   <source>Output pixels per input pixel. It is found by running the model; if you give it, a model of another scale is refused.</source>
   <translation>Ausgabepixel je Eingabepixel. Der Wert wird durch Ausführen des Modells gefunden; ist er angegeben, wird ein Modell mit anderem Faktor abgelehnt.</translation>
  </message>
  <message>
   <source>As stored in the raster</source>
   <translation>Wie im Raster gespeichert</translation>
  </message>
  <message>
   <source>From 0 to 1</source>
   <translation>Von 0 bis 1</translation>
  </message>
  <message>
   <source>Model file without a card: input values</source>
   <translation>Modelldatei ohne Karte: Eingabewerte</translation>
  </message>
  <message>
   <source>This cannot be found by running the model. dn: digital numbers as stored in the raster. unit: values from 0 to 1; the parameter below (VALUE_RANGE) says which digital numbers these are.</source>
   <translation>Durch Ausführen des Modells lässt sich dies nicht finden. dn: Digitalwerte, wie sie im Raster gespeichert sind. unit: Werte von 0 bis 1; der Parameter unten (VALUE_RANGE) sagt, welche Digitalwerte das sind.</translation>
  </message>
  <message>
   <source>Model file without a card: digital numbers for 0 and 1</source>
   <translation>Modelldatei ohne Karte: Digitalwerte für 0 und 1</translation>
  </message>
  <message>
   <source>Only for input values 'unit' (VALUE_SCALE): the digital numbers that the model takes as 0 and 1, for example 0 and 10000 for Sentinel-2 reflectance. Empty: the range of the raster's data type (0 and 255 for 8 bits, 0 and 65535 for 16 bits, 0 and 1 for floats).</source>
   <translation>Nur bei Eingabewerten 'unit' (VALUE_SCALE): die Digitalwerte, die das Modell als 0 und 1 nimmt, zum Beispiel 0 und 10000 für Sentinel-2-Reflexion. Leer: der Bereich des Datentyps des Rasters (0 und 255 bei 8 Bit, 0 und 65535 bei 16 Bit, 0 und 1 bei Gleitkommazahlen).</translation>
  </message>
  <message>
   <source>Super-resolved raster</source>
   <translation>Feiner aufgelöstes Raster</translation>
  </message>
  <message>
   <source>A GeoTIFF, or another format that GDAL can write, chosen by the file extension.</source>
   <translation>Ein GeoTIFF, oder ein anderes Format, das GDAL schreiben kann, nach der Dateiendung.</translation>
  </message>
  <message>
   <source>Quality report (HTML)</source>
   <translation>Qualitätsbericht (HTML)</translation>
  </message>
  <message>
   <source>Scale factor (output pixels per input pixel)</source>
   <translation>Skalierungsfaktor (Ausgabepixel je Eingabepixel)</translation>
  </message>
  <message>
   <source>Width (pixels)</source>
   <translation>Breite (Pixel)</translation>
  </message>
  <message>
   <source>Height (pixels)</source>
   <translation>Höhe (Pixel)</translation>
  </message>
  <message>
   <source>Run time (seconds)</source>
   <translation>Laufzeit (Sekunden)</translation>
  </message>
  <message>
   <source>Device used</source>
   <translation>Benutztes Gerät</translation>
  </message>
  <message>
   <source>Super-resolution</source>
   <translation>Super-Resolution</translation>
  </message>
  <message>
   <source>Models:</source>
   <translation>Modelle:</translation>
  </message>
  <message>
   <source>satellite</source>
   <translation>Satellit</translation>
  </message>
  <message>
   <source>srsat</source>
   <translation>srsat</translation>
  </message>
  <message>
   <source>deep learning</source>
   <translation>maschinelles Lernen</translation>
  </message>
  <message>
   <source>super-resolution</source>
   <translation>Super-Resolution</translation>
  </message>
  <message>
   <source>sharpen</source>
   <translation>schärfen</translation>
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
   <translation>Orthofoto</translation>
  </message>
  <message>
   <source>basemap</source>
   <translation>Basiskarte</translation>
  </message>
  <message>
   <source>onnx</source>
   <translation>onnx</translation>
  </message>
  <message>
   <source>One level deeper</source>
   <translation>Eine Stufe tiefer</translation>
  </message>
  <message>
   <source>Twice the pixels, same level</source>
   <translation>Doppelte Pixelzahl, dieselbe Stufe</translation>
  </message>
  <message>
   <source>Every value kept</source>
   <translation>Jeder Wert bleibt</translation>
  </message>
  <message>
   <source>Small, no transparency</source>
   <translation>Klein, keine Transparenz</translation>
  </message>
  <message>
   <source>Smallest</source>
   <translation>Am kleinsten</translation>
  </message>
  <message>
   <source>10 m, the pixels of the scene's finest bands</source>
   <translation>10 m, die Pixel der feinsten Bänder der Szene</translation>
  </message>
  <message>
   <source>5 m, all bands also through the model any-x2</source>
   <translation>5 m, alle Bänder auch durch das Modell any-x2</translation>
  </message>
  <message>
   <source>All</source>
   <translation>Alle</translation>
  </message>
  <message>
   <source>Those of 20 m</source>
   <translation>Die mit 20 m</translation>
  </message>
  <message>
   <source>Those of 60 m</source>
   <translation>Die mit 60 m</translation>
  </message>
  <message>
   <source>By the file names</source>
   <translation>Nach den Dateinamen</translation>
  </message>
  <message>
   <source>Top of atmosphere</source>
   <translation>Oberrand der Atmosphäre</translation>
  </message>
  <message>
   <source>Surface reflectance</source>
   <translation>Oberflächenreflexion</translation>
  </message>
  <message>
   <source>Names of the bands</source>
   <translation>Namen der Bänder</translation>
  </message>
  <message>
   <source>Multispectral</source>
   <translation>Multispektral</translation>
  </message>
  <message>
   <source>fusion</source>
   <translation>Fusion</translation>
  </message>
  <message>
   <source>Cubic convolution</source>
   <translation>Kubische Faltung</translation>
  </message>
  <message>
   <source>Network</source>
   <translation>Netz</translation>
  </message>
  <message>
   <source>Detail of the reference</source>
   <translation>Details der Referenz</translation>
  </message>
  <message>
   <source>Network that sharpens (GAN)</source>
   <translation>Netz, das schärft (GAN)</translation>
  </message>
  <message>
   <source>Texture of Sentinel-2 (GAN)</source>
   <translation>Textur von Sentinel-2 (GAN)</translation>
  </message>
  <message>
   <source>Network and texture (GAN)</source>
   <translation>Netz und Textur (GAN)</translation>
  </message>
  <message>
   <source>Method</source>
   <translation>Methode</translation>
  </message>
  <message>
   <source>How the bands come to 10 m; see above. highpass needs a reference.</source>
   <translation>Wie die Bänder auf 10 m kommen; siehe oben. highpass braucht eine Referenz.</translation>
  </message>
  <message>
   <source>As it is</source>
   <translation>Wie sie ist</translation>
  </message>
  <message>
   <source>Lines of HLS, Sentinel-2A</source>
   <translation>Geraden von HLS, Sentinel-2A</translation>
  </message>
  <message>
   <source>Lines of HLS, Sentinel-2B</source>
   <translation>Geraden von HLS, Sentinel-2B</translation>
  </message>
  <message>
   <source>Lines of HLS, Sentinel-2C</source>
   <translation>Geraden von HLS, Sentinel-2C</translation>
  </message>
  <message>
   <source>Lines of Chastain</source>
   <translation>Geraden von Chastain</translation>
  </message>
  <message>
   <source>Regression on the reference</source>
   <translation>Regression auf die Referenz</translation>
  </message>
  <message>
   <source>Percentiles of the reference</source>
   <translation>Perzentile der Referenz</translation>
  </message>
  <message>
   <source>Radiometry</source>
   <translation>Radiometrie</translation>
  </message>
  <message>
   <source>How reflectance becomes Sentinel-2's. Coefficients of one level are refused on the other.</source>
   <translation>Wie die Reflexion zu der von Sentinel-2 wird. Koeffizienten des einen Levels werden beim anderen abgelehnt.</translation>
  </message>
  <message>
   <source>20 m, narrow</source>
   <translation>20 m, schmal</translation>
  </message>
  <message>
   <source>10 m, wide</source>
   <translation>10 m, breit</translation>
  </message>
  <message>
   <source>Near infrared</source>
   <translation>Nahes Infrarot</translation>
  </message>
  <message>
   <source>Which band of Sentinel-2 Landsat's band 5 becomes. hls-* have coefficients for B8A, chastain-toa for B8.</source>
   <translation>Welches Band von Sentinel-2 aus Landsats Band 5 wird. hls-* haben Koeffizienten für B8A, chastain-toa für B8.</translation>
  </message>
  <message>
   <source>The reference's, where there is one</source>
   <translation>Das der Referenz, wo es eine gibt</translation>
  </message>
  <message>
   <source>The reference's</source>
   <translation>Das der Referenz</translation>
  </message>
  <message>
   <source>Multiples of 10 m</source>
   <translation>Vielfache von 10 m</translation>
  </message>
  <message>
   <source>The first of the family</source>
   <translation>Das erste der Familie</translation>
  </message>
  <message>
   <source>Model of the method</source>
   <translation>Modell der Methode</translation>
  </message>
  <message>
   <source>auto: the first installed model of the method's family: landsat for subpixel, landsat-deblur, landsat-style and landsat-combined for the others.</source>
   <translation>auto: das erste installierte Modell der Familie der Methode: landsat für subpixel, landsat-deblur, landsat-style und landsat-combined für die übrigen.</translation>
  </message>
  <message>
   <source>Coastal aerosol</source>
   <translation>Küstenaerosol</translation>
  </message>
  <message>
   <source>Blue</source>
   <translation>Blau</translation>
  </message>
  <message>
   <source>Green</source>
   <translation>Grün</translation>
  </message>
  <message>
   <source>Red</source>
   <translation>Rot</translation>
  </message>
  <message>
   <source>Shortwave infrared, 1610 nm</source>
   <translation>Kurzwelliges Infrarot, 1610 nm</translation>
  </message>
  <message>
   <source>Shortwave infrared, 2190 nm</source>
   <translation>Kurzwelliges Infrarot, 2190 nm</translation>
  </message>
  <message>
   <source>Bands</source>
   <translation>Bänder</translation>
  </message>
  <message>
   <source>Bands of the result, by Sentinel-2's names; NIR is the one chosen above. None selected: all.</source>
   <translation>Bänder des Ergebnisses, mit den Namen von Sentinel-2; NIR ist das oben gewählte. Keines gewählt: alle.</translation>
  </message>
  <message>
   <source>Measured and corrected</source>
   <translation>Gemessen und korrigiert</translation>
  </message>
  <message>
   <source>Measured</source>
   <translation>Gemessen</translation>
  </message>
  <message>
   <source>Not looked for</source>
   <translation>Nicht gesucht</translation>
  </message>
  <message>
   <source>Misregistration of the scene</source>
   <translation>Versatz der Szene</translation>
  </message>
  <message>
   <source>correct: measured against the reference, and the scene is moved. measure: only told. off: not measured. Up to four Landsat pixels are looked for.</source>
   <translation>correct: gegen die Referenz gemessen, und die Szene wird verschoben. measure: nur berichtet. off: nicht gemessen. Gesucht wird bis zu vier Landsat-Pixel weit.</translation>
  </message>
  <message>
   <source>Rims of clouds</source>
   <translation>Wolkenränder</translation>
  </message>
  <message>
   <source>Cirrus</source>
   <translation>Zirren</translation>
  </message>
  <message>
   <source>Clouds</source>
   <translation>Wolken</translation>
  </message>
  <message>
   <source>Shadows of clouds</source>
   <translation>Wolkenschatten</translation>
  </message>
  <message>
   <source>Snow</source>
   <translation>Schnee</translation>
  </message>
  <message>
   <source>Fill only</source>
   <translation>Nur Füllwerte</translation>
  </message>
  <message>
   <source>What QA_PIXEL masks</source>
   <translation>Was QA_PIXEL maskiert</translation>
  </message>
  <message>
   <source>These pixels become nodata. none: only fill does.</source>
   <translation>Diese Pixel werden Nodata. none: nur Füllwerte.</translation>
  </message>
  <message>
   <source>As it was seen</source>
   <translation>Wie gesehen</translation>
  </message>
  <message>
   <source>As seen from nadir</source>
   <translation>Wie aus dem Nadir gesehen</translation>
  </message>
  <message>
   <source>BRDF</source>
   <translation>BRDF</translation>
  </message>
  <message>
   <source>c-factor: reflectance as seen from nadir under the year's mean sun of the latitude (Roy et al. 2016): by the angles of each pixel where *_SZA, *_SAA, *_VZA and *_VAA lie beside the metadata, else from the height of the sun there. Give Sentinel-2 scenes the same treatment.</source>
   <translation>c-factor: Reflexion wie aus dem Nadir gesehen unter der mittleren Jahressonne der geographischen Breite (Roy et al. 2016): nach den Winkeln jedes Pixels, wo *_SZA, *_SAA, *_VZA und *_VAA neben den Metadaten liegen, sonst nach der dort genannten Sonnenhöhe. Sentinel-2-Szenen sollten ebenso behandelt sein.</translation>
  </message>
  <message>
   <source>By their names</source>
   <translation>Nach ihren Namen</translation>
  </message>
  <message>
   <source>Surface</source>
   <translation>Oberfläche</translation>
  </message>
  <message>
   <source>See the scale.</source>
   <translation>Siehe die Skalierung.</translation>
  </message>
  <message>
   <source>Tile size (Landsat pixels; only networks)</source>
   <translation>Kachelgröße (Landsat-Pixel; nur Netze)</translation>
  </message>
  <message>
   <source>Report (HTML)</source>
   <translation>Bericht (HTML)</translation>
  </message>
  <message>
   <source>Networks:</source>
   <translation>Netze:</translation>
  </message>
  <message>
   <source>harmonisation</source>
   <translation>Harmonisierung</translation>
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
   <translation>Vierfach</translation>
  </message>
  <message>
   <source>Eight times</source>
   <translation>Achtfach</translation>
  </message>
  <message>
   <source>The shipped network of the scale</source>
   <translation>Das mitgelieferte Netz des Faktors</translation>
  </message>
  <message>
   <source>Bicubic, without a guide</source>
   <translation>Bikubisch, ohne Führungsraster</translation>
  </message>
  <message>
   <source>One regression</source>
   <translation>Eine Regression</translation>
  </message>
  <message>
   <source>Regressions in windows</source>
   <translation>Regressionen in Fenstern</translation>
  </message>
  <message>
   <source>Measured, and guides are moved</source>
   <translation>Gemessen, und die Führungsraster werden verschoben</translation>
  </message>
  <message>
   <source>Only measured</source>
   <translation>Nur gemessen</translation>
  </message>
  <message>
   <source>Not measured</source>
   <translation>Nicht gemessen</translation>
  </message>
  <message>
   <source>By what the guides' shift allows</source>
   <translation>Je nachdem, was der Versatz erlaubt</translation>
  </message>
  <message>
   <source>None</source>
   <translation>Keine</translation>
  </message>
  <message>
   <source>Mean of each coarse pixel</source>
   <translation>Mittel jedes groben Pixels</translation>
  </message>
  <message>
   <source>Mean radiance of each coarse pixel</source>
   <translation>Mittlere Strahlung jedes groben Pixels</translation>
  </message>
  <message>
   <source>Means of boxes</source>
   <translation>Mittel über Felder</translation>
  </message>
  <message>
   <source>As the raster says</source>
   <translation>Wie das Raster sagt</translation>
  </message>
  <message>
   <source>Kelvins</source>
   <translation>Kelvin</translation>
  </message>
  <message>
   <source>Degrees Celsius</source>
   <translation>Grad Celsius</translation>
  </message>
  <message>
   <source>Land surface temperature</source>
   <translation>Landoberflächentemperatur</translation>
  </message>
  <message>
   <source>Any rasters, by a model</source>
   <translation>Beliebige Raster, mit einem Modell</translation>
  </message>
  <message>
   <source>Sentinel-2 products at 10 m</source>
   <translation>Sentinel-2-Produkte in 10 m</translation>
  </message>
  <message>
   <source>Temperatures, by guides</source>
   <translation>Temperaturen, mit Führungsrastern</translation>
  </message>
  <message>
   <source>Landsat products like Sentinel-2</source>
   <translation>Landsat-Produkte wie Sentinel-2</translation>
  </message>
  <message>
   <source>archive</source>
   <translation>Archiv</translation>
  </message>
  <message>
   <source>Models</source>
   <translation>Modelle</translation>
  </message>
  <message>
   <source>compare</source>
   <translation>vergleichen</translation>
  </message>
  <message>
   <source>which model</source>
   <translation>welches Modell</translation>
  </message>
  <message>
   <source>Reference raster (truth)</source>
   <translation>Referenzraster (Wahrheit)</translation>
  </message>
  <message>
   <source>A raster of the same area with the same pixel size as the super-resolved raster, taken as the truth.</source>
   <translation>Ein Raster desselben Gebiets mit derselben Pixelgröße wie das feiner aufgelöste Raster, das als Wahrheit gilt.</translation>
  </message>
  <message>
   <source>Low-resolution input</source>
   <translation>Niedrig aufgelöste Eingabe</translation>
  </message>
  <message>
   <source>Root mean square error</source>
   <translation>Wurzel des mittleren quadratischen Fehlers</translation>
  </message>
  <message>
   <source>Peak signal-to-noise ratio</source>
   <translation>Spitzen-Signal-Rausch-Verhältnis</translation>
  </message>
  <message>
   <source>Structural similarity</source>
   <translation>Strukturelle Ähnlichkeit</translation>
  </message>
  <message>
   <source>Universal image quality index</source>
   <translation>Universeller Bildqualitätsindex</translation>
  </message>
  <message>
   <source>Feature similarity</source>
   <translation>Merkmalsähnlichkeit</translation>
  </message>
  <message>
   <source>Hybrid of edges, entropy and SSIM</source>
   <translation>Mischung aus Kanten, Entropie und SSIM</translation>
  </message>
  <message>
   <source>Spectral angle</source>
   <translation>Spektralwinkel</translation>
  </message>
  <message>
   <source>Signal-to-reconstruction-error ratio</source>
   <translation>Verhältnis von Signal zu Rekonstruktionsfehler</translation>
  </message>
  <message>
   <source>Relative global error</source>
   <translation>Relativer globaler Fehler</translation>
  </message>
  <message>
   <source>PSNR at the best shift, without bias</source>
   <translation>PSNR beim besten Versatz, ohne Bias</translation>
  </message>
  <message>
   <source>Correlation coefficient</source>
   <translation>Korrelationskoeffizient</translation>
  </message>
  <message>
   <source>Mean absolute error</source>
   <translation>Mittlerer absoluter Fehler</translation>
  </message>
  <message>
   <source>Mean difference</source>
   <translation>Mittlere Differenz</translation>
  </message>
  <message>
   <source>Error that 95 % of the values do not exceed</source>
   <translation>Fehler, den 95 % der Werte nicht überschreiten</translation>
  </message>
  <message>
   <source>Distance of the histograms</source>
   <translation>Abstand der Histogramme</translation>
  </message>
  <message>
   <source>Resolution by Fourier ring correlation</source>
   <translation>Auflösung nach Fourier-Ring-Korrelation</translation>
  </message>
  <message>
   <source>Power of fine detail</source>
   <translation>Leistung der feinen Details</translation>
  </message>
  <message>
   <source>Shift along the columns</source>
   <translation>Versatz entlang der Spalten</translation>
  </message>
  <message>
   <source>Shift along the rows</source>
   <translation>Versatz entlang der Zeilen</translation>
  </message>
  <message>
   <source>Local misregistration</source>
   <translation>Örtliche Fehlregistrierung</translation>
  </message>
  <message>
   <source>Error of spectral indices</source>
   <translation>Fehler der Spektralindizes</translation>
  </message>
  <message>
   <source>Difference to the low-resolution input</source>
   <translation>Differenz zur niedrig aufgelösten Eingabe</translation>
  </message>
  <message>
   <source>Spectral angle to the low-resolution input</source>
   <translation>Spektralwinkel zur niedrig aufgelösten Eingabe</translation>
  </message>
  <message>
   <source>Shift against the low-resolution input</source>
   <translation>Versatz gegen die niedrig aufgelöste Eingabe</translation>
  </message>
  <message>
   <source>Noise on flat ground, bicubic is 1</source>
   <translation>Rauschen auf ebenen Flächen, bikubisch ist 1</translation>
  </message>
  <message>
   <source>Values outside the range of nearby input pixels</source>
   <translation>Werte außerhalb des Bereichs naher Eingabepixel</translation>
  </message>
  <message>
   <source>Share of improved pixels</source>
   <translation>Anteil verbesserter Pixel</translation>
  </message>
  <message>
   <source>Share of pixels as in bicubic</source>
   <translation>Anteil der Pixel wie bikubisch</translation>
  </message>
  <message>
   <source>Share of pixels with wrong detail</source>
   <translation>Anteil der Pixel mit falschen Details</translation>
  </message>
  <message>
   <source>Share of clipped values</source>
   <translation>Anteil abgeschnittener Werte</translation>
  </message>
  <message>
   <source>Visibility of tile borders</source>
   <translation>Sichtbarkeit der Kachelränder</translation>
  </message>
  <message>
   <source>Measures</source>
   <translation>Maße</translation>
  </message>
  <message>
   <source>What to compute. The report gives the definition of each measure. Slow and experimental measures are not selected by default. On the command line, separate names by commas: psnr,ssim.
rmse: root mean square error; psnr: peak signal-to-noise ratio; ssim: structural similarity; uiq: universal image quality index; fsim: feature similarity; issm: hybrid of edges, entropy and SSIM; sam: spectral angle; sre: signal-to-reconstruction-error ratio; ergas: relative global error; cpsnr: PSNR at the best shift, without bias; cc: correlation coefficient; mae: mean absolute error; bias: mean difference; error_p95: error that 95 % of the values do not exceed; wasserstein: distance of the histograms; frc: resolution by Fourier ring correlation; spectrum_ratio: power of fine detail; shift_x: shift along the columns; shift_y: shift along the rows; local_shift: local misregistration; index_mae: error of spectral indices; lr_consistency: difference to the low-resolution input; lr_sam: spectral angle to the low-resolution input; lr_shift: shift against the low-resolution input; grain: noise on flat ground, bicubic is 1; overshoot: values outside the range of nearby input pixels; improvement: share of improved pixels; omission: share of pixels as in bicubic; hallucination: share of pixels with wrong detail; clipped: share of clipped values; seams: visibility of tile borders</source>
   <translation>Was berechnet wird. Der Bericht gibt die Definition jedes Maßes. Langsame und experimentelle Maße sind zu Beginn nicht gewählt. Auf der Kommandozeile werden die Namen durch Kommas getrennt: psnr,ssim.
rmse: Wurzel des mittleren quadratischen Fehlers; psnr: Spitzen-Signal-Rausch-Verhältnis; ssim: strukturelle Ähnlichkeit; uiq: universeller Bildqualitätsindex; fsim: Merkmalsähnlichkeit; issm: Mischung aus Kanten, Entropie und SSIM; sam: Spektralwinkel; sre: Verhältnis von Signal zu Rekonstruktionsfehler; ergas: relativer globaler Fehler; cpsnr: PSNR beim besten Versatz, ohne Bias; cc: Korrelationskoeffizient; mae: mittlerer absoluter Fehler; bias: mittlere Differenz; error_p95: Fehler, den 95 % der Werte nicht überschreiten; wasserstein: Abstand der Histogramme; frc: Auflösung nach Fourier-Ring-Korrelation; spectrum_ratio: Leistung der feinen Details; shift_x: Versatz entlang der Spalten; shift_y: Versatz entlang der Zeilen; local_shift: örtliche Fehlregistrierung; index_mae: Fehler der Spektralindizes; lr_consistency: Differenz zur niedrig aufgelösten Eingabe; lr_sam: Spektralwinkel zur niedrig aufgelösten Eingabe; lr_shift: Versatz gegen die niedrig aufgelöste Eingabe; grain: Rauschen auf ebenen Flächen, bikubisch ist 1; overshoot: Werte außerhalb des Bereichs naher Eingabepixel; improvement: Anteil verbesserter Pixel; omission: Anteil der Pixel wie bikubisch; hallucination: Anteil der Pixel mit falschen Details; clipped: Anteil abgeschnittener Werte; seams: Sichtbarkeit der Kachelränder</translation>
  </message>
  <message>
   <source>Data range (largest minus smallest possible value)</source>
   <translation>Wertebereich (größter minus kleinster möglicher Wert)</translation>
  </message>
  <message>
   <source>PSNR, SSIM and FSIM depend on it; the report states it. Empty: 255 for 8 bits. For other types: the range in the model's card, else the number of bits or the scale that the file declares, else 10000 for integers (reflectance), or the range of the data type if many values exceed that, else 1 for floats between about 0 and 1.</source>
   <translation>PSNR, SSIM und FSIM hängen davon ab; der Bericht nennt ihn. Leer: 255 bei 8 Bit. Bei anderen Typen: der Bereich in der Karte des Modells, sonst die Bitzahl oder die Skalierung, die die Datei angibt, sonst 10000 bei Ganzzahlen (Reflexion), oder der Bereich des Datentyps, wenn viele Werte darüber liegen, sonst 1 bei Gleitkommazahlen zwischen etwa 0 und 1.</translation>
  </message>
  <message>
   <source>As recorded in the raster</source>
   <translation>Wie im Raster vermerkt</translation>
  </message>
  <message>
   <source>Mean</source>
   <translation>Mittel</translation>
  </message>
  <message>
   <source>Gaussian blur, then the mean</source>
   <translation>Gauß-Unschärfe, dann das Mittel</translation>
  </message>
  <message>
   <source>Blur of a given MTF</source>
   <translation>Unschärfe einer gegebenen MTF</translation>
  </message>
  <message>
   <source>Blur of Sentinel-2</source>
   <translation>Unschärfe von Sentinel-2</translation>
  </message>
  <message>
   <source>Blur of Landsat 8 and 9</source>
   <translation>Unschärfe von Landsat 8 und 9</translation>
  </message>
  <message>
   <source>Degradation to low resolution</source>
   <translation>Vergröberung auf die niedrige Auflösung</translation>
  </message>
  <message>
   <source>How the raster is degraded to the grid of its low-resolution input. auto: as recorded in the raster, else as in the card of its model, else the area mean. area: the mean over each low-resolution pixel. gaussian-area: a Gaussian blur, then the mean. mtf: a blur with the given MTF at the Nyquist frequency. sentinel-2, landsat: the MTF of that sensor's bands, found by band name.</source>
   <translation>Wie das Raster auf das Gitter seiner niedrig aufgelösten Eingabe vergröbert wird. auto: wie im Raster vermerkt, sonst wie in der Karte seines Modells, sonst das Flächenmittel. area: das Mittel über jedes niedrig aufgelöste Pixel. gaussian-area: eine Gauß-Unschärfe, dann das Mittel. mtf: eine Unschärfe mit der gegebenen MTF bei der Nyquist-Frequenz. sentinel-2, landsat: die MTF der Bänder dieses Sensors, nach dem Namen des Bandes gefunden.</translation>
  </message>
  <message>
   <source>Blur (low-resolution pixels) or MTF of the degradation</source>
   <translation>Unschärfe (grobe Pixel) oder MTF der Vergröberung</translation>
  </message>
  <message>
   <source>For gaussian-area: the standard deviation in low-resolution pixels. For mtf: the MTF at the Nyquist frequency, below 1.</source>
   <translation>Für gaussian-area: die Standardabweichung in niedrig aufgelösten Pixeln. Für mtf: die MTF bei der Nyquist-Frequenz, unter 1.</translation>
  </message>
  <message>
   <source>Mask raster</source>
   <translation>Maskenraster</translation>
  </message>
  <message>
   <source>A raster on the same grid. Only pixels where it is neither 0 nor nodata are measured.</source>
   <translation>Ein Raster auf demselben Gitter. Gemessen werden nur Pixel, an denen es weder 0 noch Nodata ist.</translation>
  </message>
  <message>
   <source>Compare with bicubic</source>
   <translation>Mit bikubisch vergleichen</translation>
  </message>
  <message>
   <source>Also measures bicubic upsampling of the low-resolution input. Without that input, the reference is degraded by the scale in the raster's metadata and upsampled.</source>
   <translation>Misst auch die bikubische Vergrößerung der niedrig aufgelösten Eingabe. Ohne diese Eingabe wird die Referenz um den Faktor in den Metadaten des Rasters vergröbert und wieder vergrößert.</translation>
  </message>
  <message>
   <source>Stop with a message</source>
   <translation>Mit einer Meldung anhalten</translation>
  </message>
  <message>
   <source>Resample the other raster</source>
   <translation>Das andere Raster neu abtasten</translation>
  </message>
  <message>
   <source>If the grids differ</source>
   <translation>Wenn die Gitter verschieden sind</translation>
  </message>
  <message>
   <source>refuse: stop with a message. warp: resample the other raster onto the grid; the report says so.</source>
   <translation>refuse: mit einer Meldung anhalten. warp: das andere Raster auf das Gitter neu abtasten; der Bericht sagt es.</translation>
  </message>
  <message>
   <source>Numbers as JSON</source>
   <translation>Zahlen als JSON</translation>
  </message>
  <message>
   <source>Everything in the report, for programs.</source>
   <translation>Der ganze Inhalt des Berichts, für Programme.</translation>
  </message>
  <message>
   <source>Numbers as CSV</source>
   <translation>Zahlen als CSV</translation>
  </message>
  <message>
   <source>A table for spreadsheets.</source>
   <translation>Eine Tabelle für Tabellenkalkulationen.</translation>
  </message>
  <message>
   <source>Verdict (one sentence)</source>
   <translation>Urteil (ein Satz)</translation>
  </message>
  <message>
   <source>Quality</source>
   <translation>Qualität</translation>
  </message>
  <message>
   <source>quality</source>
   <translation>Qualität</translation>
  </message>
  <message>
   <source>metric</source>
   <translation>Maß</translation>
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
   <translation>Bericht</translation>
  </message>
  <message>
   <source>benchmark</source>
   <translation>Vergleichstest</translation>
  </message>
  <message>
   <source>Any raster that GDAL can open. Rasters with a colour table are refused.</source>
   <translation>Jedes Raster, das GDAL öffnen kann. Raster mit Farbtabelle werden abgelehnt.</translation>
  </message>
  <message>
   <source>Sentinel-2</source>
   <translation>Sentinel-2</translation>
  </message>
  <message>
   <source>Landsat 8 and 9</source>
   <translation>Landsat 8 und 9</translation>
  </message>
  <message>
   <source>As given below</source>
   <translation>Wie unten angegeben</translation>
  </message>
  <message>
   <source>Preparation</source>
   <translation>Vorbereitung</translation>
  </message>
  <message>
   <source>blur</source>
   <translation>Unschärfe</translation>
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
   <translation>Rauschen</translation>
  </message>
  <message>
   <source>Chosen by confidence</source>
   <translation>Nach der Konfidenz gewählt</translation>
  </message>
  <message>
   <source>Values</source>
   <translation>Werte</translation>
  </message>
  <message>
   <source>Direction of edges</source>
   <translation>Richtung der Kanten</translation>
  </message>
  <message>
   <source>Only the georeference changes</source>
   <translation>Nur die Georeferenz ändert sich</translation>
  </message>
  <message>
   <source>Nearest neighbour</source>
   <translation>Nächster Nachbar</translation>
  </message>
  <message>
   <source>Bilinear</source>
   <translation>Bilinear</translation>
  </message>
  <message>
   <source>Lanczos</source>
   <translation>Lanczos</translation>
  </message>
  <message>
   <source>Mean of the pixels</source>
   <translation>Mittel der Pixel</translation>
  </message>
  <message>
   <source>As before the shift</source>
   <translation>Wie vor der Verschiebung</translation>
  </message>
  <message>
   <source>As the reference</source>
   <translation>Wie die Referenz</translation>
  </message>
  <message>
   <source>Channels for temperatures</source>
   <translation>Kanäle bei Temperaturen</translation>
  </message>
  <message>
   <source>Three standardised channels</source>
   <translation>Drei standardisierte Kanäle</translation>
  </message>
  <message>
   <source>As they are</source>
   <translation>Wie sie sind</translation>
  </message>
  <message>
   <source>Only reported</source>
   <translation>Nur berichtet</translation>
  </message>
  <message>
   <source>Matched by gain and offset</source>
   <translation>Durch Faktor und Offset angeglichen</translation>
  </message>
  <message>
   <source>Training data folder (patch store)</source>
   <translation>Ordner der Trainingsdaten</translation>
  </message>
  <message>
   <source>Convolutions</source>
   <translation>Faltungen</translation>
  </message>
  <message>
   <source>Convolutions, told blur and noise</source>
   <translation>Faltungen, mit Angabe von Unschärfe und Rauschen</translation>
  </message>
  <message>
   <source>Three convolutions</source>
   <translation>Drei Faltungen</translation>
  </message>
  <message>
   <source>Attention, folded</source>
   <translation>Aufmerksamkeit, zusammengefaltet</translation>
  </message>
  <message>
   <source>Residual blocks</source>
   <translation>Residualblöcke</translation>
  </message>
  <message>
   <source>U-Net</source>
   <translation>U-Net</translation>
  </message>
  <message>
   <source>Dense blocks</source>
   <translation>Dichte Blöcke</translation>
  </message>
  <message>
   <source>Fusion of bands</source>
   <translation>Fusion von Bändern</translation>
  </message>
  <message>
   <source>Fusion by local regression</source>
   <translation>Fusion durch örtliche Regression</translation>
  </message>
  <message>
   <source>Guided, least squares</source>
   <translation>Mit Führungsraster, kleinste Quadrate</translation>
  </message>
  <message>
   <source>Guided, least squares and dense blocks</source>
   <translation>Mit Führungsraster, kleinste Quadrate und dichte Blöcke</translation>
  </message>
  <message>
   <source>Guided, interpolation</source>
   <translation>Mit Führungsraster, Interpolation</translation>
  </message>
  <message>
   <source>Guided U-Net</source>
   <translation>U-Net mit Führungsraster</translation>
  </message>
  <message>
   <source>Dense blocks, without guides</source>
   <translation>Dichte Blöcke, ohne Führungsraster</translation>
  </message>
  <message>
   <source>Small</source>
   <translation>Klein</translation>
  </message>
  <message>
   <source>Medium</source>
   <translation>Mittel</translation>
  </message>
  <message>
   <source>Large</source>
   <translation>Groß</translation>
  </message>
  <message>
   <source>Gain over bicubic</source>
   <translation>Gewinn gegenüber bikubisch</translation>
  </message>
  <message>
   <source>Smooth absolute error</source>
   <translation>Geglätteter absoluter Fehler</translation>
  </message>
  <message>
   <source>Absolute error</source>
   <translation>Absoluter Fehler</translation>
  </message>
  <message>
   <source>Squared error</source>
   <translation>Quadratischer Fehler</translation>
  </message>
  <message>
   <source>Structure and edges</source>
   <translation>Struktur und Kanten</translation>
  </message>
  <message>
   <source>Fourier amplitudes</source>
   <translation>Fourier-Amplituden</translation>
  </message>
  <message>
   <source>Perceptual</source>
   <translation>Perzeptuell</translation>
  </message>
  <message>
   <source>Adversarial</source>
   <translation>Gegnerisch</translation>
  </message>
  <message>
   <source>Adversarial, as ESRGAN</source>
   <translation>Gegnerisch, wie ESRGAN</translation>
  </message>
  <message>
   <source>A new network</source>
   <translation>Ein neues Netz</translation>
  </message>
  <message>
   <source>Id of the new model</source>
   <translation>Id des neuen Modells</translation>
  </message>
  <message>
   <source>Lower-case letters, digits and hyphens, for example my-sensor-x2. Lists of models show this id. Empty: a free id is chosen.</source>
   <translation>Kleinbuchstaben, Ziffern und Bindestriche, zum Beispiel my-sensor-x2. Modelllisten zeigen diese Id. Leer: Eine freie Id wird gewählt.</translation>
  </message>
  <message>
   <source>Display name of the new model</source>
   <translation>Anzeigename des neuen Modells</translation>
  </message>
  <message>
   <source>A name for people. Empty: the id.</source>
   <translation>Ein Name für Menschen. Leer: die Id.</translation>
  </message>
  <message>
   <source>Licence of the new model</source>
   <translation>Lizenz des neuen Modells</translation>
  </message>
  <message>
   <source>Goes into the model's card, for example CC-BY-4.0. Consider the licences of the training data.</source>
   <translation>Kommt in die Karte des Modells, zum Beispiel CC-BY-4.0. Die Lizenzen der Trainingsdaten sind zu beachten.</translation>
  </message>
  <message>
   <source>Replace my existing model with this id</source>
   <translation>Mein Modell mit dieser Id ersetzen</translation>
  </message>
  <message>
   <source>If not ticked, an id that is already used is an error. Shipped models are never replaced.</source>
   <translation>Wenn nicht angekreuzt, ist eine schon benutzte Id ein Fehler. Mitgelieferte Modelle werden nie ersetzt.</translation>
  </message>
  <message>
   <source>Id of the model</source>
   <translation>Id des Modells</translation>
  </message>
  <message>
   <source>ONNX file of the model</source>
   <translation>ONNX-Datei des Modells</translation>
  </message>
  <message>
   <source>Folder of the model</source>
   <translation>Ordner des Modells</translation>
  </message>
  <message>
   <source>Training</source>
   <translation>Training</translation>
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
   <translation>Grafikprozessor</translation>
  </message>
  <message>
   <source>cuda</source>
   <translation>cuda</translation>
  </message>
  <message>
   <source>Halo (pixels of the lowest-resolution input)</source>
   <translation>Rand (Pixel der am niedrigsten aufgelösten Eingabe)</translation>
  </message>
  <message>
   <source>share</source>
   <translation>teilen</translation>
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
   <translation>SHA-256-Prüfsumme der Datei</translation>
  </message>
  <message>
   <source>install</source>
   <translation>installieren</translation>
  </message>
  <message>
   <source>information</source>
   <translation>Informationen</translation>
  </message>
  <message>
   <source>The same information as an HTML page.</source>
   <translation>Dieselbe Information als HTML-Seite.</translation>
  </message>
  <message>
   <source>Devices that onnxruntime supports (comma-separated)</source>
   <translation>Von onnxruntime unterstützte Geräte (durch Kommas getrennt)</translation>
  </message>
  <message>
   <source>Version of onnxruntime</source>
   <translation>Version von onnxruntime</translation>
  </message>
  <message>
   <source>Configuration</source>
   <translation>Konfiguration</translation>
  </message>
  <message>
   <source>By what this computer has</source>
   <translation>Nach dem, was dieser Rechner hat</translation>
  </message>
  <message>
   <source>For the processor</source>
   <translation>Für den Prozessor</translation>
  </message>
  <message>
   <source>For NVIDIA graphics cards</source>
   <translation>Für NVIDIA-Grafikkarten</translation>
  </message>
  <message>
   <source>As the index offers</source>
   <translation>Wie der Index es anbietet</translation>
  </message>
  <message>
   <source>Default device</source>
   <translation>Standardgerät</translation>
  </message>
  <message>
   <source>Processor threads (0: all)</source>
   <translation>Prozessor-Threads (0: alle)</translation>
  </message>
  <message>
   <source>Graphics memory limit (MB; 0: no limit)</source>
   <translation>Grenze des Grafikspeichers (MB; 0: keine)</translation>
  </message>
  <message>
   <source>Default tile size (pixels of the lowest-resolution input; 0: the model's own)</source>
   <translation>Standard-Kachelgröße (Pixel der am niedrigsten aufgelösten Eingabe; 0: die des Modells)</translation>
  </message>
  <message>
   <source>Default batch size (tiles; 0: chosen by device)</source>
   <translation>Standard-Stapelgröße (Kacheln; 0: nach dem Gerät)</translation>
  </message>
  <message>
   <source>Folder of your own models (empty: in the QGIS profile)</source>
   <translation>Ordner der eigenen Modelle (leer: im QGIS-Profil)</translation>
  </message>
  <message>
   <source>{package} ({size}), which runs the models, is not installed.</source>
   <translation>Es fehlt {package} ({size}), das die Modelle ausführt.</translation>
  </message>
  <message>
   <source>{package} is chosen since {why}. It goes into {folder}; QGIS's own packages stay as they are.</source>
   <translation>{package} ist gewählt, denn {why}. Es kommt nach {folder}; die eigenen Pakete von QGIS bleiben, wie sie sind.</translation>
  </message>
  <message>
   <source>onnxruntime is being installed</source>
   <translation>onnxruntime wird installiert</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Folder of wheels (*.whl)</source>
   <translation>Ordner mit Wheels (*.whl)</translation>
  </message>
  <message>
   <source>Install</source>
   <translation>Installieren</translation>
  </message>
  <message>
   <source>From a folder...</source>
   <translation>Aus einem Ordner...</translation>
  </message>
  <message>
   <source>Do not ask again</source>
   <translation>Nicht mehr fragen</translation>
  </message>
  <message>
   <source>onnxruntime {version} is installed.</source>
   <translation>onnxruntime {version} ist installiert.</translation>
  </message>
  <message>
   <source>Restart QGIS to use it.</source>
   <translation>QGIS neu starten, um es zu benutzen.</translation>
  </message>
  <message>
   <source>unknown reason</source>
   <translation>unbekannter Grund</translation>
  </message>
  <message>
   <source>[Not selected]</source>
   <translation>[Nicht gewählt]</translation>
  </message>
  <message>
   <source>SRSat: satellite super-resolution</source>
   <translation>SRSat: Super-Resolution für Satellitenbilder</translation>
  </message>
  <message>
   <source>Model of the method subpixel</source>
   <translation type="vanished">Modell der Methode subpixel</translation>
  </message>
  <message>
   <source>auto: the first installed model of the family landsat.</source>
   <translation type="vanished">auto: das erste installierte Modell der Familie landsat.</translation>
  </message>
  <message>
   <source>Tile size (Landsat pixels; only subpixel)</source>
   <translation type="vanished">Kachelgröße (Landsat-Pixel; nur subpixel)</translation>
  </message>
  <message>
   <source>Texture of Sentinel-2 (GAN, none shipped)</source>
   <translation type="vanished">Textur von Sentinel-2 (GAN, keines mitgeliefert)</translation>
  </message>
  <message>
   <source>c-factor: reflectance as seen from nadir under the year's mean sun of the latitude (Roy et al. 2016), from the height of the sun in the product's metadata. Give Sentinel-2 scenes the same treatment.</source>
   <translation type="vanished">c-factor: Reflexion wie aus dem Nadir gesehen unter der mittleren Jahressonne der geographischen Breite (Roy et al. 2016), aus der Sonnenhöhe in den Metadaten des Produkts. Sentinel-2-Szenen sollten ebenso behandelt sein.</translation>
  </message>
  <message>
   <source>auto: 8-bit integers if the model has that form, the processor is faster with it and the raster holds whole numbers; else floats. The log says which one and why. float32: always floats. int8: 8-bit integers, or an error. The card of a model says what the 8-bit form loses.</source>
   <translation type="vanished">auto: 8-Bit-Ganzzahlen, wenn das Modell diese Form hat, der Prozessor damit schneller ist und das Raster ganze Zahlen enthält; sonst Gleitkommazahlen. Das Protokoll sagt, welche und warum. float32: immer Gleitkommazahlen. int8: 8-Bit-Ganzzahlen, sonst ein Fehler. Die Karte eines Modells sagt, was die 8-Bit-Form verliert.</translation>
  </message>
 </context>
</TS>
