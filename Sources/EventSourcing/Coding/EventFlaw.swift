/// Why the shape of an event's type cannot be stored, in words that say what to do.
struct EventFlaw: Error, Equatable {
    let reason: String

    static let notAnEnum = EventFlaw(
        reason: "is not an enum whose coding Swift makes. Declare events as cases of an enum and do not write "
            + "encode(to:) for it")
    static let mixed = EventFlaw(
        reason: "has a value without a label beside others. Give every value a label, or put them into one struct")
    static let nothing = EventFlaw(
        reason:
            "has a value without a label that encodes to nothing (nil, or a type that writes nothing). Give it a label")
}
