"""ClickHouse over TLS, with an authority of one's own."""

import asyncio
import shutil
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.stack.ports import free_port
from pipeline.stitching.store import StoreUnavailableError
from tests.servers.certificates import make_authority, make_certificate
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made by openssl"),
]


def test_a_server_is_trusted_by_the_authority_that_is_named_and_by_no_other(
    clickhouse: ClickHouseProcess, tmp_path: Path
) -> None:
    authority = make_authority(tmp_path)
    certificate = make_certificate(tmp_path, authority, "127.0.0.1")
    with encrypted(clickhouse.port, certificate) as port:
        client = connect(f"https://default:@127.0.0.1:{port}/default?ca_file={authority}")
        assert client.query("SELECT 1").result_rows == [(1,)]
        client.close()
        with pytest.raises(StoreUnavailableError, match="certificate verify failed"):
            connect(f"https://default:@127.0.0.1:{port}/default")


@contextmanager
def encrypted(behind: int, certificate: Path) -> Iterator[int]:
    """Yield a port on which TLS ends before another port."""
    port, loop = free_port(), asyncio.new_event_loop()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onwards, backwards = await asyncio.open_connection("127.0.0.1", behind)
        await asyncio.gather(copy(reader, backwards), copy(onwards, writer))

    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", port, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(ended(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def ended(server: asyncio.Server) -> None:
    """Leave nothing of the loop to be cleared away in the middle of another test."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.close()
