"""The patient's pages: Today, the programme, a step and its pages, and what closed doors say."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.programme import plan_actions
from tests.letters import LETTERS
from tests.programme.conftest import FILLED
from tests.statements import counted

LOCKED = (
    "/my/steps/thoughts",
    "/my/steps/thoughts/pages/03-catching-thoughts",
    "/my/steps/thoughts/finish",
    "/my/steps/thoughts/print",
    "/my/steps/thoughts/worksheets/evidence/again",
    "/my/steps/thoughts/worksheets/evidence/0a7f3e0e-3c1f-4f39-8d53-0a4a4f7b3f11",
)
PAGES = (
    "/my/today",
    "/my/programme",
    "/my/answers",
    "/my/steps/low-mood",
    "/my/steps/low-mood/pages/08-first-goals",
    "/my/steps/low-mood/finish",
    "/my/steps/low-mood/print",
)


def test_before_there_is_a_programme_today_says_that_nothing_is_asked(ash, clients):
    browser = clients(ash)

    assert "Robin will choose a programme with you." in browser.get("/my/today").text
    assert "There is no programme yet." in browser.get("/my/programme").text
    assert "Nothing written yet." in browser.get("/my/answers").text


def test_today_has_one_next_step(course, ash):
    ash = course(ash)

    page = ash.get("/my/today")

    assert page.headings == ["Hello Ash"]
    assert "Your next step Understanding low mood" in page.text
    assert page.text.count("Your next step") == 1
    assert "Two short questionnaires" in page.text


def test_today_carries_on_where_the_patient_stopped(course, ash):
    ash = course(ash)
    ash.post("/my/steps/low-mood/start")
    ash.post("/my/steps/low-mood/pages/01-why-this-helps")
    ash.post("/my/steps/low-mood/pages/02-what-it-can-be-like")

    page = ash.get("/my/today")

    assert "Understanding low mood, page 3" in page.text
    assert "/my/steps/low-mood/pages/03-four-parts" in page.links
    assert ash.post("/my/steps/low-mood/start").headings == ["One moment, four parts"]


def test_today_leads_to_what_is_left_when_all_pages_are_read(course, ash):
    ash = course(ash)
    for page in ash.module("low-mood").pages:
        ash.post(f"/my/steps/low-mood/pages/{page.key}")

    today = ash.get("/my/today")

    assert "/my/steps/low-mood/pages/02-what-it-can-be-like" in today.links
    assert "These parts are still to do" in ash.get("/my/steps/low-mood/finish").text


def test_today_names_what_was_agreed_in_the_session(course, ash):
    ash = course(ash)
    ash.staff(
        plan_actions.record_done,
        technique="relaxation",
        homework="Slow breathing, once a day",
        due_on=date(2026, 3, 10),
    )

    page = ash.get("/my/today")

    assert "Agreed in your session Slow breathing, once a day For Tuesday 10 March. I’ve done this" in page.text


def test_today_tells_of_a_step_the_practitioner_opened_until_it_is_begun(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well", told="You know what helps. Let us write it down.")

    assert "Robin opened Staying well for you" in ash.get("/my/today").text

    ash.post("/my/steps/staying-well/start")
    assert "Robin opened Staying well for you" not in ash.get("/my/today").text


def test_the_programme_says_of_every_closed_step_why_and_what_opens_it(course, ash):
    ash = course(ash)

    page = ash.get("/my/programme")

    assert "Working with thoughts Opens when you finish Understanding low mood." in page.text
    assert "Staying well Opens when one of these happens:" in page.text
    assert "Not yet: Finish Doing what matters." in page.text
    assert "Robin opens it with you." in page.text
    assert "Ask Robin to open it" in page.text
    assert "You have done 0 of your 4 steps." in page.text
    assert "Other steps you can ask for Relaxing body and mind" in page.text


def test_a_line_of_a_lock_follows_what_the_patient_does(course, ash):
    ash = course(ash)
    ash.do_online("low-mood")
    ash.save("doing-what-matters", "three-lists", **FILLED["three-lists"])

    page = ash.get("/my/programme")

    assert "Under way: Finish Doing what matters." in page.text
    assert "You have done 1 of the 6 parts of Doing what matters." in page.text


def test_an_added_step_says_who_added_it_and_why(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.add_step, title="Morning light", told="You told me you wake at four.")

    page = ash.get("/my/programme")

    assert "Morning light Open: start when you like. Added by Robin You do this away from the screen." in page.text
    assert "“You told me you wake at four.” Robin, Tuesday 3 March" in page.text
    assert page.text.count("You told me you wake at four.") == 1


def test_a_step_says_how_long_it_takes_and_which_pages_are_read(course, ash):
    ash = course(ash)
    ash.post("/my/steps/low-mood/pages/01-why-this-helps")

    page = ash.get("/my/steps/low-mood")

    assert "About 46 minutes left, in as many goes as you like." in page.text
    assert "1. Why this step helps 4 minutes Read" in page.text
    assert "2. What low mood can be like 6 minutes You are here" in page.text
    assert "Carry on" in page.text


def test_a_page_says_where_it_stands_and_who_reads_what_is_written(course, ash):
    ash = course(ash)

    page = ash.get("/my/steps/low-mood/pages/08-first-goals")

    assert "Understanding low mood: page 8 of 9, about 7 minutes" in page.text
    assert "Robin reads this before you next meet. Nobody is watching it between sessions." in page.text
    assert "Next: Before your next session" in page.text
    assert "Stop here for now" in page.text


def test_a_quick_check_answers_without_changing_anything(course, ash, bind):
    ash = course(ash)
    part = next(
        number
        for number, one in enumerate(ash.module("low-mood").page("03-four-parts").parts)
        if hasattr(one, "question")
    )
    option = ash.module("low-mood").page("03-four-parts").parts[part].options[1]

    page = ash.get(f"/my/steps/low-mood/pages/03-four-parts?check={part}&option=1")

    assert option.feedback in page.text
    assert f"check-{part}" in page.ids
    assert ash.state("low-mood") == "available"


def test_the_end_of_a_step_says_what_it_opened_and_asks_how_it_went(course, ash):
    ash = course(ash)
    ash.do_online("low-mood")

    page = ash.get("/my/steps/low-mood/finish")
    after = ash.post(
        "/my/steps/low-mood/worksheets/understanding",
        entry__id=page.fields["entry-id"][0], made__sense="mostly", unclear="The circle",
    )  # fmt: skip

    assert "What this opened Doing what matters Working with thoughts" in page.text
    assert "Bring to your session" in page.text
    assert "Saved. Robin reads it before you next meet." in after.text
    assert "Did this step make sense? Mostly" in ash.get("/my/answers").text


def test_the_printed_step_has_the_answers_and_no_navigation(course, ash):
    ash = course(ash)
    ash.save("low-mood", "first-goals", goal="Swim again")

    page = ash.get("/my/steps/low-mood/print")

    assert "Swim again" in page.text
    assert "Ash Whitlock, printed Tuesday 3 March 2026" in page.text
    assert "/my/today" not in page.links
    for link in page.links:
        if link.startswith("pages/"):
            ash.get(f"/my/steps/low-mood/{link}")


@pytest.mark.parametrize("path", LOCKED)
def test_a_closed_step_shows_nothing_of_itself_at_any_door(course, ash, path):
    ash = course(ash)

    page = ash.get(path, status=404)

    assert page.headings == ["This step is not open yet"]
    assert "Opens when you finish Understanding low mood." in page.text
    assert "thought diary" not in page.text.lower()
    assert "Key point" not in page.text


@pytest.mark.parametrize(
    "path", ["start", "pages/03-catching-thoughts", "worksheets/evidence", "worksheets/evidence/draft"]
)
def test_nothing_can_be_written_into_a_closed_step(course, ash, path):
    ash = course(ash)

    ash.post(f"/my/steps/thoughts/{path}", status=404, entry__id="0a7f3e0e-3c1f-4f39-8d53-0a4a4f7b3f11", thought="x")

    assert ash.entries() == []
    assert ash.plan()["thoughts"].seen.work("thoughts").started_at is None


def test_a_paused_step_says_so_and_keeps_its_content_back(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.hold, step="low-mood", reason="We talk first", review_on=date(2026, 3, 20))

    page = ash.get("/my/steps/low-mood/pages/01-why-this-helps", status=404)

    assert page.headings == ["This step is paused"]
    assert "We talk first" not in page.text
    assert "/my/answers" in page.links


@pytest.mark.parametrize(
    "path",
    [
        "/my/steps/no-such-step",
        "/my/steps/low-mood/pages/no-such-page",
        "/my/steps/low-mood/worksheets/no-such-sheet/again",
        "/my/steps/low-mood/worksheets/first-goals/not-an-id",
        "/my/steps/low-mood/worksheets/understanding/again",
    ],
)
def test_what_is_not_there_is_nobodys(course, ash, path):
    assert course(ash).get(path, status=404).headings == ["Page not found"]


def test_a_step_of_somebody_elses_plan_is_nobodys(course, ash, world):
    ash, kit = course(ash), course(world.patient("Kit Marlow"))
    kit.staff(plan_actions.add_step, title="Only Kit’s", told="For you.")
    own = next(one.step for one in kit.plan().course.standings if one.step.startswith("own-"))

    ash.get(f"/my/steps/{own}", status=404)
    ash.post(f"/my/programme/{own}/ask", status=404)


def test_that_a_session_counts_the_same_is_said_only_where_it_does(course, ash, world):
    said = "What you do in a session counts the same"

    assert said in course(ash).get("/my/programme").text
    assert said not in course(world.patient("Kit Marlow"), "as-it-was").get("/my/programme").text


def test_staff_have_no_patients_pages(robin, clients):
    for path in PAGES:
        clients(robin).get(path, status=403)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_costs_few_statements(course, ash, bind, path):
    ash = course(ash)
    ash.post("/my/steps/low-mood/start")
    ash.get(path)

    with counted(bind) as sent:
        ash.get(path)

    assert len(sent) <= 6, "\n".join(sent)


NAMES = (
    "goal",
    "why",
    "by-when-day",
    "by-when-month",
    "by-when-year",
    "rating-now",
    "entry-id",
    "base-version",
    "on-page",
)
JUNK = st.dictionaries(
    st.sampled_from(NAMES),
    st.one_of(st.text(LETTERS, max_size=40), st.lists(st.text(LETTERS, max_size=10), max_size=3), st.just("9" * 400)),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=JUNK, tail=st.sampled_from(["", "/draft", f"/{uuid4()}/remove", f"/{uuid4()}/put-back"]))
def test_nothing_that_is_posted_to_a_worksheet_breaks_it(course_of_ash, junk, tail):
    fields = {"entry__id": str(uuid4()), **{name.replace("-", "__"): value for name, value in junk.items()}}

    assert course_of_ash.browser.send("/my/steps/low-mood/worksheets/first-goals" + tail, **fields).status_code in (
        200,
        303,
        404,
        409,
        422,
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.dictionaries(
        st.sampled_from(("check", "option", "saved", "removed", "worksheet", "unfinished", "on-page")),
        st.text(LETTERS, max_size=20),
    ),
    path=st.sampled_from(
        ("pages/02-what-it-can-be-like", "pages/08-first-goals", "worksheets/my-cycle/again", "finish")
    ),
)
def test_nothing_in_an_address_breaks_a_page(course_of_ash, query, path):
    response = course_of_ash.browser.http.get(f"/my/steps/low-mood/{path}", params=query)

    assert response.status_code == 200


@pytest.fixture
def course_of_ash(course, ash):
    made = course(ash)
    made.save("low-mood", "first-goals", **FILLED["first-goals"])
    return made
