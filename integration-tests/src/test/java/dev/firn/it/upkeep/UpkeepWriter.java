package dev.firn.it.upkeep;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.in;

import dev.firn.AppendOptions;
import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableEvolution;
import dev.firn.TableWriter;
import dev.firn.Terms;
import dev.firn.UpsertWriter;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.it.upkeep.UpkeepScript.Item;
import dev.firn.it.upkeep.UpkeepScript.Row;
import dev.firn.it.upkeep.UpkeepScript.Step;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.iceberg.data.Record;

/**
 * One writer of the script: does a step until it is surely in the table. Confined to one thread.
 */
final class UpkeepWriter {
  private static final int MOST_TRIES = 40;

  private final Lakehouse lake;
  private final long seed;
  private final int number;
  private NavigableMap<Long, Row> rows;
  private int next;

  UpkeepWriter(Lakehouse lake, long seed, int number, int first) {
    this.lake = lake;
    this.seed = seed;
    this.number = number;
    this.rows = UpkeepScript.rows(seed, number, first);
    this.next = first;
  }

  /** Returns how many steps are done. */
  int steps() {
    return next;
  }

  /** Does the next step. */
  void step() {
    Step step = UpkeepScript.step(seed, number, next, rows);
    NavigableMap<Long, Row> after = UpkeepScript.after(rows, step);
    boolean done = false;
    for (int tries = 1; !done; tries++) {
      try {
        run(lake.table(UpkeepScript.TABLE), step);
        done = true;
      } catch (FirnException e) {
        done = settled(e, after);
        if (!done && tries == MOST_TRIES) {
          throw e;
        }
      }
    }
    rows = after;
    next++;
  }

  /** Whether the step is in the table all the same; what surely failed is done again. */
  private boolean settled(FirnException e, NavigableMap<Long, Row> after) {
    if (e.kind() == ErrorKind.COMMIT_STATE_UNKNOWN) {
      return !after.equals(rows) && notes(after).equals(present());
    }
    if (e.kind() == ErrorKind.CONFLICT || e.kind() == ErrorKind.UNAVAILABLE) {
      return false;
    }
    throw e;
  }

  private NavigableMap<Long, String> present() {
    NavigableMap<Long, String> present = new TreeMap<>();
    for (Record row :
        lake.table(UpkeepScript.TABLE).scan().where(equal("owner", number)).toList()) {
      present.put((Long) row.getField("id"), (String) row.getField("note"));
    }
    return present;
  }

  private static NavigableMap<Long, String> notes(NavigableMap<Long, Row> rows) {
    NavigableMap<Long, String> notes = new TreeMap<>();
    rows.forEach((id, row) -> notes.put(id, row.note()));
    return notes;
  }

  private void run(LakeTable table, Step step) {
    List<Item> items = step.items();
    switch (step.kind()) {
      case APPEND -> append(table, AppendOptions.DEFAULT, items);
      case DELETE -> table.delete(in("id", step.old()));
      case UPDATE -> table.update(in("id", step.old())).set("note", step.note()).run();
      case UPSERT -> upsert(table, items);
      case MERGE ->
          table.merge(items).on("id").whenMatched().updateAll().whenNotMatched().insertAll().run();
      case BRANCH -> branch(table, items);
      case EVOLVE -> evolve(table, step);
    }
  }

  private static void append(LakeTable table, AppendOptions options, List<Item> items) {
    try (TableWriter writer = table.append(options)) {
      writer.writeAll(items);
      writer.commit();
    }
  }

  private static void upsert(LakeTable table, List<Item> items) {
    try (UpsertWriter writer = table.upsert()) {
      writer.upsertAll(items);
      writer.commit();
    }
  }

  private void branch(LakeTable table, List<Item> items) {
    String name = "of-" + number;
    if (table.refs().stream().anyMatch(ref -> ref.name().equals(name))) {
      table.dropBranch(name);
    }
    table.branch(name);
    append(table, AppendOptions.DEFAULT.branch(name), items);
    table.dropBranch(name);
  }

  private static void evolve(LakeTable table, Step step) {
    TableEvolution evolution = table.evolve().describeColumn("note", step.note());
    boolean partitioned = table.iceberg().spec().isPartitioned();
    try {
      (partitioned
              ? evolution.dropPartition(Terms.parse("bucket(2, id)"))
              : evolution.addPartition(Terms.parse("bucket(2, id)")))
          .commit();
    } catch (FirnException e) {
      // Another writer was first; no row depends on it.
      if (e.kind() != ErrorKind.INVALID && e.kind() != ErrorKind.CONFLICT) {
        throw e;
      }
    }
  }
}
