"""An alert is raised with its answer, belongs to somebody, and is ended by somebody."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.accounts import actions as accounts
from app.accounts.roles import Role
from app.kit.errors import Conflict, Forbidden, NotFound, Refused
from app.safety import actions, queries
from app.safety.kinds import AlertKind, AlertStep
from app.safety.tables import Alert
from tests.people import Somebody
from tests.statements import counted


@pytest.fixture
def lena(world):
    return world.staff("Lena Moss", Role.CLINICAL_LEAD)


def answer(who, source="phq-9:q9:1:first"):
    with who.working() as work:
        actions.raise_alert(work, patient=who.patient(), kind=AlertKind.RISK_ANSWER, source=source)


def open_alert(who, of):
    return queries.open_alert(who.work(), of.patient())


def history(who, of, alert_id=None):
    return queries.alert_history(who.work(), of.patient(), alert_id or open_alert(who, of).id)


def look(who, of):
    with who.working() as work:
        actions.mark_seen(work, patient=of.patient(), alert_id=open_alert(who, of).id)


def act(who, of, step, alert_id=None, **more):
    with who.working() as work:
        found = alert_id or open_alert(who, of).id
        actions.record_act(work, patient=of.patient(), alert_id=found, act=step, words="Spoke for six minutes.", **more)


def close(who, of):
    with who.working() as work:
        actions.close_alert(work, patient=of.patient(), alert_id=open_alert(who, of).id)


def steps(who, of, alert_id=None):
    return [event.step for event in history(who, of, alert_id).events]


def closed_after_answering(who, by, source):
    answer(who, f"phq-9:q9:1:{source}")
    who.world.clock.on(minutes=1)
    found = closed(by, who)
    who.world.clock.on(minutes=1)
    return found


def closed(who, of):
    """Look, act and close; the id of the alert."""
    found = open_alert(who, of).id
    look(who, of)
    act(who, of, AlertStep.CONTACTED)
    close(who, of)
    return found


def test_the_same_answer_raises_once(ash, robin):
    answer(ash)
    answer(ash)

    assert steps(robin, ash) == [AlertStep.RAISED]


def test_another_answer_is_added_to_the_alert_that_is_open(ash, robin):
    answer(ash)
    ash.world.clock.on(minutes=5)
    answer(ash, "phq-9:q9:2:first")

    assert steps(robin, ash) == [AlertStep.RAISED, AlertStep.ANSWERED_AGAIN]
    assert [event.source for event in history(robin, ash).answers] == ["phq-9:q9:2:first", "phq-9:q9:1:first"]


def test_a_new_answer_after_closing_opens_a_new_alert(ash, robin):
    answer(ash)
    first = closed(robin, ash)
    answer(ash, "phq-9:q9:1:second")

    assert open_alert(robin, ash).id != first
    assert steps(robin, ash, first)[-1] is AlertStep.CLOSED


def test_the_same_answer_sent_after_its_alert_was_closed_raises_nothing_new(ash, robin):
    answer(ash)
    closed(robin, ash)

    answer(ash)

    assert open_alert(robin, ash) is None


def test_an_alert_is_seen_once_by_each_person_and_again_after_a_new_answer(ash, robin, lena):
    answer(ash)
    for who in (robin, robin, lena):
        look(who, ash)
    assert steps(robin, ash) == [AlertStep.RAISED, AlertStep.SEEN, AlertStep.SEEN]

    ash.world.clock.on(minutes=5)
    answer(ash, "phq-9:q9:2:first")
    assert open_alert(robin, ash).last_step is AlertStep.ANSWERED_AGAIN
    look(robin, ash)
    assert steps(robin, ash)[-2:] == [AlertStep.ANSWERED_AGAIN, AlertStep.SEEN]


def test_two_colleagues_of_one_name_are_two_people(ash, robin):
    with robin.world.founding() as work:
        person = accounts.add_staff(
            work,
            given_name="Robin",
            family_name="Hale",
            email="other@robins.example.org",
            staff_roles=[Role.CLINICAL_LEAD],
        )
    twin = Somebody(robin.world, person, Role.CLINICAL_LEAD)
    answer(ash)
    look(robin, ash)
    assert not history(twin, ash).seen_by(twin.id)

    look(twin, ash)

    assert steps(robin, ash) == [AlertStep.RAISED, AlertStep.SEEN, AlertStep.SEEN]


def test_somebody_looking_does_not_hide_when_the_patient_is_to_be_tried_again(ash, robin, lena):
    answer(ash)
    next_at = ash.world.clock.now + timedelta(minutes=30)
    act(robin, ash, AlertStep.COULD_NOT_REACH, next_at=next_at)
    ash.world.clock.on(minutes=1)
    look(lena, ash)

    shown = open_alert(robin, ash)
    assert (shown.last_step, shown.last_by, shown.next_at) == (AlertStep.COULD_NOT_REACH, "Robin Hale", next_at)


@pytest.mark.parametrize("step", [AlertStep.CONTACTED, AlertStep.HANDED_OVER, AlertStep.KNOWN_AND_REVIEWED])
def test_each_act_is_kept_with_its_words_and_leaves_the_alert_open(ash, robin, step):
    answer(ash)

    act(robin, ash, step)

    last = history(robin, ash).events[-1]
    assert (last.step, last.by, last.words) == (step, "Robin Hale", "Spoke for six minutes.")


@pytest.mark.parametrize("step", [AlertStep.RAISED, AlertStep.SEEN, AlertStep.CLOSED])
def test_what_is_no_act_of_staff_cannot_be_recorded_as_one(ash, robin, step):
    answer(ash)

    with pytest.raises(NotFound):
        act(robin, ash, step)


def test_not_reaching_somebody_needs_a_next_time_and_cannot_close(ash, robin):
    answer(ash)
    look(robin, ash)

    with pytest.raises(Refused, match="stays open"):
        act(robin, ash, AlertStep.COULD_NOT_REACH)
    act(robin, ash, AlertStep.COULD_NOT_REACH, next_at=ash.world.clock.now)
    with pytest.raises(Refused, match="stays open"):
        close(robin, ash)

    assert steps(robin, ash) == [AlertStep.RAISED, AlertStep.SEEN, AlertStep.COULD_NOT_REACH]


def test_nobody_closes_an_alert_about_which_nothing_was_done(ash, robin):
    answer(ash)
    look(robin, ash)

    with pytest.raises(Refused, match="stays open"):
        close(robin, ash)


def test_a_closed_alert_takes_nothing_more(ash, robin):
    answer(ash)
    found = closed(robin, ash)

    with pytest.raises(actions.AlreadyClosed):
        act(robin, ash, AlertStep.CONTACTED, alert_id=found)

    assert steps(robin, ash, found) == [AlertStep.RAISED, AlertStep.SEEN, AlertStep.CONTACTED, AlertStep.CLOSED]


def test_nobody_closes_over_an_answer_they_have_not_read(ash, robin):
    answer(ash)
    look(robin, ash)
    ash.world.clock.on(minutes=5)
    answer(ash, "phq-9:q9:3:first")

    act(robin, ash, AlertStep.CONTACTED)
    with pytest.raises(Conflict, match="newer answer"):
        close(robin, ash)

    assert open_alert(robin, ash) is not None


def test_an_answer_whose_moment_is_before_the_look_but_which_came_after_it_was_not_seen(ash, robin):
    answer(ash)
    moment = ash.world.clock.now
    ash.world.clock.on(seconds=40)
    look(robin, ash)
    # The patient's request began before the look, and its body arrived after it.
    ash.world.clock.now = moment + timedelta(seconds=5)
    answer(ash, "phq-9:q9:3:first")
    ash.world.clock.on(minutes=5)

    assert not history(robin, ash).seen_by(robin.id)
    assert history(robin, ash).answers[0].source == "phq-9:q9:3:first"
    act(robin, ash, AlertStep.CONTACTED)
    with pytest.raises(Conflict, match="newer answer"):
        close(robin, ash)


def test_an_alert_goes_with_the_patient_and_never_stays_with_somebody_who_left(ash, robin, lena):
    answer(ash)
    assert open_alert(lena, ash).owner == "Robin Hale"
    sam = ash.world.staff("Sam Reed")

    with lena.working() as work:
        accounts.reassign(work, patient_id=ash.id, practitioner_id=sam.id)
    assert (open_alert(lena, ash).owner_id, history(lena, ash).owner) == (sam.id, "Sam Reed")

    with lena.working() as work:
        accounts.deactivate(work, person_id=sam.id)
    left = open_alert(lena, ash)
    assert (left.owner, left.owned.because) == ("Lena Moss", "Sam Reed no longer works here")


def test_every_open_alert_comes_the_longest_waiting_first(ash, robin, lena):
    noor = ash.world.patient("Noor Ali", of=robin)
    far = ash.world.patient("Kit Lowe", of=ash.world.staff("Sam Reed"))
    for who in (noor, far, ash):
        answer(who, f"phq-9:q9:1:{who.id}")
        ash.world.clock.on(minutes=1)

    assert [a.patient_id for a in queries.every_open_alert(lena.work())] == [noor.id, far.id, ash.id]


def test_all_that_happened_about_alerts_is_read_in_one_statement_however_many_there_were(ash, robin, bind):
    first = closed_after_answering(ash, robin, "first")
    second = closed_after_answering(ash, robin, "second")
    work = robin.work()
    assert work.service_id

    with counted(bind) as sent:
        told = queries.alert_events(work, ash.patient())

    assert list(dict.fromkeys(page.rpartition("/")[2] for page, _ in told)) == [str(first), str(second)]
    assert [event.step for _, event in told].count(AlertStep.CLOSED) == 2
    assert len([one for one in sent if "alert_event" in one]) == 1


def test_only_whoever_may_handle_alerts_acts_on_one(ash, robin):
    answer(ash)
    found = open_alert(robin, ash).id

    for role in (Role.NAVIGATOR, Role.SERVICE_ADMIN, Role.RESEARCHER):
        with pytest.raises(Forbidden):
            act(ash.world.staff(f"Some {role.value.title()}", role), ash, AlertStep.CONTACTED, alert_id=found)
    with pytest.raises(Forbidden):
        act(ash, ash, AlertStep.CONTACTED, alert_id=found)


def test_an_alert_is_found_only_under_its_own_patient(ash, robin):
    noor = ash.world.patient("Noor Ali", of=robin)
    answer(ash)
    found = open_alert(robin, ash).id

    assert queries.alert_history(robin.work(), noor.patient(), found) is None
    with pytest.raises(NotFound):
        act(robin, noor, AlertStep.CONTACTED, alert_id=found)


def test_what_staff_wrote_is_unreadable_in_the_database(ash, robin, bind):
    answer(ash)
    act(robin, ash, AlertStep.CONTACTED)

    kept = robin.work().session.execute(sa.text("select words from alert_event where step = 'contacted'")).scalars()
    assert all(b"Spoke" not in bytes(words) for words in kept)
    assert robin.work().session.execute(sa.select(Alert.id).where(Alert.patient_id == ash.id)).scalar_one()


def test_the_audit_has_the_id_of_the_answer_and_not_the_answer(ash, robin):
    answer(ash)

    with robin.world.founding() as work:
        kept = work.session.execute(
            sa.text("select body from audit_entry where event = 'safety.alert-raised'")
        ).scalar_one()
    assert "q9" not in kept and "phq" not in kept
    assert str(history(robin, ash).events[0].id) in kept
