"""Small things without a better home."""
