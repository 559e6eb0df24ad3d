"""Every detector by name."""

from typing import Final

from driftline_detectors.adwin import Adwin
from driftline_detectors.ddm import Ddm

DETECTORS: Final[dict[str, type[Adwin] | type[Ddm]]] = {detector.name: detector for detector in (Adwin, Ddm)}
"""From the lower-case name that drifts carry to the class."""
