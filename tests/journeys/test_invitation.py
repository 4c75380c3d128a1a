"""A patient comes in by an invitation, does a step over two visits, and the next one opens."""

STEP = "/my/steps/low-mood/pages"
TITLES = {
    "02": "What low mood can be like",
    "04": "How it keeps going",
    "05": "Draw your own circle",
}


def invite(window, robin, email):
    window.sign_in(robin).go("/caseload").press("Add a patient").sees("They get an invitation by e-mail")
    window.fill("First name", "Ash").fill("Last name", "Whitlock").date("Date of birth", "14", "3", "1989")
    window.fill("E-mail address", email).choose("Depression, version 1")
    return window.press("Add and invite").sees("Their invitation is on its way by e-mail.", "Ash Whitlock")


def next_page(window):
    return window.press("Next: ", within=".braid-pager")


def first_visit(window):
    window.press("Have a look").sees("Why this helps", "The pages").press("Start")
    assert window.path == f"{STEP}/01-why-this-helps"
    next_page(window).sees(TITLES["02"], "Robin reads this before you next meet.")
    window.choose("Heavy or worn out").fill("Which one troubles you most just now?", "Waking at four")
    window.press("Save", within="#form-what-i-notice").sees("Saved.")
    window.page.locator(".braid-check input[type=radio]").first.check(force=True)
    window.press("Check my answer").sees("Check again")
    next_page(window)
    next_page(window).sees(TITLES["04"])
    next_page(window).sees(TITLES["05"])


def draw_a_circle(window):
    """Filled in and not saved: going on to the next page saves it."""
    window.fill("What was happening?", "Sunday evening, on the sofa, nobody else in.")
    window.fill("What went through your mind?", "That it will be like this for good.")
    window.choose("Low").choose("Lonely").choose("6", of="How strong was the strongest feeling?")
    window.fill("What did you notice in your body?, line 1", "Heavy legs")
    window.fill("What did you do, or not do?", "Let the phone ring.").choose("A feeling changed what I did")
    next_page(window).sees("Where you can step in")


def second_visit(window):
    window.sees("Understanding low mood, page 5").press("Carry on").sees(TITLES["05"])
    draw_a_circle(window)
    next_page(window).sees("The problem in a few words", "This is from your earlier answers")
    assert window.page.get_by_label("What is it like?").input_value() == "Waking at four"
    window.fill("Put it together", "When the phone rings I let it ring, and then I feel alone.")
    window.choose("Family and friends").choose("5", of="How much does it get in the way")
    window.press("Save", within="#form-problem-statement").sees("Saved.")
    next_page(window).sees("Your first goals", "Nothing in it yet. One is enough to begin with.")
    window.fill("What would you like to be doing?", "See Ruth once a week").fill(
        "What is the first small step?", "Text"
    )
    window.date("By when would you like to try that step?", "9", "3", "2026")
    window.press("Add to my list").sees("So far", "See Ruth once a week")
    next_page(window).sees("Before your next session")
    next_page(window).sees("The end of Understanding low mood", "You have done this step.")


def test_a_patient_is_invited_completes_a_step_over_two_visits_and_the_next_opens(visit, world, site, robin, in_use):
    email = world.email("Ash Whitlock")
    invite(visit(), robin, email)
    ash = visit()

    ash.go(site.link_for(world, email)).sees("Hello Ash", "has invited you").press("Start").sees("Tuesday 3 March")
    ash.press("Programme", within="nav").sees(
        "Opens when you finish Understanding low mood.", within="#doing-what-matters"
    )
    ash.go("/my/today")
    first_visit(ash)
    ash.press("Sign out").sees("You are signed out")
    site.clock.on(days=1)
    ash.go("/sign-in").fill("Your e-mail address", email).press("Send me a link").sees("Look in your e-mails")
    ash.go(site.link_for(world, email)).press("Sign in").sees("Wednesday 4 March")
    second_visit(ash)

    ash.sees("Doing what matters", within="[aria-labelledby=opened]")
    ash.choose("Mostly").choose("7", of="How useful was it for you?").fill("What would you like to ask about?", "Goals")
    ash.press("Save", within="#form-understanding").sees("Saved. Robin reads it before you next meet.")
    assert ash.path == "/my/programme"
    ash.sees("Done on Wednesday 4 March.", within="#low-mood")
    ash.sees("Open: start when you like.", within="#doing-what-matters")
    ash.press("My answers").sees("Sunday evening, on the sofa", "See Ruth once a week", "Waking at four")
