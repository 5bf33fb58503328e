/// stream.space/v1alpha1 Template: what an agent reads of the catalogue when a command brings no manifest
/// (spec/03 §9.1 row 10).
package struct TemplateResource: Sendable, Hashable {
  package var metadata: ObjectMetadata
  /// Name and namespace of the manifest are those of ``metadata``.
  package var spec: TemplateManifest

  package init(metadata: ObjectMetadata, spec: TemplateManifest) {
    self.metadata = metadata
    self.spec = spec
    self.spec.name = metadata.name
    self.spec.namespace = metadata.namespace
  }
}
