"""What Slack would refuse is found before it is sent, also what the SDK's models let pass."""

from typing import Any

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.cards.slack_limits import faults, view_faults, weight

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def marked(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain("Press"), **more}


def select(**more: Any) -> Json:
    return {
        "type": "static_select", "action_id": "s",
        "options": [{"text": plain("One"), "value": "1"}], **more,
    }  # fmt: skip


def rich(*elements: Json) -> Json:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": list(elements)}],
    }


def table(*rows: list[Json], **more: Any) -> Json:
    return {"type": "table", "rows": list(rows), **more}


def section(text: str = "x") -> Json:
    return {"type": "section", "text": marked(text)}


def fields(*texts: str) -> Json:
    return {"type": "section", "fields": [marked(text) for text in texts]}


def image(**more: Any) -> Json:
    return {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "A chart", **more}


def field_of(**more: Any) -> Json:
    return {"type": "input", "label": plain("Name"), "element": select(), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


FINE = [
    {"type": "header", "text": plain("x" * 150)},
    section("x" * 3000),
    fields(*["x"] * 9, "x" * 2000),
    rich({"type": "text", "text": "x"}, {"type": "link", "url": "https://a.b"}),
    table([raw("a"), rich({"type": "text", "text": "b"})], column_settings=[{"align": "right"}]),
    image(alt_text="x" * 2000),
    {"type": "context", "elements": [marked("x"), image()]},
    {"type": "divider"},
    actions(button(value="x" * 2000), select()),
]


def test_what_keeps_all_limits_has_no_faults() -> None:
    assert faults(FINE, "x" * 40_000) == []
    assert faults([table(*[[raw("x" * 5)] * 20] * 100)], "x") == []
    assert faults([section()] * 50, "x") == []


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"type": "header", "text": plain("x" * 151)}, "text has 151 characters of 150"),
        ({"type": "header", "text": plain("&" * 31)}, "text has 155 characters of 150"),
        ({"type": "header", "text": marked("x")}, "text cannot be mrkdwn"),
        ({"type": "header", "text": plain(" ")}, "text is empty"),
        (section("x" * 3001), "text has 3,001 characters of 3,000"),
        (section("👩" * 1501), "text has 3,002 characters of 3,000"),
        ({"type": "section"}, "there is neither text nor a field"),
        (fields(*"abcdefghijk"), "there are 11 fields of 10"),
        (fields("x" * 2001), "a field has 2,001 characters of 2,000"),
        (fields(""), "a field is empty"),
        ({**section(), "accessory": button(text=plain("x" * 76))},
         "a button's text has 76 characters of 75"),
        (rich(), "there are no elements"),
        (rich({"type": "text", "text": ""}), "a text is empty"),
        (table(*[[raw("a")]] * 101), "there are 101 rows of 100"),
        (table([raw("a")] * 21), "there are 21 cells in a row of 20"),
        (table([raw("x" * 5001)] * 2), "the cells have 10,002 characters of 10,000"),
        (table([raw("a"), raw("")]), "a cell is empty"),
        (table([raw("a"), rich({"type": "text", "text": " "})]), "a cell is empty"),
        (table([raw("a")], [raw("a"), raw("b")]), "the rows are not equally long"),
        (table([raw("a")], column_settings=[{}] * 21), "there are 21 column_settings of 20"),
        (table(), "there are no rows"),
        (image(alt_text="x" * 2001), "alt_text has 2,001 characters of 2,000"),
        (image(alt_text=""), "alt_text is empty"),
        (image(slack_file=None), "it needs either image_url or slack_file"),
        (image(image_url="https://a.b"), "it needs either image_url or slack_file"),
        (image(slack_file={}), "slack_file names no file"),
        (image(title=plain("x" * 2001)), "title has 2,001 characters of 2,000"),
        ({"type": "context", "elements": [marked("x")] * 11}, "there are 11 elements of 10"),
        ({"type": "context", "elements": [marked("")]}, "an element is empty"),
        ({"type": "context", "elements": [image(alt_text="")]}, "alt_text is empty"),
        (actions(*[button(action_id=str(n)) for n in range(26)]), "there are 26 elements of 25"),
        (actions(), "there are no elements"),
        (actions(button(), button()), "action_id a comes 2 times"),
        (actions(button(action_id="x" * 256)), "action_id has 256 characters of 255"),
        (actions(button(value="x" * 2001)), "value has 2,001 characters of 2,000"),
        (actions(button(confirm={"title": plain("x" * 101), "text": plain("x"),
                                 "confirm": plain("Yes"), "deny": plain("No")})),
         "title has 101 characters of 100"),
        (actions(select(options=[])), "there are no options"),
        (actions(select(options=[{"text": plain("x"), "value": "1"}] * 101)),
         "there are 101 options of 100"),
        (actions(select(options=[{"text": plain("x" * 76), "value": "1"}])),
         "an option has 76 characters of 75"),
        (actions(select(options=[{"text": plain("x"), "value": "x" * 151}])),
         "value has 151 characters of 150"),
        (actions(select(placeholder=plain("x" * 151))), "placeholder has 151 characters of 150"),
        ({"type": "carousel"}, "carousel is no kind of block known here"),
        ({"type": "divider", "block_id": "x" * 256}, "block_id has 256 characters of 255"),
    ],
)  # fmt: skip
def test_a_block_that_slack_would_refuse(block: Json, said: str) -> None:
    assert faults([block], "x") == [f"block 1, {block['type']}: {said}"]


