"""The version of the program: written into every run, read by the build."""

__version__ = "0.1.0"
