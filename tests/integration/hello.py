"""The first message of a TLS connection, byte by byte: a library of today would not offer what is old and weak."""
import os
import socket
import struct

SSL3, TLS10, TLS11, TLS12 = 0x0300, 0x0301, 0x0302, 0x0303
ALERT, HANDSHAKE = 21, 22
PROTOCOL_VERSION, HANDSHAKE_FAILURE = 70, 40  # alerts, RFC 8446 section 6

GROUPS = struct.pack(">4H", 6, 29, 23, 24)  # x25519, secp256r1, secp384r1
SIGNATURES = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0203, 0x0201)

# https://www.iana.org/assignments/tls-parameters
WEAK = {
    "no encryption": (0x0001, 0x0002, 0x003B, 0xC006, 0xC010),
    "nobody is authenticated": (0x0018, 0x001B, 0x0034, 0x003A, 0x006C, 0x00A6, 0xC017, 0xC018, 0xC019),
    "export": (0x0003, 0x0006, 0x0008, 0x0014, 0x0019, 0x0062),
    "RC4": (0x0004, 0x0005, 0xC007, 0xC011),
    "blocks of 64 bits": (0x0007, 0x0009, 0x000A, 0x0015, 0x0016, 0xC008, 0xC012),
    "SEED and Camellia": (0x0096, 0x0041, 0x0084),
}
NO_FORWARD_SECRECY = (0x002F, 0x0035, 0x003C, 0x003D, 0x009C, 0x009D)  # AES, but with the certificate's key as the lock
GOOD = (0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9)  # ECDHE, AES-GCM or ChaCha20
CIPHER_BLOCK_CHAINING = (0xC009, 0xC00A, 0xC013, 0xC014, 0xC023, 0xC024, 0xC027, 0xC028)


def _vector(size, data):
    return len(data).to_bytes(size, "big") + data


def client_hello(version, suites):
    """The record of a ClientHello that offers this version as its highest, and nothing but these cipher suites."""
    extensions = b"".join(struct.pack(">H", kind) + _vector(2, data) for kind, data in (
        (10, GROUPS), (11, b"\1\0"), (13, _vector(2, struct.pack(f">{len(SIGNATURES)}H", *SIGNATURES)))))
    body = struct.pack(">H", version) + os.urandom(32) + b"\0" + _vector(2, struct.pack(f">{len(suites)}H", *suites)) + b"\1\0"
    message = b"\1" + _vector(3, body + _vector(2, extensions))
    return bytes((HANDSHAKE,)) + struct.pack(">H", min(version, TLS10)) + _vector(2, message)


def _read(connection, count):
    data = b""
    while len(data) < count and (piece := connection.recv(count - len(data))):
        data += piece
    return data


def answer(port, record):
    """(HANDSHAKE, version, suite) that the server chose, (ALERT, number), or () when it just closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        connection.sendall(record)
        head = _read(connection, 5)
        if len(head) < 5:
            return ()
        body = _read(connection, int.from_bytes(head[3:], "big"))
    if head[0] == ALERT:
        return ALERT, body[1]
    session = 4 + 2 + 32  # kind and length, version, random
    at = session + 1 + body[session]
    return HANDSHAKE, int.from_bytes(body[4:6], "big"), int.from_bytes(body[at:at + 2], "big")
