"""The Kubernetes manifests: valid, and they fit the program that they run."""

import re
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import kubernetes_validate
import pytest
import yaml

from agents.settings import WorkerSettings
from pipeline.adapters.configuration import load_settings
from pipeline.catalogue.topics import raw_topic
from pipeline.catalogue.touchpoint import FAMILIES
from pipeline.settings.kafka import Kafka
from pipeline.settings.model import Settings
from tests.unit.deploy.manifests import KUBERNETES, ROOT, Document, documents, environment_file, resource

VERSIONS = ("1.31", "1.34")
SECRETS = KUBERNETES / "overlays" / "example"
SETTINGS = environment_file(KUBERNETES / "base" / "settings.env")
COLLECTOR = KUBERNETES / "components" / "collector"
MONITORING = KUBERNETES / "components" / "monitoring"
KAFKA = "touchline-kafka"
FOLDERS = [KUBERNETES / "base", SECRETS, COLLECTOR]


def pods() -> Iterator[tuple[str, Document]]:
    """The pod templates, with the name of what makes them."""
    for kind, folder in (("Deployment", KUBERNETES / "base"), ("Job", KUBERNETES / "base"), ("Deployment", COLLECTOR)):
        found = resource(kind, folder)
        yield found["metadata"]["name"], found["spec"]["template"]["spec"]


