"""What a member of staff is told when something cannot be done: it can be read, on a desk and on a phone."""


def test_a_refusal_can_be_read_by_staff(visit, robin):
    staff = visit().sign_in(robin)

    for path, words in (("/no-such-page", "Page not found"), ("/staff", "You cannot do that here"), ("/account", "")):
        staff.page.goto(f"{staff.site.origin}{path}")
        heading = staff.page.locator("h1")
        assert heading.is_visible() and words in heading.inner_text(), path
        assert staff.page.locator("main p").first.is_visible(), path
