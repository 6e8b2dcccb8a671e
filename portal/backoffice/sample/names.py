"""Names to draw from. Common ones, put together at random: nobody in particular."""

FIRST_NAMES = (
    "Adèle", "Agathe", "Alexis", "Alice", "Ambre", "Anatole", "Anna", "Antoine", "Apolline", "Aaron", "Arthur", "Axel",
    "Augustin", "Aya", "Baptiste", "Basile", "Bastien", "Camille", "Capucine", "Céleste", "Charlie", "Chloé", "Clara",
    "Clément", "Côme", "Constance", "Corentin", "Diane", "Eden", "Élio", "Élise", "Éloïse", "Elsa", "Emma", "Émilie",
    "Enzo", "Esteban", "Ethan", "Eva", "Fanny", "Félix", "Flora", "Florian", "Gabin", "Gabriel", "Garance", "Gaspard",
    "Gustave", "Hadrien", "Héloïse", "Henri", "Hugo", "Idris", "Inès", "Iris", "Jade", "Jeanne", "Joseph", "Jules",
    "Julia", "Juliette", "Kylian", "Léa", "Lilou", "Léo", "Léon", "Léonie", "Liam", "Lina", "Lise", "Loane", "Lola",
    "Louis", "Louise", "Lou", "Lucas", "Lucie", "Lyam", "Maël", "Maëlle", "Maélys", "Malo", "Manon", "Margaux",
    "Marin", "Marius", "Martin", "Mathilde", "Mathis", "Maxence", "Mia", "Milo", "Mila", "Naël", "Naïm", "Nathan",
    "Nina", "Noah", "Noé", "Noémie", "Nolan", "Olivia", "Oscar", "Paul", "Pauline", "Pia", "Rafael", "Romane",
    "Romy", "Rose", "Sacha", "Salomé", "Samuel", "Sarah", "Simon", "Sofia", "Soline", "Suzanne", "Théo", "Tiago",
    "Timéo", "Tom", "Valentin", "Victoire", "Victor", "Yanis", "Yasmine", "Youssef", "Zélie", "Zoé",
)  # fmt: skip

PARENT_NAMES = (
    "Adrien", "Alexandra", "Amandine", "Amina", "Anne", "Arnaud", "Aurélie", "Aurélien", "Benoît", "Brahim", "Camille",
    "Caroline", "Cécile", "Céline", "Christophe", "Claire", "Cyril", "Damien", "David", "Delphine", "Élodie",
    "Émeline",
    "Emmanuel", "Estelle", "Fabien", "Farid", "Florence", "Franck", "Frédéric", "Gaëlle", "Guillaume", "Hélène",
    "Isabelle", "Jérôme", "Jonathan", "Julie", "Julien", "Karim", "Karine", "Laëtitia", "Laurent", "Leïla", "Ludovic",
    "Marie", "Marion", "Mathieu", "Mélanie", "Mickaël", "Myriam", "Nadège", "Nicolas", "Olivier", "Pascal", "Patricia",
    "Pierre", "Rachid", "Romain", "Sabrina", "Samia", "Sandrine", "Sébastien", "Séverine", "Sophie", "Stéphane",
    "Stéphanie", "Sylvain", "Thomas", "Valérie", "Vanessa", "Vincent", "Virginie", "Xavier", "Yann", "Yasmina",
)  # fmt: skip

#: Those among them, and among the parents of the sample accounts, who are men.
FATHERS = frozenset((
    "Adrien", "Arnaud", "Aurélien", "Benoît", "Brahim", "Christophe", "Cyril", "Damien", "David", "Emmanuel", "Fabien",
    "Farid", "Franck", "Frédéric", "Guillaume", "Jérôme", "Jonathan", "Julien", "Karim", "Laurent", "Ludovic",
    "Mathieu", "Mickaël", "Nicolas", "Olivier", "Pascal", "Pierre", "Rachid", "Romain", "Samir", "Sébastien",
    "Stéphane", "Sylvain", "Thomas", "Vincent", "Xavier", "Yann",
))  # fmt: skip

LAST_NAMES = (
    "Aubert", "Bailly", "Barbier", "Baudin", "Benoit", "Berger", "Bernard", "Bertin", "Besson", "Blanc", "Boisson",
    "Bonnet", "Bonnin", "Bouchard", "Bouvier", "Bourgeois", "Brun", "Buffet", "Carrel", "Caron", "Chapuis", "Charpin",
    "Chevassus", "Clerc", "Colin", "Cordier", "Cottet", "Couturier", "Crétin", "Dalloz", "David", "Delacroix", "Denis",
    "Dubois", "Duchêne", "Dufour", "Dumont", "Dupuis", "Durand", "Faivre", "Fabre", "Faure", "Ferrand", "Fontaine",
    "Forestier", "Fournier", "Gaillard", "Gauthier", "Germain", "Gindre", "Girard", "Grandclément", "Grenier", "Gros",
    "Guérin", "Guyon", "Henry", "Hugon", "Jacquet", "Jacquier", "Janin", "Jeannin", "Joly", "Lacroix", "Lambert",
    "Lamy", "Landry", "Laurent", "Lebrun", "Lefèvre", "Legrand", "Lemoine", "Leroy", "Lizon", "Lorge", "Maillard",
    "Marchand", "Marion", "Martin", "Masson", "Mathieu", "Mayet", "Mercier", "Meunier", "Michaud", "Michel", "Millet",
    "Monnier", "Moreau", "Morel", "Mougin", "Muller", "Nicod", "Noël", "Odet", "Olivier", "Paget", "Parent", "Paris",
    "Pelletier", "Perrard", "Perret", "Perrier", "Petit", "Picard", "Poncet", "Prost", "Ravier", "Regad", "Renard",
    "Renaud", "Reverchon", "Reybier", "Richard", "Robin", "Roche", "Rolland", "Romand", "Rousseau", "Roussel", "Roux",
    "Roy", "Salvi", "Simon", "Thévenin", "Thiébaud", "Tissot", "Tournier", "Vallet", "Vandel", "Vernier", "Verguet",
    "Vincent", "Viret", "Vuitton", "Weber",
)  # fmt: skip

STREETS = (
    "rue de l’Exemple", "chemin des Essais", "rue du Modèle", "impasse de la Fiction", "route des Épreuves",
    "place du Gabarit", "allée des Sapins", "chemin de la Combe", "rue des Gentianes", "montée du Tremplin",
)  # fmt: skip

#: Domains that no mail ever reaches (RFC 2606).
DOMAINS = ("famille.example", "courrier.example", "boite.example")
