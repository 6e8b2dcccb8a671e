"""The public library: menus by day, règlements, calendars and forms, with their categories and audience.

For now files are kept by Wagtail's own documents and shown by the pages that link to them; the structured
menus and the library page come with the public space.
"""
