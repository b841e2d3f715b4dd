/// What one session has used of its caps.
package struct EgressUsage: Hashable, Sendable {
    package var bytesUp: Int64 = 0
    package var bytesDown: Int64 = 0
    /// Requests and tunnels admitted so far.
    package var admitted = 0
    /// Connections now: open, or not yet recorded to their end.
    package var connections = 0

    package init() {}
}
