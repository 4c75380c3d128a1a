"""The links in a reminder that came by e-mail: to what is due, behind the sign-in, and to turning such off."""

import re
from datetime import date, time
from uuid import UUID, uuid4

import pytest

from app.clinical.planning import When
from app.clinical.recurrence import Freq, Rule
from app.diary import plan_actions
from app.diary.plan_actions import About
from app.notifications.kinds import Channel, ReminderKind
from app.notifications.off_sending import Link, off_token
from tests.people import World

pytestmark = pytest.mark.parametrize("visit", ["1280", "390", "390-no-script"], indirect=True)


@pytest.fixture
def ash(enrol):
    """Somebody who is reminded of a walk at eleven each day."""
    patient = enrol("Ash Whitlock")
    with patient.working() as work:
        plan_actions.plan_activity(
            work,
            patient=patient.patient(),
            series_id=uuid4(),
            about=About("Walk the dog"),
            when=When(date(2026, 3, 3), Rule(freq=Freq.DAILY), time(11), remind_before=0),
        )
    return patient


@pytest.fixture
def links(ash, site):
    """The reminder’s two links: to what it is about, and to turning such off."""
    site.clock.on(hours=1, minutes=1)
    site.remind(ash.world)
    letter = site.newest_for(ash.person.email)
    assert "Something planned at 11:00am" in letter
    home, off = re.findall(rf"{site.origin}/\S+", letter)
    return home, off


def test_the_first_link_leads_to_what_is_due_through_the_sign_in_where_one_is_needed(visit, site, ash, links):
    home, _ = links
    window = visit().go(home).sees("Sign in").fill("Your e-mail address", ash.person.email)

    window.press("Send me a link").sees("Look in your e-mails").go(site.link_for(ash.world, ash.person.email))

    window.press("Sign in").sees("Walk the dog", "11:00am")
    assert window.path == "/my/today"
    window.go(home).sees("Walk the dog", "11:00am")


def test_the_second_link_turns_such_off_without_a_sign_in_and_says_so_when_it_is_opened_again(visit, site, ash, links):
    _, off = links
    window = visit().go(off).sees("Turn reminders off", "Nothing has changed yet.")

    window.press("Turn off reminders like that one").sees("Reminders like that one are off.", "Allow a minute.")
    window.go(off).sees("Reminders like that one are off.").does_not_see("Turn off reminders like that one")
    window.press("Turn all reminders off").sees("All reminders are off.")
    window.go(off).sees("All reminders are off.").does_not_see("Send nothing more")

    window.sign_in(ash).press("sign in and go to Reminders").sees("Everything is paused until you start it again.")
    window.press("Start again").sees("Reminders are on again.")


def other_words(site, ash):
    """Words that turn nothing off, each as it can come about."""
    of_ash = Link(ash.world.service_id, ash.id, ReminderKind.ACTIVITY, Channel.EMAIL)
    elsewhere = World(site.engine, clock=site.clock)
    return {
        "cut by a mail program": off_token(of_ash)[:-20],
        "of a key before the present one": off_token(of_ash)[:45] + "A" * 24,
        "of nobody in this service": off_token(Link(elsewhere.service_id, ash.id, of_ash.kind, of_ash.channel)),
        "of a service that is gone": off_token(Link(UUID(int=7), ash.id, of_ash.kind, of_ash.channel)),
    }


def test_a_link_that_turns_nothing_off_says_so_and_what_to_do_instead(visit, site, ash):
    window = visit()

    for word in other_words(site, ash).values():
        window.go(f"/reminders/off/{word}").sees("This link does not work", "It turned nothing off.")
        window.sees("sign in and turn reminders off on the page Reminders")
        assert window.last.status == 404
