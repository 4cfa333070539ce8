extension EmbeddedPostgres {
    /// How to make and run a private server.
    public struct Configuration: Sendable, Hashable {
        /// Where the data lives.
        public enum Storage: Sendable, Hashable {
            /// A folder of its own that is removed when the server stops or its owner dies.
            case temporary
            /// The folder at this path, made if missing, whose data is kept between runs. One process at a time.
            case folder(String)
        }

        /// Where the data lives; temporary by default.
        public var storage: Storage
        /// The largest number of connections, 200 by default.
        public var maximumConnections: Int
        /// PostgreSQL's `shared_buffers`, "128MB" by default.
        public var sharedBuffers: String
        /// Further settings by name, such as `["wal_level": "logical"]`. They win over the ones made here, the
        /// durability settings included, and are applied at every start.
        public var settings: [String: String]
        /// The superuser's name, "postgres" by default. Whoever may open the socket may be this user: see `start(_:)`.
        public var superuser: String
        /// The cluster's locale, "C" by default: the one locale that every system has.
        public var locale: String
        /// How long a start or an orderly stop may take before it is given up, 30 seconds by default.
        public var patience: Duration

        /// Makes a configuration; every value has a default that suits tests and demonstrations.
        public init(
            storage: Storage = .temporary, maximumConnections: Int = 200, sharedBuffers: String = "128MB",
            settings: [String: String] = [:], superuser: String = "postgres", locale: String = "C",
            patience: Duration = .seconds(30)
        ) {
            self.storage = storage
            self.maximumConnections = maximumConnections
            self.sharedBuffers = sharedBuffers
            self.settings = settings
            self.superuser = superuser
            self.locale = locale
            self.patience = patience
        }
    }
}

extension EmbeddedPostgres.Configuration {
    /// The lines of `postgresql.conf`.
    func settingsFile(socketFolder: String, clusterName: String) -> String {
        var all = [
            "listen_addresses": "", "port": "5432", "unix_socket_directories": socketFolder,
            "cluster_name": clusterName,
            // Written out although they are PostgreSQL's defaults: what is tested here must survive kill -9.
            "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
            "max_connections": String(maximumConnections), "shared_buffers": sharedBuffers,
            "max_prepared_transactions": "16",
            // In the data folder and not in /dev/shm, so that nothing is left behind by kill -9.
            "dynamic_shared_memory_type": "mmap",
            "timezone": "UTC", "log_timezone": "UTC", "log_line_prefix": "%m [%p] %q%a %u@%d ",
            "log_checkpoints": "off",
        ]
        all.merge(settings) { _, given in given }
        return all.sorted { $0.key < $1.key }
            .map { "\($0.key) = '\($0.value.replacing("'", with: "''"))'\n" }
            .joined()
    }
}
