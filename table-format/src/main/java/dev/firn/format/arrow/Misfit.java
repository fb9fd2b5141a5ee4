package dev.firn.format.arrow;

import dev.firn.error.FirnException;
import dev.firn.format.row.ShownValue;
import org.jspecify.annotations.Nullable;

/** A value that its column cannot hold; the reader of the batch adds the row and reports it. */
final class Misfit extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Misfit(String column, Object expected, @Nullable Object value) {
    super(
        "column "
            + column
            + " does not take this value, expected "
            + expected
            + ", got "
            + ShownValue.of(value),
        null,
        false,
        false);
  }

  FirnException inRow(int row) {
    return FirnException.invalid("Cannot read row " + row + " of the batch: " + getMessage());
  }
}
