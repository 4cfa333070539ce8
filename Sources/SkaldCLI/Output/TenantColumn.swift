/// The column that tells tenants apart. Where there is only the empty one it is left out.
struct TenantColumn: Sendable {
    private let isShown: Bool

    init(_ tenants: [String]) {
        isShown = tenants.contains { !$0.isEmpty }
    }

    var title: [Table.Column] { isShown ? [.init("TENANT")] : [] }

    func cell(_ tenant: String) -> [Table.Cell] { isShown ? [.init(tenant.isEmpty ? "-" : tenant)] : [] }
}
