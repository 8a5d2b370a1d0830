"""abstractkg: knowledge graphs of what scientific abstracts share."""
