"""The pages behind the link in the text message."""
