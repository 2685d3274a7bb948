"""The example configuration of a ClickHouse cluster, read by the engine."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipeline.adapters.clickhouse.cluster import ClusterError, require_cluster
from pipeline.adapters.clickhouse.consistency import read_what_was_written
from tests.integration.deploy.conftest import lay_out
from tests.servers.clickhouse import ClickHouseProcess
from tests.unit.deploy.manifests import ROOT

CLICKHOUSE = ROOT / "deploy" / "clickhouse"


@pytest.mark.server
def test_the_engine_understands_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SHARD": "01", "REPLICA": "a", "CLUSTER_SECRET": "s"}.items():
        monkeypatch.setenv(f"CLICKHOUSE_{name}", value)
    configuration = CLICKHOUSE / "config.d" / "cluster.xml"
    with ClickHouseProcess(tmp_path / "data", "--configuration", str(configuration)) as server:
        client = server.client()
        require_cluster(client, "touchline")
        with pytest.raises(ClusterError):
            require_cluster(client, "another")
        found = client.query("SELECT shard_num, count() FROM system.clusters GROUP BY shard_num ORDER BY shard_num")
        assert found.result_rows == [(1, 2), (2, 2)]
        lay_out(client, "touchline", "touchline")
        client.close()
        client = server.client("touchline")
        assert read_what_was_written(client) == 2
        assert client.get_client_setting("insert_quorum") == "2"
        client.close()


def test_the_users_are_well_formed_and_the_analyst_only_reads() -> None:
    document = ElementTree.parse(CLICKHOUSE / "users.d" / "touchline.xml")
    users = {user.tag: [str(query.text) for query in user.iter("query")] for user in document.iterfind("users/*")}
    assert users.keys() == {"touchline", "analyst"}
    assert users["analyst"] == ["GRANT SELECT ON touchline.*"]
    assert set(users["touchline"]) == {
        "GRANT ALL ON touchline.*",
        "GRANT SELECT ON system.*",
        "GRANT CLUSTER ON *.*",  # statements with ON CLUSTER
        "GRANT REMOTE ON *.*",  # Distributed tables
    }
    assert document.findtext("profiles/touchline_analyst/readonly") == "2"


@pytest.mark.server
def test_the_engine_knows_every_right_that_is_granted(clickhouse: ClickHouseProcess) -> None:
    document = ElementTree.parse(CLICKHOUSE / "users.d" / "touchline.xml")
    client = clickhouse.client()
    for query in document.iter("query"):
        statement = f"{query.text} TO somebody"
        formatted = client.query("SELECT formatQuerySingleLine({text:String})", parameters={"text": statement})
        assert formatted.result_rows == [(statement,)]
    client.close()


def test_the_analyst_can_tighten_every_bound_and_lift_none() -> None:
    profile = ElementTree.parse(CLICKHOUSE / "users.d" / "touchline.xml").find("profiles/touchline_analyst")
    assert profile is not None
    bounds = {each.tag: each.text for each in profile if each.tag.startswith("max_")}
    assert bounds.keys() >= {"max_execution_time", "max_memory_usage", "max_result_rows", "max_result_bytes"}
    constraints = {each.tag: (each.findtext("min"), each.findtext("max")) for each in profile.iterfind("constraints/*")}
    assert constraints == {name: ("1", most) for name, most in bounds.items()}, "0 would mean no bound"
