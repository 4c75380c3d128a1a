"""What patients write on worksheets: kept at every turn, added to and never overwritten."""

import pytest
import sqlalchemy as sa

from app.programme import plan_actions
from app.programme.tables import Answer

GOALS = "/my/steps/low-mood/worksheets/first-goals"
CYCLE = "/my/steps/low-mood/worksheets/my-cycle"
GOALS_PAGE = "08-first-goals"
LIST = "/my/steps/doing-what-matters/worksheets"


def versions(course):
    rows = course.who.work().session.execute(
        sa.select(Answer).where(Answer.patient_id == course.who.id).order_by(Answer.seq)
    )
    return [(row.version, row.values) for row in rows.scalars()]


def two_goals(course):
    for goal in ("See Ruth once a week", "Swim again"):
        course.save("low-mood", "first-goals", goal=goal)
    return [entry.id for entry in course.entries()]


def test_an_entry_that_is_saved_stands_in_the_list_with_its_day(course, ash):
    ash = course(ash)

    page = ash.save("low-mood", "first-goals", goal="See Ruth once a week", rating__now="0")

    assert "See Ruth once a week Tuesday 3 March" in page.text
    assert "0 out of 10" in page.text
    assert page.fields["goal"] == [""]


def test_a_form_sent_twice_is_stored_once(course, ash):
    ash = course(ash)
    form = ash.form("low-mood", GOALS_PAGE, "first-goals")

    ash.post(GOALS, **form, goal="Swim again")
    ash.post(GOALS, **form, goal="Swim again")

    assert versions(ash) == [(1, {"goal": "Swim again"})]


def test_a_replay_of_an_old_save_changes_nothing(course, ash):
    ash = course(ash)
    form = ash.form("low-mood", GOALS_PAGE, "first-goals")
    ash.post(GOALS, **form, goal="Swim again")
    ash.post(GOALS, **form | {"base__version": "1"}, goal="Swim in May")

    ash.post(GOALS, **form, goal="Swim again")

    assert [values["goal"] for _, values in versions(ash)] == ["Swim again", "Swim in May"]


def test_changing_removing_and_putting_back_only_ever_add_versions(course, ash):
    ash = course(ash)
    _, second = two_goals(ash)

    ash.post(GOALS, entry__id=str(second), base__version="1", goal="Swim in May")
    removed = ash.post(f"{GOALS}/{second}/remove", on__page=GOALS_PAGE)

    assert "Removed." in removed.text
    assert "Swim in May" not in removed.text
    assert "Put it back" in removed.text

    back = ash.post(f"{GOALS}/{second}/put-back", on__page=GOALS_PAGE)

    assert "Swim in May" in back.text
    assert [version for version, _ in versions(ash)] == [1, 1, 2, 3, 4]
    assert versions(ash)[3] == (3, None)


def test_a_form_taken_off_can_be_filled_in_anew(course, ash):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening")
    entry = ash.entries()[0].id
    ash.post(f"{CYCLE}/{entry}/remove")

    ash.save("low-mood", "my-cycle", situation="Monday morning")

    assert [one.values["situation"] for one in ash.entries()] == ["Monday morning"]


def test_two_tabs_keep_both_versions_and_let_the_patient_choose(course, ash):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening")
    here = ash.form("low-mood", "05-my-circle", "my-cycle")
    ash.post(CYCLE, **here, situation="Sunday, in the first tab")

    page = ash.post(CYCLE, status=409, **here, situation="Sunday, in the second tab")

    assert page.headings == ["You have changed this somewhere else"]
    assert "“My circle” was saved in another tab or on another device." in page.text
    assert "What was happening? Sunday, in the first tab" in page.text
    assert page.fields["situation"] == ["Sunday, in the second tab"]
    assert page.fields["base-version"] == ["2"]

    ash.post(CYCLE, **here | {"base__version": "2"}, situation=page.fields["situation"][0])
    assert [one.values["situation"] for one in ash.entries()] == ["Sunday, in the second tab"]


