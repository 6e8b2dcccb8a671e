"""The family's home: what needs them now, until when, and what happens tomorrow."""
