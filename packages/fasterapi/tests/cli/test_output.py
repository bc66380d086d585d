"""Terminals get colours and columns; pipes get neither."""

import sys

import pytest

from fasterapi.cli import main
from fasterapi.cli.output import CommandError, style, table

HEADINGS = ("METHOD", "PATH")
ROWS = [("GET", "/"), ("DELETE", "/items")]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, name), "isatty", lambda: True, raising=False)


def test_a_pipe_gets_tabs_and_no_colours() -> None:
    assert table(HEADINGS, ROWS) == "GET\t/\nDELETE\t/items"
    assert style("x", fg="red") == "x"


@pytest.mark.usefixtures("terminal")
def test_a_terminal_gets_columns_and_colours() -> None:
    heading, *rows = table(HEADINGS, ROWS).splitlines()
    assert heading == "\x1b[1mMETHOD  PATH\x1b[0m"
    assert rows == ["GET     /", "DELETE  /items"]


@pytest.mark.usefixtures("terminal")
def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert style("x", fg="red") == "x"


def test_a_failure_is_a_sentence_and_a_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    CommandError("it broke", fix="mend it").show()
    CommandError("no idea").show()
    assert capsys.readouterr().err == "error: it broke\n  fix: mend it\nerror: no idea\n"


def test_the_command_answers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["fasterapi", "--version"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("fasterapi ")


@pytest.mark.parametrize(("missing", "expected"), [("click", SystemExit), ("msgspec", ModuleNotFoundError)])
def test_without_click_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, missing: str, expected: type[BaseException]
) -> None:
    class Refuse:
        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> None:
            if name == "fasterapi.cli.commands":
                raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)

    monkeypatch.delitem(sys.modules, "fasterapi.cli.commands", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Refuse, *sys.meta_path])
    with pytest.raises(expected, match=missing):
        main()
