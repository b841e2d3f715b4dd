internal import BrokerProtocol
internal import Model

/// A session's scratch, when the session is over. The only volumes the broker ever deletes: the request names a session,
/// so that no channel's, conversation's or person's files can be meant.
extension Broker {
    func discardScratch(of session: SessionID) throws(BrokerError) {
        let scratch = Volume.session(session)
        guard !containers.values.contains(where: { $0.volumes.contains(scratch) }),
            session.rawValue != Self.trial.compartment.rawValue
        else { throw BrokerError(.conflict, "\(scratch) is bound in a container: end it first") }
        try volumes.discard(scratch)
    }
}
