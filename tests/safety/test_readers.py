"""Whoever is to read an alert is told with it, and those above are told where nobody looks or somebody left."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.accounts import actions as accounts
from app.accounts.roles import Role
from app.notifications.tables import Outbox
from app.safety import actions, duty_actions, jobs, queries
from app.safety.kinds import AlertKind, AlertStep


def answer(who, source="phq-9:q9:1:first"):
    with who.working() as work:
        actions.raise_alert(work, patient=who.patient(), kind=AlertKind.RISK_ANSWER, source=source)


def letters(world):
    """Who has a letter that there is something new, and the letters' words."""
    with world.founding() as work:
        found = work.session.execute(sa.select(Outbox).where(Outbox.kind == "something-new")).scalars().all()
        return sorted(row.person_id for row in found), " ".join(f"{row.subject} {row.body}" for row in found)


def climb(world):
    return jobs.climb(world.bind, world.service_id, clock=world.clock)


def history(who, of):
    return queries.alert_history(who.work(), of.patient(), queries.open_alert(who.work(), of.patient()).id)


def look(who, of):
    with who.working() as work:
        actions.mark_seen(work, patient=of.patient(), alert_id=queries.open_alert(work, of.patient()).id)


def act(who, of, step, **more):
    with who.working() as work:
        alert = queries.open_alert(who.work(), of.patient())
        actions.record_act(work, patient=of.patient(), alert_id=alert.id, act=step, words="Left a message.", **more)


def on_duty(world, who, hours=8):
    with world.founding() as work:
        until = work.now + timedelta(hours=hours)
        duty_actions.put_on_duty(work, person_id=who.id, from_at=work.now, until_at=until)


def above(world, robin):
    """A supervisor of Robin's and a clinical lead, and two who stand above nobody here."""
    sue, lena = world.staff("Sue Ng", Role.SUPERVISOR), world.staff("Lena Moss", Role.CLINICAL_LEAD)
    world.staff("Ola Berg", Role.SUPERVISOR)
    world.staff("Sam Reed")
    with world.founding() as work:
        accounts.supervise(work, supervisor_id=sue.id, practitioner_id=robin.id)
    return sue, lena


def leave(world, who):
    with world.founding() as work:
        accounts.deactivate(work, person_id=who.id)


def test_the_practitioner_has_a_letter_with_the_answer_and_it_says_nothing_of_it(ash, robin, world):
    above(world, robin)
    answer(ash)

    told, words = letters(world)

    assert told == [robin.id]
    assert "Ash" not in words and "alert" not in words.casefold() and "PHQ" not in words
    assert "Sign in to see it." in words


def test_the_letter_and_the_answer_are_one_transaction(ash, robin, world):
    try:
        with ash.working() as work:
            actions.raise_alert(work, patient=ash.patient(), kind=AlertKind.RISK_ANSWER, source="phq-9:q9:1:first")
            raise RuntimeError
    except RuntimeError:
        pass

    assert letters(world)[0] == []


def test_answers_kept_within_one_minute_are_one_letter(ash, robin, world):
    for points in (1, 2, 3):
        answer(ash, f"phq-9:q9:{points}:first")

    assert letters(world)[0] == [robin.id]


def test_where_the_practitioner_left_their_supervisor_is_told_of_an_answer(ash, robin, world):
    sue, _ = above(world, robin)
    leave(world, robin)

    answer(ash)

    assert letters(world)[0] == [sue.id]


def test_an_alert_nobody_looked_at_climbs_step_by_step_and_each_step_once(ash, robin, world):
    sue, lena = above(world, robin)
    sam = world.staff("Sam Reed")
    on_duty(world, sam)
    answer(ash)
    told = []
    for minutes in (29, 1, 29, 1, 59, 1, 600):
        world.clock.on(minutes=minutes)
        told.append((climb(world), climb(world)))

    assert told == [(0, 0), (1, 0), (0, 0), (1, 0), (0, 0), (1, 0), (0, 0)]
    assert letters(world)[0] == sorted([robin.id, sam.id, sue.id, lena.id])
    climbed = [one for one in history(lena, ash).events if one.step is AlertStep.CLIMBED]
    assert [one.words for one in climbed] == [
        "Nobody had looked at it in time. Told: Sam Reed.",
        "Nobody had looked at it in time. Told: Sue Ng.",
        "Nobody had looked at it in time. Told: Lena Moss.",
    ]


