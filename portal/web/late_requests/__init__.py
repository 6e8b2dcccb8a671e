"""What the family asks of the service when a day can no longer be changed on line: asking, following, answering."""
