"""Days are days on the patient's calendar, hours are hours, and clocks that change trip nobody up."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from app.clinical.local_time import instant
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.moments import days_after, hours_after
from app.clinical.sequencing.standing import State
from tests.clinical.sequencing.starter import PE_DONE, pathway_of, step
from tests.clinical.sequencing.told import LONDON, Told, at, utc

EVENING = datetime(2026, 3, 27, 18, 0, tzinfo=LONDON)


def test_seven_days_over_the_spring_change_are_seven_calendar_days():
    assert days_after(EVENING, 7, LONDON) == datetime(2026, 4, 3, 5, 0, tzinfo=UTC)


def test_a_hundred_and_sixty_eight_hours_over_the_spring_change_are_elapsed_hours():
    after = hours_after(EVENING, 168)

    assert (after - EVENING.astimezone(UTC)).total_seconds() == 168 * 3600
    assert after.astimezone(LONDON).hour == 19


def test_a_local_time_that_does_not_exist_moves_forward():
    moved = instant(date(2026, 3, 29), time(1, 30), LONDON)

    assert moved.astimezone(LONDON).time() == time(2, 30)


def test_a_local_time_that_occurs_twice_is_the_first():
    assert instant(date(2026, 10, 25), time(1, 30), LONDON) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_late_evening_counts_as_the_day_it_was_where_the_patient_is():
    auckland = ZoneInfo("Pacific/Auckland")

    assert days_after(datetime(2026, 5, 1, 13, 0, tzinfo=UTC), 1, auckland) == instant(
        date(2026, 5, 3), time(6), auckland
    )


def test_a_date_is_reached_in_the_zone_the_rule_names():
    def opened(zone: str) -> datetime | None:
        rule = {"kind": "not-before", "date": "2026-05-10", "zone": zone}
        telling = Told(pathway_of(step("ba", "Doing", rule)), zone="America/New_York")
        return telling.course(at(20), service_zone="Europe/London")["ba"].since

    assert opened("service") == utc(at(10, 6))
    assert opened("patient") == datetime(2026, 5, 10, 10, 0, tzinfo=UTC)


def test_every_anchor_starts_the_clock():
    anchors = [
        {"kind": "programme-start"},
        {"kind": "step-completed", "step": "pe"},
        {"kind": "step-started", "step": "pe"},
        PE_DONE,
        {"kind": "technique-practised", "technique": "relaxation"},
        {"kind": "appointment-attended"},
        {"kind": "patient-chose", "step": "target"},
    ]
    for anchor in anchors:
        rule = {"kind": "time-since", "anchor": anchor, "n": 48, "unit": "hours"}
        pathway = pathway_of(step("pe", "Starting", {"kind": "always"}), step("target", "Target", rule))
        telling = Told(pathway, at(3)).done("pe", at(3)).session(at(3), "attended")
        telling.add(f.TechniquePractised, at(3), technique="relaxation").add(f.PatientChose, at(3), step="target")

        assert telling.course(at(4))["target"].state is State.LOCKED
        assert telling.course(at(9))["target"].since == utc(at(5))


def test_nothing_starts_the_clock_of_an_anchor_that_has_not_happened():
    rule = {"kind": "time-since", "anchor": {"kind": "appointment-attended", "at_least": 2}, "n": 1}
    telling = Told(pathway_of(step("target", "Target", rule))).session(at(2), "attended")

    assert telling.course(at(20))["target"].earliest_at is None
