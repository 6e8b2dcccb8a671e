"""What a family reads of its memberships; agents record them (`domain.pricing`)."""
