"""How a paper is named in a sentence. Pure."""

_VOWELS = "aâàeéèêëiîïoôuùûüyhæœ"


def title_of(name: str, first_name: str) -> str:
    """“Assurance scolaire de Hugo”, “Vaccinations d’Anaïs”; the name alone when the paper is the family's."""
    if not first_name:
        return name
    of = "d’" if first_name[0].lower() in _VOWELS.replace("h", "") else "de "
    return f"{name} {of}{first_name}"
