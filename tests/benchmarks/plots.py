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
    height = 0.32 * len(table["rows"]) + 1.0 if plot["kind"] == "bars" else 3.2
    figure, axes = pyplot.subplots(figsize=(7.5, height), layout="constrained")
    (bars if plot["kind"] == "bars" else lines)(axes, table, plot)
    axes.spines[["top", "right"]].set_visible(False)
    if len(plot["y"]) > 1:
        axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def bars(axes: Axes, table: Table, plot: Plot) -> None:
    """A bar per row and series, the first row on top; the words of a row stand before it."""
    names = [", ".join(cell for cell in row if isinstance(cell, str)) for row in table["rows"]]
    thickness = 0.8 / len(plot["y"])
    for number, heading in enumerate(plot["y"]):
        places = [place + number * thickness for place in range(len(names))]
        values = [value or 0 for value in column(table, heading)]
        drawn = axes.barh(places, values, thickness, label=heading, color=COLOURS[number])
        axes.bar_label(drawn, fmt="{:,.4g}", padding=3, fontsize=7)
    axes.set_yticks([place + 0.4 - thickness / 2 for place in range(len(names))], names)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel(plot["label"])


def lines(axes: Axes, table: Table, plot: Plot) -> None:
    """A line per series."""
    for number, heading in enumerate(plot["y"]):
        axes.plot(column(table, plot["x"]), column(table, heading), "o-", label=heading, color=COLOURS[number])
    if plot["log"]:
        axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel(plot["x"])
    axes.set_ylabel(plot["label"])


def column(table: Table, heading: str) -> list[Any]:
    """The cells below a heading."""
    index = table["columns"].index(heading)
    return [row[index] for row in table["rows"]]


if __name__ == "__main__":
    main()
