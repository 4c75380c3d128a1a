"""Who may come in to the pages about a course, what junk does there, and what a page costs."""

import pytest

from app.accounts import actions as accounts
from app.accounts.roles import Role
from app.programme import plan_actions
from tests.programme.courses import decisions
from tests.statements import counted

ACTS = ["release", "open-early", "waive", "done", "hold", "resume", "requirement"]


def supervised_by(world, name, practitioner):
    supervisor = world.staff(name, Role.SUPERVISOR)
    with world.founding() as work:
        accounts.supervise(work, supervisor_id=supervisor.id, practitioner_id=practitioner.id)
    return supervisor


# Who may come in


PAGES = ["plan", "plan/add", "plan/technique", "plan/thoughts/waive", "answers", "timeline", "sees",
         "sees/low-mood/05-my-circle"]  # fmt: skip
POSTS = ["plan/add", "plan/technique", "plan/thoughts/waive", "plan/thoughts/move", "answers"]


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.SUPERVISOR])
def test_somebody_elses_patient_is_not_found_by_any_page_or_post(course, ash, world, clients, at, role):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well")
    decision = decisions(ash)[-1].id
    browser = clients(world.staff("Sam Other", role))

    for path in [*PAGES, f"decisions/{decision}/correct"]:
        browser.get(at(path), status=404)
    for path in [*POSTS, f"decisions/{decision}/undo", f"decisions/{decision}/correct"]:
        assert browser.send(at(path), reason="not-relevant", before="low-mood").status_code == 404
    assert len(decisions(ash)) == 1


def test_the_clinical_lead_sees_the_plan_and_not_the_words(course, ash, world, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")
    lead = clients(world.staff("Lee Lead", Role.CLINICAL_LEAD))

    assert "Coverage of the core" in lead.get(at()).text
    assert at("answers") not in lead.get(at("sees")).links
    assert at("sees/low-mood/05-my-circle") not in lead.get(at("sees")).links
    for path in ("answers", "timeline", "sees/low-mood/05-my-circle"):
        lead.get(at(path), status=403)
    answer = ash.entries()[0].answer_id
    assert lead.send(at("answers"), answer=answer, words="Hello").status_code == 403


def test_the_practitioners_supervisor_reads_and_decides(course, ash, world, robin, clients, at):
    ash = course(ash)
    ash.save("low-mood", "my-cycle", situation="Sunday evening, on the sofa")
    browser = clients(supervised_by(world, "Una Super", robin))

    assert "Sunday evening, on the sofa" in browser.get(at("answers")).text
    browser.post(at("plan/thoughts/waive"), reason="timing")
    assert ash.state("thoughts") == "waived"


@pytest.mark.parametrize("role", [Role.SERVICE_ADMIN, Role.NAVIGATOR, Role.RESEARCHER])
def test_those_who_run_the_service_see_no_course(course, ash, world, clients, at, role):
    course(ash)
    browser = clients(world.staff("Sam Other", role))

    for path in PAGES:
        browser.get(at(path), status=403)


def test_a_patient_opens_none_of_the_staffs_pages(course, ash, at):
    ash = course(ash)

    for path in PAGES:
        ash.get(at(path), status=403)


# Junk, and what a page costs


@pytest.mark.parametrize("act", [*ACTS, "add", "technique", "move"])
@pytest.mark.parametrize("step", ["low-mood", "staying-well"])
def test_junk_is_refused_and_changes_nothing(course, ash, robin, clients, at, act, step):
    ash = course(ash)
    browser = clients(robin)
    junk = {
        "reason": "\x00<b>" * 9, "requirement": "must", "what": "activities", "activities": ["../..", "Key With Space"],
        "technique": "no/such thing", "mode": "online", "before": "no/such step" * 9, "title": "", "on__year": "99999",
        "on__day": "31", "on__month": "2", "review_on__year": "0000", "due_on__day": "x", "decision_id": "17",
        "told": "y" * 5000,
    }  # fmt: skip
    path = at(f"plan/{act}") if act in ("add", "technique") else at(f"plan/{step}/{act}")

    assert browser.send(path, **junk).status_code in (404, 422)
    assert browser.send(path).status_code in (303, 404, 409, 422)
    assert all(row.kind in ("released", "moved") for row in decisions(ash))


@pytest.mark.parametrize(
    "path",
    ["plan/nothing/waive", "plan/low-mood/nothing", "sees/nothing/01-why-this-helps", "sees/low-mood/nothing",
     "decisions/00000000-0000-4000-8000-000000000000/correct", "decisions/17/correct"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(course, ash, robin, clients, at, path):
    course(ash)

    clients(robin).get(at(path), status=404)


@pytest.mark.parametrize("what", ["no-such-step", "Key With Space"])
def test_a_step_that_is_not_in_the_library_is_not_added(course, ash, robin, clients, at, what):
    ash = course(ash)

    assert clients(robin).send(at("plan/add"), what=what).status_code == 404
    assert clients(robin).send(at("plan/add"), what="own", title="Walk", technique=what).status_code == 404
    assert decisions(ash) == []


# An open form looks for its draft, and the timeline for closed alerts and for decisions about questionnaires.
@pytest.mark.parametrize(("path", "most"), [("plan", 6), ("plan/thoughts/waive", 7), ("timeline", 8)])
def test_a_page_costs_as_many_statements_however_long_the_course(course, ash, robin, clients, at, bind, path, most):
    ash = course(ash)
    ash.do_online("low-mood")
    for n in range(8):
        ash.staff(plan_actions.move, step="thoughts", before=("relaxing", "doing-what-matters")[n % 2 == 0])
    browser = clients(robin)
    browser.get(at(path))

    with counted(bind) as sent:
        browser.get(at(path))

    assert len(sent) <= most, "\n".join(sent)
