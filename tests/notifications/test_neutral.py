"""What leaves us says nothing to whoever else may read it: on a lock screen, a shared computer, over a shoulder."""

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app.kit.render import draw
from app.notifications import actions
from app.notifications import neutral_sending as neutral
from app.notifications.kinds import Channel, ReminderKind
from app.notifications.reminder_sending import ByEmail, BySms, payload
from app.notifications.sending import Address, Message

TEMPLATES = sorted(Path("templates/email").glob("*.txt"))
REVEALING = (
    "therapy|therapies|therapist|talking|treatment|patient|clinic|clinical|nhs|cbt|mental|mood|depress|anxi|suicid"
    "|self-harm|harm|risk|safety|alert|phq|gad|questionnaire|symptom|diagnos|counsel|psycho|wellbeing|practitioner"
    "|appointment|session|module|worksheet|diary|score"
)
# On a lock screen not even our name, which whoever reads it could look up.
ON_A_LOCK_SCREEN = rf"{REVEALING}|braid|activit|walk|exercise|therap|northmoor"
ORIGIN = "https://x.example.org"
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
EVERY = [(kind, count, at) for kind in ReminderKind for count in (1, 3) for at in (time(9), None)]


class Kept:
    """A carrier that keeps the letter it is handed."""

    def __init__(self):
        self.letters = []

    def send(self, letter):
        self.letters.append(letter)


class KeptTexts:
    """An account for text messages that keeps the words it is handed."""

    def __init__(self):
        self.words = []

    def text(self, phone, words, *, reference):
        self.words.append(words)
        return "an-id"


def message(kind, count, at, channel=Channel.PUSH):
    return Message(
        key=f"v1|{kind.value}|{uuid4()}|2026-03-03",
        service_id=uuid4(),
        person_id=uuid4(),
        channel=channel,
        kind=kind,
        count=count,
        due_at=NOON,
        expires_at=NOON + timedelta(hours=1),
        local_at=at,
    )


def seen(shown):
    """What a browser shows of a push message: every text in it that is no address or tag."""
    for name, value in shown.items():
        if isinstance(value, dict):
            yield from seen(value)
        elif isinstance(value, list):
            for one in value:
                yield from seen(one)
        elif name in ("title", "body"):
            yield value


def without_links(words):
    return re.sub(rf"{ORIGIN}\S+", "", words)


@pytest.mark.parametrize("kind", sorted(actions.SUBJECTS))
def test_a_subject_tells_a_bystander_nothing(kind):
    assert not re.search(REVEALING, actions.SUBJECTS[kind], re.IGNORECASE)
    assert len(actions.SUBJECTS[kind]) < 30


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_letter_says_nothing_of_what_it_is_about(template):
    assert not re.findall(REVEALING, template.read_text(), re.IGNORECASE)


def test_every_letter_but_the_reminder_has_a_subject_and_every_subject_a_letter():
    assert {path.stem for path in TEMPLATES} - {"reminder"} == set(actions.SUBJECTS)


@pytest.mark.parametrize(("kind", "count", "at"), EVERY)
def test_a_reminder_says_nothing_on_a_lock_screen_by_any_way(engine, kind, count, at):
    post, texts = Kept(), KeptTexts()

    ByEmail(post, ORIGIN).send(message(kind, count, at, Channel.EMAIL), Address(email="ash@example.org"))
    BySms(texts, ORIGIN).send(message(kind, count, at, Channel.SMS), Address(phone="07700 900123"))
    pushed = payload(message(kind, count, at), ORIGIN)

    [letter], [words] = post.letters, texts.words
    by_every_way = [letter.subject, without_links(letter.body), without_links(words), *seen(pushed)]
    assert len(by_every_way) == 3 + 2 * 4
    assert not [one for one in by_every_way if re.search(ON_A_LOCK_SCREEN, one, re.IGNORECASE)]


@pytest.mark.parametrize("at", [time(9), None])
def test_every_kind_of_reminder_has_the_same_words(at):
    assert len({neutral.headline(message(kind, 1, at)) for kind in ReminderKind}) == 1


@pytest.mark.parametrize(
    ("count", "at", "said"),
    [
        (1, time(9), "Something planned at 9:00am"),
        (1, time(12), "Something planned at midday"),
        (3, time(14, 30), "3 things planned at 2:30pm"),
        (1, None, "Something planned for today"),
    ],
)
def test_a_reminder_says_how_much_and_when(count, at, said):
    assert neutral.headline(message(ReminderKind.ACTIVITY, count, at)) == said


def test_the_letter_with_a_reminder_greets_nobody_by_name():
    assert draw("email/reminder.txt", headline="H", home="A", off="B").startswith("Hello,\n")


def test_a_tag_that_a_push_service_sees_is_no_word():
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", payload(message(ReminderKind.MOOD, 1, None), ORIGIN)["tag"])
