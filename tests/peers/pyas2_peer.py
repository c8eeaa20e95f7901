"""A partner that runs pyas2lib, as a program of its own in an environment of its own (see requirements.txt).

    pyas2_peer.py recv SETTINGS        listens on loopback, prints its port, then one JSON line per message
    pyas2_peer.py send SETTINGS FILE   sends FILE to SETTINGS["url"], prints one JSON line with the outcome

SETTINGS is a JSON file: own_id, own_key (PEM with key and certificate), gateway_id, gateway_certificate, folder, url,
sign, encrypt, compress, receipt (signed, unsigned, none), digest, cipher, content_type.
"""

import json
import re
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


def import_pyas2lib():
    """Import pyas2lib although oscrypto cannot read OpenSSL versions with two-digit patch numbers."""
    search = re.search

    def tolerant(pattern, text, flags=0):
        if isinstance(pattern, str) and pattern.startswith("\\b(\\d\\.\\d\\.\\d"):
            pattern = r"\b(\d+\.\d+\.\d+[a-z]*)\b"
        return search(pattern, text, flags)

    re.search = tolerant
    try:
        import pyas2lib

        return pyas2lib
    finally:
        re.search = search


pyas2lib = import_pyas2lib()
from pyas2lib.as2 import Mdn, Message, Organization, Partner  # noqa: E402


def ends(settings):
    key = Path(settings["own_key"]).read_bytes()
    certificate = Path(settings["gateway_certificate"]).read_bytes()
    organization = Organization(
        as2_name=settings["own_id"], sign_key=key, sign_key_pass="", decrypt_key=key, decrypt_key_pass="", domain="lab"
    )
    receipt = settings.get("receipt", "signed")
    partner = Partner(
        as2_name=settings["gateway_id"],
        verify_cert=certificate,
        encrypt_cert=certificate,
        validate_certs=False,
        sign=settings.get("sign", True),
        encrypt=settings.get("encrypt", True),
        compress=settings.get("compress", False),
        digest_alg=settings.get("digest", "sha256"),
        enc_alg=settings.get("cipher", "aes_256_cbc"),
        mdn_mode=None if receipt == "none" else "SYNC",
        mdn_digest_alg="sha256" if receipt == "signed" else None,
    )
    return organization, partner


def send(settings, file):
    organization, partner = ends(settings)
    message = Message(organization, partner)
    data = Path(file).read_bytes()
    message.build(data, filename=Path(file).name, content_type=settings.get("content_type", "application/EDIFACT"))
    request = urllib.request.Request(settings["url"], data=message.content, headers=dict(message.headers))
    with urllib.request.urlopen(request, timeout=60) as response:
        body = response.read()
        raw = b"".join(f"{k}: {v}\r\n".encode() for k, v in response.headers.items()) + b"\r\n" + body
        outcome = {"http": response.status, "mic": _text(message.mic), "message_id": message.message_id}
    if settings.get("receipt", "signed") != "none":
        mdn = Mdn()
        outcome["status"], outcome["detail"] = mdn.parse(raw, lambda message_id, recipient: message)
    print(json.dumps(outcome), flush=True)


def _text(value):
    return value.decode() if isinstance(value, bytes) else value


def receive(settings):
    organization, partner = ends(settings)
    folder = Path(settings["folder"])
    count = 0

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            nonlocal count
            body = self.rfile.read(int(self.headers["Content-Length"]))
            raw = b"".join(f"{k}: {v}\r\n".encode() for k, v in self.headers.items()) + b"\r\n" + body
            message = Message()
            status, (error, _), mdn = message.parse(raw, lambda name: organization, lambda name: partner)
            count += 1
            if error is None:
                content = message.payload.get_payload(decode=True)
                (folder / f"{count}.bin").write_bytes(content)
            self.send_response(200)
            if mdn is not None:
                for name, value in mdn.headers.items():
                    self.send_header(name, value)
                answer = mdn.content
            else:
                answer = b""
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            outcome = {"status": status, "error": str(error) if error else None, "mic": _text(message.mic)}
            outcome |= {"signed": message.signed, "encrypted": message.encrypted, "number": count}
            outcome["filename"] = message.payload.get_filename() if error is None else None
            print(json.dumps(outcome), flush=True)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    chosen = json.loads(Path(sys.argv[2]).read_text())
    if sys.argv[1] == "recv":
        receive(chosen)
    else:
        send(chosen, sys.argv[3])
