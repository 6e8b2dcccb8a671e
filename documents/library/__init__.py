"""The public library: documents by category, for an audience, with every version kept at its address.

Owns `DocumentCategory`, `LibraryDocument`, `DocumentVersion`, `DocumentsPage`, the checks of uploaded files
(`filetypes`), the serving of versions and of the site's images. Verbs: `publish_version`, `withdraw_version`.
Questions: `queries.search`, `queries.shown_documents`, `queries.home_documents`.
"""
