"""The health sheet of a child: needs, never the nature of a handicap. Least access, every reading logged.

Owns the sheet of each school year, vaccines driven by the birth date, the documents (PAI, prescription, booklet) and
the log of readings; answers and documents are sealed at rest (docs/adr/0021).
Family verbs: `save_health_section`, `fill_health_sheet`, `confirm_health_sheet`, `copy_doctor`, `record_vaccines`,
`attach_health_document`, `remove_health_document`. Agents: `read_sheet`, `read_document`, `accept_health_document`,
`refuse_health_document`, `ask_again_health_document`. Rosters: `queries.needs_of`.
"""
