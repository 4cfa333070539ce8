/// What a family's values are, in the words of the exposition format.
enum MetricKind: String, Sendable {
    case counter
    case gauge
    case histogram

    /// The names that a family takes in the exposition beside its own. Another family may not use them.
    func names(of name: String) -> [String] {
        switch self {
        case .counter, .gauge: [name]
        case .histogram: [name, name + "_bucket", name + "_count", name + "_sum"]
        }
    }
}
