"""Whatever is sent to the pages about pathways, the answer is a page or a refusal, and never a fault of ours."""

from uuid import uuid4

import pytest
from ruamel.yaml import YAML

from app.accounts.roles import Role
from app.programme import queries
from tests.house.files import HOUSE
from tests.pathways.test_what_if import answer, follow, question, stricter
from tests.programme.conftest import course

__all__ = ["answer", "course", "follow", "question", "stricter"]

ROWS = YAML(typ="safe", pure=True).load((HOUSE / "tests/access/routes.yaml").read_text())["routes"]
ADDRESSES = ("/pathways", "/incidents", "/caseload/together", "/caseload/left")
POSTED = [row["path"] for row in ROWS if "post" in row and row["path"].startswith(ADDRESSES)]
READ = [row["path"] for row in ROWS if "get" in row and row["path"].startswith(ADDRESSES)]
LONG = "x" * 3000
WORDS = ("words", "note", "title", "summary", "reason", "text", "step", "word", "which", "act", "what", "back", "then")
IDS = ("draft_id", "what_if_id", "plan_id", "proposal_id", "many_id", "from_ids", "patients")
NUMBERS = ("edition", "day", "place", "total", "sessions", "programme_days", "n", "at_least", "due_on-day")
NOBODY = "00000000-0000-4000-8000-000000000000"
SENT = {
    "nothing": {},
    "what is no number": dict.fromkeys(NUMBERS, "one"),
    "numbers past all bounds": dict.fromkeys(NUMBERS, "9" * 30),
    "numbers below nothing": dict.fromkeys(NUMBERS, "-1"),
    "words too long": dict.fromkeys(WORDS, LONG) | {"edition": "1"},
    "signs": dict.fromkeys(WORDS, "\x00<>'\"%{{7*7}}\u202e") | {"edition": "1"},
    "ids that are none": dict.fromkeys(IDS, "x"),
    "ids of nobody": dict.fromkeys(IDS, NOBODY) | {"edition": "1", "note": "n", "act": "release", "step": "s"},
    "a rule that is none": {"edition": "1", "was": "{", "do": "add:unlock"},
    "a rule too deep": {"edition": "1", "was": '{"kind":"all","of":[' * 200 + "]}" * 200, "do": "save"},
    "acts that are none": dict.fromkeys(("do", "act", "what", "which"), "explode:everything") | {"edition": "1"},
}


@pytest.fixture
def scene(course, ash, imogen, robin, supervisor, draft, publishing, question, stricter, answer):
    """One of everything that an address can name."""
    course(ash)
    begun = draft(imogen, steps=stricter)
    publishing.ask(imogen, begun)
    path = question.ask(f"{begun.base}/what-if")
    answer()
    version = next(iter(queries.pathways(imogen.work())))
    return {
        "draft_id": begun.id, "proposal_id": publishing.request(imogen, begun), "version_id": version.id,
        "what_if_id": path.rpartition("/")[2], "patient_id": ash.id, "plan_id": uuid4(), "incident_id": uuid4(),
        "many_id": uuid4(), "step": "thoughts",
    }  # fmt: skip


@pytest.mark.parametrize("sent", SENT)
def test_nothing_that_is_posted_is_a_fault_of_ours(scene, imogen, lead, world, clients, sent):
    for who in (imogen, lead):
        browser = clients(who)
        for path in POSTED:
            answered = browser.send(path.format(**scene), **SENT[sent])
            assert answered.status_code < 500, f"{path} as {who.role}: {answered.text[:300]}"


QUERIES = (
    "day=x",
    "day=-5&step=%00",
    "group=%27&page=0",
    "page=99999",
    "did=%3Cb%3E&at=x&for=y",
    "which=x&done=published",
)


def test_nothing_that_is_asked_for_is_a_fault_of_ours(scene, imogen, clients):
    browser = clients(imogen)
    for path in READ:
        for asked in QUERIES:
            answered = browser.http.get(f"{path.format(**scene)}?{asked}")
            assert answered.status_code < 500, f"{path}?{asked}: {answered.text[:300]}"


def test_a_draft_is_read_by_two_at_once_and_saved_by_one(imogen, lead, draft, clients):
    begun = draft(imogen)
    mine, theirs = clients(imogen), clients(lead)
    page = mine.get(f"{begun.base}/length")
    theirs.post(f"{begun.base}/length", edition=1, title="Depression", programme_days=70, sessions=9, summary="")

    refused = mine.post(
        f"{begun.base}/length", status=409, edition=page.fields["edition"][0], title="Low mood", programme_days=84,
        sessions=12, summary="",
    )  # fmt: skip

    assert "Somebody else has changed this draft" in refused.text and "Lee Lead" in refused.text
    assert "Low mood" in str(refused.fields)


def test_a_session_that_ran_out_asks_to_sign_in_and_comes_back(imogen, draft, clients, world):
    begun = draft(imogen)
    browser = clients(imogen)
    world.clock.on(hours=2)

    answered = browser.send(f"{begun.base}/length", edition=1, title="Low mood", programme_days=84, sessions=12)

    assert answered.status_code in (303, 401) or "sign in" in answered.text.lower()


def test_a_what_if_of_another_role_is_refused(world, scene, clients):
    browser = clients(world.staff("Nav Gator", Role.NAVIGATOR))

    browser.get(f"/pathways/what-if/{scene['what_if_id']}", status=403)
