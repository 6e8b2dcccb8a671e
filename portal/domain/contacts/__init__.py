"""People around a child: how each adult is related to it, whom to call, who may collect it and until when.

Owns `Kinship` (an adult of the dossier and a child), `Contact`, `ContactLink` and `CollectingRules`.
Verbs: `set_kinship`, `save_contact`, `end_authorisation`, `check_identity`, `restrict_adult`, `lift_restriction`.
Query: `who_may_collect`, `collectors_of`.
"""
