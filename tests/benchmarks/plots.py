"""Draws the plots of a run, in the peers' environment: `python -m tests.benchmarks.plots RESULTS FOLDER`."""

import json
import sys
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib import pyplot
from matplotlib.axes import Axes

COLOURS: Final = ("#2f6f9f", "#d1793b", "#5a9e6f", "#8a6fae")
Table = dict[str, Any]
Plot = dict[str, Any]


def main() -> None:
    """Draw everything; the same results give the same files."""
    results, folder = Path(sys.argv[1]), Path(sys.argv[2])
    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "touchline", "svg.fonttype": "none", "font.size": 9})
    for table in json.loads(results.read_text())["tables"]:
        for number, plot in enumerate(table["plots"]):
            name = f"{table['key']}-{number}.svg" if number else f"{table['key']}.svg"
            draw(table, plot, folder / name)


def draw(table: Table, plot: Plot, path: Path) -> None:
    """Draw one plot."""
    height = 0.3 * len(table["rows"]) * max(1, len(plot["y"]) * 0.6) + 1.0 if plot["kind"] == "bars" else 3.2
    figure, axes = pyplot.subplots(figsize=(7.5, height), layout="constrained")
    (bars if plot["kind"] == "bars" else lines)(axes, table, plot)
    axes.spines[["top", "right"]].set_visible(False)
    if len(axes.get_legend_handles_labels()[1]) > 1:
        figure.legend(loc="outside upper right", frameon=False, ncols=len(COLOURS))
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)


def bars(axes: Axes, table: Table, plot: Plot) -> None:
    """A bar per row and series, the first row on top."""
    names = [", ".join(map(str, cells)) for cells in zip(*(column(table, x) for x in plot["x"]), strict=True)]
    thickness = 0.8 / len(plot["y"])
    for number, heading in enumerate(plot["y"]):
        places = [place + number * thickness for place in range(len(names))]
        values = column(table, heading)
        drawn = axes.barh(places, [value or 0 for value in values], thickness, label=heading, color=COLOURS[number])
        axes.bar_label(drawn, [_shown(value) for value in values], padding=3, fontsize=7)
    axes.set_yticks([place + 0.4 - thickness / 2 for place in range(len(names))], names)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel(plot["label"])


def lines(axes: Axes, table: Table, plot: Plot) -> None:
    """A line per series, and per value of the column that distinguishes lines."""
    (x,) = plot["x"]
    kinds = column(table, plot["by"]) if plot["by"] else [""] * len(table["rows"])
    series = [(heading, kind) for heading in plot["y"] for kind in dict.fromkeys(kinds)]
    for number, (heading, kind) in enumerate(series):
        points = zip(column(table, x), column(table, heading), kinds, strict=True)
        chosen = [(place, value) for place, value, each in points if each == kind]
        axes.plot(*zip(*chosen, strict=True), "o-", label=kind or heading, color=COLOURS[number])
    if plot["log"]:
        axes.set_xscale("log")
    axes.margins(y=0.1)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(x)
    axes.set_ylabel(plot["label"])


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def column(table: Table, heading: str) -> list[Any]:
    """The cells below a heading."""
    index = table["columns"].index(heading)
    return [row[index] for row in table["rows"]]


if __name__ == "__main__":
    main()
