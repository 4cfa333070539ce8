import EventSourcing

/// What travels beside a command and its reply, as CloudEvents extension attributes: which saga, step and attempt it
/// belongs to, and where the reply goes.
struct SagaEnvelope: Sendable, Hashable {
    let tenant: String
    let saga: SagaName
    let id: SagaID
    let step: StepName
    let direction: SagaDirection
    let attempt: Int
    let key: IdempotencyKey
    let replyTo: String

    init(_ command: OutgoingCommand, to saga: SagaKey, replyTo: String) {
        tenant = saga.tenant
        self.saga = saga.name
        id = saga.id
        step = command.step
        direction = command.direction
        attempt = command.attempt
        key = command.key
        self.replyTo = replyTo
    }

    /// Reads the attributes of a message; nil if it is not about a saga.
    init?(extensions: [String: String]) {
        guard let saga = extensions["saganame"], let id = extensions["sagaid"], let step = extensions["sagastep"],
            let direction = extensions["sagadirection"].flatMap(SagaDirection.init(rawValue:)),
            let attempt = extensions["sagaattempt"].flatMap({ Int($0) }), let key = extensions["sagakey"],
            let replyTo = extensions["sagareplyto"]
        else { return nil }
        tenant = extensions["sagatenant"] ?? ""
        self.saga = SagaName(rawValue: saga)
        self.id = SagaID(rawValue: id)
        self.step = StepName(rawValue: step)
        self.direction = direction
        self.attempt = attempt
        self.key = IdempotencyKey(rawValue: key)
        self.replyTo = replyTo
    }

    /// The attributes. Their names are lower-case letters, as CloudEvents wants them.
    var extensions: [String: String] {
        var result = [
            "saganame": saga.rawValue, "sagaid": id.rawValue, "sagastep": step.rawValue,
            "sagadirection": direction.rawValue, "sagaattempt": String(attempt), "sagakey": key.rawValue,
            "sagareplyto": replyTo,
        ]
        if !tenant.isEmpty { result["sagatenant"] = tenant }
        return result
    }

    /// What the messages of one saga are ordered by, commands and replies alike.
    var messageKey: String { "\(saga)/\(id)" }

    var headers: JSONValue {
        .object(JSONObject(extensions.map { JSONObject.Member($0.key, .string($0.value)) }))
    }
}
