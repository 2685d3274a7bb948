import pytest

from agents.app import WorkerApp
from agents.transport.driver import SCHEME, register


@pytest.mark.parametrize("idempotence", [True, False])
def test_the_producer_numbers_its_records_where_the_broker_can_use_that(idempotence: bool) -> None:
    register()
    app = WorkerApp("driver", broker=f"{SCHEME}://127.0.0.1:9", autodiscover=False, producer_acks=-1)
    app.idempotence = idempotence
    settings = app.producer._settings_default()
    assert settings["enable_idempotence"] is idempotence
    assert settings["acks"] == -1
