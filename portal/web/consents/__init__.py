"""Authorisations of a child, as a parent answers them."""