def test_keeping_what_is_saved_throws_only_the_draft_away(course, ash):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening")
    here = ash.form("low-mood", "05-my-circle", "my-cycle")
    ash.post(CYCLE, **here, situation="In the first tab")
    ash.post(CYCLE, status=409, **here, situation="In the second tab")

    page = ash.post(f"{CYCLE}/{here['entry__id']}/throw-draft-away", on__page="05-my-circle")

    assert page.fields["situation"] == ["In the first tab"]
    assert len(versions(ash)) == 2


def test_a_draft_that_was_never_saved_can_be_thrown_away_where_it_is_shown(course, ash):
    ash = course(ash)
    here = ash.form("low-mood", "05-my-circle", "my-cycle")
    ash.browser.send(f"{CYCLE}/draft", **here, situation="Half a sent")
    offered = ash.get("/my/steps/low-mood/pages/05-my-circle")

    thrown = ash.post(f"{CYCLE}/{here['entry__id']}/throw-draft-away", **here, situation="Half a sent")

    assert "Throw the draft away" in offered.text
    assert thrown.fields["situation"] == [""]
    assert "Throw the draft away" not in thrown.text


def test_words_that_are_too_long_come_back_whole_with_how_much_to_shorten_them(course, ash):
    ash = course(ash)
    pasted = "On the sofa. " * 70
    form = ash.browser.http.get("/my/steps/low-mood/pages/05-my-circle").text

    page = ash.save("low-mood", "my-cycle", situation=pasted, status=422)

    assert "maxlength" not in form
    assert "There is room for 800." in page.text
    assert page.fields["situation"] == [pasted]


def test_a_draft_is_there_after_signing_in_again_elsewhere(course, ash, clients):
    ash = course(ash)
    form = ash.form("low-mood", "05-my-circle", "my-cycle")
    answer = ash.browser.send(f"{CYCLE}/draft", **form, situation="Half a sent", strength="99")

    elsewhere = clients(ash.who).get("/my/steps/low-mood/pages/05-my-circle")

    assert answer.json()["saved_at"].startswith("2026-03-03T")
    assert elsewhere.fields["situation"] == ["Half a sent"]
    assert "Draft saved Tuesday 3 March at" in elsewhere.text
    assert versions(ash) == []


def test_a_draft_of_a_new_entry_comes_back_under_the_same_id(course, ash):
    ash = course(ash)
    form = ash.form("low-mood", GOALS_PAGE, "first-goals")
    ash.browser.send(f"{GOALS}/draft", **form, goal="Swim")

    again = ash.form("low-mood", GOALS_PAGE, "first-goals")

    assert again["entry__id"] == form["entry__id"]


def test_a_draft_that_arrives_after_its_form_was_saved_leaves_nothing_behind(course, ash):
    ash = course(ash)
    form = ash.form("low-mood", GOALS_PAGE, "first-goals")
    ash.post(GOALS, **form, goal="Swim again")

    late = ash.browser.send(f"{GOALS}/draft", **form, goal="Swim again")

    assert late.status_code == 200
    assert ash.form("low-mood", GOALS_PAGE, "first-goals")["entry__id"] != form["entry__id"]


def test_a_draft_begun_from_an_older_version_is_kept_and_says_so(course, ash):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening")
    here = ash.form("low-mood", "05-my-circle", "my-cycle")
    ash.post(CYCLE, **here, situation="In the first tab")

    late = ash.browser.send(f"{CYCLE}/draft", **here, situation="In the second tab")
    page = ash.get(f"{CYCLE}/{here['entry__id']}")

    assert late.status_code == 409
    assert page.fields["situation"] == ["In the second tab"]
    assert "In the first tab" in page.text


def test_what_was_typed_stays_on_every_mistake(course, ash):
    ash = course(ash)
    long = "far too long " * 40

    page = ash.save(
        "low-mood", "first-goals", status=422,
        goal=long, why="Because", by__when__day="40", by__when__month="x", by__when__year="2026", rating__now="11",
    )  # fmt: skip

    assert page.fields["goal"] == [long]
    assert page.fields["why"] == ["Because"]
    assert page.fields["by-when-day"] == ["40"]
    assert page.fields["by-when-month"] == ["x"]
    assert "#sheet-first-goals-goal" in page.links
    assert versions(ash) == []
    assert ash.get(f"/my/steps/low-mood/pages/{GOALS_PAGE}").fields["why"] == ["Because"]


