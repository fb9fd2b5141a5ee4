package dev.firn.bench.measure;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** A builder of the digest of rows in Arrow batches. */
public final class BatchDigester {
  private long rows;
  private long[] columns = new long[0];
  private long wholeRows;

  public void add(VectorSchemaRoot batch) {
    add(batch.getFieldVectors(), batch.getRowCount());
  }

  public void add(List<FieldVector> vectors, int count) {
    columns = columns.length == 0 ? new long[vectors.size()] : columns;
    long[] whole = new long[count];
    for (int column = 0; column < columns.length; column++) {
      FieldVector vector = vectors.get(column);
      IntToLongFunction hash = hash(vector);
      for (int row = 0; row < count; row++) {
        long value = vector.isNull(row) ? Digest.ofNull() : hash.applyAsLong(row);
        columns[column] += value;
        whole[row] = Digest.add(whole[row], value);
      }
    }
    for (long row : whole) {
      wholeRows += row;
    }
    rows += count;
  }

  public Digest digest() {
    return new Digest(rows, Arrays.stream(columns).boxed().toList(), wholeRows);
  }

  private static IntToLongFunction hash(FieldVector vector) {
    if (vector instanceof IntVector ints) {
      return row -> Digest.ofLong(ints.get(row));
    } else if (vector instanceof BigIntVector longs) {
      return row -> Digest.ofLong(longs.get(row));
    } else if (vector instanceof Float8Vector doubles) {
      return row -> Digest.ofDouble(doubles.get(row));
    } else if (vector instanceof DateDayVector dates) {
      return row -> Digest.ofLong(dates.get(row));
    } else if (vector instanceof TimeStampVector timestamps) {
      return row -> Digest.ofLong(timestamps.get(row));
    } else if (vector instanceof VarCharVector strings) {
      return row ->
          bytes(strings.getDataBuffer(), strings.getStartOffset(row), strings.getEndOffset(row));
    }
    throw new IllegalArgumentException("no digest of " + vector.getField());
  }

  private static long bytes(ArrowBuf data, long from, long to) {
    long hash = Digest.ofLength((int) (to - from));
    long at = from;
    for (; at + Long.BYTES <= to; at += Long.BYTES) {
      hash = Digest.add(hash, data.getLong(at));
    }
    long last = 0;
    for (; at < to; at++) {
      last = (last << 8) | (data.getByte(at) & 0xff);
    }
    return Digest.add(hash, last);
  }
}
