"""A disk that fills up under ClickHouse."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

from tests.chaos.fault import Fault
from tests.chaos.site import Site

SIZE: Final = "1g"


class FillDisk(Fault):
    """ClickHouse's directory is a small file system of its own; a file fills it, and is deleted again."""

    name = "full-disk"
    summary = "the disk full under ClickHouse for 30 s"
    times = 2
    spares_workers = stops_all = True

    def why_not(self) -> str:
        """Mounting needs root."""
        if os.geteuid() != 0 or shutil.which("mount") is None:
            return "mounting a small file system takes root"
        return ""

    @contextmanager
    def site(self, directory: Path, brokers: int, workers: int) -> Iterator[Site]:
        """ClickHouse on a file system of a gigabyte."""
        mounted = directory / "clickhouse"
        mounted.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "touchline-chaos", str(mounted)], check=True)
        try:
            with Site(directory, brokers=brokers, workers=workers) as site:
                yield site
        finally:
            subprocess.run(["umount", "--lazy", str(mounted)], check=True)

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Fill the disk to the last byte, and free the space again."""
        ballast = site.directory / "clickhouse" / "ballast"
        fill(ballast)
        try:
            self.last()
        finally:
            ballast.unlink()


def fill(ballast: Path) -> None:
    """Let a file grow until no space is left."""
    block = bytes(1 << 20)
    with ballast.open("wb", buffering=0) as stream:
        while block:
            try:
                stream.write(block)
            except OSError:
                block = block[: len(block) // 2]
