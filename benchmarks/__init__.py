"""What Feedmill costs, alone and beside its peers: `make bench`, `make bench-validate`, `make profile`."""
