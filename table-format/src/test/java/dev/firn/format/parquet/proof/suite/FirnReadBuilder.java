package dev.firn.format.parquet.proof.suite;

import dev.firn.format.parquet.read.ParquetReader;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Binder;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.formats.ReadBuilder;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMapping;

/** The description of a read by our reader: a builder. */
final class FirnReadBuilder<D> implements ReadBuilder<D, Object> {
  private final InputFile file;
  private final Boxing<D> boxing;
  private final Map<Integer, Object> constants = new HashMap<>();
  private Schema projection;
  private Expression filter = Expressions.alwaysTrue();
  private boolean caseSensitive = true;
  private boolean reuse;
  private NameMapping names;
  private long start;
  private long length = Long.MAX_VALUE;

  FirnReadBuilder(InputFile file, Boxing<D> boxing) {
    this.file = file;
    this.boxing = boxing;
    // The reader leaves deleted rows out, so that none of those it gives is deleted.
    constants.put(MetadataColumns.IS_DELETED.fieldId(), false);
  }

  @Override
  public ReadBuilder<D, Object> split(long from, long count) {
    start = from;
    length = count;
    return this;
  }

  @Override
  public ReadBuilder<D, Object> project(Schema schema) {
    projection = schema;
    return this;
  }

  @Override
  public ReadBuilder<D, Object> engineProjection(Object ignored) {
    return this;
  }

  @Override
  public ReadBuilder<D, Object> caseSensitive(boolean sensitive) {
    caseSensitive = sensitive;
    return this;
  }

  @Override
  public ReadBuilder<D, Object> filter(Expression expression) {
    filter = expression;
    return this;
  }

  @Override
  public ReadBuilder<D, Object> set(String key, String value) {
    return this;
  }

  @Override
  public ReadBuilder<D, Object> reuseContainers() {
    reuse = true;
    return this;
  }

  @Override
  public ReadBuilder<D, Object> recordsPerBatch(int rows) {
    throw new UnsupportedOperationException("Batch reading is not supported for rows");
  }

  @Override
  public ReadBuilder<D, Object> idToConstant(Map<Integer, ?> values) {
    constants.putAll(values);
    return this;
  }

  @Override
  public ReadBuilder<D, Object> withNameMapping(NameMapping mapping) {
    names = mapping;
    return this;
  }

  @Override
  public CloseableIterable<D> build() {
    Expression bindable = caseSensitive ? filter : CaseInsensitive.resolve(projection, filter);
    // Iceberg's reader fails with the binder's own exception, which the suite asks for.
    Binder.bind(projection.asStruct(), bindable, true);
    ParquetReader.Builder read =
        ParquetReader.of(file, projection)
            .filter(projection, bindable)
            .constants(constants)
            .split(start, length);
    if (names != null) {
      read = read.nameMapping(names);
    }
    Function<Record, D> box = reuse ? boxing.container().get() : boxing.box();
    return CloseableIterable.transform(new FirnRows(read, projection), box);
  }
}
