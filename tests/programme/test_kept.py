"""What is kept of a plan between two pages is said again only while it is still true."""

from app.accounts import actions as accounts
from app.accounts.roles import Role
from app.programme import course_queries, queries


def test_a_programme_says_the_name_of_whoever_looks_after_the_patient_now(course, ash, world):
    here = course(ash)
    here.post("/my/programme/staying-well/ask")
    assert "Robin will tell you" in here.get("/my/programme").text

    other, lead = world.staff("Kim Young"), world.staff("Lee Lead", Role.CLINICAL_LEAD)
    with lead.working() as work:
        accounts.reassign(work, patient_id=ash.id, practitioner_id=other.id)

    text = here.get("/my/programme").text
    assert "Kim will tell you" in text and "Robin will tell you" not in text


def test_a_programme_follows_what_was_done_since(course, ash):
    here = course(ash)
    assert "Under way" not in here.get("/my/programme").text

    here.post("/my/steps/low-mood/start")

    assert "Under way" in here.get("/my/programme").text


def test_a_programme_follows_the_texts_of_the_library(course, ash, library):
    course(ash)
    plan, patient = queries.plan(ash.work(), ash.patient()), ash.patient()
    before = course_queries.programme(plan, library.modules, patient)
    text = library.modules["low-mood"]
    changed = text.model_copy(update={"summary": "Read anew.", "content_hash": "another"})

    after = course_queries.programme(plan, {**library.modules, "low-mood": changed}, patient)

    assert before.steps[0].summary == text.summary
    assert after.steps[0].summary == "Read anew."


def test_what_was_worked_out_for_one_name_is_not_said_of_another(course, ash):
    course(ash)
    plan = queries.plan(ash.work(), ash.patient())

    told = [plan.once(("told", name), lambda name=name: f"To {name}") for name in ("Ash", "Ashley", "Ash")]

    assert told == ["To Ash", "To Ashley", "To Ash"]
