"""PAGE, ALTO and hOCR: files to pages and back; one module a format and direction, with a layout between them."""
