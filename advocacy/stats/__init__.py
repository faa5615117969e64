"""What shares bring, counted so that it can be recounted."""
