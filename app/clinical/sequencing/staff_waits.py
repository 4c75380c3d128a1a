"""Steps that wait on staff: who may act, whether anybody is there, and what happens when nobody does (check 5)."""

from collections.abc import Iterator

from app.clinical.sequencing import rules
from app.clinical.sequencing.findings import Finding, Service, Severity, place
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.permissiveness import MOST, rows
from app.clinical.sequencing.reach import STAFF, World, holds, reached
from app.clinical.sequencing.step import Override, Step
from app.clinical.sequencing.structure import walk
from app.clinical.sequencing.worlds import answered, outside_of


def check(pathway: Pathway, service: Service) -> Iterator[Finding]:
    """Whether every wait on staff can end in this service, and which core steps depend on one."""
    waiting = depending(pathway)
    for step in pathway.steps:
        if step.retired:
            continue
        depends = step.core and step.key in waiting
        # What else stands in the way of a step makes it no less grave that nobody covers for who is to act.
        needs = depends or (step.core and _may_need_staff(pathway, step))
        for path, atom in walk(step.unlock):
            if isinstance(atom, rules.StaffAct):
                yield from _about(pathway, service, step, path, atom, depends=needs)
        if depends:
            yield _depends(pathway, step)
        if _nobody_can_open(step):
            yield _shut_to_staff(pathway, step)


def depending(pathway: Pathway) -> frozenset[str]:
    """The steps that some patients come to only when staff act, however they answer or if they never do."""
    found: set[str] = set()
    silent = frozenset(atom for step in pathway.steps for atom in step.conditions if isinstance(atom, STAFF))
    for world in (silent, *answered(pathway)):
        alone = frozenset(atom for atom in world if not isinstance(atom, STAFF) or atom.then == "open")
        found |= reached(pathway, World(world.__contains__)) - reached(pathway, World(alone.__contains__))
    return frozenset(found)


def _may_need_staff(pathway: Pathway, step: Step) -> bool:
    """Whether, with all other steps done, some scores, problems and goals leave the step to staff alone."""
    others = frozenset(one.key for one in pathway.steps if one.key != step.key)
    open_facts = tuple(atom for atom in outside_of([step.unlock]) if not isinstance(atom, STAFF))
    acts = frozenset(atom for atom in step.conditions if isinstance(atom, STAFF))
    by_themselves = frozenset(atom for atom in acts if atom.then == "open")
    if len(open_facts) > MOST:
        return bool(acts - by_themselves)
    for known in rows(open_facts):
        with_staff, alone = (World((known | more).__contains__) for more in (acts, by_themselves))
        if holds(step.unlock, others, with_staff) and not holds(step.unlock, others, alone):
            return True
    return False


def _about(
    pathway: Pathway, service: Service, step: Step, path: str, atom: rules.StaffAct, *, depends: bool
) -> Iterator[Finding]:
    at = place(pathway, step.key, path)
    act = "released" if isinstance(atom, rules.ReleasedBy) else "looked at"
    may = [role for role in sorted(atom.may_act) if role in service.may_act]
    if not may:
        problem = f"{step.title} is to be {act} by {_roles(atom.may_act)}, who may not do that"
        yield Finding(5, "role-may-not", Severity.REFUSE, step.key, at, f"{problem}.", _name_one(service))
    elif not any(service.holders.get(role) for role in may):
        problem = f"Nobody in your service is a {_roles(may)}, and {step.title} waits to be {act} by one"
        yield Finding(5, "nobody-holds", Severity.REFUSE, step.key, at, f"{problem}.", _name_one(service))
    if atom.then is None or (atom.remind_after_days is None and atom.then != "open"):
        lacks = "a reminder" if atom.remind_after_days is None else "somebody to turn to"
        if atom.then is None and atom.remind_after_days is None:
            lacks = "a reminder or somebody to turn to"
        problem = f"{step.title} waits to be {act} by {_roles(atom.roles)}, without {lacks} when they do not"
        fix = "Say after how many days they are reminded, and who acts instead or that it opens by itself."
        severity = Severity.REFUSE if depends else Severity.WARN
        yield Finding(5, "no-cover", severity, step.key, at, f"{problem}.", fix)


def _depends(pathway: Pathway, step: Step) -> Finding:
    problem = f"{step.title} opens for some patients only when somebody acts"
    fix = "Keep the reminder and the cover short: they decide how long a patient waits."
    return Finding(5, "depends-on-staff", Severity.WARN, step.key, place(pathway, step.key), f"{problem}.", fix)


def _nobody_can_open(step: Step) -> bool:
    # A step that is open from the start needs nobody.
    waits = not isinstance(step.unlock, rules.Always)
    return step.core and waits and step.override is Override.PROHIBITED and not _releases(step)


def _releases(step: Step) -> bool:
    return any(isinstance(atom, rules.ReleasedBy) for atom in step.conditions)


def _shut_to_staff(pathway: Pathway, step: Step) -> Finding:
    problem = f"No member of staff can open {step.title}: it has no release, and opening it early is not allowed"
    fix = "Add a release by the practitioner as another way, or allow opening it early with a reason."
    at = place(pathway, step.key, "override")
    return Finding(5, "staff-cannot-open", Severity.SIGN, step.key, at, f"{problem}.", fix)


def _name_one(service: Service) -> str:
    held = [role for role in sorted(service.may_act) if service.holders.get(role)]
    return f"Name a role that somebody has: {_roles(held)}." if held else "Give somebody a role that may."


def _roles(roles: object) -> str:
    return " or ".join(str(role).replace("-", " ") for role in sorted(roles))  # type: ignore[call-overload]
