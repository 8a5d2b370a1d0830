"""Reading one document: spaCy components that find entities, roles and results in a title and abstract."""
