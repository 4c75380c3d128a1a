"""The link in a message turns reminders off without a sign-in, only by a post, and can do nothing else."""

import re
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from app.kit.errors import NotFound
from app.notifications import switch_queries
from app.notifications.kinds import Channel, ReminderKind, SwitchScope
from app.notifications.off_sending import Link, off_link, off_token


@pytest.fixture
def link(ash):
    return Link(ash.world.service_id, ash.id, ReminderKind.ACTIVITY, Channel.EMAIL)


@pytest.fixture
def path(link):
    return f"/reminders/off/{off_token(link)}"


def switches(who):
    return [(one.scope, one.which, one.said_by) for one in switch_queries.switches_of(who.work(), who.id).off]


def everything_stored(who):
    """How many rows each table has, the record among them, and every setting and switch."""
    session = who.work().session
    counts = {
        name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar()
        for name, table in SQLModel.metadata.tables.items()
    }
    return counts, switches(who), switch_queries.settings_of(who.work(), who.id)


def one_click(client, path, **headers):
    return client.http.post(path, data={"List-Unsubscribe": "One-Click"}, headers=headers)


def test_opening_the_link_shows_buttons_and_changes_nothing(clients, ash, path):
    before = everything_stored(ash)

    page = clients().get(path)

    assert "Nothing has changed yet" in page.text
    assert everything_stored(ash) == before


def test_the_button_turns_off_reminders_of_that_kind_by_every_way(clients, ash, path):
    page = clients().post(path, what="these")

    assert "Reminders like that one are off." in page.text
    assert switches(ash) == [(SwitchScope.KIND, "activity", "message")]


def test_the_second_button_stops_the_way_the_message_came_and_no_other(clients, ash, path):
    page = clients().post(path, what="way")

    settings = switch_queries.settings_of(ash.work(), ash.id)
    assert "Nothing more comes by e-mail." in page.text
    assert Channel.EMAIL not in settings.channels
    assert Channel.PUSH in settings.channels
    assert switches(ash) == []


def test_the_third_button_turns_all_off(clients, ash, path):
    page = clients().post(path, what="all")

    assert "All reminders are off." in page.text
    assert switches(ash) == [(SwitchScope.ALL, "", "message")]


def test_turning_off_summaries_of_activities_turns_off_what_they_sum_up(clients, ash, link):
    of_a_summary = off_token(Link(link.service_id, link.person_id, ReminderKind.SUMMARY, Channel.PUSH))

    clients().post(f"/reminders/off/{of_a_summary}", what="these")

    assert switches(ash) == [(SwitchScope.KIND, "activity", "message")]


def test_pressing_it_twice_is_as_pressing_it_once(clients, ash, path):
    clients().post(path, what="these")
    clients().post(path, what="these")

    assert switches(ash) == [(SwitchScope.KIND, "activity", "message")]


@pytest.mark.parametrize("headers", [{}, {"origin": "null", "sec-fetch-site": "cross-site"}])
def test_a_mail_program_can_unsubscribe_in_one_click_and_is_sent_nowhere_else(clients, ash, path, headers):
    response = one_click(clients(), path, **headers)

    assert (response.status_code, response.content) == (200, b"")
    assert Channel.EMAIL not in switch_queries.settings_of(ash.work(), ash.id).channels


def test_one_click_may_come_in_either_form_that_the_standard_allows(clients, ash, path):
    response = clients().http.post(path, files={"List-Unsubscribe": (None, "One-Click")})

    assert response.status_code == 200
    assert Channel.EMAIL not in switch_queries.settings_of(ash.work(), ash.id).channels


def test_the_link_still_works_years_later(clients, ash, path, world):
    world.clock.on(days=1000)

    assert "are off." in clients().post(path, what="these").text


def test_the_link_turns_nothing_on_and_opens_nothing(clients, ash, path):
    client = clients()
    client.post(path, what="all")
    before = everything_stored(ash)

    response = client.send(path, what="on")
    assert response.status_code == 303
    assert everything_stored(ash) == before
    assert client.http.get("/my/reminders").headers["location"].startswith("/sign-in")


def test_turning_on_again_needs_a_sign_in(clients, ash, path):
    clients().post(path, what="all")
    refused = clients().send("/my/reminders/start")
    assert refused.status_code in (303, 401)
    assert switches(ash)

    clients(ash).post("/my/reminders/start")

    assert switches(ash) == []


def test_only_a_word_that_we_signed_is_taken(clients, ash, link):
    token = off_token(link)
    assert off_link(token) == link
    changed = [token[:n] + ("b" if token[n] == "a" else "a") + token[n + 1 :] for n in range(len(token))]

    for forged in [*changed, token[:-1], token + "a", "a", "é" * 69, "ae" + "A" * 67]:
        with pytest.raises(NotFound):
            off_link(forged)


def test_a_word_about_somebody_we_do_not_know_is_not_found(clients, link):
    gone = off_token(Link(link.service_id, uuid4(), link.kind, link.channel))

    assert "It turned nothing off." in clients().get(f"/reminders/off/{gone}", status=404).text
    assert clients().send(f"/reminders/off/{gone}", what="all").status_code == 404


def test_every_kind_and_way_has_a_word_of_its_own_that_fits_a_text_message(link):
    words = {
        off_token(Link(link.service_id, link.person_id, kind, channel)) for kind in ReminderKind for channel in Channel
    }

    assert len(words) == len(ReminderKind) * len(Channel)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{69}", word) for word in words)
