"""Families (dossiers), their adults and children, and the links that carry the rights.

Owns `Family`, `Adult`, `FamilyMember`, `Child`, `ChildLink`, `School`, `Schooling`. A person is not a membership:
a child may belong to two households, an adult to several families.
Verbs: `register_parent`, `activate_parent`, `resend_activation`, `join_family`, `confirm_joining`, `decline_joining`;
those of `households` and `departures` (`remove_adult`);
reading goes through `visible_to(user)`.
"""
