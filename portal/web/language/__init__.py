"""The language of the screens: French, or English for who chose it or whose browser prefers it.

Owns the choice (`choice`), the middleware that applies it to a request (`middleware`) and the switch of every page
(`views`). Addresses are the same in both languages. Agents, mails and printed documents are always French.
"""
