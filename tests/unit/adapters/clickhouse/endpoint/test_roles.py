"""Users, and the settings they may send."""

import pytest

from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError
from pipeline.adapters.clickhouse.endpoint.roles import ANALYST_LIMITS, authenticate, default_roles

ANALYST = default_roles()["analyst"]
DEFAULT = default_roles()["default"]


def test_a_user_is_known_by_name_and_password() -> None:
    roles = default_roles("secret", "")
    assert authenticate(roles, "default", "secret").name == "default"
    assert authenticate(roles, "analyst", "").read_only
    for user, password in [("default", ""), ("default", "wrong"), ("nobody", ""), ("analyst", "secret")]:
        with pytest.raises(EngineError) as error:
            authenticate(roles, user, password)
        assert (error.value.code, error.value.status) == (Code.AUTHENTICATION_FAILED, 403)


def test_a_password_does_not_show() -> None:
    assert "secret" not in repr(default_roles("secret"))


def test_the_full_user_may_send_any_setting() -> None:
    assert DEFAULT.admit({"allow_ddl": "0", "max_threads": "3"}) == {"allow_ddl": "0", "max_threads": "3"}


@pytest.mark.parametrize(
    ("value", "applied"),
    [("10", "10"), ("60", "60"), ("61", "60"), ("0", "60"), ("-1", "60"), ("1e9", "60"), ("nan", "60"), ("inf", "60")],
)
def test_an_analyst_can_tighten_a_limit_and_not_widen_it(value: str, applied: str) -> None:
    assert ANALYST.admit({"max_execution_time": value})["max_execution_time"] == applied


def test_limits_stand_without_being_asked_for() -> None:
    assert ANALYST.admit({}) == dict(ANALYST_LIMITS)


def test_an_analyst_may_send_settings_that_only_shape_the_answer() -> None:
    assert ANALYST.admit({"join_use_nulls": "1", "readonly": "2"}) == {**ANALYST_LIMITS, "join_use_nulls": "1"}


@pytest.mark.parametrize(
    "name", ["readonly", "allow_ddl", "format_schema", "output_format_schema", "dialect", "user_files"]
)
def test_an_analyst_may_send_no_other_setting(name: str) -> None:
    with pytest.raises(EngineError) as error:
        ANALYST.admit({name: "0"})
    assert error.value.code == Code.READONLY


def test_a_limit_that_is_no_number_is_refused() -> None:
    with pytest.raises(EngineError) as error:
        ANALYST.admit({"max_execution_time": "1'; --"})
    assert error.value.code == Code.BAD_ARGUMENTS
