enum WorkspaceToolsPlaceholder {}
