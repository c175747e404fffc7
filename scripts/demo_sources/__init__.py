"""One module for each source of demo entries; ``scripts/build_demo.py`` runs them all."""
