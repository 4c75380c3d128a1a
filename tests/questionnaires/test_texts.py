"""A service brings the words of an instrument that are another's: checked, its own, recorded, taken out again."""

import json
import sys

import pytest
import sqlalchemy as sa

from app import cli, texts
from app.accounts.roles import Role
from app.clinical import instruments
from app.clinical.instruments import Score
from app.kit.audit import AuditEntry
from app.questionnaires import text_queries
from app.questionnaires.text_tables import InstrumentText
from tests.people import World
from tests.questionnaires.packs import pack
from tests.statements import counted


def install(world, file, library):
    return texts.install(world.bind, file, library, service=world.slug, clock=world.clock)


def listed(world, library):
    return texts.listed(world.bind, library, service=world.slug, clock=world.clock)


def offered(world, library):
    with world.founding() as work:
        return text_queries.offered(work, library.instruments)


def recorded(world, event):
    with world.founding() as work:
        found = sa.select(AuditEntry).where(AuditEntry.service_id == work.service_id, AuditEntry.event == event)
        return [json.loads(one.body) for one in work.session.execute(found.order_by(AuditEntry.seq)).scalars()]


def test_without_its_pack_an_instrument_is_not_offered_and_with_it_is(world, library, tmp_path):
    assert "wsas" not in offered(world, library)

    told = install(world, pack(tmp_path), library)

    assert told == texts.Told(
        (
            "Northmoor Talking Therapies can ask the WSAS now. "
            "By permission of The Permissions Office, Monday 2 February 2026.",
        )
    )
    wsas = offered(world, library)["wsas"]
    assert wsas.stem == "How far does it reach into each of these?"
    assert [question.text for question in wsas.questions][::4] == ["The wheelwright’s shop", "The people at the table"]
    assert [choice.label for choice in wsas.questions[0].choices] == [
        "Not there", "", "At the edge", "", "Half way", "", "Nearly", "", "Everywhere",
    ]  # fmt: skip
    assert wsas.licence == "Words made up for a test."
    assert [reason.key for reason in wsas.questions[0].reasons] == ["retired", "no-work"]
    assert instruments.score(wsas, dict.fromkeys(("q1", "q2", "q3", "q4", "q5"), 3)) == Score(15, "Significant")


def test_every_service_has_only_its_own_words(world, library, tmp_path):
    east = World(world.bind)
    install(world, pack(tmp_path), library)
    install(east, pack(tmp_path, "The wheelwright’s shop", "The mill"), library)

    assert offered(world, library)["wsas"].questions[0].text == "The wheelwright’s shop"
    assert offered(east, library)["wsas"].questions[0].text == "The mill"

    texts.remove(east.bind, "wsas", service=east.slug, clock=east.clock)

    assert "wsas" in offered(world, library)
    assert "wsas" not in offered(east, library)


def test_a_pack_is_recorded_by_its_fingerprint_and_without_its_words(world, library, tmp_path):
    install(world, pack(tmp_path), library)

    (entry,) = recorded(world, "instrument-text.installed")

    assert entry["actor_role"] == "system"
    assert set(entry["details"]) == {"instrument", "version", "fingerprint"}
    assert (entry["details"]["instrument"], entry["details"]["version"]) == ("wsas", "1.0")
    assert len(entry["details"]["fingerprint"]) == 64


def test_the_same_pack_again_changes_nothing_and_another_takes_its_place(world, library, tmp_path):
    install(world, pack(tmp_path), library)
    install(world, pack(tmp_path), library)

    assert len(recorded(world, "instrument-text.installed")) == 1

    world.clock.on(days=1)
    install(world, pack(tmp_path, "The wheelwright’s shop", "The mill"), library)

    assert len(recorded(world, "instrument-text.installed")) == 2
    assert offered(world, library)["wsas"].questions[0].text == "The mill"


def test_what_is_taken_out_keeps_when_and_which_and_not_its_words(world, library, tmp_path):
    install(world, pack(tmp_path), library)
    world.clock.on(days=3)

    told = texts.remove(world.bind, "wsas", service=world.slug, clock=world.clock)

    assert told.lines == ("Northmoor Talking Therapies cannot ask wsas any more. What was answered stays.",)
    with world.founding() as work:
        (row,) = work.session.execute(sa.select(InstrumentText)).scalars()
        assert (row.instrument, row.pack, row.removed_at) == ("wsas", None, world.clock.now)
    assert [one["details"]["instrument"] for one in recorded(world, "instrument-text.removed")] == ["wsas"]
    again = texts.remove(world.bind, "wsas", service=world.slug, clock=world.clock)
    assert again == texts.Told(("No text pack for wsas is installed.",), status=1)


