public import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
public import Outbox

#if canImport(Glibc)
    import Glibc
#else
    import Foundation
#endif

/// Posts messages to HTTP endpoints as CloudEvents 1.0 in binary mode: attributes as headers, the payload as the body.
///
/// The endpoint must answer 2xx only when it has the message durably, and recognise duplicates by `ce-id` (see `Inbox`).
///
/// | answer | what it means |
/// | --- | --- |
/// | 2xx | acknowledged |
/// | 4xx, but 401, 407, 408, 425 and 429 | refused: this message, and it will be refused again |
/// | none: a header's value or the URL is not valid, so it can't be posted at all | refused as well |
/// | everything else, no answer in time, a lost connection | unknown: it is sent again |
/// | 401 or 407 to every message of a call | the credentials are not valid, or not any more: the relay pauses, and no key is parked |
/// | no message of a call could be brought to its endpoint | the sink is down: the relay pauses |
///
/// The messages of a call, each of another key, are posted side by side over connections that are kept open.
public struct HTTPSink: Sink {
    /// Limits and time-outs.
    public struct Configuration: Sendable {
        /// How long one request may take, its answer's body included. Default: 10 s.
        public var timeout: Duration = .seconds(10)
        /// How many requests are in flight at once in one call. Default: 16.
        public var concurrency = 16
        /// Headers to send with every request, such as `authorization`. Default: none.
        public var headers: [(name: String, value: String)] = []

        /// The defaults.
        public init() {}
    }

    /// A client for all sinks of the process, which needs no shutdown. Other than `HTTPClient.shared` it says at once when
    /// nobody listens, instead of trying for ten seconds: pausing and trying again is the relay's part.
    public static let standardClient: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private let endpoint: @Sendable (OutboundMessage) -> String?
    private let client: HTTPClient
    private let configuration: Configuration

    /// Posts every message to one URL.
    ///
    /// - Parameter client: Default: ``standardClient``.
    public init(
        endpoint url: String, client: HTTPClient = HTTPSink.standardClient,
        configuration: Configuration = Configuration()
    ) {
        self.init(client: client, configuration: configuration) { _ in url }
    }

    /// Posts each message to the URL that `endpoint` gives. Where it gives none, the message is refused.
    ///
    /// One endpoint that is down pauses the relay for all of them: give endpoints that fail apart a relay each.
    public init(
        client: HTTPClient = HTTPSink.standardClient, configuration: Configuration = Configuration(),
        endpoint: @escaping @Sendable (OutboundMessage) -> String?
    ) {
        self.endpoint = endpoint
        self.client = client
        self.configuration = configuration
    }

    /// Posts messages, as many at once as the configuration says.
    ///
    /// - Throws: the error of the first one, if none could be brought to its endpoint, or none was let in there.
    public func publish(_ messages: [OutboundMessage]) async throws -> [PublishResult] {
        let outcomes = await withTaskGroup(of: (Int, Outcome).self) { group in
            var outcomes: [Outcome] = Array(
                repeating: .answered(.unknown(reason: "it was not posted")), count: messages.count)
            var next = messages.startIndex
            func start() {
                guard next < messages.endIndex else { return }
                let (index, message) = (next, messages[next])
                next += 1
                group.addTask { (index, await post(message)) }
            }
            for _ in 0..<max(configuration.concurrency, 1) { start() }
            while let (index, outcome) = await group.next() {
                outcomes[index] = outcome
                start()
            }
            return outcomes
        }
        let failures = outcomes.compactMap(\.failure)
        if let first = failures.first, failures.count == outcomes.count { throw first }
        return outcomes.map(\.result)
    }

    private enum Outcome: Sendable {
        case answered(PublishResult)
        case unreachable(any Error)
        /// The endpoint did not look at the message.
        case notLetIn(NotLetIn)

        var result: PublishResult {
            switch self {
            case .answered(let result): result
            case .unreachable(let error): .unknown(reason: "not reached: \(error)")
            case .notLetIn(let error): .unknown(reason: error.answer)
            }
        }

        /// What says of the sink that it can't be used, if it is said of every message.
        var failure: (any Error)? {
            switch self {
            case .answered: nil
            case .unreachable(let error): error
            case .notLetIn(let error): error
            }
        }
    }

    private struct NotLetIn: Error, CustomStringConvertible {
        let answer: String
        var description: String { "the credentials are not accepted; renew them: \(answer)" }
    }

    private func post(_ message: OutboundMessage) async -> Outcome {
        guard let url = endpoint(message) else {
            return .answered(.refused(reason: "there is no endpoint for the topic \(message.topic)"))
        }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        for (name, value) in configuration.headers + CloudEventHeaders.headers(of: message) {
            request.headers.add(name: name, value: value)
        }
        request.body = .bytes(message.message.data)
        let end = ContinuousClock.now + configuration.timeout
        do {
            let response = try await client.execute(
                request, timeout: .nanoseconds(configuration.timeout.wholeNanoseconds))
            let status = Int(response.status.code)
            // The client's time-out ends with the head of the answer. An acknowledgement has said everything with it.
            let text = (200..<300).contains(status) ? "" : await Self.text(of: response.body, until: end)
            if [401, 407].contains(status) {
                return .notLetIn(NotLetIn(answer: Self.reason(status: status, text: text)))
            }
            return .answered(Self.result(status: status, text: text))
        } catch {
            if Self.neverConnected(error) { return .unreachable(error) }
            if Self.isOfTheRequest(error) { return .answered(.refused(reason: "it can't be posted: \(error)")) }
            return .answered(.unknown(reason: "no answer: \(error)"))
        }
    }

    /// The body of an answer; empty if it is large, or does not come in time.
    private static func text(of body: HTTPClientResponse.Body, until end: ContinuousClock.Instant) async -> String {
        await withTaskGroup(of: String?.self) { group in
            group.addTask { (try? await body.collect(upTo: 65_536)).map { String(buffer: $0) } }
            group.addTask {
                try? await Task.sleep(until: end, clock: .continuous)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next().flatMap(\.self) ?? ""
        }
    }

    /// What an answer means. `text` is the body; its beginning is kept as the reason.
    static func result(status: Int, text: String) -> PublishResult {
        let reason = reason(status: status, text: text)
        switch status {
        case 200..<300: return .acknowledged
        case 401, 407, 408, 425, 429: return .unknown(reason: reason)
        case 400..<500: return .refused(reason: reason)
        default: return .unknown(reason: reason)
        }
    }

    private static func reason(status: Int, text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(200)
        return words.isEmpty ? "HTTP \(status)" : "HTTP \(status): \(words)"
    }

    /// Whether the client would not send the request: it is not valid, and will not be the next time.
    private static func isOfTheRequest(_ error: any Error) -> Bool {
        guard let error = error as? HTTPClientError else { return false }
        let faults: [HTTPClientError] = [
            .invalidURL, .emptyHost, .emptyScheme, .missingSocketPath, .unsupportedScheme(""),
            .invalidHeaderFieldNames([]), .invalidHeaderFieldValues([]),
        ]
        // Some carry what is wrong, so they are compared by kind.
        return faults.contains { $0.shortDescription == error.shortDescription }
    }

    /// Whether the request certainly reached nobody.
    private static func neverConnected(_ error: any Error) -> Bool {
        switch error {
        case is NIOConnectionError: true
        case let error as IOError: [ECONNREFUSED, ENOENT, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode)
        case let error as ChannelError: if case .connectTimeout = error { true } else { false }
        case let error as HTTPClientError:
            [.connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout].contains(error)
        default: false
        }
    }
}

extension Duration {
    fileprivate var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
