"""A service begins for real: `braid new-service` invites two people, who invite the rest."""

import pytest
import sqlalchemy as sa

from app.accounts import directory
from app.accounts.roles import Role
from app.accounts.tables import Service, SignInLink
from app.demo import founding
from app.demo.founding import Unfounded
from app.kit import db
from app.kit.errors import Conflict
from app.kit.work import SYSTEM, Work
from tests.people import START

FIRST = (
    founding.newcomer("Helen Marsh <helen.marsh@example.org>", Role.SERVICE_ADMIN),
    founding.newcomer("Anjali Devi Menon <Anjali.Menon@example.org>", Role.CLINICAL_LEAD),
)


def begin(bind, **said):
    given = {"slug": "fenwick", "name": "Fenwick Talking Therapies", "people": FIRST, "now": START, **said}
    return founding.found(bind, **given)


def test_a_new_service_has_its_first_two_people_and_their_invitations(bind):
    service_id = begin(bind)

    with db.session_for(bind, service_id) as session:
        work = Work(session, service_id, SYSTEM, START)
        staff = {(one.name, *one.roles) for one in directory.staff(work)}
        links = session.execute(sa.select(SignInLink.used_at)).scalars().all()
    assert staff == {("Helen Marsh", Role.SERVICE_ADMIN), ("Anjali Devi Menon", Role.CLINICAL_LEAD)}
    assert links == [None, None]


def test_a_short_name_is_given_once(bind):
    begin(bind)

    with pytest.raises(Conflict, match="fenwick"):
        begin(bind, name="Another Fenwick")


@pytest.mark.parametrize("slug", ["Fenwick", "fen wick", "-fen", "", "f" * 61])
def test_a_short_name_that_could_not_stand_in_an_address_is_refused(bind, slug):
    with pytest.raises(Unfounded, match="short name"):
        begin(bind, slug=slug)


def test_a_zone_that_is_none_is_refused(bind):
    with pytest.raises(Unfounded, match="Europe/Londn"):
        begin(bind, zone="Europe/Londn")


def test_nothing_is_kept_of_a_service_that_could_not_begin(bind):
    twice = (FIRST[0], FIRST[0])

    with pytest.raises(Conflict):
        begin(bind, people=twice)

    assert not founding.is_founded(bind, "fenwick")
    with db.session_for(bind, None) as session:
        assert session.execute(sa.select(Service).where(Service.slug == "fenwick")).first() is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("helen.marsh@example.org", "first name"),
        ("Helen <helen.marsh@example.org>", "first name"),
        ("Helen Marsh", "first name"),
        ("Helen Marsh <helen.marsh>", "not an e-mail address"),
    ],
)
def test_somebody_without_a_whole_name_and_address_is_refused(text, why):
    with pytest.raises(Unfounded, match=why):
        founding.newcomer(text, Role.SERVICE_ADMIN)
