extension Setting {
    static let databaseURL = Setting(
        "database.url", .text, default: "", secrecy: .password, conventions: ["DATABASE_URL"],
        help: "The database: a libpq connection string or URL. Empty: libpq's PG* variables.")
    static let databaseSchema = Setting(
        "database.schema", .text, default: "skald", help: "The schema that the outbox lives in.")

    static let sinkName = Setting(
        "sink.name", .text, default: "http",
        help: "The name under which cursors and blocked keys are kept. Relays of one name share the work.")
    static let sinkURL = Setting(
        "sink.url", .url, secrecy: .address,
        help: "Where messages are posted, as CloudEvents 1.0 over HTTP in binary mode.")
    static let sinkToken = Setting(
        "sink.token", .text, secrecy: .secret, help: "Sent with every message as 'authorization: Bearer'.")
    static let sinkTimeout = Setting(
        "sink.timeout", .duration(.milliseconds(10)...(.seconds(300))), default: "10s",
        help: "How long the sink may take to answer; then the outcome is unknown and the message is sent again.")
    static let sinkTopics = Setting(
        "sink.topics", .list, help: "Only these topics, with commas. Fixed when the name is first used. Not set: all.")
    static let sinkLanes = Setting(
        "sink.lanes", .integer(1...256), default: "8",
        help: "Into how many shares the work can be parted. Fixed when the name is first used.")
    static let sinkBegin = Setting(
        "sink.begin", .choice(["oldest", "now"]), default: "oldest",
        help: "Where a sink whose name is new begins: with the oldest message that is still there, or with new ones.")

    static let pollInterval = Setting(
        "relay.poll-interval", .duration(.milliseconds(5)...(.seconds(60))), default: "200ms",
        help: "How often to look for new messages.")
    static let readBatch = Setting(
        "relay.read-batch", .integer(1...10_000), default: "500", help: "The most messages of a lane in hand.")
    static let concurrency = Setting(
        "relay.concurrency", .integer(1...1000), default: "64",
        help: "The most requests in flight for each lane, each for another key.")
    static let attempts = Setting(
        "relay.attempts", .integer(1...1000), default: "8",
        help: "Refusals of one message after which its key is parked.")
    static let retryFirst = Setting(
        "relay.retry-first", .duration(.milliseconds(1)...(.seconds(3600))), default: "1s",
        help: "How long a key waits after its first refusal; the wait doubles from then on.")
    static let retryLongest = Setting(
        "relay.retry-longest", .duration(.milliseconds(1)...(.seconds(86_400))), default: "5m",
        help: "The longest wait between tries.")
    static let keep = Setting(
        "relay.keep", .duration(.seconds(60)...(.seconds(31_536_000))), default: "1d",
        help: "How long messages are kept at least, delivered or not.")

    static let leaseDuration = Setting(
        "lease.duration", .duration(.milliseconds(500)...(.seconds(600))), default: "10s",
        help: "How long the work of a relay that was killed stands still before another takes it over.")

    static let healthHost = Setting(
        "health.host", .text, default: "127.0.0.1", help: "The address for /livez, /readyz and /metrics.")
    static let healthPort = Setting(
        "health.port", .integer(0...65_535), default: "9464", help: "Its port; 0 takes a free one and logs it.")

    static let drainTimeout = Setting(
        "drain.timeout", .duration(.milliseconds(100)...(.seconds(3600))), default: "25s",
        help: "How long what is in flight may take after SIGTERM. Keep it below the supervisor's own limit.")

    static let logLevel = Setting(
        "log.level", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), default: "info",
        help: "The least important messages to log.")
    static let logFormat = Setting(
        "log.format", .choice(["auto", "json", "text"]), default: "auto",
        help: "JSON lines or text; auto: text on a terminal.")

    /// Every setting, in the order in which they are printed.
    static let all: [Setting] = [
        databaseURL, databaseSchema, sinkName, sinkURL, sinkToken, sinkTimeout, sinkTopics, sinkLanes, sinkBegin,
        pollInterval, readBatch, concurrency, attempts, retryFirst, retryLongest, keep, leaseDuration, healthHost,
        healthPort, drainTimeout, logLevel, logFormat,
    ]
}
