"""What measures speed. Nothing here is a test: figures are printed, never asserted."""
