"""What the people who run a site see of its runs: history, log, metrics, pings, schedule, status page."""
