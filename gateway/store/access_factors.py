"""What a person signs in with beside a link: a password, the codes of an app (TOTP, RFC 6238), recovery codes.

Passwords are kept as argon2id, the app's secret sealed by the key store, recovery codes as digests. Hashing takes some
50 ms and 64 MB: callers run it in a thread.
"""

import secrets
from datetime import datetime
from functools import cache
from hmac import compare_digest
from urllib.parse import quote

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pyotp import TOTP, random_base32
from sqlalchemy import Connection, and_, func, or_, select, update

from gateway.model.faults import OurFault
from gateway.store import tables as t
from gateway.store.access_guard import Guard
from gateway.store.access_people import row_of
from gateway.store.access_rows import Sealing, digest_of, record
from gateway.store.forms import micros
from gateway.store.sql_tx import SqlTx
from gateway.store.tables_access import recovery_code

SHORTEST, LONGEST = 12, 200
STEP_S = 30
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is mistaken for something else
_HASHER = PasswordHasher()


@cache
def _nobodys() -> str:
    """Verified when there is no such user, so that the time taken does not tell who there is. Made when it is needed,
    since it takes a tenth of a second."""
    return _HASHER.hash(secrets.token_urlsafe(16))


def check_password(password: str, name: str) -> None:
    """Raises OurFault access.password-weak: too short or long, one character over and over, or with the user's name."""
    weak = not SHORTEST <= len(password) <= LONGEST or len(set(password)) < 5
    if weak or (len(name) > 2 and name.lower() in password.lower()):
        raise OurFault("access.password-weak", shortest=str(SHORTEST), longest=str(LONGEST))


