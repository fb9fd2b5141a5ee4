package dev.firn.compaction.verify;

import dev.firn.compaction.verify.Finding.Kind;
import dev.firn.format.parquet.read.ParquetReader;
import dev.firn.format.write.key.Keys;
import dev.firn.format.write.key.Partitioner;
import dev.firn.format.write.key.SortKeys;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Reads data files whole and compares what they hold with what is recorded of them. Thread-safe.
 */
final class DataFileCheck {
  private final Table table;
  private final Schema schema;
  private final Findings findings;
  private final BufferAllocator allocator;
  private final BooleanSupplier stop;
  private final LongConsumer read;

  /** {@code read} is told how many rows each batch had. */
  DataFileCheck(
      Table table,
      Findings findings,
      BufferAllocator allocator,
      BooleanSupplier stop,
      LongConsumer read) {
    this.table = table;
    this.schema = table.schema();
    this.findings = findings;
    this.allocator = allocator;
    this.stop = stop;
    this.read = read;
  }

  void check(DataFile file) {
    List<Facts> facts = Facts.of(schema);
    Partitioner partitioner = partitioner(file);
    long rows = 0;
    try (BatchCursor batches = open(file, schema);
        Order order = new Order(file)) {
      while (batches.next()) {
        VectorSchemaRoot batch = batches.root();
        rows += batch.getRowCount();
        facts.forEach(each -> each.add(batch));
        if (partitioner != null) {
          partitioner.partitions(batch, 0, batch.getRowCount());
        }
        order.add(batch);
        read.accept(batch.getRowCount());
      }
    }
    findings.require(Kind.ROW_COUNT, file.location(), "", file.recordCount(), rows);
    for (Facts each : facts) {
      counts(file, each, rows);
      bounds(file, each);
    }
    if (partitioner != null) {
      partitions(file, partitioner, facts, rows);
    }
    splits(file, rows);
  }

  /** All rows as they are stored: not with the partition's values in their place. */
  private BatchCursor open(DataFile file, Schema columns) {
    if (file.format() != FileFormat.PARQUET) {
      return new FileTaskReader(table, columns, Expressions.alwaysTrue())
          .openArrow(Tasks.of(table, file), allocator);
    }
    return new StoredRows(parquet(file, columns).open(allocator));
  }

  private ParquetReader.Builder parquet(DataFile file, Schema columns) {
    ParquetReader.Builder reader =
        ParquetReader.of(table.io().newInputFile(file), columns)
            .length(file.fileSizeInBytes())
            .stop(stop);
    String names = table.properties().get(TableProperties.DEFAULT_NAME_MAPPING);
    return names == null ? reader : reader.nameMapping(NameMappingParser.fromJson(names));
  }

  private record StoredRows(ParquetReader reader) implements BatchCursor {
    @Override
    public boolean next() {
      return reader.next();
    }

    @Override
    public VectorSchemaRoot root() {
      return reader.root();
    }

    @Override
    public void close() {
      reader.close();
    }
  }

  private void counts(DataFile file, Facts column, long rows) {
    int id = column.field().fieldId();
    if (!column.isNested()) {
      // Writers differ in whether what is below a null struct counts.
      count(file, "values", file.valueCounts(), id, rows);
      count(file, "nulls", file.nullValueCounts(), id, column.nulls());
    }
    count(file, "NaNs", file.nanValueCounts(), id, column.notNumbers());
  }

  private void count(
      DataFile file, String what, @Nullable Map<Integer, Long> recorded, int id, long got) {
    Long expected = recorded == null ? null : recorded.get(id);
    if (expected != null) {
      String detail = what + " of column " + schema.findColumnName(id);
      findings.require(Kind.NULL_COUNT, file.location(), detail, expected, got);
    }
  }

  private void bounds(DataFile file, Facts column) {
    Object least = column.least();
    Object greatest = column.greatest();
    Type.TypeID type = column.field().type().typeId();
    if (least == null || greatest == null || type == Type.TypeID.UUID) {
      return;
    }
    String name = schema.findColumnName(column.field().fieldId());
    Object lower = bound(file.lowerBounds(), column);
    if (lower != null && compare(column.field().type(), lower, least) > 0) {
      findings.add(Kind.BOUNDS, file.location(), "lower bound of " + name, lower, least);
    }
    Object upper = bound(file.upperBounds(), column);
    if (upper != null && compare(column.field().type(), upper, greatest) < 0) {
      findings.add(Kind.BOUNDS, file.location(), "upper bound of " + name, upper, greatest);
    }
  }

  private static @Nullable Object bound(@Nullable Map<Integer, ByteBuffer> bounds, Facts column) {
    ByteBuffer bytes = bounds == null ? null : bounds.get(column.field().fieldId());
    return bytes == null ? null : Conversions.fromByteBuffer(column.field().type(), bytes);
  }

