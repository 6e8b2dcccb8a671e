"""The agents' screens of the menus: the weeks ahead, the grid of a week, the import of a sheet."""
