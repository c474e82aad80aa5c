"""What is seen of the portal while it runs: logs, counts of requests, slow queries, errors (docs/operations.md)."""
