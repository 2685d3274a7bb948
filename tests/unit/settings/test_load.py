"""Layers over defaults: what wins, where it came from, and what is wrong with it."""

import pytest

from pipeline.identity.policy import Namespace, NamespaceClass
from pipeline.settings.errors import SettingsError
from pipeline.settings.layers import Layer, environment_layer, file_layer
from pipeline.settings.load import Loaded, load
from pipeline.settings.model import Settings


def problems(*layers: Layer) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(layers)
    return [str(problem) for problem in caught.value.problems]


def loaded(content: str = "", **environment: str) -> Loaded:
    variables = {f"TOUCHLINE_{name}": value for name, value in environment.items()}
    return load([file_layer("touchline.toml", content), environment_layer(variables)])


def test_nothing_written_gives_the_defaults() -> None:
    assert loaded() == Loaded(settings=Settings(), origins={})


def test_the_environment_wins_over_the_file() -> None:
    result = loaded('workers = 2\nbroker = "file:1"', WORKERS="3")
    assert (result.settings.workers, result.settings.broker) == (3, "file:1")
    assert result.origins == {("workers",): "TOUCHLINE_WORKERS", ("broker",): "touchline.toml line 2"}


def test_durations_are_keyed_without_their_unit() -> None:
    content = '[journeys]\njourney_gap = "3d"\nsession_gap_ms = 5\n'
    settings = loaded(content, JOURNEYS__ABANDON_AFTER="90s").settings
    journeys = settings.journeys
    assert (journeys.journey_gap_ms, journeys.session_gap_ms, journeys.abandon_after_ms) == (259_200_000, 5, 90_000)


def test_a_duration_keeps_its_suffix_beside_a_key_of_that_name() -> None:
    web = loaded('[frictions.web]\nsearches = 4\nsearches_ms = "3min"').settings.frictions.web
    assert (web.searches, web.searches_ms) == (4, 180_000)


@pytest.mark.parametrize("written", ["14", "'14'", "14.0"])
def test_a_duration_without_a_unit_is_refused(written: str) -> None:
    (problem,) = problems(file_layer("f.toml", f"[journeys]\njourney_gap = {written}\n"))
    assert problem.startswith("f.toml line 2: journeys.journey_gap: a duration needs a unit, found 14")
    (problem,) = problems(file_layer("f.toml", f"[frictions.support]\nfirst_reply = {{ phone = {written} }}\n"))
    assert problem.startswith("f.toml line 2: frictions.support.first_reply.phone: a duration needs a unit, found 14")


@pytest.mark.parametrize(
    "key", ["journeys.journey_gap", "embedded.drain_timeout", "frictions.support.first_reply.chat"]
)
def test_a_duration_of_more_than_a_hundred_years_is_refused(key: str) -> None:
    loaded(f'{key} = "36500d"')
    assert problems(file_layer("f.toml", f'{key} = "36501 days"')) == [
        f"f.toml line 1: {key}: a duration of at most 36500d expected, found '36501 days'"
    ]


def test_no_duration_needs_no_unit_and_one_whose_name_says_it_neither() -> None:
    content = (
        "[journeys]\nabandon_after = 0\nmax_wait_ms = 5\n[frictions.web]\nsearches_ms = 7\nvitals_poor.lcp_ms = 3\n"
    )
    settings = loaded(content, JOURNEYS__SESSION_GAP_MS="6", FRICTIONS__SUPPORT__FIRST_REPLY_MS__PHONE="8").settings
    journeys, web = settings.journeys, settings.frictions.web
    assert (journeys.abandon_after_ms, journeys.max_wait_ms, journeys.session_gap_ms) == (0, 5, 6)
    assert (web.searches_ms, web.vitals_poor.lcp_ms) == (7, 3)
    assert settings.frictions.support.first_reply_ms["phone"] == 8


def test_a_table_is_laid_key_by_key_over_the_defaults() -> None:
    content = '[identity.namespaces.email]\nrank = 95\n[identity.namespaces.member]\nkind = "person"\nrank = 85\n'
    namespaces = loaded(content).settings.identity.namespaces
    assert namespaces["email"] == Namespace(NamespaceClass.PERSON, 95)
    assert namespaces["member"] == Namespace(NamespaceClass.PERSON, 85)
    assert namespaces["customer_id"] == Settings().identity.namespaces["customer_id"]


def test_a_table_of_durations() -> None:
    replies = loaded('[frictions.support.first_reply]\nphone = "90s"').settings.frictions.support.first_reply_ms
    assert (replies["phone"], replies["chat"]) == (90_000, 120_000)


def test_lists_in_the_environment() -> None:
    assert loaded(INTAKE__PSEUDONYMISE="email, phone,order_id").settings.intake.pseudonymise == (
        "email",
        "phone",
        "order_id",
    )
    assert loaded(INTAKE__PSEUDONYMISE='["email"]').settings.intake.pseudonymise == ("email",)


