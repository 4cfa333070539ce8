import CoreMetrics
import Synchronization

/// One histogram: a timer in seconds, or a recorder that aggregates.
///
/// Count, sum and buckets change together under a lock, so that a scrape never sees a count that its buckets deny.
final class HistogramSeries: TimerHandler, RecorderHandler, Series {
    private struct State {
        var counts: [Int64]
        var sum: Double = 0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// - Parameter bounds: upper bounds, rising; the last bucket, without a bound, is added here.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        // A value that is not a number would poison the sum for the rest of the process's life.
        guard !value.isNaN else { return }
        let bucket = bounds.partitioningIndex { value <= $0 }
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func write(to text: inout String, name: String, labels: LabelSet) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var total: Int64 = 0
        for (bound, count) in zip(bounds + [.infinity], counts) {
            total += count
            text += "\(name)_bucket\(labels.braced(with: "le=\"\(exposed(bound))\"")) \(total)\n"
        }
        text += "\(name)_sum\(labels.braced()) \(exposed(sum))\n"
        text += "\(name)_count\(labels.braced()) \(total)\n"
    }
}

extension [Double] {
    /// The index of the first element for which the predicate holds; it must hold for all after it.
    fileprivate func partitioningIndex(where predicate: (Double) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
