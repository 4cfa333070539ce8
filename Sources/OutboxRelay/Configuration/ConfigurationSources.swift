import Configuration
import Synchronization

/// Where values come from, strongest first: flags, environment, file, defaults.
///
/// Reading is pure: the shell hands in what it found (arguments, variables, the texts of files).
struct ConfigurationSources: Sendable {
    /// Values of flags that were given, by setting.
    var flags: [String: String] = [:]
    /// The whole environment.
    var environment: [String: String] = [:]
    /// The configuration file, if one was named.
    var file: ConfigurationFile?
    /// Reads a file that a `*_FILE` variable names.
    var readSecret: @Sendable (String) throws -> String = { _ in "" }

    /// Looks every setting up, and names everything that is wrong.
    func resolve(_ settings: [Setting]) throws(ConfigurationError) -> ResolvedConfiguration {
        var problems = unknownVariables(settings) + (file?.problems ?? [])
        let variables = variables(settings, &problems)
        let origins = Origins()
        let reader = ConfigReader(
            providers: [
                InMemoryProvider(name: "flags", values: configValues(flags)),
                EnvironmentVariablesProvider(environmentVariables: variables.values),
                InMemoryProvider(name: "file", values: configValues(file?.entries.mapValues(\.value) ?? [:])),
                InMemoryProvider(name: "conventions", values: configValues(conventional(settings).mapValues(\.value))),
            ], accessReporter: origins)
        var values: [String: ResolvedConfiguration.Value] = [:]
        for setting in settings {
            let text = reader.string(forKey: ConfigKey(setting.path))
            guard let text = text ?? setting.fallback else { continue }
            let origin = origin(of: setting, layer: origins.layer(of: setting.key), variables.files)
            values[setting.key] = .init(text: text, origin: origin)
        }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return ResolvedConfiguration(settings: settings, values: values)
    }

    private func origin(of setting: Setting, layer: Int?, _ files: [String: String]) -> ResolvedConfiguration.Origin {
        switch layer {
        case 0: .flag(setting.flag)
        case 1:
            files[setting.key].map { .secretFile(variable: setting.fileVariable ?? "", path: $0) }
                ?? .variable(setting.variable)
        case 2: .file(path: file?.path ?? "", line: file?.entries[setting.key]?.line ?? 0)
        case 3: .variable(conventional([setting])[setting.key]?.variable ?? "")
        default: .fallback
        }
    }

    /// A variable of ours that no setting knows is a typing mistake that would otherwise be found out in production.
    private func unknownVariables(_ settings: [Setting]) -> [ConfigurationProblem] {
        let known = settings.flatMap { [$0.variable, $0.fileVariable].compactMap(\.self) } + [Self.fileVariable]
        let unknown = environment.keys.filter { $0.hasPrefix(Setting.variablePrefix) && !known.contains($0) }
        return unknown.sorted().map { name in
            if let open = settings.first(where: { $0.variable + "_FILE" == name })?.variable {
                return ConfigurationProblem("environment: \(name) is only for secrets; set \(open) itself")
            }
            return ConfigurationProblem(
                "environment: there is no setting for the variable \(name)"
                    + Suggestion.question(for: name, among: known))
        }
    }

    /// Our variables by the names that swift-configuration looks for, those in files read; and which came from files.
    private func variables(
        _ settings: [Setting], _ problems: inout [ConfigurationProblem]
    ) -> (values: [String: String], files: [String: String]) {
        var values: [String: String] = [:]
        var files: [String: String] = [:]
        for setting in settings {
            let name = setting.path.joined(separator: "_").uppercased().replacing("-", with: "_")
            values[name] = environment[setting.variable]
            guard let variable = setting.fileVariable, let path = environment[variable] else { continue }
            guard environment[setting.variable] == nil else {
                problems.append(
                    ConfigurationProblem("environment: both \(setting.variable) and \(variable) are set; unset one"))
                continue
            }
            do {
                let text = try readSecret(path)
                values[name] = text.hasSuffix("\n") ? String(text.dropLast()) : text
                files[setting.key] = path
            } catch {
                problems.append(
                    ConfigurationProblem("environment: \(variable) names \(path), which cannot be read: \(error)"))
            }
        }
        return (values, files)
    }

    private func conventional(_ settings: [Setting]) -> [String: (variable: String, value: String)] {
        var found: [String: (variable: String, value: String)] = [:]
        for setting in settings {
            for variable in setting.conventions.reversed() {
                if let value = environment[variable] { found[setting.key] = (variable, value) }
            }
        }
        return found
    }

    private func configValues(_ texts: [String: String]) -> [AbsoluteConfigKey: ConfigValue] {
        Dictionary(
            uniqueKeysWithValues: texts.map { key, text in
                let path = key.split(separator: ".").map(String.init)
                return (AbsoluteConfigKey(path), ConfigValue(.string(text), isSecret: false))
            })
    }

    /// The variable that names the configuration file itself.
    static let fileVariable = Setting.variablePrefix + "CONFIG"
}

extension Setting {
    fileprivate var path: [String] { key.split(separator: ".").map(String.init) }
}

/// Remembers which provider answered for each key.
private final class Origins: AccessReporter {
    private let layers = Mutex<[String: Int]>([:])

    func report(_ event: AccessEvent) {
        let layer = event.providerResults.firstIndex { (try? $0.result.get().value) != nil }
        let key = event.metadata.key.components.joined(separator: ".")
        layers.withLock { $0[key] = layer }
    }

    func layer(of key: String) -> Int? {
        layers.withLock { $0[key] }
    }
}
