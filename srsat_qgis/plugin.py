"""The plugin: adds the Processing provider to QGIS and takes it away again."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTimer, QTranslator, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QIcon

from srsat_qgis.core import paths
from srsat_qgis.processing.base import help_address, icon_file
from srsat_qgis.processing.provider import SrsatProvider
from srsat_qgis.processing.settings import GROUP


class SrsatPlugin:
    """Owns the provider for as long as the plugin is enabled."""

    def __init__(self, iface=None):
        self.provider = None
        self._iface = iface
        self._offer = None
        self._translator = None
        self._help = None

    def initProcessing(self):
        """Register the provider once; ``qgis_process`` calls this and never ``initGui``."""
        if self.provider is not None:
            return
        paths.use_home(Path(QgsApplication.qgisSettingsDirPath()) / "srsat_qgis")
        self._translate()
        provider = SrsatProvider()
        if QgsApplication.processingRegistry().addProvider(provider):
            self.provider = provider

    def _translate(self):
        """Have the texts shown in QGIS's language, where there is a translation; else they are English."""
        language = QgsApplication.locale().partition("_")[0]
        translator = QTranslator()
        if translator.load(str(paths.resources_dir() / "i18n" / f"srsat_{language}.qm")):
            QCoreApplication.installTranslator(translator)
            # Qt keeps no reference of its own.
            self._translator = translator

    def initGui(self):
        self.initProcessing()
        if self._iface is None:
            return
        # Where QGIS lists the help of plugins: Help > Plugins.
        # The menu makes it: Qt 6 has QAction in another module than Qt 5.
        self._help = self._iface.pluginHelpMenu().addAction(GROUP)
        self._help.setIcon(QIcon(icon_file()))
        self._help.triggered.connect(lambda *_: QDesktopServices.openUrl(QUrl(help_address("index"))))
        # Only a window has message bars; this one is filled once it stands.
        from srsat_qgis.processing.first_start import InstallOffer

        self._offer = InstallOffer(self._iface)
        QTimer.singleShot(0, self._show_offer)

    def _show_offer(self):
        if self._offer is not None:
            self._offer.show()

    def unload(self):
        if self._offer is not None:
            self._offer.withdraw()
            self._offer = None
        if self._help is not None:
            self._iface.pluginHelpMenu().removeAction(self._help)
            self._help = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None
