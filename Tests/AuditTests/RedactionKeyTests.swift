import Audit
import MCP
import Testing

@Suite struct RedactionKeyTests {
    /// Equal values are told to be equal, today and after a restart, and by nobody without the key.
    @Test func aValueStandsForItselfUnderOneKey() throws {
        let folder = TemporaryFolder()
        let key = try AuditKey(file: folder.path + "/audit.key").redaction
        let again = try AuditKey(file: folder.path + "/audit.key").redaction
        let other = try AuditKey(file: folder.path + "/other.key").redaction
        let value: JSONValue = ["b": 1, "a": ["x"]]
        #expect(key.stand(for: value) == again.stand(for: ["a": ["x"], "b": 1]))
        #expect(key.stand(for: value) != other.stand(for: value))
        #expect(key.stand(for: "1") != key.stand(for: 1))
        #expect(RedactionKey.ephemeral.stand(for: value) != RedactionKey.ephemeral.stand(for: value))
    }
}
