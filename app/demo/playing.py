"""The demonstration is played: each act by its real actor, with that role's real capabilities, at its own moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.accounts import actions as accounts
from app.accounts import credential_actions as credentials
from app.accounts import queries as people
from app.accounts import roles
from app.accounts.roles import Capability, Role, Scope
from app.accounts.tables import Person
from app.caseload import actions as caseload
from app.caseload import jobs as review
from app.clinical.reminders import SPACING
from app.clinical.sequencing.pathway import Pathway
from app.demo import acts, founding, momentary_acts, signing_in, stories
from app.demo.acts import CannotHappen, Scene
from app.demo.founding import Newcomer
from app.demo.stories import ZONE, Act, Member, Service, Story
from app.diary import jobs as diary
from app.diary import reminder_queries
from app.kit import crypto, db
from app.kit.mail import Mailbox
from app.kit.work import Actor, Work, system_work
from app.mood import jobs as mood
from app.mood import momentary_jobs as momentary
from app.mood import momentary_reminder_queries as momentary_reminders
from app.mood import reminder_queries as mood_reminders
from app.notifications import jobs as letters
from app.notifications import queries as outbox
from app.notifications.dispatch_jobs import dispatch
from app.notifications.kinds import Channel, ReminderKind
from app.notifications.reminder_sending import ByEmail
from app.pathways import change_queries, draft_actions, publishing_actions, publishing_queries
from app.programme import jobs as programme
from app.programme import queries
from app.programme.content import Library
from app.safety import duty_actions

BY_STAFF = frozenset({"invite", *acts.BY_STAFF})
# How long after an act the house has caught up with it, as its scheduler would have; and how often that is played.
SOON, A_WHILE, A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STILL_WANTED = {
    ReminderKind.ACTIVITY: reminder_queries.still_wanted,
    ReminderKind.MOOD: mood_reminders.still_wanted,
    ReminderKind.MOMENTARY: momentary_reminders.still_wanted,
}
SETTING_UP = timedelta(minutes=20)


@dataclass
class Stage:
    """A service being played: where it is kept, what o'clock it is, and who has come on so far."""

    bind: Connection
    service_id: UUID
    library: Library
    origin: str
    now: datetime
    cast: dict[str, tuple[Person, Role]] = field(default_factory=dict)
    planned_on: date | None = None
    asks: bool = False

    @contextmanager
    def work(self, name: str) -> Iterator[Work]:
        """A transaction of this person's own, in their own role."""
        person, role = self.cast[name]
        actor = Actor(person.id, name, role.value, ZONE, roles.capabilities(role), person.given_name)
        with db.transaction(self.bind, self.service_id) as session:
            yield Work(session, self.service_id, actor, self.now)

    def catch_up(self, now: datetime) -> None:
        """What the scheduler would have done: letters leave, summaries follow, patients hear of what opened."""
        self.now = now
        programme.follow(self.bind, self.service_id, clock=lambda: now, origin=self.origin)
        letters.post_links(self.bind, self.service_id, clock=lambda: now, origin=self.origin)
        letters.send_letters(self.bind, self.service_id, clock=lambda: now, carrier=Mailbox())
        review.review(self.bind, self.service_id, clock=lambda: now, instruments=self.library.instruments)

    def ask(self) -> None:
        """Short questions that are due are asked, once somebody is asked any."""
        if self.asks:
            momentary.ask(self.bind, self.service_id, clock=lambda: self.now)

    def remind_until(self, moment: datetime) -> None:
        """Reminders leave when they are due, as they would have: each at its own moment."""
        senders = {Channel.EMAIL: ByEmail(Mailbox(), self.origin)}
        while self.now < moment:
            ahead = min(moment, self.now + A_DAY)
            if self.planned_on != self.now.date():
                # A change plans anew for itself; this is for the days to come.
                self.planned_on = self.now.date()
                diary.plan(self.bind, self.service_id, clock=lambda: self.now)
                mood.plan(self.bind, self.service_id, clock=lambda: self.now)
                momentary.plan(self.bind, self.service_id, clock=lambda: self.now)
            with system_work(self.bind, self.service_id, clock=lambda: self.now) as work:
                due = outbox.reminders_due(work, self.now, ahead)
            # What comes too soon after another waits that long and leaves then.
            rounds = {at for due_at in due for at in (due_at, due_at + SPACING) if at <= ahead}
            for self.now in sorted(rounds):
                self.ask()
                dispatch(self.bind, self.service_id, clock=lambda: self.now, senders=senders, still=STILL_WANTED)
            self.now = ahead


