package dev.firn.format.parquet.read;

import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.format.parquet.filter.BatchFilter;
import dev.firn.format.parquet.filter.BatchPredicate;
import dev.firn.format.parquet.filter.RowBits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * The columns that decide which rows stay, and the tests over them. Confined to one thread. Owns
 * the columns' vectors.
 */
final class Probes implements AutoCloseable {
  private record Test(VectorSchemaRoot root, BatchPredicate predicate) {}

  private final Map<NestedField, Column> columns = new LinkedHashMap<>();
  private final List<Test> tests = new ArrayList<>();
  private final BufferAllocator allocator;

  Probes(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** Adds the filter's test, over the columns that it looks at. */
  void addFilter(Schema schema, Expression filter, SchemaMapper mapper) {
    Set<Integer> ids = BatchFilter.topLevelColumns(schema, filter);
    List<NestedField> needed =
        schema.columns().stream().filter(field -> ids.contains(field.fieldId())).toList();
    add(needed, mapper);
    tests.add(new Test(root(needed), BatchFilter.bind(schema, filter)));
  }

  void addKeep(Schema schema, BatchPredicate predicate, SchemaMapper mapper) {
    add(schema.columns(), mapper);
    tests.add(new Test(root(schema.columns()), predicate));
  }

  /** Adds columns that are only to be read before the tests. */
  void add(List<NestedField> fields, SchemaMapper mapper) {
    for (NestedField field : fields) {
      if (!columns.containsKey(field)) {
        FieldVector vector =
            ArrowSchemas.toArrow(new Schema(field)).getFields().get(0).createVector(allocator);
        columns.put(field, Columns.of(mapper.map(List.of(field)).get(0), vector, allocator));
      }
    }
  }

  private VectorSchemaRoot root(List<NestedField> fields) {
    List<FieldVector> vectors = new ArrayList<>();
    for (NestedField field : fields) {
      vectors.add(column(field).vector());
    }
    return new VectorSchemaRoot(vectors.stream().map(FieldVector::getField).toList(), vectors, 0);
  }

  /** The column read for {@code field}. */
  private Column column(NestedField field) {
    Column column = find(field);
    if (column == null) {
      throw new IllegalArgumentException("not read: " + field);
    }
    return column;
  }

  /** The column read for {@code field}, where it is among these. */
  @Nullable Column find(NestedField field) {
    return columns.get(field);
  }

  List<NestedField> fields() {
    return List.copyOf(columns.keySet());
  }

  boolean isEmpty() {
    return tests.isEmpty();
  }

  List<Column> columns() {
    return List.copyOf(columns.values());
  }

  /** Takes out of {@code keep} the rows that do not pass; the columns hold as many rows. */
  void test(RowBits keep) {
    for (Test test : tests) {
      // Not setRowCount, which would set the vectors' counts again.
      VectorSchemaRoot counted =
          new VectorSchemaRoot(
              test.root().getSchema().getFields(), test.root().getFieldVectors(), keep.rows());
      test.predicate().test(counted, keep);
    }
  }

  @Override
  public void close() {
    columns.values().forEach(Column::close);
    columns.values().forEach(column -> column.vector().close());
  }
}
