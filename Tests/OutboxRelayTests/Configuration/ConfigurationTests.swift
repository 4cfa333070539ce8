import Testing

@testable import OutboxRelay

@Suite("Where a value comes from")
struct ConfigurationTests {
    private static let url = Setting("database.url", .url, secrecy: .password, conventions: ["DATABASE_URL"], help: "")
    private static let lease = Setting(
        "lease.duration", .duration(.seconds(1)...(.seconds(60))), default: "10s", help: "")
    private static let fromNow = Setting("sink.begin-at", .choice(["oldest", "now"]), default: "oldest", help: "")
    private static let token = Setting("sink.token", .text, secrecy: .secret, help: "")
    private static let lanes = Setting("sink.lanes", .integer(1...256), default: "8", help: "")
    private static let all = [url, lease, fromNow, token, lanes]

    private func file(_ text: String) -> ConfigurationFile {
        ConfigurationFile(path: "relay.conf", text: text, known: Self.all)
    }

    private func value(_ sources: ConfigurationSources, _ setting: Setting) throws -> ResolvedConfiguration.Value? {
        try sources.resolve(Self.all).values[setting.key]
    }

    @Test func `a flag wins over the environment, that over the file, and that over the default`() throws {
        var sources = ConfigurationSources()
        #expect(try value(sources, Self.lease) == .init(text: "10s", origin: .fallback))
        sources.file = file("# ours\n\nlease.duration = 20s")
        #expect(try value(sources, Self.lease) == .init(text: "20s", origin: .file(path: "relay.conf", line: 3)))
        sources.environment = ["SKALD_RELAY_LEASE_DURATION": "30s"]
        #expect(try value(sources, Self.lease) == .init(text: "30s", origin: .variable("SKALD_RELAY_LEASE_DURATION")))
        sources.flags = ["lease.duration": "40s"]
        #expect(try value(sources, Self.lease) == .init(text: "40s", origin: .flag("lease-duration")))
    }

    @Test func `a key with a hyphen has a variable and a flag like the others`() throws {
        #expect(Self.fromNow.variable == "SKALD_RELAY_SINK_BEGIN_AT")
        #expect(Self.fromNow.flag == "sink-begin-at")
        let sources = ConfigurationSources(environment: ["SKALD_RELAY_SINK_BEGIN_AT": "now"])
        #expect(try value(sources, Self.fromNow)?.text == "now")
    }

    @Test func `DATABASE_URL is read when nothing of ours is set`() throws {
        var sources = ConfigurationSources(environment: ["DATABASE_URL": "postgres://theirs"])
        #expect(try value(sources, Self.url) == .init(text: "postgres://theirs", origin: .variable("DATABASE_URL")))
        sources.file = file("database.url = postgres://ours")
        #expect(try value(sources, Self.url)?.text == "postgres://ours")
    }

    @Test func `a secret may stand in a file that a variable names`() throws {
        let sources = ConfigurationSources(
            environment: ["SKALD_RELAY_SINK_TOKEN_FILE": "/run/secrets/token"],
            readSecret: { path in path == "/run/secrets/token" ? "s3cret\n" : "wrong file" })
        let origin = ResolvedConfiguration.Origin.secretFile(
            variable: "SKALD_RELAY_SINK_TOKEN_FILE", path: "/run/secrets/token")
        #expect(try value(sources, Self.token) == .init(text: "s3cret", origin: origin))
    }

    @Test func `everything wrong is named at once, each with its place and a suggestion`() {
        let sources = ConfigurationSources(
            environment: [
                "SKALD_RELAY_LEASE_DURATOIN": "1s", "SKALD_RELAY_SINK_LANES_FILE": "/x", "SKALD_RELAY_SINK_TOKEN": "a",
                "SKALD_RELAY_SINK_TOKEN_FILE": "/b", "SKALD_URL": "not ours", "SKALD_RELAY_XYZZY": "1",
            ],
            file: file("lease.durration = 1s\nsink.lanes 8\nsink.lanes = 2\nsink.lanes = 3\nsink.token = 'a\n"))
        let error = #expect(throws: ConfigurationError.self) { try sources.resolve(Self.all) }
        let lines = [
            "environment: there is no setting for the variable SKALD_RELAY_LEASE_DURATOIN; "
                + "did you mean SKALD_RELAY_LEASE_DURATION?",
            "environment: SKALD_RELAY_SINK_LANES_FILE is only for secrets; set SKALD_RELAY_SINK_LANES itself",
            "environment: there is no setting for the variable SKALD_RELAY_XYZZY",
            "relay.conf:1: there is no setting 'lease.durration'; did you mean lease.duration?",
            "relay.conf:2: 'sink.lanes 8' is not of the form name = value",
            "relay.conf:4: sink.lanes is given twice, first in line 3; remove one of them",
            "relay.conf:5: the closing quote is missing",
            "environment: both SKALD_RELAY_SINK_TOKEN and SKALD_RELAY_SINK_TOKEN_FILE are set; unset one",
        ]
        #expect(error?.problems.map(\.description).sorted() == lines.sorted())
    }

