"""Accounts as parties of a Tryton server, over its JSON-RPC: found by their code, written or made.

Source: Tryton 8 JSON-RPC (common.db.login, model.party.party.search / create / write). A refusal by a business rule
arrives as HTTP 200 with a member `error`.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.channels.outbound import Outbound
from gateway.model.faults import NetworkFault, OurFault
from gateway.model.payload import MemoryPayload

SAID_LONGEST = 300


@dataclass(kw_only=True)
class Tryton:
    """One database of a server. password: of user. A session that has ended is begun anew once a call."""

    outbound: Outbound
    address: str
    database: str
    user: str
    password: str
    _session: str | None = field(default=None, init=False)

    async def put_account(self, account: str, record: Mapping[str, Any]) -> tuple[str, str]:
        """Write an account as the party of that code; return its id there and what was done.

        Raises NetworkFault when it may work later, OurFault connector.refused.
        """
        values = {"name": str(record.get("name") or account)}
        known = await self._party(account)
        if known is not None:
            party, done = known["id"], "written"
            if not known["active"]:  # before anything else: an inactive party takes no other change
                await self.call("model.party.party.write", [party], {"active": True})
            await self.call("model.party.party.write", [party], values)
        else:
            (party,) = await self.call("model.party.party.create", [{**values, "code": account}])
            done = "created"
        gln = record.get("gln")
        if gln:
            await self._identify(int(party), str(gln))
        return str(party), done

    async def drop_account(self, account: str) -> tuple[str, str]:
        """Make the party of a code inactive: what others refer to is never deleted."""
        known = await self._party(account)
        if known is not None:
            await self.call("model.party.party.write", [known["id"]], {"active": False})
        return str(known["id"]) if known else "", "inactive"

    async def account(self, account: str) -> Mapping[str, Any] | None:
        """Return id, code and name of an active party, None when there is none."""
        return await self._party(account, {})

    async def _party(self, account: str, context: Mapping[str, Any] | None = None) -> Mapping[str, Any] | None:
        """Return the party of a code, one that is inactive too: its code is taken for ever."""
        arguments = ([["code", "=", account]], 0, 1, None, ["code", "name", "active"])
        seen = {"active_test": False} if context is None else context
        found = await self.call("model.party.party.search_read", *arguments, context=seen)
        return found[0] if found else None

    async def _identify(self, party: int, gln: str) -> None:
        """Give a party its GLN once."""
        domain = [["party", "=", party], ["code", "=", gln]]
        if not await self.call("model.party.identifier.search", domain):
            await self.call("model.party.identifier.create", [{"party": party, "code": gln}])

    async def call(self, method: str, *arguments: Any, context: Mapping[str, Any] | None = None) -> Any:
        """Call a method in a context. Raises NetworkFault, OurFault connector.refused."""
        params = [*arguments, dict(context or {})]
        fresh = self._session is None
        session = self._session or await self._login()
        status, answer = await self._post(method, params, session)
        if status == 401 and not fresh:
            self._session = None
            status, answer = await self._post(method, params, await self._login())
        return self._result(status, answer)

    async def _login(self) -> str:
        status, answer = await self._post("common.db.login", [self.user, {"password": self.password}], None)
        told = self._result(status, answer)
        if not isinstance(told, list) or len(told) < 2:
            raise OurFault("connector.refused", value="login", connector=self.address)
        token = f"{self.user}:{told[0]}:{told[1]}"
        self._session = base64.b64encode(token.encode()).decode()
        return self._session

    async def _post(self, method: str, params: Sequence[Any], session: str | None) -> tuple[int, Any]:
        body = json.dumps({"id": 0, "method": method, "params": list(params)}).encode()
        headers = [("Content-Type", "application/json")]
        if session is not None:
            headers.append(("Authorization", f"Session {session}"))
        target = f"{self.address.rstrip('/')}/{self.database}/rpc/"
        answer = await self.outbound.post(target, headers, MemoryPayload(body))
        try:
            return answer.status, json.loads(answer.body)
        except ValueError:
            return answer.status, None

    def _result(self, status: int, answer: Any) -> Any:
        if status == 429 or status >= 500:
            raise NetworkFault("http.unavailable", value=self.address, status=str(status))
        if status != 200 or not isinstance(answer, dict) or answer.get("error"):
            said = answer.get("error") if isinstance(answer, dict) else None
            words = json.dumps(said, ensure_ascii=False)[:SAID_LONGEST] if said else str(status)
            raise OurFault("connector.refused", value=words, connector=self.address)
        return answer.get("result")
