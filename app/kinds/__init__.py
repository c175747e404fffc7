"""The kinds of attribute, one module each."""
