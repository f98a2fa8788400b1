"""Settings: where a choice is looked for, what each value may be, what a wrong one is told."""

import contextlib
import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.errors import SettingsError, UsageError
from valuation.setting_values import today
from valuation.settings import Settings, load_settings


def load(tmp_path, toml="", environment=None, **flags):
    (tmp_path / "valuation.toml").write_text(toml, encoding="utf-8")
    return load_settings(flags, environment or {}, tmp_path)


def test_nothing_said_gives_the_defaults(tmp_path):
    settings = load_settings({}, {}, tmp_path)
    assert settings == Settings()
    assert (settings.draws, settings.seed, settings.deck) == (2000, 1, "china-net")
    assert settings.as_of == today()
    assert settings.keep_lines
    assert settings.max_price_age is None


def test_a_flag_wins_over_the_environment_which_wins_over_the_file(tmp_path):
    toml, environment = (
        "draws = 10\nseed = 10\ndeck = 'file'",
        {
            "VALUATION_DRAWS": "20",
            "VALUATION_SEED": "20",
        },
    )
    settings = load(tmp_path, toml, environment, draws="30")
    assert (settings.draws, settings.seed, settings.deck) == (30, 20, "file")


def test_a_flag_that_was_not_given_leaves_the_choice_to_others(tmp_path):
    settings = load(tmp_path, "routes = ['a', 'b']\nstrict = true", None, routes=(), strict=None)
    assert settings.routes == ("a", "b")
    assert settings.strict


def test_naming_batches_one_way_ends_the_other_way_said_further_away(tmp_path):
    environment = {"VALUATION_BATCH_BY": "Lot"}
    assert load(tmp_path, "", environment, batch="B-1").batch_by is None
    assert load(tmp_path, "batch = 'B-1'", environment).batch is None


def test_two_ways_of_naming_batches_in_one_place_do_not_go_together(tmp_path):
    with pytest.raises(UsageError, match="batch_by"):
        load(tmp_path, batch="B-1", batch_by="Lot")


def test_every_setting_can_be_said_in_the_environment(tmp_path):
    said = {
        "db": "x.duckdb", "batch_by": "Lot", "routes": "a, b,a", "deck": "d", "as_of": "2026-02-28",
        "draws": "100", "seed": str(2**63 - 1), "keep_lines": "no", "replace": "1",
        "accept_smaller": "on", "engine": "duckdb", "memory": "2 gib", "strict": "TRUE",
        "max_rejected": "0.5", "max_price_age": "30", "require_prices": "yes",
        "settlement": "toll", "scenario": "s", "policy": "shred", "resale": "r.csv",
    }  # fmt: skip
    environment = {f"VALUATION_{name.upper()}": value for name, value in said.items()}
    assert load_settings({}, environment, tmp_path) == Settings(
        db=Path("x.duckdb"), batch_by="Lot", routes=("a", "b"), deck="d",
        as_of=datetime.date(2026, 2, 28), draws=100, seed=2**63 - 1, keep_lines=False, replace=True,
        accept_smaller=True, engine="duckdb", memory="2GiB", strict=True, max_rejected=0.5,
        max_price_age=30, require_prices=True, settlement="toll", scenario="s",
        policy="shred", resale=Path("r.csv"),
    )  # fmt: skip


def test_the_file_may_use_types_of_its_own(tmp_path):
    toml = "as_of = 2026-02-28\nmax_rejected = 0\nkeep_lines = false\ndraws = 100"
    settings = load(tmp_path, toml)
    assert settings.as_of == datetime.date(2026, 2, 28)
    assert settings.max_rejected == 0.0
    assert not settings.keep_lines


def test_a_notebook_may_write_texts():
    settings = Settings(db="x.duckdb", as_of="2026-02-28", routes=["reuse"])
    assert settings == Settings(
        db=Path("x.duckdb"), as_of=datetime.date(2026, 2, 28), routes=("reuse",)
    )


