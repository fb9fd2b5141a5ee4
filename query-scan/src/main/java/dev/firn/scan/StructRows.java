package dev.firn.scan;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a {@link StructScan}: a cursor. Confined to one thread. Opens the source when first
 * asked for a row, and one part at a time.
 */
final class StructRows implements CloseableIterator<Record> {
  /** What becomes of a row. */
  record Shape(RowFilter filter, StructCopy filtered, StructCopy projected, String table) {}

  private final Shape shape;
  private final InternalRecordWrapper internal;
  private final Supplier<CloseableIterable<StructScan.Part>> source;
  private long remaining;
  private boolean closed;
  private @Nullable CloseableIterable<StructScan.Part> plan;
  private @Nullable CloseableIterator<StructScan.Part> parts;
  private @Nullable CloseableIterable<StructLike> part;
  private @Nullable CloseableIterator<StructLike> rows;
  private String location = "";
  private @Nullable Record next;

  StructRows(Shape shape, Supplier<CloseableIterable<StructScan.Part>> source, long limit) {
    this.shape = shape;
    this.internal = new InternalRecordWrapper(shape.filtered().target());
    this.source = source;
    this.remaining = limit;
  }

  @Override
  public boolean hasNext() {
    if (next == null && !closed && remaining > 0) {
      try {
        next = advance();
      } catch (RuntimeException e) {
        throw failure(e);
      } catch (IOException e) {
        throw failure(new UncheckedIOException(e));
      }
    }
    return next != null;
  }

  @Override
  public Record next() {
    Record row = hasNext() ? next : null;
    if (row == null) {
      throw new NoSuchElementException();
    }
    next = null;
    remaining--;
    return row;
  }

  private @Nullable Record advance() throws IOException {
    do {
      while (rows != null && rows.hasNext()) {
        StructLike row = rows.next();
        if (passes(row)) {
          return shape.projected().copy(row);
        }
      }
    } while (openNext());
    return null;
  }

  private boolean passes(StructLike row) {
    return shape.filter().isTrue()
        || shape.filter().matches(internal.wrap(shape.filtered().copy(row)));
  }

  private boolean openNext() throws IOException {
    closePart();
    if (parts == null) {
      plan = source.get();
      parts = plan.iterator();
    }
    if (!parts.hasNext()) {
      return false;
    }
    StructScan.Part opening = parts.next();
    location = opening.location();
    part = opening.rows().get();
    rows = part.iterator();
    return true;
  }

  /** What to throw for what went wrong: it names the file, where one was being read. */
  RuntimeException failure(RuntimeException e) {
    return e instanceof FirnException || location.isEmpty()
        ? e
        : ReadFailures.of(e, "metadata file", location, shape.table());
  }

  private void closePart() throws IOException {
    CloseableIterable<StructLike> openPart = part;
    CloseableIterator<StructLike> openRows = rows;
    part = null;
    rows = null;
    try (openPart;
        openRows) {
      location = "";
    }
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    next = null;
    CloseableIterable<StructScan.Part> openPlan = plan;
    CloseableIterator<StructScan.Part> openParts = parts;
    try (openPlan;
        openParts) {
      closePart();
    }
  }
}
