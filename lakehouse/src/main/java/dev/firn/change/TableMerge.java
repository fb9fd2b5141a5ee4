package dev.firn.change;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * A merge of a source's rows into a table, as SQL's {@code MERGE}: rows that have the same key
 * match; say what becomes of them and of the others by clauses, then {@link #run}. A builder,
 * confined to one thread; it runs once.
 *
 * <p>Clauses of one kind are tried in the order given, and the first whose condition holds is
 * taken; a row to which none applies stays, or is not inserted. Conditions and functions see the
 * rows as they were; they must depend on these alone, since they may be asked again. In an
 * expression, columns are {@code target.NAME} and {@code source.NAME}; a plain name is the
 * target's, or the source's where the target has none such.
 *
 * <p>A null in a key matches nothing. Numbers match as Iceberg orders them: NaN is NaN, and -0.0 is
 * not 0.0. Two source rows that apply to one row of the table are an error that names the key.
 *
 * <p>The source is read once and held, in memory up to an eighth of the heap and beyond that in
 * local temporary files; the table is read once, where the source's keys may be. Rows change as
 * {@code write.merge.mode} says; modes, row ids and conflicts are those of {@link TableUpdate},
 * with {@code write.merge.isolation-level}.
 */
public final class TableMerge {
  private final ChangeTarget target;
  private final MergeSource source;
  private final List<String> on = new ArrayList<>();
  private final List<Clause> matched = new ArrayList<>();
  private final List<Clause> notMatched = new ArrayList<>();
  private final List<Clause> bySource = new ArrayList<>();
  private String branch = SnapshotRef.MAIN_BRANCH;
  private SourceRows.@Nullable Bounds bounds;

  private TableMerge(ChangeTarget target, MergeSource source) {
    this.target = target;
    this.source = source;
  }

  /** Begins a merge. */
  public static TableMerge of(ChangeTarget target, MergeSource source) {
    return new TableMerge(target, source);
  }

  /**
   * The columns whose values make rows match, top-level ones of both sides. Without it, the table's
   * identifier fields.
   */
  public TableMerge on(String... columns) {
    on.addAll(List.of(columns));
    return this;
  }

  /** Merges into a branch instead of main. */
  public TableMerge branch(String name) {
    branch = name;
    return this;
  }

  /** Another bound than that of the heap. */
  TableMerge within(SourceRows.Bounds most) {
    bounds = most;
    return this;
  }

  /** Rows of the table that a source row matches. */
  public Matched whenMatched() {
    return new Matched(Condition.NONE);
  }

  /** Rows of the table that a source row matches, where the condition is true of both. */
  public Matched whenMatched(Expression condition) {
    return new Matched(new Condition(condition, null));
  }

  /** As {@link #whenMatched(Expression)}, by a function of target and source. */
  public Matched whenMatched(BiPredicate<Record, Record> condition) {
    return new Matched(
        new Condition(
            null,
            (row, from) ->
                condition.test(Objects.requireNonNull(row), Objects.requireNonNull(from))));
  }

  /** Rows of the source that match none of the table. */
  public NotMatched whenNotMatched() {
    return new NotMatched(Condition.NONE);
  }

  /** Rows of the source that match none of the table, where the condition is true of them. */
  public NotMatched whenNotMatched(Expression condition) {
    return new NotMatched(new Condition(condition, null));
  }

  /** As {@link #whenNotMatched(Expression)}, by a function of the source's row. */
  public NotMatched whenNotMatched(Predicate<Record> condition) {
    return new NotMatched(
        new Condition(null, (none, from) -> condition.test(Objects.requireNonNull(from))));
  }

  /** Rows of the table that no source row matches. */
  public NotMatchedBySource whenNotMatchedBySource() {
    return new NotMatchedBySource(Condition.NONE);
  }

  /** Rows of the table that no source row matches, where the condition is true of them. */
  public NotMatchedBySource whenNotMatchedBySource(Expression condition) {
    return new NotMatchedBySource(new Condition(condition, null));
  }

  /** As {@link #whenNotMatchedBySource(Expression)}, by a function of the table's row. */
  public NotMatchedBySource whenNotMatchedBySource(Predicate<Record> condition) {
    return new NotMatchedBySource(
        new Condition(null, (row, none) -> condition.test(Objects.requireNonNull(row))));
  }

  /** When a clause applies: an expression, or a function, or always. */
  private record Condition(@Nullable Expression when, @Nullable PairCondition test) {
    static final Condition NONE = new Condition(null, null);

    Clause clause(Clause.Action action, Assignments values) {
      return new Clause(when, test, action, values);
    }
  }

  /** What becomes of rows that match. */
  public final class Matched {
    private final Condition condition;

    private Matched(Condition condition) {
      this.condition = condition;
    }

    /** They get these values. */
    public TableMerge update(Consumer<PairValues> values) {
      Assignments assignments = new Assignments();
      values.accept(new PairValues(assignments));
      return add(matched, condition.clause(Clause.Action.SET, assignments));
    }

    /** They get the values of every column that both sides have. */
    public TableMerge updateAll() {
      return add(matched, condition.clause(Clause.Action.ALL, new Assignments()));
    }

    /** They go. */
    public TableMerge delete() {
      return add(matched, condition.clause(Clause.Action.DELETE, new Assignments()));
    }

    /** They stay as they are, whatever clauses come after. */
    public TableMerge ignore() {
      return add(matched, condition.clause(Clause.Action.IGNORE, new Assignments()));
    }
  }

  /** What becomes of source rows that match none. */
  public final class NotMatched {
    private final Condition condition;

    private NotMatched(Condition condition) {
      this.condition = condition;
    }

    /** They are not inserted, whatever clauses come after. */
    public TableMerge ignore() {
      return add(notMatched, condition.clause(Clause.Action.IGNORE, new Assignments()));
    }

    /** They are inserted with these values; other columns get their write default, or null. */
    public TableMerge insert(Consumer<RowValues> values) {
      Assignments assignments = new Assignments();
      values.accept(new RowValues(assignments, true));
      return add(notMatched, condition.clause(Clause.Action.SET, assignments));
    }

    /**
     * They are inserted, with every column that both sides have; other columns of the table get
     * their write default, or null.
     */
    public TableMerge insertAll() {
      return add(notMatched, condition.clause(Clause.Action.ALL, new Assignments()));
    }
  }

  /** What becomes of the table's rows that no source row matches. */
  public final class NotMatchedBySource {
    private final Condition condition;

    private NotMatchedBySource(Condition condition) {
      this.condition = condition;
    }

    /** They get these values. */
    public TableMerge update(Consumer<RowValues> values) {
      Assignments assignments = new Assignments();
      values.accept(new RowValues(assignments, false));
      return add(bySource, condition.clause(Clause.Action.SET, assignments));
    }

    /** They go. */
    public TableMerge delete() {
      return add(bySource, condition.clause(Clause.Action.DELETE, new Assignments()));
    }
  }

  private TableMerge add(List<Clause> to, Clause clause) {
    if (clause.action() == Clause.Action.SET && clause.values().isEmpty()) {
      throw FirnException.invalid(
          "Cannot merge into %s: a clause sets no column, expected at least one"
              .formatted(target.name()));
    }
    to.add(clause);
    return this;
  }

  /**
   * Returns the columns that expressions may name, of the table as it is now: {@code target} and
   * {@code source}, each with its columns, and the plain names.
   */
  public Schema columns() {
    Schema table = target.table().schema();
    return new PairSchema(table, held(table)).schema();
  }

  /**
   * Merges, in one commit; without one where nothing changes. Nothing is left behind where it
   * throws, unless with kind {@code COMMIT_STATE_UNKNOWN}.
   *
   * @throws FirnException INVALID for unknown columns, values that do not fit, or two source rows
   *     for one row; CONFLICT where others keep changing the same rows
   */
  public ChangeReceipt run() {
    return run(false);
  }

  /** Counts what {@link #run} would change now, and writes nothing. It reads the source. */
  public ChangeReceipt dryRun() {
    return run(true);
  }

  private ChangeReceipt run(boolean dry) {
    if (matched.isEmpty() && notMatched.isEmpty() && bySource.isEmpty()) {
      throw FirnException.invalid(
          "Cannot merge into %s: no clause says what to do, expected at least one"
              .formatted(target.name()));
    }
    Table now = target.table();
    Schema held = held(now.schema());
    MergePlan plan = new MergePlan(keys(now, held), matched, notMatched, bySource);
    List<NestedField> keys = plan.on().stream().map(held.asStruct()::field).toList();
    SourceRows.Bounds most = bounds == null ? SourceRows.Bounds.ofHeap() : bounds;
    try (SourceRows rows = new SourceRows(target.name(), held, keys, most)) {
      source.read(held, target.name(), rows::add);
      rows.seal();
      return new RuleStep(
              target,
              Command.MERGE,
              branch,
              dry,
              (table, written) -> {
                rows.restart();
                return new MergeRule(target.name(), table.schema(), written, plan, rows);
              })
          .run("merge into " + target.name());
    }
  }

  /** Returns the source's columns, in the types of the table's where both have them. */
  private Schema held(Schema table) {
    AtomicInteger id = new AtomicInteger();
    return new Schema(
        source.schema().orElse(table).columns().stream()
            .map(column -> held(column, table.asStruct().field(column.name()), id))
            .toList());
  }

  private static NestedField held(
      NestedField column, @Nullable NestedField same, AtomicInteger id) {
    return NestedField.optional(
        id.incrementAndGet(),
        column.name(),
        TypeUtil.assignFreshIds(same == null ? column.type() : same.type(), id::incrementAndGet));
  }

  private List<String> keys(Table table, Schema held) {
    List<String> names = on.isEmpty() ? List.copyOf(table.schema().identifierFieldNames()) : on;
    if (names.isEmpty()) {
      throw FirnException.invalid(
          "Cannot merge into %s: no key is named and the table has no identifier fields; name columns with on(…)"
              .formatted(target.name()));
    }
    for (String name : names) {
      Assignments.position(target.name(), table.schema(), name);
      if (held.asStruct().field(name) == null) {
        throw FirnException.invalid(
            "Cannot merge into %s: the source has no key column '%s'%s"
                .formatted(
                    target.name(),
                    name,
                    NearMatch.hint(name, held.columns().stream().map(NestedField::name).toList())));
      }
    }
    return names.stream().distinct().toList();
  }
}
