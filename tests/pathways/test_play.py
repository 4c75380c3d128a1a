"""A draft is played with an invented patient, day by day, and says what opens, when and why."""

import pytest

from app.pathways import draft_actions, draft_queries, play_queries


class Playing:
    def __init__(self, who, browser, base):
        self.who, self.browser, self.base = who, browser, f"{base}/play"

    @property
    def number(self):
        """How often the script has been changed, as a page that is opened now carries it."""
        return self.browser.get(self.base).fields["number"][0]

    def add(self, day, what, *, status=303, **fields):
        return self.send("", status=status, day=day, what=what, **fields)

    def send(self, path, *, status=303, **fields):
        return self.browser.post(f"{self.base}{path}", status=status, **{"number": self.number, **fields})

    def on(self, day, step=""):
        return self.browser.get(f"{self.base}?day={day}&step={step}").text


@pytest.fixture
def playing(imogen, draft, clients):
    return Playing(imogen, clients(imogen), draft(imogen).base)


def test_a_step_opens_on_the_day_its_rule_is_met_and_says_why(playing):
    playing.add(3, "done", step="low-mood")

    before, after = playing.on(2, "doing-what-matters"), playing.on(3, "doing-what-matters")

    assert "Opens when you finish Understanding low mood." in before and "not yet" in before
    assert "Ann finishes Understanding low mood online." in after
    assert "Changed today." in after and "day 3" in after
    assert "Open: start when you like." in after


def test_the_next_change_is_found_over_days_on_which_nothing_happens(playing):
    playing.add(20, "released", step="staying-well")

    page = playing.browser.get(f"{playing.base}?day=1")

    assert any("day=20" in link for link in page.links)
    assert "Ann has Staying well released by Robin, still to come" in page.text


def test_scores_sessions_and_problems_are_played_too(playing):
    playing.add(1, "scored", measure="phq-9", total=18)
    playing.add(10, "scored", measure="phq-9", total=9)
    playing.add(20, "scored", measure="phq-9", total=8)
    playing.add(2, "attended")
    playing.add(2, "missed")
    playing.add(4, "unrecorded")
    playing.add(5, "practised", word="relaxation")
    playing.add(5, "problem", word="anxiety")
    playing.add(6, "goal", word="sleep")
    playing.add(6, "mood")

    page = playing.on(20, "staying-well")

    assert "Ann answers PHQ-9: 8." in page
    assert "Changed today." in page and "Open: start when you like." in page


@pytest.mark.parametrize("which", ["better", "no-better", "in-sessions", "skips", "away"])
def test_a_ready_script_plays_to_the_end(playing, which):
    playing.send("/ready", which=which)

    page = playing.browser.get(f"{playing.base}?day=77")

    assert "Day 77 of" in page.text
    script = play_queries.script(playing.who.work(), playing.base.split("/")[3])
    assert len(script.happenings) > 11


def test_who_gets_better_has_staying_well_open_and_everything_done_in_the_end(playing):
    playing.send("/ready", which="better")

    assert playing.on(77).count("Done") >= 5


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"day": 0, "what": "done", "step": "low-mood"}, "Give a day from 1 to 730"),
        ({"day": 800, "what": "done", "step": "low-mood"}, "Give a day from 1 to 730"),
        ({"day": 1, "what": "nothing"}, "Choose what happens"),
        ({"day": 1, "what": "done"}, "Choose a step of this pathway"),
        ({"day": 1, "what": "scored", "measure": "phq-9", "total": 28}, "Give a total from 0 to 27"),
        ({"day": 1, "what": "scored", "measure": "phq-9"}, "Give a total from 0 to 27"),
        ({"day": 1, "what": "scored", "total": 5}, "Choose a questionnaire"),
        ({"day": 1, "what": "practised"}, "Say which technique, problem or goal"),
        ({"day": 1, "what": "practised", "word": "Not One Word"}, "Give one word"),
    ],
)
def test_a_happening_that_makes_no_sense_is_told_of_and_what_was_typed_stays(playing, fields, told):
    page = playing.send("", status=422, **fields)

    assert told in page.text
    assert page.fields["day"] == [str(fields["day"])]


