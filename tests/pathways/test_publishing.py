"""A pathway is published by two people, with a signed reason for what the checks cannot decide."""

import re
from dataclasses import replace
from uuid import uuid4

import pytest

from app.accounts import actions as accounts
from app.accounts.roles import Role
from app.clinical.sequencing import arranging
from app.pathways import draft_actions, draft_queries, publishing_actions, publishing_queries, version_queries
from app.programme import queries
from tests import published
from tests.programme.conftest import course

__all__ = ["course"]


@pytest.fixture(autouse=True)
def staffed(robin, supervisor):
    """The library's pathways wait for a practitioner, and turn to a supervisor."""


def in_use(who):
    return [(one.key, one.version) for one in queries.in_use(who.work())]


def test_one_asks_and_the_other_publishes(imogen, lead, draft, publishing, now):
    begun = draft(imogen)

    page = publishing.ask(imogen, begun)
    assert "Asked. Lee Lead can publish it now." in page.text and in_use(imogen) == []
    page = publishing.publish(lead, begun)

    assert "Depression, version 1 is published." in page.text
    assert in_use(imogen) == [("as-it-should-be", 1)]
    assert now(imogen, begun).ended_at is not None


def test_either_of_the_two_may_begin(imogen, lead, draft, publishing):
    begun = draft(lead)
    publishing.ask(lead, begun)

    publishing.publish(imogen, begun)

    assert in_use(lead) == [("as-it-should-be", 1)]


def test_nobody_publishes_what_they_asked_for(imogen, lead, draft, publishing):
    begun = draft(imogen)
    publishing.ask(imogen, begun)

    assert "Publish version 1" not in publishing.page(imogen, begun).text
    publishing.publish(imogen, begun, status=409)

    assert in_use(imogen) == []


def test_two_people_in_one_role_are_not_enough(world, imogen, lead, draft, publishing):
    other = world.staff("Helen Marsh", Role.SERVICE_ADMIN)
    begun = draft(imogen)
    publishing.ask(imogen, begun)

    assert "Somebody else, in the other role, publishes it" in publishing.page(other, begun).text
    publishing.publish(other, begun, status=409)

    assert in_use(imogen) == []


def test_whoever_has_both_roles_does_not_publish_their_own_request(imogen, draft, publishing, library):
    begun = draft(imogen)
    publishing.ask(imogen, begun)
    asked = publishing.request(imogen, begun)

    with pytest.raises(publishing_actions.CannotPublish), replace(imogen, role=Role.CLINICAL_LEAD).working() as work:
        publishing_actions.publish(work, draft_id=begun.id, proposal_id=asked, library=library)


def test_a_finding_that_wants_a_reason_is_signed_for_and_the_reason_stays_with_the_version(
    imogen, lead, draft, publishing, clients
):
    begun = draft(imogen, "mixed")

    page = publishing.ask(imogen, begun, status=422)
    assert "Say why this is right for your patients, or change the rule" in page.text
    publishing.ask(imogen, begun, reason="We open it in the session.\nNobody is left waiting.")
    assert "We open it in the session." in publishing.page(lead, begun).text
    publishing.publish(lead, begun)

    version = version_queries.newest(lead.work(), "mixed")
    assert [one["words"] for one in version.signed] == ["We open it in the session.\nNobody is left waiting."]
    assert "A waiver cannot meet what Relaxing body and mind asks for." in version.signed[0]["problem"]
    shown = clients(lead).get(f"/pathways/{version.id}").text
    assert "We open it in the session." in shown and "Asked for by Imogen Vale and published by Lee Lead." in shown


def test_a_missing_reason_loses_nothing_that_was_typed(imogen, draft, publishing):
    begun = draft(imogen, "as-it-was")

    page = publishing.ask(imogen, begun, status=422, note="For those who began elsewhere", **{
        "reason.7:stranded-by-skip:thoughts": "Agreed with the lead"
    })  # fmt: skip

    assert page.fields["note"] == ["For those who began elsewhere"]
    assert page.fields["reason.7:stranded-by-skip:thoughts"] == ["Agreed with the lead"]


def test_what_must_be_fixed_cannot_be_asked_for(imogen, draft, publishing, library):
    never = {"kind": "step-satisfied", "step": "thoughts"}
    steps = [{**one, "unlock": never} if one["key"] == "low-mood" else one for one in draft_steps(library)]
    begun = draft(imogen, steps=steps)

    page = publishing.page(imogen, begun)
    assert "wait for each other" in page.text and "It can be published when what must be fixed is fixed." in page.text
    with pytest.raises(publishing_actions.CannotPublish), imogen.working() as work:
        publishing_actions.ask_to_publish(work, draft=begun, edition=1, library=library, reasons={})


