"""The engine: where rows in the millions live, read and counted by SQL steps."""

from valuation.engine.duckdb import Engine, EngineError, is_damage, quoted, text_literal

__all__ = ["Engine", "EngineError", "is_damage", "quoted", "text_literal"]
