"""What staff begin to write and do not send: kept as a draft that only they see, and gone once it is sent."""

import re

from app.accounts.roles import Role
from app.kit import drafts
from tests.questionnaires.answers import RISK, send

NEXT = re.compile(r"/patients/[0-9a-f-]+/alerts/[0-9a-f-]+")


def alert_of(course, robin, clients):
    """The address of an open alert, and the practitioner's browser."""
    send(course.who, course.library, RISK)
    browser = clients(robin)
    links = browser.get(f"/patients/{course.who.id}/scores").links
    return next(link for link in links if NEXT.fullmatch(link)), browser


def test_what_staff_begin_to_write_about_an_alert_is_there_again_until_it_is_sent(course, ash, robin, clients):
    path, browser = alert_of(course(ash), robin, clients)
    draft = f"/drafts/alert-{path.rpartition('/')[2]}"

    assert browser.send(draft, act="contacted", words="Spoke at ten, her sister is with her").status_code == 200
    before = browser.get(path)
    browser.post(path, act="contacted", words="Spoke at ten, her sister is with her", then="keep-open")
    after = browser.get(path)

    assert before.fields["words"][0].strip() == "Spoke at ten, her sister is with her"
    assert before.fields["act"] == ["contacted"]
    assert "Draft from Tuesday 3 March at 10:00, not sent." in before.text
    assert after.fields["words"][0].strip() == "" and "not sent" not in after.text


def test_a_draft_of_staff_is_nobody_elses_to_see(course, ash, robin, clients, world):
    path, browser = alert_of(course(ash), robin, clients)
    browser.send(f"/drafts/alert-{path.rpartition('/')[2]}", words="Only mine so far")

    lead = clients(world.staff("Kit Moran", role=Role.CLINICAL_LEAD))

    assert "Only mine so far" not in lead.get(path).text


def test_words_for_a_patient_are_there_again_beside_the_entry_they_are_about(course, ash, robin, clients):
    course = course(ash)
    course.post("/my/steps/low-mood/start")
    course.save("low-mood", "my-cycle", situation="On the sofa")
    address, browser, entry = f"/patients/{ash.id}/answers", clients(robin), course.entries()[0]
    words = "Thank you for this one."

    browser.send(f"/drafts/words-{entry.answer_id}", words=words, answer=str(entry.answer_id), sends="yes")
    before = browser.get(address)
    browser.post(address, answer=str(entry.answer_id), words=words, sends="yes")

    assert words in before.fields["words"][0] and "not sent" in before.text
    assert "not sent" not in browser.get(address).text


def test_a_note_on_the_plan_is_there_again_when_its_form_is_opened_again(course, ash, robin, clients, at):
    course(ash)
    browser, form = clients(robin), at("plan/thoughts/hold")

    browser.send(f"/drafts/plan-{ash.id}-hold-thoughts", reason="We agreed to wait", told="")
    before = browser.get(form)
    day = {"review_on__day": "10", "review_on__month": "3", "review_on__year": "2026"}
    browser.post(form, reason="We agreed to wait", **day)

    assert before.fields["reason"][0].strip() == "We agreed to wait"
    assert drafts.posted_under(robin.work(), prefix="plan-") == {}


def test_an_emptied_form_leaves_no_draft(course, ash, robin, clients):
    path, browser = alert_of(course(ash), robin, clients)
    draft = f"/drafts/alert-{path.rpartition('/')[2]}"
    browser.send(draft, words="Begun")

    browser.send(draft, words="")

    assert "not sent" not in browser.get(path).text


def test_a_draft_has_a_name_of_ours_and_a_length_that_a_form_can_have(robin, clients):
    browser = clients(robin)

    assert browser.send("/drafts/Alert:1", words="Begun").status_code == 404
    assert browser.send("/drafts/alert-1", words="a" * 20_001).status_code == 413
