"""Certificates of a test's own authority, made with openssl."""

import subprocess
from pathlib import Path


def make_authority(directory: Path) -> Path:
    """Make an authority; returns the path of its certificate, which has the key beside it."""
    authority = directory / "authority.pem"
    _openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=authority of a test"),
        *("-keyout", str(directory / "authority.key"), "-out", str(authority)),
    )
    return authority


def make_certificate(directory: Path, authority: Path, address: str) -> Path:
    """Make a key and a certificate for an IP address, in one file as Kafka reads them."""
    key, request, certificate = (directory / f"server.{suffix}" for suffix in ("key", "csr", "crt"))
    _openssl(
        *("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={address}", "-addext", f"subjectAltName=IP:{address}"),
        *("-keyout", str(key), "-out", str(request)),
    )
    _openssl(
        *("x509", "-req", "-in", str(request), "-CA", str(authority), "-CAkey", str(authority.with_suffix(".key"))),
        *("-CAcreateserial", "-copy_extensions", "copy", "-days", "2", "-out", str(certificate)),
    )
    both = directory / "server.pem"
    both.write_text(key.read_text() + certificate.read_text())
    return both


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
