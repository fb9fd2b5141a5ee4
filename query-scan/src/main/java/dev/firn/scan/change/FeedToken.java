package dev.firn.scan.change;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.apache.iceberg.Table;

/**
 * How far a reader of changes is: it has read everything up to a snapshot, that included. As text
 * it is opaque, and good in any process, for the same table only.
 *
 * @param table the table's uuid
 * @param snapshotId {@link #NOTHING} where nothing is read, because the table was empty
 */
public record FeedToken(UUID table, long snapshotId) {
  public static final long NOTHING = -1;

  private static final String FORM = "firn1";

  static FeedToken of(Table table, long snapshotId) {
    return new FeedToken(table.uuid(), snapshotId);
  }

  /**
   * Reads what {@link #toString} made.
   *
   * @throws FirnException (invalid) where the text is not that
   */
  public static FeedToken parse(String text) {
    try {
      String plain =
          new String(Base64.getUrlDecoder().decode(text.strip()), StandardCharsets.UTF_8);
      String[] parts = plain.split(":", -1);
      if (parts.length == 3 && parts[0].equals(FORM)) {
        return new FeedToken(UUID.fromString(parts[1]), Long.parseLong(parts[2]));
      }
    } catch (IllegalArgumentException e) {
      throw new FirnException(ErrorKind.INVALID, unreadable(text), e);
    }
    throw FirnException.invalid(unreadable(text));
  }

  private static String unreadable(String text) {
    String shown = text.length() > 80 ? text.substring(0, 80) + "…" : text;
    return "Cannot read a token of changes: '"
        + shown
        + "' is none; give what a reader of changes returned, unchanged, or start from a snapshot";
  }

  /** The token as text, letters, digits, '-' and '_'. */
  @Override
  public String toString() {
    String plain = FORM + ":" + table + ":" + snapshotId;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
  }
}
