"""When a questionnaire is asked, and why it is due, in words for the person who answers and for staff."""

from collections.abc import Mapping

from app.clinical.schedules import Timing

# How a questionnaire is asked, as staff choose it and as the patient reads it.
TIMINGS: Mapping[Timing, str] = {
    Timing.WEEKLY: "Every week",
    Timing.BEFORE_EVERY_SESSION: "Before every session",
    Timing.START_AND_END: "At the start and at the end",
    Timing.AFTER_MODULE: "After each module",
    Timing.ON_DEMAND: "Only when somebody asks for it",
    Timing.NOT_ASKED: "Not asked",
}
# What each of them means, for whoever chooses.
MEANINGS: Mapping[Timing, str] = {
    Timing.WEEKLY: "Due a week after the day of the last answer. Nothing piles up.",
    Timing.BEFORE_EVERY_SESSION: "Due for the two days before a session. Weekly while no session is known.",
    Timing.START_AND_END: "Due until it is answered, and again when every core step is done or treatment is ending.",
    Timing.AFTER_MODULE: "Due for fourteen days after a module is done, about that module.",
    Timing.ON_DEMAND: "Due when you ask for it here, until it is answered.",
    Timing.NOT_ASKED: "Never due by itself. You can still ask for one answer here.",
}
