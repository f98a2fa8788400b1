"""Tables for people: aligned in a file, drawn on a terminal."""

import sys

from valuation.cli.text import Table, render


def test_tables_are_plain_in_a_file_and_drawn_on_a_terminal(monkeypatch):
    table = Table("Units", ("kind", "listed"), [("hdd", "1,200"), ("a [b]", "3")], notes=("End.",))
    assert render([table]).splitlines() == [
        "Units",
        "  kind   listed",
        "  hdd     1,200",
        "  a [b]       3",
        "  End.",
    ]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    drawn = render([table])
    assert "a [b]" in drawn
    assert "─" in drawn
