package dev.firn.format.parquet.page;

/**
 * What is wrong with the bytes of a page, before anybody has said which page of which file it is:
 * see {@link ColumnChunk#corrupt}.
 */
public final class CorruptPageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CorruptPageException(String message) {
    super(message);
  }

  public CorruptPageException(String message, Throwable cause) {
    super(message, cause);
  }
}
