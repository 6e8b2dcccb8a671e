"""Ways in other than the self-made account: invitations by the service or by a parent, first contacts on line.

Owns `Invitation`, `FirstContact` and `FirstContactChild`. How open each way is lies in `accounts.EntrySettings`.
Verbs: `invite_adult`, `invite_parent`, `resend_invitation`, `cancel_invitation`, `accept_as_new_account`,
`accept_with_account`, `purge_invitations` (invitations); `submit_first_contact`, `confirm_first_contact`,
`accept_first_contact`, `refuse_first_contact`, `ask_first_contact_again`, `answer_first_contact` (contacts);
`approve_joining`, `refuse_joining` (approvals); `apply_email_change` (addresses).
"""
