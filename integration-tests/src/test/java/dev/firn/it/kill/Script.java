package dev.firn.it.kill;

import java.util.ArrayList;
import java.util.List;

/**
 * What the writers do, each its own steps in order, from 0 without end: known to the process that
 * is killed and to the test that judges what is left. Stateless.
 *
 * <p>A writer has at most {@link #atOnce} steps under way, which become durable in order. So at any
 * time its rows are those of its first k steps, where k is the number of acknowledged ones, or that
 * many more.
 */
final class Script {
  static final int WRITERS = 16;
  static final List<String> TABLES = List.of("kill.left", "kill.right");

  /** How many steps an upserted row stays. */
  static final int UPSERTED = 3;

  private static final int ROWS = 2;

  private Script() {}

  enum Kind {
    APPEND,
    /** Takes away the rows of the writer's step before. */
    DELETE,
    /** An append through the writer's channel, whose token is the step. */
    STREAM,
    /**
     * As a stream; also upserts the rows of the step before anew, and deletes those of the third
     * step before.
     */
    UPSERT,
    /** The same rows into both tables, in one transaction. */
    BOTH
  }

  /**
   * One row of a table: which step of which writer made it, and which of that step's rows it is.
   */
  record Row(int writer, long step, long part) implements Comparable<Row> {
    @Override
    public int compareTo(Row other) {
      int first = Integer.compare(writer, other.writer);
      int second = first != 0 ? first : Long.compare(step, other.step);
      return second != 0 ? second : Long.compare(part, other.part);
    }
  }

  static Kind kind(int writer, long step) {
    return switch (writer % 4) {
      case 0 -> Kind.APPEND;
      case 1 -> writer == 9 ? Kind.UPSERT : Kind.STREAM;
      case 2 -> step % 3 == 2 ? Kind.DELETE : Kind.APPEND;
      default -> Kind.BOTH;
    };
  }

  /** Returns how many steps the writer begins before the first of them is acknowledged. */
  static int atOnce(int writer) {
    return writer % 8 == 5 ? 4 : 1;
  }

  /** Returns the tables that the writer writes to. */
  static List<String> tables(int writer) {
    return writer % 4 == 3 ? TABLES : List.of(TABLES.get(writer / 4 % 2));
  }

  static List<Row> rows(int writer, long step) {
    List<Row> rows = new ArrayList<>();
    for (int part = 0; part < ROWS; part++) {
      rows.add(new Row(writer, step, part));
    }
    return rows;
  }

  /** Returns the rows of the writer in each of its tables after its first {@code steps} steps. */
  static List<Row> rowsAfter(int writer, long steps) {
    List<Row> rows = new ArrayList<>();
    for (long step = 0; step < steps; step++) {
      boolean gone =
          (step + 1 < steps && kind(writer, step + 1) == Kind.DELETE)
              || (step + UPSERTED < steps && kind(writer, step) == Kind.UPSERT);
      if (kind(writer, step) != Kind.DELETE && !gone) {
        rows.addAll(rows(writer, step));
      }
    }
    return rows;
  }
}
