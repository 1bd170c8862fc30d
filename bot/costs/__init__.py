"""What models cost: to run and to train."""
