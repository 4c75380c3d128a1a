"""A number for one's mood: kept once, on the scale it was given on, corrected with the old kept. The day is 3 March."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app.accounts.roles import Role
from app.diary.kinds import Outcome
from app.kit.errors import Conflict, NotFound
from app.mood import actions, queries
from app.mood.kinds import Source
from app.mood.tables import MoodRating
from tests.people import START

MARCH_2, MARCH_3 = date(2026, 3, 2), date(2026, 3, 3)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def kept(who):
    return list(who.work().session.execute(sa.select(MoodRating).order_by(MoodRating.sent_at)).scalars())


def test_a_number_is_kept_with_when_it_was_felt_and_when_it_was_sent(feelings, ash):
    feelings.say(0, felt_at=START - 5 * HOUR, note="A bad night.", doing="Nothing much")

    (mood,) = feelings.all()
    assert (mood.value, mood.note, mood.activity, mood.source) == (0, "A bad night.", "Nothing much", Source.RATED)
    assert (mood.felt_at, mood.sent_at, mood.remembered) == (START - 5 * HOUR, START, True)


def test_what_was_written_beside_it_is_sealed_in_the_database(feelings, ash):
    feelings.say(4, note="A bad night.", doing="Waiting")

    raw = ash.work().session.execute(sa.text("select note, doing from mood_rating")).one()
    assert b"night" not in bytes(raw.note) and b"Waiting" not in bytes(raw.doing)


def test_the_same_number_sent_again_is_one_number(feelings, ash):
    rating_id = uuid4()
    for _ in range(3):
        feelings.say(4, rating_id=rating_id)

    assert feelings.values() == [4] and len(kept(ash)) == 1


def test_another_number_under_an_id_whose_answer_was_lost_is_kept_and_stands(feelings, ash, world):
    rating_id = uuid4()
    feelings.say(4, rating_id=rating_id)
    world.clock.on(minutes=1)

    for _ in range(2):
        feelings.say(9, rating_id=rating_id)
        feelings.say(4, rating_id=rating_id)

    assert feelings.values() == [9] and [row.value for row in kept(ash)] == [4, 9]


def test_an_id_of_somebody_elses_is_as_unknown_as_none(feelings, world):
    rating = feelings.say(4)
    kit = type(feelings)(world.patient("Kit Marlow"))

    with pytest.raises(NotFound):
        kit.say(5, rating_id=rating.id)
    with pytest.raises(NotFound):
        kit.take_back(rating.id)


@pytest.mark.parametrize(
    ("felt_at", "refusal"), [(START + HOUR, actions.NotYet), (START - 15 * DAY, actions.TooLongAgo)]
)
def test_a_number_is_not_of_a_time_to_come_nor_of_long_ago(feelings, felt_at, refusal):
    with pytest.raises(refusal):
        feelings.say(5, felt_at=felt_at)


def test_a_correction_stands_and_what_was_said_before_is_kept(feelings, ash, world):
    first = feelings.say(3)
    world.clock.on(hours=1)
    feelings.say(6, felt_at=first.felt_at, note="Better than I said.", instead_of=first)

    assert [(one.value, one.note, one.felt_at) for one in feelings.all()] == [(6, "Better than I said.", START)]
    assert [(row.value, row.superseded_by is None) for row in kept(ash)] == [(3, False), (6, True)]


def test_a_note_can_still_be_added_to_a_number_of_long_ago(feelings, world):
    first = feelings.say(3)
    world.clock.on(days=30)
    feelings.say(3, felt_at=first.felt_at, note="The day of the move.", instead_of=first)

    assert [one.note for one in feelings.all()] == ["The day of the move."]


def test_two_corrections_of_one_number_are_one_after_the_other(feelings):
    first = feelings.say(3)
    feelings.say(6, instead_of=first)

    with pytest.raises(Conflict):
        feelings.say(7, instead_of=first)
    assert feelings.values() == [6]


def test_a_number_taken_back_is_shown_nowhere_and_kept_and_taken_back_once(feelings, ash):
    rating = feelings.say(3)
    for _ in range(2):
        feelings.take_back(rating.id)

    assert feelings.values() == [] and {row.value for row in kept(ash)} == {3, None}


def test_the_database_takes_no_change_of_what_was_felt(feelings, ash):
    feelings.say(3)

    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), ash.working() as work:
        work.session.execute(sa.update(MoodRating).values(value=9))


def test_another_scale_changes_nothing_of_what_was_rated(feelings, ash, world):
    feelings.say(0)
    with world.staff("Lee Lead", Role.CLINICAL_LEAD).working() as work:
        actions.choose_scale(work, name="1-10")

    assert queries.scale_of(ash.work()).low == 1
    feelings.say(4, low=1)
    assert [(one.value, one.scale.low) for one in feelings.all()] == [(0, 0), (4, 1)]


def test_a_number_goes_with_something_planned_and_says_its_name(feelings):
    walk = feelings.walk()
    feelings.say(7, activity=(walk, MARCH_3))

    assert [one.activity for one in feelings.all()] == ["Walk the dog"]


def test_a_number_does_not_go_with_what_is_somebody_elses_or_not_planned(feelings, world):
    walk = type(feelings)(world.patient("Kit Marlow")).walk()

    with pytest.raises(NotFound):
        feelings.say(7, activity=(walk, MARCH_3))
    with pytest.raises(NotFound):
        feelings.say(7, activity=(feelings.walk(), date(2026, 1, 1)))


def test_the_diarys_numbers_are_in_the_same_course_at_the_time_of_the_activity(feelings):
    walk = feelings.walk()
    feelings.went(walk, MARCH_2, mood_before=2, mood_after=5)
    feelings.say(4, felt_at=START - DAY - 50 * timedelta(minutes=1))

    found = [(one.source.value, one.value, one.felt_at - START, one.activity) for one in feelings.all()]
    assert found == [
        ("before", 2, -25 * HOUR, "Walk the dog"),
        ("rated", 4, -DAY - timedelta(minutes=50), ""),
        ("after", 5, -DAY - timedelta(minutes=30), "Walk the dog"),
    ]


def test_a_diary_entry_taken_back_takes_its_numbers_along(feelings, ash):
    walk = feelings.walk()
    feelings.went(walk, MARCH_3, mood_after=5)
    feelings.went(walk, MARCH_3, Outcome.NOT_DONE)

    assert feelings.all() == []


def test_a_number_stays_on_the_day_where_it_was_felt(feelings, ash, world):
    feelings.say(5, felt_at=START - 9 * HOUR - timedelta(minutes=30))
    away = replace(ash.patient(), zone=ZoneInfo("America/New_York"))

    (mood,) = queries.moods(ash.work(), away, MARCH_3, MARCH_3)
    assert (mood.on, str(mood.at)) == (MARCH_3, "00:30:00")


def test_without_a_right_to_words_nothing_of_them_is_read(feelings, ash):
    walk = feelings.walk()
    feelings.went(walk, MARCH_3, mood_after=5)
    feelings.say(4, note="A bad night.", doing="Waiting")

    found = queries.numbers(ash.work(), ash.patient(), MARCH_3, MARCH_3)
    assert sorted((one.value, one.note, one.activity) for one in found) == [(4, "", ""), (5, "", "")]
    assert not {"note", "doing", "title", "planned"} & {column.name for column in queries.NUMBERS.selected_columns}
