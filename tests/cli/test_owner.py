"""The owner's part of the summary, as people read it."""

import pytest

from valuation.cli import main

THING = {
    "component_kind": "hdd", "component_class": "hdd-3.5-nearline-helium", "family": "Exos X16",
    "family_key": "seagate-exos-x16", "capacity_gb": 16000.0, "units": 160.0, "is_priced": True,
    "better": "reuse", "recycling_usd_per_unit": 1.55, "flip_price_usd_per_unit": 6.25,
    "least_flip_price_usd_per_unit": 1.69, "price_usd_per_unit": 90.0,
}  # fmt: skip
UNPRICED = {
    "is_priced": False, "better": None, "flip_price_usd_per_unit": None, "price_usd_per_unit": None,
}  # fmt: skip
FAN = {"component_kind": "fan", "component_class": "fan-80-standard", "family": None}


def policy(policy_id=None, **given):
    told = {"batches_bound": 0, "forbidden": {}, "cost_usd": None, "ree_forgone_kg": None}
    return {"policy_id": policy_id} | told | given


def reuse(*things, resale="r.csv", gain=11900.0):
    units = sum(thing["units"] for thing in things)
    priced = sum(thing["units"] for thing in things if thing["is_priced"])
    return {
        "resale": resale, "units": units, "units_priced": priced, "units_better_sold": priced,
        "gain_usd": gain, "things": list(things),
    }  # fmt: skip


@pytest.fixture
def told(api, capsys):
    """Prints the summary with a policy and a comparison of reuse; returns its lines."""

    def telling(said, compared=None):
        api.summary |= {"policy": said, "reuse": compared}
        assert main(["value", "a.csv", "--db", "x.duckdb"]) == 0
        return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]

    return telling


def test_a_policy_that_is_not_stated_is_asked_for(told):
    lines = told(policy())
    assert any(line.startswith("The owner's policy is not stated") for line in lines)
    assert any(line.startswith("reuse practised 1,230 -100 2,500 300 4,000") for line in lines)


@pytest.mark.parametrize(("route", "is_told"), [("a-unknown", True), ("reuse", False)])
def test_a_forbidden_route_without_a_net_is_no_loss_of_nothing(told, route, is_told):
    none = {"mean": 0.0, "p10": 0.0, "p50": 0.0, "p90": 0.0}
    lines = told(
        policy("harvest", batches_bound=1, forbidden={route: "sold"}, cost_usd=none,
               ree_forgone_kg=none)
    )  # fmt: skip
    sentence = f"What {route} would bring is not known: it may cost more."
    assert (sentence in lines) is is_told


def test_what_is_forbidden_comes_last_whatever_it_is_worth(told):
    spread = {"mean": 108.0, "p10": -28.0, "p50": 100.0, "p90": 262.0}
    lines = told(
        policy(
            "shred", batches_bound=1, forbidden={"reuse": "sold"}, cost_usd=spread,
            ree_forgone_kg=spread | {"mean": 0.5, "p10": 0.25, "p90": 0.75},
        )
    )  # fmt: skip
    first = next(i for i, line in enumerate(lines) if line.startswith("Value in USD"))
    routes = lines[first : lines.index("", first)] if "" in lines[first:] else lines[first:]
    names = [line.split()[0] for line in routes if line.startswith(("reuse ", "a-unknown "))]
    assert names == ["a-unknown", "reuse"]
    assert any(line.startswith("reuse forbidden 1,230 -100 2,500 300 4,000") for line in lines)
    text = " ".join(lines)
    assert "Policy shred: every drive is destroyed whole before anything else." in text
    assert "binds 1 of 1 batch, forbids reuse, and costs 108 USD (-28 to 262)" in text
    assert "500 g of rare earths (250 g to 750 g)" in text


def test_a_policy_that_binds_nothing_or_forbids_nothing_says_so(told):
    assert any("binds no batch here" in line for line in told(policy("shred")))
    assert any("forbids no route" in line for line in told(policy("wipe", batches_bound=1)))


def test_a_cost_nobody_knows_is_not_zero(told):
    text = " ".join(told(policy("shred", batches_bound=1, forbidden={"reuse": "sold"})))
    assert "costs an unknown amount" in text and "an unknown mass of rare earths" in text


def test_without_a_table_reuse_is_not_priced(told):
    lines = told(policy(), reuse(THING | UNPRICED, THING | UNPRICED | FAN, resale=None, gain=None))
    assert "Exos X16 16 TB not priced 160 1.55 1.69 not priced" in lines
    assert not any("fan-80-standard" in line for line in lines)  # nobody resells a fan by default
    assert any(line.startswith("Reuse is not priced: give --resale FILE.") for line in lines)


def test_with_a_table_what_it_prices_is_compared_and_the_rest_counted(told):
    lines = told(policy(), reuse(THING, THING | UNPRICED))
    assert "Exos X16 16 TB reuse 160 1.55 6.25 90.00" in lines
    text = " ".join(lines)
    assert "r.csv prices 160 of 320 units; 160 are worth more sold than recycled" in text
    assert "160 units are not priced, which is not zero" in text


def test_many_things_are_cut_and_the_view_named(told):
    lines = told(policy(), reuse(*[THING] * 11))
    assert lines.count("Exos X16 16 TB reuse 160 1.55 6.25 90.00") == 8
    assert "3 things more are in the view reuse_comparison." in lines


def test_what_cannot_be_compared_says_so(told):
    lines = told(policy(), reuse(THING | {"better": None}, gain=None))
    assert "Exos X16 16 TB unknown 160 1.55 6.25 90.00" in lines
    assert any("none can be compared" in line for line in lines)
