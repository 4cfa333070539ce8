import Foundation

/// One private server with all that belongs to it; every call blocks.
struct Server: ~Copyable, Sendable {
    private(set) var state = ServerState()
    private(set) var postmaster: Postmaster
    private(set) var watchdog: Watchdog
    private let run: RunFolder
    private let dataLocks: DataLocks?
    let cluster: Cluster
    let configuration: EmbeddedPostgres.Configuration

    var socketFolder: String { run.socketFolder }
    var runFolder: String { run.path }

    init(_ configuration: EmbeddedPostgres.Configuration) throws(EmbeddedPostgresError) {
        self.configuration = configuration
        let places = RunFolder.places()
        Leftovers.clean(in: places)
        let kept = try Self.keptFolder(configuration.storage)
        let earlier = kept.flatMap { Cluster.existing("\($0)/data") }
        let user = try ServerUser.choose(ownerOfData: earlier?.owner)
        let programs = try Programs.find(major: earlier?.major)
        var sharedLock: Int32?
        var dataLocks: DataLocks?
        if let kept {
            let locks = try DataLocks(kept, user, configuration.patience)
            sharedLock = locks.shared.number
            dataLocks = consume locks
        }
        let run = try RunFolder(for: user, places: places)
        // Before the first program: whatever happens from here on, it is cleaned up.
        var watchdog = try Watchdog(over: run, alsoHolding: sharedLock)
        do throws(EmbeddedPostgresError) {
            let folder = kept ?? run.path
            if let kept { try Self.link("\(kept)/data", at: run.dataFolder) }
            let cluster = Cluster(
                programs: programs, user: user, dataFolder: "\(folder)/data", logFile: "\(folder)/server.log")
            unlink(cluster.logFile)
            try cluster.initialise(configuration)
            try cluster.configure(configuration.settingsFile(socketFolder: run.socketFolder, clusterName: run.name))
            postmaster = try Postmaster(cluster, patience: configuration.patience)
            self.cluster = cluster
        } catch {
            try watchdog.release(configuration.patience)
            throw error
        }
        self.watchdog = watchdog
        self.dataLocks = dataLocks
        self.run = run
    }

    mutating func handle(_ event: ServerState.Event) throws(EmbeddedPostgresError) {
        for action in try state.handle(event) {
            switch action {
            case .launch: try launch()
            case .shutDown: try postmaster.shutDown(patience: configuration.patience)
            case .killAll: try postmaster.killAll()
            case .freeze: try postmaster.freeze()
            case .thaw: try postmaster.thaw()
            case .cleanUp: try watchdog.release(configuration.patience)
            }
        }
    }

    private mutating func launch() throws(EmbeddedPostgresError) {
        do throws(EmbeddedPostgresError) {
            postmaster = try Postmaster(cluster, patience: configuration.patience)
        } catch {
            state.launchFailed()
            throw error
        }
    }

    /// The absolute path of a folder whose data is kept; made if missing.
    private static func keptFolder(
        _ storage: EmbeddedPostgres.Configuration.Storage
    ) throws(EmbeddedPostgresError) -> String? {
        guard case .folder(let given) = storage else { return nil }
        let path = URL(fileURLWithPath: given).standardizedFileURL.path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw EmbeddedPostgresError(.folderUnusable, "cannot make the folder \(path): \(error)")
        }
        return path
    }

    private static func link(_ target: String, at path: String) throws(EmbeddedPostgresError) {
        guard symlink(target, path) == 0 else {
            throw EmbeddedPostgresError(.folderUnusable, "cannot link \(path): \(errorText(errno))")
        }
    }
}
