/// Finds what somebody who mistyped a name most likely meant.
enum Suggestion {
    /// The nearest of the candidates, if it is near: up to a third of the name's characters differ, and two at least may.
    static func nearest(to name: String, among candidates: [String]) -> String? {
        let nearest =
            candidates
            .map { (candidate: $0, distance: distance(name.lowercased(), $0.lowercased())) }
            .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }
        guard let nearest, nearest.distance <= max(2, name.count / 3) else { return nil }
        return nearest.candidate
    }

    /// Ends a sentence about an unknown name.
    static func question(for name: String, among candidates: [String]) -> String {
        nearest(to: name, among: candidates).map { "; did you mean \($0)?" } ?? ""
    }

    /// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours count one each.
    static func distance(_ left: String, _ right: String) -> Int {
        let (a, b) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
