"""The pathway editor in a browser without a script: every edit is a form, and nothing typed is lost."""

import json

import pytest

from app.accounts.roles import Role
from app.clinical.sequencing import arranging
from app.pathways import draft_actions, draft_queries, file_content
from tests import published
from tests.house.files import HOUSE

RULE = "steps/staying-well"


@pytest.fixture
def imogen(world):
    return world.staff("Imogen Vale", Role.SERVICE_ADMIN)


class Desk:
    """Imogen at her draft: `open` and `send` go by the part of the editor."""

    def __init__(self, imogen, browser, draft_id):
        self.imogen, self.browser, self.id = imogen, browser, draft_id
        self.base = f"/pathways/drafts/{draft_id}"

    def open(self, part=RULE, **how):
        return self.browser.get(f"{self.base}/{part}", **how)

    def send(self, part=RULE, *, do="save", status=303, page=None, **changes):
        fields = {**(page or self.open(part)).fields, "do": do, **changes}
        fields.pop("csrf")
        return self.browser.post(f"{self.base}/{part}", status=status, **fields)

    def write(self, step, rule):
        """Give a step a rule that no form would send."""
        with self.imogen.working() as work:
            now = draft_queries.draft(work, self.id)
            body = arranging.with_step(now.body, step, unlock=rule)
            draft_actions.save_draft(work, draft_id=self.id, body=body, edition=now.edition)

    @property
    def body(self):
        return draft_queries.draft(self.imogen.work(), self.id).body

    def step(self, key="staying-well"):
        return next(each for each in self.body["steps"] if each["key"] == key)


@pytest.fixture
def desk(imogen, library, clients, robin):
    with imogen.working() as work:
        body = library.pathways["as-it-should-be"].model_dump(mode="json", by_alias=True, exclude_none=True)
        begun = draft_actions.begin_draft(work, body=body)
    return Desk(imogen, clients(imogen), begun.id)


def test_a_rule_is_a_sentence_with_both_explanations_and_six_examples(desk):
    page = desk.open()

    assert page.headings == ["When does Staying well open?"]
    assert page.fields["unlock.kind"] == ["any"]
    assert page.fields["unlock.of[1].of[0].value"] == ["10"]
    for words in ("Opens when one of these happens:", "Any of, none met yet:", "scores 4 days apart, 7 asked"):
        assert words in page.text
    assert all(name in page.text for name in ("Ann", "Bel", "Cam", "Dee", "Eli", "Fay"))


def test_a_line_that_is_moved_takes_what_was_typed_with_it_and_says_where_it_is(desk):
    page = desk.send(do="up:unlock.of[1]", **{"unlock.of[1].of[0].value": "8", "unlock.of[2].remind_after_days": "5"})

    assert "Moved up: group 1, now first of three in the rule." in page.text
    rule = desk.step()["unlock"]
    assert rule["of"][0]["of"][0]["value"] == 8
    assert rule["of"][2]["remind_after_days"] == 5


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("down:unlock.of[0]", "Moved down: group 2, now second of three in the rule."),
        ("in:unlock.of[2]", "Moved in: condition 2.3, now third of three in group 2."),
        ("out:unlock.of[0].of[0]", "Moved out: condition 2, now second of four in the rule."),
        ("remove:unlock.of[2]", "Removed. Now at group 2, now second of two in the rule."),
        ("group", "Added: group 4, now fourth of four in the rule."),
    ],
)
def test_each_button_says_what_it_did(desk, do, said):
    assert said in desk.send(do=do, add_to="unlock", add_kind="not-before").text


def test_the_focus_stays_on_what_moved(desk):
    response = desk.browser.send(f"{desk.base}/{RULE}", **_without_token(desk.open()), do="up:unlock.of[1]")
    html = desk.browser.http.get(response.headers["location"]).text

    # It is the first now and cannot go up: the next of its buttons has the focus.
    assert 'id="unlock.of[0]-down"' in html
    assert html.count("autofocus") == 1
    assert "autofocus" in html.split('id="unlock.of[0]-down"')[1].split(">")[0]


def _without_token(page):
    return {name: value for name, value in page.fields.items() if name != "csrf"}


def test_a_condition_is_added_to_the_group_that_was_chosen(desk):
    desk.send(do="add", add_kind="technique-practised", add_to="unlock.of[0]")

    assert desk.step()["unlock"]["of"][0]["of"][2]["kind"] == "technique-practised"


def test_what_cannot_be_used_is_kept_shown_and_told_of(desk):
    page = desk.send(**{"unlock.of[1].of[0].value": "ten"})

    assert page.fields["unlock.of[1].of[0].value"] == ["ten"]
    assert "Write a score that the questionnaire can have." in page.text
    assert "1 thing here must be fixed" in page.text
    assert "1 to fix" in page.text
    assert "come back when Staying well can be read" in page.text


