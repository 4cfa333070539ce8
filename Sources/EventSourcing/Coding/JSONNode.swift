/// A JSON value in the making: what the containers of one encoder write to.
final class JSONNode {
    enum Slot {
        case value(JSONValue)
        case node(JSONNode)

        var value: JSONValue? {
            switch self {
            case .value(let value): value
            case .node(let node): node.value
            }
        }
    }

    enum Content {
        case nothing
        case value(JSONValue)
        case array([Slot])
        case object([(name: String, slot: Slot)])
    }

    var content = Content.nothing

    var count: Int { if case .array(let slots) = content { slots.count } else { 0 } }

    func beginObject() { if case .object = content {} else { content = .object([]) } }
    func beginArray() { if case .array = content {} else { content = .array([]) } }

    func put(_ slot: Slot, _ name: String) {
        guard case .object(var slots) = content else { return content = .object([(name, slot)]) }
        content = .nothing  // or the array would be copied
        slots.append((name, slot))
        content = .object(slots)
    }

    func add(_ slot: Slot) {
        guard case .array(var slots) = content else { return content = .array([slot]) }
        content = .nothing
        slots.append(slot)
        content = .array(slots)
    }

    /// The finished value; nil if nothing was written. A nested encoder that was taken and not used counts as `{}`.
    var value: JSONValue? {
        switch content {
        case .nothing: nil
        case .value(let value): value
        case .array(let slots): .array(slots.map { $0.value ?? .object(JSONObject()) })
        case .object(let slots):
            .object(JSONObject(slots.map { JSONObject.Member($0.name, $0.slot.value ?? .object(JSONObject())) }))
        }
    }
}
