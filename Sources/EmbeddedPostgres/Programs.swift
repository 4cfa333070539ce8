import Foundation

/// PostgreSQL's server programs of one version.
struct Programs: Sendable, Equatable {
    /// The folder that holds `postgres`, `initdb` and `psql`.
    let folder: String
    /// The major version.
    let major: Int

    static let oldest = 15
    static let needed = ["postgres", "initdb", "psql"]

    func path(_ program: String) -> String { "\(folder)/\(program)" }

    /// Finds them; a `major` version is asked for when the data of an earlier run needs it.
    static func find(
        major wanted: Int? = nil, environment: [String: String] = ProcessInfo.processInfo.environment,
        systemFolders: [String] = Programs.systemFolders()
    ) throws(EmbeddedPostgresError) -> Programs {
        // A place that was named is the only one looked at: quietly using another version would mislead.
        let named = environment["SKALD_PG_BIN"].flatMap { $0.isEmpty ? nil : $0 }
        let fromPath = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        var seen: Set<String> = []
        let folders = (named.map { [$0] } ?? systemFolders + fromPath).filter { seen.insert($0).inserted }
        var report: [String] = []
        for folder in folders {
            let missing = needed.filter { !FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }
            guard missing.isEmpty else {
                report.append("\(folder) (no \(missing.joined(separator: ", ")))")
                continue
            }
            let banner = try Command(["\(folder)/postgres", "--version"]).run()
            guard let major = majorVersion(banner: banner), major >= oldest, wanted == nil || wanted == major else {
                report.append("\(folder) (\(banner.trimmedEnd))")
                continue
            }
            return Programs(folder: folder, major: major)
        }
        throw notFound(wanted: wanted, report: report, named: named != nil)
    }

    /// "postgres (PostgreSQL) 15.18 (Debian …)", "… 18beta1", "… 19devel".
    static func majorVersion(banner: String) -> Int? {
        guard let version = banner.split(separator: " ").dropFirst(2).first else { return nil }
        return Int(version.prefix { $0.isNumber })
    }

    /// Where Debian, Red Hat's packages, Homebrew and Postgres.app put them, the newest version first.
    static func systemFolders() -> [String] {
        versions(in: "/usr/lib/postgresql") { "\($0)/bin" }
            + versions(in: "/usr", prefix: "pgsql-") { "\($0)/bin" }
            + ["/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"].flatMap { brew in
                versions(in: "\(brew)/opt", prefix: "postgresql@") { "\($0)/bin" } + ["\(brew)/opt/postgresql/bin"]
            }
            + versions(in: "/Applications/Postgres.app/Contents/Versions") { "\($0)/bin" }
    }

    private static func versions(in parent: String, prefix: String = "", _ path: (String) -> String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        let versions = names.compactMap { name in
            name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil
        }
        // Where there is none, the pattern itself stands for the place in the error's list.
        guard !versions.isEmpty else { return [path("\(parent)/\(prefix)*")] }
        return versions.sorted(by: >).map { path("\(parent)/\(prefix)\($0)") }
    }

    private static func notFound(wanted: Int?, report: [String], named: Bool) -> EmbeddedPostgresError {
        let version = wanted.map { "\($0)" } ?? "\(oldest) or newer"
        let package = wanted ?? 17
        let looked =
            report.isEmpty ? "nowhere: no known folder exists and PATH is empty" : report.joined(separator: ", ")
        return EmbeddedPostgresError(
            .programsNotFound,
            """
            PostgreSQL \(version) (postgres, initdb, psql) was not found. Looked in: \(looked). \
            Install it with `sudo apt-get install postgresql` on Debian and Ubuntu or \
            `brew install postgresql@\(package)` on macOS, \
            \(named ? "or correct" : "or set") SKALD_PG_BIN to the folder that holds its programs.
            """)
    }
}
