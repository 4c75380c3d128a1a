"""Staff take a questionnaire by phone or in session, or give their own view; a risk answer tells them what to do."""

from uuid import uuid4

import pytest

from app.accounts.roles import Role
from app.clinical.instruments import Respondent
from app.programme import plan_actions
from app.questionnaires import sheet_queries
from app.questionnaires.kinds import Way
from app.safety import queries as safety
from tests import published
from tests.questionnaires.answers import RISK, given, record_of, send, totalling
from tests.questionnaires.test_pages import discharge
from tests.questionnaires.test_sitting import FITS


@pytest.fixture
def staff(clients, robin):
    return clients(robin)


@pytest.fixture
def phq(ash):
    return f"/patients/{ash.id}/questionnaires/phq-9"


@pytest.fixture
def view(ash):
    return f"/patients/{ash.id}/own-view/alliance"


def alert(of):
    with of.working() as work:
        return safety.open_alert(work, record_of(work, of))


def test_one_taken_by_phone_counts_as_any_other_and_says_who_took_it(staff, ash, phq, clients):
    page = staff.post(phq, response_id=uuid4(), way="phone", **totalling(12))

    assert page.headings == ["PHQ-9 recorded"]
    assert "Taken by phone, by Robin Hale," in page.text and "Total 12 of 27, moderate." in page.text
    (sent,) = given(ash)
    assert (sent.total, sent.way, sent.taken_by) == (12, Way.PHONE, "Robin Hale")
    assert "by phone, by Robin Hale" in staff.get(f"/patients/{ash.id}/scores").text
    theirs = clients(ash).get(f"/my/questionnaires/phq-9/{sent.id}")
    assert "Your answers were taken down by phone, by Robin Hale" in theirs.text
    assert clients(ash).get("/my/questionnaires").text.count("Due now.") == 1


def test_what_to_take_is_found_from_the_scores(staff, ash, phq, view):
    assert f"/patients/{ash.id}/take" in staff.get(f"/patients/{ash.id}/scores").links

    page = staff.get(f"/patients/{ash.id}/take")

    assert {phq, view} <= set(page.links)
    assert f"/patients/{ash.id}/questionnaires/wsas" not in page.links


@pytest.mark.parametrize("way", ["", "online", "nonsense"])
def test_how_it_was_taken_has_to_be_said(staff, ash, phq, way):
    page = staff.post(phq, status=422, response_id=uuid4(), way=way, **totalling(12))

    assert "Choose whether you took it by phone or in session" in page.text
    assert page.fields["q1"] == ["3"]
    assert given(ash) == []


def test_a_risk_answer_raises_the_patients_alert_and_staff_are_told_what_to_do_now(staff, ash, phq):
    page = staff.post(phq, response_id=uuid4(), way="in-session", **RISK)

    raised = alert(ash)
    assert raised is not None
    assert "Before you end the call or the session" in page.text
    assert f"/patients/{ash.id}/alerts/{raised.id}" in page.links
    assert "/my/support" not in page.links


def test_a_risk_answer_on_a_form_that_is_begun_or_refused_alerts_and_the_form_says_what_to_do(staff, ash, phq):
    staff.send(f"{phq}/draft", response_id=uuid4(), q9=2)

    assert alert(ash) is not None
    page = staff.get(phq)
    assert page.fields["q9"] == ["2"]
    assert "Before you end the call or the session" in page.text
    assert "Before you end the call or the session" in staff.post(phq, status=422, response_id=uuid4(), q9=1).text


def test_a_draft_about_one_patient_is_not_on_the_form_of_another(world, staff, robin, ash, phq):
    staff.send(f"{phq}/draft", response_id=uuid4(), q1=2)

    other = world.patient("Kit Rowe", of=robin)

    assert "q1" not in staff.get(f"/patients/{other.id}/questionnaires/phq-9").fields
    assert staff.get(phq).fields["q1"] == ["2"]


def test_the_id_of_another_patients_form_is_refused(world, staff, robin, ash, phq, library):
    theirs = send(world.patient("Kit Rowe", of=robin), library, totalling(9))

    assert staff.send(phq, response_id=theirs.id, way="phone", **totalling(3)).status_code == 404
    staff.get(f"{phq}/{theirs.id}", status=404)


def test_a_double_click_records_one(staff, ash, phq):
    form = uuid4()
    staff.post(phq, response_id=form, way="phone", **totalling(12))
    page = staff.post(phq, response_id=form, way="phone", **totalling(3))

    assert "You had recorded this form already." in page.text
    assert [one.total for one in given(ash)] == [12]


def test_ones_own_view_is_never_the_patients_to_see_and_changes_nothing_of_theirs(staff, ash, robin, view, clients):
    page = staff.get(view)
    assert "The patient does not see them in Braid" in page.text
    assert "I understand how things are for the patient" in page.text

    page = staff.post(view, response_id=uuid4(), change="Meet a little longer.", **FITS)

    assert page.headings == ["Working together recorded"]
    assert given(ash) == []
    with robin.working() as work:
        (kept,) = sheet_queries.recorded(work, ash.patient())
    assert (kept.answered.respondent, kept.answered.taken_by) == (Respondent.PRACTITIONER, "Robin Hale")
    clients(ash).get(f"/my/questionnaires/alliance/{kept.answered.id}", status=404)
    assert "Working together" not in clients(ash).get("/my/questionnaires").text
    scores = staff.get(f"/patients/{ash.id}/scores").text
    assert "Working together, as the practitioner sees it" in scores
    assert "Meet a little longer." in scores


def test_the_words_are_for_those_who_may_read_words(world, staff, ash, view, clients):
    staff.post(view, response_id=uuid4(), change="Meet a little longer.", **FITS)

    page = clients(world.staff("Lee Lead", Role.CLINICAL_LEAD)).get(f"/patients/{ash.id}/scores")

    assert "Working together, as the practitioner sees it" in page.text
    assert "Meet a little longer." not in page.text


def test_a_view_is_given_only_where_there_is_a_form_for_it(staff, ash):
    staff.get(f"/patients/{ash.id}/own-view/phq-9", status=404)


def test_after_discharge_nothing_more_is_recorded(world, staff, ash, phq):
    discharge(world, ash)

    assert staff.get(phq, status=409).headings == ["Their course has ended"]
    assert staff.send(phq, response_id=uuid4(), way="phone", **RISK).status_code == 409
    assert staff.send(f"{phq}/draft", response_id=uuid4(), **RISK).status_code == 409
    assert f"/patients/{ash.id}/take" not in staff.get(f"/patients/{ash.id}/scores").links


def test_the_timeline_says_that_it_was_taken_by_phone(staff, ash, phq, world, library):
    with world.founding() as work:
        version = published.in_use(work, library=library, key="as-it-should-be")
        plan_actions.enrol(work, patient_id=ash.id, pathway_version_id=version.id, zone="Europe/London")
    staff.post(phq, response_id=uuid4(), way="phone", **totalling(12))

    assert "PHQ-9: 12, taken by phone" in staff.get(f"/patients/{ash.id}/timeline").text
