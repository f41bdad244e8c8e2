"""A timestamping authority of the tests' own (RFC 3161): a CA, openssl, and HTTP on loopback."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509

from voice_agent.evidence.timestamp import read_roots

CONFIGURATION = """
[tsa]
default_tsa = ours
[ours]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Authority:
    """A CA with an authority under it, in a directory.

    Attributes:
        certificate: file with the CA's certificate, PEM: what is pinned.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.certificate = directory / "ca.pem"
        (directory / "usage").write_text(
            "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"
        )
        (directory / "tsa.cnf").write_text(CONFIGURATION)
        (directory / "serial").write_text("01\n")
        self._openssl(
            *("req", "-x509", *KEY, "-keyout", "ca.key", "-out", "ca.pem"),
            *("-days", "3650", "-subj", "/CN=Test CA"),
        )
        self._openssl(
            *("req", *KEY, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test TSA"),
        )
        self._openssl(
            *("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-days", "3650", "-extfile", "usage", "-out", "tsa.pem"),
        )

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """The CA's certificate."""
        return read_roots(self.certificate.read_bytes())

    def answer(self, query: bytes) -> bytes:
        """The timestamp that is asked for, now."""
        (self._directory / "query").write_bytes(query)
        self._openssl(
            *("ts", "-reply", "-queryfile", "query", "-config", "tsa.cnf"),
            *("-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "answer"),
        )
        return (self._directory / "answer").read_bytes()

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 (openssl, and arguments of ours)
            ["openssl", *arguments],  # noqa: S607 (Debian's, wherever it lies)
            cwd=self._directory,
            env={"PATH": os.defpath},
            check=True,
            capture_output=True,
        )


Reply = Callable[[bytes], tuple[int, bytes]]


@contextmanager
def serving(reply: Reply) -> Iterator[str]:
    """Answer POSTs on loopback as long as the block runs; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Answer."""
            query = self.rfile.read(int(self.headers["Content-Length"]))
            status, body = reply(query)
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsr"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
