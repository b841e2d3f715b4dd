/// The target table of `Package.swift`, read as text: asking SwiftPM would need its build lock, which the test run holds.
struct PackageManifest {
    /// Target name → what it may import: targets and products.
    var targets: [String: Set<String>] = [:]

    init(text: String) {
        let text = text.split(separator: "\n").map { line in
            line.drop { $0 == " " }.hasPrefix("//") ? "" : String(line)
        }.joined(separator: "\n")

        var products: [String: String] = [:]
        for match in text.matches(of: #/static let (\w+) = product\(name: "(\w+)"/#) {
            products[String(match.1)] = String(match.2)
        }
        let declaration =
            #/(\.executableTarget|\.target|\bmodule|\btests)\(\s*(of: |name: )?"([\w-]+)"(?:,\s*(?:dependencies:\s*)?\[([^\]]*)\])?/#
        for match in text.matches(of: declaration) {
            let name = match.1 == "tests" ? "\(match.3)Tests" : String(match.3)
            let dependencies = (match.4 ?? "").split(separator: ",").map { word in
                word.trimming { $0.isWhitespace }
            }
            targets[name] = Set(
                dependencies.compactMap { word -> String? in
                    if word.hasPrefix("\"") { return word.trimming { $0 == "\"" } }
                    return word.hasPrefix(".") ? products[String(word.dropFirst())] ?? "?\(word)" : nil
                })
        }
    }
}

extension StringProtocol {
    fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> String {
        String(drop(while: isTrimmed).reversed().drop(while: isTrimmed).reversed())
    }
}
