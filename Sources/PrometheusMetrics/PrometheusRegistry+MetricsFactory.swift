public import CoreMetrics

extension PrometheusRegistry: MetricsFactory {
    /// A counter; the exposed name ends in `_total`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    /// A counter of fractions; it shares its series with a whole-number counter of the same label.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    /// A gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    /// A histogram if the recorder aggregates, otherwise a gauge.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions, unit: .none) : gauge(label, dimensions)
    }

    /// A histogram in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions, unit: .seconds)
    }

    /// Forgets the series once everybody who made it has destroyed it.
    public func destroyCounter(_ handler: any CounterHandler) { forget(handler) }

    /// Forgets the series once everybody who made it has destroyed it.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }

    /// Forgets the series once everybody who made it has destroyed it.
    public func destroyMeter(_ handler: any MeterHandler) { forget(handler) }

    /// Forgets the series once everybody who made it has destroyed it.
    public func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }

    /// Forgets the series once everybody who made it has destroyed it.
    public func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    private func forget(_ handler: AnyObject) {
        if let series = handler as? any Series { release(series) }
    }
}
