package dev.firn.upsert;

/** What happens to the rows of a key. */
enum Change {
  /** A row comes; others of its key stay. */
  WRITE(0),

  /** A row comes in place of all others of its key. */
  UPSERT(1),

  /** All rows of the key go. */
  DELETE(2);

  private final byte code;

  Change(int code) {
    this.code = (byte) code;
  }

  byte code() {
    return code;
  }
}
