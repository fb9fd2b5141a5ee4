package dev.firn.cli.output;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows of known columns. {@link #close()} ends the text (without it the output is cut short)
 * and flushes; the stream below stays open. A failed write throws {@link OutputClosed} or an {@code
 * UncheckedIOException}.
 */
public interface RowPrinter extends AutoCloseable {
  /** Writes one row: a value per column, of the classes that {@link CellText} knows. */
  void row(List<? extends @Nullable Object> values);

  /** Has what was written so far appear. */
  void flush();

  @Override
  void close();
}
