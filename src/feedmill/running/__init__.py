"""What surrounds a verb: the site it opens, its outcome, and runs that nobody watches or that never end."""
