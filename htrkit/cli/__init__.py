"""The command line: one command a file, formatting only. Importing it loads no library that reads images."""
