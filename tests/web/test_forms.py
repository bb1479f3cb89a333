"""Fields of forms, differences, errors in four parts."""

from __future__ import annotations

import html
import re

import pytest
from django import forms
from tests.web.pages import Checker

from topstitch.errors import RemoteRejected
from topstitch.sdk.model import Setting
from topstitch.web.components.diff import change_table, changes, json_diff, text_diff
from topstitch.web.components.fields import field, form_errors
from topstitch.web.components.markup import attributes
from topstitch.web.components.settings_form import settings_fields
from topstitch.web.components.trouble import trouble, trouble_of, wrong
from topstitch.web.components.widgets import Choices, Code, Secret, Suggest
from topstitch.web.patterns.samples import Sample, sample_form


def well_formed(text):
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert checker.open == []
    return checker


def test_every_control_has_a_label_and_what_is_wrong_is_tied_to_it():
    form = sample_form("light")
    for bound in form:
        shown = field(bound)
        checker = well_formed(shown)
        named = set(re.findall(r'for="([^"]+)"', shown))
        assert named <= checker.ids, bound.name
        described = re.search(r'aria-describedby="([^"]+)"', shown)
        assert not described or set(described[1].split()) <= checker.ids, bound.name
    wrong_one = field(form["email"])
    assert 'aria-invalid="true"' in wrong_one
    assert "There is no domain of this name." in wrong_one
    assert "Check what stands after the @." in wrong_one


def test_what_is_wrong_with_a_form_links_to_its_fields():
    shown = form_errors(sample_form("light"))
    assert '<a href="#light_email">E-mail address</a>' in shown
    assert 'role="alert"' in shown
    assert form_errors(Sample()) == ""


def test_a_secret_is_never_sent_back():
    class Form(forms.Form):
        token = forms.CharField(widget=Secret(kept=True))

    shown = field(Form({"token": "shpat_secret"})["token"])
    assert "shpat_secret" not in shown
    assert "Kept: leave empty to keep it" in shown


def test_text_typed_into_any_control_stays_text():
    class Form(forms.Form):
        code = forms.CharField(widget=Code())
        service = forms.Field(widget=Suggest("/find"))
        many = forms.MultipleChoiceField(widget=Choices(), choices=[("<b>", "<i>")])

    for bound in Form(
        {"code": "</textarea><script>", "service_": '"><script>', "service_value": '"><script>', "many": ["<b>"]}
    ):
        shown = field(bound)
        assert "<script>" not in shown
        well_formed(shown)


def test_fields_of_settings_are_of_their_kinds_and_know_when_they_are_asked_for():
    declared = [
        Setting(
            name="auth", label="Auth", kind="choice", choices=("token", "password"), default="token", required=True
        ),
        Setting(
            name="token", label="Token", secret=True, required=True, when={"auth": ["token"]}, find="In the admin."
        ),
        Setting(name="notes", label="Notes", kind="multiline"),
        Setting(name="limit", label="Limit", kind="integer", default=50),
        Setting(name="rate", label="Rate", kind="number"),
        Setting(name="since", label="Since", kind="date"),
        Setting(name="live", label="Live", kind="boolean", default=True),
        Setting(name="url", label="Address", kind="url", required=True),
    ]
    form = forms.Form(prefix="s")
    form.fields.update(settings_fields(declared, kept=["token"]))
    kinds = [type(each).__name__ for each in form.fields.values()]
    assert kinds == [
        "ChoiceField",
        "CharField",
        "CharField",
        "IntegerField",
        "FloatField",
        "DateField",
        "BooleanField",
        "CharField",
    ]
    shown = html.unescape(field(form["token"]))
    assert 'data-when="{"s-auth": ["token"]}"' in shown
    assert "In the admin." in shown
    assert not form.fields["token"].required
    assert form.fields["url"].required
    assert form["limit"].value() == 50


def test_differences_are_named_field_by_field():
    before = {"a": 1, "b": {"c": [1, 2, 3]}, "gone": None, "same": [{"x": 1}], "kind": 1}
    after = {"a": 2, "b": {"c": [1, 5]}, "same": [{"x": 1}], "new": [], "kind": True}
    assert [(c.path, c.kind) for c in changes(before, after)] == [
        ("a", "changed"),
        ("b.c[1]", "changed"),
        ("b.c[2]", "removed"),
        ("gone", "removed"),
        ("kind", "changed"),
        ("new", "added"),
    ]
    assert list(changes([1], [1])) == []
    assert [c.path for c in changes(1, "1")] == ["the whole"]


def test_a_table_of_changes_is_cut_when_there_are_very_many():
    shown = change_table({}, {f"k{n}": n for n in range(700)})
    assert "… and 200 fields more" in shown
    assert "Nothing differs." in change_table({"a": 1}, {"a": 1})
    assert "<script>" not in change_table({"<script>": "<script>"}, {})


def test_lines_that_are_the_same_are_folded_and_signs_tell_what_changed():
    before = {f"k{n}": n for n in range(40)}
    shown = json_diff(before, {**before, "k20": "twenty"})
    well_formed(shown)
    assert "1 line added" in shown
    assert "1 line removed" in shown
    assert "lines the same" in shown
    assert re.search(r'<del class="part removed" data-sign="−">\s+&quot;k20&quot;: 20,</del>', shown)
    assert re.search(r'<ins class="part added" data-sign="\+">\s+&quot;k20&quot;: &quot;twenty&quot;,</ins>', shown)
    assert "Nothing differs." in json_diff(before, dict(before))


def test_very_long_values_are_compared_without_taking_for_ever():
    shown = json_diff(list(range(5_000)), list(range(1, 5_001)))
    assert "added" in shown


def test_texts_are_compared_line_by_line_as_they_are():
    shown = text_diff('a = "1"\nsame', 'a = "2"\nsame')
    assert "1 line added" in shown and "1 line removed" in shown
    assert 'data-sign="+">a = &quot;2&quot;</ins>' in shown
    assert "Nothing differs." in text_diff("a", "a")


def test_an_error_is_told_in_four_parts():
    error = RemoteRejected("The e-mail address is not valid", field="email", detail="422 <b>")
    shown = trouble("<button>Pull again</button>", trouble_of(error, "Order #1005"))
    for words in (
        "What happened",
        "The e-mail address is not valid",
        "To what",
        "Order #1005",
        "422 &lt;b&gt;",
        error.hint,
    ):
        assert words in shown, words
    well_formed(shown)


def test_what_is_wrong_and_what_to_do_travel_together():
    problem = wrong("No.", "Do this.")
    assert (problem.messages, problem.params) == (["No."], {"hint": "Do this."})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"data_tip": "a"}, ' data-tip="a"'),
        ({"disabled": True, "hidden": False, "id": None}, " disabled"),
        ({"value": '"<'}, ' value="&quot;&lt;"'),
        ({"for_": 0}, ' for="0"'),
    ],
)
def test_attributes_come_from_keyword_arguments(given, expected):
    assert attributes(given) == expected
