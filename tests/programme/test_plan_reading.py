"""The timeline and its corrections, what was written, and what the patient sees, as their practitioner reads it."""

from uuid import uuid4

from app.programme import plan_actions
from app.safety import actions as safety
from app.safety import queries as alerts
from app.safety.kinds import AlertKind
from tests.programme.courses import decisions
from tests.questionnaires.answers import send, totalling

# Corrections and the timeline


def test_an_entry_is_corrected_from_the_timeline_with_a_reason(course, ash, robin, clients, at):
    ash = course(ash)
    ash.staff(plan_actions.record_done, step="low-mood")
    browser, address = clients(robin), at(f"decisions/{decisions(ash)[-1].id}/correct")

    assert address in browser.get(at("timeline")).links
    assert "Recorded work done on Understanding low mood" in browser.get(address).text
    assert "Say what was entered wrongly" in browser.post(address, status=422, reason="").text
    page = browser.post(address, reason="Another patient’s session")

    assert "The entry is marked as wrong." in page.text
    assert "taken back" in page.text and "Another patient’s session" in page.text
    assert "Stays open, though what opened it has since been corrected." in browser.get(at()).text
    browser.get(address, status=404)


def test_the_timeline_has_everything_newest_first_and_can_be_narrowed(course, ash, robin, clients, at, library):
    send(ash, library, totalling(17))
    ash = course(ash)
    ash.do_online("low-mood")
    ash.staff(plan_actions.release, step="staying-well")

    page = clients(robin).get(at("timeline"))

    assert page.text.index("Released Staying well") < page.text.index("Started Understanding low mood")
    assert page.text.index("Started Understanding low mood") < page.text.index("Started Depression")
    assert "PHQ-9: 17" in page.text and "Choose a first goal and a small step, online" in page.text
    only = clients(robin).get(at("timeline?kind=questionnaire")).text
    assert "PHQ-9: 17" in only and "Released" not in only
    assert "Nothing of this kind has happened yet." in clients(robin).get(at("timeline?kind=comment")).text
    assert clients(robin).get(at("timeline?kind=nonsense&page=zzz")).text == page.text


def test_a_long_timeline_comes_a_hundred_at_a_time(course, ash, robin, clients, at):
    ash = course(ash)
    for n in range(102):
        ash.staff(plan_actions.move, step="thoughts", before=("relaxing", "doing-what-matters")[n % 2 == 0])

    first, second = clients(robin).get(at("timeline")), clients(robin).get(at("timeline?page=2"))

    assert "103 entries" in first.text and "Page 1 of 2" in first.text
    assert "Started Depression" not in first.text and "Started Depression" in second.text


