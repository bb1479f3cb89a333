"""Certificates: checked by default, an authority of one's own can be trusted, checking can be switched off."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from topstitch.errors import Unreachable
from topstitch.net.retry import Retries


@pytest.fixture
def tls_server(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "practice")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "both.pem").write_bytes(private + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(65536)
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            except OSError:
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}", pem
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(2)


def test_an_unknown_certificate_is_refused_before_anything_is_sent(make_client, tls_server):
    client = make_client(base_url=tls_server[0], retries=Retries.off())

    with pytest.raises(Unreachable) as caught:
        client.post("/orders", json={})

    assert caught.value.key == "tls"
    assert "certificate" in (caught.value.detail + caught.value.hint)


def test_an_authority_of_ones_own_can_be_trusted(make_client, tls_server):
    assert make_client(base_url=tls_server[0], ca_pem=tls_server[1]).get("/x").status == 200


def test_checking_can_be_switched_off(make_client, tls_server):
    assert make_client(base_url=tls_server[0], verify_tls=False).get("/x").status == 200
