/// One line, or for a histogram one block of lines, of the exposition.
protocol Series: AnyObject, Sendable {
    func write(to text: inout String, name: String, labels: LabelSet)
}

/// A value as the exposition format writes it: whole numbers without a fraction, and Go's names for what is no number.
func exposed(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if value == value.rounded(), abs(value) < 9_007_199_254_740_992 { return String(Int64(value)) }
    return "\(value)"
}
