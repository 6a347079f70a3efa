"""The kernel every room stands on: records, flow, trail, scope, signing, clocks, outbox, jobs."""
