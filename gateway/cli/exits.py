"""How a command ends, so that a script can tell what to do next. Documented in docs/running.md.

Source: the numbers are ours; 130 is what shells give for a program ended by Ctrl-C (128 + SIGINT).
"""

from gateway.model.faults import Fault, NetworkFault, OurFault

FINE = 0
UNEXPECTED = 1  # a bug: Python's own code for an exception that nobody caught
USAGE = 2  # of the command itself; click's own code
FINDINGS = 3  # what was given, or how things stand, does not allow it
NOT_FOUND = 4
NOT_ALLOWED = 5
CONFIG = 6  # settings or folders are wrong; nothing was tried
OTHER_SIDE = 7  # the far end, or the database, did not answer: trying again makes sense
PARTLY = 8  # some of it is done, the rest is named
INTERRUPTED = 130

_NOT_ALLOWED = frozenset(
    {
        "access.forbidden",
        "access.not-signed-in",
        "access.needs-person",
        "access.not-for-some-partners",
        "access.wrong-password",
        "access.wrong-code",
        "access.last-admin",
        "http.address-refused",
    }
)
_OTHER_SIDE = frozenset({"journal.unreachable", "definitions.busy", "preview.too-slow"})
_FOLDERS_OR_PORTS = frozenset({"journal.unusable", "instance.port-unusable"})
_USAGE = frozenset({"access.role-unknown", "access.fields-unknown", "access.scopes-unknown", "api.bad-value"})
_NOT_THERE = ("not-found", "not-known", "-unknown", "file-missing", "-gone")
_NOTHING_OF_THE_NAME = frozenset(
    {"partner.unknown", "import.unknown", "report.unknown", "mapping.missing", "keys.missing", "sample.gone"}
)


def exit_of(fault: Fault) -> int:
    """Return the code with which a command ends that raises fault."""
    code = fault.code
    if isinstance(fault, NetworkFault) or code in _OTHER_SIDE:
        return OTHER_SIDE
    if not isinstance(fault, OurFault):
        return FINDINGS
    if code in _USAGE:
        return USAGE
    if code in _NOT_ALLOWED:
        return NOT_ALLOWED
    area, _, what = code.partition(".")
    if area == "config" or code in _FOLDERS_OR_PORTS:
        return CONFIG
    if code in _NOTHING_OF_THE_NAME or what.endswith(_NOT_THERE) or what.startswith("no-such-"):
        return NOT_FOUND
    return FINDINGS
