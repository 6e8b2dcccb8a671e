"""Puts the agents' screens in Wagtail's administration."""

from wagtail_modeladmin.options import modeladmin_register

from portal.backoffice.screens.menu import GROUPS

for group in GROUPS:
    modeladmin_register(group)
