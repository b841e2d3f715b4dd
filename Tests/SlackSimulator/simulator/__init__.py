"""A Slack for tests: Web API, Socket Mode, Events API, and people who talk. See README.md in the folder above."""
