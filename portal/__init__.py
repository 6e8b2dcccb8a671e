"""The family portal: what the town does (`domain`) and the two doors to it (`web`, `backoffice`)."""