def test_settings_do_not_change():
    with pytest.raises(AttributeError):
        Settings().draws = 5


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("draws", "many", "whole number"),
        ("draws", "2.5", "nearest is 2"),
        ("draws", 1, "nearest is 2"),  # one sample has no spread
        ("draws", "inf", "whole number"),
        ("draws", "nan", "whole number"),
        ("draws", True, "whole number"),
        ("draws", None, "whole number"),
        ("seed", -1, "nearest is 0"),
        ("seed", 2**63, f"nearest is {2**63 - 1}"),  # the database keeps 64 bits
        ("max_rejected", "5", "mean 0.05"),
        ("max_rejected", "5%", "0.05"),
        ("max_rejected", -0.1, "share"),
        ("max_price_age", "-1", "nearest is 0"),
        ("as_of", "22.11.2026", "year-month-day"),
        ("as_of", "2026-02-30", "date"),
        ("memory", "4", "mean `4GB`"),
        ("memory", "0GB", "memory"),
        ("memory", "lots", "memory"),
        ("engine", "dukdb", "mean `duckdb`"),
        ("settlement", "sell-feed", "mean `sell_feed`"),
        ("policy", "shredd", "mean `shred`"),
        ("resale", " ", "text"),
        ("strict", "perhaps", "true"),
        ("deck", "  ", "text"),
        ("db", "", "text"),
        ("routes", 5, "list"),
        ("routes", "reuse,,x", "text"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(name, value, told):
    with pytest.raises(SettingsError) as caught:
        Settings(**{name: value})
    assert f"`{name}` is `{value}`" in caught.value.message or value == "reuse,,x"
    assert told in str(caught.value)


def test_a_wrong_value_is_named_with_the_place_it_was_said_in(tmp_path):
    with pytest.raises(SettingsError, match=r"^The environment: .*`draws`"):
        load(tmp_path, "draws = 10", {"VALUATION_DRAWS": "x"})
    with pytest.raises(SettingsError, match=r"^valuation\.toml: .*`draws`"):
        load(tmp_path, "draws = 0", {"VALUATION_DRAWS": "10"})
    with pytest.raises(UsageError, match=r"^The command line: .*`draws`"):
        load(tmp_path, draws="x")


def test_a_name_nobody_knows_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(SettingsError, match=r"`drawz`.*Did you mean `draws`"):
        load(tmp_path, "drawz = 10")
    with pytest.raises(SettingsError, match=r"`VALUATION_DRAWZ`.*Did you mean `VALUATION_DRAWS`"):
        load(tmp_path, "", {"VALUATION_DRAWZ": "10"})


def test_variables_of_others_are_left_alone(tmp_path):
    environment = {"VALUATION_DEBUG": "1", "VALUATION_XYZZY": "1", "HOME": "x"}
    assert load_settings({}, environment, tmp_path) == Settings()


def test_a_file_that_is_no_toml_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"valuation\.toml cannot be read"):
        load(tmp_path, "draws = ")
    (tmp_path / "valuation.toml").write_bytes(b"deck = '\xff'")
    with pytest.raises(SettingsError, match=r"valuation\.toml cannot be read"):
        load_settings({}, {}, tmp_path)


@given(
    draws=st.integers(2, 1_000_000),
    seed=st.integers(0, 2**63 - 1),
    share=st.floats(0, 1),
    as_of=st.dates(),
)
def test_what_is_written_as_text_is_read_as_it_was(draws, seed, share, as_of):
    values = {"draws": draws, "seed": seed, "max_rejected": share, "as_of": as_of}
    texts = {name: str(value) for name, value in values.items()}
    assert Settings(**texts) == Settings(**values)


@given(st.text())
def test_no_text_is_met_with_another_error(text):
    for name in ("draws", "max_rejected", "as_of", "memory", "strict", "routes", "settlement"):
        with contextlib.suppress(SettingsError):
            assert getattr(Settings(**{name: text}), name) is not None