    @Test func `a file that is not text is refused as a whole, and not shown`() {
        let binary = String(decoding: [0x7f, 0x45, 0xff, 0x00, 0x0a, 0x41] as [UInt8], as: UTF8.self)
        #expect(file(binary).problems.map(\.description) == ["relay.conf is not a text file"])
    }

    @Test func `a value that does not fit is refused with its origin`() throws {
        let sources = ConfigurationSources(
            flags: ["sink.begin-at": "olddest"], environment: ["SKALD_RELAY_LEASE_DURATION": "2m"],
            file: file("sink.lanes = many"))
        var reading = ConfigurationReading(try sources.resolve(Self.all))
        _ = (
            reading.text(Self.url), reading.duration(Self.lease), reading.integer(Self.lanes),
            reading.choice(Self.fromNow)
        )
        #expect(
            reading.problems.map(\.description) == [
                "database.url is not set; give --database-url, SKALD_RELAY_DATABASE_URL, "
                    + "or database.url in the configuration file",
                "lease.duration (environment SKALD_RELAY_LEASE_DURATION): '2m' is not between 1s and 1m",
                "sink.lanes (relay.conf:1): 'many' is not a whole number from 1 to 256",
                "sink.begin-at (flag --sink-begin-at): 'olddest' is none of oldest, now; did you mean oldest?",
            ])
    }

    @Test func `what is printed is a configuration file with origins, and gives no secret away`() throws {
        let sources = ConfigurationSources(
            flags: ["sink.token": "hunter2"],
            environment: ["DATABASE_URL": "postgres://relay:pa:ss@word@db/app?sslmode=require"],
            file: file("sink.lanes = 4 # few"))
        #expect(
            try sources.resolve(Self.all).printed == """
                database.url = postgres://relay:***@db/app?sslmode=require  # environment DATABASE_URL
                lease.duration = 10s                                        # default
                sink.begin-at = oldest                                      # default
                sink.token = ***                                            # flag --sink-token
                sink.lanes = 4                                              # relay.conf:1

                """)
    }

    @Test(arguments: [
        ("host=db password=secret user=me", "host=db password=*** user=me"),
        ("host=db password = 'se cr\\'et' user=me", "host=db password=*** user=me"),
        ("postgresql://db/app?user=me&password=secret&x=1", "postgresql://db/app?user=me&password=***&x=1"),
        ("postgres://me@db/app", "postgres://me@db/app"), ("secret", "***"), ("", ""),
    ])
    func `passwords are masked in every form of a connection string`(text: String, shown: String) {
        #expect(Masking.connectionString(text) == shown)
    }

    @Test(arguments: [
        ("https://bus.example/in", "https://bus.example/in"), ("https://me:secret@bus/in", "https://***@bus/in"),
        ("https://secret@bus/in?a=1&token=secret", "https://***@bus/in?***"),
        ("https://me:p/@w@bus", "https://***@bus"),
        ("https://bus?email=me@home", "https://bus?***"), ("me:secret@bus", "***@bus"), ("", ""),
    ])
    func `who logs in, and the query, are masked in a URL`(text: String, shown: String) {
        #expect(Masking.shown(text, .address) == shown)
    }

    @Test(arguments: ["plain", "with # sign", "it's", " blanks ", "", "a = b"])
    func `a value that is written into a file reads back`(value: String) {
        let file = file("sink.token = \(ConfigurationFile.written(value))   # comment")
        #expect(file.problems.isEmpty)
        #expect(file.entries["sink.token"]?.value == value)
    }

    @Test func `swapped letters count as one mistake`() {
        #expect(Suggestion.distance("lease", "laese") == 1)
        #expect(Suggestion.distance("", "abc") == 3)
        #expect(Suggestion.nearest(to: "nothing-like-it", among: ["lease.duration"]) == nil)
    }
}
