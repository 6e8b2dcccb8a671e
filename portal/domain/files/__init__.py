"""Files that people send: what they really are, what is taken off them, where they lie.

`checks.check_file` is the one door of every upload; `pictures` draws photographs again without what they say of
themselves; `storage` keeps files where no web server looks. A file is judged by its content, never by its name.
"""
