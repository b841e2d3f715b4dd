enum AgentLoopPlaceholder {}
