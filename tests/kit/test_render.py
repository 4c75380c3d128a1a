"""What every page is given, and what a template may not get wrong in silence."""

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup, escape
from starlette.requests import Request

from app.config import Settings
from app.kit import crypto, render, say
from app.kit.errors import Conflict, NotFound, Refused, TooLarge, TooMany
from tests.conftest import TEST_KEY
from tools import build_assets

LONDON = "Europe/London"
MAY = dt.datetime(2026, 5, 12, 8, 5, tzinfo=dt.UTC)
PATIENT = {
    "service": "Northmoor",
    "home": "/my/today",
    "who": "someone",
    "nav": [{"href": "/my/today", "text": "Today"}, {"href": "/my/messages", "text": "Messages", "count": 2}],
    "footer": [{"href": "/help", "text": "Get help now"}, {"href": "/sign-out", "text": "Sign out", "posts": True}],
}
STAFF = {
    "is_staff": True,
    "service": "Northmoor",
    "home": "/caseload",
    "nav": [{"href": "/caseload", "text": "Caseload"}],
    "me": {"text": "Robin Hale", "href": "/account"},
    "sign_out": "/sign-out",
}


@pytest.fixture(autouse=True, scope="module")
def built() -> None:
    build_assets.main()
    crypto.use(Settings(secret_key=TEST_KEY).key())


def request_for(path="/my/today", frame=None):
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "server": ("a", 80)}
    request = Request(scope | {"scheme": "http"})
    request.state.secure = False
    request.state.seed = "seed"
    request.state.frame = frame
    return request


def drawn(source, **context):
    return render._ENVIRONMENT.from_string(source).render(context)


@dataclass(frozen=True)
class Step:
    title: str


class TestUnknown:
    @pytest.mark.parametrize("source", ["{{ patien }}", "{{ patien.name }}", "{% for one in patien %}{% endfor %}"])
    def test_a_misspelt_name_is_not_printed_as_nothing(self, source):
        with pytest.raises(UndefinedError):
            drawn(source)

    @pytest.mark.parametrize(
        "source",
        ["{{ step.titel }}", "{% if step.titel %}{% endif %}", "{{ step.titel.upper }}", "{{ step.titel or 1 }}"],
    )
    def test_a_misspelt_attribute_is_a_mistake_even_in_an_if(self, source):
        with pytest.raises(UndefinedError):
            drawn(source, step=Step("Doing what matters"))

    def test_a_key_a_mapping_does_not_have_is_empty_and_so_is_what_is_under_it(self):
        source = "[{{ options.hint }}{{ options.hint.text }}{% for one in options.items_ %}x{% endfor %}]"

        assert drawn(source, options={}) == "[]"

    def test_a_name_that_may_be_missing_can_be_tested_for(self):
        source = "{% if banner %}a{% else %}b{% endif %}{{ banner|default('c') }}{{ banner is defined }}"

        assert drawn(source) == "bcFalse"


class TestWords:
    def test_a_day_has_its_weekday(self):
        assert say.day(dt.date(2026, 5, 12)) == "Tuesday 12 May"
        assert say.day_year(dt.date(2026, 5, 12)) == "Tuesday 12 May 2026"
        assert say.short_day(dt.date(2026, 5, 12)) == "Tue 12 May"
        assert say.date(dt.date(1989, 3, 14)) == "14 March 1989"

    def test_a_moment_is_told_in_the_persons_zone(self):
        assert say.moment(MAY, LONDON) == "Tuesday 12 May at 9:05am"
        assert say.clock(MAY, ZoneInfo(LONDON)) == "09:05"
        late = dt.datetime(2026, 5, 12, 23, 30, tzinfo=dt.UTC)
        assert say.day(late, LONDON) == "Wednesday 13 May"

    def test_a_moment_without_a_zone_is_refused(self):
        for told in (say.day, say.time, say.clock):
            with pytest.raises(ValueError, match="zone"):
                told(MAY)

    @pytest.mark.parametrize(
        ("at", "words"),
        [
            ((0, 0), "midnight"),
            ((0, 5), "12:05am"),
            ((9, 0), "9:00am"),
            ((12, 0), "midday"),
            ((12, 30), "12:30pm"),
            ((17, 45), "5:45pm"),
        ],
    )
    def test_a_time_is_said_as_people_say_it(self, at, words):
        assert say.time(dt.time(*at)) == words

    def test_counts_agree_with_their_nouns(self):
        assert [say.plural(n, "page") for n in (0, 1, 2)] == ["0 pages", "1 page", "2 pages"]
        assert say.plural(1200, "activity", "activities") == "1,200 activities"

    def test_names_get_their_possessive_and_lists_their_and(self):
        assert [say.possessive(name) for name in ("Robin", "James", "")] == ["Robin’s", "James’s", ""]
        assert [say.listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
            "",
            "a",
            "a and b",
            "a, b and c",
        ]