  private static int compare(Type type, Object bound, Object value) {
    if (bound instanceof Number number
        && (type.typeId() == Type.TypeID.FLOAT || type.typeId() == Type.TypeID.DOUBLE)) {
      double one = number.doubleValue();
      double other = ((Number) value).doubleValue();
      // Zeros are equal here, whatever their sign; NaN bounds say nothing.
      return one < other ? -1 : one > other ? 1 : 0;
    }
    Comparator<Object> order = Comparators.forType(type.asPrimitiveType());
    return order.compare(bound, value);
  }

  /** Null where the rows cannot tell their partition. */
  private @Nullable Partitioner partitioner(DataFile file) {
    PartitionSpec spec = table.specs().get(file.specId());
    if (spec == null || spec.isUnpartitioned()) {
      return null;
    }
    for (PartitionField field : spec.fields()) {
      if (field.transform().isVoid() || schema.findField(field.sourceId()) == null) {
        return null;
      }
    }
    return new Partitioner(spec, schema);
  }

  private void partitions(DataFile file, Partitioner seen, List<Facts> facts, long rows) {
    PartitionSpec spec = table.specs().get(file.specId());
    if (spec == null) {
      return;
    }
    Types.StructType tuple = Tasks.partitionType(spec, schema);
    for (int f = 0; f < spec.fields().size(); f++) {
      int source = spec.fields().get(f).sourceId();
      if (isNotStored(file, source, facts, rows)) {
        continue;
      }
      Type type = tuple.fields().get(f).type();
      for (int p = 0; p < seen.size(); p++) {
        Object expected = value(file.partition(), f);
        Object got = value(seen.key(p), f);
        if (!same(type, expected, got)) {
          String detail = "partition field " + spec.fields().get(f).name();
          findings.add(Kind.PARTITION, file.location(), detail, expected, got);
          break;
        }
      }
    }
  }

  /** Imported files lack the columns that their directories name. */
  private static boolean isNotStored(DataFile file, int source, List<Facts> facts, long rows) {
    Map<Integer, Long> counts = file.valueCounts();
    return (counts == null || !counts.containsKey(source))
        && facts.stream()
            .anyMatch(each -> each.field().fieldId() == source && each.nulls() == rows);
  }

  private static @Nullable Object value(StructLike tuple, int field) {
    return tuple.get(field, Object.class);
  }

  private static boolean same(Type type, @Nullable Object one, @Nullable Object other) {
    if (one == null || other == null) {
      return one == other;
    }
    Comparator<Object> order = Comparators.forType(type.asPrimitiveType());
    return order.compare(one, other) == 0;
  }

  /** Offsets ascend, and at each a row group begins; together they are the file. */
  private void splits(DataFile file, long rows) {
    List<Long> offsets = file.splitOffsets();
    if (offsets == null || offsets.isEmpty() || file.format() != FileFormat.PARQUET) {
      return;
    }
    long before = -1;
    long found = 0;
    for (long offset : offsets) {
      if (offset <= before) {
        findings.add(Kind.SPLIT_OFFSETS, file.location(), "order", "more than " + before, offset);
        return;
      }
      before = offset;
      try (ParquetReader group = parquet(file, new Schema()).split(offset, 1).open(allocator)) {
        while (group.next()) {
          found += group.root().getRowCount();
        }
      }
    }
    findings.require(
        Kind.SPLIT_OFFSETS,
        file.location(),
        "rows of the row groups that begin there",
        rows,
        found);
  }

  /** Whether rows come in the order that their file claims; the first that does not is told. */
  private final class Order implements AutoCloseable {
    private final DataFile file;
    private @Nullable SortKeys order;
    private @Nullable Keys last;
    private int lastRow;
    private long row;

    Order(DataFile file) {
      this.file = file;
      Integer id = file.sortOrderId();
      SortOrder claimed = id == null ? null : table.sortOrders().get(id);
      boolean known =
          claimed != null
              && claimed.isSorted()
              && claimed.fields().stream().allMatch(f -> schema.findField(f.sourceId()) != null);
      this.order = known && claimed != null ? new SortKeys(claimed, schema) : null;
    }

    void add(VectorSchemaRoot batch) {
      SortKeys claimed = order;
      if (claimed == null) {
        return;
      }
      Keys keys = claimed.of(batch, allocator);
      Keys before = last;
      boolean sorted = before == null || before.compare(lastRow, keys, 0) <= 0;
      int at = 0;
      while (sorted && at + 1 < batch.getRowCount()) {
        sorted = keys.compare(at, keys, at + 1) <= 0;
        at++;
      }
      close();
      last = keys;
      lastRow = batch.getRowCount() - 1;
      if (!sorted) {
        findings.add(
            Kind.SORT_ORDER,
            file.location(),
            "sort order " + file.sortOrderId(),
            "rows in that order",
            "row " + (row + at) + " before its predecessor");
        order = null;
      }
      row += batch.getRowCount();
    }

    @Override
    public void close() {
      Keys keys = last;
      last = null;
      if (keys != null) {
        keys.close();
      }
    }
  }
}
