"""The town's news: dated items, by category, with an index and a feed.

Owns `NewsIndexPage`, `NewsPage` and `NewsCategory`. Other pages show the latest ones with the template tag
`latest_news`; audiences by activity come with the families' own news.
"""
