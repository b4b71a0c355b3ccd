"""Formats of results; one format a file.

A writer's factory is called as ``Factory(run, **options)``: the `htrkit.types.Run` says which model and decoder read,
how many hypotheses were asked for, and whether one image was given or several. What ``header()`` and ``format(result)``
return is written as it is: whole lines with their line ends, or nothing.
"""
