import Testing

/// Everything that uses the Docker Engine, one test at a time.
@Suite(.serialized) enum ContainerTests {}
