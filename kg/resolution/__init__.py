"""The steps of resolution, one a file; :mod:`kg.resolve` runs them in order.

``forms`` (what the papers write) -> ``senses`` (what a short form means in each) -> ``rules`` (which forms are one,
each with its ``matches``) -> ``clusters`` -> ``labels`` (names and ids) and ``families`` (variants) -> ``linking``
(papers to entities). ``corrections`` applies the user's curation, ``aliases`` holds general knowledge of the field,
``inflection`` knows plurals and spellings.
"""
