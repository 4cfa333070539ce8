import Testing

@testable import Postgres

/// Passwords appear in no error and no log.
@Suite("Redaction")
struct RedactionTests {
    @Test(arguments: [
        ("postgres://ann:s3cret@db/app", "user=ann password=*** host=db dbname=app"),
        (
            "postgresql://ann:s3%40cret@db:5433/app?sslpassword=s3cret",
            "user=ann password=*** host=db port=5433 dbname=app sslpassword=***"
        ),
        ("postgres://db/app?user=ann&password=s3cret", "user=ann password=*** host=db dbname=app"),
        (
            "postgres://a,b:5433/app?target_session_attrs=read-write",
            "host=a,b port=,5433 dbname=app target_session_attrs=read-write"
        ),
        ("host=db password=s3cret user=ann", "user=ann password=*** host=db"),
        (#"host=db password = 's3cret\' s3cret' user=ann"#, "user=ann password=*** host=db"),
        ("host='/var/run/my dir' dbname=''", "host='/var/run/my dir' dbname=''"),
        ("", ""),
    ])
    func `a connection string is shown without its passwords`(text: String, shown: String) {
        #expect(
            Redaction.connectionString(text).split(separator: " ").sorted()
                == shown.split(separator: " ").sorted())
    }

    @Test(arguments: [
        // A special character that should have been escaped makes libpq read parts of the password as something else.
        "postgres://ann:s3cret@s3cret@db/app", "postgres://ann:s3cret/s3cret@db/app",
        // Not connection strings.
        "host=db password=s3cret s3cret", "postgres://ann:s3%zzcret@db/app", "password='s3cret", "s3cret",
        "postgres://ann:s3cret@[::1/app",
    ])
    func `a connection string that is not read as it was meant is not shown`(text: String) {
        #expect(!Redaction.connectionString(text).contains("s3cret"))
        #expect(!Redaction.connectionString(text).contains("cret"))
    }

    @Test(arguments: [
        ("postgres://ann:s3cret@db/app", "sent back: s3cret!", "sent back: ***!"),
        ("host=db password=s3cret", #"connection to server at "db" failed"#, #"connection to server at "db" failed"#),
        ("password=s3cret s3cret", #"missing "=" after "s3cret" in connection info string"#, #"missing "=" after ***"#),
        ("s3cret=1", #"invalid connection option "s3cret""#, "invalid connection option ***"),
    ])
    func `a message of libpq's loses the passwords`(connection: String, message: String, shown: String) {
        #expect(Redaction.message(message, connectionString: connection) == shown)
    }

    @Test func `a message about a misread connection string says what to do instead`() {
        let shown = Redaction.message(
            #"could not translate host name "s3cret@db" to address"#, connectionString: "postgres://ann:x@s3cret@db/app"
        )
        #expect(!shown.contains("s3cret"))
        #expect(shown.contains("%40"))
    }

    @Test(arguments: [
        ("alter role ann password 's3cret'", "alter role ann password '***'"),
        ("ALTER ROLE ann ENCRYPTED PASSWORD E's3\\'cret' login", "ALTER ROLE ann ENCRYPTED PASSWORD '***' login"),
        ("create role a password $$s3cret$$", "create role a password '***'"),
        ("create role a password U&'s3cret'", "create role a password U&'***'"),
        ("create role a password /* old */ 's3cret'", "create role a password /* old */ '***'"),
        ("select 1 -- password 's3cret'", "select 1 /* *** */"),
        ("options (user 'ann', password 's3cret')", "options (user 'ann', password '***')"),
        ("update t set \"password\" = 's3cret' where id = $1", "update t set \"password\" = '***' where id = $1"),
        ("create subscription s connection 'host=db password=s3cret'", "create subscription s connection '***'"),
        ("select dblink('postgres://ann:s3cret@db/app')", "select dblink('***')"),
        ("do $x$ alter role a password 's3cret' $x$", "do $x$ alter role a password '***' $x$"),
        ("do $$ execute 'alter role a password ''s3cret''' $$", "do $$ execute '***' $$"),
        ("select 'no password'", "select 'no password'"),
        ("select password from users where name = $1", "select password from users where name = $1"),
    ])
    func `a statement is shown without the passwords in it`(text: String, shown: String) {
        #expect(Redaction.statement(text) == shown)
        #expect(PostgresError(.server, "").naming(statement: text).debugDescription.contains(shown))
    }

    @Test(arguments: [
        ("PL/pgSQL function f() line 1", "PL/pgSQL function f() line 1"),
        ("inner\nunnamed portal with parameters: $1 = 'a\nb', $2 = NULL", "inner\nunnamed portal with parameters: ***"),
        ("portal mit Parametern: $1 = NULL, $2 = 's3cret'", "portal mit Parametern: ***"),
    ])
    func `the values of parameters are taken out of the server's call stack`(text: String, shown: String) {
        #expect(Redaction.context(text) == shown)
    }

    @Test func `a configuration is printed, dumped and reflected without its password`() {
        let configuration = PostgresClient.Configuration(
            connectionString: "postgresql://ann:hush-hush@db.example/app?sslpassword=tight-lipped")
        var texts = ["\(configuration)", String(reflecting: configuration), String(describing: [configuration])]
        var dumped = ""
        dump(configuration, to: &dumped)
        texts.append(dumped)
        for text in texts {
            #expect(!text.contains("hush-hush") && !text.contains("tight-lipped"))
            #expect(text.contains("db.example"))
        }
    }
}
