"""Five hundred feed items, many told twice."""

from __future__ import annotations

import random
from collections.abc import Sequence

CITIES = (
    *("Lomvik", "Torvaag", "Port Alder", "Brennick", "Castelmoor", "Wendhaven", "Oskarby", "Littleford", "Marenza"),
    *("Grauenfels", "Sant Pere", "Dunmore", "Kilbrae", "Valdoro", "Eastmere", "Nordby", "Rosheim", "Tallow Bay"),
)
NAMES = (
    *("Ingrid Solberg", "Paul Adeyemi", "Mara Lindqvist", "Tom Okafor", "Elena Petrova", "Hugo Brandt", "Ana Ribeiro"),
    *("Samir Haddad", "Greta Holm", "Luis Ortega", "Wanda Kowalska", "Noah Fischer", "Aiko Tanaka", "Peter Novak"),
)
STORIES: tuple[tuple[str, str, str], ...] = (
    (
        "New bridge opens in {city}. The bridge over the river is {n} metres long and took six years to build.",
        "{city} gets its river crossing. After six years of work, traffic rolls over the {n}-metre bridge.",
        "Drivers in {city} cross the new bridge for the first time. It spans {n} metres.",
    ),
    (
        "Library of {city} lends out tools. Members may borrow drills and saws for {n} days.",
        "Drills instead of novels: the {city} library now lends tools. The loan runs {n} days.",
        "Borrow a saw for {n} days: tool loans begin at the public library in {city}.",
    ),
    (
        "{name} wins the marathon of {city}. She finished in two hours and {n} minutes.",
        "Victory for {name}: the runner takes the {city} marathon in 2 hours {n} minutes.",
        "Marathon in {city}: nobody was faster than {name}, who needed two hours and {n} minutes.",
    ),
    (
        "Bus drivers in {city} strike on Friday. The union asks for {n} percent more pay.",
        "No buses on Friday in {city}. The drivers' union demands a pay rise of {n} percent.",
        "{city} faces a bus strike. The union wants wages to go up by {n} percent.",
    ),
    (
        "Rare owl seen near {city}. Birdwatcher {name} photographed the animal at dawn.",
        "A rare owl has turned up outside {city}; {name} took its picture early in the morning.",
        "Owl surprises birdwatchers around {city}. The photo was taken by {name}.",
    ),
    (
        "School in {city} bans phones. {n} pupils now leave them in lockers.",
        "Phones stay in the locker: a school in {city} has banned them for its {n} pupils.",
        "{n} pupils in {city} go without a phone. The school collects the devices each morning.",
    ),
    (
        "Bakery of {name} in {city} closes after {n} years. No successor was found.",
        "After {n} years the last loaf: {name} shuts the {city} bakery for lack of a successor.",
        "The {city} bakery run by {name} bakes no more. It had existed for {n} years.",
    ),
    (
        "Heavy rain floods cellars in {city}. The fire brigade was called {n} times.",
        "Cellars under water in {city}: firefighters had {n} calls after the downpour.",
        "Downpour over {city}. Fire crews pumped out cellars in {n} operations.",
    ),
    (
        "{city} plants {n} trees along its main road. The mayor wants more shade.",
        "More shade for {city}: {n} young trees now line the main street.",
        "The mayor of {city} has {n} trees planted on the high street against the heat.",
    ),
    (
        "Theatre in {city} names {name} as its new director. She begins in autumn.",
        "{name} will lead the {city} theatre from autumn on.",
        "New head for the stage in {city}: {name} takes over as director after the summer.",
    ),
    (
        "Ferry between {city} and the island runs again. Repairs cost {n} thousand crowns.",
        "The {city} island ferry is back. Mending it cost {n},000 crowns.",
        "Islanders near {city} can travel once more: the ferry is repaired, for {n} thousand crowns.",
    ),
    (
        "Swimming pool of {city} reopens on Monday. A ticket costs {n} crowns.",
        "From Monday people in {city} can swim again. Entry to the pool is {n} crowns.",
        "The {city} baths open their doors on Monday; a visit costs {n} crowns.",
    ),
    (
        "Village shop near {city} becomes a cooperative. {n} neighbours bought shares.",
        "Neighbours save their shop: {n} people outside {city} hold shares in the new cooperative.",
        "The shop by {city} belongs to its customers now, {n} of whom own a share.",
    ),
    (
        "Astronomer {name} of {city} finds a comet. It can be seen with binoculars until the {n}th.",
        "A comet discovered from {city}: {name} spotted it first. Binoculars are enough until the {n}th.",
        "{name} found a new comet at the observatory of {city}. It stays visible until the {n}th.",
    ),
    (
        "{city} bans cars from the old town. {n} parking places are taken away.",
        "No more cars in the old town of {city}, which gives up {n} parking spaces.",
        "Old town of {city} becomes a walking zone. It loses {n} places to park.",
    ),
    (
        "Football club of {city} is promoted. {name} scored in minute {n}.",
        "Promotion for {city}! The decisive goal came from {name} in the {n}th minute.",
        "{name} shoots {city} into the higher league with a goal in minute {n}.",
    ),
    (
        "Hospital in {city} gets a new wing with {n} beds. It opens next spring.",
        "Room for {n} more patients: a new building joins the {city} hospital next spring.",
        "Next spring the hospital of {city} opens its extension of {n} beds.",
    ),
    (
        "Power cut leaves {n} homes in {city} dark. A digger had hit a cable.",
        "Digger cuts a cable: {n} households in {city} without electricity.",
        "{n} homes in {city} had no power for hours after a cable was damaged by a digger.",
    ),
    (
        "Choir of {city} sings for {n} hours without a break. {name} conducted.",
        "{n} hours of song: under {name} the {city} choir did not pause once.",
        "Singing record in {city}. The choir led by {name} went on for {n} hours.",
    ),
    (
        "Wolf seen in the forest of {city}. {name} filmed it on the way to work.",
        "{name} meets a wolf: the animal was filmed in the woods near {city}.",
        "A commuter, {name}, has filmed a wolf close to {city}.",
    ),
    (
        "{city} lowers the fare of its trams to {n} crowns for children.",
        "Children ride cheaper: a tram ticket in {city} now costs them {n} crowns.",
        "Tram fares for children in {city} drop to {n} crowns.",
    ),
    (
        "Beekeepers of {city} report {n} kilograms of honey, a record.",
        "Record harvest: {n} kilograms of honey from the hives of {city}.",
        "So much honey as never before: {city} counts {n} kilograms this year.",
    ),
    (
        "Museum in {city} shows the letters of {name}. The exhibition runs {n} weeks.",
        "Letters by {name} can be seen in {city} for {n} weeks.",
        "For {n} weeks the {city} museum exhibits what {name} wrote home.",
    ),
    (
        "Chess club of {city} beats the national team. {name} won after {n} moves.",
        "Upset in chess: {city} defeats the national side, {name} needing {n} moves.",
        "After {n} moves {name} of {city} had beaten the champion of the national team.",
    ),
)


def news(stories: Sequence[tuple[str, str, str]], count: int, seed: int) -> list[tuple[int, str]]:
    """(Event, text) in a drawn order: about half of the events are told a second or a third time in other words."""
    chance = random.Random(seed)
    found: list[tuple[int, str]] = []
    event = 0
    used: set[tuple[int, str]] = set()
    while len(found) < count:
        nth = chance.randrange(len(stories))
        city = chance.choice(CITIES)
        if (nth, city) in used:
            continue
        used.add((nth, city))
        slots = {"city": city, "name": chance.choice(NAMES), "n": str(chance.randrange(11, 99))}
        ways = chance.sample(stories[nth], chance.choice((1, 1, 2, 2, 3)))
        found += [(event, way.format(**slots)) for way in ways]
        event += 1
    chance.shuffle(found)
    return found[:count]
