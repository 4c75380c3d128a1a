"""Refusals: everything the house may say no with, in words fit for the person who asked."""


class Refused(Exception):
    """A refusal with an HTTP status, a title and a sentence for the person; handled once, in main."""

    status = 400
    title = "That could not be done"
    words = "Go back and try again."

    def __init__(self, words: str | None = None) -> None:
        self.words = words or self.words
        super().__init__(self.words)


class NotFound(Refused):
    """Missing, or somebody else's: the two look alike on purpose."""

    status = 404
    title = "Page not found"
    words = "If you typed the address, check it is right. If you followed a link, it may have changed."


class Forbidden(Refused):
    """A function this role does not have; never used to confirm that a record exists."""

    status = 403
    title = "You cannot do that here"
    words = "Your role does not include this. Ask your service’s administrator if you think it should."


class Conflict(Refused):
    """Allowed in general, not in the present state."""

    status = 409
    title = "That has changed since you opened the page"
    words = "Go back, reload the page and look again. Nothing was changed."


class TooLarge(Refused):
    """More was sent than a page of ours ever sends."""

    status = 413
    title = "That is too long to send"
    words = "Go back and shorten it. What you typed is still on the page before this one."


class TooMany(Refused):
    """A limit on tries was reached; it passes by itself."""

    status = 429
    title = "Too many tries"
    words = "Wait 15 minutes and try again, or use a link by e-mail instead."


class NotOurForm(Refused):
    """The form did not come from one of our own pages, or is older than the sign-in."""

    status = 403
    title = "This page is out of date"
    words = "Go back, reload the page and send it again. What you typed is still there when you go back."


class SignInNeeded(Refused):
    """Nobody is signed in, or the sign-in has ended; main sends people to sign in and back."""

    status = 401
    title = "Please sign in"
    words = "You were signed out. Sign in again and you will come back to this page."
