"""Folders, and files that change under the reader's eyes."""

from pathlib import Path

import pytest

from tests.inventory.conftest import Reader
from valuation.inventory import source
from valuation.inventory.given import gather

TEXT = "Model,Serial,Qty\nR740,S-1001,1\n"


def test_a_folder_stands_for_its_files_and_those_of_its_folders(
    tmp_path: Path, read: Reader
) -> None:
    (tmp_path / "site" / "hall").mkdir(parents=True)
    for number, name in enumerate(("a.csv", "site/b.csv", "site/hall/c.csv")):
        (tmp_path / name).write_text(TEXT.replace("1001", f"100{number}"), encoding="utf-8")
    files = read(tmp_path).inventory.files
    assert files["lines_loaded"].to_list() == [1, 1, 1]


@pytest.mark.parametrize("name", [".a.csv", ".git/a.csv", "~$a.xlsx", "Thumbs.db"])
def test_what_systems_leave_in_folders_is_not_read(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(TEXT, encoding="utf-8")
    (tmp_path / "b.csv").write_text(TEXT, encoding="utf-8")
    (file,) = gather([tmp_path], None, tmp_path).files
    assert file.name == str(tmp_path / "b.csv")


def test_a_file_in_a_folder_and_given_by_itself_is_read_once(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.csv").write_text(TEXT, encoding="utf-8")
    result = read(tmp_path, tmp_path / "a.csv").inventory
    assert result.files.height == 1
    assert "given twice" in result.warnings[0]


def test_a_file_that_grows_while_it_is_read_is_refused_and_the_others_count(
    tmp_path: Path, read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(TEXT.replace("S", name), encoding="utf-8")
    whole = source.open_source

    def growing(name: str, path: Path, *given):  # type: ignore[no-untyped-def]
        opened = whole(name, path, *given)
        if path.name == "b.csv":
            with path.open("a", encoding="utf-8") as stream:
                stream.write("R640,S9,1\n")
        return opened

    monkeypatch.setattr("valuation.inventory.opening.open_source", growing)
    result = read(tmp_path / "a.csv", tmp_path / "b.csv")
    assert result.account("/a.csv")["lines_loaded"] == 1
    assert "b.csv changed while it was read." in result.account("/b.csv")["reason"]
    assert result.tables["read_line"].height == 1
    assert result.counts()["batch_id"].to_list() == ["a"]
