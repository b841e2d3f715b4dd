internal import Glibc

/// A thread for calls that block, of which the cooperative pool has none to spare.
package enum BlockingThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Detached: the thread ends by itself, or with the process.
    package static func start(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Body(body)).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument)
        if result == 0 {
            pthread_detach(thread)
        } else {
            // No thread to be had: blocking here is better than never answering.
            Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        }
    }
}
