"""Who the family is when it is priced: where it lives, its memberships, its children, its aids.

Owns `ResidencePolicy`, `ResidenceRuling`, `HouseholdFigures`, `MembershipKind`, `Membership`, `AidGrant`.
Reads: `load_situations`, which reads only what the grids look at; `standing` of a membership; `aiding`.
Verbs, of agents: `record_residence`, `record_figures`, `record_membership`, `record_aid`, `end_record`.
"""
