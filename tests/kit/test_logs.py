"""What the log may hold: which fault and where, and nothing that anybody wrote or was sent."""

import json
import subprocess
import sys

import pytest

PASSWORD, NOTE, LINK = "canary-password-41", "Canary note about last night", "canary-link-secret-77"

# A server with no database behind it and a page that refuses a note by quoting it, asked in three ways.
SERVER = f"""
import http.client, logging, socket, threading, time
from uuid import UUID
import uvicorn
from pydantic import BaseModel
from app.config import Settings
from app.kit import csrf, db
from app.main import create_app
from app.notifications.kinds import Channel, ReminderKind
from app.notifications.off_sending import Link, off_token

settings = Settings(secret_key="dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=", scheduler_in_web=False, mail="smtp")
app = create_app(settings, engine=db.connect("postgresql+psycopg://nobody@127.0.0.1:9/none"))

class Note(BaseModel):
    words: int

def breaks():
    try:
        Note(words={NOTE!r})
    except ValueError as failed:
        raise RuntimeError({NOTE!r}) from failed

app.app.add_api_route("/breaks", breaks)
listening = socket.socket()
listening.bind(("127.0.0.1", 0))
listening.listen()
server = uvicorn.Server(uvicorn.Config(app, access_log=False))
thread = threading.Thread(target=server.run, kwargs={{"sockets": [listening]}})
thread.start()

def ask(method, path, body=None, headers={{}}):
    there = http.client.HTTPConnection("127.0.0.1", listening.getsockname()[1], timeout=20)
    there.request(method, path, body, headers)
    answer = there.getresponse()
    answer.read()
    return answer

seed = ask("GET", "/help").headers["set-cookie"].split(";")[0]
from starlette.requests import Request
token = csrf.token(Request({{"type": "http", "headers": [(b"cookie", seed.encode())], "state": {{"secure": False}}}}))
form = {{"cookie": seed, "content-type": "application/x-www-form-urlencoded"}}
secret = "11111111-1111-1111-1111-111111111111.{LINK}"
off = off_token(Link(UUID(int=1), UUID(int=2), ReminderKind.ACTIVITY, Channel.EMAIL))
print(off)
print(
    ask("GET", "/breaks").status,
    ask("GET", "/sign-in/link/" + secret).status,
    ask("GET", "/calendar/" + secret + ".ics").status,
    ask("GET", "/reminders/off/" + off).status,
    ask("GET", "/reminders/off/{LINK}").status,
    ask("POST", "/sign-in/password", f"csrf={{token}}&email=ash@example.org&password={PASSWORD}", form).status,
)
logging.getLogger("library").error("It said %s", {NOTE!r})
gone = socket.create_connection(listening.getsockname())
gone.sendall(b"POST /sign-in HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 50\\r\\n\\r\\nemail=")
gone.close()
time.sleep(0.3)
server.should_exit = True
thread.join()
"""


@pytest.fixture(scope="module")
def said():
    done = subprocess.run([sys.executable, "-c", SERVER], capture_output=True, text=True, timeout=60, check=True)
    off, *answers = done.stdout.split()
    # The fourth is no word of ours, so it is not even looked up.
    assert answers == ["500", "500", "500", "500", "404", "500"]
    assert len(off) == 69
    return done.stderr.replace(off, "a word that turns reminders off")


@pytest.fixture
def lines(said):
    return [json.loads(line) for line in said.splitlines()]


@pytest.mark.parametrize("canary", [PASSWORD, NOTE, LINK, "ash@example.org", "a word that turns reminders off"])
def test_nothing_anybody_typed_or_was_sent_is_in_the_log(said, canary):
    assert canary not in said


def test_a_fault_is_told_once_with_its_class_and_where_it_was(lines):
    faults = [line for line in lines if line["event"] == "request failed"]

    assert [line["route"] for line in faults] == [
        "/breaks",
        "/sign-in/link/{token}",
        "/calendar/{token}",
        "/reminders/off/{token}",
        "/sign-in/password",
    ]
    assert [each["class"] for each in faults[0]["fault"]] == [
        "builtins.RuntimeError",
        "pydantic_core._pydantic_core.ValidationError",
    ]
    assert faults[0]["fault"][0]["frames"][-1].endswith(" breaks")
    assert all(line["request_id"] for line in faults)


def test_what_a_library_says_is_told_without_its_values_and_nothing_else_is(lines):
    others = [(line["logger"], line["event"]) for line in lines if line["event"] != "request failed"]

    assert others == [("library", "It said %s")]
