import CoreMetrics
import Synchronization

/// One counter, whole and fractional increments alike.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler, Series {
    private let whole = Atomic<Int64>(0)
    private let fractional = AtomicDouble(0)

    func increment(by amount: Int64) {
        // A counter only rises; a negative amount is the caller's mistake, and Prometheus would read it as a restart.
        guard amount > 0 else { return }
        whole.wrappingAdd(amount, ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fractional.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fractional.store(0)
    }

    func write(to text: inout String, name: String, labels: LabelSet) {
        let fraction = fractional.value
        let count = whole.load(ordering: .relaxed)
        let value = fraction == 0 ? String(count) : exposed(Double(count) + fraction)
        text += "\(name)\(labels.braced()) \(value)\n"
    }
}
