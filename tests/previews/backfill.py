"""Readings of metrics as Prometheus' own blocks, at the times of the simulated day, with the recorded series."""

import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.previews.day import STEP, Reading
from tests.servers.prometheus import PrometheusProcess

ROUNDS = 3
"""Recorded series build on others; each round finds those of one level more."""
EARLIER = 5
"""Steps before the day: rules take a counter that was not there five minutes ago for one that just began."""
LABELS = 'job="touchline-workers",instance="worker-0"'


def write(readings: Sequence[Reading], directory: Path, to: Path) -> None:
    """Make blocks of all readings with `promtool`; what stood there when the day began stood there before."""
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
    """Compute the recorded series over a time range, as if Prometheus had been there; it must be restarted to see."""
    command = ["create-blocks-from", "rules", f"--start={int(since)}", f"--end={int(until)}"]
    command += [f"--url={prometheus.url}", f"--output-dir={to}", f"--eval-interval={STEP // 1000}s"]
    _promtool(*command, *map(str, rules))


def _labelled(line: str) -> str:
    if "{" in line:
        return line.replace("{", f"{{{LABELS},", 1)
    return re.sub(r"^(\w+)", rf"\1{{{LABELS}}}", line)


def _promtool(*arguments: str) -> None:
    subprocess.run(["promtool", "tsdb", *arguments], check=True, stdout=subprocess.DEVNULL, timeout=600)
