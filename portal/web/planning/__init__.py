"""The planning of a family: consultation, edit mode, « Pourquoi ? ».

`state` is the address, `ticks` what a form of boxes says (ADR 0011), `arrange` the tables, `notices` what is told
afterwards, `period` the panel « Plusieurs semaines ».
"""