class TestPages:
    def test_a_page_of_staff_has_the_clock_of_24_hours_and_a_patients_that_of_12(self):
        words = "{{ at|moment('Europe/London') }}, {{ at|time('Europe/London') }}"
        drawn = render._ENVIRONMENT.from_string(words)

        assert drawn.render(at=MAY, frame=render.Frame()) == "Tuesday 12 May at 9:05am, 9:05am"
        assert drawn.render(at=MAY, frame=render.Frame(is_staff=True)) == "Tuesday 12 May at 09:05, 09:05"

    def test_a_page_names_its_service_and_marks_where_one_is(self):
        html = render.page(request_for("/my/messages/3", PATIENT), "error.html", title="Hello").body.decode()

        assert "<title>Hello, Northmoor</title>" in html
        assert re.findall(r'href="([^"]+)" aria-current="page"', html) == ["/my/messages"]
        assert '2<span class="nhsuk-u-visually-hidden"> new</span>' in html

    def test_a_page_with_problems_says_so_first_in_its_title(self):
        html = render.page(request_for(frame=PATIENT), "error.html", title="Hello", problems={"a": "b"}).body.decode()

        assert "<title>Error: Hello, Northmoor</title>" in html

    def test_sign_out_is_a_form_with_our_token(self):
        for frame in (PATIENT, STAFF):
            html = render.page(request_for(frame=frame), "error.html", status=404).body.decode()

            form = re.search(r'<form method="post" action="/sign-out">.*?</form>', html, re.DOTALL)
            assert re.search(r'name="csrf" value="[^"]{20,}"', form[0])

    def test_what_people_typed_is_escaped(self):
        html = render.page(request_for(frame=PATIENT), "error.html", title="<script>", words='"&').body.decode()

        assert "<script>" not in html.replace('<script type="module"', "")
        assert "&lt;script&gt;" in html
        assert "&#34;&amp;" in html

    def test_letters_in_plain_text_are_not_escaped(self):
        assert render._ENVIRONMENT.autoescape("email/letter.txt") is False
        assert render._ENVIRONMENT.autoescape("error.html") is True

    @pytest.mark.parametrize("frame", [None, PATIENT, STAFF])
    def test_help_is_on_every_page(self, frame):
        html = render.page(request_for(frame=frame), "error.html", status=404).body.decode()

        assert '<a href="/help">Get help now</a>' in html
        assert ("Leave quickly" in html) is (frame is not STAFF)

    def test_nobodys_page_has_no_places_to_go(self):
        html = render.page(request_for("/sign-in"), "error.html", status=404).body.decode()

        assert 'class="braid-nav"' not in html
        assert "Sign out" not in html
        assert "data-who" not in html

    def test_a_patients_banner_stands_above_the_page(self):
        banner = {
            "name": "Ash Whitlock",
            "born": "14 March 1989 (37)",
            "nhs_number": "999 821 1468",
            "alerts": [{"title": "Safety alert open.", "words": "Next attempt 09:05.", "href": "/alerts/1"}],
            "tabs": [{"href": "/patients/1/plan", "text": "Plan"}],
        }

        html = render.page(request_for("/patients/1/plan", STAFF), "error.html", banner=banner).body.decode()

        assert html.index("Ash Whitlock") < html.index("<main")
        assert "Safety alert open." in html
        assert '<a href="/patients/1/plan" aria-current="page">Plan</a>' in html

    def test_on_to_another_page_is_a_see_other(self):
        answer = render.see_other("/my/today")

        assert (answer.status_code, answer.headers["location"]) == (303, "/my/today")


