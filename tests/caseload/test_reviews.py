"""The review list: who comes on it because measures stopped, who sees it, and how an entry ends."""

import sqlalchemy as sa

from app.accounts import actions as accounts
from app.accounts.roles import Role
from app.safety import review_queries
from app.safety.review_kinds import ReviewKind, ReviewStep
from tests.questionnaires.answers import record_of, send, totalling
from tests.statements import counted


def entries(who):
    with who.working() as work:
        return review_queries.reviews(work, record_of(work, who))


def worse(who, library):
    """An entry because a score got worse; where its page is."""
    for total in (8, 14):
        send(who, library, totalling(total))
        who.world.clock.on(days=1)
    return f"/patients/{who.id}/reviews/{entries(who)[-1].id}"


# Measures that stopped


def test_once_the_second_due_day_has_gone_by_the_patient_is_on_the_list_once(course, ash, library, world, stop):
    course(ash)
    send(ash, library, totalling(12))
    world.clock.on(days=14)
    assert stop("phq-9") == 0
    world.clock.on(days=1)

    assert [stop("phq-9"), stop("phq-9")] == [1, 0]

    (entry,) = entries(ash)
    assert (entry.kind, entry.opened_at) == (ReviewKind.MISSING, world.clock.now)
    assert entry.causes[0].about == {"measures": ["phq-9"], "due_on": ["2026-03-10", "2026-03-17"]}


def test_two_more_are_added_to_the_entry_that_is_open(course, ash, library, world, stop):
    course(ash)
    send(ash, library, totalling(12))
    for days in (15, 7, 7):
        world.clock.on(days=days)
        stop("phq-9")

    assert [event.step for event in entries(ash)[0].events] == [ReviewStep.OPENED, ReviewStep.ADDED]


def test_an_answer_in_between_begins_the_count_anew(course, ash, library, world, stop):
    course(ash)
    send(ash, library, totalling(12))
    world.clock.on(days=13)
    send(ash, library, totalling(11))
    world.clock.on(days=14)

    assert stop("phq-9") == 0
    world.clock.on(days=1)
    assert stop("phq-9") == 1


def test_a_measure_that_never_came_counts_from_the_day_the_course_began(course, ash, world, stop):
    here = course(ash)
    here.post("/my/steps/low-mood/start")
    world.clock.on(days=7)
    assert stop("phq-9", "gad-7") == 0

    world.clock.on(days=1)
    assert stop("phq-9", "gad-7") == 1
    assert entries(ash)[0].causes[0].about["measures"] == ["phq-9", "gad-7"]


def test_whoever_has_not_begun_has_not_stopped(course, ash, world, stop):
    course(ash)
    world.clock.on(days=30)

    assert stop("phq-9") == 0


def test_nobody_is_asked_for_after_their_treatment_ended(course, ash, library, world, stop):
    course(ash)
    send(ash, library, totalling(12))
    with world.founding() as work:
        work.session.execute(
            sa.text("update patient_record set discharged_at = :now where id = :id"),
            {"now": world.clock.now, "id": ash.id},
        )
        work.record("patient.discharged", patient=ash.id)
    world.clock.on(days=30)

    assert stop("phq-9") == 0


# Who sees it


def test_the_list_says_why_who_and_since_when(course, ash, robin, library, clients):
    course(ash)
    worse(ash, library)

    page = clients(robin).get("/caseload/reviews")

    assert "1 entry waits for somebody to look and decide." in page.text
    assert "Ash Whitlock" in page.text
    assert "Getting worse PHQ-9 rose from 8 on Tuesday 3 March to 14. On the list since Wednesday 4 March" in page.text


def test_a_supervisor_sees_those_of_whom_they_supervise_with_their_practitioner(ash, robin, world, library, clients):
    una = world.staff("Una Super", Role.SUPERVISOR)
    worse(ash, library)
    assert "Ash Whitlock" not in clients(una).get("/caseload/reviews").text
    with world.founding() as work:
        accounts.supervise(work, supervisor_id=una.id, practitioner_id=robin.id)

    text = clients(una).get("/caseload/reviews").text

    assert "Ash Whitlock" in text and "With Robin Hale" in text


def test_the_list_costs_as_many_statements_for_one_as_for_several(ash, robin, world, library, clients, bind):
    def cost() -> int:
        browser = clients(robin)
        browser.get("/caseload/reviews")
        with counted(bind) as sent:
            browser.get("/caseload/reviews")
        return len(sent)

    worse(ash, library)
    few = cost()
    for name in ("Kit Rowe", "Jo Marsh", "Lou Finch"):
        worse(world.patient(name, of=robin), library)
    many = cost()

    assert many == few <= 6


# How it ends


def test_what_was_decided_ends_the_entry_and_stays_to_be_read(ash, robin, library, clients):
    path = worse(ash, library)
    browser = clients(robin)
    newest = browser.get(path).fields["newest_id"][-1]

    page = browser.post(path, words="Spoke on the phone. We meet weekly for now.", newest_id=newest)

    assert "Saved. This is off the review list." in page.text
    assert "We meet weekly for now." in page.text
    listed = browser.get("/caseload/reviews").text
    assert "Nobody waits for you." in listed
    assert "Spoke on the phone. We meet weekly for now. Robin Hale Thursday 5 March" in listed


def test_an_entry_does_not_end_without_words(ash, robin, library, clients):
    path = worse(ash, library)
    browser = clients(robin)
    newest = browser.get(path).fields["newest_id"][-1]

    page = browser.post(path, status=422, words="", newest_id=newest)

    assert "Write what was decided, and what happens next" in page.text
    assert "#words" in page.links
    assert entries(ash)[0].closed_at is None


def test_what_came_while_somebody_was_writing_is_read_before_it_is_decided(ash, robin, library, clients):
    path = worse(ash, library)
    browser = clients(robin)
    newest = browser.get(path).fields["newest_id"][-1]
    send(ash, library, totalling(20))

    page = browser.post(path, status=409, words="Nothing new.", newest_id=newest)

    assert "Something was added to this since you opened it." in page.text
    assert "Nothing new." in page.text
    assert entries(ash)[0].closed_at is None


def test_two_who_decide_at_once_are_one_decision_and_one_who_is_told(ash, robin, world, library, clients):
    path = worse(ash, library)
    lead = clients(world.staff("Lee Lead", Role.CLINICAL_LEAD))
    newest = lead.get(path).fields["newest_id"][-1]
    clients(robin).post(path, words="Seen.", newest_id=newest)

    page = lead.post(path, status=409, words="Seen by me too.", newest_id=newest)

    assert "Somebody recorded what was decided while you were writing." in page.text
    assert "Seen by me too." in page.text


def test_a_later_better_score_is_said_on_the_page_and_ends_nothing(ash, robin, library, clients):
    path = worse(ash, library)
    send(ash, library, totalling(5))

    page = clients(robin).get(path)

    assert "Since then PHQ-9 5, Thursday 5 March." in page.text
    assert "It stays there until somebody records what was decided, also now that there is a later answer." in page.text
