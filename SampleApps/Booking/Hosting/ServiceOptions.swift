import ArgumentParser
import Skald

/// What a service is told on its command line.
struct ServiceOptions: ParsableArguments, Sendable {
    @Argument(help: "Which service: orders, inventory, payments or notifications.")
    var service: ServiceName

    @Option(help: "The port to listen on, on the loopback interface.")
    var port: Int

    @Option(help: "The service's own database, as a connection string or URL.")
    var url: String

    @Option(
        help: ArgumentHelp(
            "Where another service listens: NAME=URL. Several of one name stand in for each other.", valueName: "peer"))
    var peer: [Peer] = []

    @Option(help: "How long leases last, in seconds: how long the work of a process that has died stands still.")
    var lease = 10.0

    @Option(help: "End when the process with this number has ended.")
    var parent: Int32?

    var leases: LeaseKeeper.Configuration { .init(duration: .milliseconds(Int(lease * 1_000))) }

    func urls(of service: ServiceName) -> [String] { peer.filter { $0.service == service }.map(\.url) }
}

/// Where a service listens.
struct Peer: ExpressibleByArgument, Sendable, Hashable {
    let service: ServiceName, url: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let service = ServiceName(rawValue: parts[0]) else { return nil }
        self.service = service
        url = parts[1]
    }
}

extension ServiceName: ExpressibleByArgument {}