def test_an_empty_form_is_not_saved(course, ash):
    ash = course(ash)

    page = ash.save("low-mood", "what-i-notice", status=422)

    assert "Answer at least one question, or leave this and go on" in page.text
    assert versions(ash) == []


def test_next_takes_along_what_was_typed(course, ash):
    ash = course(ash)
    form = ash.form("low-mood", GOALS_PAGE, "first-goals")

    page = ash.post(f"/my/steps/low-mood/pages/{GOALS_PAGE}", **form, worksheet="first-goals", goal="Swim again")

    assert page.headings == ["Before your next session"]
    assert [one.values["goal"] for one in ash.entries()] == ["Swim again"]


def test_next_keeps_as_a_draft_what_cannot_be_saved_and_moves_on(course, ash):
    ash = course(ash)
    form = ash.form("low-mood", GOALS_PAGE, "first-goals")

    page = ash.post(f"/my/steps/low-mood/pages/{GOALS_PAGE}", **form, worksheet="first-goals", why="Only why")

    assert page.headings == ["Before your next session"]
    assert "What you began on “Your first goals” is kept as a draft" in page.text
    assert ash.entries() == []
    assert ash.get(f"/my/steps/low-mood/pages/{GOALS_PAGE}").fields["why"] == ["Only why"]


def test_next_leaves_an_empty_form_and_a_mere_suggestion_alone(course, ash):
    ash = course(ash)
    ash.do_online("low-mood")
    ash.save("doing-what-matters", "three-lists", start__with="Feed the cat")
    here = "/my/steps/doing-what-matters/pages/06-plan-your-week"
    form = ash.form("doing-what-matters", "06-plan-your-week", "weekly-plan")

    page = ash.post(here, **form, worksheet="weekly-plan", what="Feed the cat")

    assert "kept as a draft" not in page.text
    assert ash.entries()[-1].worksheet == "three-lists"


def test_earlier_answers_are_offered_for_the_first_entry_only(course, ash):
    ash = course(ash)
    ash.do_online("low-mood")
    ash.save("doing-what-matters", "three-lists", start__with="Feed the cat")
    page = "/my/steps/doing-what-matters/pages/06-plan-your-week"

    first = ash.get(page)
    ash.save("doing-what-matters", "weekly-plan", day="friday", part="evening", what="Feed the cat")
    second = ash.get(page)

    assert first.fields["what"] == ["Feed the cat"]
    assert "This is from your earlier answers." in first.text
    assert second.fields["what"] == [""]
    assert "This is from your earlier answers." not in second.text


def test_a_ladder_stands_from_low_to_high_and_a_week_by_its_days(course, ash):
    ash = course(ash)
    ash.do_online("low-mood")
    for what, difficulty in (("Ring the GP", "7"), ("Open one letter", "2")):
        ladder = ash.save("doing-what-matters", "difficulty-ladder", what=what, difficulty=difficulty)
    for day, part, what in (
        ("sunday", "evening", "Bath"),
        ("monday", "evening", "Sing"),
        ("monday", "morning", "Walk"),
    ):
        week = ash.save("doing-what-matters", "weekly-plan", day=day, part=part, what=what)

    assert ladder.text.index("1. Open one letter") < ladder.text.index("2. Ring the GP")
    told = week.text[week.text.index("Your week so far") :]
    places = [told.index(words) for words in ("Monday", "Walk Morning", "Sing Evening", "Sunday", "Bath Evening")]
    assert places == sorted(places)


def test_a_form_that_repeats_is_filled_in_again_beside_the_one_before(course, ash):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening")

    blank = ash.get(f"{CYCLE}/again?on-page=05-my-circle")
    ash.post(CYCLE, entry__id=blank.fields["entry-id"][0], on__page="05-my-circle", situation="Monday morning")
    page = ash.get("/my/steps/low-mood/pages/05-my-circle")

    assert blank.fields["situation"] == [""]
    assert page.fields["situation"] == ["Monday morning"]
    assert "Earlier ones Sunday evening" in page.text