class TestErrors:
    @pytest.mark.parametrize("status", [403, 404, 405, 409, 413, 429, 500])
    def test_every_refusal_says_what_happened_and_what_to_do(self, status):
        answer = render.page(request_for(frame=PATIENT), "error.html", status=status)

        html = answer.body.decode()
        assert answer.status_code == status
        assert len(re.search(r'<p class="braid-lead">(.*?)</p>', html)[1]) > 15
        assert "Get help now" in html
        assert str(status) not in re.sub(r"<[^>]*>", "", html)

    @pytest.mark.parametrize("refusal", [NotFound(), Conflict(), TooMany(), TooLarge("Shorten your message.")])
    def test_a_refusal_is_told_in_its_own_words(self, refusal):
        answer = render.error_page(request_for(frame=PATIENT), refusal)

        html = answer.body.decode()
        assert answer.status_code == refusal.status
        assert f"<h1>{refusal.title}</h1>" in html
        assert refusal.words in html

    def test_a_refusal_without_a_title_gets_that_of_its_status(self):
        refusal = Refused("Go back.")
        refusal.status = 405

        html = render.error_page(request_for(frame=PATIENT), refusal).body.decode()

        assert "<h1>That page does not work that way</h1>" in html
        assert "Go back." in html

    def test_only_a_fault_of_ours_gives_the_number_to_quote(self):
        request = request_for(frame=PATIENT)
        request.state.request_id = "abc123"
        broken = Refused()
        broken.status = 500

        assert "abc123" in render.error_page(request, broken).body.decode()
        assert "abc123" not in render.error_page(request, NotFound()).body.decode()


class TestTemplates:
    def test_no_template_has_a_style_or_a_script_of_its_own(self):
        for path in render.TEMPLATES.rglob("*.html"):
            text = path.read_text("utf-8")

            assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|javascript:", text), path
            assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), path

    def test_indents_are_not_sent(self):
        html = render.page(request_for(frame=PATIENT), "error.html", status=404).body.decode()

        assert not re.search(r"\n[ \t]+", html)


class Marked:
    """What draws itself."""

    def __html__(self):
        return "<b>drawn</b>"


@pytest.mark.parametrize(
    "value", ["plain", "<b> & \"quoted\" 'so'", Markup("<b>ours</b>"), 7, 7.5, True, None, Marked()]
)
def test_a_value_is_put_out_as_it_would_be_escaped(value):
    assert render.shown(value) == str(escape(value))
    assert type(render.shown(value)) in (str, Markup)


def test_what_somebody_typed_is_escaped_once_wherever_it_passes_through():
    typed = "<script>&"
    through = (
        "{% macro said(words) %}<p>{{ words }}</p>{% endmacro %}"
        "{% macro around() %}<div>{{ caller() }}</div>{% endmacro %}"
        "{% set kept %}{{ typed }}{% endset %}"
        "{{ said(typed) }}{% call around() %}{{ typed }}{% endcall %}{{ kept }}{{ typed ~ kept }}"
        "{% filter trim %} {{ typed }} {% endfilter %}{{ [typed, typed]|join('|') }}"
    )

    drawn = render._ENVIRONMENT.from_string(through).render(typed=typed)

    once = "&lt;script&gt;&amp;"
    assert drawn == f"<p>{once}</p><div>{once}</div>{once}{once}{once}{once}{once}|{once}"
