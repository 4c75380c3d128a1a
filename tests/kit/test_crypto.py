"""What is sealed cannot be read, changed or made without the key."""

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from app.kit import crypto, drafts
from app.kit.crypto import Sealer

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.mark.parametrize("text", ["", "a", "Café, £5 and 🙂\nsecond line", "x" * 10_000])
def test_what_is_sealed_opens_to_the_same_text(text):
    assert Sealer(KEY).open(Sealer(KEY).seal(text)) == text


def test_the_same_text_is_sealed_differently_each_time():
    assert Sealer(KEY).seal("words") != Sealer(KEY).seal("words")


@pytest.mark.parametrize("place", [0, 1, 12, 13, -1])
def test_one_changed_byte_is_refused(place):
    sealed = bytearray(Sealer(KEY).seal("words"))
    sealed[place] ^= 1

    with pytest.raises(InvalidTag):
        Sealer(KEY).open(bytes(sealed))


def test_another_key_opens_nothing():
    with pytest.raises(InvalidTag):
        Sealer(OTHER).open(Sealer(KEY).seal("words"))


def test_a_key_of_another_length_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(b"short")


def test_what_we_vouched_for_is_known_again_and_nothing_else_is():
    vouched = Sealer(KEY).vouch("pending.a.b")

    assert Sealer(KEY).vouched(vouched) == "pending.a.b"
    for forged in (vouched.replace("a", "c"), vouched[:-1], "pending.a.b", "pending.a.b.", "", ".", "é.é"):
        assert Sealer(KEY).vouched(forged) == ""
    assert Sealer(OTHER).vouched(vouched) == ""


def test_a_disguised_token_is_the_same_underneath():
    token = Sealer(KEY).sign("x")

    assert crypto.unmasked(crypto.masked(token)) == token
    assert crypto.masked(token) != crypto.masked(token)
    assert crypto.unmasked("not one") == crypto.unmasked("é") == ""


def test_free_text_is_unreadable_in_the_database_and_readable_through_the_model(ash):
    with ash.working() as work:
        drafts.keep(work, form="worksheet:low-mood", values={"thought": "I am no good at this"})

    raw = ash.work().session.execute(sa.text('select "values" from draft')).scalar_one()
    assert b"good" not in bytes(raw)
    assert drafts.kept(ash.work(), form="worksheet:low-mood").values == {"thought": "I am no good at this"}


def test_every_column_for_words_of_ours_or_theirs_is_sealed():
    from sqlmodel import SQLModel

    sealed = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, crypto.SealedText | crypto.SealedJson)
    }
    assert {
        "alert_event.words",
        "outbox.address",
        "outbox.body",
        "draft.values",
        "person.totp_secret",
        "sign_in_link.secret",
    } <= sealed


def test_secrets_are_long_and_only_their_hash_is_kept(ash):
    assert len({crypto.new_secret() for _ in range(100)}) == 100
    assert len(crypto.new_secret()) == 43
    assert len(crypto.fingerprint("x")) == 32
