/// One thing that is wrong with the configuration, in a sentence that says what to do.
struct ConfigurationProblem: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Everything that is wrong with the configuration at once, so that it can be put right at once.
struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    let problems: [ConfigurationProblem]

    var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