def draft_steps(library, key="as-it-should-be"):
    return [one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in library.pathways[key].steps]


def test_a_module_the_library_does_not_have_must_be_fixed(imogen, draft, publishing, library):
    steps = draft_steps(library)
    steps[1]["module"] = "low-moods"

    begun = draft(imogen, steps=steps)
    page = publishing.page(imogen, begun)

    assert "The library has no module “low-moods”. Did you mean" in page.text
    assert f"{begun.base}/steps" in page.links


def test_a_change_after_asking_must_be_asked_for_again(imogen, lead, draft, publishing):
    begun = draft(imogen)
    publishing.ask(imogen, begun)
    with imogen.working() as work:
        draft_actions.save_draft(work, draft_id=begun.id, body=begun.body | {"sessions": 9}, edition=1)

    assert "The draft was changed after publication was asked for" in publishing.page(lead, begun).text
    publishing.publish(lead, begun, status=409)

    assert in_use(lead) == []


def test_staff_who_left_since_asking_are_missed_when_it_is_published(world, imogen, lead, robin, draft, publishing):
    begun = draft(imogen)
    publishing.ask(imogen, begun)
    with world.founding() as work:
        for one in ("Robin Hale", "Gareth Pugh"):
            accounts.deactivate(work, person_id=world.staff(one).id)

    page = publishing.page(lead, begun)
    assert "waits to be released by one" in page.text
    publishing.publish(lead, begun, status=409)

    assert in_use(lead) == []


def test_it_is_sent_back_with_words_for_whoever_asked(imogen, lead, draft, publishing, clients):
    begun = draft(imogen)
    publishing.ask(imogen, begun)
    path = f"{begun.base}/proposals/{publishing.request(lead, begun)}/send-back"

    page = clients(lead).post(path, status=422, words="  ")
    assert "Say what should be different" in page.text
    clients(lead).post(path, words="Nine sessions, as we agreed.")

    page = publishing.page(imogen, begun)
    assert "Lee Lead sent this back" in page.text and "Nine sessions, as we agreed." in page.text
    publishing.ask(imogen, begun)
    publishing.publish(lead, begun)
    assert in_use(lead) == [("as-it-should-be", 1)]


def test_a_request_is_taken_back_by_whoever_made_it_alone(imogen, lead, draft, publishing, clients):
    begun = draft(imogen)
    publishing.ask(imogen, begun)
    path = f"{begun.base}/proposals/{publishing.request(imogen, begun)}/withdraw"

    clients(lead).post(path, status=409)
    clients(imogen).post(path)

    assert "Taken back." in clients(imogen).get(f"{begun.base}/publish?did=withdrawn").text
    assert "Ask for it to be published" in publishing.page(imogen, begun).text


def test_published_twice_it_is_published_once(imogen, lead, draft, publishing):
    begun = draft(imogen)
    publishing.ask(imogen, begun)
    request = publishing.request(lead, begun)
    path = f"{begun.base}/proposals/{request}/publish"

    publishing.clients(lead).post(path)
    page = publishing.clients(lead).post(path)

    assert "version 1 is published" in page.text
    assert [one.version for one in queries.pathways(lead.work())] == [1]


def test_asked_twice_by_a_double_click_it_is_asked_once(imogen, draft, publishing, clients):
    begun = draft(imogen)
    fields = publishing.page(imogen, begun).fields
    sent = {name: fields[name][0] for name in ("edition", "proposal_id")}

    clients(imogen).post(f"{begun.base}/publish", **sent)
    page = clients(imogen).post(f"{begun.base}/publish", **sent)

    assert "Asked." in page.text


def test_publishing_moves_nobody_and_the_version_before_takes_no_new_patients(
    imogen, lead, draft, publishing, course, ash, library
):
    first = course(ash)
    before = first.plan().pathway.version
    begun = draft(imogen, sessions=9)
    publishing.ask(imogen, begun)

    publishing.publish(lead, begun)

    assert first.plan().pathway.version == before == 1
    assert in_use(lead) == [("as-it-should-be", 2)]


