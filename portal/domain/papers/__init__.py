"""Supporting documents: which are asked of whom, and the life of each.

Owns `PaperType`, `Paper`, `PaperFile`. A paper is prepared (files chosen, looked at), sent, accepted or refused with a
reason, and ends one day; what a family has not sent has no row.
Verbs of families: `add_files`, `remove_file`, `send_paper`, `hand_in_paper`, `withdraw_paper`, `agree_to_rules`.
Verbs of agents (`deciding`): `accept_paper`, `refuse_paper`, `ask_paper_again`, `record_paper`.
By itself (`ending`): `expire_papers`, `remind_ending`, `erase_stale_drafts`.
Reads: `queries.asked_papers`, `queries.list_papers`, `queries.waiting_papers`.
"""
