"""People join, are given roles and caseloads, and leave."""

from datetime import date

import pytest
import sqlalchemy as sa

from app.accounts import actions, directory, queries
from app.accounts.forms import PatientForm, StaffForm
from app.accounts.roles import Capability, Role, Scope, matrix
from app.accounts.tables import LinkPurpose, SignInLink
from app.kit.errors import Conflict, Forbidden, NotFound
from app.kit.forms import PostedForm
from tests.accounts import ways


@pytest.fixture
def admin(world):
    return world.staff("Petra Vale", Role.SERVICE_ADMIN)


@pytest.fixture
def lena(world):
    return world.staff("Lena Moss", Role.CLINICAL_LEAD)


def add(who, *roles, email="noor@x.example.org"):
    with who.working() as work:
        return actions.add_staff(work, given_name="Noor", family_name="Ali", email=email, staff_roles=list(roles))


def invite(who, of, **more):
    with who.working() as work:
        told = {"given_name": "Noor", "family_name": "Ali", "email": "noor@x.example.org", "born_on": date(1990, 1, 2)}
        return actions.invite_patient(work, practitioner_id=of.id, **told | more)


def test_a_new_member_of_staff_gets_an_invitation_and_is_listed_as_not_set_up(admin):
    person = add(admin, Role.NAVIGATOR)

    listed = next(one for one in directory.staff(admin.work()) if one.id == person.id)
    assert (listed.roles, listed.signed_up) == ((Role.NAVIGATOR,), False)
    purposes = admin.work().session.execute(sa.select(SignInLink.purpose).where(SignInLink.person_id == person.id))
    assert list(purposes.scalars()) == [LinkPurpose.INVITATION]


def test_an_invited_patient_is_on_their_practitioners_caseload_and_nobody_elses(world, robin):
    sam = world.staff("Sam Reed")
    person = invite(robin, robin)

    assert [p.id for p in queries.patients_within(robin.work(), Scope.ASSIGNED)] == [person.id]
    assert queries.patient_within(sam.work(), Scope.ASSIGNED, person.id) is None


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PATIENT}))
def test_nobody_gives_themselves_a_role_or_takes_their_own(world, role):
    lena = world.staff("Lena Moss", Role.CLINICAL_LEAD)

    with pytest.raises(Forbidden, match="your own"):
        actions.give_role(lena.work(), person_id=lena.id, role=role)
    with pytest.raises(Forbidden, match="your own"):
        actions.take_role(lena.work(), person_id=lena.id, role=role)


@pytest.mark.parametrize("role", sorted(actions.CLINICAL))
def test_an_administrator_gives_and_takes_no_clinical_role(admin, robin, role):
    with pytest.raises(Forbidden, match="clinical lead"):
        actions.give_role(admin.work(), person_id=robin.id, role=role)
    with pytest.raises(Forbidden, match="clinical lead"):
        actions.take_role(admin.work(), person_id=robin.id, role=role)
    with pytest.raises(Forbidden, match="clinical lead"):
        add(admin, Role.NAVIGATOR, role)


def test_a_role_is_held_once_and_only_by_staff(lena, robin, ash):
    with pytest.raises(Conflict, match="have that role already"):
        actions.give_role(lena.work(), person_id=robin.id, role=Role.PRACTITIONER)
    with pytest.raises(NotFound):
        actions.give_role(lena.work(), person_id=ash.id, role=Role.PRACTITIONER)
    with pytest.raises(NotFound):
        actions.give_role(lena.work(), person_id=robin.id, role=Role.PATIENT)


@pytest.mark.parametrize("role", [Role.PATIENT, Role.PRACTITIONER, Role.SUPERVISOR, Role.NAVIGATOR, Role.RESEARCHER])
def test_whoever_does_not_manage_staff_adds_and_ends_nobody(world, robin, role):
    who = world.patient("Ash Whitlock") if role is Role.PATIENT else world.staff("Some Body", role)

    for act in (
        lambda work: actions.add_staff(work, given_name="N", family_name="A", email="n@x.example.org", staff_roles=[]),
        lambda work: actions.give_role(work, person_id=robin.id, role=Role.NAVIGATOR),
        lambda work: actions.take_role(work, person_id=robin.id, role=Role.PRACTITIONER),
        lambda work: actions.deactivate(work, person_id=robin.id),
    ):
        with pytest.raises(Forbidden):
            act(who.work())


def test_nobody_deactivates_themselves_and_a_leaver_keeps_no_role(admin, robin):
    with pytest.raises(Forbidden):
        actions.deactivate(admin.work(), person_id=admin.id)

    with admin.working() as work:
        actions.deactivate(work, person_id=robin.id)

    left = next(one for one in directory.staff(admin.work()) if one.id == robin.id)
    assert (left.roles, left.deactivated_at) == ((), admin.world.clock.now)
    with pytest.raises(NotFound):
        actions.give_role(admin.work(), person_id=robin.id, role=Role.NAVIGATOR)


def test_a_colleague_who_left_and_comes_back_has_no_role_until_one_is_given(admin, lena, robin):
    with admin.working() as work:
        actions.deactivate(work, person_id=robin.id)

    with admin.working() as work:
        actions.reactivate(work, person_id=robin.id)

    back = directory.member(admin.work(), robin.id)
    assert (back.roles, back.deactivated_at) == ((), None)
    actions.give_role(lena.work(), person_id=robin.id, role=Role.PRACTITIONER)
    with pytest.raises(Forbidden):
        actions.reactivate(robin.work(), person_id=robin.id)


