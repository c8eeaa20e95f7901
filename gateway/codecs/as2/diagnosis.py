"""Why a MIC differs: by which other rule would the partner's value come out?

Products that digest the wrong bytes do it in few ways; each is tried over the bytes that we sent.
Source: RFC 4130 section 7.3.1, RFC 5402 section 4.1; the list of resolved interoperability issues.
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping

from gateway.codecs.cms.algorithms import DIGESTS
from gateway.codecs.cms.compressed import compress
from gateway.codecs.mime import base64_lines, disposition, header_block
from gateway.model.payload import Payload

MAX_BYTES = 20_000_000  # above it nobody waits for an explanation
Chunks = Callable[[], Iterable[bytes]]


def rule_behind(value: str, payload: Payload, *, content_type: str, filename: str) -> str | None:
    """Return the name of the rule by which the partner's MIC value comes out, with its digest; None for no known one.

    value: base64, without the algorithm."""
    if payload.size_bytes > MAX_BYTES:
        return None
    wanted = _decoded(value)
    if wanted is None:
        return None
    for rule, chunks in _candidates(payload, content_type, filename).items():
        running = {name: digest.new() for name, digest in DIGESTS.items() if digest.new().digest_size == len(wanted)}
        for chunk in chunks():
            for each in running.values():
                each.update(chunk)
        for name, each in running.items():
            if each.digest() == wanted:
                return f"{rule} ({name})"
    return None


def _decoded(value: str) -> bytes | None:
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        return None


def _candidates(payload: Payload, content_type: str, filename: str) -> Mapping[str, Chunks]:
    fields = [
        ("Content-Type", content_type),
        ("Content-Transfer-Encoding", "binary"),
        ("Content-Disposition", disposition(filename)),
    ]
    head = header_block(fields)
    bare = header_block([fields[0], fields[2]])
    compressed = header_block(
        [
            ("Content-Type", "application/pkcs7-mime; smime-type=compressed-data; name=smime.p7z"),
            ("Content-Transfer-Encoding", "binary"),
            ("Content-Disposition", "attachment; filename=smime.p7z"),
        ]
    )

    def with_head() -> Iterator[bytes]:
        yield head
        yield from payload.chunks()

    def whole() -> bytes:
        return b"".join(payload.chunks())

    return {
        "headers-and-content": with_head,
        "content-without-headers": payload.chunks,
        "compressed-part": lambda: (compressed, *compress(with_head(), whole=payload.size_bytes <= 1_000_000)),
        "compressed-content-without-headers": lambda: compress(with_head(), whole=payload.size_bytes <= 1_000_000),
        "one-more-line-end": lambda: (*with_head(), b"\r\n"),
        "content-with-one-more-line-end": lambda: (*payload.chunks(), b"\r\n"),
        "without-transfer-encoding-header": lambda: (bare, *payload.chunks()),
        "line-ends-made-crlf": lambda: (head, _crlf(whole())),
        "content-line-ends-made-crlf": lambda: (_crlf(whole()),),
        "line-ends-made-lf": lambda: (_lf(head + whole()),),
        "content-line-ends-made-lf": lambda: (_lf(whole()),),
        "content-in-base64": lambda: (base64_lines(whole()),),
        "content-type-header-only": lambda: (header_block(fields[:1]), *payload.chunks()),
    }


def _lf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _crlf(data: bytes) -> bytes:
    return _lf(data).replace(b"\n", b"\r\n")