def test_what_was_looked_at_in_one_sitting_is_one_line_of_the_timeline(course, ash, robin, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening")
    ash.save("low-mood", "problem-statement", statement="The phone rings")
    for entry in ash.entries():
        clients(robin).post(at("answers"), answer=entry.answer_id, words="", feedback_id=uuid4())
        ash.world.clock.on(minutes=2)
    ash.world.clock.on(minutes=30)
    again = next(one for one in ash.entries() if one.worksheet == "my-cycle")
    clients(robin).post(at("answers"), answer=again.answer_id, words="", feedback_id=uuid4())

    text = clients(robin).get(at("timeline?kind=comment")).text

    title = ash.module("low-mood").worksheet("my-cycle").title
    assert text.count("Looked at") == 2
    assert "Looked at 2 worksheets of Understanding low mood" in text
    assert f"Looked at “{title}” of Understanding low mood" in text


def test_the_timeline_says_who_agreed_the_homework(course, ash, robin, clients, at):
    ash = course(ash)
    ash.staff(plan_actions.record_done, technique="relaxation", homework="Breathe out slowly")

    text = clients(robin).get(at("timeline")).text

    assert "Homework agreed Ash reads: “Breathe out slowly” Robin Hale" in text


# Answers


def test_answers_are_read_as_they_were_written_with_the_page_they_were_on(course, ash, robin, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")
    ash.save("low-mood", "problem-statement", statement="The phone rings")
    ash.save("low-mood", "problem-statement", statement="When the phone rings I do not answer")

    page = clients(robin).get(at("answers"))

    assert "2 entries of 2 to look at" in page.text
    assert page.text.index("Sunday evening") < page.text.index("When the phone rings")
    assert "1 earlier version" in page.text and "Not looked at yet." in page.text
    assert at("sees/low-mood/05-my-circle") in page.links


def test_words_are_sent_and_looking_is_marked(course, ash, robin, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")
    answer, browser = ash.entries()[0].answer_id, clients(robin)

    page = browser.post(at("answers"), answer=answer, words="", feedback_id=uuid4())
    assert "Looked at by Robin Hale, Tuesday 3 March." in page.text
    assert "Not looked at yet." not in page.text and "none of them waiting" in page.text

    page = browser.post(at("answers"), answer=answer, words="Thank you for this", sends="yes", feedback_id=uuid4())
    assert "Robin Hale wrote, Tuesday 3 March: “Thank you for this”" in page.text
    assert "Thank you for this" in ash.get("/my/answers").text

    ash.save("low-mood", "my-cycle", situation="Sunday evening, in the kitchen")
    assert "Not looked at yet." in clients(robin).get(at("answers")).text


def test_sending_nothing_is_a_mistake_beside_the_entry_it_was_for(course, ash, robin, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")
    answer = ash.entries()[0].answer_id

    page = clients(robin).post(at("answers"), status=422, answer=answer, words="  ", sends="yes")

    assert "Write something for them to read, or press Looked at" in page.text
    assert f"#w-{answer}-words" in page.links


def test_too_many_words_stay_typed(course, ash, robin, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")

    page = clients(robin).post(
        at("answers"), status=422, answer=ash.entries()[0].answer_id, words="x" * 2001, sends="yes"
    )

    assert "x" * 2001 in page.fields["words"]


def test_nothing_written_yet_says_what_will_be_there(course, ash, robin, clients, at):
    course(ash)

    assert "Ash has not written anything yet." in clients(robin).get(at("answers")).text


# What the patient sees


def test_the_patients_programme_is_shown_in_the_words_they_read(course, ash, robin, clients, at):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well", told="Have a look before Tuesday.")
    theirs = ash.get("/my/programme").text

    page = clients(robin).get(at("sees"))

    for words in ("Have a look before Tuesday.", "Open: start when you like.", "Opens when you finish Understanding"):
        assert words in theirs and words in page.text
    assert at("sees/low-mood/05-my-circle") in page.links


def test_a_page_is_shown_with_its_note_for_practitioners_and_what_was_written(course, ash, robin, clients, at, library):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")
    here = library.modules["low-mood"].page("05-my-circle")

    page = clients(robin).get(at("sees/low-mood/05-my-circle"))

    assert page.headings == [f"What Ash sees: {here.title}"]
    assert here.guide.split(".")[0] in page.text
    assert here.guide.split(".")[0] not in ash.get("/my/steps/low-mood/pages/05-my-circle").text
    assert "Sunday evening, on the sofa" in page.text
    assert {at("sees/low-mood/04-how-it-keeps-going"), at("sees/low-mood/06-ways-out")} <= set(page.links)
    assert set(page.fields) <= {"csrf"}


def test_a_page_of_a_closed_step_says_that_the_patient_cannot_open_it(course, ash, robin, clients, at):
    course(ash)

    page = clients(robin).get(at("sees/staying-well/01-why-this-helps"))

    assert "Waiting for information: Ash cannot open it yet." in page.text


# Safety on the timeline


def test_a_closed_alert_stays_on_the_timeline_with_who_did_what_and_leads_to_its_page(course, ash, robin, clients, at):
    course(ash)
    with ash.working() as work:
        safety.raise_alert(work, patient=ash.patient(), kind=AlertKind.RISK_ANSWER, source="phq-9:q9:1:first")
    browser = clients(robin)
    found = alerts.open_alert(robin.work(), ash.patient()).id
    address = f"/patients/{ash.id}/alerts/{found}"
    browser.get(address)
    browser.post(address, act="contacted", words="Spoke for six minutes.", then="close")

    page = browser.get(f"{at('timeline')}?kind=safety")

    assert "Safety alerts 4" in page.text
    for words in ("An answer raised a safety alert", "Looked at the", "Spoke with them about the", "Closed the safety"):
        assert words in page.text
    assert "Spoke for six minutes." in page.text and "Robin Hale" in page.text
    assert address in page.links