def containers() -> Iterator[Document]:
    for _, pod in pods():
        yield from [*pod.get("initContainers", []), *pod["containers"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_they_keep_the_schemas_of_kubernetes(version: str) -> None:
    checked = [document for folder in FOLDERS for document in documents(folder)]
    assert len(checked) == 15
    for document in checked:
        kubernetes_validate.validate(document, version, strict=True)


def test_the_schemas_notice_what_is_wrong() -> None:
    worker = resource("Deployment")
    worker["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(worker, VERSIONS[-1], strict=True)


def test_nothing_runs_as_root_or_writes_its_image() -> None:
    for name, pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
    for container in containers():
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}


def test_everything_asks_for_what_it_needs() -> None:
    for container in containers():
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]


def test_settings_are_understood_and_secrets_are_there() -> None:
    secrets = resource("Secret", SECRETS, "touchline-secrets")["stringData"]
    for container in containers():
        given = {**SETTINGS, **_login(container)}
        for variable in container.get("env", []):
            given[variable["name"]] = secrets[variable["valueFrom"]["secretKeyRef"]["key"]]
        settings = load_settings(environment=given).settings
        assert settings.clickhouse.startswith("http://touchline:") == (container["name"] != "collector")
        assert settings.topics.replication == 3


def _login(container: Document) -> dict[str, str]:
    """What the example gives a container to log in to Kafka with."""
    optional = [source["secretRef"] for source in container["envFrom"] if "secretRef" in source]
    assert all(source["optional"] for source in optional)
    named = {source["name"] for source in optional}
    return dict(resource("Secret", SECRETS, KAFKA)["stringData"]) if KAFKA in named else {}


def test_whoever_speaks_to_kafka_can_log_in_there() -> None:
    example = yaml.safe_load((SECRETS / "kustomization.yaml").read_text())
    chosen = dict(line.split("=", 1) for line in example["configMapGenerator"][0]["literals"])
    (file,) = resource("Secret", SECRETS, "touchline-files")["stringData"]
    asked: dict[str, Kafka] = {}
    for _, pod in pods():
        (volume,) = [each["secret"] for each in pod["volumes"] if each["name"] == "files"]
        assert (volume["secretName"], volume["optional"]) == ("touchline-files", True)
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            own = load_settings(environment={**SETTINGS, **chosen, **_login(container)}).settings.kafka
            (place,) = [each["mountPath"] for each in container["volumeMounts"] if each["name"] == "files"]
            assert own.ca_file == f"{place}/{file}"
            asked[container["name"]] = own
    users = {name: (own.tls, own.user, own.mechanism) for name, own in asked.items()}
    login = (True, "touchline", "SCRAM-SHA-512")
    assert users == {"worker": login, "topics": login, "collector": login, "migrate": (True, "", "SCRAM-SHA-512")}


def test_the_scaler_logs_in_as_the_workers_do() -> None:
    authentication = resource("TriggerAuthentication", KUBERNETES / "components" / "scaler-login")
    found = {each["parameter"]: (each["name"], each["key"]) for each in authentication["spec"]["secretTargetRef"]}
    given = {name: resource("Secret", SECRETS, secret)["stringData"][key] for name, (secret, key) in found.items()}
    assert given.keys() == {"tls", "sasl", "username", "password", "ca"}
    assert given["username"] == resource("Secret", SECRETS, KAFKA)["stringData"]["TOUCHLINE_KAFKA__USER"]
    assert (given["tls"], given["sasl"]) == ("enable", "scram_sha512")


def test_argo_brings_the_schema_before_whatever_needs_it_and_after_what_the_job_needs() -> None:
    def wave(document: Document) -> int:
        return int(document["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0"))

    job = wave(resource("Job"))
    scaler = resource("ScaledObject", KUBERNETES / "components" / "scaling")
    assert all(wave(each) > job for each in (resource("Deployment"), resource("Deployment", COLLECTOR), scaler))
    needed = [*documents(SECRETS), resource("ServiceAccount"), resource("NetworkPolicy")]
    assert all(wave(each) <= job for each in needed)
    generator = yaml.safe_load((KUBERNETES / "base" / "kustomization.yaml").read_text())["configMapGenerator"][0]
    assert job >= 0, f"{generator['name']} is in wave 0"


def test_the_readme_makes_a_rule_of_the_operator_of_each_file() -> None:
    (loop,) = re.findall(
        r"^for file in .*?^done", (ROOT / "deploy" / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    made = subprocess.run(["sh", "-c", loop], cwd=ROOT, capture_output=True, check=True).stdout
    found = {each["metadata"]["name"]: each["spec"] for each in yaml.safe_load_all(made)}
    rules = sorted((ROOT / "deploy" / "prometheus" / "rules").glob("*.yml"))
    assert found == {f"touchline-{path.stem}": yaml.safe_load(path.read_text()) for path in rules}


def test_no_service_becomes_a_setting() -> None:
    for name, pod in pods():
        assert pod["enableServiceLinks"] is False, name


def test_the_key_of_pseudonyms_is_a_file_where_the_settings_look_for_it() -> None:
    pod = resource("Deployment")["spec"]["template"]["spec"]
    (mount,) = [mount for mount in pod["containers"][0]["volumeMounts"] if mount["name"] == "secrets"]
    (volume,) = [volume for volume in pod["volumes"] if volume["name"] == "secrets"]
    (item,) = volume["secret"]["items"]
    assert f"{mount['mountPath']}/{item['path']}" == SETTINGS["TOUCHLINE_SECRET_FILE"]
    assert item["key"] in resource("Secret", SECRETS, "touchline-secrets")["stringData"]


def test_probes_and_scrapes_go_to_the_pages_of_the_worker() -> None:
    (worker,) = resource("Deployment")["spec"]["template"]["spec"]["containers"]
    assert worker["ports"] == [{"name": "pages", "containerPort": Settings().web_port}]
    paths = {name: worker[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {probe["port"] for probe in paths.values()} == {"pages"}
    assert [probe["path"] for probe in paths.values()] == ["/healthz", "/healthz", "/readyz"]
    (endpoint,) = resource("PodMonitor", MONITORING, "touchline-worker")["spec"]["podMetricsEndpoints"]
    assert (endpoint["port"], endpoint["path"]) == ("pages", "/metrics")
    assert {"action": "replace", "targetLabel": "job", "replacement": "touchline-workers"} in endpoint["relabelings"]


def test_a_stop_has_the_time_that_it_may_take() -> None:
    pod = resource("Deployment")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] * 1000 > WorkerSettings(servers=("kafka:9092",)).stop_timeout_ms


def test_selectors_select_the_workers() -> None:
    worker = resource("Deployment")["spec"]
    labels: dict[str, str] = worker["template"]["metadata"]["labels"]
    selectors: list[dict[str, Any]] = [
        worker["selector"],
        resource("PodDisruptionBudget")["spec"]["selector"],
        *(spread["labelSelector"] for spread in worker["template"]["spec"]["topologySpreadConstraints"]),
    ]
    assert all(selector["matchLabels"].items() <= labels.items() for selector in selectors)


def test_the_scaler_knows_the_group_and_the_most_workers_there_can_be() -> None:
    scaled = resource("ScaledObject", KUBERNETES / "components" / "scaling")["spec"]
    triggers = [each["metadata"] for each in scaled["triggers"] if each["type"] == "kafka"]
    assert scaled["scaleTargetRef"]["name"] == resource("Deployment")["metadata"]["name"]
    assert {each["consumerGroup"] for each in triggers} == {Settings().group}
    assert scaled["maxReplicaCount"] == Settings().topics.mail_partitions
    assert {each["bootstrapServers"] for each in triggers} == {SETTINGS["TOUCHLINE_BROKER"]}
    assert "replicas" not in resource("Deployment")["spec"]


def test_the_scaler_counts_events_and_not_packed_mail() -> None:
    triggers = resource("ScaledObject", KUBERNETES / "components" / "scaling")["spec"]["triggers"]
    assert [each["metadata"]["topic"] for each in triggers if each["type"] == "kafka"] == [*map(raw_topic, FAMILIES)]
    (busy,) = [each for each in triggers if each["type"] == "cpu"]
    (worker,) = resource("Deployment")["spec"]["template"]["spec"]["containers"]
    assert worker["resources"]["requests"]["cpu"] == "1", "a busy worker takes one core: what the share is of"
    assert (busy["metricType"], busy["metadata"]) == ("Utilization", {"value": "80"})


def test_the_collector_is_found_probed_and_scraped_where_it_listens() -> None:
    (container,) = resource("Deployment", COLLECTOR)["spec"]["template"]["spec"]["containers"]
    assert container["ports"] == [{"name": "http", "containerPort": Settings().collector.port}]
    paths = {name: container[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {probe["port"] for probe in paths.values()} == {"http"}
    assert [probe["path"] for probe in paths.values()] == ["/healthz", "/healthz", "/readyz"]
    (served,) = resource("Service", COLLECTOR)["spec"]["ports"]
    (endpoint,) = resource("PodMonitor", MONITORING, "touchline-collector")["spec"]["podMetricsEndpoints"]
    (entry,) = resource("NetworkPolicy", COLLECTOR)["spec"]["ingress"]
    assert {served["targetPort"], endpoint["port"], entry["ports"][0]["port"]} == {"http"}
    assert find_spec(container["args"][-1]) is not None


def test_everything_about_the_collector_selects_it_and_no_worker() -> None:
    collector = resource("Deployment", COLLECTOR)["spec"]
    labels: dict[str, str] = collector["template"]["metadata"]["labels"]
    selectors: list[dict[str, str]] = [
        collector["selector"]["matchLabels"],
        resource("Service", COLLECTOR)["spec"]["selector"],
        resource("PodDisruptionBudget", COLLECTOR)["spec"]["selector"]["matchLabels"],
        resource("NetworkPolicy", COLLECTOR)["spec"]["podSelector"]["matchLabels"],
        resource("PodMonitor", MONITORING, "touchline-collector")["spec"]["selector"]["matchLabels"],
    ]
    workers: dict[str, str] = resource("Deployment")["spec"]["template"]["metadata"]["labels"]
    for selector in selectors:
        assert selector.items() <= labels.items()
        assert not selector.items() <= workers.items()


def test_the_collector_stops_in_the_time_it_has_and_knows_no_secret_but_its_keys() -> None:
    pod = resource("Deployment", COLLECTOR)["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    own = Settings().collector
    slept = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] > slept + own.stop_timeout_ms / 1000 + 5
    assert [source["secretRef"]["name"] for source in container["envFrom"] if "secretRef" in source] == [
        KAFKA,
        "touchline-write-keys",
    ]
    keys = resource("Secret", SECRETS, "touchline-write-keys")["stringData"]
    assert load_settings(environment=keys).settings.collector.write_keys.keys() == {"shop"}
    assert "touchline-secrets" not in str(pod)