def is_password(password: str, kept: str | None) -> bool:
    """Tell whether password is the one whose hash is kept; takes as long when none is."""
    try:
        return _HASHER.verify(kept or _nobodys(), password[: LONGEST + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def matching_step(secret: str, code: str, now: datetime, after: int | None) -> int | None:
    """Return the time step (of 30 s) whose code this is: the present one or a neighbour, later than after."""
    present, given = int(now.timestamp()) // STEP_S, code.replace(" ", "")
    if len(given) != 6 or not (given.isascii() and given.isdigit()):
        return None
    app = TOTP(secret)
    steps = (step for step in (present, present - 1, present + 1) if after is None or step > after)
    return next((step for step in steps if compare_digest(app.generate_otp(step), given)), None)


class Factors(Guard):
    """Second factors: secrets of apps, kept sealed, and recovery codes, kept as digests."""

    def set_password(self, name: str, password: str, now: datetime, *, by: str, keep: str | None = None) -> None:
        """Give name a password and end its other sessions. keep: token of the session that goes on.

        Raises OurFault access.user-unknown, access.password-weak.
        """
        check_password(password, name)
        hashed = _HASHER.hash(password)

        def work(tx: SqlTx) -> None:
            row = row_of(tx.connection, name)
            tx.connection.execute(
                update(t.user).where(t.user.c.id == row.id).values(password=hashed, password_at=micros(now))
            )
            others = and_(t.session.c.user == row.id, t.session.c.sha256 != digest_of(keep or ""))
            tx.connection.execute(t.session.delete().where(others))
            record(tx, by, "user.password-set", name, now, before="set" if row.password else "none", after="set")

        self._journal.write(work)

    def prove_password(self, name: str, password: str, now: datetime, address: str) -> None:
        """Raises OurFault access.wrong-password, access.too-many-tries."""
        self.admit_try(name, address, now)
        with self._engine.connect() as connection:
            kept = connection.execute(select(t.user.c.password).where(t.user.c.name == name)).scalar()
        if not is_password(password, kept):
            self._journal.write(lambda tx: self.count_failure(tx, name, address, now))
            raise OurFault("access.wrong-password")

    def begin_second_factor(self, name: str, now: datetime, *, issuer: str) -> tuple[str, str]:
        """Make a new secret for name's app; return it and the address for a QR code (otpauth://). It counts once a
        code has been confirmed. Raises OurFault access.user-unknown, access.factor-on."""
        secret = random_base32()
        sealed = self._sealer().seal(secret)

        def work(tx: SqlTx) -> None:
            row = row_of(tx.connection, name)
            if row.totp_since is not None:
                raise OurFault("access.factor-on", value=name)
            tx.connection.execute(update(t.user).where(t.user.c.id == row.id).values(totp=sealed, totp_step=None))

        self._journal.write(work)
        return secret, TOTP(secret).provisioning_uri(name=name, issuer_name=quote(issuer or "Gateway", safe=" "))

    def pending_second_factor(self, name: str, *, issuer: str) -> tuple[str, str] | None:
        """Return the secret and address of begin_second_factor again while it is not confirmed."""
        with self._engine.connect() as connection:
            row = row_of(connection, name)
        if row.totp is None or row.totp_since is not None:
            return None
        secret = self._sealer().unseal(row.totp)
        return secret, TOTP(secret).provisioning_uri(name=name, issuer_name=quote(issuer or "Gateway", safe=" "))

    def confirm_second_factor(self, name: str, code: str, now: datetime, *, by: str) -> tuple[str, ...]:
        """Ask name for codes from now on; return recovery codes, shown this once.

        Raises OurFault access.user-unknown, access.factor-on, access.wrong-code.
        """
        codes = _recovery_codes()
        with self._engine.connect() as connection:
            asked = row_of(connection, name)
        step = matching_step(self._sealer().unseal(asked.totp), code, now, None) if asked.totp else None
        if step is None and asked.totp_since is None:
            raise OurFault("access.wrong-code")

        def work(tx: SqlTx) -> None:
            row = row_of(tx.connection, name)
            if row.totp_since is not None or row.totp != asked.totp:
                raise OurFault("access.factor-on", value=name)
            change = update(t.user).where(t.user.c.id == row.id)
            tx.connection.execute(change.values(totp_since=micros(now), totp_step=step))
            _replace_codes(tx.connection, row.id, codes, now)
            record(tx, by, "user.second-factor", name, now, before="off", after="on")

        self._journal.write(work)
        return codes

    def end_second_factor(self, name: str, now: datetime, *, by: str) -> None:
        """Ask name for no more codes. Raises OurFault access.user-unknown."""

        def work(tx: SqlTx) -> None:
            row = row_of(tx.connection, name)
            off = {"totp": None, "totp_since": None, "totp_step": None}
            tx.connection.execute(update(t.user).where(t.user.c.id == row.id).values(off))
            tx.connection.execute(recovery_code.delete().where(recovery_code.c.user == row.id))
            if row.totp_since is not None:
                record(tx, by, "user.second-factor", name, now, before="on", after="off")

        self._journal.write(work)

    def new_recovery_codes(self, name: str, now: datetime, *, by: str) -> tuple[str, ...]:
        """Replace the recovery codes of name; return the new ones, shown this once. Raises OurFault access.factor-off,
        access.user-unknown."""
        codes = _recovery_codes()

        def work(tx: SqlTx) -> None:
            row = row_of(tx.connection, name)
            if row.totp_since is None:
                raise OurFault("access.factor-off", value=name)
            left = _replace_codes(tx.connection, row.id, codes, now)
            record(tx, by, "user.recovery-codes", name, now, before=f"{left} left", after=f"{len(codes)} new")

        self._journal.write(work)
        return codes

    def step_of(self, name: str, code: str, now: datetime) -> int | None:
        """Return the time step of an app's code that is right and was not used; the caller takes it (take_step)."""
        with self._engine.connect() as connection:
            row = row_of(connection, name)
        if row.totp is None or row.totp_since is None:
            return None
        return matching_step(self._sealer().unseal(row.totp), code, now, row.totp_step)

    def _sealer(self) -> Sealing:
        if self._sealing is None:
            raise OurFault("access.no-key-store")
        return self._sealing


def take_step(connection: Connection, user_id: int, step: int) -> bool:
    """Use up the code of a time step; False when it, or a later one, has been used meanwhile."""
    unused = or_(t.user.c.totp_step.is_(None), t.user.c.totp_step < step)
    return connection.execute(update(t.user).where(t.user.c.id == user_id, unused).values(totp_step=step)).rowcount == 1


def take_recovery_code(connection: Connection, user_id: int, code: str, now: datetime) -> bool:
    """Use a recovery code up; False when the user has no such code left. A code works once."""
    own = and_(
        recovery_code.c.sha256 == digest_of(f"{user_id}:{_plain(code)}"),
        recovery_code.c.user == user_id,
        recovery_code.c.used_at.is_(None),
    )
    return connection.execute(update(recovery_code).where(own).values(used_at=micros(now))).rowcount == 1


def _recovery_codes() -> tuple[str, ...]:
    def part() -> str:
        return "".join(secrets.choice(_ALPHABET) for _ in range(5))

    return tuple(f"{part()}-{part()}" for _ in range(RECOVERY_CODES))


def _plain(code: str) -> str:
    return "".join(each for each in code[:40].lower() if each.isalnum())


def _replace_codes(connection: Connection, user_id: int, codes: tuple[str, ...], now: datetime) -> int:
    """Return how many of the old ones were left."""
    own = recovery_code.c.user == user_id
    left = select(func.count()).select_from(recovery_code).where(own, recovery_code.c.used_at.is_(None))
    count = connection.execute(left).scalar_one()
    connection.execute(recovery_code.delete().where(own))
    rows = [
        {"sha256": digest_of(f"{user_id}:{_plain(each)}"), "user": user_id, "made_at": micros(now)} for each in codes
    ]
    connection.execute(recovery_code.insert(), rows)
    return count
