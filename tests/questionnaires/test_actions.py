"""Answers are stored once and whole, and an answer to a risk item never without its alert."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.accounts.tables import PatientRecord
from app.kit import db, drafts
from app.kit.errors import NotFound
from app.questionnaires import actions, queries
from app.questionnaires.tables import Response
from app.safety import queries as safety
from app.safety.tables import Alert, AlertEvent, AlertStep
from tests.people import World
from tests.questionnaires.answers import phq_9, send, totalling


@pytest.fixture
def phq(library):
    return library.instruments["phq-9"]


def events(who):
    """What happened about the patient's alerts, oldest first."""
    rows = who.work().session.execute(
        sa.select(AlertEvent.step, AlertEvent.source)
        .join(Alert, sa.and_(Alert.service_id == AlertEvent.service_id, Alert.id == AlertEvent.alert_id))
        .where(Alert.service_id == who.world.service_id, Alert.patient_id == who.id)
        .order_by(AlertEvent.at)
    )
    return [tuple(row) for row in rows]


def given(who):
    return queries.answered(who.work(), who.patient())


def draft(who, phq):
    return drafts.kept(who.work(), form=actions.form_name(phq))


def keep(who, phq, answers, response_id):
    with who.working() as work:
        return actions.keep_draft(work, patient=who.patient(), instrument=phq, answers=answers, response_id=response_id)


def test_sending_a_questionnaire_stores_the_answers_with_their_total_and_band(ash, library):
    send(ash, library, totalling(12))

    (stored,) = given(ash)
    assert (stored.instrument, stored.total, stored.band) == ("phq-9", 12, "Moderate")
    assert stored.answers == totalling(12)


def test_a_total_of_zero_is_a_score(ash, library):
    send(ash, library, phq_9(*[0] * 9))

    assert [(one.total, one.band) for one in given(ash)] == [(0, "Minimal")]


def test_the_difficulty_question_is_kept_and_never_added_up(ash, library):
    send(ash, library, totalling(4) | {"difficulty": 3})

    assert given(ash)[0].total == 4
    assert given(ash)[0].answers["difficulty"] == 3


def test_a_part_of_a_questionnaire_is_never_stored_as_sent(ash, library):
    with pytest.raises(actions.Unfinished):
        send(ash, library, {"q1": 3, "q2": 3})

    assert given(ash) == []


def test_the_same_form_sent_twice_is_stored_once(ash, library, phq):
    response_id = uuid4()
    send(ash, library, totalling(12), response_id=response_id)

    again = send(ash, library, totalling(12), response_id=response_id)

    assert again.id == response_id
    assert len(given(ash)) == 1


def test_two_clicks_at_the_same_moment_store_one_questionnaire_and_one_alert(engine, library):
    world = World(engine)
    jo = world.patient("Jo Marsh")
    response_id = uuid4()

    with ThreadPoolExecutor(2) as clicks:
        both = [
            clicks.submit(send, jo, library, phq_9(3, 3, 3, 3, 3, 3, 3, 3, 1), response_id=response_id)
            for _ in range(2)
        ]

    assert [click.result().id for click in both] == [response_id, response_id]
    assert len(given(jo)) == 1
    assert [step for step, _ in events(jo)] == [AlertStep.RAISED]
    world.close()


def test_an_autosave_under_way_while_the_form_is_sent_loses_neither(engine, library):
    world = World(engine)
    jo = world.patient("Jo Marsh")
    phq, response_id, answers = library.instruments["phq-9"], uuid4(), phq_9(0, 0, 0, 0, 0, 0, 0, 0, 2)

    with ThreadPoolExecutor(2) as tabs:
        saved = tabs.submit(keep, jo, phq, answers, response_id)
        sent = tabs.submit(send, jo, library, answers, response_id=response_id)
        saved.result(), sent.result()

    assert len(given(jo)) == 1
    assert [step for step, _ in events(jo)] == [AlertStep.RAISED]
    assert draft(jo, phq) is None
    world.close()


def test_a_risk_answer_raises_its_alert_as_soon_as_the_draft_is_kept(ash, robin, phq):
    keep(ash, phq, {"q9": 1}, uuid4())

    alert = safety.open_alert(robin.work(), ash.patient())
    assert alert is not None
    assert alert.owner == "Robin Hale"
    assert draft(ash, phq).values["answers"] == {"q9": 1}
    assert given(ash) == []


