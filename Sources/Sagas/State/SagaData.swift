public import EventSourcing

/// The saga's input and what its steps have returned, by name.
public struct SagaData: Sendable, Hashable, Codable {
    /// The state as it was given at the start.
    public var input: JSONValue
    /// The steps' results.
    public var results: [StepName: JSONValue]

    init(input: JSONValue, results: [StepName: JSONValue] = [:]) {
        self.input = input
        self.results = results
    }

    private enum CodingKeys: String, CodingKey { case input, results }

    /// Reads input and results.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        input = try container.decode(JSONValue.self, forKey: .input)
        // A dictionary is an object in JSON only where its key is a String.
        let results = try container.decode([String: JSONValue].self, forKey: .results)
        self.results = Dictionary(uniqueKeysWithValues: results.map { (StepName(rawValue: $0), $1) })
    }

    /// Writes input and results.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(input, forKey: .input)
        let results = Dictionary(uniqueKeysWithValues: results.map { ($0.rawValue, $1) })
        try container.encode(results, forKey: .results)
    }
}
