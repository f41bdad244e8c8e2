"""What can be seen of a call while it runs, and by whom; nothing here outlives the call."""
