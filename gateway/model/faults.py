"""Expected failures. A Fault says what (code), who must act (owner), where, and whether trying again may help.

Anything that is not a Fault is a bug: the shell logs it, counts an attempt and parks the message.
The words for a code stand in gateway.texts; a test fails when a code is missing there.
"""

from typing import ClassVar, Literal

from gateway.model.findings import Finding, Where

Owner = Literal["partner", "us", "network"]


class Fault(Exception):  # noqa: N818 - the word of the field
    """Base of every expected failure. Raise one of the subclasses."""

    owner: ClassVar[Owner] = "us"
    temporary: ClassVar[bool] = False  # True: the same bytes may succeed later

    def __init__(
        self,
        code: str,
        where: Where | None = None,
        *,
        value: str | None = None,
        findings: tuple[Finding, ...] = (),
        **params: str,
    ) -> None:
        super().__init__(code, params)
        self.code = code
        self.where = where or Where()
        self.value = value
        self.findings = findings
        self.params = params

    def as_finding(self) -> Finding:
        """Return the fault in the form in which it is stored and shown."""
        return Finding(
            code=self.code,
            where=self.where,
            params=tuple(sorted(self.params.items())),
            value=self.value[:200] if self.value else None,
        )


class PartnerFault(Fault):
    """The partner's bytes break a standard or an agreement."""

    owner = "partner"


class OurFault(Fault):
    """Our settings, master data or records do not allow it yet."""

    owner = "us"


class NetworkFault(Fault):
    """The far end did not take it this time."""

    owner = "network"
    temporary = True
