"""The README shows what the program answers today."""

from tests.readme import PICTURE, QUERY, README, fresh, value_samples


def test_the_outputs_in_the_readme_are_those_of_the_program(tmp_path):
    text = README.read_text(encoding="utf-8")
    assert len(QUERY.findall(text)) == 5
    assert fresh(text, value_samples(tmp_path)) == text, "run: python -m tests.readme"


def test_the_picture_of_the_readme_is_there():
    assert PICTURE.read_text(encoding="utf-8").startswith("<svg")
    assert "data/pictures/samples.svg" in README.read_text(encoding="utf-8")
