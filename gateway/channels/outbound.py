"""Outgoing HTTP for every channel that posts: one session, no redirects, bounded answers, and a guard that lets no
connection go to an address inside the house unless the operator has listed its network."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from io import BytesIO
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import aiohttp
from aiohttp.connector import AddrInfoType
from yarl import URL

from gateway.model.faults import Fault, NetworkFault, OurFault, PartnerFault
from gateway.model.payload import Payload

MAX_ANSWER_BYTES = 1_000_000
_IN_MEMORY_BYTES = 1_000_000
_AGAIN = frozenset({408, 425, 429})  # and every 5xx: the same bytes may be taken later
_UNICAST = ip_network("2000::/3")  # the only part of IPv6 that is given out (RFC 4291 section 4, IANA registry)


class AddressRefusedError(OSError):
    """The address lies in a network that is not allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """status, header fields as sent, body (at most MAX_ANSWER_BYTES)."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class AddressGuard:
    """Says which addresses may be connected to: public ones, and those in the allowed networks."""

    def __init__(self, allow_networks: Iterable[str] = ()) -> None:
        """allow_networks: CIDR, for example 127.0.0.0/8. Raises ValueError."""
        self._allowed: list[IPv4Network | IPv6Network] = [ip_network(each) for each in allow_networks]

    def allows(self, address: str) -> bool:
        """Tell whether we connect to an IP address: one of the networks allowed, or any of the public internet."""
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
        if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        if any(found in network for network in self._allowed if network.version == found.version):
            return True
        # Outside of it lie forms that carry an inner IPv4 address (NAT64, IPv4-compatible) and old site-local ones.
        if isinstance(found, IPv6Address) and (found not in _UNICAST or found.sixtofour or found.teredo):
            return False
        return found.is_global and not found.is_multicast

    def socket_for(self, address: AddrInfoType) -> socket.socket:
        """Make the socket for a resolved address; what was checked is what is connected to.

        Raises AddressRefusedError."""
        family, kind, protocol, _, place = address
        if not self.allows(str(place[0])):
            raise AddressRefusedError(f"{place[0]} is not in an allowed network")
        return socket.socket(family=family, type=kind, proto=protocol)


class Outbound:
    """Posts bytes. Make it inside the event loop; close it at the end."""

    def __init__(self, guard: AddressGuard, *, timeout_s: float = 60.0) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=64, limit_per_host=8, socket_factory=guard.socket_for),
            timeout=aiohttp.ClientTimeout(total=timeout_s, connect=15.0),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            headers={"User-Agent": "edi-gateway"},
        )

    async def close(self) -> None:
        await self._session.close()

    async def post(
        self, url: str, headers: Iterable[tuple[str, str]], content: Payload, *, chunked: bool = False
    ) -> Answer:
        """POST once and return any answer there is. chunked: without Content-Length; some products cannot read that.

        Raises NetworkFault http.unreachable, http.cut-off, http.timeout, http.answer-too-large; OurFault http.bad-url,
        http.address-refused."""
        target = _checked(url)
        try:
            async with self._session.post(
                target, data=_data(content, chunked), headers=_headers(headers, content, chunked), allow_redirects=False
            ) as response:
                return await _read_answer(response)
        except aiohttp.ConnectionTimeoutError as error:
            raise _connection_fault(error, target) from error
        except TimeoutError as error:
            raise NetworkFault("http.timeout", value=target.host) from error
        except (aiohttp.ClientError, OSError) as error:
            raise _connection_fault(error, target) from error


async def _pieces(content: Payload) -> AsyncIterator[bytes]:
    """Yield content; reading a file happens in a thread."""
    chunks = content.chunks()
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk


def _data(content: Payload, chunked: bool) -> AsyncIterator[bytes] | BytesIO:
    if content.size_bytes > _IN_MEMORY_BYTES or chunked:
        return _pieces(content)
    return BytesIO(b"".join(content.chunks()))


def _headers(headers: Iterable[tuple[str, str]], content: Payload, chunked: bool) -> list[tuple[str, str]]:
    """Say the length, so that the message is not chunked, unless it shall be."""
    return [*headers] if chunked else [*headers, ("Content-Length", str(content.size_bytes))]


def _checked(url: str) -> URL:
    try:
        target = URL(url)
    except ValueError as error:
        raise OurFault("http.bad-url", value=url) from error
    if target.scheme not in ("http", "https") or not target.host or target.user is not None:
        raise OurFault("http.bad-url", value=url)
    return target


def _connection_fault(error: BaseException, target: URL) -> Fault:
    seen: list[BaseException] = [error]
    for each in seen:
        if isinstance(each, AddressRefusedError):
            return OurFault("http.address-refused", value=target.host)
        inner = [each.__cause__, each.__context__, getattr(each, "os_error", None)]
        inner += list(each.exceptions) if isinstance(each, BaseExceptionGroup) else []
        seen += [found for found in inner if isinstance(found, BaseException) and found not in seen]
    # Only where no connection stood is it certain that nothing arrived: another channel may be tried then.
    before = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
    stood = isinstance(error, aiohttp.ClientError) and not isinstance(error, before)
    code = "http.cut-off" if stood else "http.unreachable"
    return NetworkFault(code, value=f"{target.host}:{target.port}", detail=type(error).__name__)


async def _read_answer(response: aiohttp.ClientResponse) -> Answer:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise NetworkFault("http.answer-too-large", value=response.url.host)
    fields = tuple((str(name), value) for name, value in response.headers.items())
    return Answer(status=response.status, headers=fields, body=bytes(body))


def check_status(answer: Answer) -> None:
    """Pass a 2xx. Raises NetworkFault http.unavailable (408, 425, 429, 5xx), PartnerFault http.refused (the rest)."""
    if 200 <= answer.status < 300:
        return
    excerpt = answer.body[:200].decode("utf-8", "replace")
    if answer.status in _AGAIN or answer.status >= 500:
        raise NetworkFault("http.unavailable", value=excerpt, status=str(answer.status))
    raise PartnerFault("http.refused", value=excerpt, status=str(answer.status))
