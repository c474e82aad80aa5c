"""Search: ``Searchable`` and ``SearchableQuerySet`` (models), ``index`` (actions), words and terms (analyser)."""
