"""Networks of other programs become model folders: what can be found out of one, and what a line that is known says."""
