"""A run end to end: files in, batches valued, an account of every line, the right exit code."""

import json

import pytest

from tests.exports import AS_OF, HEADER, export, settings
from valuation.api import STAGES, run
from valuation.errors import SettingsError, UsageError
from valuation.identification import STAGES as IDENTIFY_STAGES
from valuation.identification import identify_lines
from valuation.progress import Silent
from valuation.settings import Settings


def test_every_file_balances_and_every_batch_is_valued(tmp_path):
    result = run([export(tmp_path / "x.csv")], settings=settings(tmp_path))
    (file,) = result.summary["files"]
    assert file["lines_read"] == 6
    parts = ("lines_loaded", "lines_rejected", "lines_ignored")
    assert file["lines_read"] == sum(file[part] for part in parts)
    assert result.exit_code == 0
    assert result.summary["units"] == {"hdd": 6}
    assert result.summary["capacity_tb"]["hdd"] == pytest.approx(24)
    assert set(result.frame("batch")["batch_id"]) == {"A", "B"}


def test_drives_without_a_size_are_in_no_capacity_and_counted_beside_it(tmp_path):
    path = tmp_path / "x.csv"
    rows = ("1,Z1,Seagate,ST4000NM0035,HDD,4TB,5", "2,Z2,Seagate,,HDD,,40", "3,Z3,,,SSD,,2")
    head = "tag,serial,manufacturer,model,type,capacity,quantity"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    summary = run([path], settings=settings(tmp_path)).summary
    assert summary["units"] == {"hdd": 45, "ssd": 2}
    assert summary["capacity_tb"] == pytest.approx({"hdd": 20, "ssd": 0})
    assert summary["units_without_size"] == {"hdd": 40, "ssd": 2}


def test_the_summary_is_plain_json(tmp_path):
    """Callers write it as it is: no date, no number that is none."""
    resale = tmp_path / "resale.csv"
    resale.write_text(
        "match,price,currency,share_passing,cost_to_test,observed_on\nhdd,20,USD,0.9,3,2026-02-10\n",
        encoding="utf-8",
    )
    given = settings(tmp_path, resale=resale, policy="harvest")
    result = run([export(tmp_path / "x.csv")], settings=given)
    assert json.loads(json.dumps(result.summary, allow_nan=False)) == result.summary


def test_an_unreadable_file_does_not_hold_up_the_others(tmp_path):
    (tmp_path / "bad.csv").write_bytes(b"")
    good = export(tmp_path / "x.csv")
    result = run([tmp_path / "bad.csv", good], settings=settings(tmp_path))
    assert result.exit_code == 3
    assert set(result.frame("batch")["batch_id"]) == {"A", "B"}
    files = {f["name"].rsplit("/", 1)[-1]: f["status"] for f in result.summary["files"]}
    assert files == {"bad.csv": "refused", "x.csv": "loaded"}


def test_strict_publishes_nothing_when_one_file_is_refused(tmp_path):
    (tmp_path / "bad.csv").write_bytes(b"")
    result = run(
        [tmp_path / "bad.csv", export(tmp_path / "x.csv")], settings=settings(tmp_path, strict=True)
    )
    assert result.exit_code == 3
    assert not result.db.exists()
    assert result.summary["published"] is False


def test_one_route_can_be_asked_for(tmp_path):
    result = run(
        [export(tmp_path / "x.csv")], settings=settings(tmp_path, routes=("ionic-belfast",))
    )
    assert list(result.summary["totals"]) == ["ionic-belfast"]


def test_an_unknown_deck_is_refused_before_any_file_is_read(tmp_path):
    with pytest.raises(SettingsError, match="china-net"):
        run([tmp_path / "missing.csv"], settings=settings(tmp_path, deck="chinanet"))
    assert not (tmp_path / "out.duckdb").exists()


def test_prices_too_old_or_missing_are_an_exit_code_and_still_published(tmp_path):
    path = export(tmp_path / "x.csv")
    aged = run([path], settings=settings(tmp_path, max_price_age=5))
    assert aged.exit_code == 5 and aged.db.exists()
    missing = run([path], settings=settings(tmp_path, require_prices=True))
    assert missing.exit_code == 5
    assert any("ndfeb_alloy" in w for w in missing.summary["warnings"])


def test_too_many_rejected_lines_are_an_exit_code(tmp_path):
    path = export(tmp_path / "x.csv")
    path.write_text(path.read_text() + "A,A9,Z9,Seagate,ST4000NM0033,Hard Disk,4TB,many\n")
    result = run([path], settings=settings(tmp_path))
    assert result.exit_code == 4
    assert result.summary["files"][0]["lines_rejected"] == 1
    assert run([path], settings=settings(tmp_path, max_rejected=0.5)).exit_code == 0


def test_nothing_to_do_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="to value again"):
        run([], settings=settings(tmp_path))
    with pytest.raises(UsageError, match="--db"):
        run([export(tmp_path / "x.csv")], settings=Settings(as_of=AS_OF))


def test_a_result_gives_frames_pandas_and_a_read_only_connection(tmp_path):
    result = run([export(tmp_path / "x.csv")], settings=settings(tmp_path))
    assert result.to_pandas("batch").shape[0] == result.frame("batch").height == 2
    with pytest.raises(Exception, match="read-only"):
        result.connection.execute("delete from batch")


@pytest.mark.parametrize("rows", ["", "A,T1,Z1,Seagate,ST4000NM0033,Hard Disk,4TB,many\n"])
def test_a_file_without_a_line_to_load_is_published_with_its_account(tmp_path, rows):
    (tmp_path / "x.csv").write_text(HEADER + rows, encoding="utf-8")
    result = run([tmp_path / "x.csv"], settings=settings(tmp_path))
    assert result.exit_code == (4 if rows else 0)
    assert result.summary["batches"] == 0
    assert result.frame("rejected_line").height == bool(rows)
    assert result.frame("input_file").height == 1


def test_too_little_memory_is_said_in_words(tmp_path):
    with pytest.raises(UsageError, match="cannot do it in 1MB"):
        run([export(tmp_path / "x.csv")], settings=settings(tmp_path, memory="1MB"))


def test_one_file_may_be_given_by_itself(tmp_path):
    path = export(tmp_path / "x.csv")
    assert run(str(path), settings=settings(tmp_path)).summary["units"] == {"hdd": 6}


@pytest.mark.long
def test_how_items_were_identified_is_told_of_the_files_batches_only(tmp_path):
    unknown = "{batch},{tag},{serial},,see ticket,,,{quantity}\n"
    known = export(tmp_path / "a.csv", batches=("A",))
    run(
        [known, export(tmp_path / "b.csv", batches=("B",), line=unknown)],
        settings=settings(tmp_path),
    )
    again = run([known], settings=settings(tmp_path, seed=9)).summary
    assert again["items"] == 1 and "abstain" not in again["identified_by"]


def test_the_stages_promised_are_those_that_begin_in_their_order(tmp_path):
    begun = []

    class Listener(Silent):
        def stage(self, name):
            begun.append(name)

    run([export(tmp_path / "x.csv")], settings=settings(tmp_path), progress=Listener())
    assert tuple(begun[begun.index(STAGES[0]) :]) == STAGES
    begun.clear()
    identify_lines(
        [tmp_path / "x.csv"], tmp_path / "lines.csv", settings(tmp_path), progress=Listener()
    )
    assert tuple(begun) == IDENTIFY_STAGES
