"""Takes a picture of a page with Chromium."""

import io
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from grafana.preview.page import WIDTH, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
COLOURS = 128
"""Enough for a dashboard, at a third of the bytes of full colour."""
SECONDS = 120


def browser() -> str | None:
    """Return the path of an installed browser, or None."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def take(page: Page, program: str, to: Path) -> None:
    """Write a page as PNG; raises `subprocess.SubprocessError` if the browser fails."""
    with tempfile.TemporaryDirectory() as directory:
        source, shot = Path(directory) / "page.html", Path(directory) / "page.png"
        source.write_text(page.html, encoding="utf-8")
        command = [program, "--headless", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"]
        command += [f"--user-data-dir={directory}/profile", f"--window-size={WIDTH},{page.height}"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium refuses root otherwise; the page is our own
        subprocess.run(
            [*command, f"--screenshot={shot}", source.as_uri()], check=True, capture_output=True, timeout=SECONDS
        )
        to.write_bytes(_small(shot.read_bytes()))


def _small(picture: bytes) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as opened:
        opened.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
