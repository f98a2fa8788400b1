"""`python -m valuation`: the command line without its installed script."""

import sys

from valuation.cli import main

if __name__ == "__main__":
    sys.exit(main())
