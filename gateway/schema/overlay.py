"""What an association (EANCOM, ...) allows beside the UN directory. Chosen by the association code of UNH (0057)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """association: what 0057 must begin with. codes: added values by element. temporary: form of codes that the
    association gives out until the UN lists have them; None: it gives out none."""

    name: str
    association: str
    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    temporary: re.Pattern[str] | None = None

    @classmethod
    def of(cls, name: str, table: Mapping[str, object]) -> "Overlay":
        """Read {"association": "EAN", "temporary": "[0-9]{1,3}E", "codes": {"1001": "50E 73E"}}.

        Raises ValueError, KeyError or TypeError when it has another form.
        """
        codes = table.get("codes", {})
        if not isinstance(codes, Mapping):
            raise TypeError("codes must be a table")
        temporary = table.get("temporary")
        return cls(
            name=name,
            association=str(table["association"]),
            codes={str(element): frozenset(str(values).split()) for element, values in codes.items()},
            temporary=None if temporary is None else re.compile(str(temporary)),
        )

    def has_code(self, element: str, value: str) -> bool:
        """Tell whether the association allows value beside the directory's list."""
        if value in self.codes.get(element, ()):
            return True
        return self.temporary is not None and self.temporary.fullmatch(value) is not None
