"""What a training run leaves: its environment and data for the record, pictures for the eye, one page."""
