"""`aftershock detect`: one judgement per line, in order, whatever the lines are."""

import io
import json

from bot.detecting import run_detect
from bot.releases.shipped import load_labs


def run(*lines: str, as_json: bool = True) -> list[str]:
    """What is written for these lines."""
    out = io.StringIO()
    assert run_detect(lines, out, labs=load_labs(), as_json=as_json) == 0
    return out.getvalue().splitlines()


def test_one_judgement_per_line_in_order() -> None:
    got = [
        json.loads(line)
        for line in run(
            '{"source": "openai", "title": "Introducing GPT-8", "summary": "", "url": ""}',
            "not json",
            '["a list"]',
            '{"source": "hn"}',
            '{"title": 7, "source": null, "url": {}, "date": 1}',
            '{"source": "windsurf", "title": "GPT-8 is now available in Windsurf"}',
        )
    ]
    assert [row["release"] for row in got] == [True, False, False, False, False, False]
    assert got[0]["lab"] == "openai"
    assert got[0]["model"] == "GPT-8"
    assert [row["reason"].split(":")[0] for row in got[1:5]] == ["error"] * 4
    assert got[5]["reason"].startswith("availability")
    assert all({"release", "lab", "model", "reason", "confidence"} <= row.keys() for row in got)


def test_deeply_nested_lines_are_errors_too() -> None:
    (line,) = run("[" * 100_000)
    assert json.loads(line)["reason"].startswith("error")


def test_for_people_a_line_says_what_and_why() -> None:
    (line,) = run('{"source": "openai", "title": "Introducing GPT-8"}', as_json=False)
    assert line.startswith("release ")
    assert "GPT-8" in line
