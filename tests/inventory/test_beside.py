"""Work that turns out to be in vain is cut short, and nothing that comes after it."""

from threading import Event

from valuation.inventory.beside import cut_short


def test_work_in_vain_is_stopped() -> None:
    stopped = Event()
    with cut_short(lambda: True, stopped.set):
        assert stopped.wait(10)


def test_work_that_did_not_hear_is_stopped_again() -> None:
    heard, stopped = iter([False, False, True]), Event()

    def stop() -> None:
        if next(heard, True):
            stopped.set()

    with cut_short(lambda: True, stop):
        assert stopped.wait(10)


def test_nothing_is_stopped_after_the_work() -> None:
    known, stopped = Event(), Event()

    def is_vain() -> bool:
        return known.wait(10)

    with cut_short(is_vain, stopped.set):
        pass
    known.set()
    assert not stopped.wait(0.05)


def test_work_that_is_not_in_vain_goes_on() -> None:
    stopped = Event()
    with cut_short(lambda: False, stopped.set):
        assert not stopped.wait(0.05)
