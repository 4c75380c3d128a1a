"""Answers are stored once and whole, and an answer to a risk item never without its alert."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.accounts import access
from app.kit import drafts
from app.kit.errors import NotFound
from app.questionnaires import actions, sitting_actions
from app.safety import queries as safety
from app.safety.tables import Alert, AlertEvent, AlertStep
from tests.people import World
from tests.questionnaires.answers import RISK, given, phq_9, record_of, send, totalling


@pytest.fixture
def phq(library):
    return library.instruments["phq-9"]


def events(who):
    """What happened about the patient's alerts, oldest first."""
    with who.working() as work:
        rows = work.session.execute(
            sa.select(AlertEvent.step)
            .join(Alert, sa.and_(Alert.service_id == AlertEvent.service_id, Alert.id == AlertEvent.alert_id))
            .where(Alert.patient_id == who.id)
            .order_by(AlertEvent.at)
        )
        return list(rows.scalars())


def open_alert(of):
    with of.working() as work:
        return safety.open_alert(work, record_of(work, of))


def draft(who, phq):
    with who.working() as work:
        return drafts.kept(work, form=actions.form_name(phq))


def keep(who, phq, answers, response_id):
    with who.working() as work:
        return actions.keep_draft(
            work, patient=record_of(work, who), instrument=phq, answers=answers, response_id=response_id
        )


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
    with pytest.raises(sitting_actions.Unfinished):
        send(ash, library, {"q1": 3, "q2": 3})

    assert given(ash) == []


def test_the_same_form_sent_twice_is_stored_once(ash, library, phq):
    response_id = uuid4()
    send(ash, library, totalling(12), response_id=response_id)

    again = send(ash, library, totalling(12), response_id=response_id)

    assert again.id == response_id
    assert len(given(ash)) == 1


def test_a_second_click_while_the_first_is_still_being_stored_finds_its_result(engine, library, phq):
    jo = World(engine).patient("Jo Marsh")
    response_id = uuid4()

    with ThreadPoolExecutor(1) as elsewhere:
        with jo.working() as work:
            actions.submit(
                work, patient=record_of(work, jo), instrument=phq, answers=totalling(12), response_id=response_id
            )
            second = elsewhere.submit(send, jo, library, totalling(12), response_id=response_id)
            assert wait([second], timeout=0.3).not_done
        assert second.result().id == response_id

    assert len(given(jo)) == 1


def test_a_form_sent_while_its_autosave_is_still_under_way_is_stored_and_told_once(engine, library, phq):
    jo = World(engine).patient("Jo Marsh")
    response_id = uuid4()

    with ThreadPoolExecutor(1) as elsewhere:
        with jo.working() as work:
            actions.keep_draft(work, patient=record_of(work, jo), instrument=phq, answers=RISK, response_id=response_id)
            sent = elsewhere.submit(send, jo, library, RISK, response_id=response_id)
            assert wait([sent], timeout=0.3).not_done
        assert sent.result().id == response_id

    assert events(jo) == [AlertStep.RAISED]
    assert draft(jo, phq) is None


def test_a_risk_answer_raises_its_alert_with_the_practitioner_as_soon_as_the_draft_is_kept(ash, phq):
    keep(ash, phq, {"q9": 1}, uuid4())

    assert open_alert(ash).owner == "Robin Hale"
    assert draft(ash, phq).values["answers"] == {"q9": 1}
    assert given(ash) == []


def test_no_answer_of_zero_raises_an_alert_whatever_the_total(ash, library):
    send(ash, library, phq_9(3, 3, 3, 3, 3, 3, 3, 3, 0))

    assert open_alert(ash) is None


@pytest.mark.parametrize("points", [1, 2, 3])
def test_every_answer_above_zero_raises_an_alert_however_low_the_total(ash, library, points):
    send(ash, library, phq_9(0, 0, 0, 0, 0, 0, 0, 0, points))

    assert open_alert(ash) is not None


def test_a_risk_answer_kept_as_a_draft_and_then_sent_is_one_answer(ash, library, phq):
    response_id, answers = uuid4(), RISK
    keep(ash, phq, {"q9": 1}, response_id)

    send(ash, library, answers, response_id=response_id)

    assert events(ash) == [AlertStep.RAISED]


def test_a_risk_answer_changed_before_sending_is_told_as_well(ash, library, phq):
    response_id = uuid4()
    keep(ash, phq, {"q9": 1}, response_id)
    ash.world.clock.on(minutes=2)

    send(ash, library, phq_9(0, 0, 0, 0, 0, 0, 0, 0, 3), response_id=response_id)

    assert events(ash) == [AlertStep.RAISED, AlertStep.ANSWERED_AGAIN]


def test_a_risk_answer_added_to_a_form_already_sent_is_told_although_the_first_result_stands(ash, library, phq):
    response_id = uuid4()
    send(ash, library, totalling(4), response_id=response_id)

    send(ash, library, RISK, response_id=response_id)

    assert [one.total for one in given(ash)] == [4]
    assert events(ash) == [AlertStep.RAISED]


def test_when_the_transaction_fails_after_the_alert_there_is_neither_draft_nor_alert(ash, phq):
    with pytest.raises(ZeroDivisionError), ash.working() as work:
        patient = record_of(work, ash)
        actions.keep_draft(work, patient=patient, instrument=phq, answers={"q9": 3}, response_id=uuid4())
        assert safety.open_alert(work, patient) is not None
        raise ZeroDivisionError

    assert open_alert(ash) is None
    assert events(ash) == []
    assert draft(ash, phq) is None


def test_when_sending_fails_after_the_alert_there_is_neither_response_nor_alert(ash, phq):
    with pytest.raises(ZeroDivisionError), ash.working() as work:
        patient = record_of(work, ash)
        actions.submit(work, patient=patient, instrument=phq, answers=RISK, response_id=uuid4())
        assert safety.open_alert(work, patient) is not None
        raise ZeroDivisionError

    assert open_alert(ash) is None
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


def test_somebody_whose_course_has_ended_can_neither_send_nor_keep_a_draft(ash, phq):
    with ash.working() as work:
        work.actor = replace(work.actor, may=work.actor.may - access.AFTER_DISCHARGE)
        patient = record_of(work, ash)
        with pytest.raises(actions.CourseEnded):
            actions.submit(work, patient=patient, instrument=phq, answers=RISK, response_id=uuid4())
        with pytest.raises(actions.CourseEnded):
            actions.keep_draft(work, patient=patient, instrument=phq, answers=RISK, response_id=uuid4())

    assert given(ash) == []
    assert draft(ash, phq) is None