def play(bind: Connection, library: Library, *, origin: str, now: datetime) -> None:
    """Found the service and play every story until now."""
    stage = set_up(bind, stories.service(), library, origin=origin, now=now)
    told = [stories.acts(one, library.modules, by_staff=BY_STAFF, now=now) for one in stories.stories()]
    told += [list(momentary_acts.told(one, library.protocols, now)) for one in stories.stories()]
    answered = False
    for act in sorted((act for one in told for act in one), key=lambda act: act.at):
        if act.at - stage.now > A_WHILE:
            stage.catch_up(stage.now + SOON)
            stage.remind_until(act.at)
        elif answered or act.do == momentary_acts.ANSWER:
            # These come at all hours: one in the middle of a while must not make two that are too short to remind in.
            stage.remind_until(act.at)
        answered = act.do == momentary_acts.ANSWER
        stage.now = act.at
        stage.asks |= act.do == momentary_acts.ASSIGN
        stage.ask()
        perform(stage, act)
    stage.remind_until(now)
    stage.catch_up(now)
    _stand_in(stage, stories.service())


def _stand_in(stage: Stage, told: Service) -> None:
    """The supervisor puts somebody on duty for the week, and enters who is away and who covers."""
    supervisor = next(one.name for one in told.staff if one.role is Role.SUPERVISOR)
    from_at, until_at = stories.working_week(stage.now)
    duty, away, cover = (stage.cast[name][0].id for name in (told.duty, told.away["who"], told.away["cover"]))
    with stage.work(supervisor) as work:
        duty_actions.put_on_duty(work, person_id=duty, from_at=from_at, until_at=until_at)
        last = work.today + timedelta(days=told.away["days"])
        duty_actions.begin_leave(work, person_id=away, cover_id=cover, from_on=work.today, until_on=last)


def set_up(bind: Connection, told: Service, library: Library, *, origin: str, now: datetime) -> Stage:
    """Found the service: the first two are invited into it, and invite the others; the lead chooses the pathways."""
    begun = stories.at_work(stories.on_day(told.founded_day, "09:10", now=now))
    first = [one for one in told.staff if not one.added_by]
    invited = [Newcomer(one.given_name, one.family_name, one.email, (one.role,)) for one in first]
    service_id = founding.found(
        bind, slug=told.slug, name=told.name, people=invited, now=begun, settings=dict(told.settings)
    )
    stage = Stage(bind, service_id, library, origin, begun)
    _come_on(stage, first)
    others = [one for one in told.staff if one.added_by]
    for one in others:
        with stage.work(one.added_by) as work:
            accounts.add_staff(
                work,
                given_name=one.given_name,
                family_name=one.family_name,
                email=one.email,
                staff_roles=[one.role],
            )
    _come_on(stage, others)
    _arrange(stage, told)
    return stage


def _come_on(stage: Stage, members: list[Member]) -> None:
    """Members of staff find their invitation in the post and set up their password and one-time codes."""
    stage.catch_up(stage.now + SOON)
    stage.now += SETTING_UP
    for member in members:
        stage.cast[member.name] = _person(stage, member.email), member.role
        with stage.work(member.name) as work:
            person = _by_invitation(work, member.email)
            credentials.set_password(work, person=person, password=signing_in.PASSWORD)
            secret, step = signing_in.secret_of(member.email), int(stage.now.timestamp()) // 30
            credentials.set_up_codes(work, person=person, secret=secret, step=step)
            _sign_in_and_out(work, person, member.role)


