"""What is made before the application runs: its styles, scripts and components."""