def test_an_empty_variable_counts_as_not_set() -> None:
    assert loaded(BROKER="").origins == {}


def test_an_unknown_key_names_the_nearest_and_its_place() -> None:
    layer = file_layer("touchline.toml", "workers = 1\n\n[journeys]\njourny_gap = '1d'\n")
    assert problems(layer) == [
        "touchline.toml line 4: unknown setting journeys.journy_gap; did you mean journeys.journey_gap?"
    ]


def test_an_unknown_variable_names_the_nearest_variable() -> None:
    (problem,) = problems(environment_layer({"TOUCHLINE_TOPICS__RAW_PARTITION": "3"}))
    assert problem.startswith("TOUCHLINE_TOPICS__RAW_PARTITION: unknown setting topics.raw_partition")
    assert problem.endswith("did you mean TOUCHLINE_TOPICS__RAW_PARTITIONS?")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("COLLECTOR_PORT", "COLLECTOR__PORT"),
        ("FRICTIONS_WEB__FORM_REJECTIONS", "FRICTIONS__WEB"),
        ("COLLECTOR_WRITE_KEYS_SHOP", "COLLECTOR__WRITE_KEYS__SHOP"),
    ],
)
def test_a_variable_with_too_few_underscores_names_the_right_one(written: str, meant: str) -> None:
    (problem,) = problems(environment_layer({f"TOUCHLINE_{written}": "3"}))
    assert problem.endswith(f"did you mean TOUCHLINE_{meant}?")


def test_a_key_of_a_section_at_the_top_names_its_place() -> None:
    (problem,) = problems(file_layer("touchline.toml", "collector_port = 3"))
    assert problem.endswith("unknown setting collector_port; did you mean collector.port?")


def test_an_unknown_key_that_is_near_nothing_lists_what_there_is() -> None:
    (problem,) = problems(file_layer("touchline.toml", "[topics]\nzzz = 1"))
    assert problem.endswith("known here: dead_letter_partitions, mail_partitions, raw_partitions, replication")


def test_all_problems_come_at_once() -> None:
    found = problems(file_layer("f.toml", 'worker = 1\nweb_port = "x"\n[journeys]\njourney_gap = "soon"\n'))
    assert len(found) == 3
    assert "f.toml line 2: web_port: expected a whole number, found 'x'" in found[0] + found[1]
    assert "f.toml line 4: journeys.journey_gap: a duration such as 30s" in found[2]


@pytest.mark.parametrize(
    "content", ["workers = 0", "web_port = 70000", "workers = true", "workers = 1.5", "topics = 3"]
)
def test_values_that_do_not_fit(content: str) -> None:
    assert problems(file_layer("f.toml", content))[0].startswith("f.toml line 1: ")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("workers = 0", "workers: expected a whole number >= 1, found 0"),
        ("[retention]\njourneys_days = 40_000", "expected a whole number <= 36500, found 40000"),
        ("[identity]\nlink_resolution = 0", "link_resolution: expected a number of milliseconds >= 1, found 0"),
        (
            "[collector]\nacknowledge_timeout = '25d'",
            "acknowledge_timeout: expected a number of milliseconds <= 2147483647, found 2160000000",
        ),
        ("[frictions.feedback]\nnps_at_most = nan", "frictions.feedback.nps_at_most: expected a number, found nan"),
        (
            "[identity.namespaces.email]\nkind = 'persn'",
            "identity.namespaces.email.kind: expected one of person, device, transaction, found 'persn'",
        ),
        (
            "[identity.namespaces.member]\nkind = 'persn'\nrank = 3",
            "member: kind expected one of person, device, transaction, found {'kind': 'persn', 'rank': 3}",
        ),
        (
            "[embedded]\nhost = '::1'",
            "embedded.host: '::1' is an IPv6 address, and the embedded broker listens on IPv4 only",
        ),
        ("web_host = ''", "web_host: expected a text that is not empty, found ''"),
        ("[collector]\nhost = ''", "collector.host: expected a text that is not empty, found ''"),
        ("group = ''", "group: expected a text that is not empty, found ''"),
        ("[collector]\nenabled = 1", "collector.enabled: expected true or false, found 1"),
        ("[collector]\nsegment_types = 1", "collector.segment_types: expected a table, found 1"),
        ("schemas = 'ours'", "schemas: expected a list, found 'ours'"),
        ("schemas = [1]", "schemas: expected a text - at `$[0]`, found [1]"),
        ("[kafka]\nmechanism = 'GSSAPI'", "expected one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, found 'GSSAPI'"),
    ],
)
def test_what_was_expected_is_said_plainly(content: str, expected: str) -> None:
    (problem,) = problems(file_layer("f.toml", content))
    assert problem.endswith(expected)


