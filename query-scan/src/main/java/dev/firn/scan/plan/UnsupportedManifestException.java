package dev.firn.scan.plan;

/** A manifest is encoded as our decoder does not know; Iceberg's may. */
final class UnsupportedManifestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnsupportedManifestException(String message) {
    super(message);
  }
}
