"""The families' screens of enrolments: what each child is enrolled in, and enrolling."""
