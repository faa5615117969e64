"""One-time links and sessions."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from advocacy.db.session import Transactions
from advocacy.errors import NotFound
from advocacy.people.models import SignInLink, WebSession
from advocacy.people.sign_in import (
    LINK_LIFETIME,
    LINKS_MAX,
    SESSION_LIFETIME,
    LinkSpent,
    forget_spent,
    link_owner,
    make_token,
    revoke_session,
    sessions_of,
    sign_in,
    sign_out,
    signed_in,
)
from tests.makers import NOW, make_employee


def _token(session: Session, **fields: object) -> str:
    token = make_token(session, make_employee(session, **fields), now=NOW)
    assert token is not None
    return token


def test_a_link_lets_its_owner_in(session: Session) -> None:
    """The session that follows belongs to the same person."""
    token = _token(session, name="Noor")

    employee, session_token = sign_in(session, token, browser="Firefox", now=NOW)

    assert employee.name == "Noor"
    assert signed_in(session, session_token, now=NOW) is employee


def test_looking_at_a_link_does_not_use_it(session: Session) -> None:
    """Mail scanners open every link; the person must still get in afterwards."""
    token = _token(session)

    link_owner(session, token, now=NOW)
    link_owner(session, token, now=NOW)

    sign_in(session, token, browser="", now=NOW)


def test_a_link_works_once(session: Session) -> None:
    """Whoever finds the mail later finds a dead link."""
    token = _token(session)
    sign_in(session, token, browser="", now=NOW)

    with pytest.raises(LinkSpent):
        sign_in(session, token, browser="", now=NOW)


def test_two_presses_at_once_make_one_session(transactions: Transactions) -> None:
    """A conditional UPDATE is the judge, not a read before it."""
    with transactions() as session:
        token = _token(session)
    barrier, outcomes = Barrier(2), []

    def press() -> None:
        barrier.wait()
        try:
            with transactions() as session:
                sign_in(session, token, browser="", now=NOW)
            outcomes.append("in")
        except LinkSpent:
            outcomes.append("spent")

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["in", "spent"]


def test_a_link_expires(session: Session) -> None:
    """Half an hour is enough to walk to one's mail."""
    token = _token(session)

    with pytest.raises(LinkSpent):
        sign_in(session, token, browser="", now=NOW + LINK_LIFETIME)


@pytest.mark.parametrize("token", ["", "x", "é" * 40, "a" * 5000, "%00"])
def test_a_guess_opens_nothing(session: Session, token: str) -> None:
    """Anything may stand in the address."""
    _token(session)

    with pytest.raises(LinkSpent):
        link_owner(session, token, now=NOW)


def test_the_tokens_themselves_are_not_kept(session: Session) -> None:
    """A stolen backup lets nobody in."""
    token = _token(session)
    _, session_token = sign_in(session, token, browser="", now=NOW)

    kept = [
        *session.scalars(select(SignInLink.token_hash)),
        *session.scalars(select(WebSession.token_hash)),
    ]

    assert all(
        secret not in hash_ for secret in (token, session_token) for hash_ in kept
    )


def test_asking_again_and_again_floods_nobody(session: Session) -> None:
    """Somebody else may type a colleague's address a hundred times."""
    employee = make_employee(session)

    made = [make_token(session, employee, now=NOW) for _ in range(LINKS_MAX + 3)]

    assert made.count(None) == 3


def test_who_left_cannot_sign_in(session: Session) -> None:
    """Also not with a link or a session from before."""
    token = _token(session)
    employee, session_token = sign_in(session, token, browser="", now=NOW)

    employee.left_at = NOW
    session.flush()

    assert signed_in(session, session_token, now=NOW) is None


def test_signing_out_closes_the_session(session: Session) -> None:
    """A copied cookie is worth nothing afterwards."""
    _, session_token = sign_in(session, _token(session), browser="", now=NOW)

    sign_out(session, session_token, now=NOW)

    assert signed_in(session, session_token, now=NOW) is None


def test_a_session_ends_by_itself(session: Session) -> None:
    """A forgotten browser does not stay open for ever."""
    _, session_token = sign_in(session, _token(session), browser="", now=NOW)

    assert signed_in(session, session_token, now=NOW + SESSION_LIFETIME) is None


def test_a_person_can_revoke_their_other_sessions(session: Session) -> None:
    """The phone that was lost, for instance."""
    employee, session_token = sign_in(
        session, _token(session), browser="Safari · iPhone", now=NOW
    )
    [phone] = sessions_of(session, employee, now=NOW)

    revoke_session(session, employee, phone.id, now=NOW)

    assert signed_in(session, session_token, now=NOW) is None


def test_nobody_revokes_a_session_of_another(session: Session) -> None:
    """A number in an address is no right."""
    employee, _ = sign_in(session, _token(session), browser="", now=NOW)
    [own] = sessions_of(session, employee, now=NOW)

    with pytest.raises(NotFound):
        revoke_session(session, make_employee(session), own.id, now=NOW)


def test_what_can_no_longer_be_used_is_deleted(session: Session) -> None:
    """Rows about people do not pile up."""
    used, _unused = _token(session), _token(session)
    sign_in(session, used, browser="", now=NOW)

    assert forget_spent(session, now=NOW) == 1
    assert forget_spent(session, now=NOW + timedelta(days=31)) == 2
