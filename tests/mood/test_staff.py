"""Staff read a patient's mood: the numbers, and the words where they may."""

from datetime import date

import pytest

from app.accounts.roles import Role

MARCH_3 = date(2026, 3, 3)


@pytest.fixture
def said(feelings):
    feelings.went(feelings.walk(), MARCH_3, mood_after=5)
    feelings.say(3, note="A bad night.", doing="Waiting for the bus")


def test_a_practitioner_sees_the_numbers_and_the_words(clients, robin, ash, said):
    page = clients(robin).get(f"/patients/{ash.id}/mood").text

    assert "Ash gave their mood a number on 1 of 14 days." in page
    assert "A bad night." in page and "Waiting for the bus" in page and "Walk the dog" in page


def test_a_clinical_lead_sees_the_numbers_alone(clients, world, ash, said):
    page = clients(world.staff("Lee Lead", Role.CLINICAL_LEAD)).get(f"/patients/{ash.id}/mood").text

    assert "1 of 14 days" in page and "rather low" in page
    assert not any(word in page for word in ("bad night", "Waiting", "Walk the dog"))
    assert "is for their practitioner and their supervisor" in page


def test_no_number_is_said_to_be_none(clients, robin, ash):
    assert "Ash has given no number in these days." in clients(robin).get(f"/patients/{ash.id}/mood").text


def test_that_it_was_opened_is_recorded_for_the_patient(clients, robin, ash):
    clients(robin).get(f"/patients/{ash.id}/mood")

    assert "Robin Hale" in clients(ash).get("/my/record").text
