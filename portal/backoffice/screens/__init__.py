"""The agents' screens, on wagtail-modeladmin: one module per subject; `wagtail_hooks` puts them in the menu.

A screen declares what it lists, shows and edits. The rules stay those of the models and of the domain; `audited`
writes every change in the journal, `lists` and `reading` show, `permissions` says who.
"""
