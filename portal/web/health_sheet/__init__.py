"""The health sheet as the family fills it."""