def test_a_tree_asks_one_question_after_the_other_and_ends_in_what_to_do(course, ash):
    ash = course(ash)
    ash.do_online("low-mood")
    tree, page = "/my/steps/relaxing/worksheets/which-exercise", "06-when-you-need-it"
    form = ash.form("relaxing", page, "which-exercise")

    second = ash.post(tree, **form, asked="busy", busy="1")
    again = ash.post(tree, status=422, **form, asked="unwell", busy="1")
    ash.post(tree, **form, asked="unwell", busy="1", unwell="1")
    ash.post(tree, **form, asked="tense", busy="1", unwell="1", tense="0")
    end = ash.post(tree, **form, asked="time", busy="1", unwell="1", tense="0", time="1")

    assert second.fields["asked"] == ["unwell"]
    assert "Choose an answer to" in again.text
    assert "What to do Do the short form, or slow breathing." in end.text
    change = ash.get(f"{tree}/{form['entry__id']}?on-page={page}")
    assert (change.fields["busy"], change.fields["time"]) == (["1"], ["1"])


@pytest.mark.parametrize("path", ["{id}", "{id}/remove", "{id}/put-back"])
def test_somebody_elses_entry_is_nobodys(course, ash, world, path):
    ash, kit = course(ash), course(world.patient("Kit Marlow"))
    kit.save("low-mood", "first-goals", goal="Kit’s own")
    address = f"{GOALS}/{path.format(id=kit.entries()[0].id)}"

    ash.get(address, status=404) if path == "{id}" else ash.post(address, status=404)

    assert [one.values for one in kit.entries()] == [{"goal": "Kit’s own"}]


def test_writing_under_somebody_elses_entry_id_touches_nothing_of_theirs(course, ash, world):
    ash, kit = course(ash), course(world.patient("Kit Marlow"))
    kit.save("low-mood", "first-goals", goal="Kit’s own")

    ash.post(GOALS, entry__id=str(kit.entries()[0].id), base__version="1", goal="Mine")

    assert [one.values["goal"] for one in kit.entries()] == ["Kit’s own"]
    assert [one.values["goal"] for one in ash.entries()] == ["Mine"]


def test_an_entry_cannot_be_moved_to_another_worksheet(course, ash):
    ash = course(ash)
    goal, _ = two_goals(ash)

    ash.post(CYCLE, status=404, entry__id=str(goal), base__version="1", situation="Elsewhere")

    assert {one.worksheet for one in ash.entries()} == {"first-goals"}


@pytest.mark.parametrize("entry", ["", "7", "x" * 300])
def test_an_entry_id_that_is_none_is_nobodys(course, ash, entry):
    ash = course(ash)

    ash.post(GOALS, status=404, entry__id=entry, goal="Swim")

    assert versions(ash) == []


def test_what_was_written_stays_readable_while_its_step_is_paused_or_skipped(course, ash):
    ash = course(ash)
    ash.save("low-mood", "first-goals", goal="Swim again")
    assert "Change My goals, Swim again" in ash.get("/my/answers").text

    ash.staff(
        plan_actions.hold, step="low-mood", reason="We talk first", review_on=ash.world.clock.now.date().replace(day=20)
    )

    told = ash.get("/my/answers").text
    assert "Swim again" in told
    assert "This step is not open just now." in told
    assert "Change My goals" not in told
    ash.get(f"{GOALS}/{ash.entries()[0].id}", status=404)


def test_what_the_practitioner_wrote_stands_with_the_answer_and_on_today(course, ash, robin):
    ash = course(ash)
    ash.save("low-mood", "first-goals", goal="Swim again")
    with robin.working() as work:
        answer = ash.entries()[0].answer_id
        plan_actions.give_feedback(work, patient=ash.who.patient(), answer_id=answer, words="A good one to begin with.")
    ash.world.clock.on(minutes=1)

    today = ash.get("/my/today")

    assert "Robin wrote to you about “My goals”" in today.text
    assert f"/my/answers#entry-{ash.entries()[0].id}" in today.links
    assert "A good one to begin with." in ash.get("/my/answers").text
    assert "A good one to begin with." in ash.get(f"/my/steps/low-mood/pages/{GOALS_PAGE}").text
