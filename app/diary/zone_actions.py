"""A patient who travels: their days and times are counted elsewhere once they say so, and their reminders with them."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from app.accounts import actions as accounts
from app.accounts.queries import Patient
from app.clinical.travel import Arrival, ZonePolicy, on_arrival
from app.diary import reminder_actions
from app.kit.work import Work
from app.notifications import switch_actions, switch_queries


def use_zone(work: Work, *, patient: Patient, zone: str, said_by: str = "settings") -> None:
    """Count a patient's days and times in another zone. What was sent for a day of theirs stays sent."""
    accounts.change_zone(work, person_id=patient.id, zone=zone, said_by=said_by)
    reminder_actions.replan(work, patient=replace(patient, zone=ZoneInfo(zone)))
    if switch_queries.settings_of(work, patient.id).zone_declined == zone:
        switch_actions.save_settings(work, person_id=patient.id, zone_declined=None)


def keep_zone(work: Work, *, patient: Patient, declined: str) -> None:
    """Stay with the zone there is; the one that was declined is not asked about again."""
    switch_actions.save_settings(work, person_id=patient.id, zone_declined=declined)


def choose_policy(work: Work, *, patient: Patient, policy: ZonePolicy) -> None:
    """Say what is to be done from now on when a device is in another zone."""
    switch_actions.save_settings(work, person_id=patient.id, zone_policy=policy)


def meet_device(work: Work, *, patient: Patient, here: str) -> Arrival:
    """Do what a patient wants done about a device that says where it is, or find that they are to be asked."""
    settings = switch_queries.settings_of(work, patient.id)
    arrival = on_arrival(
        patient.zone,
        ZoneInfo(here),
        policy=settings.zone_policy,
        declined=settings.zone_declined,
        now=work.now,
    )
    if arrival is Arrival.FOLLOW:
        use_zone(work, patient=patient, zone=here, said_by="device")
    return arrival
