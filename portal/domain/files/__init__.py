"""Files that people send: what they really are, what is taken off them, where they lie.

Owns `StoredFile`. `checks.check_file` is the one door of every upload; `pictures` draws photographs again without
what they say of themselves; `scanner` asks the town's virus scanner; `storage` keeps files where no web server looks.
A file is judged by its content, never by its name. Verbs: `store_file`, `erase_file`.
`previews` draws one page as a picture; `cleaning` erases what nobody holds (task `files.erase_unheld`).
`sending` makes the answer that carries a file: the one place of the domain that speaks HTTP.
"""
