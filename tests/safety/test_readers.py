"""Whoever is to read an alert is told with it, and those above are told where nobody looks or somebody left."""

import sqlalchemy as sa

from app.accounts import actions as accounts
from app.accounts.roles import Role
from app.notifications.tables import Outbox
from app.safety import actions, jobs, queries
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


def test_where_the_practitioner_left_those_above_are_told_of_an_answer(ash, robin, world):
    sue, lena = above(world, robin)
    leave(world, robin)

    answer(ash)

    assert letters(world)[0] == sorted([sue.id, lena.id])


def test_an_alert_nobody_looked_at_in_time_climbs_once(ash, robin, world):
    sue, lena = above(world, robin)
    answer(ash)
    world.clock.on(minutes=59)
    assert climb(world) == 0
    world.clock.on(minutes=1)

    assert [climb(world), climb(world)] == [1, 0]

    assert letters(world)[0] == sorted([robin.id, sue.id, lena.id])
    last = history(lena, ash).events[-1]
    assert (last.step, last.words, last.by) == (AlertStep.CLIMBED, "Told: Sue Ng and Lena Moss.", "")


def test_an_alert_somebody_looked_at_does_not_climb_and_a_newer_answer_does(ash, robin, world):
    above(world, robin)
    answer(ash)
    world.clock.on(minutes=30)
    look(robin, ash)
    world.clock.on(minutes=60)
    assert climb(world) == 0

    answer(ash, "phq-9:q9:2:first")
    world.clock.on(minutes=60)

    assert climb(world) == 1


def test_a_second_answer_does_not_put_off_the_promise_made_for_the_first(ash, robin, world):
    above(world, robin)
    answer(ash)
    world.clock.on(minutes=50)
    answer(ash, "phq-9:q9:2:first")
    world.clock.on(minutes=10)

    assert climb(world) == 1


def test_when_somebody_leaves_those_above_hear_of_their_open_alert_and_it_is_theirs(ash, robin, world):
    sue, lena = above(world, robin)
    answer(ash)
    look(robin, ash)
    world.clock.on(minutes=5)
    leave(world, robin)

    assert [climb(world), climb(world)] == [1, 0]

    assert letters(world)[0] == sorted([robin.id, sue.id, lena.id])
    assert queries.open_alert(sue.work(), ash.patient()).was == "Robin Hale"


def test_one_person_who_stands_above_twice_has_one_letter(ash, robin, world):
    sue = world.staff("Sue Ng", Role.SUPERVISOR)
    with world.founding() as work:
        accounts.supervise(work, supervisor_id=sue.id, practitioner_id=robin.id)
        accounts.give_role(work, person_id=sue.id, role=Role.CLINICAL_LEAD)
    answer(ash)
    world.clock.on(minutes=61)
    climb(world)

    assert letters(world)[0] == sorted([robin.id, sue.id])
