"""Draw the dashboards with the data of a running stack."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path

from grafana.preview.album import take_all
from grafana.preview.live import Live
from pipeline.adapters.clickhouse.client import connect


def main() -> int:
    """Read the command line, ask and draw."""
    parser = ArgumentParser(prog="python -m grafana.preview", description=__doc__)
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090", help="address (default: %(default)s)")
    parser.add_argument(
        "--clickhouse", default="http://default:@127.0.0.1:8123/touchline", help="address (default: %(default)s)"
    )
    parser.add_argument("--hours", type=float, default=6, help="time range until now (default: %(default)s)")
    parser.add_argument("--scrape", type=int, default=15, help="Prometheus' scrape interval in seconds")
    parser.add_argument("--out", type=Path, default=Path("previews"), help="directory to write to")
    parser.add_argument("names", nargs="*", metavar="NAME", help="dashboards by file name; all without")
    arguments = parser.parse_args()
    client, now = connect(arguments.clickhouse), time.time()
    sources = Live(arguments.prometheus, client, now - 3600 * arguments.hours, now, arguments.scrape)
    for taken in take_all(sources, arguments.out, names=tuple(arguments.names)):
        kind = "png" if taken.picture else "html: there is no chromium to take a picture"
        empty = f", nothing in: {', '.join(taken.empty)}" if taken.empty else ""
        sys.stdout.write(f"{taken.name}.{kind}{empty}\n")
    client.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
