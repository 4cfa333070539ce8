import CoreMetrics
import MetricsTestKit

/// Lets each test see what was measured in its own task and those below it: a process has one factory for all its tests.
enum Recording {
    @TaskLocal fileprivate static var current: TestMetrics?
    private static let isInstalled: Void = MetricsSystem.bootstrap(Router())

    static func with<R>(_ body: (TestMetrics) async throws -> R) async rethrows -> R {
        _ = isInstalled
        let metrics = TestMetrics()
        return try await $current.withValue(metrics) { try await body(metrics) }
    }
}

/// Hands metrics to the recording of the task that makes them; elsewhere they are dropped. What was recorded stays.
private struct Router: MetricsFactory {
    private var factory: any MetricsFactory { Recording.current ?? NOOPMetricsHandler.instance }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        factory.makeCounter(label: label, dimensions: dimensions)
    }
    func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        factory.makeFloatingPointCounter(label: label, dimensions: dimensions)
    }
    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        factory.makeMeter(label: label, dimensions: dimensions)
    }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        factory.makeRecorder(label: label, dimensions: dimensions, aggregate: aggregate)
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        factory.makeTimer(label: label, dimensions: dimensions)
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}

extension TestMetrics {
    /// What a gauge shows now; nil if it was never set.
    func gauge(_ label: String, _ dimensions: [(String, String)] = []) -> Double? {
        recorders(label: label, dimensions: dimensions).first?.lastValue
    }

    /// All that was recorded, in no order across dimensions.
    func recorded(_ label: String) -> [Double] { recorders(label: label).flatMap(\.values) }
}
