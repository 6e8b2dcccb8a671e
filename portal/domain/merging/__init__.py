"""Duplicates made one, and dossiers put away: what an agent does to a record that should no longer serve.

Owns no table: each package says how its own rows follow (`registry`), and `people`, `below` say it for the packages
underneath. Verbs: `plan_merge` shows what a merge would do, `merge` does exactly that; `why_not_archive`,
`archive_family`, `restore_family`.
"""
