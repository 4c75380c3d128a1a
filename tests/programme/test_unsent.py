"""What happens to words that were sent after the sign-in had ended: they come back, and can be sent again."""

from tests.client import Page, check

WORDS = "Sunday evening, on the sofa, with “the” <radio> on"
SHEET = "/my/steps/low-mood/worksheets/my-cycle"


def sent(browser, path, fields, *, came_from="/my/today"):
    """A form sent as a browser sends it, with its token or without, and the page that comes back."""
    headers = {"sec-fetch-site": "same-origin", "referer": f"{browser.origin}{came_from}"}
    response = browser.http.post(path, data=fields, headers=headers)
    check(response)
    return response


def fields_of(response):
    """What the form of a page would send."""
    return {name: [value.removeprefix("\n") for value in values] for name, values in Page(response.text).fields.items()}


def begun(course, ash):
    """A patient with a filled-in worksheet in front of them, whose sign-in has ended meanwhile."""
    course = course(ash)
    course.post("/my/steps/low-mood/start")
    here = course.module("low-mood").page_with("my-cycle")
    form = course.form("low-mood", here.key, "my-cycle")
    fields = {name.replace("__", "-"): value for name, value in form.items()}
    fields |= {"csrf": course.browser.token(), "situation": WORDS, "thoughts": "Low\n\nand cross"}
    course.world.clock.on(days=30)
    return course, fields, f"/my/steps/low-mood/pages/{here.key}"


def test_words_sent_after_the_sign_in_ended_are_on_the_page_that_says_so(course, ash):
    course, fields, page = begun(course, ash)

    refused = sent(course.browser, SHEET, fields, came_from=page)

    assert refused.status_code == 401
    assert fields_of(refused)["situation"] == [WORDS]
    assert "It is not saved yet" in Page(refused.text).text
    assert f"/sign-in?back={page}" in Page(refused.text).links


def test_words_sent_after_the_sign_in_ended_are_saved_once_their_writer_signs_in_and_sends_them_again(course, ash):
    course, fields, page = begun(course, ash)
    refused = sent(course.browser, SHEET, fields, came_from=page)

    course.browser.sign_in(ash)
    again = sent(course.browser, SHEET, fields_of(refused))
    saved = sent(course.browser, SHEET, fields_of(again))

    assert again.status_code == 403 and "You are signed in as Ash Whitlock" in Page(again.text).text
    assert saved.status_code == 303
    assert course.entries()[0].values["situation"] == WORDS


def test_sending_again_needs_the_button_to_be_pressed_by_whoever_is_signed_in_now(course, ash):
    course, fields, page = begun(course, ash)
    refused = sent(course.browser, SHEET, fields, came_from=page)
    course.browser.sign_in(ash)

    sent(course.browser, SHEET, fields_of(refused))

    assert course.entries() == []


def test_a_post_with_nothing_typed_leads_to_the_sign_in_and_back(course, ash):
    course, _, page = begun(course, ash)

    refused = Page(sent(course.browser, "/my/steps/low-mood/start", {"csrf": "old"}, came_from=page).text)

    assert "Send it again" not in refused.text
    assert f"/sign-in?back={page}" in refused.links


def test_the_way_back_is_never_to_another_site_nor_to_what_is_no_page(course, ash):
    course, fields, _ = begun(course, ash)
    elsewhere = {"sec-fetch-site": "same-origin", "referer": "https://elsewhere.example/my/today"}

    for headers in (elsewhere, elsewhere | {"referer": f"{course.browser.origin}{SHEET}"}, {}):
        refused = course.browser.http.post(SHEET, data=fields, headers=headers)
        assert "/sign-in?back=/home" in Page(refused.text).links


def test_a_password_is_never_handed_back(clients, ash):
    browser = clients()

    refused = sent(browser, "/account/password", {"current": "old words of mine", "password": "new words of mine"})

    assert refused.status_code == 401
    assert "words of mine" not in refused.text
