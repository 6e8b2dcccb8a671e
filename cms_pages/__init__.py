"""The public pages of the town: home, information and legal pages, and who the town is.

Owns `HomePage`, `ContentPage` and `SiteIdentitySettings`, the blocks agents write with, and what every page needs to
know about the site (`site_facts`: identity, legal links, addresses of the pages that menus lead to).
It registers the town's identity and menu entries in `portal.web`, and its part of a profile in `portal.backoffice`.
"""
