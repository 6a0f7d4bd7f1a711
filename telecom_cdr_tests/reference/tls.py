"""TLS before a real PostgreSQL.

The server of the test dependencies is built without TLS. The client cannot tell: it asks for TLS as PostgreSQL's
protocol has it, and everything after the handshake goes to that server and back.
"""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from telecom_cdr_tests.certificates import Certificates

_REQUEST_BYTES = 8
_CHUNK_BYTES = 65_536


@contextmanager
def tls_before(port: int, certificates: Certificates) -> Iterator[int]:
    """A port on loopback that speaks TLS with the server's certificate and passes on to `port`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server, certificates.server_key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, context, port), daemon=True).start()
        yield int(listener.getsockname()[1])
        # Wakes the thread that waits for the next client.
        listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_pass_on, args=(client, context, port), daemon=True).start()


def _pass_on(client: socket.socket, context: ssl.SSLContext, port: int) -> None:
    # A client that refuses the certificate closes the connection.
    with suppress(OSError), client:
        client.recv(_REQUEST_BYTES)
        client.sendall(b"S")
        with (
            context.wrap_socket(client, server_side=True) as secured,
            socket.create_connection(("127.0.0.1", port)) as server,
        ):
            answers = threading.Thread(target=_pump, args=(server, secured), daemon=True)
            answers.start()
            _pump(secured, server)
            answers.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK_BYTES):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
