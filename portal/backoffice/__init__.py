"""The agents' door, in the Wagtail administration under `/gestion/`, and the commands that set a town up.

Here: the screens (`screens/`, one module per subject, on wagtail-modeladmin), the roles of agents (`roles`), the
profiles of communes (`profiles/`: read, check, load) and the fictional town of demonstrations (`sample/`).
"""
