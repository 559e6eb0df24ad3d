"""Every detector by name."""

from typing import Final

from driftline_detectors.adwin import Adwin
from driftline_detectors.ddm import Ddm
from driftline_detectors.e_sr import ESr

DETECTORS: Final[dict[str, type[Adwin] | type[Ddm] | type[ESr]]] = {
    detector.name: detector for detector in (Adwin, Ddm, ESr)
}
"""From the lower-case name that drifts carry to the class."""
