"""Steps that clean a line before the network sees it; one step a file."""
