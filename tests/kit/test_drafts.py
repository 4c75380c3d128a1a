"""What was typed and not sent is kept for its writer alone."""

from app.kit import drafts


def keep(who, form, base=0, **values):
    with who.working() as work:
        return drafts.keep(work, form=form, values=values, base=base)


def test_the_newest_draft_replaces_the_one_before(ash):
    keep(ash, "worksheet:a", thought="first")
    ash.world.clock.on(seconds=10)
    keep(ash, "worksheet:a", base=2, thought="second")

    found = drafts.kept(ash.work(), form="worksheet:a")
    assert (found.values, found.base, found.saved_at) == ({"thought": "second"}, 2, ash.world.clock.now)


def test_a_draft_is_its_writers_alone(ash, robin):
    keep(ash, "worksheet:a", thought="mine")

    assert drafts.kept(robin.work(), form="worksheet:a") is None
    with robin.working() as work:
        drafts.drop(work, form="worksheet:a")
    assert drafts.kept(ash.work(), form="worksheet:a")


def test_drafts_are_found_by_how_their_names_begin_and_taken_literally(ash):
    for form in ("a:1", "a:2", "a%:3", "b:1"):
        keep(ash, form, x=1)

    assert set(drafts.kept_under(ash.work(), prefix="a:")) == {"a:1", "a:2"}
    assert set(drafts.kept_under(ash.work(), prefix="a%")) == {"a%:3"}


def test_a_form_whose_name_begins_another_is_not_mistaken_for_it(ash):
    keep(ash, "a:10", x=10)

    assert drafts.kept(ash.work(), form="a:1") is None


def test_a_draft_that_was_sent_is_gone_and_the_others_stay(ash):
    keep(ash, "a:1", x=1)
    keep(ash, "a:2", x=2)

    with ash.working() as work:
        drafts.drop(work, form="a:1")

    assert set(drafts.kept_under(ash.work(), prefix="a:")) == {"a:2"}


def test_keeping_a_draft_needs_no_entry_in_the_record(ash):
    import sqlalchemy as sa

    before = ash.work().session.execute(sa.text("select count(*) from audit_entry")).scalar()
    keep(ash, "a:1", x=1)

    assert ash.work().session.execute(sa.text("select count(*) from audit_entry")).scalar() == before