def test_the_list_says_what_is_there_and_what_is_not(world, library, tmp_path):
    install(world, pack(tmp_path), library)

    assert listed(world, library).lines == (
        "Northmoor Talking Therapies:",
        "wai-sr: no text pack",
        "wsas: version 1.0, by permission of The Permissions Office, Monday 2 February 2026",
    )


def test_words_for_another_version_are_not_asked(world, library, tmp_path):
    install(world, pack(tmp_path), library)
    newer = {"wsas": library.instruments["wsas"].model_copy(update={"version": "2.0"})}

    with world.founding() as work:
        (standing,) = text_queries.standings(work, newer)

    assert standing.state is text_queries.State.OTHER_VERSION
    assert not standing.is_offered


def test_a_service_must_be_named_where_there_are_several_and_must_exist(world, library, tmp_path):
    World(world.bind)

    unsaid = texts.install(world.bind, pack(tmp_path), library, service=None, clock=world.clock)
    unknown = texts.install(world.bind, pack(tmp_path), library, service="nowhere", clock=world.clock)

    assert unsaid.status == unknown.status == 1
    assert unsaid.lines[0].startswith("Say which service with --service. There are: ")
    assert unknown.lines[0].startswith("There is no service “nowhere”. There are: ")


MISTAKES = {
    "no such instrument": (
        "instrument: wsas",
        "instrument: wsass",
        1,
        'there is no instrument "wsass". Did you mean "wsas"?',
    ),
    "an instrument that has its words": ("instrument: wsas", "instrument: phq-9", 1, "phq-9 has its words already."),
    "another version": (
        'version: "1.0"',
        'version: "0.9"',
        2,
        'the pack is for version "0.9" of the instrument. Compare',
    ),
    "no licence": ("licence: Words made up for a test.\n", "", 1, 'field "licence" is missing. Add "licence:" here.'),
    "nobody gave permission": ("  by: The Permissions Office\n", "", 4, 'field "by" is missing. Add "by:" here.'),
    "no day of permission": ("on: 2026-02-02", "on: lately", 6, '"on" cannot be used as it is.'),
    "no stem": ("stem: How far does it reach into each of these?\n", "", 1, 'field "stem" is missing.'),
    "an item is missing": ("  - {key: q3, text: The fair on the green}\n", "", 9, '"items q3" is missing. Add it'),
    "an item too many": (
        "scale:",
        "  - {key: q6, text: The moon}\nscale:",
        15,
        'wsas has no place for "items q6". Take it out.',
    ),
    "an item twice": ("key: q3", "key: q2", 12, '"items q2" is there twice. Take one of them out.'),
    "an item without words": (
        "The fair on the green",
        "...",
        12,
        '"items q3" has no words. Write the words of the instrument.',
    ),
    "an empty item": ("The fair on the green", '""', 12, '"items q3" has no words.'),
    "an item that is too long": ("The fair on the green", "f" * 601, 12, '"text" cannot be used as it is.'),
    "an end of the scale is missing": ("  high: Everywhere\n", "", 15, '"scale high" has no words.'),
    "a mark is missing": ("    - {value: 4, label: Half way}\n", "", 15, '"scale marks 4" is missing.'),
    "a mark that the scale does not have": ("value: 4", "value: 5", 20, 'wsas has no place for "scale marks 5".'),
    "a label that is too long": ("Half way", "h" * 121, 20, '"label" cannot be used as it is.'),
    "options that the instrument does not have": (
        "scale:",
        "options: [{value: 0, label: None}]\nscale:",
        15,
        'wsas has no place for "options 0".',
    ),
    "a question beside the score that is not there": (
        "scale:",
        "extra: [{key: more, text: More?}]\nscale:",
        15,
        'wsas has no place for "extra more".',
    ),
    "a misspelt field": ("licence:", "lisence:", 3, 'field "lisence" is not known. Did you mean "licence"?'),
    "no plain YAML": ("stem: How", "stem: : How", 8, ""),
}


