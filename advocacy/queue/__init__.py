"""The queue: official content, waiting for, or past, a decision of comms."""