def test_a_draft_from_an_older_version_is_refused_with_what_differs_and_carried_over(
    world, imogen, lead, draft, publishing, library, clients, now
):
    with world.founding() as work:
        published.in_use(work, library=library, key="as-it-should-be")
    mine, theirs = draft(imogen, sessions=9), draft(lead, programme_days=70)
    publishing.ask(lead, theirs)
    publishing.publish(imogen, theirs)

    page = publishing.page(imogen, mine)
    assert "Version 2 is not the one that this draft comes from." in page.text
    with pytest.raises(publishing_actions.CannotPublish, match="carry the draft over"), imogen.working() as work:
        publishing_actions.ask_to_publish(work, draft=mine, edition=1, library=library, reasons={})
    compared = clients(imogen).get(f"{mine.base}/changes")
    assert "It is planned for 9 sessions, was 11." in compared.text
    assert "It is planned for 77 days, was 70." in compared.text
    shown = compared.fields["base_id"]
    clients(imogen).post(f"{mine.base}/carry-over", edition="1", base_id=shown)

    assert now(imogen, mine).body["sessions"] == 9
    publishing.ask(imogen, mine)
    publishing.publish(lead, mine)
    assert in_use(lead) == [("as-it-should-be", 3)]


def test_a_draft_that_reads_as_the_version_in_use_has_nothing_to_publish(world, imogen, draft, publishing, library):
    with world.founding() as work:
        published.in_use(work, library=library, key="as-it-should-be")

    assert "so there is nothing to publish" in publishing.page(imogen, draft(imogen)).text


def test_what_is_to_be_signed_is_read_where_nothing_can_be_published_too(world, imogen, draft, publishing, library):
    begun = draft(imogen, "as-it-was")
    signed = [one.problem for one in publishing_queries.judged(imogen.work(), begun, library).to_sign]
    with world.founding() as work:
        published.in_use(work, library=library, key="as-it-was")

    page = publishing.page(imogen, draft(imogen, "as-it-was"))

    assert "so there is nothing to publish" in page.text and signed
    assert all(problem in page.text for problem in signed)


def test_what_a_new_version_opens_for_whom_is_told_beside_the_old(world, imogen, draft, publishing, library, clients):
    with world.founding() as work:
        published.in_use(work, library=library, key="as-it-should-be")
    steps = draft_steps(library)
    staying_well = next(one for one in steps if one["key"] == "staying-well")
    staying_well["unlock"]["of"] = staying_well["unlock"]["of"][1:]

    page = clients(imogen).get(f"{draft(imogen, steps=steps).base}/changes")

    assert "Opens for fewer patients. Whoever has it open keeps it." in page.text


def test_a_number_inside_a_rule_that_is_different_reads_differently_on_both_sides(
    world, imogen, draft, publishing, library, clients
):
    with world.founding() as work:
        published.in_use(work, library=library, key="as-it-should-be")
    body = draft(imogen).body
    release = arranging.step(body, "staying-well")["unlock"]["of"][2]
    release |= {"remind_after_days": 5}

    told = clients(imogen).get(f"{draft(imogen, steps=body['steps']).base}/changes").text

    assert "reminded after 3 days" in told and "reminded after 5 days" in told
    assert "Opens for the same patients" in told


def test_a_draft_that_was_put_away_is_brought_back_as_it_was(imogen, draft, clients, now):
    begun = draft(imogen)

    page = clients(imogen).post(f"{begun.base}/put-away")
    assert "The draft is put away." in page.text and begun.first_page not in page.links
    with pytest.raises(draft_actions.Ended), imogen.working() as work:
        draft_actions.save_draft(work, draft_id=begun.id, body=begun.body, edition=1)
    clients(imogen).post(f"{begun.base}/bring-back")

    assert now(imogen, begun).ended_at is None
    assert begun.first_page in clients(imogen).get("/pathways").links


def test_a_draft_that_lacks_a_step_of_the_version_in_use_says_so(world, imogen, draft, publishing, library):
    with world.founding() as work:
        published.in_use(work, library=library, key="as-it-should-be")
    begun = draft(imogen, steps=[one for one in draft_steps(library) if one["key"] != "staying-well"])

    page = publishing.page(imogen, begun)

    assert "Staying well is no longer in the pathway." in page.text


def test_reasons_that_were_not_sent_are_there_when_their_author_comes_back(imogen, lead, draft, publishing, clients):
    begun = draft(imogen, "mixed")
    browser = clients(imogen)
    [name] = [one for one in publishing.page(imogen, begun).fields if one.startswith("reason.")]

    browser.send(f"/drafts/publish-{begun.id}", **{name: "Half a thought", "note": "For the spring"})

    page = publishing.page(imogen, begun)
    assert page.fields[name] == ["Half a thought"] and page.fields["note"] == ["For the spring"]
    assert "not sent" in page.text
    assert publishing.page(lead, begun).fields["note"] == [""]
    publishing.ask(imogen, begun, reason="A whole one")
    assert "Half a thought" not in publishing.page(imogen, begun).text


