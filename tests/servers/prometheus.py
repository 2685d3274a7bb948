"""A real Prometheus in a process of its own, for tests."""

import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from pipeline.adapters.stack.ports import free_port

START_SECONDS = 60.0


class PrometheusProcess:
    """Scrapes targets every second, and evaluates rules every other second instead of at their own intervals."""

    def __init__(
        self, directory: Path, targets: Sequence[str], rules: Sequence[Path], collectors: Sequence[str] = ()
    ) -> None:
        """Prepare a directory that does not exist yet; `targets`, `collectors`: `host:port` of each process."""
        directory.mkdir()
        for path in rules:
            text = "\n".join(line for line in path.read_text().split("\n") if not line.strip().startswith("interval:"))
            (directory / path.name).write_text(text)
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "2s"},
            "rule_files": [str(directory / "*.yml")],
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": list(found)}]}
                for job, found in (("touchline-workers", targets), ("touchline-collector", collectors))
            ],
        }
        self.data = directory / "data"
        self._directory = directory
        self._port = free_port()
        self._config = directory / "prometheus.json"
        self._config.write_bytes(orjson.dumps(config))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self._port}"

    @staticmethod
    def is_installed() -> bool:
        """Whether there is a Prometheus to start."""
        return shutil.which("prometheus") is not None

    def __enter__(self) -> Self:
        command = ["prometheus", f"--config.file={self._config}", f"--storage.tsdb.path={self.data}"]
        command += ["--enable-feature=exemplar-storage"]
        command += [f"--web.listen-address=127.0.0.1:{self._port}", "--log.level=warn"]
        with (self._directory / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                raise RuntimeError((self._directory / "log").read_text()[-2000:])
            time.sleep(0.2)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        finally:
            self._process.kill()

    def at_once(self, expression: str) -> list[dict[str, Any]]:
        """The series of an expression, with their values now."""
        found: list[dict[str, Any]] = self._ask("query", query=expression)["result"]
        return found

    def over_time(self, expression: str, seconds: int, step: int) -> list[dict[str, Any]]:
        """The series of an expression, with their values over the last `seconds`."""
        now = time.time()
        answer = self._ask("query_range", query=expression, start=str(now - seconds), end=str(now), step=str(step))
        found: list[dict[str, Any]] = answer["result"]
        return found

    def exemplars(self, expression: str, seconds: int) -> list[dict[str, Any]]:
        """The exemplars of the series that an expression selects, of the last `seconds`."""
        now = time.time()
        found: list[dict[str, Any]] = self._ask(
            "query_exemplars", query=expression, start=str(now - seconds), end=str(now)
        )
        return found

    def rule_groups(self) -> list[dict[str, Any]]:
        """The rule groups, with the results of their last evaluation."""
        found: list[dict[str, Any]] = self._ask("rules")["groups"]
        return found

    def _ask(self, what: str, **parameters: str) -> Any:
        address = f"{self.url}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(address, timeout=60) as response:
                answer: dict[str, Any] = orjson.loads(response.read())
        except urllib.error.HTTPError as error:
            raise ValueError(f"{parameters.get('query', what)}: {error.read().decode()}") from error
        return answer["data"]

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5) as response:
                return bool(response.status == 200)
        except (OSError, urllib.error.URLError):
            return False
