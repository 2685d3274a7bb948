"""Grafana's names of colours, and its palette for series."""

NAMED = {"green": "#73bf69", "orange": "#ff9830", "red": "#f2495c", "blue": "#5794f2", "yellow": "#fade2a"}
PALETTE = (
    *("#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0"),
    *("#37872d", "#fade2a", "#447ebc", "#c15c17", "#890f02", "#0a437c", "#6d1f62", "#584477"),
    *("#b7dbab", "#f4d598", "#70dbed", "#f9ba8f", "#f29191", "#82b5d8", "#e5a8e2", "#aea2e0"),
)
TEXT = "#ccccdc"
GRID = "#2c3035"


def of_series(position: int) -> str:
    """The colour of a series, by its place in the legend."""
    return PALETTE[position % len(PALETTE)]
