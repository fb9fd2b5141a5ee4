package dev.firn.change;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.util.StructLikeSet;

/** Deletes every row of some partitions of one spec. */
final class PartitionRule implements RowRule {
  /** With more partitions, the conflict check takes the whole table. */
  private static final int MOST_PREDICATES = 100;

  private final PartitionSpec spec;
  private final StructLikeSet partitions;
  private final Expression filter;
  private final Schema columns;
  private final PartitionKey key;
  private final InternalRecordWrapper row;

  private PartitionRule(
      Schema schema, PartitionSpec spec, StructLikeSet partitions, Expression filter) {
    this.spec = spec;
    this.partitions = partitions;
    this.filter = filter;
    Set<Integer> sources = new LinkedHashSet<>();
    spec.fields().forEach(field -> sources.add(field.sourceId()));
    this.columns = TypeUtil.select(schema, sources);
    this.key = new PartitionKey(spec, columns);
    this.row = new InternalRecordWrapper(columns.asStruct());
  }

  static PartitionRule of(Table table, List<DataFile> files) {
    PartitionSpec spec =
        files.isEmpty()
            ? table.spec()
            : Objects.requireNonNull(table.specs().get(files.get(0).specId()));
    StructLikeSet partitions = StructLikeSet.create(spec.partitionType());
    if (spec.isPartitioned()) {
      files.forEach(file -> partitions.add(file.partition()));
    }
    Expression filter =
        files.isEmpty() ? Expressions.alwaysFalse() : filter(table, spec, partitions);
    return new PartitionRule(table.schema(), spec, partitions, filter);
  }

  private static Expression filter(Table table, PartitionSpec spec, StructLikeSet partitions) {
    if (spec.isUnpartitioned() || partitions.size() > MOST_PREDICATES) {
      return Expressions.alwaysTrue();
    }
    Expression any = Expressions.alwaysFalse();
    for (StructLike partition : partitions) {
      any = Expressions.or(any, of(table.schema(), spec, partition));
    }
    return any;
  }

  /** A filter that is true of the partition's rows, and maybe of others. */
  private static Expression of(Schema schema, PartitionSpec spec, StructLike partition) {
    Expression all = Expressions.alwaysTrue();
    for (int i = 0; i < spec.fields().size(); i++) {
      PartitionField field = spec.fields().get(i);
      if (!field.transform().isIdentity()) {
        continue;
      }
      String name = schema.findColumnName(field.sourceId());
      Object value = partition.get(i, Object.class);
      all = Expressions.and(all, KeyFilter.is(name, schema.findType(field.sourceId()), value));
    }
    return all;
  }

  @Override
  public Expression filter() {
    return filter;
  }

  @Override
  public Schema columns() {
    return columns;
  }

  @Override
  public boolean updates() {
    return false;
  }

  @Override
  public Reach reach(FileScanTask task) {
    if (spec.isUnpartitioned()) {
      return Reach.WHOLE;
    }
    if (task.file().specId() != spec.specId()) {
      return Reach.SOME;
    }
    return partitions.contains(task.file().partition()) ? Reach.WHOLE : Reach.NONE;
  }

  @Override
  public Fate fate(Record record) {
    key.partition(row.wrap(record));
    return partitions.contains(key) ? Fate.Deleted.DELETED : Fate.Kept.KEPT;
  }
}
