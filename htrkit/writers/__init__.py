"""Formats of results; one format a file.

A writer's factory is called as ``Factory(run, **options)``: the `htrkit.types.Run` says which model and decoder read,
how many hypotheses were asked for, and whether there is one image or several. The writer takes the results as they come
and yields text, which is written as it is.
"""
