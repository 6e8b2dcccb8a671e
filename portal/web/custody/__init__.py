"""The custody calendar as the parents read and write it."""
