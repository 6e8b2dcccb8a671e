"""The recap of a draft, its validation, and the receipt that proves it."""