def test_a_mistake_in_another_step_leaves_this_one_to_be_tried(desk):
    desk.send("steps/thoughts", do="remove:unlock")

    page = desk.open()

    assert "1 thing must be fixed before this draft can be published, in Working with thoughts." in page.text
    assert "Staying well has nothing to fix." in page.text
    assert "Six example patients" in page.text


def test_a_move_that_leads_nowhere_changes_nothing_and_keeps_what_was_typed(desk):
    page = desk.send(do="up:unlock.of[0]", status=422, **{"unlock.of[1].of[0].value": "8"})

    assert "This line is the first of its group." in page.text
    assert page.fields["unlock.of[1].of[0].value"] == ["8"]
    assert desk.step()["unlock"]["of"][1]["of"][0]["value"] == 10


def test_the_last_change_is_undone_by_name(desk):
    page = desk.send(**{"unlock.of[1].of[0].gap_days": "5"})
    assert "Undo: days apart 5, was 7" in page.text

    again = desk.browser.post(f"{desk.base}/undo", back=f"{desk.base}/{RULE}", change=page.fields["change"])

    assert "Undone." in again.text
    assert again.fields["unlock.of[1].of[0].gap_days"] == ["7"]


def test_undone_twice_by_a_double_click_it_is_undone_once_and_comes_back_from_the_next_page(desk):
    page = desk.send(**{"unlock.of[1].of[0].gap_days": "5"})
    sent = {"back": f"{desk.base}/{RULE}", "change": page.fields["change"]}

    desk.browser.post(f"{desk.base}/undo", **sent)
    again = desk.browser.post(f"{desk.base}/undo", **sent)
    assert again.fields["unlock.of[1].of[0].gap_days"] == ["7"]

    redone = desk.browser.post(f"{desk.base}/undo", **{**sent, "change": again.fields["change"]})
    assert redone.fields["unlock.of[1].of[0].gap_days"] == ["5"]


def test_an_undo_on_an_older_page_undoes_nothing_that_came_after(desk):
    older = desk.send(**{"unlock.of[1].of[0].gap_days": "5"}).fields["change"]
    desk.send(**{"unlock.of[1].of[0].gap_days": "6"})

    desk.browser.post(f"{desk.base}/undo", back=f"{desk.base}/{RULE}", change=older, status=409)

    assert desk.step()["unlock"]["of"][1]["of"][0]["gap_days"] == 6


def test_saved_twice_by_a_double_click_it_is_one_edition(desk):
    page = desk.open()
    for _ in range(2):
        desk.send(page=page, **{"unlock.of[1].of[0].gap_days": "5"})

    assert draft_queries.draft(desk.imogen.work(), desk.id).edition == 2


def test_an_older_page_shows_both_and_lets_its_author_go_on_from_the_newer(desk):
    older = desk.open()
    desk.send("length", programme_days="84", summary="As it was")

    both = desk.send(page=older, status=409, **{"unlock.of[1].of[0].value": "8"})

    assert "Somebody else has changed this draft" in both.text
    assert "Staying well opens by another rule." in both.text
    assert "last 2 PHQ-9 below 10" in both.text and "last 2 PHQ-9 below 8" in both.text
    assert desk.step()["unlock"]["of"][1]["of"][0]["value"] == 10
    desk.browser.post(f"{desk.base}/{RULE}", **_without_token(both))
    assert desk.step()["unlock"]["of"][1]["of"][0]["value"] == 8
    assert desk.body["programme_days"] == 84


def test_core_override_and_what_suggests_a_step_are_one_page(desk):
    page = desk.open("steps/relaxing/core")
    assert page.fields["requirement"] == ["could"]

    desk.send("steps/relaxing/core", requirement="must", override="prohibited", do="remove:relevance")

    assert (desk.step("relaxing")["requirement"], desk.step("relaxing")["override"]) == ("must", "prohibited")
    assert "relevance" not in desk.step("relaxing")
    assert "Nothing to fix." in desk.open("steps/relaxing/core").text


def test_a_step_that_is_not_suggested_by_a_rule_can_be(desk):
    desk.send("steps/thoughts/core", do="add", add_kind="problem-recorded", add_to="relevance")

    assert desk.step("thoughts")["relevance"] == {
        "kind": "all",
        "of": [{"kind": "problem-recorded", "any_of": ["anxiety"]}],
    }


def test_what_counts_as_done_can_be_some_of_the_work(desk, library):
    of = library.modules["thoughts"].activities[0].key

    desk.send("steps/thoughts/done", how="some-activities", at_least="1", of=[of])

    assert desk.step("thoughts")["completion"] == {"kind": "some-activities", "at_least": 1, "of": [of]}
    assert "Write how many" in desk.send("steps/thoughts/done", how="some-activities", at_least="x", status=422).text