def _arrange(stage: Stage, told: Service) -> None:
    lead = next(one.name for one in told.staff if one.role is Role.CLINICAL_LEAD)
    for one in told.staff:
        for supervised in one.supervises:
            with stage.work(lead) as work:
                accounts.supervise(
                    work, supervisor_id=stage.cast[one.name][0].id, practitioner_id=stage.cast[supervised][0].id
                )
    runs = next(one.name for one in told.staff if one.role is Role.SERVICE_ADMIN)
    for key, pathway in stage.library.pathways.items():
        _publish(stage, pathway, told.reasons.get(key, ""), asks=lead, publishes=runs)


def _publish(stage: Stage, pathway: Pathway, reason: str, *, asks: str, publishes: str) -> None:
    """One of the two drafts the library's pathway and signs for what was found in it; the other publishes it."""
    with stage.work(asks) as work:
        draft = draft_actions.begin_draft(work, body=change_queries.as_body(pathway))
        found = publishing_queries.judged(work, draft, stage.library).to_sign
        reasons = {one.key: reason for one in found}
        publishing_actions.ask_to_publish(work, draft=draft, edition=1, library=stage.library, reasons=reasons)
    with stage.work(publishes) as work:
        asked = publishing_queries.waiting(work)[draft.id]
        publishing_actions.publish(work, draft_id=draft.id, proposal_id=asked.id, library=stage.library)


def _person(stage: Stage, email: str) -> Person:
    with db.transaction(stage.bind, stage.service_id) as session:
        found: Person = session.execute(
            sa.select(Person).where(Person.email_key == accounts.email_key(email))
        ).scalar_one()
    return found


def _by_invitation(work: Work, email: str) -> Person:
    """Whoever has the letter with the link in it comes in by it."""
    post = outbox.letters(work.session, ZONE)
    letter = next(one for one in post if one.address == email and "/sign-in/link/" in one.link)
    found = people.link(work, crypto.fingerprint(letter.link.rpartition(".")[2]))
    if found is None:
        raise CannotHappen(f"the invitation to {email} has run out")
    link, person = found
    credentials.use_link(work, link=link)
    return person


def _sign_in_and_out(work: Work, person: Person, role: Role) -> None:
    accounts.begin_sign_in(work, person=person, role=role, device="")
    accounts.end_sign_ins(work, person_id=person.id)


def perform(stage: Stage, act: Act) -> None:
    """Play one act in a transaction of its own."""
    if act.do == "invite":
        _invite(stage, act.story)
        return
    with stage.work(act.by) as work:
        if act.do == "join":
            _sign_in_and_out(work, _by_invitation(work, act.story.email), Role.PATIENT)
        elif act.do in acts.BY_PATIENT:
            acts.BY_PATIENT[act.do](_scene(stage, work, act.story, Scope.OWN), **act.said)
        else:
            _by_staff(stage, work, act)


def _invite(stage: Stage, story: Story) -> None:
    given, _, family = story.name.partition(" ")
    with stage.work(story.practitioner) as work:
        offered = {one.key: one.id for one in queries.in_use(work)}
        form = {
            "given_name": given,
            "family_name": family,
            "email": story.email,
            "born_on": story.born_on,
            "practitioner_id": work.actor.id,
            "nhs_number": story.nhs_number,
            "contact_note": story.contact_note,
            "pathway": offered[story.pathway],
        }
        caseload.invite_and_enrol(work, **form)
    stage.cast[story.name] = _person(stage, story.email), Role.PATIENT


def _by_staff(stage: Stage, work: Work, act: Act) -> None:
    page, capability = acts.PAGES.get(act.do, (acts.PLAN_PAGE, Capability.TAILOR_PROGRAMME))
    reach = roles.scope(Role(work.actor.role), capability)
    if reach is None:
        raise CannotHappen(f"{act.by} may not {act.do}")
    scene = _scene(stage, work, act.story, reach)
    work.record_look("patient.opened", patient=scene.patient.id, page=page, method="GET")
    acts.BY_STAFF[act.do](scene, **act.said)


def _scene(stage: Stage, work: Work, story: Story, reach: Scope) -> Scene:
    patient = people.patient_within(work, reach, stage.cast[story.name][0].id)
    if patient is None:
        raise CannotHappen(f"{work.actor.name} cannot reach {story.name}")
    return Scene(work, patient, stage.library)