@pytest.mark.parametrize(
    ("blocks", "text", "said"),
    [
        ([section()] * 51, "x", "there are 51 blocks of 50"),
        ([], " ", "there is no text for notifications"),
        ([], "x" * 40_001, "the text has 40,001 characters of 40,000"),
        ([table([raw("a")])] * 2, "x", "there are 2 tables of one"),
        ([section("x" * 2900)] * 5, "x", "the blocks have 15,150 characters of 13,200"),
        ([{"type": "divider", "block_id": "b"}] * 2, "x", "block_id b comes 2 times"),
    ],
)
def test_a_message_that_slack_would_refuse(blocks: list[Json], text: str, said: str) -> None:
    assert faults(blocks, text) == [said]


def test_what_a_block_takes_of_its_message_is_all_that_can_be_read() -> None:
    assert weight([{"type": "divider"}]) == 130
    assert weight([section("&amp;")]) == 135
    assert weight([{"type": "header", "text": plain("&")}]) == 135
    assert weight([table([raw("ab"), rich({"type": "text", "text": "cd"})])]) == 134
    assert weight([image()]) == 137


DIALOG: Json = {
    "type": "modal", "title": plain("x" * 24), "submit": plain("Save"), "close": plain("Cancel"),
    "callback_id": "c", "private_metadata": "x" * 3000, "blocks": [field_of()],
}  # fmt: skip


def test_a_dialog_and_a_home_tab_within_limits() -> None:
    assert view_faults(DIALOG) == []
    assert view_faults({"type": "home", "blocks": [section()] * 100}) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": plain("x" * 25)}, "title has 25 characters of 24"),
        ({"title": None}, "title is empty"),
        ({"submit": plain("x" * 25)}, "submit has 25 characters of 24"),
        ({"close": plain("x" * 25)}, "close has 25 characters of 24"),
        ({"submit": None}, "a dialog with inputs has no submit"),
        ({"private_metadata": "x" * 3001}, "private_metadata has 3,001 characters of 3,000"),
        ({"callback_id": "x" * 256}, "callback_id has 256 characters of 255"),
        ({"blocks": [section()] * 101}, "there are 101 blocks of 100"),
        ({"blocks": []}, "a view has no blocks"),
        ({"type": "tab"}, "a view cannot be a tab"),
        ({"blocks": [table([raw("a")])]}, "a table can stand in a message only"),
        ({"blocks": [field_of(label=plain("x" * 2001))]},
         "block 1, input: label has 2,001 characters of 2,000"),
        ({"blocks": [field_of(element=None)]}, "block 1, input: there is no element"),
        ({"blocks": [field_of(hint=plain(""))]}, "block 1, input: hint is empty"),
    ],
)  # fmt: skip
def test_a_view_that_slack_would_refuse(change: Json, said: str) -> None:
    assert view_faults({**DIALOG, **change}) == [said]


@pytest.mark.parametrize(
    "blocks",
    [
        [section()] * 51,
        [fields("x" * 2001)],
        [table(*[[raw("a")]] * 101)],
        [table([raw("a")] * 21)],
        [table([raw("")])],
        [table([raw("a")])] * 2,
        [section("x" * 3000)] * 5,
    ],
)
def test_the_sdk_s_models_let_pass_what_slack_refuses(blocks: list[Json]) -> None:
    for block in Block.parse_all(blocks):
        block.validate_json()
    assert faults(blocks, "x")


def test_the_sdk_s_models_know_a_view_s_title() -> None:
    view = View(type="modal", title=plain("x" * 25), blocks=[section()])
    with pytest.raises(Exception, match="24"):
        view.validate_json()