@pytest.mark.parametrize(("written", "instead", "line", "told"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_a_pack_is_told_by_line_with_what_mends_it(library, tmp_path, written, instead, line, told):
    file = pack(tmp_path, written, instead)

    found = texts.check(file, library)

    assert found.status == 1
    assert any(one.startswith(f"{file}:{line}: {told}") for one in found.lines), found.lines


def test_a_pack_with_a_mistake_is_not_installed(world, library, tmp_path):
    told = install(world, pack(tmp_path, "key: q5", "key: q6"), library)

    assert told.status == 1
    assert "wsas" not in offered(world, library)


@pytest.mark.parametrize("name", ["nothing.yaml", "."])
def test_a_file_that_cannot_be_read_is_told(library, tmp_path, name):
    told = texts.check(tmp_path / name, library)

    assert told.status == 1
    assert "Write it." in told.lines[0] or "cannot be read" in told.lines[0]


def test_the_command_checks_a_pack_without_a_database(capsys, monkeypatch, tmp_path):
    file = pack(tmp_path)
    monkeypatch.setattr(sys, "argv", ["braid", "check-texts", str(file)])

    assert cli.main_command() == 0

    told = capsys.readouterr().out
    assert told.startswith(f"{file}: every text of the WSAS is there\n")
    assert "  Work: The wheelwright’s shop\n" in told


def test_words_of_several_questions_with_answers_of_their_own_find_their_places(library):
    wai = library.instruments["wai-sr"]
    slots = {
        "instrument": "wai-sr",
        "version": wai.version,
        "licence": "Made up.",
        "permission": {"by": "Nobody", "on": "2026-02-02", "note": "None."},
        "stem": "Stem",
        "items": [{"key": item.key, "text": f"About {item.key}"} for item in reversed(wai.items)],
        "options": [{"value": option.value, "label": f"Label {option.value}"} for option in wai.options],
    }
    read = texts.text_queries.TextPack.model_validate(slots)

    filled = texts.text_queries.instrument_texts.filled(wai, read)

    assert [question.text for question in filled.questions] == [f"About q{number}" for number in range(1, 13)]
    assert [choice.label for choice in filled.questions[11].choices] == [f"Label {value}" for value in range(1, 6)]


def test_the_page_says_why_an_instrument_cannot_be_asked_and_how_it_could(clients, world):
    page = clients(world.staff("Helen Marsh", Role.SERVICE_ADMIN)).get("/instruments")

    assert "2 of them cannot be asked here yet: their words belong to others" in page.text
    assert page.text.count("Its words are not installed") == 2
    assert "braid install-texts FILE --service NAME" in page.text
    assert "Ask whoever holds the copyright for permission." in page.text


def test_the_page_says_by_whose_permission_an_instrument_is_asked(clients, world, library, tmp_path):
    install(world, pack(tmp_path), library)
    helen = clients(world.staff("Helen Marsh", Role.SERVICE_ADMIN))

    page, one = helen.get("/instruments"), helen.get("/instruments/wsas")

    assert "By permission of The Permissions Office" in page.text
    assert "1 of them cannot be asked here yet: its words belong to others" in page.text
    assert "The wheelwright’s shop" in one.text
    assert "May be left out: I am retired" in one.text
    assert "Permission of The Permissions Office, Monday 2 February 2026: Letter 17 of the trust." in one.text


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (
            "phq-9",
            "A total of 0 to 27, lower is better. Bands: minimal 0 to 4, mild 5 to 9, moderate 10 to 14, moderately "
            "severe 15 to 19 and severe 20 to 27. Caseness from 10. A reliable change is 6 or more.",
        ),
        ("wai-sr", "Its course in 3 parts: tasks 4 to 20, bond 4 to 20 and goals 4 to 20. No total and no cut-offs."),
        ("alliance", "The patient does not see them in Braid"),
        ("goals", "The course of each goal by itself. No total and no cut-offs."),
        ("understanding", "What is still unclear, or what would you like to go over?"),
        ("wsas", "It cannot be asked here yet."),
    ],
)
def test_each_instrument_has_a_page_with_what_is_made_of_its_answers(clients, world, key, told):
    page = clients(world.staff("Helen Marsh", Role.SERVICE_ADMIN)).get(f"/instruments/{key}")

    assert told in page.text


def test_an_instrument_that_is_not_in_the_library_has_no_page(clients, world):
    clients(world.staff("Helen Marsh", Role.SERVICE_ADMIN)).get("/instruments/phq-2", status=404)


def test_the_words_of_a_service_are_read_in_one_statement(world, library, tmp_path):
    install(world, pack(tmp_path), library)

    with world.founding() as work:
        work.session.connection()
        with counted(world.bind) as statements:
            text_queries.offered(work, library.instruments)

    assert len(statements) == 1
