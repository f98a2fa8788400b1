"""Review: what the program cannot settle goes to a person, whose answers are used from then on.

Items go out ranked by what their answer is expected to move. Answers come back all together or not
at all, into a file of the user's own, in which nothing is ever written over.
"""

from valuation.review.exported import Exported, export_items
from valuation.review.imported import Imported, import_answers, remove_answers

__all__ = ["Exported", "Imported", "export_items", "import_answers", "remove_answers"]
