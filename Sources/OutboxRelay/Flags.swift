import ArgumentParser

/// One flag for every setting. Their values stay texts: they are read where those of variables and files are.
struct Flags: ParsableArguments {
    @Option(name: .of(.databaseURL), help: .of(.databaseURL)) var databaseURL: String?
    @Option(name: .of(.databaseSchema), help: .of(.databaseSchema)) var databaseSchema: String?
    @Option(name: .of(.sinkName), help: .of(.sinkName)) var sinkName: String?
    @Option(name: .of(.sinkURL), help: .of(.sinkURL)) var sinkURL: String?
    @Option(name: .of(.sinkToken), help: .of(.sinkToken)) var sinkToken: String?
    @Option(name: .of(.sinkTimeout), help: .of(.sinkTimeout)) var sinkTimeout: String?
    @Option(name: .of(.sinkTopics), help: .of(.sinkTopics)) var sinkTopics: String?
    @Option(name: .of(.sinkLanes), help: .of(.sinkLanes)) var sinkLanes: String?
    @Option(name: .of(.sinkBegin), help: .of(.sinkBegin)) var sinkBegin: String?
    @Option(name: .of(.pollInterval), help: .of(.pollInterval)) var pollInterval: String?
    @Option(name: .of(.readBatch), help: .of(.readBatch)) var readBatch: String?
    @Option(name: .of(.concurrency), help: .of(.concurrency)) var concurrency: String?
    @Option(name: .of(.attempts), help: .of(.attempts)) var attempts: String?
    @Option(name: .of(.retryFirst), help: .of(.retryFirst)) var retryFirst: String?
    @Option(name: .of(.retryLongest), help: .of(.retryLongest)) var retryLongest: String?
    @Option(name: .of(.keep), help: .of(.keep)) var keep: String?
    @Option(name: .of(.leaseDuration), help: .of(.leaseDuration)) var leaseDuration: String?
    @Option(name: .of(.healthHost), help: .of(.healthHost)) var healthHost: String?
    @Option(name: .of(.healthPort), help: .of(.healthPort)) var healthPort: String?
    @Option(name: .of(.drainTimeout), help: .of(.drainTimeout)) var drainTimeout: String?
    @Option(name: .of(.logLevel), help: .of(.logLevel)) var logLevel: String?
    @Option(name: .of(.logFormat), help: .of(.logFormat)) var logFormat: String?

    /// What was given, by setting.
    var given: [String: String] {
        let all: [(Setting, String?)] = [
            (.databaseURL, databaseURL), (.databaseSchema, databaseSchema), (.sinkName, sinkName), (.sinkURL, sinkURL),
            (.sinkToken, sinkToken), (.sinkTimeout, sinkTimeout), (.sinkTopics, sinkTopics), (.sinkLanes, sinkLanes),
            (.sinkBegin, sinkBegin), (.pollInterval, pollInterval), (.readBatch, readBatch),
            (.concurrency, concurrency),
            (.attempts, attempts), (.retryFirst, retryFirst), (.retryLongest, retryLongest), (.keep, keep),
            (.leaseDuration, leaseDuration), (.healthHost, healthHost), (.healthPort, healthPort),
            (.drainTimeout, drainTimeout), (.logLevel, logLevel), (.logFormat, logFormat),
        ]
        return Dictionary(uniqueKeysWithValues: all.compactMap { setting, value in value.map { (setting.key, $0) } })
    }
}

extension NameSpecification {
    fileprivate static func of(_ setting: Setting) -> Self { .customLong(setting.flag) }
}

extension ArgumentHelp {
    fileprivate static func of(_ setting: Setting) -> Self {
        let fallback = setting.fallback.flatMap { $0.isEmpty ? nil : " Default: \($0)." } ?? ""
        let others = setting.conventions.map { " Where nothing else says: \($0)." }.joined()
        return ArgumentHelp(
            "\(setting.help)\(fallback)\(others) [\(setting.variable)]", valueName: setting.form.valueName)
    }
}
