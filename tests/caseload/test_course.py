"""The Course page: everything of a course on one axis of days, for staff and for the patient's own eyes."""

from datetime import date

import pytest

from app.accounts.roles import Role
from app.programme import plan_actions
from tests.caseload.test_needs import begun
from tests.diary.conftest import Diary
from tests.mood.conftest import Feelings
from tests.questionnaires.answers import send, totalling
from tests.questionnaires.test_review import gad_7
from tests.statements import counted

JUDGED = ("recover", "reliable", "caseness", "improved", "deteriorat", "safe", "low risk")


@pytest.fixture
def lived(course, ash, library, world):
    """Three weeks: a step begun, scores, moods beside a walk, and a session."""
    here, diary = begun(course, ash), Diary(ash)
    walk = diary.plan("Walk the dog", on=date(2026, 3, 3))
    for total, anxiety in ((17, 13), (12, 11), (10, 6)):
        send(ash, library, totalling(total))
        send(ash, library, gad_7(anxiety), key="gad-7")
        diary.log(walk, world.clock.now.date(), mood_before=3, mood_after=6)
        world.clock.on(days=7)
    here.staff(plan_actions.record_done, technique="relaxation")
    return here


def test_staff_read_scores_with_their_change_mood_activities_sessions_and_steps(lived, ash, robin, clients):
    page = clients(robin).get(f"/patients/{ash.id}/course")

    assert "PHQ-9 from 17 to 10 in 2 weeks, a reliable change (6); GAD-7 from 13 to 6 in 2 weeks" in page.text
    assert "Mood was between 3 and 6, over 6 numbers." in page.text
    assert "3 of 22 activities done, at least in part." in page.text
    assert "1 session recorded." in page.text
    assert "Not recovered: PHQ-9 at or above its cut-off now. Reliably better:" in page.text
    assert "Mon 16 Mar PHQ-9 10 GAD-7 6 Mood 3 to 6, 2 numbers Activities 1 of 7" in page.text
    assert (
        "Tue 3 Mar PHQ-9 17 GAD-7 13 Mood 3 to 6, 2 numbers Activities 1 of 6 Understanding low mood begun" in page.text
    )
    assert "Session 1" in page.text


def test_the_patient_reads_plain_sentences_and_no_verdict(lived, ash, clients):
    page = clients(ash).get("/my/course")

    assert "Your PHQ-9 was 17 on Tuesday 3 March and 10 on Tuesday 17 March: down 7." in page.text
    assert "You gave your mood a number 6 times, between 3 and 6." in page.text
    assert "You met 1 time." not in page.text and "You met once." in page.text
    assert not [word for word in JUDGED if word in page.text.lower()]


def test_a_number_given_by_itself_counts_as_much_as_one_beside_an_activity(lived, ash, clients):
    Feelings(ash).say(9)

    assert "You gave your mood a number 7 times, between 3 and 9." in clients(ash).get("/my/course").text


def test_it_is_drawn_for_a_phone_and_for_a_desk_with_a_title(lived, ash, robin, clients):
    text = clients(robin).http.get(f"/patients/{ash.id}/course").text

    assert 'viewBox="0 0 360 ' in text and 'viewBox="0 0 720 ' in text
    assert "Ash’s course from 3 March 2026 to 24 March 2026: scores, mood, activities, sessions and steps" in text
    assert "style=" not in text


@pytest.mark.parametrize(
    ("asked", "first"),
    [("", "3 March"), ("?period=weeks-4", "28 March"), ("?period=something", "3 March")],
)
def test_the_last_four_weeks_or_all_of_it(lived, ash, robin, clients, world, asked, first):
    world.clock.on(days=31)

    text = clients(robin).http.get(f"/patients/{ash.id}/course{asked}").text

    assert f"course from {first} 2026 to 24 April 2026" in text


OWN = "?period=own&since-day={}&since-month=3&since-year=2026&until-day={}&until-month=3&until-year=2026"


def test_days_of_ones_own(lived, ash, robin, clients):
    page = clients(robin).get(f"/patients/{ash.id}/course{OWN.format(9, 15)}")

    assert "PHQ-9 12 on Tuesday 10 March; GAD-7 11 on Tuesday 10 March." in page.text
    assert "17 Mar" not in page.text


@pytest.mark.parametrize(
    ("days", "said", "field"),
    [
        ((15, 9), "Choose a last day that is not before the first", "#until-day"),
        (("x", 9), "Enter the first day as a day, a month and a year", "#since-day"),
        ((30, 31), "Choose a first day that has come", "#since-day"),
        ((9, ""), "Enter the last day as a day, a month and a year", "#until-day"),
    ],
)
def test_days_that_are_none_are_asked_for_again_with_what_was_typed(lived, ash, clients, days, said, field):
    page = clients(ash).get(f"/my/course{OWN.format(*days)}", status=422)

    assert said in page.text
    assert any(link.startswith(field[:6]) for link in page.links)
    assert page.fields["since-day"] == [str(days[0])]


def test_a_course_in_which_nothing_happened_says_so(course, ash, robin, clients):
    course(ash)

    assert "Nothing happened in these days." in clients(robin).get(f"/patients/{ash.id}/course").text
    assert "Nothing is here for these days." in clients(ash).get("/my/course").text


def test_whoever_is_on_no_pathway_has_a_course_of_scores(ash, robin, library, clients):
    send(ash, library, totalling(12))

    assert "PHQ-9 12 on Tuesday 3 March." in clients(robin).get(f"/patients/{ash.id}/course").text


def test_those_who_may_not_read_the_diary_see_neither_mood_nor_activities(lived, ash, world, clients):
    page = clients(world.staff("Lee Lead", Role.CLINICAL_LEAD)).get(f"/patients/{ash.id}/course")

    assert "PHQ-9 from 17 to 10" in page.text
    assert "Mood was" not in page.text and "activities done" not in page.text
    assert "Mood and activities are for those who may read the diary." in page.text


def test_it_costs_as_many_statements_after_a_year_as_after_three_weeks(
    lived, ash, robin, library, clients, bind, world
):
    def cost(who, path) -> int:
        browser = clients(who)
        browser.get(path)
        with counted(bind) as sent:
            browser.get(path)
        return len(sent)

    pages = ((robin, f"/patients/{ash.id}/course"), (ash, "/my/course"))
    young = [cost(*page) for page in pages]
    for _ in range(12):
        world.clock.on(days=28)
        send(ash, library, totalling(9))
    old = [cost(*page) for page in pages]

    assert old == young
    assert max(young) <= 8, young
