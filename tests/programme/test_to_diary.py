"""What is written on a worksheet, or agreed in a session, goes to the diary once, and says so where it was written."""

import pytest

WEEK = "/my/steps/doing-what-matters/pages/06-plan-your-week"


@pytest.fixture
def on_course(course, ash):
    """Ash, for whom the step with the weekly plan is open."""
    on_course = course(ash)
    on_course.do_online("low-mood")
    return on_course


def plan_page(on_course, form):
    """The diary's form as the button beside the entry opens it."""
    return on_course.post("/my/diary/begin", **form)


def day_in(form):
    return [form.fields[f"on-{part}"][0] for part in ("day", "month", "year")]


def test_an_entry_of_the_weekly_plan_opens_the_diary_with_all_that_was_said(on_course):
    on_course.save(
        "doing-what-matters", "weekly-plan", day="friday", part="morning", what="Walk to the shop", where="The canal",
        kind="necessary", **{"expected-pleasure": "4", "with-whom": "Ruth"},
    )  # fmt: skip
    page = on_course.get(WEEK)
    given = {name: page.fields[name][-1] for name in ("title", "source", "source_id", "weekday", "place", "company")}

    form = plan_page(on_course, given | {"category": "necessary", "expected_pleasure": "4"})

    assert "Put it in my diary" in page.text
    assert (form.fields["title"], form.fields["place"], form.fields["company"]) == (
        ["Walk to the shop"],
        ["The canal"],
        ["Ruth"],
    )
    assert form.fields["source_id"] == [given["source_id"]]
    # Today is Tuesday 3 March 2026: the next Friday is the 6th.
    assert day_in(form) == ["6", "3", "2026"]


def test_what_is_in_the_diary_is_not_offered_again(on_course):
    on_course.save("doing-what-matters", "weekly-plan", day="tuesday", part="morning", what="Walk to the shop")
    page = on_course.get(WEEK)
    form = plan_page(on_course, {name: page.fields[name][-1] for name in ("title", "source", "source_id", "weekday")})
    on_course.post("/my/diary/new", **{name: values[0] for name, values in form.fields.items() if values})

    after = on_course.get(WEEK)

    assert "In your diary: Tuesday 3 March" in after.text and "Put it in my diary" not in after.text


def test_what_cannot_be_planned_as_it_stands_is_kept_in_the_form(on_course):
    form = plan_page(on_course, {"title": "Walk", "minutes": "0", "place": "The canal"})

    assert (form.fields["title"], form.fields["place"], form.fields["minutes"]) == (["Walk"], ["The canal"], ["0"])


def test_a_day_that_has_passed_is_not_offered(on_course):
    form = plan_page(on_course, {"title": "Look at my plan", "kind": "review", "on": "2026-01-05"})

    assert day_in(form) == ["3", "3", "2026"]


def test_the_form_is_there_for_whoever_comes_back_to_it_until_it_is_in_the_diary(on_course):
    form = plan_page(on_course, {"title": "Walk", "place": "The canal"})
    again = on_course.get("/my/diary/begin")
    assert again.fields["title"] == ["Walk"] and again.fields["place"] == ["The canal"]

    on_course.post("/my/diary/new", **{name: values[0] for name, values in form.fields.items() if values})

    assert on_course.get("/my/diary/begin").fields["title"] == [""]


def test_an_address_that_only_takes_forms_leads_whoever_comes_back_to_it_to_the_page_above(clients, ash):
    browser = clients(ash)
    for address, page in (
        ("/my/reminders/quiet", "/my/reminders"),
        ("/my/diary/calendar/choices", "/my/diary/calendar"),
    ):
        answer = browser.http.get(address, follow_redirects=False)

        assert (answer.status_code, answer.headers["location"]) == (303, page)
