"""How families enter this commune, for the pages that lead there."""

from django import template

from portal.domain.accounts.models import EntrySettings

register = template.Library()


@register.simple_tag
def entry_settings() -> EntrySettings:
    """`{% entry_settings as entries %}`: which ways are open, and how long their links live."""
    return EntrySettings.current()
