import EventSourcing

/// A reply as it is sent and as it waits for its saga: `{"outcome":"succeeded","result":…}`, or refused or failed with
/// a reason; and, once it has been received, which attempt it answers.
struct StoredReply: Sendable, Hashable, Codable {
    var outcomeKind: OutcomeKind
    var result: JSONValue?
    var reason: String?
    var step: StepName?
    var direction: SagaDirection?
    var attempt: Int?

    private enum CodingKeys: String, CodingKey {
        case outcomeKind = "outcome"
        case result, reason, step, direction, attempt
    }

    init(_ kind: OutcomeKind, result: JSONValue? = nil, reason: String? = nil) {
        outcomeKind = kind
        self.result = result
        self.reason = reason
    }

    /// The same reply, with what its envelope says.
    func answering(_ envelope: SagaEnvelope) -> StoredReply {
        var reply = self
        reply.step = envelope.step
        reply.direction = envelope.direction
        reply.attempt = envelope.attempt
        return reply
    }

    var outcome: StepOutcome {
        let result: StepOutcome.Result =
            switch outcomeKind {
            case .succeeded: .succeeded(result: result)
            case .refused: .refused(reason: reason ?? "no reason given")
            case .failed: .failed(error: reason ?? "no reason given")
            }
        return StepOutcome(
            step: step ?? "unknown", direction: direction ?? .forward, attempt: attempt ?? 0, result: result)
    }
}

extension StoredReply {
    init(_ outcome: StepOutcome) {
        switch outcome.result {
        case .succeeded(let result): self.init(.succeeded, result: result)
        case .refused(let reason): self.init(.refused, reason: reason)
        case .failed(let error): self.init(.failed, reason: error)
        }
    }
}
