package dev.firn.compaction.stats;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.apache.datasketches.theta.CompactSketch;
import org.apache.datasketches.theta.SetOperation;
import org.apache.datasketches.theta.Union;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.puffin.Blob;
import org.apache.iceberg.puffin.PuffinCompressionCodec;
import org.apache.iceberg.puffin.StandardBlobTypes;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;

/** The sketches of several columns, put together from those of parts of the table. Thread-safe. */
final class Sketches {
  /** In a blob's properties: the estimate, as a whole number. */
  static final String NDV = "ndv";

  private final List<NestedField> fields;
  private final Map<Integer, Union> unions = new LinkedHashMap<>();
  private final LongAdder rows = new LongAdder();

  Sketches(List<NestedField> fields) {
    this.fields = List.copyOf(fields);
    for (NestedField field : fields) {
      unions.put(field.fieldId(), SetOperation.builder().buildUnion());
    }
  }

  /** Whether values of the type are counted: those that have a single-value serialization. */
  static boolean takes(Type type) {
    return switch (type.typeId()) {
      case BOOLEAN,
          INTEGER,
          LONG,
          FLOAT,
          DOUBLE,
          DECIMAL,
          DATE,
          TIME,
          TIMESTAMP,
          TIMESTAMP_NANO,
          STRING,
          UUID,
          FIXED,
          BINARY ->
          true;
      case STRUCT, LIST, MAP, VARIANT, GEOMETRY, GEOGRAPHY, UNKNOWN -> false;
    };
  }

  List<NestedField> fields() {
    return fields;
  }

  void read(long count) {
    rows.add(count);
  }

  long rows() {
    return rows.sum();
  }

  synchronized void add(List<ValueSketch> part) {
    for (ValueSketch each : part) {
      Union union = unions.get(each.fieldId());
      if (union != null) {
        union.union(each.sketch());
      }
    }
  }

  long distinct(int fieldId) {
    return (long) result(fieldId).getEstimate();
  }

  private synchronized CompactSketch result(int fieldId) {
    Union union = unions.get(fieldId);
    if (union == null) {
      throw new IllegalArgumentException("no sketch of field " + fieldId);
    }
    return union.getResult();
  }

  List<Blob> blobs(Snapshot snapshot) {
    List<Blob> blobs = new ArrayList<>();
    for (NestedField field : fields) {
      CompactSketch sketch = result(field.fieldId());
      blobs.add(
          new Blob(
              StandardBlobTypes.APACHE_DATASKETCHES_THETA_V1,
              List.of(field.fieldId()),
              snapshot.snapshotId(),
              snapshot.sequenceNumber(),
              ByteBuffer.wrap(sketch.toByteArray()),
              PuffinCompressionCodec.ZSTD,
              Map.of(NDV, Long.toString((long) sketch.getEstimate()))));
    }
    return blobs;
  }
}
