package dev.firn.bench.measure;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import org.apache.iceberg.data.Record;

/** A builder of the digest of rows as Iceberg records. */
public final class RecordDigester {
  private long rows;
  private final long[] columns;
  private long wholeRows;

  /** Of the first {@code columns} columns: readers may add some that they need themselves. */
  public RecordDigester(int columns) {
    this.columns = new long[columns];
  }

  public void add(Record row) {
    long whole = 0;
    for (int column = 0; column < columns.length; column++) {
      long value = hash(row.get(column));
      columns[column] += value;
      whole = Digest.add(whole, value);
    }
    wholeRows += whole;
    rows++;
  }

  public Digest digest() {
    return new Digest(rows, Arrays.stream(columns).boxed().toList(), wholeRows);
  }

  private static long hash(Object value) {
    if (value == null) {
      return Digest.ofNull();
    } else if (value instanceof Integer || value instanceof Long) {
      return Digest.ofLong(((Number) value).longValue());
    } else if (value instanceof Double number) {
      return Digest.ofDouble(number);
    } else if (value instanceof LocalDate date) {
      return Digest.ofLong(date.toEpochDay());
    } else if (value instanceof OffsetDateTime time) {
      return Digest.ofLong(ChronoUnit.MICROS.between(Instant.EPOCH, time.toInstant()));
    } else if (value instanceof String text) {
      return bytes(text.getBytes(StandardCharsets.UTF_8));
    }
    throw new IllegalArgumentException("no digest of " + value.getClass());
  }

  private static long bytes(byte[] text) {
    ByteBuffer data = ByteBuffer.wrap(text).order(ByteOrder.LITTLE_ENDIAN);
    long hash = Digest.ofLength(text.length);
    while (data.remaining() >= Long.BYTES) {
      hash = Digest.add(hash, data.getLong());
    }
    long last = 0;
    while (data.hasRemaining()) {
      last = (last << 8) | (data.get() & 0xff);
    }
    return Digest.add(hash, last);
  }
}
