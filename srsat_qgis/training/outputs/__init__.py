"""What a training run leaves for the eye and for the record: curves, a contact sheet, its surroundings, one page."""
