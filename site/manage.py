#!/usr/bin/env python
"""Management commands from a checkout; `portail` is the same door once installed."""

from config.cli import main

if __name__ == "__main__":
    main()
