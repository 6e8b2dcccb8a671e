"""The agents' desk: search, the whole file of a family, what awaits, acting in a family's name.

Screens inside Wagtail's shell, in the language of our own style sheets. They call the verbs of the domain.
"""
