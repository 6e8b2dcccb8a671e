"""The library in Wagtail's administration."""

from wagtail_modeladmin.options import modeladmin_register

from documents.library.screens import LibraryGroup

modeladmin_register(LibraryGroup)