def test_a_patient_is_not_deactivated_as_staff(admin, ash):
    with pytest.raises(NotFound):
        actions.deactivate(admin.work(), person_id=ash.id)


def test_an_address_belongs_to_one_person_of_a_service_however_it_is_typed(admin, robin):
    with pytest.raises(actions.EmailTaken):
        add(admin, Role.NAVIGATOR, email=f" {robin.person.email.upper()}")


def test_the_same_address_may_be_somebody_elses_in_another_service(bind, admin, robin):
    from tests.people import World

    elsewhere = World(bind).staff("Petra Vale", Role.SERVICE_ADMIN)

    assert add(elsewhere, Role.NAVIGATOR, email=robin.person.email).id != robin.id


def test_an_nhs_number_belongs_to_one_patient_of_a_service(world, robin):
    world.patient("Ash Whitlock", of=robin, nhs_number="9998211468")

    with pytest.raises(actions.NumberTaken):
        invite(robin, robin, nhs_number="9998211468")


def test_a_patient_goes_to_somebody_who_carries_a_caseload_now(world, robin, admin):
    navigator = world.staff("Lowri Penn", Role.NAVIGATOR)
    sam = world.staff("Sam Reed")
    with admin.working() as work:
        actions.deactivate(work, person_id=sam.id)

    for nobody in (navigator, sam):
        with pytest.raises(NotFound):
            invite(robin, nobody)


def test_a_reassigned_patient_is_seen_by_the_new_practitioner_and_no_longer_by_the_old(world, robin, ash, lena):
    sam = world.staff("Sam Reed")

    with lena.working() as work:
        actions.reassign(work, patient_id=ash.id, practitioner_id=sam.id)

    assert queries.patient_within(robin.work(), Scope.ASSIGNED, ash.id) is None
    assert queries.patient_within(sam.work(), Scope.ASSIGNED, ash.id).practitioner_id == sam.id


def test_a_supervisor_reaches_the_patients_of_those_they_supervise_and_no_others(world, robin, ash, lena):
    dele = world.staff("Dele Marsh", Role.SUPERVISOR)
    noor = world.patient("Noor Ali", of=world.staff("Sam Reed"))
    with lena.working() as work:
        actions.supervise(work, supervisor_id=dele.id, practitioner_id=robin.id)

    assert queries.patient_within(dele.work(), Scope.SUPERVISED, ash.id)
    assert queries.patient_within(dele.work(), Scope.SUPERVISED, noor.id) is None


def test_the_matrix_names_every_capability_and_no_patient_reaches_beyond_their_own(world):
    assert set(matrix()) == set(Capability)
    assert {row.get(Role.PATIENT, Scope.OWN) for row in matrix().values()} == {Scope.OWN}


def test_every_role_has_a_name_people_read():
    assert Role.SERVICE_ADMIN.label == "Service administrator"
    assert all(role.label[0].isupper() and "-" not in role.label for role in Role)


def read(form, **fields):
    return form.read(PostedForm([(name.replace("__", "-"), value) for name, value in fields.items()]))


PATIENT = {
    "given_name": "Noor",
    "family_name": "Ali",
    "email": "noor@example.org",
    "born_on__day": "2",
    "born_on__month": "1",
    "born_on__year": "1990",
    "practitioner_id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "pathway": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
}


@pytest.mark.parametrize("typed", ["9434765919", "943 476 5919", "943-476-5919", "9434765870", "9876543210"])
def test_an_nhs_number_is_kept_as_ten_digits_however_it_is_spaced(typed):
    form, _ = read(PatientForm, **PATIENT, nhs_number=typed)

    assert form.nhs_number == typed.replace(" ", "").replace("-", "")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("9434765918", "one of its digits is not right"),
        ("9434756919", "one of its digits is not right"),
        ("1000000010", "one of its digits is not right"),
        ("943476591", "10 digits"),
        ("94347659199", "10 digits"),
        ("943476591X", "10 digits"),
        ("９４３４７６５９１９", "10 digits"),
    ],
)
def test_an_nhs_number_whose_check_digit_is_wrong_is_refused(typed, sentence):
    form, problems = read(PatientForm, **PATIENT, nhs_number=typed)

    assert form is None
    assert sentence in problems["nhs_number"]


def test_a_patient_without_an_nhs_number_can_be_invited():
    assert read(PatientForm, **PATIENT, nhs_number=" ")[0].nhs_number is None


@pytest.mark.parametrize("day", ["30", "", "x"])
def test_a_day_that_is_none_is_refused_with_an_example(day):
    _, problems = read(PatientForm, **PATIENT | {"born_on__day": day, "born_on__month": "2"})

    assert problems == {"born_on": "Enter a date of birth, like 14 3 1989"}


def test_staff_are_not_given_the_role_of_a_patient():
    _, problems = read(StaffForm, given_name="N", family_name="A", email="n@example.org", roles="patient")

    assert problems == {"roles": "Choose a role for staff"}


def test_one_person_may_come_in_by_link_in_two_services_with_one_address(clients, bind, ash):
    from tests.people import World

    elsewhere = World(bind, clock=ash.world.clock)
    elsewhere.slug = ash.world.slug
    twin = elsewhere.patient("Ash Whitlock")

    clients().post("/sign-in", email=ash.person.email)

    assert [len(ways.links(who)) for who in (ash, twin)] == [2, 2]
