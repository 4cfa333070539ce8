import CoreMetrics

/// One gauge: a meter, or a recorder that keeps only its last value.
final class GaugeSeries: MeterHandler, RecorderHandler, Series {
    private let current = AtomicDouble(0)

    func set(_ value: Int64) { current.store(Double(value)) }
    func set(_ value: Double) { current.store(value) }
    func increment(by amount: Double) { current.add(amount) }
    func decrement(by amount: Double) { current.add(-amount) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    func write(to text: inout String, name: String, labels: LabelSet) {
        text += "\(name)\(labels.braced()) \(exposed(current.value))\n"
    }
}
