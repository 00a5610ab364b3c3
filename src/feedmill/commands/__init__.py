"""The verbs, one module each: words of the command line → outcome."""