def test_a_draft_that_was_put_away_is_not_published_until_it_is_brought_back(
    robin, supervisor, imogen, lead, draft, publishing, clients
):
    begun = draft(imogen)
    publishing.ask(imogen, begun, reason="Agreed in the team.")
    clients(imogen).post(f"{begun.base}/put-away")

    page = publishing.publish(lead, begun, status=409)
    assert "The draft was put away. Bring it back first." in page.text
    assert queries.in_use(imogen.work()) == []

    clients(imogen).post(f"{begun.base}/bring-back")
    publishing.publish(lead, begun)
    assert len(queries.in_use(imogen.work())) == 1


def test_a_draft_that_was_published_is_not_brought_back_and_written_on(
    robin, supervisor, imogen, lead, draft, publishing, clients, now
):
    begun = draft(imogen)
    publishing.ask(imogen, begun, reason="Agreed in the team.")
    publishing.publish(lead, begun)

    page = clients(imogen).post(f"{begun.base}/bring-back", status=409)

    assert "It was published. Begin a new draft from its version." in page.text
    assert now(imogen, begun).ended_at is not None


def test_a_draft_is_carried_over_onto_the_version_it_was_compared_with_and_no_newer_one(
    world, imogen, lead, draft, publishing, library, clients, now
):
    with world.founding() as work:
        first = published.in_use(work, library=library, key="as-it-should-be").id
    mine, second, third = draft(imogen, sessions=9), draft(lead, programme_days=70), draft(lead, programme_days=63)
    publishing.ask(lead, second)
    publishing.publish(imogen, second)
    shown = clients(imogen).get(f"{mine.base}/changes").fields["base_id"]
    onto = clients(lead).get(f"{third.base}/changes").fields["base_id"]
    for _ in range(2):
        clients(lead).post(f"{third.base}/carry-over", edition="1", base_id=onto)
    assert now(lead, third).edition == 2
    publishing.ask(lead, third)
    publishing.publish(imogen, third)

    clients(imogen).post(f"{mine.base}/carry-over", edition="1", base_id=shown)

    assert now(imogen, mine).base_id == first


def test_a_draft_begun_from_an_older_version_is_compared_with_the_newest_first(
    world, imogen, lead, draft, publishing, library, clients, now
):
    with world.founding() as work:
        first = published.in_use(work, library=library, key="as-it-should-be").id
    newer = draft(lead, programme_days=70)
    publishing.ask(lead, newer)
    publishing.publish(imogen, newer)
    draft_id = uuid4()

    clients(imogen).post(f"/pathways/{first}/draft", draft_id=str(draft_id))

    begun = draft_queries.draft(imogen.work(), draft_id)
    assert begun.base_id == first
    assert "Version 2 is not the one that this draft comes from." in publishing.page(imogen, begun).text


SAVE = r"<button[^>]*>\s*Save"


def test_a_request_for_an_older_edition_offers_only_what_can_still_be_done_with_it(imogen, lead, draft, publishing):
    begun = draft(imogen)
    publishing.ask(imogen, begun, reason="Agreed in the team.")
    assert "can publish it or send it back" in publishing.page(imogen, begun).text
    assert "Or send it back" in publishing.page(lead, begun).text
    with lead.working() as work:
        draft_actions.save_draft(work, draft_id=begun.id, body=begun.body | {"sessions": 9}, edition=begun.edition)

    theirs, mine = publishing.page(lead, begun), publishing.page(imogen, begun)

    for page in (theirs, mine):
        assert "The draft was changed after publication was asked for." in page.text
        assert "can publish it" not in page.text and "Publish version" not in page.text
        assert "to be published. What stands below is of edition 2" in page.text
    assert "Take the request back, and ask again." in mine.text
    assert "Send it back: Imogen Vale can then ask again." in theirs.text
    assert "Or send it back" not in theirs.text


@pytest.mark.parametrize("page", ["steps", "length", "steps/thoughts", "steps/thoughts/core", "steps/thoughts/done"])
def test_a_draft_that_was_put_away_is_read_and_has_nothing_to_save(imogen, draft, clients, page):
    begun, browser = draft(imogen), clients(imogen)
    live = browser.http.get(f"{begun.base}/{page}").text
    assert "disabled><legend" not in live and re.search(SAVE, live)
    browser.post(f"{begun.base}/put-away")

    ended = browser.http.get(f"{begun.base}/{page}").text

    assert "disabled><legend" in ended and not re.search(SAVE, ended)


def test_two_drafts_of_one_title_are_told_apart_in_the_list(imogen, draft, clients):
    draft(imogen)
    assert "edition 1" not in clients(imogen).get("/pathways").text

    draft(imogen, "mixed", title="Depression")

    page = clients(imogen).get("/pathways").text
    assert "as-it-should-be, edition 1" in page and "mixed, edition 1" in page
