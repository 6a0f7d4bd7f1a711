"""Certificates for the TLS of real servers in tests: an authority, a server on loopback, a client.

Made by the `openssl` program, valid for two days. Not here: the servers that use them.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from telecom_cdr_tests.requirements import miss


@dataclass(frozen=True)
class Certificates:
    """PEM files: who signs, a server's and a client's certificate with their keys, and an authority that is not it."""

    authority: Path
    server: Path
    server_key: Path
    client: Path
    client_key: Path
    another_authority: Path


def require_openssl() -> None:
    """Skip where there is no `openssl`; fail where every service must be there."""
    if not shutil.which("openssl"):
        miss("openssl is missing: install it to run the tests of TLS (Debian: apt-get install openssl)")


def make_certificates(folder: Path) -> Certificates:
    """Make them in a folder. The server's is for 127.0.0.1, and not for `localhost`."""
    folder.mkdir(parents=True, exist_ok=True)
    _make(folder, "authority")
    _make(folder, "another_authority")
    signed = ("-CA", str(folder / "authority.pem"), "-CAkey", str(folder / "authority.key"))
    _make(folder, "server", *signed, "-addext", "subjectAltName=IP:127.0.0.1")
    _make(folder, "client", *signed)
    return Certificates(
        authority=folder / "authority.pem",
        server=folder / "server.pem",
        server_key=folder / "server.key",
        client=folder / "client.pem",
        client_key=folder / "client.key",
        another_authority=folder / "another_authority.pem",
    )


def _make(folder: Path, name: str, *options: str) -> None:
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={name}",
    ]
    command += ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem"), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise RuntimeError(f"openssl made no certificate: {done.stderr[-1000:]}")
