"""Writes readings of metrics, and the recorded series over them, as Prometheus blocks at the simulated day's times."""

import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.previews.day import STEP, Reading
from tests.servers.prometheus import PrometheusProcess

ROUNDS = 3
"""Recorded series build on others; each round computes one more level of them."""
EARLIER = 5
"""Steps before the day: rules take a counter that was absent five minutes ago for one that has just begun at 0."""
LABELS = 'job="touchline-workers",instance="worker-0"'


def write(readings: Sequence[Reading], directory: Path, to: Path) -> None:
    """Make blocks of all readings with `promtool`; the first reading also stands for the steps before the day."""
    file = directory / "readings.txt"
    first = readings[0]
    before = [first._replace(moment=first.moment - number * STEP / 1000) for number in range(EARLIER, 0, -1)]
    with file.open("w") as out:
        for reading in (*before, *readings):
            for line in reading.exposition.splitlines():
                if line and not line.startswith("#") and "_created" not in line:
                    out.write(f"{_labelled(line)} {reading.moment}\n")
            out.write(f"up{{{LABELS}}} 1 {reading.moment}\n")
        out.write("# EOF\n")
    _promtool("create-blocks-from", "openmetrics", str(file), str(to))


def record(prometheus: PrometheusProcess, rules: Iterable[Path], since: float, until: float, to: Path) -> None:
    """Compute the recorded series over a past time range; Prometheus shows them after a restart."""
    command = ["create-blocks-from", "rules", f"--start={int(since)}", f"--end={int(until)}"]
    command += [f"--url={prometheus.url}", f"--output-dir={to}", f"--eval-interval={STEP // 1000}s"]
    _promtool(*command, *map(str, rules))


def _labelled(line: str) -> str:
    if "{" in line:
        return line.replace("{", f"{{{LABELS},", 1)
    return re.sub(r"^(\w+)", rf"\1{{{LABELS}}}", line)


def _promtool(*arguments: str) -> None:
    subprocess.run(["promtool", "tsdb", *arguments], check=True, stdout=subprocess.DEVNULL, timeout=600)
