"""What whoever runs a site sees of its runs: history, log, metrics, pings, schedule, status page."""
