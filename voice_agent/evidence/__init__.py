"""What proves a consent to somebody who has neither the database nor any trust in us (C13, C15)."""
