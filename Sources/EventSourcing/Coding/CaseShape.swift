/// How the values of an enum's case are written, as told by the keys that Swift makes for them: labels as they are, and
/// `_0`, `_1`, … for values without one.
enum CaseShape {
    /// Every value has a label, or there is no value.
    case labelled
    /// The first value has no label.
    case unlabelled
    /// There is a value without a label beside others.
    case mixed

    /// Asks the type of the keys which names it knows.
    init(_ keys: (some CodingKey).Type) {
        // A later value without a label always stands beside another one. Eight is more than anybody writes by hand;
        // the label `_8` would be stored as the name that it is.
        let hasLater = Self.laterNames.contains { keys.init(stringValue: $0) != nil }
        self = hasLater ? .mixed : keys.init(stringValue: "_0") == nil ? .labelled : .unlabelled
    }

    private static let laterNames = ["_1", "_2", "_3", "_4", "_5", "_6", "_7"]
}
