"""The menus: what each site serves day by day, its allergens and labels."""
