"""A Slack for tests: Web API, Socket Mode, Events API, and people who talk. README.md beside this folder says how to use it."""
