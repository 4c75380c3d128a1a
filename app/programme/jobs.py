"""What the scheduler runs for the programme."""
