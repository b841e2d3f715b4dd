import Model
import Testing
import Vault

@Suite struct SecretScopeTests {
    @Test func scopesOfTwoPeopleDiffer() {
        #expect(SecretScope.person(PersonID(trusted: "a")) != SecretScope.person(PersonID(trusted: "b")))
        #expect(SecretScope.person(PersonID(trusted: "a")) != SecretScope.company)
    }
}
