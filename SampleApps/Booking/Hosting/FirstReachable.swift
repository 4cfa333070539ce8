import Skald

/// Instances of one service that stand in for each other: the first that can be reached gets the messages.
struct FirstReachable: Sink {
    let instances: [any Sink]

    func publish(_ messages: [OutboundMessage]) async throws -> [PublishResult] {
        for instance in instances.dropLast() {
            if let results = try? await instance.publish(messages) { return results }
        }
        return try await instances.last?.publish(messages)
            ?? messages.map { .refused(reason: "nobody is known who takes \($0.topic)") }
    }
}
