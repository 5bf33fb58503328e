/// How migrations are run: the contract (C30), unless a defect changes a field.
package struct MigrationBehaviour: Sendable, Equatable {
  package init() {}
}
