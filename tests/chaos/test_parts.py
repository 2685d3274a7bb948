"""The parts of the fault suite that need no server."""

from collections import Counter
from itertools import islice
from random import Random

import pytest

from tests.chaos.faults import ALL
from tests.chaos.latency import between, quantile
from tests.chaos.load import disordered, retailer
from tests.chaos.report import Outcome, write_report
from tests.chaos.watch import Sample, Watch
from tests.servers.kafka_jars import KAFKA, require_listed


def watch_of(*samples: Sample) -> Watch:
    watch = Watch("http://127.0.0.1:9", lambda: 0)
    watch.samples += samples
    return watch


def test_the_load_is_every_event_shuffled_some_doubled_some_late_and_some_rejected() -> None:
    events = list(islice(retailer(1, 300, 1), 4_000))
    sendings = list(disordered(events, Random(1)))
    once = [sending.event["id"] for sending in sendings if not (sending.double or sending.rejected)]
    assert Counter(once) == Counter(event["id"] for event in events)
    assert once != [event["id"] for event in events]
    places = {identifier: place for place, identifier in enumerate(once)}
    assert max(places[event["id"]] - place for place, event in enumerate(events)) > 2_000
    doubles = [sending.event["id"] for sending in sendings if sending.double]
    assert 300 < len(doubles) < 500
    assert all(sending.event["data"]["identifiers"] == {} for sending in sendings if sending.rejected)
    assert 40 < sum(sending.rejected for sending in sendings) < 130


def test_a_double_comes_after_its_original() -> None:
    seen = set()
    for sending in disordered(islice(retailer(1, 100, 1), 1_000), Random(2)):
        assert not sending.double or sending.event["id"] in seen
        seen.add(sending.event["id"])


def test_a_stall_is_the_longest_time_without_news_while_something_waits() -> None:
    watch = watch_of(
        Sample(0, 10, 10),
        Sample(10, 10, 10),
        Sample(11, 20, 10),
        Sample(13, 20, 10),
        Sample(14, 20, 15),
        Sample(15, 20, 15),
    )
    assert watch.longest_stall() == 2


def test_the_end_of_a_run_is_seen_however_seldom_it_is_looked() -> None:
    with Watch("http://127.0.0.1:9", lambda: 7, every_seconds=3_600.0) as watch:
        pass
    assert [sample.sent for sample in watch.samples] == [7]


def test_recovery_counts_from_the_end_of_a_fault_until_what_was_sent_by_then_is_stored() -> None:
    watch = watch_of(Sample(0, 10, 10), Sample(5, 50, 10), Sample(8, 90, 40), Sample(9, 90, 60))
    assert watch.recovery(5.0) == 4
    assert watch.recovery(9.0) is None


def test_quantiles_of_what_was_counted_between_two_looks() -> None:
    before, after = {1.0: 5, 2.0: 6, float("inf"): 6}, {1.0: 6, 2.0: 16, float("inf"): 16}
    since = between(before, after)
    assert quantile(since, 0.1) == 1.0
    assert quantile(since, 0.5) == quantile(since, 0.99) == 2.0
    assert quantile({}, 0.5) == float("inf")


def test_a_report_says_what_was_not_done_and_why(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("report")
    outcomes = [
        Outcome(name="a", summary="first", strikes=3, sent=12_345, wrong=1, recoveries=(None, 4.2)),
        Outcome(name="b", summary="second", skipped="no root"),
        Outcome(name="c", summary="third", broken_off="nothing came\nat all"),
    ]
    table = write_report(outcomes, directory)
    assert "| first | 3 | 12,345 | 0 | 0 | 1 | 0 s | never | 0 MiB |" in table
    assert "skipped: no root" in table
    assert "broken off: nothing came |" in table
    assert [outcome.right for outcome in outcomes] == [False, True, False]
    assert (directory / "report.md").read_text() == f"{table}\n"


def test_every_fault_has_a_name_of_its_own_and_says_what_it_does() -> None:
    assert len({fault.name for fault in ALL}) == len(ALL)
    assert all(fault.summary for fault in ALL)


def test_other_files_than_the_listed_ones_are_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("jars")
    (directory / "kafka.jar").write_text("something else")
    with pytest.raises(ValueError, match=r"jars.sha256 lists: kafka-clients.jar, kafka.jar"):
        require_listed(directory, f"{'0' * 64}  kafka.jar\n{'1' * 64}  kafka-clients.jar\n")


def test_the_list_names_the_broker_of_the_pom() -> None:
    version = (KAFKA / "pom.xml").read_text().partition("<artifactId>kafka_2.13</artifactId>")[2]
    version = version.partition("<version>")[2].partition("<")[0]
    assert f"  kafka_2.13-{version}.jar" in (KAFKA / "jars.sha256").read_text()
