"""The developers' mailbox shows letters where developers are, and nowhere else."""

from app.kit.mail import Letter, Mailbox
from app.main import create_app
from app.notifications import jobs
from tests.client import Client


def developers(world, settings, library, carrier=None, **more):
    told = settings.model_copy(update={"mail": "mailbox", "environment": "development"} | more)
    app = create_app(told, engine=world.bind, clock=world.clock, library=library, carrier=carrier)
    return Client(app, told.public_origin)


def test_a_developer_reads_the_letter_and_opens_its_link(world, ash, settings, library):
    jobs.post_links(world.bind, world.service_id, clock=world.clock, origin=settings.public_origin)
    jobs.send_letters(world.bind, world.service_id, clock=world.clock, carrier=Mailbox())
    browser = developers(world, settings, library)

    page = browser.get("/dev/mailbox")

    assert f"To {ash.person.email}, Tuesday 3 March at 10:00am" in page.text
    link = next(
        link for link in page.links if link.startswith("/sign-in/link/") and "Hello Ash" in browser.get(link).text
    )
    assert browser.send(link).headers["location"] == "/my/today"


def test_a_developer_reads_reminders_that_went_by_e_mail(world, settings, library):
    carrier = Mailbox()
    reminder = Letter("ash@example.org", "Something planned at 9:00am", "Hello", off="https://braid.example.org/off")
    carrier.send(reminder)

    page = developers(world, settings, library, carrier)

    assert "Something planned at 9:00am To ash@example.org, a reminder Hello" in page.get("/dev/mailbox").text


def test_an_empty_mailbox_says_how_to_fill_it(world, settings, library):
    assert "No letters yet" in developers(world, settings, library).get("/dev/mailbox").text


def test_there_is_no_mailbox_in_a_real_service(clients, world, settings, library):
    clients().get("/dev/mailbox", status=404)
    developers(world, settings, library, environment="production").get("/dev/mailbox", status=404)
    developers(world, settings, library, mail="smtp").get("/dev/mailbox", status=404)
