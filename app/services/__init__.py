"""What the wiki does. No Flask."""
