package dev.firn.it.upkeep;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/**
 * What the writers do, each on rows of its own, and what rows they have then: known to whoever does
 * it and to whoever judges it, from the seed alone. Stateless.
 */
final class UpkeepScript {
  static final String TABLE = "upkeep.t";

  private static final long IDS = 1L << 32;
  private static final int PER_STEP = 100;
  private static final int MOST_NEW = 12;
  private static final int MOST_CHANGED = 6;

  private UpkeepScript() {}

  enum Kind {
    APPEND,
    DELETE,
    UPDATE,
    UPSERT,
    MERGE,
    /** Rows of a branch that goes again. */
    BRANCH,
    /** The table is partitioned, or not any more; columns get another comment. */
    EVOLVE
  }

  /** A row as a step leaves it; {@code born} is the step that gave it its row id. */
  record Row(int born, String note) {}

  /** A row as it is written. */
  record Item(long id, int owner, String note) {}

  /** What a writer's step does: to rows that it has, and to new ones. */
  record Step(Kind kind, int writer, int number, List<Long> old, List<Long> added) {
    String note() {
      return kind.name().charAt(0) + "-" + number;
    }

    List<Item> items() {
      List<Item> items = new ArrayList<>();
      old.forEach(id -> items.add(new Item(id, writer, note())));
      added.forEach(id -> items.add(new Item(id, writer, note())));
      return items;
    }
  }

  /** Returns the step of that number of a writer that has these rows. */
  static Step step(long seed, int writer, int number, NavigableMap<Long, Row> rows) {
    Random random = new Random((seed * 31 + writer) * 1_000_003L + number);
    Kind kind = rows.isEmpty() ? Kind.APPEND : kind(random.nextInt(100));
    List<Long> old = new ArrayList<>();
    List<Long> added = new ArrayList<>();
    boolean adds = kind == Kind.APPEND || kind == Kind.UPSERT || kind == Kind.MERGE;
    for (int i = adds || kind == Kind.BRANCH ? random.nextInt(MOST_NEW) : -1; i >= 0; i--) {
      added.add(writer * IDS + (long) number * PER_STEP + i);
    }
    boolean changes = kind != Kind.APPEND && kind != Kind.BRANCH && kind != Kind.EVOLVE;
    List<Long> ids = new ArrayList<>(rows.keySet());
    for (int i = changes ? random.nextInt(MOST_CHANGED) : -1; i >= 0 && !ids.isEmpty(); i--) {
      old.add(ids.remove(random.nextInt(ids.size())));
    }
    return new Step(kind, writer, number, old, added);
  }

  private static Kind kind(int chance) {
    return chance < 30
        ? Kind.APPEND
        : chance < 50
            ? Kind.DELETE
            : chance < 65
                ? Kind.UPDATE
                : chance < 80
                    ? Kind.UPSERT
                    : chance < 92 ? Kind.MERGE : chance < 97 ? Kind.BRANCH : Kind.EVOLVE;
  }

  /** Returns the rows after a step. */
  static NavigableMap<Long, Row> after(NavigableMap<Long, Row> before, Step step) {
    NavigableMap<Long, Row> rows = new TreeMap<>(before);
    switch (step.kind()) {
      case BRANCH, EVOLVE -> {}
      case DELETE -> rows.keySet().removeAll(step.old());
      case UPDATE, MERGE ->
          step.old().forEach(id -> rows.computeIfPresent(id, (i, row) -> changed(row, step)));
      case APPEND, UPSERT -> step.old().forEach(id -> rows.put(id, fresh(step)));
    }
    if (step.kind() != Kind.BRANCH) {
      step.added().forEach(id -> rows.put(id, fresh(step)));
    }
    return rows;
  }

  private static Row changed(Row row, Step step) {
    return new Row(row.born(), step.note());
  }

  private static Row fresh(Step step) {
    return new Row(step.number(), step.note());
  }

  /** Returns the rows of a writer after so many steps. */
  static NavigableMap<Long, Row> rows(long seed, int writer, int steps) {
    NavigableMap<Long, Row> rows = new TreeMap<>();
    for (int number = 0; number < steps; number++) {
      rows = after(rows, step(seed, writer, number, rows));
    }
    return rows;
  }
}
