"""Absences as the family declares and follows them."""