def test_steps_are_added_moved_retired_and_renamed_in_one_form(desk):
    page = desk.send("steps", do="add", title="Sleeping better", **{"thoughts.title": "Looking at thoughts"})

    assert "There is nothing in it yet. Add a condition, or let it be open from the start." in page.text
    assert desk.step("thoughts")["title"] == "Looking at thoughts"
    desk.send("steps", do="up:sleeping-better")
    assert [each["key"] for each in desk.body["steps"]][-2:] == ["sleeping-better", "staying-well"]
    desk.send("steps", do="retire:relaxing")
    assert "is retired" in desk.open().text
    assert "Give the step a title" in desk.send("steps", do="add", title="", status=422).text


def test_a_step_that_was_added_by_mistake_is_deleted_and_one_that_was_published_is_not(desk, world, library):
    with world.founding() as work:
        published.in_use(work, library=library, key="as-it-should-be")
    desk.send("steps", do="add", title="Sleeping better")

    page = desk.open("steps")
    assert "Delete Sleeping better" in page.text and "Delete Relaxing" not in page.text
    desk.send("steps", do="delete:sleeping-better")

    assert "sleeping-better" not in [each["key"] for each in desk.body["steps"]]
    refused = desk.send("steps", do="delete:relaxing", status=422)
    assert "was published, and somebody may have begun it. Retire it instead." in refused.text


def test_a_step_that_is_retired_unfinished_keeps_no_draft_from_being_published(desk):
    desk.send("steps", do="add", title="Sleeping better")
    assert "1 thing must be fixed" in desk.open("publish").text

    desk.send("steps", do="retire:sleeping-better")

    assert "must be fixed" not in desk.open("publish").text


def test_unfinished_steps_leave_the_others_tried_and_checked_and_are_named(desk):
    desk.send("steps/thoughts", do="remove:unlock")
    desk.send("steps", do="add", title="Sleeping better")
    desk.write("relaxing", {"kind": "step-satisfied", "step": "nowhere"})
    desk.write("doing-what-matters", {"kind": "released-by", "roles": ["practitioner"], "remind_after_days": 3})

    page = desk.open()

    assert "Six example patients" in page.text and "come back when" not in page.text
    assert "Working with thoughts, Relaxing body and mind and Sleeping better are not finished." in page.text
    assert "Doing what matters opens for some patients only when somebody acts." in page.text


def test_what_must_be_fixed_is_told_by_title_with_the_page_to_change_it_on(desk):
    desk.send("steps", do="retire:thoughts")
    desk.write("doing-what-matters", {"kind": "step-satisfied", "step": "thoughts"})

    page = desk.open("publish")

    assert "It names Working with thoughts, which is retired: nobody new reaches it. Choose another step." in page.text
    desk.send("choices", do="add", title="What first?")
    page = desk.open("publish")
    assert "The choice “What first?” Nothing is chosen in it yet. Choose at least two." in page.text
    assert f"{desk.base}/choices" in page.links
    for word in ("In the file", "unlock", "choice_groups", "Use one of", "input should"):
        assert word not in page.text, word


def test_a_problem_that_nothing_in_the_library_names_is_remarked_on(desk):
    desk.send(do="add", add_kind="problem-recorded", add_to="unlock")
    place = len(desk.step()["unlock"]["of"]) - 1

    desk.send(**{f"unlock.of[{place}].any_of": "anxeity"})

    told = desk.open().text
    assert "Staying well asks about the problem “anxeity”, which no pathway of the library names." in told
    assert "anxiety" in told[told.index("anxeity”") :]


@pytest.mark.parametrize("days", ["0", "10000", "-3", "1.5"])
def test_a_reminder_after_no_sensible_number_of_days_is_told_of_with_the_range(desk, days):
    page = desk.send(**{"unlock.of[2].remind_after_days": days})

    assert page.text.count("Write days as a number from 1 to 730, or leave it empty.") == 2, "at its line, and below"
    assert "1 thing here must be fixed" in page.text


def test_choices_are_made_between_steps(desk):
    desk.send("choices", do="add", title="What first?")

    assert desk.body["choice_groups"][0]["steps"] == []
    assert "Nothing is chosen in it yet. Choose at least two." in desk.open("choices").text
    desk.send("choices", **{"what-first.steps": ["thoughts", "relaxing"], "what-first.how": "at_most"})

    assert desk.body["choice_groups"] == [
        {"key": "what-first", "title": "What first?", "steps": ["thoughts", "relaxing"], "at_most": 1}
    ]
    desk.send("choices", do="remove:what-first")
    assert desk.body["choice_groups"] == []


