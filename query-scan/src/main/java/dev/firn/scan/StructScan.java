package dev.firn.scan;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types.NestedField;

/**
 * A scan of rows that are made rather than read from data files: its filter, projection, limit and
 * batches are those of a table's scan. Immutable; what it opens is confined to one thread.
 *
 * <p>How it works: the rows come with the top-level columns that filter and projection look at. The
 * filter's fields are copied out of each row and evaluated; the projection's, where the row passes.
 */
public final class StructScan {
  /** What makes the rows. */
  public interface Source {
    /**
     * Opens the rows, part by part, with exactly these columns of the schema, in Iceberg's internal
     * representation; a row may be changed once the next is asked for. Rows for which {@code
     * pruning} is not true may be left out. The caller closes it.
     */
    CloseableIterable<Part> open(Schema columns, Expression pruning);
  }

  /**
   * Some of the rows.
   *
   * @param location what they are read from, for errors
   * @param rows opens them; the caller closes them
   */
  public record Part(String location, Supplier<CloseableIterable<StructLike>> rows) {}

  private final Table table;
  private final Schema schema;
  private final Schema prunable;

  /**
   * @param table names the rows in errors
   * @param schema the columns of the rows
   * @param prunable those of the columns, or parts of them, that the source can prune by
   */
  public StructScan(Table table, Schema schema, Schema prunable) {
    this.table = table;
    this.schema = schema;
    this.prunable = prunable;
  }

  /**
   * Returns the columns of the request's rows, in order; all errors are those of a table's scan.
   */
  public Schema schema(ScanRequest request) {
    return select(request.columns() == null ? names() : request.columns());
  }

  /** Reads the rows as records. Checks the request now; opens the source when asked for a row. */
  public CloseableIterable<Record> read(ScanRequest request, Source source) {
    Supplier<StructRows> rows = rows(request, source);
    return new CloseableRows(rows::get);
  }

  /** Reads the rows as batches of at most {@code batchRows} rows. */
  public ArrowReader readArrow(
      ScanRequest request, Source source, BufferAllocator allocator, int batchRows) {
    if (batchRows <= 0) {
      throw FirnException.invalid(
          "Cannot read batches: rows per batch must be positive, got " + batchRows);
    }
    Schema columns = schema(request);
    StructRows rows = rows(request, source).get();
    return new ScanArrowReader(
        columns, new RecordBatches(columns, rows, allocator, batchRows, rows::failure), allocator);
  }

  private Supplier<StructRows> rows(ScanRequest request, Source source) {
    ScanFilter filter = ScanFilter.of(table, schema, request.filter());
    List<String> filtered = new ArrayList<>();
    filter.fields().forEach(field -> filtered.add(name(field)));
    Schema filterColumns = select(filtered);
    Schema projection = schema(request);
    Schema needed = needed(filterColumns, projection);
    StructRows.Shape shape =
        new StructRows.Shape(
            RowFilter.bind(filterColumns.asStruct(), filter.expression()),
            StructCopy.of(needed.asStruct(), filterColumns.asStruct()),
            StructCopy.of(needed.asStruct(), projection.asStruct()),
            table.name());
    Expression pruning = filter.weakened(prunable, List.of());
    return () -> new StructRows(shape, () -> source.open(needed, pruning), request.limit());
  }

  private Schema select(List<String> names) {
    for (String name : names) {
      if (schema.findField(name) == null && MetadataColumns.isMetadataColumn(name)) {
        throw FirnException.invalid(
            "Cannot read column '%s': there is no such column%s [table %s]"
                .formatted(name, NearMatch.hint(name, names()), table.name()));
      }
    }
    return new Columns(table, schema).select(names);
  }

  private String name(NestedField field) {
    String name = schema.findColumnName(field.fieldId());
    return name == null ? field.name() : name;
  }

  private List<String> names() {
    return schema.columns().stream().map(NestedField::name).toList();
  }

  /** The whole columns that are looked at, in the schema's order: at least one, which has rows. */
  private Schema needed(Schema filterColumns, Schema projection) {
    Set<Integer> ids = new LinkedHashSet<>();
    filterColumns.columns().forEach(column -> ids.add(column.fieldId()));
    projection.columns().forEach(column -> ids.add(column.fieldId()));
    if (ids.isEmpty()) {
      ids.add(schema.columns().get(0).fieldId());
    }
    return new Schema(schema.columns().stream().filter(c -> ids.contains(c.fieldId())).toList());
  }
}
