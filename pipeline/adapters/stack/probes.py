"""Readiness probes for the parts of a stack."""

import asyncio
from http.client import HTTPException
from urllib.parse import urlsplit
from urllib.request import urlopen

from pipeline.adapters.stack.kept import Probe
from pipeline.adapters.stack.ports import accepts

ANSWER_SECONDS = 2.0


def port_probe(host: str, port: int) -> Probe:
    """Ready when the port accepts connections."""

    async def ready() -> bool:
        return await accepts(host, port)

    return ready


def http_probe(url: str) -> Probe:
    """Ready when the address answers 200."""
    if urlsplit(url).scheme != "http":
        raise ValueError(f"an http address expected, found {url}")

    async def ready() -> bool:
        return await asyncio.to_thread(answers_ok, url)

    return ready


def answers_ok(url: str) -> bool:
    """Whether an address answers 200 within two seconds."""
    try:
        with urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - addresses of our own processes
            return bool(answer.status == 200)
    except (OSError, HTTPException):  # the latter if the answer is not HTTP
        return False
