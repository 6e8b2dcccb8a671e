"""The town's news: dated items, by category and service, for everybody or for some families.

Owns `NewsIndexPage`, `NewsPage` with its attachments, `NewsCategory` and `NewsReading`. `listing`, `feeds` and
`events` show what is public; `visits` and `attachments` say who may open an item or its files; `family` gives a
person their own news and what they have not read, `alerts` what stands on top of every page. Other pages show the
latest items with the template tag `latest_news`.
"""
