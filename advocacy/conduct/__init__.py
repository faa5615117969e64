"""Common sense before an own text goes out, and a kind conversation afterwards."""
