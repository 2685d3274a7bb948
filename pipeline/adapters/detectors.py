"""Friction detectors of a deployment, found as entry points of installed packages."""

from importlib.metadata import entry_points

from pipeline.frictions.detector import Detector

GROUP = "touchline.detectors"


class DetectorError(Exception):
    """An entry point cannot be used: names it, and what is wrong."""


def installed_detectors() -> list[Detector]:
    """Create the detectors that entry points of the group `touchline.detectors` name: callables without arguments.

    Raises:
        DetectorError: An entry point cannot be imported or called, or returns no detector.
    """
    detectors: list[Detector] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            detector = entry.load()()
        except Exception as error:
            raise DetectorError(f"the detector {entry.name} ({entry.value}) cannot be made: {error}") from error
        if not all(hasattr(detector, name) for name in ("kinds", "listens_to", "cross_channel", "detect")):
            raise DetectorError(f"the detector {entry.name} ({entry.value}) is no detector: see pipeline/frictions")
        detectors.append(detector)
    return detectors
