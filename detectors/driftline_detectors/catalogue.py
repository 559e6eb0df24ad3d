"""Every detector by name."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

from driftline_detectors.interface import Detector

_CLASSES: Final = {
    "adwin": "Adwin",
    "ddm": "Ddm",
    "e-sr": "ESr",
    "eddm": "Eddm",
    "fhddm": "Fhddm",
    "hddm-a": "HddmA",
    "hddm-w": "HddmW",
    "kswin": "Kswin",
    "page-hinkley": "PageHinkley",
}


class _Catalogue(Mapping[str, type[Detector]]):
    """Imports a detector when it is asked for: most need River's, which take two seconds and 100 MB."""

    def __getitem__(self, name: str) -> type[Detector]:
        class_name = _CLASSES[name]
        found: type[Detector] = getattr(import_module(f"driftline_detectors.{name.replace('-', '_')}"), class_name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)


DETECTORS: Final[Mapping[str, type[Detector]]] = _Catalogue()
"""From the lower-case name that drifts carry to the class."""
