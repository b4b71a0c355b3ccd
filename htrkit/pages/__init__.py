"""From files to lines: sources give pages, segmenters find the lines on them, and one place cuts these out."""
