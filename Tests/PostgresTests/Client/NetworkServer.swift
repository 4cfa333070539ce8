import EmbeddedPostgres
import Postgres

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A server that listens on 127.0.0.1, with TLS.
enum NetworkServer {
    static func with(_ body: (_ port: Int, _ server: EmbeddedPostgres) async throws -> Void) async throws {
        let port = try freePort()
        let settings = ["listen_addresses": "127.0.0.1", "port": String(port)]
        try await EmbeddedPostgres.with(.init(settings: settings)) { server in
            let configuration = PostgresClient.Configuration(connectionString: server.connectionString())
            try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
                // Written by the server, so that the key belongs to whom it runs as.
                for (name, lines) in [
                    ("server.key", key), ("server.crt", certificate),
                    ("pg_hba.conf", "local all all trust\nhost all all 127.0.0.1/32 trust"),
                ] {
                    let rows = lines.split(separator: "\n").map { "('\($0)')" }.joined(separator: ", ")
                    try await client.execute(
                        SQL(unescaped: "copy (values \(rows)) to program 'umask 077; cat > \(name)'"))
                }
                try await client.execute("alter system set ssl = on")
                try await client.execute("select pg_reload_conf()")
            }
            try await body(port, server)
        }
    }

    /// A port that nobody listens on.
    static func freePort() throws -> Int {
        let listener = try SilentListener(host: "127.0.0.1", port: 0)
        return listener.port
    }

    /// Made for these tests, for localhost, with no end in sight; it protects nothing.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBfzCCASWgAwIBAgIUHteL09uWsic6edP3cB0zpJ4h4a4wCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTEzMDMwNloYDzIxMjYxMTAx
        MTMwMzA2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASjEnH3s8YkmqcDr5qYa6E1++sIGtLUi27apSyXp3Brf509x4BTHayr
        CSug/19nJXUrjtEUVS3+6v+e+yYXAtkto1MwUTAdBgNVHQ4EFgQUAhAQadiVyA2C
        LfBE7TscL5BDhOgwHwYDVR0jBBgwFoAUAhAQadiVyA2CLfBE7TscL5BDhOgwDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiB2bNo/8gKdi+/YF05alP4G
        PWIpnC5i6k2d+2GDiRIiTAIhAOO5+d3885eELqDSGEzA7bjSNAdsWiXBiMYNyAlu
        KHlE
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgthHWkzimhhYUZXes
        /a9aonWIN0LYydyqw0gjctQNf6yhRANCAASjEnH3s8YkmqcDr5qYa6E1++sIGtLU
        i27apSyXp3Brf509x4BTHayrCSug/19nJXUrjtEUVS3+6v+e+yYXAtkt
        -----END PRIVATE KEY-----
        """
}

/// Accepts connections in the kernel only, and never says a word.
struct SilentListener: ~Copyable {
    private let descriptor: Int32
    let port: Int

    init(host: String, port: Int) throws {
        #if canImport(Glibc)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        descriptor = socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = descriptor
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(socket, raw, size) | listen(socket, 8) | getsockname(socket, raw, &size)
            }
        }
        self.port = Int(in_port_t(bigEndian: address.sin_port))
        if status != 0 { throw PostgresError(.connectionFailed, "no socket to listen on") }
    }

    deinit {
        close(descriptor)
    }
}
