"""Every detector by name."""

from typing import Final

from driftline_detectors.adwin import Adwin
from driftline_detectors.ddm import Ddm
from driftline_detectors.e_sr import ESr
from driftline_detectors.eddm import Eddm
from driftline_detectors.fhddm import Fhddm
from driftline_detectors.hddm_a import HddmA
from driftline_detectors.hddm_w import HddmW
from driftline_detectors.interface import Detector
from driftline_detectors.kswin import Kswin
from driftline_detectors.page_hinkley import PageHinkley

_ALL: Final[tuple[type[Detector], ...]] = (Adwin, Ddm, ESr, Eddm, Fhddm, HddmA, HddmW, Kswin, PageHinkley)

DETECTORS: Final[dict[str, type[Detector]]] = {detector.name: detector for detector in _ALL}
"""From the lower-case name that drifts carry to the class."""
