"""A form counts only from one of our own pages, in the browser and the sign-in it was made for."""

import pytest
from starlette.datastructures import Headers

from app.kit import crypto, csrf
from tests.accounts import ways

ORIGIN = "http://127.0.0.1:8000"
OURS = {"sec-fetch-site": "same-origin"}


def end_all(browser, token, headers=OURS):
    return browser.http.post("/account/sign-ins/end", data={"csrf": token} if token else {}, headers=headers)


@pytest.mark.parametrize("token", ["", "nonsense", "é", "AAAA", "0" * 64])
def test_a_form_without_a_right_token_changes_nothing(clients, ash, token):
    browser = clients(ash)
    browser.get("/account")

    response = end_all(browser, token)

    assert response.status_code == 403
    assert "This page is out of date" in response.text
    assert len(ways.sign_ins(ash)) == 1


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_a_form_on_another_site_changes_nothing_even_with_a_right_token(clients, ash, site):
    browser = clients(ash)

    response = end_all(browser, browser.token(), {"sec-fetch-site": site})

    assert response.status_code == 403
    assert "not sent from one of our own pages" in response.text
    assert len(ways.sign_ins(ash)) == 1


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8001"])
def test_an_older_browser_is_judged_by_where_it_says_the_form_was(clients, ash, origin):
    browser = clients(ash)

    assert end_all(browser, browser.token(), {"origin": origin}).status_code == 403
    assert end_all(browser, browser.token(), {"origin": ORIGIN}).status_code == 303


def test_the_token_of_somebody_elses_sign_in_is_refused(clients, ash, robin):
    mine, theirs = clients(ash), clients(robin)

    assert end_all(theirs, mine.token()).status_code == 403
    assert end_all(theirs, theirs.token()).status_code == 303


def test_a_form_from_before_signing_in_is_refused_after_it(clients, ash):
    browser = clients()
    before = browser.token()
    browser.send(ways.link_to(ash))

    assert end_all(browser, before).status_code == 403


def test_the_token_of_another_browser_is_refused_where_nobody_is_signed_in(clients):
    mine, theirs = clients(), clients()
    theirs.get("/sign-in")

    response = theirs.http.post("/sign-in", data={"csrf": mine.token(), "email": "a@example.org"}, headers=OURS)

    assert response.status_code == 403


def test_a_browser_with_an_empty_cookie_gets_a_new_one(clients):
    browser = clients()

    assert "braid_seed=" in browser.http.get("/sign-in", headers={"cookie": "braid_seed="}).headers["set-cookie"]
    assert "braid_seed=" in browser.http.get("/sign-in", headers={"cookie": "not_braid_seed=x"}).headers["set-cookie"]


def test_the_same_token_looks_different_on_every_page(clients):
    browser = clients()

    shown = {browser.get("/sign-in").fields["csrf"][0] for _ in range(3)}

    assert len(shown) == 3
    assert len({crypto.unmasked(token) for token in shown}) == 1


def test_where_a_form_came_from_is_read_from_what_the_browser_says():
    def told(**said):
        return csrf.from_elsewhere(Headers({name.replace("_", "-"): value for name, value in said.items()}), ORIGIN)

    assert [told(sec_fetch_site=site) for site in ("same-origin", "none", "same-site", "cross-site")] == [
        False,
        False,
        True,
        True,
    ]
    assert not told()
    assert told(sec_fetch_site="cross-site", origin=ORIGIN)
