package dev.firn.format.merge;

import dev.firn.format.parquet.page.ColumnChunk;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.FieldMetrics;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * What Iceberg knows of the float and double columns of one file that comes out, NaNs above all.
 * Columns may be added side by side, each by one thread at a time.
 *
 * <p>Footers do not count NaNs. Files of parquet-java have bounds of a chunk only where it has no
 * NaN; chunks of others, or without bounds, are decoded and counted.
 */
final class Floats {
  private static final int BLOCK = 4096;

  private final List<@Nullable Totals> columns = new ArrayList<>();

  Floats(Layout layout) {
    for (Column column : layout.columns()) {
      columns.add(column.measured() ? new Totals(column) : null);
    }
  }

  /** Adds a chunk, whose bounds may be known; returns whether it has a NaN. */
  boolean add(
      Column column,
      Unit unit,
      ColumnChunkMetaData stored,
      @Nullable Statistics<?> known,
      BufferAllocator allocator) {
    Totals totals = columns.get(column.index());
    if (totals == null) {
      return false;
    }
    long before = totals.nans;
    boolean counted = known != null && unit.source().nanAware() && totals.byFooter(stored, known);
    if (!counted) {
      totals.scan(unit, allocator);
    }
    return totals.nans > before;
  }

  /** Iceberg's metrics of these columns. */
  List<FieldMetrics<?>> metrics() {
    List<FieldMetrics<?>> metrics = new ArrayList<>();
    for (Totals totals : columns) {
      if (totals != null) {
        metrics.add(totals.metrics());
      }
    }
    return metrics;
  }

  /** Of one column. */
  private static final class Totals {
    private final Column column;
    private final boolean single;
    private final boolean optional;
    private final int maxDefinition;
    private long values;
    private long nulls;
    private long nans;
    private boolean bounded;
    private double min;
    private double max;

    Totals(Column column) {
      var type = column.descriptor().getPrimitiveType();
      this.column = column;
      this.single = type.getPrimitiveTypeName() == PrimitiveTypeName.FLOAT;
      this.optional = type.isRepetition(Repetition.OPTIONAL);
      this.maxDefinition = column.descriptor().getMaxDefinitionLevel();
    }

    /** Adds a chunk without NaN; false, and nothing is added, where the footer says too little. */
    boolean byFooter(ColumnChunkMetaData stored, Statistics<?> known) {
      long absent = known.getNumNulls();
      long own = optional ? absent : 0;
      long there = stored.getValueCount() - absent;
      if (maxDefinition > 1) {
        SizeStatistics sizes = stored.getSizeStatistics();
        boolean told =
            sizes != null
                && sizes.isValid()
                && sizes.getDefinitionLevelHistogram().size() == maxDefinition + 1;
        if (!told) {
          return false;
        }
        own = optional ? sizes.getDefinitionLevelHistogram().get(maxDefinition - 1) : 0;
        there = sizes.getDefinitionLevelHistogram().get(maxDefinition);
      }
      nulls += own;
      values += there + own;
      if (known.hasNonNullValue()) {
        bound(((Number) known.genericGetMin()).doubleValue());
        bound(((Number) known.genericGetMax()).doubleValue());
      }
      return true;
    }

    void scan(Unit unit, BufferAllocator allocator) {
      try (ColumnChunk chunk = ColumnChunk.open(unit.spec(column), unit.bytes(column), allocator);
          ArrowBuf block = allocator.buffer((long) BLOCK * Long.BYTES)) {
        while (chunk.nextPage()) {
          try {
            page(chunk, block);
          } catch (RuntimeException e) {
            throw chunk.corrupt(e);
          }
        }
      }
    }

    private void page(ColumnChunk chunk, ArrowBuf block) {
      int entries = chunk.entries();
      short[] levels = new short[entries];
      int there = entries;
      int own = 0;
      if (maxDefinition > 0) {
        chunk.definition().read(entries, levels, 0);
        there = 0;
        for (short level : levels) {
          there += level == maxDefinition ? 1 : 0;
          own += optional && level == maxDefinition - 1 ? 1 : 0;
        }
      }
      nulls += own;
      values += there + own;
      for (int left = there; left > 0; ) {
        int now = Math.min(left, BLOCK);
        chunk.values().read(now, block.memoryAddress());
        for (int i = 0; i < now; i++) {
          value(single ? block.getFloat(4L * i) : block.getDouble(8L * i));
        }
        left -= now;
      }
    }

    private void value(double value) {
      if (Double.isNaN(value)) {
        nans++;
      } else {
        bound(value);
      }
    }

    private void bound(double value) {
      if (!bounded || Double.compare(value, min) < 0) {
        min = value;
      }
      if (!bounded || Double.compare(value, max) > 0) {
        max = value;
      }
      bounded = true;
    }

    FieldMetrics<?> metrics() {
      int id = column.descriptor().getPrimitiveType().getId().intValue();
      if (single) {
        return bounded
            ? new FieldMetrics<>(
                id, values, nulls, nans, (float) min, (float) max, Types.FloatType.get())
            : new FieldMetrics<Float>(id, values, nulls, nans, null, null, Types.FloatType.get());
      }
      return bounded
          ? new FieldMetrics<>(id, values, nulls, nans, min, max, Types.DoubleType.get())
          : new FieldMetrics<Double>(id, values, nulls, nans, null, null, Types.DoubleType.get());
    }
  }
}
