import EmbeddedPostgres
import Foundation

/// The services as child processes: started, killed, and started again.
actor Fleet {
    /// One process of a service.
    struct Instance: Hashable, Sendable, CustomStringConvertible {
        let service: ServiceName
        let number: Int
        let port: Int
        var url: String { "http://127.0.0.1:\(port)" }
        var description: String { service == .orders ? "orders-\(number)" : service.rawValue }
    }

    /// Two instances of orders, which share the sagas; one of everything else.
    let instances: [Instance]
    private let program: URL?
    private let folder: URL
    private let database: @Sendable (ServiceName) -> String
    private let lease: Duration
    private var processes: [Instance: ChildProcess] = [:]

    /// - Parameters:
    ///   - program: the `booking` program.
    ///   - folder: where the services write what they have to say.
    ///   - lease: how long the work of a process that has died stands still.
    ///   - database: the connection string of a service's database.
    init(
        program: URL?, logs folder: URL, lease: Duration, database: @escaping @Sendable (ServiceName) -> String
    ) throws {
        self.program = program
        self.folder = folder
        self.lease = lease
        self.database = database
        let kinds = [(ServiceName.orders, 1), (.orders, 2), (.inventory, 1), (.payments, 1), (.notifications, 1)]
        instances = zip(kinds, try freePorts(kinds.count)).map { Instance(service: $0.0, number: $0.1, port: $1) }
    }

    func start(_ instance: Instance) throws {
        let log = folder.appending(path: "\(instance).log")
        let output = open(log.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { for descriptor in [input, output] { close(descriptor) } }
        guard output >= 0, input >= 0 else { throw DemoError("\(log.path) cannot be written") }
        let command =
            [
                program?.path ?? "", "service", instance.service.rawValue, "--port", "\(instance.port)", "--url",
                database(instance.service), "--lease", "\(lease / .seconds(1))", "--parent",
                "\(ProcessInfo.processInfo.processIdentifier)",
            ] + instances.flatMap { ["--peer", "\($0.service.rawValue)=\($0.url)"] }
        processes[instance] = try ChildProcess.spawn(
            command, environment: ProcessInfo.processInfo.environment, descriptors: [0: input, 1: output, 2: output])
    }

    func pid(of instance: Instance) -> Int32 { processes[instance]?.pid ?? 0 }

    /// Waits until a process has ended, and says how.
    func waitForEnd(of instance: Instance, within limit: Duration = .seconds(15)) async throws -> String {
        guard let process = processes[instance] else { return "was not started" }
        let end = ContinuousClock.now + limit
        while true {
            switch process.ending {
            case .exited(let status): return "exit status \(status)"
            case .signalled(let signal): return "signal \(signal)"
            case .unknown: return "nobody knows how"
            case nil: break
            }
            guard ContinuousClock.now < end else { throw DemoError("\(instance) did not end; see \(folder.path)") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Asks every process to finish what it is doing, and kills those that take too long.
    ///
    /// - Returns: who has not ended as asked, and what it said last.
    func stop(within limit: Duration = .seconds(15)) async -> [String] {
        for process in processes.values { process.send(SIGTERM) }
        let end = ContinuousClock.now + limit
        while !processes.values.allSatisfy(\.hasEnded), ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(10))
        }
        var complaints: [String] = []
        for (instance, process) in processes {
            switch process.ending {
            case .exited(0): continue
            case .exited(let status): complaints.append("\(instance) ended with exit status \(status)")
            case .signalled(let signal): complaints.append("\(instance) was ended by signal \(signal)")
            case .unknown: complaints.append("\(instance) was collected by somebody else")
            case nil:
                process.send(SIGKILL)
                complaints.append("\(instance) did not end when asked, within \(limit.inWords)")
            }
            complaints.append(log(of: instance))
        }
        return complaints
    }

    /// The last words of a process.
    func log(of instance: Instance) -> String {
        let text = (try? String(contentsOf: folder.appending(path: "\(instance).log"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(8).joined(separator: "\n")
    }

    func isRunning(_ instance: Instance) -> Bool { processes[instance].map { !$0.hasEnded } ?? false }
}

/// Ports that nobody uses now, on the loopback interface.
private func freePorts(_ count: Int) throws -> [Int] {
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    return try (0..<count).map { _ in
        #if canImport(Darwin)
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        sockets.append(descriptor)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> Int in
                guard bind(descriptor, generic, length) == 0, getsockname(descriptor, generic, &length) == 0 else {
                    return 0
                }
                return generic.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin_port))
                }
            }
        }
        guard port != 0 else { throw DemoError("no free port could be found on 127.0.0.1") }
        return port
    }
}