def test_a_happening_is_taken_out_and_the_last_change_is_undone(playing):
    playing.add(3, "done", step="low-mood")
    playing.add(5, "released", step="staying-well")

    playing.send("/remove", place=0, day=3)
    assert "finishes Understanding low mood" not in playing.on(3)
    playing.send("/undo", day=3)

    assert "finishes Understanding low mood" in playing.on(3)


def test_a_script_is_its_authors_own_and_touches_no_patient(playing, lead, clients):
    playing.add(3, "done", step="low-mood")

    page = clients(lead).get(playing.base)

    assert "Nothing happens yet" in page.text


def test_a_draft_that_cannot_be_read_keeps_the_script(imogen, draft, clients):
    begun = draft(imogen, steps=[])
    browser = clients(imogen)

    page = browser.get(f"{begun.base}/play")

    assert "The days come back when what must be fixed in the draft is fixed." in page.text


@pytest.mark.parametrize("day", ["0", "-1", "x", "99999", "400", ""])
def test_a_day_that_is_none_shows_the_first_or_the_last(playing, day):
    assert "Day " in playing.browser.get(f"{playing.base}?day={day}").text


def test_a_step_that_was_taken_out_of_the_draft_does_not_break_the_script(playing, imogen):
    playing.add(3, "released", step="staying-well")
    draft_id = playing.base.split("/")[3]
    with imogen.working() as work:
        now = draft_queries.draft(work, draft_id)
        body = now.body | {"steps": [one for one in now.body["steps"] if one["key"] != "staying-well"]}
        draft_actions.save_draft(work, draft_id=now.id, body=body, edition=now.edition)

    assert "Ann has staying-well released by Robin" in playing.on(3)


def script(playing):
    return play_queries.script(playing.who.work(), playing.base.split("/")[3]).happenings


def test_a_double_click_on_anything_in_the_script_does_it_once(playing):
    number = playing.number
    for _ in range(2):
        playing.add(3, "done", step="low-mood", number=number)
    assert len(script(playing)) == 1

    playing.add(3, "mood")
    number = playing.number
    for _ in range(2):
        playing.send("/remove", place=0, day=3, number=number)
    assert [one.what for one in script(playing)] == ["mood"]

    number = playing.number
    for _ in range(2):
        playing.send("/undo", day=3, number=number)
    assert len(script(playing)) == 2


def test_the_same_may_happen_twice_and_what_was_undone_comes_back_from_a_page_of_its_own(playing):
    for _ in range(2):
        playing.add(3, "mood")
    assert len(script(playing)) == 2

    playing.send("/undo", day=3)
    playing.send("/undo", day=3)

    assert len(script(playing)) == 2


def test_an_older_page_takes_nothing_else_out_of_the_script(playing):
    playing.add(3, "mood")
    number = playing.number
    playing.add(4, "diary")
    playing.send("/remove", place=0, day=3)

    page = playing.send("/remove", place=0, day=3, number=number, status=409)

    assert "What happens was changed since you opened the page." in page.text
    assert [one.what for one in script(playing)] == ["diary"]


@pytest.mark.parametrize(
    ("before", "what", "told"),
    [
        ((), "opened", "The step is not open to Ann then"),
        ((), "done", "The step is not open to Ann then"),
        ((), "released", "This step does not wait for a release."),
        ((), "resumed", "This step is not on hold."),
        (("skipped",), "skipped", "This step is waived already."),
        (("done-in-session",), "done-in-session", "This step is done."),
        (("held",), "held", "This step is on hold already."),
        (("asked",), "asked", "has asked for it already"),
        (("opened-early",), "opened-early", "This step is open."),
    ],
)
def test_what_could_happen_to_no_patient_is_not_played(playing, before, what, told):
    for one in before:
        playing.add(2, one, step="doing-what-matters")

    page = playing.add(3, what, step="doing-what-matters", status=422)

    assert "This cannot be on day 3. " in page.text and told in page.text
    assert [one.what for one in script(playing)] == list(before)


def test_what_may_happen_is_chosen_in_words(playing):
    page = playing.browser.get(playing.base).text

    assert "practises a technique" in page and "sets a goal" in page and "answers a questionnaire" in page
    assert "a word" not in page


def test_a_step_is_finished_on_the_day_it_opens_and_not_before(playing):
    playing.add(5, "opened-early", step="thoughts")

    playing.add(4, "done", step="thoughts", status=422)
    playing.add(5, "done", step="thoughts")
