"""The family quotient as the family declares it."""
