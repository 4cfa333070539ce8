import Foundation

/// This process's memory, as the kernel counts it.
enum Memory {
    /// The most that was resident at once, in MiB; nil where the system does not say (it is Linux's /proc that does).
    static func peakMiB() -> Double? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let match = status.firstMatch(of: /VmHWM:\s*([0-9]+) kB/), let kilobytes = Double(match.1)
        else { return nil }
        return kilobytes / 1024
    }
}
