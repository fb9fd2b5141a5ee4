package dev.firn.compaction.erase;

import dev.firn.error.FirnException;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.util.PropertyUtil;

/**
 * An erasure of the rows for which a filter is true, from every file of every retained snapshot and
 * branch of one table, deleted rows too: {@link #plan()} says what {@link #run()} would do.
 * Immutable. Works in the calling thread; holds the names of the table's files in memory.
 *
 * <p>Snapshots cannot be changed, so those that reach such a row expire; the heads of branches are
 * written anew before, and all other rows stay in them, on v3 with their ids. Their files are
 * removed at once: who reads such a snapshot then, fails. Files that no snapshot reaches and that
 * hold such rows are removed where the catalog's ledger, or their age, says that no writer can need
 * them. In the end every file that is left is read, and the report says what was found in it.
 *
 * <p>Outcomes of {@code run}: it returns, and {@link ErasureReport#isProven} says whether nothing
 * is left; or it throws, and the erasure may be half done: no other row is concerned, and running
 * it again goes on. It may be killed at any moment.
 */
public final class Erasure {
  private final Settings settings;
  private final BufferAllocator memory;
  private final UnaryOperator<RuntimeException> failures;

  /** What a run works with. */
  record Settings(
      Table table,
      Expression where,
      String text,
      ErasureContext context,
      boolean dropTags,
      Runnable beforeCommit,
      Runnable beforeExpiry) {}

  private Erasure(
      Settings settings, BufferAllocator memory, UnaryOperator<RuntimeException> failures) {
    this.settings = settings;
    this.memory = memory;
    this.failures = failures;
  }

  /**
   * Of a table whose failures leave as what {@code failures} makes of them.
   *
   * @param table a handle that nobody else has
   * @param memory lends a child for the batches of a run
   */
  public static Erasure of(
      Table table,
      Expression where,
      ErasureContext context,
      BufferAllocator memory,
      UnaryOperator<RuntimeException> failures) {
    Settings settings =
        new Settings(table, where, where.toString(), context, false, () -> {}, () -> {});
    return new Erasure(settings, memory, failures);
  }

  /** Drops tags of snapshots that have such rows; without this, they are an error. */
  public Erasure dropTags() {
    return with(
        new Settings(
            settings.table(),
            settings.where(),
            settings.text(),
            settings.context(),
            true,
            settings.beforeCommit(),
            settings.beforeExpiry()));
  }

  /** How the filter reads in the report (default: as Iceberg prints it). */
  public Erasure describedAs(String where) {
    return with(
        new Settings(
            settings.table(),
            settings.where(),
            where,
            settings.context(),
            settings.dropTags(),
            settings.beforeCommit(),
            settings.beforeExpiry()));
  }

  /** A test's way to let others commit, or to end, before files are swapped and before expiry. */
  Erasure before(Runnable commit, Runnable expiry) {
    return with(
        new Settings(
            settings.table(),
            settings.where(),
            settings.text(),
            settings.context(),
            settings.dropTags(),
            commit,
            expiry));
  }

  private Erasure with(Settings changed) {
    return new Erasure(changed, memory, failures);
  }

  /** What {@link #run()} would do now. Reads the files concerned, changes nothing. */
  public ErasurePlan plan() {
    return working(ErasureRun::plan);
  }

  /** Erases, and proves it. */
  public ErasureReport run() {
    return working(ErasureRun::run);
  }

  private interface Work<T> {
    T on(ErasureRun run);
  }

  private <T> T working(Work<T> work) {
    Table table = settings.table();
    try (BufferAllocator child =
        memory.newChildAllocator("erase " + table.name(), 0, memory.getLimit())) {
      table.refresh();
      Listing.require(table);
      requireGarbageCollection(table);
      return work.on(new ErasureRun(settings, child));
    } catch (RuntimeException e) {
      throw failures.apply(e);
    }
  }

  private static void requireGarbageCollection(Table table) {
    if (!PropertyUtil.propertyAsBoolean(
        table.properties(), TableProperties.GC_ENABLED, TableProperties.GC_ENABLED_DEFAULT)) {
      throw FirnException.invalid(
          "Cannot erase rows of %s: gc.enabled is false, so other tables may share its files; set it to true if none does"
              .formatted(table.name()));
    }
  }
}
