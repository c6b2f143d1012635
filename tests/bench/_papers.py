"""Six short papers in six languages."""

from __future__ import annotations

from tests.pipeline.sources.making import HARBOUR, Paper

PAPERS = (
    HARBOUR,
    Paper(
        "Der Garten am Bahnhof",
        (
            (
                "Der Anfang",
                (
                    "Im Jahr 2009 lag hinter dem Bahnhof von Rosheim nur Schotter.",
                    "Die Lehrerin Greta Holm säte dort 40 Bohnen.",
                    "Im ersten Sommer wurden 12 Pflanzen gestohlen.",
                    "„Wer Bohnen stiehlt, hat Hunger“, sagte Greta Holm.",
                ),
            ),
            (
                "Heute",
                (
                    "Heute gehören 186 Familien zum Garten. Sie ernten jedes Jahr 3,5 Tonnen Gemüse.",
                    "Die Stadt zahlt seit 2016 das Wasser. Im Mai 2023 kam der erste Bienenstock dazu.",
                ),
            ),
        ),
    ),
    Paper(
        "El faro de San Telmo",
        (
            (
                "La torre",
                (
                    "El faro de San Telmo mide 31 metros y se encendió en 1864.",
                    "Su primera lámpara quemaba aceite de oliva.",
                    "El farero Luis Ortega vivió allí durante 44 años.",
                    "“Nunca me sentí solo”, dijo Luis Ortega.",
                ),
            ),
            (
                "La niebla",
                (
                    "En la noche del 3 de marzo de 1911, la niebla duró 19 horas.",
                    "Tres barcos siguieron la campana del faro.",
                    "Desde 1989 el faro funciona sin nadie. Cada verano lo visitan unas 6.400 personas.",
                ),
            ),
        ),
    ),
    Paper(
        "Le pont des Anglais",
        (
            (
                "La construction",
                (
                    "Le pont des Anglais fut ouvert le 9 mai 1887.",
                    "Il mesure 214 mètres et repose sur sept piliers.",
                    "L'ingénieure Claire Morel dirigea les travaux pendant cinq ans.",
                    "Elle avait 26 ans au début du chantier.",
                ),
            ),
            (
                "La crue",
                (
                    "En 1930, la rivière monta de 6,2 mètres en une nuit.",
                    "Le pont resta debout, mais la route disparut.",
                    "Il fallut 14 mois pour la refaire. Aujourd'hui, 11 000 voitures passent chaque jour.",
                ),
            ),
        ),
    ),
    Paper(
        "A banda de Vale Fundo",
        (
            (
                "Os primeiros",
                (
                    "A banda de Vale Fundo nasceu em 1921 com nove músicos.",
                    "Três deles nunca tinham visto uma trompete.",
                    "A primeira música foi aprendida de ouvido em 17 dias.",
                    "“Tocámos muito mal”, disse Ana Ribeiro.",
                ),
            ),
            (
                "A viagem",
                (
                    "Em 1974 a banda viajou 2.300 quilómetros até Hamburgo. O autocarro avariou quatro vezes.",
                    "Hoje tocam 58 pessoas, entre os 9 e os 81 anos. O ensaio é todas as sextas-feiras.",
                ),
            ),
        ),
    ),
    Paper(
        "Il forno di via Larga",
        (
            (
                "La notte",
                (
                    "Il forno di via Larga apre alle tre del mattino dal 1952. Ogni notte escono 900 pagnotte.",
                    "La fornaia Elena Conti impasta con lo stesso lievito da 38 anni.",
                    "“Il lievito ricorda”, disse Elena Conti.",
                ),
            ),
            (
                "La neve",
                (
                    "Nel gennaio del 1985 la neve bloccò la città per sei giorni.",
                    "Il forno consumò 21 quintali di farina.",
                    "Nessuno pagò più di 700 lire al chilo. Oggi la nipote di Elena tiene aperto il negozio.",
                ),
            ),
        ),
    ),
)
