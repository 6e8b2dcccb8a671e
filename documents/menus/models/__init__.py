"""The menus in the database, and the page that shows them."""

from documents.menus.models.menu import Dish, MenuDay, MenuSite, MenuWeek
from documents.menus.models.page import MenusPage

__all__ = ["Dish", "MenuDay", "MenuSite", "MenuWeek", "MenusPage"]
