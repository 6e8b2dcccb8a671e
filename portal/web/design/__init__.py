"""The design system on the server side.

`colour` derives the readable scale from the commune's one colour, `theme` serves it, `weeks` describes the tables of
the planning, `errors` answers what goes wrong in the same dress, `living` shows every component in every state.
"""