def test_the_length_is_in_days_and_sessions(desk):
    desk.send("length", programme_days="84", sessions="12", summary="")
    page = desk.send("length", programme_days="900", status=422)

    assert (desk.body["programme_days"], desk.body["sessions"]) == (84, 12)
    assert "Write the days as a number from 1 to 730" in page.text


def test_the_drawing_has_every_step_and_the_same_in_words(desk):
    page = desk.open("drawing")

    assert "2 of these done: Doing what matters, Working with thoughts, Relaxing body and mind" in page.text
    assert "Understanding low mood" in page.text


@pytest.mark.parametrize("was", ["", "[]", "nothing", '{"kind": "all", "of": [' * 9 + "]}" * 9, "[" * 20_000])
def test_a_form_that_is_none_of_ours_changes_nothing(desk, was):
    before = desk.body

    desk.browser.post(f"{desk.base}/{RULE}", status=409, edition="1", was=was, do="save")

    assert desk.body == before


def test_a_rule_from_a_browser_is_read_as_data_and_nothing_more(desk):
    odd = {"kind": "all", "of": [{"kind": "<script>", "x": {"y": 1}}, 7, None, "low-mood"]}

    page = desk.browser.post(f"{desk.base}/{RULE}", edition="1", was=json.dumps(odd), do="save")

    assert "“<script>” is not a kind of condition known here." in page.text


@pytest.mark.parametrize("part", ["steps/nothing", "steps/nothing/core", "steps/nothing/done"])
def test_a_step_the_draft_does_not_have_is_not_found(desk, part):
    desk.open(part, status=404)


def test_a_draft_is_begun_from_the_library_once_and_everybody_who_chooses_pathways_finds_it(imogen, world, clients):
    browser = clients(imogen)
    page = browser.get("/pathways")
    draft_id = page.fields["draft_id"][0]

    begun = browser.post("/pathways/drafts", pathway="as-it-was", draft_id=draft_id)
    assert begun.headings == ["When does Understanding low mood open?"]
    browser.post(f"/pathways/drafts/{draft_id}/length", **{**browser.get(f"/pathways/drafts/{draft_id}/length").fields,
                                                           "programme_days": "50"})  # fmt: skip
    browser.post("/pathways/drafts", pathway="as-it-was", draft_id=draft_id)

    assert draft_queries.draft(imogen.work(), draft_id).body["programme_days"] == 50
    listed = browser.get("/pathways")
    assert f"/pathways/drafts/{draft_id}/steps/low-mood" in listed.links
    other = world.staff("Anjali Menon", Role.CLINICAL_LEAD)
    assert "by Imogen Vale" in clients(other).get("/pathways").text
    assert "Saved just now by Imogen Vale." in clients(other).get(f"/pathways/drafts/{draft_id}/steps/low-mood").text
    assert browser.send("/pathways/drafts", pathway="nowhere").status_code == 404


def test_what_the_checks_find_stands_below_the_rule_and_goes_when_it_is_mended(desk, imogen):
    assert "Nothing to fix." in desk.open().text
    assert "Nothing was found." in desk.open().text
    ringed = [{**each, "unlock": {"kind": "step-satisfied", "step": "thoughts"}} if each["key"] == "low-mood" else each
              for each in desk.body["steps"]]  # fmt: skip
    with imogen.working() as work:
        now = draft_queries.draft(work, desk.id)
        draft_actions.save_draft(work, draft_id=desk.id, body={**now.body, "steps": ringed}, edition=now.edition)

    page = desk.open("steps/low-mood")

    assert "must be fixed before this draft can be published" in page.text
    assert "wait for each other, so none of them ever opens" in page.text


def test_a_draft_is_downloaded_as_a_file_that_the_checks_can_read(desk, tmp_path, library):
    sent = desk.browser.http.get(f"{desk.base}/file")

    assert sent.headers["content-disposition"] == 'attachment; filename="as-it-should-be.yaml"'
    file = tmp_path / "as-it-should-be.yaml"
    file.write_text(sent.text)
    read = file_content.read_pathway_file(file, HOUSE / "modules_content").pathway
    bare = [each.model_copy(update={"activities": ()}) for each in read.steps]
    assert bare == [each.model_copy(update={"activities": ()}) for each in library.pathways["as-it-should-be"].steps]


@pytest.mark.parametrize("tab", ["steps", "choices", "length", "drawing", "changes", "play", "what-if", "publish"])
def test_a_draft_without_any_step_can_still_be_worked_on(imogen, draft, clients, tab):
    begun = draft(imogen, steps=[])

    assert clients(imogen).get(f"{begun.base}/{tab}").text
