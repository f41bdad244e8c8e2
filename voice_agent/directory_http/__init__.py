"""The directory in a system of the company's own, spoken to over HTTP."""
