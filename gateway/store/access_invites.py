"""Invitations: a person of a partner is let in by a link that works once, and chooses a password then."""

from datetime import datetime, timedelta

from sqlalchemy import and_, select

from gateway.model.faults import OurFault
from gateway.store import tables as t
from gateway.store.access_factors import check_password
from gateway.store.access_rows import Ticket, User, digest_of, record, user_from
from gateway.store.access_sessions import Sessions
from gateway.store.forms import micros
from gateway.store.sql_tx import SqlTx

INVITATION_LIFETIME = timedelta(days=7)


class Invitations(Sessions):
    """Links that invite a partner's person to the portal, each for one use."""

    def invite(self, name: str, partner: str, now: datetime, *, by: str, language: str | None = None) -> str:
        """Make name a person of partner, unless it is one, and return the token of its invitation. Earlier links of
        that person are closed.

        Raises OurFault access.user-exists when name is somebody else, access.bad-name.
        """
        known = self.user(name)
        if known is None:
            self.add_user(name, "partner", now, by=by, partner=partner, language=language)
        elif known.role != "partner" or known.partner != partner:
            raise OurFault("access.user-exists", value=name[:100])

        def close(tx: SqlTx) -> None:
            owner = select(t.user.c.id).where(t.user.c.name == name).scalar_subquery()
            still = and_(t.login_link.c.user == owner, t.login_link.c.used_at.is_(None))
            tx.connection.execute(t.login_link.update().where(still).values(used_at=micros(now)))
            record(tx, by, "user.invited", name, now, after=partner)

        self._journal.write(close)
        return self.make_login_link(name, now, lifetime=INVITATION_LIFETIME, by=by)

    def invited(self, token: str, now: datetime) -> User | None:
        """Return whom an open link lets in, without using it: a program that follows links must not use it up."""
        still = and_(
            t.login_link.c.sha256 == digest_of(token),
            t.login_link.c.used_at.is_(None),
            t.login_link.c.expires_at > micros(now),
            t.user.c.disabled_at.is_(None),
        )
        query = select(t.user).join_from(t.user, t.login_link, t.login_link.c.user == t.user.c.id).where(still)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return user_from(row) if row else None

    def take_invitation(
        self, token: str, password: str, now: datetime, *, agent: str = "", address: str = ""
    ) -> Ticket:
        """Use the link, set the password and start a session. Slow: run it in a thread.

        Raises OurFault access.link-used, access.password-weak (the link is not used up then).
        """
        user = self.invited(token, now)
        if user is None:
            raise OurFault("access.link-used")
        check_password(password, user.name)
        ticket = self.redeem(token, now, agent, address)
        if ticket is None:
            raise OurFault("access.link-used")
        self.set_password(user.name, password, now, by=user.name, keep=ticket.token)
        return ticket
