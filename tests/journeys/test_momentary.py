"""Short questions in a real browser: from Today and back in a minute, and on a phone in a tunnel."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from app.clinical.momentary import Standing
from app.clinical.momentary_protocols import Protocol, Purpose
from app.mood import momentary_actions, momentary_jobs
from app.mood import momentary_queries as queries
from tests.journeys.test_offline import kept, ready, say_sent, say_waits
from tests.mood.momentary import THREE

QUARTER_TO_TEN = datetime(2026, 3, 4, 9, 45, tzinfo=UTC)
TWENTY_MINUTES = timedelta(minutes=20)
# The answer that waits, as it were given twenty minutes before.
TWENTY_MINUTES_AGO = """async () => {
  const open = indexedDB.open("braid");
  const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
  const store = database.transaction("waiting", "readwrite").objectStore("waiting");
  await new Promise((done) => {
    const asked = store.getAll();
    asked.onsuccess = () => {
      for (const item of asked.result) store.put({ ...item, at: item.at - 1200000 });
      done();
    };
  });
}"""


@pytest.fixture
def ash(enrol, robin, site):
    """The first of six prompts is open until ten, and late answers are refused."""
    ash = enrol("Ash Whitlock")
    with robin.working() as work:
        momentary_actions.assign(
            work,
            patient=ash.patient(),
            assignment_id=uuid4(),
            protocol=Protocol.model_validate(THREE | {"late": "refuse"}),
            purpose=Purpose.START,
            first_on=date(2026, 3, 4),
            days=2,
        )
    site.clock.on(seconds=(QUARTER_TO_TEN - site.clock.now).total_seconds())
    momentary_jobs.ask(ash.world.bind, ash.world.service_id, clock=site.clock)
    return ash


def first(ash):
    work = ash.work()
    (assigned,) = queries.assignments(work, ash.patient())
    return queries.prompts(work, assigned)[0]


@pytest.mark.parametrize("visit", ["390", "390-no-script"], indirect=True)
def test_an_open_one_is_answered_from_today_and_back(visit, ash, site):
    window = visit().sign_in(ash).go("/my/today").sees("Short questions are open until 10:00am.")
    window.page.get_by_role("link", name="Answer them").click()
    window.look().choose("7").fill("Anything else?", "The rain stopped.").press("Save")

    window.sees("Saved. That is all for now.")
    assert first(ash).answers == {"mood": 7, "say": "The rain stopped."}


@pytest.mark.parametrize("visit", ["390"], indirect=True)
def test_what_is_answered_in_a_tunnel_is_in_time_when_it_arrives(visit, ash, site):
    phone = ready(visit().sign_in(ash).go(f"/my/short-questions/{first(ash).id}"))
    phone.choose("3")
    phone.context.set_offline(True)
    phone.page.get_by_role("button", name="Save").click()
    say_waits(phone, "1 thing is waiting to be sent. It will go when you are back online.")
    phone.page.evaluate(TWENTY_MINUTES_AGO)
    # Past ten, when it is open no more.
    site.clock.on(minutes=25)
    phone.context.set_offline(False)

    say_sent(phone, "Sent. 1 thing you wrote without a connection is saved.")
    found = first(ash)
    assert found.answers == {"mood": 3} and found.standing(site.clock.now) is Standing.ANSWERED
    assert found.arrived_at - found.said_at >= TWENTY_MINUTES and kept(phone)["waiting"] == 0
