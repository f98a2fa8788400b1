"""Reasons: why a line is set aside, in a word for scripts and a sentence for people."""

from typing import Final

MAX_CELL_CHARACTERS: Final = 1 << 20
"""A line with a longer cell is set aside."""
RAW_TEXT_CHARACTERS: Final = 2000
"""How much of a line that is set aside is kept."""

REASONS: Final = {
    "bad_encoding": (
        "The line holds bytes that are no text in the encoding of its file.",
        "Export the file again as UTF-8.",
    ),
    "too_many_cells": (
        "The line has more cells than the header, and they are not blank.",
        "Put quotes around the cell that holds the separator.",
    ),
    "too_few_cells": (
        "The line has fewer cells than the header, and no other line leaves any out.",
        "Put in the separator that is missing, also before cells that are blank.",
    ),
    "other_table": (
        "The line belongs to another table, under a header of its own that names no item here.",
        "Remove it, or put that table on a sheet or in a file of its own.",
    ),
    "cell_too_long": (
        f"A cell is longer than {MAX_CELL_CHARACTERS:,} characters.",
        "Check whether a quote is missing.",
    ),
    "cut_line": (
        "The last line ends before its last cell and without a line end: the file was cut.",
        "Export the file again.",
    ),
    "bad_quantity": (
        "The quantity cannot be read as a whole number of pieces.",
        "Write the number of pieces in digits.",
    ),
    "no_item": (
        "No column that is used holds anything but a quantity.",
        "Write what it is in a column that names the item, or remove the line.",
    ),
    "single_cell": (
        "Only one cell of the line is filled, as in a title, a remark or another table.",
        "Write it with the cells and separators of the other lines, or remove it.",
    ),
    "not_mended": (
        "The line was given back as it had been set aside.",
        "Mend its cells, or clear its reject_code if they are right as they stand.",
    ),
    "not_rejected_there": (
        "Its reject_key names no line that is set aside in the original.",
        "Clear its reject_key if it is a line of its own, or remove it.",
    ),
    "mended_twice": (
        "Another line stands in for the same line of the original already.",
        "Keep one of them; clear the reject_key of one that is a line of its own.",
    ),
    "below_table": (
        "The line stands below the table and names no item, like a note or a signature.",
        "Remove it, or write what it is in a column that names the item.",
    ),
    "broken_json": (
        "The line is no whole JSON value.",
        "Export the file again; a line that was cut or joined with another cannot be mended.",
    ),
    "repeated_field": (
        "A field stands twice in the record with different values.",
        "Keep the one that holds.",
    ),
    "too_nested": (
        "The value is nested too deeply.",
        "Export a flat record.",
    ),
    "no_record": (
        "What stands in the list of records is no object with named fields.",
        "Write a record like the others, or remove it.",
    ),
    "other_document": (
        "The document is of another kind than the others of its file.",
        "Give it in a file of its own.",
    ),
    "no_device": (
        "The tool names no device: it could not be opened, or it is no hardware.",
        "Run the tool again as an administrator, or remove the entry.",
    ),
    "unreadable_record": (
        "The record does not have the form its tool writes.",
        "Run the tool again and keep its output as it comes.",
    ),
    "cut_record": (
        "The last record ends before its end: the output was cut.",
        "Run the tool again and keep its whole output.",
    ),
}
"""Why a line is set aside: what is wrong with it, and what would mend it."""
