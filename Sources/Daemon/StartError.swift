/// Why the daemon does not start, in words for the operator.
package struct StartError: Error, CustomStringConvertible {
    package let message: String
    /// 78 where the configuration is at fault, 2 where the command line is, 75 where somebody else holds what is needed.
    package let exitStatus: Int32

    package init(_ message: String, exitStatus: Int32 = 78) {
        self.message = message
        self.exitStatus = exitStatus
    }

    package var description: String { message }
}
