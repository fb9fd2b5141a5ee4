package dev.firn.scan.plan;

/** A manifest does not decode. */
final class DamagedManifestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DamagedManifestException(String message) {
    super(message);
  }

  DamagedManifestException(String message, Throwable cause) {
    super(message, cause);
  }
}
