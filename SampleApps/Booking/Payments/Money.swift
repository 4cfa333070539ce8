extension Int {
    /// Cents as an amount.
    var asMoney: String {
        let cents = magnitude % 100
        return "\(self < 0 ? "-" : "")\(magnitude / 100).\(cents < 10 ? "0" : "")\(cents)"
    }
}
