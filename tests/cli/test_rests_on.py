"""The one line of the summary on what a net rests on."""

from valuation.cli.summary import _rests_on

SHARES = {"prices": 0.604, "material_mix": 0.05, "costs": 0.019, "interaction": 0.3}


def test_the_best_route_tells_its_groups_by_share_and_leaves_out_small_ones():
    ranked = [("best_route", {"net_rests_on": SHARES}), ("other", {"net_rests_on": {"costs": 1.0}})]
    (line,) = _rests_on(ranked)
    assert line == (
        "What the spread of the net of best_route rests on (shares of variance): "
        "prices 60 %, interaction 30 %, material mix 5 %."
    )


def test_without_a_known_net_there_is_no_line():
    assert _rests_on([]) == []
    assert _rests_on([("a", {"net_rests_on": {}})]) == []
    assert _rests_on([("a", {})]) == []