def test_a_variable_that_is_not_utf_8() -> None:
    assert problems(environment_layer({"TOUCHLINE_GROUP": "\udcff", "TOUCHLINE_SECRET": "\udcff"})) == [
        "TOUCHLINE_GROUP: group: a text in UTF-8 expected, found other bytes",
        "TOUCHLINE_SECRET: secret: a text in UTF-8 expected, found other bytes",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "IDENTITY__SHARED_LIMIT",
        "IDENTITY__SHARED_LIMIT_TRANSACTION",
        "FRICTIONS__WEB__FORM_REJECTIONS",
        "FRICTIONS__WEB__SEARCHES",
        "FRICTIONS__DELIVERY__PROMISE_MOVES",
        "FRICTIONS__SUPPORT__TRANSFERS",
        "FRICTIONS__CROSS_CHANNEL__CHANNEL_CHANGES",
        "INTAKE__MAX_MESSAGE_BYTES",
        "INTAKE__MAX_EVENT_BYTES",
        "INTAKE__MAX_EVENTS_PER_MESSAGE",
        "INTAKE__MAX_ID_LENGTH",
        "INTAKE__MAX_SOURCE_LENGTH",
        "INTAKE__MAX_IDENTIFIER_LENGTH",
    ],
)
def test_limits_of_none_are_refused(name: str) -> None:
    (problem,) = problems(environment_layer({f"TOUCHLINE_{name}": "0"}))
    assert problem.endswith("expected a whole number >= 1, found '0'")


def test_a_combination_that_a_structure_refuses() -> None:
    assert problems(file_layer("f.toml", "[intake]\nmax_depth = 1")) == [
        "f.toml line 2: intake.max_depth must be between 3 and 200"
    ]


@pytest.mark.parametrize(
    ("content", "setting"),
    [
        ("[frictions.support]\nfirst_reply = {phone = '1m', phon = '1s'}", "support.first_reply"),
        ("[frictions.cross_channel]\npassive_channels = ['phon', 'courier']", "cross_channel.passive_channels"),
    ],
)
def test_a_channel_that_there_is_not(content: str, setting: str) -> None:
    (problem,) = problems(file_layer("f.toml", content))
    assert problem.startswith(f"f.toml line 2: frictions.{setting}: 'phon' is no channel; there are web, app, ")
    variables = {"TOUCHLINE_INTAKE__MAX_DEPTH": "1", "TOUCHLINE_INTAKE__NULLISH": "none"}
    assert problems(file_layer("f.toml", "[intake]\nmax_depth = 9"), environment_layer(variables)) == [
        "TOUCHLINE_INTAKE__MAX_DEPTH: intake.max_depth must be between 3 and 200"
    ]
    in_the_file = file_layer("f.toml", "[intake]\nmax_depth = 1")
    assert problems(in_the_file, environment_layer({"TOUCHLINE_INTAKE__NULLISH": "none"})) == [
        "f.toml line 2: intake.max_depth must be between 3 and 200"
    ]


def test_a_duration_is_named_as_it_is_written() -> None:
    (problem,) = problems(environment_layer({"TOUCHLINE_JOURNEYS__SESSION_GAP_MS": "soon"}))
    assert problem.startswith("TOUCHLINE_JOURNEYS__SESSION_GAP_MS: journeys.session_gap: a duration")
    (problem,) = problems(file_layer("f.toml", "[journeys]\n\nsession_gap_ms = 'soon'\n"))
    assert problem.startswith("f.toml line 3: journeys.session_gap: a duration")


def test_a_namespace_to_hide_that_is_not_there() -> None:
    (problem,) = problems(environment_layer({"TOUCHLINE_INTAKE__PSEUDONYMISE": "emial,phone"}))
    assert (
        problem == "TOUCHLINE_INTAKE__PSEUDONYMISE: intake.pseudonymise: there is no namespace 'emial';"
        " did you mean 'email'?"
    )
    (problem,) = problems(file_layer("f.toml", '[journeys]\ntransaction_namespaces = ["order_id", "qzx"]\n'))
    assert problem.startswith(
        "f.toml line 2: journeys.transaction_namespaces: there is no namespace 'qzx'; known: anonymous_id, "
    )
    own = '[identity.namespaces.passport]\nkind = "person"\nrank = 75\n[intake]\npseudonymise = ["email", "passport"]\n'
    assert loaded(own).settings.intake.pseudonymise == ("email", "passport")


def test_toml_that_is_none() -> None:
    with pytest.raises(SettingsError, match=r"f\.toml: not valid TOML"):
        file_layer("f.toml", "workers =")


def test_a_section_set_as_a_value_too() -> None:
    with pytest.raises(SettingsError, match="topics is set both as a section and as a value"):
        environment_layer({"TOUCHLINE_TOPICS": "1", "TOUCHLINE_TOPICS__REPLICATION": "3"})
