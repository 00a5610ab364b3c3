"""`python -m feedmill`: the same as the `feedmill` command."""

import sys

from feedmill.cli import main

if __name__ == "__main__":
    sys.exit(main())
