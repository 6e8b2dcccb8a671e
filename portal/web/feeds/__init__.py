"""« Agenda »: the page of the secret address, and the address itself."""
