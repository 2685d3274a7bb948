"""What every command can ask for: settings, the data directory, and the addresses of the stack."""

from functools import cached_property
from pathlib import Path

import click

from pipeline.adapters.broker.servers import EMBEDDED, Servers, servers_of
from pipeline.adapters.configuration import data_directory, load_settings
from pipeline.adapters.stack.plan import metrics_urls
from pipeline.adapters.stack.state import StackState, running_state
from pipeline.settings.load import Loaded
from pipeline.settings.model import Settings


class Context:
    """Created by the command group; every value is read when it is first needed."""

    def __init__(self, config: Path | None = None) -> None:
        self.config = config
        self.options: dict[str, object] = {}
        """Settings from a command's own options; they override all others."""

    def override(self, **options: object) -> None:
        """Take a command's options as settings; those that are None were not given."""
        self.options.update({name: value for name, value in options.items() if value is not None})
        self.__dict__.pop("loaded", None)

    @cached_property
    def loaded(self) -> Loaded:
        """Settings with the origin of each value."""
        return load_settings(self.config, options=self.options)

    @property
    def settings(self) -> Settings:
        """The effective settings."""
        return self.loaded.settings

    @property
    def data(self) -> Path:
        """The data directory."""
        return data_directory(self.settings)

    @cached_property
    def running(self) -> StackState | None:
        """The stack that runs on the data directory, if any."""
        return running_state(self.data)

    @property
    def broker_servers(self) -> Servers:
        """Kafka bootstrap servers: the setting, else those of the running stack, else the embedded broker's port."""
        try:
            return servers_of(self.settings.broker or self._running_broker(), self.settings.kafka)
        except ValueError as error:
            raise click.UsageError(f"broker: {error}") from error

    @property
    def clickhouse_url(self) -> str:
        """ClickHouse: the setting, else that of the running stack, else the embedded endpoint's port."""
        if self.settings.clickhouse:
            return self.settings.clickhouse
        if self.running is not None:
            return self.running.clickhouse
        embedded = self.settings.embedded
        return f"http://{embedded.host}:{embedded.clickhouse_port}/touchline"

    @property
    def metrics_urls(self) -> list[str]:
        """The workers' metrics: those of the running stack, else on the configured ports.

        Empty if `broker` names a cluster and no stack runs here: its workers may be anywhere.
        """
        if self.running is not None:
            return list(self.running.metrics)
        return [] if self.settings.broker else list(metrics_urls(self.settings))

    def _running_broker(self) -> str:
        if self.running is not None:
            return f"{EMBEDDED if self.running.embedded_broker else ''}{self.running.broker}"
        return f"{EMBEDDED}{self.settings.embedded.host}:{self.settings.embedded.broker_port}"


pass_context = click.make_pass_decorator(Context)
