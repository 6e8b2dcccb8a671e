"""The family's door: pages that parse a request, make one domain call and render it.

Here at the root: the identity of the commune shown by every page (`identity`), the navigation (`menu`),
the context processor (`context`), the form renderer (`forms`) and the maintenance middleware. The look itself is
in `design/` (theme, living page, error pages) and `templatetags/` (components, French typography).
"""
