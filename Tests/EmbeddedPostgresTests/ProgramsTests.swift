import Foundation
import Testing

@testable import EmbeddedPostgres

@Suite struct `Finding PostgreSQL` {
    @Test func `missing programs are an error that lists where they were looked for and what to install`() {
        let error = #expect(throws: EmbeddedPostgresError.self) {
            try Programs.find(environment: ["PATH": "/no/path:/usr/share"], systemFolders: ["/no/such/bin"])
        }
        #expect(error?.code == .programsNotFound)
        for part in [
            "/no/such/bin", "/no/path", "/usr/share", "apt-get install postgresql", "brew install postgresql@",
        ] {
            #expect(error?.message.contains(part) == true, "the message names \(part)")
        }
    }

    @Test func `a place named by SKALD_PG_BIN is the only one looked at`() {
        let error = #expect(throws: EmbeddedPostgresError.self) {
            try Programs.find(environment: ["SKALD_PG_BIN": "/no/such/bin"])
        }
        #expect(error?.message.contains("/no/such/bin (no postgres, initdb, psql)") == true)
        #expect(error?.message.contains("correct SKALD_PG_BIN") == true)
    }

    @Test func `the first place with a new enough version is taken and older ones are reported`() async throws {
        try await withScratchFolder { scratch in
            func install(_ name: String, version: String) throws -> String {
                let folder = "\(scratch)/\(name)"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
                for program in Programs.needed {
                    try writeScript("\(folder)/\(program)", "echo 'postgres (PostgreSQL) \(version)'")
                }
                return folder
            }
            let old = try install("old", version: "14.9 (Debian 14.9-1)")
            let new = try install("new", version: "18beta1")
            let found = try Programs.find(environment: ["PATH": new], systemFolders: [old])
            #expect(found == Programs(folder: new, major: 18))
            let error = #expect(throws: EmbeddedPostgresError.self) {
                try Programs.find(environment: [:], systemFolders: [old])
            }
            #expect(error?.message.contains("\(old) (postgres (PostgreSQL) 14.9 (Debian 14.9-1))") == true)
            #expect(throws: EmbeddedPostgresError.self) {
                try Programs.find(major: 17, environment: ["PATH": new], systemFolders: [])
            }
        }
    }

    @Test func `the known places are looked at, the newest version of each first`() {
        let folders = Programs.systemFolders()
        for place in ["/usr/lib/postgresql/", "/opt/homebrew/opt/postgresql@", "/Applications/Postgres.app/"] {
            #expect(folders.contains { $0.hasPrefix(place) && $0.hasSuffix("/bin") })
        }
        let debian = folders.compactMap {
            $0.wholeMatch(of: /\/usr\/lib\/postgresql\/(\d+)\/bin/).flatMap { Int($0.1) }
        }
        #expect(debian == debian.sorted(by: >))
    }

    @Test(arguments: [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 15), ("postgres (PostgreSQL) 19devel", 19),
        ("postgres (PostgreSQL) 18beta1\n", 18), ("postgres", nil), ("", nil),
    ]) func `versions are read from the banner`(banner: String, major: Int?) {
        #expect(Programs.majorVersion(banner: banner) == major)
    }
}
