"""The engine: where rows in the millions live, read and counted by SQL steps.

Spark is imported only where it is asked for: `valuation.engine.spark.engine`.
"""

from valuation.engine.duckdb import Engine, EngineError, is_damage, quoted, text_literal
from valuation.engine.steps import Steps

__all__ = ["Engine", "EngineError", "Steps", "is_damage", "quoted", "text_literal"]
