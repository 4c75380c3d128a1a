"""Two clicks at the same moment are one thing done, and both are shown it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.clinical.sequencing.moving import MovePlan
from app.clinical.sequencing.play import Happening, What
from app.pathways import (
    draft_queries,
    editor_actions,
    jobs,
    moving_actions,
    moving_queries,
    play_actions,
    play_queries,
    publishing_actions,
    version_queries,
    what_if_actions,
    what_if_queries,
)
from app.programme import plan_actions
from tests import published
from tests.people import Somebody


@pytest.fixture
def bind(engine):
    """A database in which two people's work is committed for good, and waits for each other's."""
    return engine


@pytest.fixture
def at_once(engine) -> Callable[..., list]:
    """Do something twice, the second begun while the first is done but not yet committed; what each returned."""

    def waits() -> bool:
        with engine.connect() as connection:
            return connection.execute(
                sa.text(
                    "select exists (select from pg_stat_activity"
                    " where wait_event_type = 'Lock' and datname = current_database())"
                )
            ).scalar_one()

    def twice(who: Somebody, act: Callable[..., object]) -> list:
        def again() -> object:
            with who.working() as work:
                return act(work)

        with ThreadPoolExecutor(1) as other:
            with who.working() as work:
                first = act(work)
                second = other.submit(again)
                while not waits():
                    # Until it waits or has come to an end, and for no longer than a test may.
                    assert not second.done(), second.result()
            return [first, second.result()]

    return twice


@pytest.fixture
def versions(world, library, robin, supervisor) -> tuple[UUID, UUID]:
    """Two versions of the starter pathway, somebody on the first."""
    with world.founding() as work:
        first = published.in_use(work, library=library, key="as-it-should-be").id
        patient = world.patient("Ash Whitlock", of=robin)
        plan_actions.enrol(work, patient_id=patient.id, pathway_version_id=first, zone="Europe/London")
        other = library.pathways["as-it-should-be"].model_copy(update={"sessions": 9})
        pathway, _ = version_queries.as_adopted(other, library, 2)
        return first, publishing_actions.new_version(work, pathway=pathway).id


def test_asking_what_a_version_would_do_is_asked_once(imogen, versions, library, at_once):
    first, second = versions
    what_if_id = uuid4()

    def ask(work):
        return what_if_actions.ask(
            work, library=library, from_ids=[first], plan=MovePlan(), to_id=second, what_if_id=what_if_id
        )

    assert at_once(imogen, ask) == [what_if_id] * 2
    assert len(what_if_queries.asked_about(imogen.work(), to_id=second)) == 1


def test_a_move_is_planned_once(world, bind, imogen, versions, library, at_once):
    first, second = versions
    with imogen.working() as work:
        asked = what_if_actions.ask(work, library=library, from_ids=[first], plan=MovePlan(), to_id=second)
    jobs.answer(bind, world.service_id, clock=world.clock, library=library)
    plan_id = uuid4()

    def plan(work):
        return moving_actions.plan_move(
            work, what_if_id=asked, leave_out=(), due_on=work.today, note="A better order.", plan_id=plan_id
        )

    assert at_once(imogen, plan) == [plan_id] * 2
    assert len(moving_queries.plans(imogen.work())) == 1


def test_a_change_to_a_draft_is_undone_once(imogen, draft, at_once):
    begun = draft(imogen)
    with imogen.working() as work:
        changed = begun.body | {"title": "Another"}
        editor_actions.change_draft(work, draft=begun, body=changed, edition=1)

    undone = at_once(imogen, lambda work: editor_actions.undo_change(work, draft_id=begun.id, edition=2))

    assert [one.edition for one in undone] == [3, 3]
    assert draft_queries.draft(imogen.work(), begun.id).body == begun.body


def test_a_change_to_a_draft_is_saved_once(imogen, draft, at_once):
    begun = draft(imogen)
    changed = begun.body | {"title": "Another"}

    saved = at_once(imogen, lambda work: editor_actions.change_draft(work, draft=begun, body=changed, edition=1))

    assert [one.edition for one in saved] == [2, 2]


def test_what_happens_to_the_invented_patient_happens_once(imogen, draft, at_once, library):
    begun, mood = draft(imogen), Happening(day=1, what=What.MOOD)
    pathway = library.pathways["as-it-should-be"]

    at_once(imogen, lambda work: play_actions.add(work, draft_id=begun.id, pathway=pathway, number=0, happening=mood))

    assert play_queries.script(imogen.work(), begun.id).happenings == (mood,)
