"""What requests hold becomes raw events."""
