"""Every route says in its signature who may come in, and has an address in the one style of the house."""

import pytest

from tests.house import doors
from tests.house.files import HOUSE


def test_every_route_says_who_may_come_in():
    assert len(list(doors.routes(HOUSE))) > 20
    assert doors.without_a_door(HOUSE) == []


def test_every_route_about_a_patient_asks_whose_they_are():
    assert list(doors.at_the_wrong_door(HOUSE)) == []


def test_every_change_comes_from_a_form_of_ours():
    assert doors.unguarded_posts(HOUSE) == []


def test_every_address_is_in_kebab_case_with_typed_ids():
    assert list(doors.misnamed(HOUSE)) == []


def test_every_exception_is_still_a_route():
    assert set(doors.NO_DOOR) | set(doors.NO_FORM) <= {route.path for route in doors.routes(HOUSE)}


def test_where_to_get_help_asks_for_nothing():
    [help_page] = [route for route in doors.routes(HOUSE) if route.path == "/help"]

    assert set(help_page.parameters) == {"request"}


PAGE = "from app.accounts.access import *\n{more}\n@router.{verb}('{path}')\ndef planted({takes}): ...\n"


def planted(plant, path, takes, *, verb="get", more=""):
    return plant("app/weather/pages.py", PAGE.format(verb=verb, path=path, takes=takes, more=more))


@pytest.mark.parametrize("takes", ["request: Request", "request: Request, work: Work", "work", "patient: Patient"])
def test_a_route_without_a_door_is_found(plant, takes):
    assert "does not say who" in doors.without_a_door(planted(plant, "/my/weather", takes))[0]


@pytest.mark.parametrize(
    "takes", ["work: SignedIn", "door: Anyone", "request: Request, patient: Me", "w: Keeper", "p: Plan"]
)
def test_a_route_with_a_door_is_let_be(plant, takes):
    keeper = "Keeper = Annotated[Work, may(Capability.MANAGE_STAFF)]\n"
    plan = "def my_plan(work: PatientWork): ...\nPlan = Annotated[X, Depends(my_plan)]\n"

    assert doors.without_a_door(planted(plant, "/my/weather", takes, more=keeper + plan)) == []


def test_a_door_that_only_looks_like_one_is_found(plant):
    circle = "def a(b: B): ...\nA = Annotated[X, Depends(a)]\nB = Annotated[X, Depends(a)]\n"

    assert doors.without_a_door(planted(plant, "/my/weather", "a: A", more=circle))


def test_a_door_in_the_rooms_own_access_is_seen_through(plant):
    plant("app/weather/access.py", "def my_weather(work: PatientWork): ...\n")
    more = "from app.weather.access import my_weather\nWeather = Annotated[X, Depends(my_weather)]\n"

    assert doors.without_a_door(planted(plant, "/my/weather", "weather: Weather", more=more)) == []


def test_a_helper_that_asks_nobody_is_no_door(plant):
    plant("app/weather/access.py", "def my_weather(request: Request): ...\n")
    more = "from app.weather.access import my_weather\nWeather = Annotated[X, Depends(my_weather)]\n"

    assert doors.without_a_door(planted(plant, "/my/weather", "weather: Weather", more=more))


def test_a_patient_reached_by_their_id_alone_is_found(plant):
    found = list(
        doors.at_the_wrong_door(planted(plant, "/patients/{patient_id}/weather", "work: StaffWork, patient_id: UUID"))
    )

    assert len(found) == 2
    assert "does not ask whose" in found[0]
    assert "where a Patient will do" in found[1]


def test_staff_at_a_patients_own_page_are_found(plant):
    assert list(doors.at_the_wrong_door(planted(plant, "/my/weather", "work: StaffWork")))


@pytest.mark.parametrize("takes", ["work: PatientWork", "work: PatientWork, posted: PostedFromAnywhere"])
def test_a_change_without_a_form_of_ours_is_found(plant, takes):
    assert doors.unguarded_posts(planted(plant, "/my/weather", takes, verb="post"))


@pytest.mark.parametrize(
    ("path", "takes"),
    [
        ("/my/weatherRatings", "work: PatientWork"),
        ("/my/weather_ratings", "work: PatientWork"),
        ("/my/weather/{rating_id}", "work: PatientWork, rating_id: str"),
        ("/my/weather/{rating_id}", "work: PatientWork"),
        ("/my/weather/{Rating}", "work: PatientWork"),
    ],
)
def test_an_address_in_another_style_is_found(plant, path, takes):
    assert list(doors.misnamed(planted(plant, path, takes)))