def test_no_answer_of_zero_raises_an_alert_whatever_the_total(ash, robin, library):
    send(ash, library, phq_9(3, 3, 3, 3, 3, 3, 3, 3, 0))

    assert safety.open_alert(robin.work(), ash.patient()) is None


@pytest.mark.parametrize("points", [1, 2, 3])
def test_every_answer_above_zero_raises_an_alert_however_low_the_total(ash, robin, library, points):
    send(ash, library, phq_9(0, 0, 0, 0, 0, 0, 0, 0, points))

    assert safety.open_alert(robin.work(), ash.patient()) is not None


def test_a_risk_answer_kept_as_a_draft_and_then_sent_is_one_answer(ash, library, phq):
    response_id, answers = uuid4(), phq_9(0, 0, 0, 0, 0, 0, 0, 0, 1)
    keep(ash, phq, {"q9": 1}, response_id)

    send(ash, library, answers, response_id=response_id)

    assert [step for step, _ in events(ash)] == [AlertStep.RAISED]


def test_a_risk_answer_changed_before_sending_is_told_as_well(ash, library, phq):
    response_id = uuid4()
    keep(ash, phq, {"q9": 1}, response_id)
    ash.world.clock.on(minutes=2)

    send(ash, library, phq_9(0, 0, 0, 0, 0, 0, 0, 0, 3), response_id=response_id)

    assert [step for step, _ in events(ash)] == [AlertStep.RAISED, AlertStep.ANSWERED_AGAIN]


def test_a_risk_answer_added_to_a_form_already_sent_is_told_although_the_first_result_stands(ash, library, phq):
    response_id = uuid4()
    send(ash, library, totalling(4), response_id=response_id)

    send(ash, library, phq_9(0, 0, 0, 0, 0, 0, 0, 0, 1), response_id=response_id)

    assert [one.total for one in given(ash)] == [4]
    assert [step for step, _ in events(ash)] == [AlertStep.RAISED]


def test_when_the_transaction_fails_after_the_alert_there_is_neither_answer_nor_alert(ash, robin, phq):
    with pytest.raises(ZeroDivisionError), ash.working() as work:
        actions.keep_draft(work, patient=ash.patient(), instrument=phq, answers={"q9": 3}, response_id=uuid4())
        assert safety.open_alert(work, ash.patient()) is not None
        raise ZeroDivisionError

    assert safety.open_alert(robin.work(), ash.patient()) is None
    assert events(ash) == []
    assert draft(ash, phq) is None


def test_when_sending_fails_after_the_alert_there_is_neither_response_nor_alert(ash, robin, phq):
    with pytest.raises(ZeroDivisionError), ash.working() as work:
        actions.submit(
            work,
            patient=ash.patient(),
            instrument=phq,
            answers=phq_9(0, 0, 0, 0, 0, 0, 0, 0, 1),
            response_id=uuid4(),
        )
        assert safety.open_alert(work, ash.patient()) is not None
        raise ZeroDivisionError

    assert safety.open_alert(robin.work(), ash.patient()) is None
    assert given(ash) == []


def test_sending_drops_the_draft_and_a_late_autosave_does_not_bring_it_back(ash, library, phq):
    response_id = uuid4()
    keep(ash, phq, {"q1": 2}, response_id)
    send(ash, library, totalling(12), response_id=response_id)

    late = keep(ash, phq, {"q1": 2}, response_id)

    assert late is None
    assert draft(ash, phq) is None


def test_an_id_that_is_somebody_elses_response_is_not_found(world, ash, robin, library):
    theirs = send(world.patient("Kit Rowe", of=robin), library, totalling(9))

    with pytest.raises(NotFound):
        send(ash, library, totalling(3), response_id=theirs.id)

    assert given(ash) == []


def test_after_discharge_nothing_can_be_sent(world, ash, library, phq):
    with world.founding() as work:
        work.session.execute(sa.update(PatientRecord).where(PatientRecord.id == ash.id).values(discharged_at=work.now))
        work.record("patient.discharged", patient=ash.id)
    before = ash.actor()

    with pytest.raises(actions.CourseEnded), db.transaction(world.bind, world.service_id) as session:
        ended = ash.work()
        ended.session, ended.actor = (
            session,
            type(before)(before.id, before.name, before.role, before.zone, before.may - {"submit-questionnaire"}),
        )
        actions.submit(ended, patient=ash.patient(), instrument=phq, answers=totalling(3), response_id=uuid4())

    assert ash.work().session.execute(sa.select(sa.func.count()).select_from(Response)).scalar_one() == 0
