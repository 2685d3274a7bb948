"""Friction detectors of a deployment, found as entry points of installed packages."""

from importlib.metadata import entry_points

from pipeline.frictions.detector import Detector

GROUP = "touchline.detectors"
_ATTRIBUTES = ("kinds", "listens_to", "cross_channel", "detect")


class DetectorError(Exception):
    """An entry point cannot be used: names it, and what is wrong."""


def installed_detectors() -> list[Detector]:
    """Create the detectors that entry points of the group `touchline.detectors` name: callables without arguments.

    Raises:
        DetectorError: An entry point cannot be imported or called, or what it returns lacks a part of a detector.
    """
    detectors: list[Detector] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            detector = entry.load()()
        except Exception as error:
            raise DetectorError(f"the detector {entry.name} ({entry.value}) cannot be made: {error}") from error
        if missing := [name for name in _ATTRIBUTES if not hasattr(detector, name)]:
            lacks = f"lacks {', '.join(missing)}: see pipeline/frictions"
            raise DetectorError(f"the detector {entry.name} ({entry.value}) {lacks}")
        detectors.append(detector)
    return detectors
