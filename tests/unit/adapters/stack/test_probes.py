"""Whether an address answers, whoever listens there."""

import socket
from threading import Thread

import pytest

from pipeline.adapters.stack.probes import answers_ok


@pytest.mark.parametrize(
    ("answer", "ok"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", False),
        (b"SSH-2.0-OpenSSH_9.2\r\n", False),
        (b"", False),
    ],
)
def test_only_an_answer_of_200_is_one(answer: bytes, ok: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        serving = Thread(target=serve)
        serving.start()
        assert answers_ok(f"http://127.0.0.1:{server.getsockname()[1]}/") is ok
        serving.join()
