package dev.firn;

import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.ReplaceSortOrder;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdatePartitionSpec;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.expressions.Term;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/**
 * A builder of changes to a table's columns, partition spec and sort order, applied together by
 * {@link #commit()}. Nested columns are named by dotted path; list elements and map values by
 * {@code element} and {@code value}. No data file is rewritten: readers see old files through the
 * new schema.
 */
public final class TableEvolution {
  private static final int MOST_ATTEMPTS = 20;

  private final String table;
  private final Supplier<Table> current;
  private final List<Consumer<UpdateSchema>> schema = new ArrayList<>();
  private final List<Consumer<UpdatePartitionSpec>> spec = new ArrayList<>();
  private @Nullable List<SortTerm> sort;

  TableEvolution(String table, Supplier<Table> current) {
    this.table = table;
    this.current = current;
  }

  /** Adds an optional column at the end (of its struct, for a dotted path). */
  public TableEvolution addColumn(String path, Type type) {
    return column(path, (update, parent, name) -> update.addColumn(parent, name, type));
  }

  /** Adds an optional column with a value for rows written before it (format version 3 only). */
  public TableEvolution addColumn(String path, Type type, Literal<?> initialDefault) {
    return column(
        path, (update, parent, name) -> update.addColumn(parent, name, type, initialDefault));
  }

  public TableEvolution dropColumn(String path) {
    return change(
        update -> {
          checkNoKey("drop column " + path, path, update);
          update.deleteColumn(path);
        });
  }

  /** {@code newName} is the last part alone: a column does not leave its struct. */
  public TableEvolution renameColumn(String path, String newName) {
    return change(update -> update.renameColumn(path, newName));
  }

  /** Widens int to long, float to double, or a decimal's precision. */
  public TableEvolution widenColumn(String path, Type.PrimitiveType type) {
    return change(update -> update.updateColumn(path, type));
  }

  public TableEvolution makeOptional(String path) {
    return change(
        update -> {
          checkNoKey("make column " + path + " optional", path, update);
          update.makeColumnOptional(path);
        });
  }

  /** Iceberg refuses too, and does not say what to do. */
  private void checkNoKey(String doing, String path, UpdateSchema update) {
    Set<String> key = update.apply().identifierFieldNames();
    if (key.contains(path)) {
      throw FirnException.invalid(
          "Cannot %s of %s: it is in the table's key (%s); first set another key, or none: 'firn evolve key %s --none'"
              .formatted(doing, table, String.join(", ", key), table));
    }
  }

  /** Documents a column. */
  public TableEvolution describeColumn(String path, String doc) {
    return change(update -> update.updateColumnDoc(path, doc));
  }

  public TableEvolution moveFirst(String path) {
    return change(update -> update.moveFirst(path));
  }

  public TableEvolution moveAfter(String path, String other) {
    return change(update -> update.moveAfter(path, other));
  }

  public TableEvolution moveBefore(String path, String other) {
    return change(update -> update.moveBefore(path, other));
  }

  /** Sets the identifier fields, which must be required columns; none means no key. */
  public TableEvolution key(String... columns) {
    return change(update -> update.setIdentifierFields(columns));
  }

  /** Adds a partition field for files written from now on. */
  public TableEvolution addPartition(Term term) {
    spec.add(update -> update.addField(term));
    return this;
  }

  /** Removes a partition field for files written from now on. */
  public TableEvolution dropPartition(Term term) {
    spec.add(update -> update.removeField(term));
    return this;
  }

  /** Replaces the sort order for files written from now on; none means unsorted. */
  public TableEvolution sortBy(SortTerm... terms) {
    sort = List.of(terms);
    return this;
  }

  /** What the table's shape would be. */
  public record Preview(Schema schema, PartitionSpec spec, SortOrder sortOrder) {}

  /** Checks everything and returns what {@link #commit()} would make, without committing. */
  public Preview preview() {
    return Guard.call(
        "evolve " + table,
        () -> {
          Table staged = stage().table();
          return new Preview(staged.schema(), staged.spec(), staged.sortOrder());
        });
  }

  /**
   * Applies everything, or nothing. Where others commit meanwhile, the changes are made anew on
   * what they left.
   */
  public void commit() {
    Guard.run("evolve " + table, this::commitAnyhow);
  }

  /** Iceberg does not try a change of the schema again where the base moved under it. */
  private void commitAnyhow() {
    for (int attempt = 1; ; attempt++) {
      Transaction staged = stage();
      try {
        staged.commitTransaction();
        return;
      } catch (CommitFailedException e) {
        if (attempt == MOST_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private Transaction stage() {
    Transaction transaction = current.get().newTransaction();
    // One update each, so that a change sees the names that those before it made.
    for (Consumer<UpdateSchema> change : schema) {
      UpdateSchema update = transaction.updateSchema();
      change.accept(update);
      update.commit();
    }
    if (!spec.isEmpty()) {
      UpdatePartitionSpec update = transaction.updateSpec();
      spec.forEach(change -> change.accept(update));
      update.commit();
    }
    if (sort != null) {
      ReplaceSortOrder update = transaction.replaceSortOrder();
      sort.forEach(by -> addKey(update, by));
      update.commit();
    }
    return transaction;
  }

  private static void addKey(ReplaceSortOrder order, SortTerm by) {
    switch (by.direction()) {
      case ASC -> order.asc(by.term(), by.nulls());
      case DESC -> order.desc(by.term(), by.nulls());
    }
  }

  /** Adds any change of columns; it may be made more than once. */
  TableEvolution change(Consumer<UpdateSchema> change) {
    schema.add(change);
    return this;
  }

  private interface ColumnChange {
    void apply(UpdateSchema update, @Nullable String parent, String name);
  }

  private TableEvolution column(String path, ColumnChange change) {
    int dot = path.lastIndexOf('.');
    String parent = dot < 0 ? null : path.substring(0, dot);
    return change(update -> change.apply(update, parent, path.substring(dot + 1)));
  }
}
