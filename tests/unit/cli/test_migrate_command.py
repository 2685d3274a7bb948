"""`touchline migrate` without a server: what it prints, and what it refuses."""

from click.testing import CliRunner

from pipeline.cli.main import touchline

NOWHERE = {"TOUCHLINE_CLICKHOUSE": "http://127.0.0.1:1/shop"}


def migrate(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(touchline, ["migrate", *arguments], env=NOWHERE)
    return result.exit_code, result.stdout, result.stderr


def test_a_dry_run_prints_the_statements_for_one_server() -> None:
    status, output, _ = migrate("--dry-run")
    assert status == 0
    statements = [part.strip() for part in output.split(";\n") if part.strip()]
    assert statements[0].startswith("CREATE DATABASE IF NOT EXISTS shop")
    assert any("CREATE TABLE IF NOT EXISTS shop.touchpoint_rows" in statement for statement in statements)
    assert "ON CLUSTER" not in output


def test_a_dry_run_prints_the_statements_for_a_cluster() -> None:
    status, output, _ = migrate("--dry-run", "--cluster", "east")
    assert status == 0
    assert "ENGINE = Distributed('east', 'shop', 'touchpoint_rows_local', cityHash64(customer));" in output


def test_joining_is_for_clusters() -> None:
    status, output, message = migrate("--join")
    assert (status, output) == (2, "")
    assert "--join needs --cluster" in message


def test_an_odd_cluster_is_wrong_usage() -> None:
    status, _, message = migrate("--dry-run", "--cluster", "a-b")
    assert status == 2
    assert "named by letters" in message
