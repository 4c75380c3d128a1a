"""A questionnaire made void is kept and counts for nothing: not in scores, not in what is due, not in the pathway."""

import pytest

from app.kit.errors import NotFound
from app.programme import plan_actions
from app.programme import queries as programme
from app.questionnaires import sheet_queries, void_actions
from app.questionnaires.kinds import VoidReason
from app.safety import queries as safety
from app.safety import review_queries
from tests import published
from tests.questionnaires.answers import RISK, given, send, totalling


@pytest.fixture
def browser(clients, robin):
    return clients(robin)


@pytest.fixture
def enrolled(world, ash, library):
    with world.founding() as work:
        version = published.in_use(work, library=library, key="as-it-should-be")
        plan_actions.enrol(work, patient_id=ash.id, pathway_version_id=version.id, zone="Europe/London")


def void(robin, ash, response, reason=VoidReason.MISTAKE, words=""):
    with robin.working() as work:
        void_actions.void_response(work, patient=ash.patient(), response_id=response.id, reason=reason, words=words)


def address(ash, response):
    return f"/patients/{ash.id}/responses/{response.id}/void"


def test_a_void_questionnaire_is_kept_and_counts_no_more(ash, robin, library):
    send(ash, library, totalling(17))
    ash.world.clock.on(days=7)
    wrong = send(ash, library, totalling(3))

    void(robin, ash, wrong, VoidReason.ANSWERED_TWICE)

    assert [one.total for one in given(ash)] == [17]
    with robin.working() as work:
        kept = sheet_queries.recorded(work, ash.patient())
    assert [(one.answered.total, one.counts) for one in kept] == [(17, True), (3, False)]
    assert (kept[1].void.reason, kept[1].void.by) == (VoidReason.ANSWERED_TWICE, "Robin Hale")


def test_it_is_due_again_as_if_it_had_not_been_sent(ash, robin, library, clients):
    wrong = send(ash, library, totalling(3))
    assert clients(ash).get("/my/questionnaires").text.count("Due now.") == 1

    void(robin, ash, wrong)

    assert clients(ash).get("/my/questionnaires").text.count("Due now.") == 2


def test_an_alert_that_it_raised_stays_open(ash, robin, library):
    wrong = send(ash, library, RISK)

    void(robin, ash, wrong, VoidReason.WRONG_PATIENT)

    with robin.working() as work:
        assert safety.open_alert(work, ash.patient()) is not None


def test_an_entry_of_the_review_list_stays_and_says_that_its_answers_were_made_void(ash, robin, library, clients):
    send(ash, library, totalling(8))
    ash.world.clock.on(days=7)
    wrong = send(ash, library, totalling(16))
    with robin.working() as work:
        (entry,) = review_queries.reviews(work, ash.patient())

    void(robin, ash, wrong)

    page = clients(robin).get(f"/patients/{ash.id}/reviews/{entry.id}")
    assert "The answers of Tuesday 10 March were made void since." in page.text
    assert "The answers of Tuesday 10 March were made void since." in clients(robin).get("/caseload/reviews").text


def test_the_next_rise_is_worked_out_without_it(ash, robin, library):
    wrong = send(ash, library, totalling(2))
    void(robin, ash, wrong)
    ash.world.clock.on(days=1)
    send(ash, library, totalling(10))

    with robin.working() as work:
        assert review_queries.reviews(work, ash.patient()) == []


def test_somebody_elses_questionnaire_cannot_be_made_void_in_this_record(world, ash, robin, library):
    theirs = send(world.patient("Kit Rowe", of=robin), library, totalling(9))

    with robin.working() as work, pytest.raises(NotFound):
        void_actions.void_response(
            work, patient=ash.patient(), response_id=theirs.id, reason=VoidReason.MISTAKE, words=""
        )


def test_the_first_reason_stands_where_it_is_made_void_twice(ash, robin, library):
    wrong = send(ash, library, totalling(9))
    void(robin, ash, wrong, VoidReason.MISTAKE)
    void(robin, ash, wrong, VoidReason.PATIENT_ASKS)

    with robin.working() as work:
        assert sheet_queries.recorded(work, ash.patient())[0].void.reason is VoidReason.MISTAKE


def test_staff_make_one_void_and_find_it_struck_out_with_the_reason(browser, ash, library):
    wrong = send(ash, library, totalling(17))
    assert address(ash, wrong) in browser.get(f"/patients/{ash.id}/scores").links

    page = browser.post(address(ash, wrong), reason="answered-twice", words="Sent again by letter.")

    assert "Made void." in page.text
    assert "Void: answered twice. Robin Hale, Tuesday 3 March. “Sent again by letter.”" in page.text
    assert address(ash, wrong) not in page.links
    assert "It is void already." in browser.get(address(ash, wrong)).text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose why it does not count"),
        ({"reason": "nonsense"}, "Choose why it does not count"),
        ({"reason": "other"}, "Write why it does not count"),
        ({"reason": "mistake", "words": "x" * 2001}, "Shorten this to 2,000 letters"),
    ],
)
def test_without_a_reason_nothing_is_made_void(browser, ash, library, sent, said):
    wrong = send(ash, library, totalling(17))

    page = browser.post(address(ash, wrong), status=422, **sent)

    assert said in page.text
    assert len(given(ash)) == 1


def test_the_pathway_and_the_timeline_go_by_what_counts(ash, robin, library, enrolled):
    wrong = send(ash, library, totalling(17))
    with robin.working() as work:
        before = programme.plan(work, ash.patient())
    void(robin, ash, wrong)

    with robin.working() as work:
        plan = programme.plan(work, ash.patient())

    assert [row.kind for row in before.rows if row.source == "response"] == ["measure-taken"]
    assert [row.kind for row in plan.rows if row.source == "response"] == ["measure-void"]
    assert not [fact for fact in programme.facts(plan.rows) if getattr(fact, "measure", "")]


def test_the_patient_still_finds_what_was_made_void_but_not_what_was_another_patients(ash, robin, library, clients):
    mistaken, others = send(ash, library, totalling(9)), send(ash, library, totalling(3))
    void(robin, ash, mistaken, VoidReason.MISTAKE)
    void(robin, ash, others, VoidReason.WRONG_PATIENT)
    browser = clients(ash)

    page = browser.get(f"/my/questionnaires/phq-9/{mistaken.id}")

    assert "This one does not count any more." in page.text
    assert "9 out of 27" not in page.text
    browser.get(f"/my/questionnaires/phq-9/{others.id}", status=404)
    browser.get(f"/my/questionnaires/phq-9/{others.id}/print", status=404)
