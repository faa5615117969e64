"""Run the command line: `python -m advocacy`."""

from __future__ import annotations

from advocacy.cli.main import main

if __name__ == "__main__":
    main()
