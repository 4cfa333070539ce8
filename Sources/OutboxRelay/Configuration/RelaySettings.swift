import EventSourcing
import Logging
import Outbox
import PostgresEventStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the daemon runs with: every setting as the type it is for.
struct RelaySettings: Sendable {
    var databaseURL: String
    var schema: SchemaName
    var sinkName: String
    var sinkURL: String
    var sinkToken: String?
    var sinkTimeout: Duration
    var relay: Relay.Configuration
    var concurrency: Int
    var healthHost: String
    var healthPort: Int
    var drainTimeout: Duration
    var logLevel: Logger.Level
    var logFormat: LineLogHandler.Format?

    /// - Throws: everything that is wrong at once.
    init(_ configuration: ResolvedConfiguration) throws(ConfigurationError) {
        var reading = ConfigurationReading(configuration)
        databaseURL = reading.optional(.databaseURL) ?? ""
        schema = Self.schema(&reading)
        sinkName = Self.sinkName(&reading)
        sinkURL = Self.sinkURL(&reading)
        sinkToken = reading.optional(.sinkToken)
        sinkTimeout = reading.duration(.sinkTimeout)
        concurrency = reading.integer(.concurrency)
        healthHost = reading.text(.healthHost)
        healthPort = reading.integer(.healthPort)
        drainTimeout = reading.duration(.drainTimeout)
        logLevel = Logger.Level(rawValue: reading.choice(.logLevel)) ?? .info
        logFormat = LineLogHandler.Format(rawValue: reading.choice(.logFormat))
        relay = Relay.Configuration()
        relay.schema = schema
        relay.topics = reading.list(.sinkTopics)
        relay.lanes = reading.integer(.sinkLanes)
        relay.startsFromNow = reading.choice(.sinkBegin) == "now"
        relay.leases = .init(duration: reading.duration(.leaseDuration))
        relay.pollInterval = reading.duration(.pollInterval)
        relay.readBatch = reading.integer(.readBatch)
        // Two calls, so that one that waits for an endpoint that hangs holds up no lane.
        relay.callsInFlight = min(concurrency, 2)
        relay.publishBatch = concurrency / relay.callsInFlight
        relay.attempts = reading.integer(.attempts)
        relay.refusalBackoff = Self.backoff(&reading)
        relay.keep = reading.duration(.keep)
        relay.publishTimeout = sinkTimeout + .seconds(5)  // the sink gives up first, and then says why
        try reading.finish()
    }

    private static func schema(_ reading: inout ConfigurationReading) -> SchemaName {
        let text = reading.text(.databaseSchema)
        do {
            return text.isEmpty ? .standard : try SchemaName(text)
        } catch {
            reading.refuse(.databaseSchema, error.message)
            return .standard
        }
    }

    private static func sinkName(_ reading: inout ConfigurationReading) -> String {
        let name = reading.text(.sinkName)
        if !name.isEmpty, name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{0,99}/) == nil {
            reading.refuse(
                .sinkName, "'\(name)' is no name: it has 1 to 100 letters, digits, dots, hyphens or underscores")
        }
        return name
    }

    private static func sinkURL(_ reading: inout ConfigurationReading) -> String {
        let text = reading.text(.sinkURL)
        guard !text.isEmpty else { return text }
        let url = URL(string: text)
        if !["http", "https"].contains(url?.scheme) || url?.host?.isEmpty ?? true {
            reading.refuse(.sinkURL, "'\(Masking.address(text))' is not a URL of the form https://host/path")
        }
        return text
    }

    private static func backoff(_ reading: inout ConfigurationReading) -> RelayBackoff {
        let (first, longest) = (reading.duration(.retryFirst), reading.duration(.retryLongest))
        if first > longest {
            reading.refuse(
                .retryFirst, "it must not be longer than relay.retry-longest, \(DurationText.format(longest))")
        }
        return RelayBackoff(first: first, longest: longest)
    }
}
