"""Opening: a given file as its table, with the columns in use that the caller wants."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from valuation.engine import Steps
from valuation.inventory.columns.column_map import ColumnMap, with_batch_column
from valuation.inventory.columns.map_fit import map_fault, no_map_fitted
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.formats import read_table
from valuation.inventory.given import Given
from valuation.inventory.label import TotalLabels
from valuation.inventory.reading import Reading
from valuation.inventory.rows import Kept
from valuation.inventory.source import open_source


@dataclass(frozen=True)
class Opener:
    """What every file is read with.

    Attributes:
        header: Known column names.
        labels: Words that mark totals.
        batch: Batch of every line; the file's own batches when None.
        batch_by: Name of the column that tells batches apart.
        kept: What is kept of each record.
        progress: Told how far it is.
        numbers: Numbers of the files whose records are taken in, each given once.
    """

    header: HeaderTable
    labels: TotalLabels
    batch: str | None
    batch_by: str | None
    kept: Kept
    progress: Callable[[str], None]
    numbers: Iterator[int] = field(default_factory=lambda: count(1), compare=False)

    def open(self, engine: Steps, file: Given) -> "Opened":
        """Tell what a file is and read its table the first way.

        Raises:
            InputError: It is damaged, not a table, or has no header we know.
        """
        source = open_source(file.name, file.path, engine.temp_directory)
        first, *others = read_table(source, self.header, self.labels, engine.temp_directory)
        ways = [lambda way=way: self.as_wanted(way()) for way in others]
        return Opened(file, self.as_wanted(first()), tuple(ways))

    def as_wanted(self, reading: Reading) -> Reading:
        """The reading with its columns as maps and options name them."""
        return self._with_batches(_by_map(reading, self.header))

    def _with_batches(self, reading: Reading) -> Reading:
        """The reading with the batch column in use: none when the batch is given."""
        columns = with_batch_column(reading.columns, None if self.batch else self.batch_by)
        if self.batch:
            others = {c: p for c, p in columns.columns.items() if c != "batch"}
            columns = replace(columns, columns=others)
        return replace(reading, columns=columns)


def _by_map(reading: Reading, header: HeaderTable) -> Reading:
    """The reading, with a warning where maps were given and none fits.

    Raises:
        MissingColumns: A map was meant for the file and names a column it does not have.
    """
    columns = reading.columns
    if columns.map_name or not header.maps or columns.gives_back_lines:
        return reading
    fault = map_fault(header.maps, [columns.names])
    if fault is not None:
        raise fault
    warnings = (*columns.warnings, no_map_fitted(header.maps, columns))
    return replace(reading, columns=replace(columns, warnings=warnings))


@dataclass(frozen=True)
class Opened:
    """A file whose table was found.

    Attributes:
        file: As given.
        first: Its table, the fast way.
        others: More careful ways, for when the fast one loses its way.
    """

    file: Given
    first: Reading
    others: tuple[Callable[[], Reading], ...]

    def readings(self) -> list[Callable[[], Reading]]:
        """Every way to read it, the fast one first."""
        return [lambda: self.first, *self.others]


def default_batch(columns: ColumnMap, batch_id: str) -> str:
    """Batch of the lines that name none, in a file whose name makes it `batch_id`."""
    return f"{batch_id}/unassigned" if "batch" in columns.columns else batch_id
