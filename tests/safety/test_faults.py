"""Whatever statement fails, and wherever the connection breaks: never an answer above zero without its alert."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app.clinical.instruments import Respondent
from app.kit import db, drafts, wire
from app.kit.work import Work
from app.questionnaires import actions, taking_actions
from app.questionnaires.kinds import Way
from app.questionnaires.sitting_actions import Given
from app.questionnaires.tables import Response
from app.questionnaires.taking_actions import Taking
from app.safety.tables import AlertEvent
from tests.conftest import at
from tests.people import Somebody, World
from tests.questionnaires.answers import RISK, record_of


class Fault:
    """The n-th statement asked of the database fails, the commit among them."""

    def __init__(self) -> None:
        self.at, self.asked, self.breaks = 0, 0, False

    def strikes(self) -> bool:
        self.asked += 1
        return self.asked == self.at


@pytest.fixture
def faulty(engine: sa.Engine, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[sa.Engine, Fault]]:
    """An engine of its own, on which a statement can be made to fail, as an error or as a lost connection."""
    fault = Fault()

    class Striking(psycopg.Cursor[Any]):
        def execute(self, query: Any, *given: Any, **how: Any) -> "Striking":
            if fault.strikes():
                if fault.breaks:
                    self.connection.close()
                raise psycopg.OperationalError("this statement failed")
            super().execute(query, *given, **how)
            return self

    made = db.connect(at(os.environ["BRAID_TEST_APP"], database), pool_size=1)

    @event.listens_for(made, "connect")
    def strike(connection: psycopg.Connection[Any], record: object) -> None:
        connection.cursor_factory = Striking
        mine.add(connection)

    ask = wire.Wire.ask

    def striking(self: wire.Wire, *asked: wire.Asked) -> list[list[Any]]:
        """Of what goes in one message, what stands before the fault is done, as the server would have it."""
        place = next((n for n, _ in enumerate(asked) if fault.strikes()), None) if self.driver in mine else None
        if place is None:
            return ask(self, *asked)
        if place:
            ask(self, *asked[:place])
        if fault.breaks:
            self.driver.close()
        raise psycopg.OperationalError("this statement failed")

    mine: set[Any] = set()
    monkeypatch.setattr(wire.Wire, "ask", striking)
    yield made, fault
    made.dispose()


@contextmanager
def nothing_else(fault: Fault, number: int, *, breaks: bool) -> Iterator[None]:
    fault.at, fault.asked, fault.breaks = number, 0, breaks
    try:
        yield
    finally:
        fault.at = 0


def above_zero(jo: Somebody, who: Somebody) -> set[UUID]:
    """Every answer above zero of a patient kept, as sent or as a draft of whoever acts, by the id of its form."""
    with who.working() as work:
        rows = work.session.execute(sa.select(Response).where(Response.patient_id == jo.id)).scalars()
        kept = {row.id for row in rows if row.answers.get("q9")}
        begun = drafts.kept_under(work, prefix="").values()
    return kept | {UUID(draft.values["response_id"]) for draft in begun if draft.values["answers"].get("q9")}


def told(jo: Somebody) -> set[UUID]:
    """Of which forms an answer raised an alert, or was added to one."""
    with jo.working() as work:
        sources = work.session.execute(
            sa.select(AlertEvent.source).where(AlertEvent.by_id == jo.id, AlertEvent.source != "")
        ).scalars()
        return {UUID(source.rpartition(":")[2]) for source in sources}


def one_by_one(work: Work, *, patient: Any, instrument: Any, answers: Any, response_id: UUID) -> None:
    """The ninth question by itself, as it is asked one at a time."""
    given = Given({"q9": answers["q9"]})
    actions.keep_answer(work, patient=patient, instrument=instrument, key="q9", given=given, response_id=response_id)


def by_phone(act: Any) -> Any:
    """Taken down by the practitioner as the patient says it."""

    def taken(work: Work, *, patient: Any, instrument: Any, answers: Any, response_id: UUID) -> None:
        taking = Taking(instrument, Respondent.PATIENT)
        act(work, patient=patient, taking=taking, given=Given(answers), way=Way.PHONE, response_id=response_id)

    return taken


def until_it_works(
    jo: Somebody, who: Somebody, broken: World, fault: Fault, library: Any, act: Any, *, breaks: bool
) -> int:
    """Do something again and again, its first, second, third ... statement failing; returns how many there are."""
    phq, number = library.instruments["phq-9"], 0
    with jo.working() as work:
        patient = record_of(work, jo)
    # Through the engine that can fail, and looked at through the one that cannot.
    mine = Somebody(broken, who.person, who.role)
    while True:
        number += 1
        response_id = uuid4()
        with nothing_else(fault, number, breaks=breaks):
            try:
                with mine.working() as work:
                    act(work, patient=patient, instrument=phq, answers=RISK, response_id=response_id)
                done = True
            except (sa.exc.DBAPIError, psycopg.OperationalError):
                done = False
        kept, heard = above_zero(jo, who), told(jo)
        assert kept <= heard, f"an answer without its alert after statement {number}"
        assert (response_id in kept) is done
        if done:
            assert response_id in heard
            return number - 1


WAYS_IN = {
    "sent": (actions.submit, "patient"),
    "kept-as-a-draft": (actions.keep_draft, "patient"),
    "one-question-at-a-time": (one_by_one, "patient"),
    "taken-by-phone": (by_phone(taking_actions.record), "staff"),
    "begun-by-phone": (by_phone(taking_actions.keep_draft), "staff"),
}


@pytest.mark.parametrize(("act", "by"), WAYS_IN.values(), ids=WAYS_IN)
@pytest.mark.parametrize("breaks", [False, True], ids=["an-error", "a-lost-connection"])
def test_no_answer_above_zero_is_ever_without_its_alert_whichever_statement_fails(
    engine, faulty, library, act, by, breaks
):
    working = World(engine)
    robin = working.staff("Robin Hale")
    jo = working.patient("Jo Marsh", of=robin)
    who = jo if by == "patient" else robin
    made, fault = faulty
    broken = copy(working)
    broken.bind = made

    statements = until_it_works(jo, who, broken, fault, library, act, breaks=breaks)

    # Fewer would mean that not every statement passes here.
    assert statements > 10
