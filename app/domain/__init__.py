"""What pkyx talks about: items, attributes, categories, revisions, users. Standard library only."""
