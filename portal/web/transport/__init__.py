"""The bus for families: the stop of each child, one day elsewhere, and the sheets of stops that anybody reads."""
