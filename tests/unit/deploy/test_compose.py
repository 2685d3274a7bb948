"""The Compose file: valid, and its parts fit together."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from compose_spec import PyCompose

from pipeline.adapters.clickhouse.client import Address
from pipeline.adapters.configuration import load_settings
from pipeline.settings.model import Settings
from tests.unit.deploy.manifests import COMPOSE, ENVIRONMENT, ROOT, compose, compose_variables, environment_file

VARIABLES = dict.fromkeys(compose_variables(), "0123456789abcdef")
FILE = compose(VARIABLES)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("touchline:")]
OUTSIDE = {"collector"}
"""Those that strangers speak to."""
HELD_BY_JOBS = {"schema", "topics"}


def test_it_keeps_the_specification() -> None:
    PyCompose.from_json(orjson.dumps(FILE).decode()).validate()


def test_the_example_names_every_variable_and_gives_no_secret() -> None:
    example = environment_file(ENVIRONMENT)
    assert example.keys() == compose_variables()
    assert not any(example.values())


def test_every_image_has_a_version() -> None:
    for name, service in SERVICES.items():
        tag = service["image"].partition(":")[2]
        assert tag, name
        assert tag != "latest", name


def test_the_stack_is_whole() -> None:
    assert set(SERVICES) == {
        "kafka",
        "clickhouse",
        "schema",
        "topics",
        "worker",
        "collector",
        "prometheus",
        "alertmanager",
        "grafana",
    }
    assert set(OURS) == {"schema", "topics", "worker", "collector"}


def test_everything_that_goes_on_running_tells_whether_it_is_healthy() -> None:
    for name in SERVICES.keys() - HELD_BY_JOBS - {"worker"}:  # the worker's check comes with its image
        assert "test" in SERVICES[name]["healthcheck"], name


def test_waiting_is_for_health_or_for_an_end() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            ends = other in HELD_BY_JOBS
            assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy"), (name, other)
    assert SERVICES["worker"]["depends_on"].keys() == HELD_BY_JOBS


def test_mounted_files_exist_and_nobody_writes_them() -> None:
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source, _, target = volume.partition(":")
            if source.startswith("."):
                assert (COMPOSE.parent / source).resolve().is_relative_to(ROOT), (name, source)
                assert (COMPOSE.parent / source).exists(), (name, source)
                assert target.endswith(":ro"), (name, source)
            else:
                assert source in FILE["volumes"], (name, source)


def test_nothing_is_open_to_other_machines() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", sorted(set(OURS) - OUTSIDE))
def test_our_services_understand_their_settings(name: str) -> None:
    settings = load_settings(environment=SERVICES[name]["environment"]).settings
    address = Address.parse(settings.clickhouse)
    assert (address.user, address.password, address.host) == (
        "touchline",
        VARIABLES["CLICKHOUSE_PASSWORD"],
        "clickhouse",
    )
    assert settings.broker == "kafka:9092"
    assert settings.secret.value == VARIABLES["TOUCHLINE_SECRET"]
    assert not SERVICES[name].get("secrets"), "Compose cannot write a secret into a file system that is read-only"
    assert SERVICES[name]["read_only"] is True


def test_the_collector_knows_the_broker_and_no_secret() -> None:
    collector = SERVICES["collector"]
    settings = load_settings(environment=collector["environment"]).settings
    assert settings.broker == "kafka:9092"
    assert not settings.clickhouse
    assert (bool(settings.secret), collector["read_only"]) == (False, True)
    assert collector["ports"] == [f"127.0.0.1:{settings.collector.port}:{settings.collector.port}"]
    assert f":{settings.collector.port}/healthz" in collector["healthcheck"]["test"][-1]


def test_prometheus_finds_the_collector() -> None:
    configuration = yaml.safe_load((COMPOSE.parent / "prometheus.yml").read_text())
    (job,) = [job for job in configuration["scrape_configs"] if job["job_name"] == "touchline-collector"]
    (found,) = job["dns_sd_configs"]
    assert (found["names"], found["port"]) == (["collector"], Settings().collector.port)


def test_prometheus_finds_the_workers_as_the_rules_call_them() -> None:
    configuration = yaml.safe_load((COMPOSE.parent / "prometheus.yml").read_text())
    (job,) = [job for job in configuration["scrape_configs"] if job["job_name"] == "touchline-workers"]
    (found,) = job["dns_sd_configs"]
    assert (found["names"], str(found["port"])) == (["worker"], SERVICES["worker"]["expose"][0])
    (managers,) = configuration["alerting"]["alertmanagers"]
    assert managers["static_configs"][0]["targets"] == ["alertmanager:9093"]
    plain = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    assert configuration["global"] == plain["global"]


def test_grafana_gets_what_its_provisioning_asks_for() -> None:
    asked: set[str] = set()
    for path in (ROOT / "grafana" / "provisioning").rglob("*.yml"):
        asked |= set(re.findall(r"\$\{(\w+)\}", path.read_text()))
    assert asked <= SERVICES["grafana"]["environment"].keys()


def test_clickhouse_has_the_users_of_workers_and_of_grafana() -> None:
    text = Path(COMPOSE.parent / "../clickhouse/users.d/touchline.xml").read_text()
    asked = set(re.findall(r'from_env="(\w+)"', text))
    assert asked <= SERVICES["clickhouse"]["environment"].keys()
    assert "<touchline>" in text
    assert "<analyst>" in text