def test_where_nobody_is_on_duty_the_supervisor_is_told_instead(ash, robin, world):
    sue, _ = above(world, robin)
    answer(ash)
    world.clock.on(minutes=30)

    assert climb(world) == 1

    assert letters(world)[0] == sorted([robin.id, sue.id])


def test_after_a_standstill_the_right_level_is_told_and_the_history_says_who_was_not(ash, robin, world):
    _, lena = above(world, robin)
    answer(ash)
    world.clock.on(minutes=150)

    assert [climb(world), climb(world)] == [1, 0]

    assert letters(world)[0] == sorted([robin.id, lena.id])
    assert history(lena, ash).events[-1].words == (
        "Nobody had looked at it in time. Told: Lena Moss. "
        "Braid stood still when the duty person and supervisor were to be told."
    )


def test_over_night_and_over_a_bank_holiday_the_clock_stands_still(ash, robin, world):
    above(world, robin)
    # The Thursday before Good Friday, a quarter of an hour before closing.
    world.clock.now = datetime(2026, 4, 2, 15, 45, tzinfo=UTC)
    answer(ash)
    world.clock.now = datetime(2026, 4, 7, 8, 14, tzinfo=UTC)
    assert climb(world) == 0

    world.clock.on(minutes=1)

    assert climb(world) == 1


def test_what_somebody_looked_at_and_wrote_nothing_about_climbs_from_the_look_on(ash, robin, world):
    sue, _ = above(world, robin)
    answer(ash)
    world.clock.on(minutes=25)
    look(robin, ash)
    world.clock.on(minutes=29)
    assert climb(world) == 0

    world.clock.on(minutes=1)

    assert climb(world) == 1
    assert history(sue, ash).events[-1].words == "It was looked at, and nothing was written down. Told: Sue Ng."


def test_an_attempt_that_was_put_off_and_not_made_climbs_from_its_time_on(ash, robin, world):
    above(world, robin)
    answer(ash)
    look(robin, ash)
    act(robin, ash, AlertStep.COULD_NOT_REACH, next_at=world.clock.now + timedelta(hours=2))
    world.clock.on(minutes=149)
    assert climb(world) == 0

    world.clock.on(minutes=1)

    assert climb(world) == 1


def test_somebody_having_acted_ends_the_climb_and_a_newer_answer_begins_it_again(ash, robin, world):
    above(world, robin)
    answer(ash)
    look(robin, ash)
    act(robin, ash, AlertStep.CONTACTED)
    world.clock.on(hours=4)
    assert climb(world) == 0

    answer(ash, "phq-9:q9:2:first")
    world.clock.on(minutes=30)

    assert climb(world) == 1


def test_a_second_answer_does_not_put_off_the_promise_made_for_the_first(ash, robin, world):
    above(world, robin)
    answer(ash)
    world.clock.on(minutes=20)
    answer(ash, "phq-9:q9:2:first")
    world.clock.on(minutes=10)

    assert climb(world) == 1


def test_when_somebody_leaves_their_open_alert_is_their_supervisors_who_hears_of_it_once(ash, robin, world):
    sue, _ = above(world, robin)
    answer(ash)
    look(robin, ash)
    world.clock.on(minutes=5)
    leave(world, robin)
    assert queries.open_alert(sue.work(), ash.patient()).owner_id == sue.id

    assert [climb(world), climb(world)] == [1, 0]

    assert letters(world)[0] == sorted([robin.id, sue.id])
    assert history(sue, ash).events[-1].words == "To Sue Ng, who supervises: Robin Hale no longer works here."


def test_one_person_who_stands_above_twice_has_one_letter_for_each_step(ash, robin, world):
    sue = world.staff("Sue Ng", Role.SUPERVISOR)
    with world.founding() as work:
        accounts.supervise(work, supervisor_id=sue.id, practitioner_id=robin.id)
        accounts.give_role(work, person_id=sue.id, role=Role.CLINICAL_LEAD)
    answer(ash)
    world.clock.on(minutes=120)
    climb(world)

    assert letters(world)[0] == sorted([robin.id, sue.id])
